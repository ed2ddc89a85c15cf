"""A binary heap of (time, what) in two flat arrays, in Python that numba compiles.

The first time of an empty heap is FAR, so that looking at it needs no test.
"""

FAR = 1e300


def push(times: list[float], whats: list[int], size: int, time: float, what: int) -> None:
    """Add an entry to a heap that holds `size`; the caller counts and has made sure of room."""
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        above = times[parent]
        if above <= time:
            break
        times[place] = above
        whats[place] = whats[parent]
        place = parent
    times[place] = time
    whats[place] = what


def pop(times: list[float], whats: list[int], size: int) -> int:
    """Remove the first entry of a heap that holds `size` (at least 1) and return its what."""
    first = whats[0]
    size -= 1
    if size == 0:
        times[0] = FAR
        return first
    time = times[size]
    what = whats[size]
    settle(times, whats, size, time, what)
    return first


def settle(times: list[float], whats: list[int], size: int, time: float, what: int) -> None:
    """Let an entry sink from the top of a heap of `size` entries to its place."""
    place = 0
    child = 1
    while child < size:
        below = times[child]
        if child + 1 < size and times[child + 1] < below:
            child += 1
            below = times[child]
        if below >= time:
            break
        times[place] = below
        whats[place] = whats[child]
        place = child
        child = 2 * place + 1
    times[place] = time
    whats[place] = what
