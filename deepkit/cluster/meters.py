"""What the event loop keeps count of, in Python that numba compiles."""

# isort: off
from deepkit.cluster.layout import (
    AREA_BUSY, AREA_INFLIGHT, AREA_WAITING, BUSY, COUNTERS, EVENTS, Floats, INFLIGHT, NEXT_SNAP_AT, NOW,
    ROW, SNAPS, SNAP_ROOM, SNAP_ROWS, SNAP_STEP, SUMS, TRACED, TRACE_AT, TRACE_WHAT, WAITING, Whole,
)  # fmt: skip
# isort: on


def snapshot(n: Whole, x: Floats) -> None:
    """Copy the counters and sums into the next row of the snapshots."""
    if n[SNAPS] >= n[SNAP_ROOM]:
        return
    row = n[SNAP_ROWS] + n[SNAPS] * ROW
    n[SNAPS] += 1
    for place in range(COUNTERS):
        x[row + place] = n[place]
    for place in range(SUMS):
        x[row + COUNTERS + place] = x[place]


def advance(n: Whole, x: Floats, now: float) -> None:
    """Bring the clock and the areas under the numbers in queue, service and orbit up to date."""
    while now >= x[NEXT_SNAP_AT]:
        at = x[NEXT_SNAP_AT]
        grow_areas(n, x, at)
        snapshot(n, x)
        x[NEXT_SNAP_AT] = at + x[SNAP_STEP]
    grow_areas(n, x, now)
    n[EVENTS] += 1


def grow_areas(n: Whole, x: Floats, now: float) -> None:
    """Add the time since the last event to the areas, and set the clock."""
    passed = now - x[NOW]
    waiting, busy = n[WAITING], n[BUSY]
    x[AREA_WAITING] += waiting * passed
    x[AREA_BUSY] += busy * passed
    x[AREA_INFLIGHT] += n[INFLIGHT] * passed
    x[NOW] = now


def note(n: Whole, x: Floats) -> None:
    """Write the number in the system into the trace, if it changed."""
    present = n[BUSY] + n[WAITING]
    if n[TRACED] == 0 or n[n[TRACE_WHAT] + n[TRACED] - 1] != present:
        x[n[TRACE_AT] + n[TRACED]] = x[NOW]
        n[n[TRACE_WHAT] + n[TRACED]] = present
        n[TRACED] += 1
