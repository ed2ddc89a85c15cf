"""A binary heap of (time, what) in two stretches of flat arrays, in Python that numba compiles.

Every time behind the last entry is FAR, so that looking at an empty heap or a missing child needs no
test; there must be room for one more. `at` and `of` are where its times and its whats begin.
"""

from deepkit.cluster.layout import Floats, Whole

FAR = 1e300


def push(times: Floats, whats: Whole, at: int, of: int, size: int, time: float, what: int) -> None:
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


def pop(times: Floats, whats: Whole, at: int, of: int, size: int) -> int:
    """Remove the first entry of a heap that holds `size` (at least 1) and return its what."""
    first = whats[of]
    size -= 1
    time, what = times[at + size], whats[of + size]
    times[at + size] = FAR
    if size > 0:
        settle(times, whats, at, of, size, time, what)
    return first


def settle(times: Floats, whats: Whole, at: int, of: int, size: int, time: float, what: int) -> None:
    """Let an entry take the top's place in a heap of `size` entries.

    The hole sinks to the bottom along the earlier children and the entry rises from there (Wegener,
    Theoretical Computer Science 118, 1993): fewer comparisons, and none that is hard to predict.
    """
    place, child = 0, 1
    while child < size:
        child += times[at + child + 1] < times[at + child]
        times[at + place] = times[at + child]
        whats[of + place] = whats[of + child]
        place = child
        child = 2 * place + 1
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
