"""What the fleet's event loop keeps count of, in Python that numba compiles."""

# isort: off
from deepkit.cluster.layout import Floats, Whole
from deepkit.cluster.fleet.decoding import catch_up
from deepkit.cluster.fleet.layout import (
    AREA_LANES, AREA_UNITS, CLASS_FIGURES, CLASS_ROWS, FIXED_ROW, FLEET_COUNTERS, FLEET_SUMS, ROW_COUNTERS,
    ROW_LENGTH, UNITS, UNITS_UP, UP_SINCE,
)  # fmt: skip
from deepkit.cluster.layout import (
    AREA_BUSY, AREA_INFLIGHT, AREA_WAITING, BUSY, CLASSES, COUNTERS, EVENTS, FLOATS, INFLIGHT, INTS,
    NEXT_SNAP_AT, NOW, SERVERS, SNAPS, SNAP_ROOM, SNAP_ROWS, SNAP_STEP, SUMS, WAITING,
)  # fmt: skip
# isort: on


def tick(n: Whole, x: Floats, now: float) -> None:
    """Bring the clock and the areas under the numbers waiting, being read and in flight up to date."""
    while now >= x[NEXT_SNAP_AT]:
        at = x[NEXT_SNAP_AT]
        widen(n, x, at)
        film(n, x, at)
        x[NEXT_SNAP_AT] = at + x[SNAP_STEP]
    widen(n, x, now)
    n[EVENTS] += 1


def widen(n: Whole, x: Floats, now: float) -> None:
    """Add the time since the last event to the areas, and set the clock."""
    passed = now - x[NOW]
    x[AREA_WAITING] += n[WAITING] * passed
    x[AREA_BUSY] += n[BUSY] * passed
    x[AREA_INFLIGHT] += n[INFLIGHT] * passed
    x[NOW] = now


def settle_capacity(n: Whole, x: Floats, now: float) -> None:
    """Add the time since the fleet's size was last looked at to what has been there."""
    passed = now - x[UP_SINCE]
    x[AREA_UNITS] += n[UNITS_UP] * passed
    x[AREA_LANES] += n[SERVERS] * passed
    x[UP_SINCE] = now


def film(n: Whole, x: Floats, now: float) -> None:
    """Bring every unit up to date and copy all counters and sums into the next row of the snapshots."""
    settle_capacity(n, x, now)
    for unit in range(n[UNITS]):
        catch_up(n, x, unit, now)
    if n[SNAPS] >= n[SNAP_ROOM]:
        return
    row = n[SNAP_ROWS] + n[SNAPS] * n[ROW_LENGTH]
    n[SNAPS] += 1
    for place in range(COUNTERS):
        x[row + place] = n[place]
    for place in range(FLEET_COUNTERS):
        x[row + COUNTERS + place] = n[INTS + place]
    for place in range(SUMS):
        x[row + ROW_COUNTERS + place] = x[place]
    for place in range(FLEET_SUMS):
        x[row + ROW_COUNTERS + SUMS + place] = x[FLOATS + place]
    for place in range(n[CLASSES] * CLASS_FIGURES):
        x[row + FIXED_ROW + place] = n[n[CLASS_ROWS] + place]
