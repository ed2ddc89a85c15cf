"""Decode units, in Python that numba compiles: many steps at once as long as nothing changes.

A unit's clock counts steps. Its batch B and KV cache K change only at the boundaries between steps; from one
to the next K grows by B, so that m steps take m (a + bB + cK) + cB m(m-1)/2 seconds. A boundary at which
nobody joins, leaves or ends is never visited. An answer's end is known in steps when it joins.
"""

import math

# isort: off
from deepkit.cluster.layout import Floats, Whole
from deepkit.cluster.fleet.layout import (
    ANSWER, AREA_KV, AREA_STEPPING, AREA_STREAMS, BASE_STEP, BATCH, DECODED, DONE_STEPS, ENDINGS, ENDING_AT,
    ENDING_WHAT, HEAP_ROOM, HELD, IS_RUNNING, JOB_TICKET, JOINING, KV_READ, MADE, MEMORY, NEXT_AT, PEAK_KV,
    PLANNED, PROMPT, RANK_OF, REACHED, RESERVED, RUNNING, SOONEST, STATE, STEPS, STREAM_STEP, TOKEN_STEP, UNITS,
    UNIT_OF, WHICH,
)  # fmt: skip

# isort: on
from deepkit.cluster.fleet.lists import append, first, unit_list, unlink
from deepkit.cluster.heap import FAR, pop, push


def step_time(n: Whole, x: Floats, unit: int) -> float:
    """Return the seconds of a unit's next step."""
    return x[BASE_STEP] + x[STREAM_STEP] * n[n[BATCH] + unit] + x[TOKEN_STEP] * n[n[HELD] + unit]


def duration(n: Whole, x: Floats, unit: int, steps: int) -> float:
    """Return the seconds of a unit's next steps, as long as its batch stays the same."""
    growth = x[TOKEN_STEP] * n[n[BATCH] + unit]
    return steps * step_time(n, x, unit) + growth * (0.5 * steps * (steps - 1))


def glide(n: Whole, x: Floats, unit: int, steps: int) -> None:
    """Let a unit do steps in which nothing changes, and note what they were."""
    if steps == 0:
        return
    batch, held, step = n[n[BATCH] + unit], n[n[HELD] + unit], step_time(n, x, unit)
    growth = x[TOKEN_STEP] * batch
    pairs = 0.5 * steps * (steps - 1)
    took = steps * step + growth * pairs
    x[AREA_STEPPING] += took
    x[AREA_STREAMS] += batch * took
    x[AREA_KV] += (
        held * (steps * step)
        + (held * growth + batch * step) * pairs
        + (batch * growth * pairs * (2 * steps - 1) / 3.0)
    )
    x[KV_READ] += float(held) * steps + batch * pairs
    x[n[REACHED] + unit] += took
    n[STEPS] += steps
    n[DECODED] += batch * steps
    n[n[DONE_STEPS] + unit] += steps
    n[n[PLANNED] + unit] -= steps
    held += batch * steps
    n[n[HELD] + unit] = held
    taken = held + n[n[RESERVED] + unit]
    if taken > n[PEAK_KV]:
        n[PEAK_KV] = taken


def whole_steps(n: Whole, x: Floats, unit: int, now: float) -> int:
    """Return how many of a unit's planned steps are over by now."""
    passed = now - x[n[REACHED] + unit]
    growth = x[TOKEN_STEP] * n[n[BATCH] + unit]
    slope = step_time(n, x, unit) - 0.5 * growth
    steps = min(
        int(2.0 * passed / (slope + math.sqrt(slope * slope + 2.0 * growth * passed))), n[n[PLANNED] + unit]
    )
    while steps > 0 and duration(n, x, unit, steps) > passed:  # what rounding has put a step too far
        steps -= 1
    while steps < n[n[PLANNED] + unit] and duration(n, x, unit, steps + 1) <= passed:
        steps += 1
    return steps


def call_at(n: Whole, x: Floats, unit: int, when: float) -> None:
    """Set when a unit's next boundary is due, and keep the soonest of all."""
    x[n[NEXT_AT] + unit] = when
    if when < x[SOONEST]:
        x[SOONEST] = when
        n[WHICH] = unit
    elif unit == n[WHICH]:
        soonest, which = FAR, 0
        for other in range(n[UNITS]):
            if x[n[NEXT_AT] + other] < soonest:
                soonest, which = x[n[NEXT_AT] + other], other
        x[SOONEST] = soonest
        n[WHICH] = which


def catch_up(n: Whole, x: Floats, unit: int, now: float) -> None:
    """Let a unit do the steps that are over by now; what is planned stays planned."""
    if n[n[BATCH] + unit] > 0 and n[n[PLANNED] + unit] > 0:
        glide(n, x, unit, whole_steps(n, x, unit, now))


def touch(n: Whole, x: Floats, unit: int, now: float) -> None:
    """Let the present step of a unit be the last before its next boundary: somebody wants to join or leave."""
    if n[n[BATCH] + unit] == 0:
        x[n[REACHED] + unit] = now
        call_at(n, x, unit, now)
    elif n[n[PLANNED] + unit] > 1:
        catch_up(n, x, unit, now)
        if n[n[PLANNED] + unit] > 0 and x[n[REACHED] + unit] < now:
            n[n[PLANNED] + unit] = 1
            call_at(n, x, unit, x[n[REACHED] + unit] + step_time(n, x, unit))
        else:
            n[n[PLANNED] + unit] = 0
            call_at(n, x, unit, x[n[REACHED] + unit])


def plan(n: Whole, x: Floats, unit: int) -> None:
    """Find a unit's next boundary: the first answer that ends, or the step for which no memory is left."""
    of, at = n[ENDING_WHAT] + unit * n[HEAP_ROOM], n[ENDING_AT] + unit * (n[HEAP_ROOM] + 1)
    batch = n[n[BATCH] + unit]
    if batch == 0:
        n[n[PLANNED] + unit] = 0
        n[n[ENDINGS] + unit] = 0
        clear(x, at, n[HEAP_ROOM] + 1)
        call_at(n, x, unit, FAR)
        return
    while n[(n[of] & 0xFFFFFFFF) + JOB_TICKET] != n[of] >> 32:
        pop(x, n, at, of, n[n[ENDINGS] + unit])
        n[n[ENDINGS] + unit] -= 1
    steps = min(int(x[at]) - n[n[DONE_STEPS] + unit], steps_in_memory(n, unit))
    if first(n, unit_list(n, unit, JOINING)) != unit_list(n, unit, JOINING):
        steps = 1  # somebody has no room yet: look again after each step
    n[n[PLANNED] + unit] = steps
    call_at(n, x, unit, x[n[REACHED] + unit] + duration(n, x, unit, steps))


def clear(x: Floats, at: int, length: int) -> None:
    """Empty a heap that holds only what is stale."""
    place = at
    while place < at + length and x[place] < FAR:
        x[place] = FAR
        place += 1


def steps_in_memory(n: Whole, unit: int) -> int:
    """Return how many steps a unit's batch can do before its memory is full."""
    return (n[MEMORY] - n[n[HELD] + unit] - n[n[RESERVED] + unit]) // n[n[BATCH] + unit]


def shorten(n: Whole, x: Floats, unit: int) -> None:
    """Bring the next boundary forward to the step for which memory that was just promised leaves no room."""
    if n[n[PLANNED] + unit] > 0:
        steps = steps_in_memory(n, unit)
        if steps < n[n[PLANNED] + unit]:
            n[n[PLANNED] + unit] = steps
            call_at(n, x, unit, x[n[REACHED] + unit] + duration(n, x, unit, steps))


def enter_batch(n: Whole, x: Floats, unit: int, job: int) -> None:
    """Take a job into a unit's batch, at a boundary."""
    made = n[job + MADE]
    done = n[n[DONE_STEPS] + unit]
    n[job + STATE] = IS_RUNNING
    n[job + UNIT_OF] = unit
    append(n, unit_list(n, unit, RUNNING + n[job + RANK_OF]), job)
    n[n[BATCH] + unit] += 1
    n[n[HELD] + unit] += n[job + PROMPT] + made
    n[job + MADE] = made - done  # from now on, a token for each step of the unit
    of, at = n[ENDING_WHAT] + unit * n[HEAP_ROOM], n[ENDING_AT] + unit * (n[HEAP_ROOM] + 1)
    if n[n[ENDINGS] + unit] >= n[HEAP_ROOM]:
        sweep(n, x, unit)
    what = (n[job + JOB_TICKET] << 32) | job
    push(x, n, at, of, n[n[ENDINGS] + unit], float(done + n[job + ANSWER] - made), what)
    n[n[ENDINGS] + unit] += 1


def sweep(n: Whole, x: Floats, unit: int) -> None:
    """Rebuild a full heap of endings without those that are stale; at least half of a full one is."""
    of, at = n[ENDING_WHAT] + unit * n[HEAP_ROOM], n[ENDING_AT] + unit * (n[HEAP_ROOM] + 1)
    size, kept = n[n[ENDINGS] + unit], 0
    for place in range(size):
        time, what = x[at + place], n[of + place]
        x[at + place] = FAR
        if n[(what & 0xFFFFFFFF) + JOB_TICKET] == what >> 32:
            push(x, n, at, of, kept, time, what)
            kept += 1
    n[n[ENDINGS] + unit] = kept


def leave_batch(n: Whole, unit: int, job: int) -> None:
    """Take a job out of a unit's batch, at a boundary; its `MADE` counts its own tokens again."""
    unlink(n, job)
    made = n[job + MADE] + n[n[DONE_STEPS] + unit]
    n[job + MADE] = made
    n[n[BATCH] + unit] -= 1
    n[n[HELD] + unit] -= n[job + PROMPT] + made
