"""A binary heap of (time, what) in two stretches of flat arrays, in Python that numba compiles.

The first time of an empty heap is FAR, so that looking at it needs no test. `at` and `of` are
where its times and its whats begin.
"""

FAR = 1e300


def push(times: list[float], whats: list[int], at: int, of: int, size: int, time: float, what: int) -> None:
    """Add an entry to a heap that holds `size`; the caller counts and has made sure of room."""
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        above = times[at + parent]
        if above <= time:
            break
        times[at + place] = above
        whats[of + place] = whats[of + parent]
        place = parent
    times[at + place] = time
    whats[of + place] = what


def pop(times: list[float], whats: list[int], at: int, of: int, size: int) -> int:
    """Remove the first entry of a heap that holds `size` (at least 1) and return its what."""
    first = whats[of]
    size -= 1
    if size == 0:
        times[at] = FAR
        return first
    settle(times, whats, at, of, size, times[at + size], whats[of + size])
    return first


def settle(times: list[float], whats: list[int], at: int, of: int, size: int, time: float, what: int) -> None:
    """Let an entry sink from the top of a heap of `size` entries to its place."""
    place = 0
    child = 1
    while child < size:
        below = times[at + child]
        if child + 1 < size and times[at + child + 1] < below:
            child += 1
            below = times[at + child]
        if below >= time:
            break
        times[at + place] = below
        whats[of + place] = whats[of + child]
        place = child
        child = 2 * place + 1
    times[at + place] = time
    whats[of + place] = what
