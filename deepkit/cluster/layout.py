"""Names for the places in the kernel's two flat arrays, whole numbers `n` and floats `x`.

Two arrays and no objects are what the interpreter and the compiler both handle well. The first
places are single numbers; then come stretches whose beginning stands in one of those numbers,
for example `x[n[BORN] + slot]`.
"""

from collections.abc import MutableSequence

Whole = MutableSequence[int]
Floats = MutableSequence[float]

# Counters of events, copied into each snapshot.
(ARRIVALS, ATTEMPTS, BLOCKED, ACCEPTED, WAITED, STARTED, ABANDONED, TIMED_OUT, FAULTS, SUCCESSES, FAILED,
 WASTED, HELD_BACK, HEDGES, OWN_ARRIVALS, OWN_ATTEMPTS, OWN_SUCCESSES, OWN_FAILED, EVENTS) = range(19)  # fmt: skip
COUNTERS = 19
# The present state, then the configuration.
(WAITING, BUSY, INFLIGHT, DEPARTURES, TIMERS, FREE, SERVERS, SNAPS, TRACED, NEXT_SNAP, SEGMENT, CROWDED,
 Q_LIMIT, TO_ARRIVE, SNAP_EVERY, SNAP_ROOM, CLASSES, RING, LEAVE_ROOM, TIMER_ROOM, LAW, PHASES, GHOSTS, CLIENTS,
 SEGMENTS, TRACE, SAMPLES, MOST_EVENTS, RUNG, OWNED, POPULATION) = range(19, 50)  # fmt: skip
# Where stretches begin: of whole numbers, then of floats.
(TICKET, TRIES, OWNER, GROUP, RANK, QUEUED, SERVED, FREE_SLOTS, HEAD, LENGTH, RING_WHAT, SEGMENT_SERVERS, TRACE_WHAT,
 TIMER, LEAVE) = range(50, 65)  # fmt: skip
(BORN, PREVIOUS, TOKENS, PURSE, SHARES, SEGMENT_AT, SEGMENT_RATE, TRACE_AT, SNAP_ROWS, LEAVE_AT, TIMER_AT,
 SAMPLES_AT, GUARD_AT) = range(65, 78)  # fmt: skip

# Streams of random numbers: three exponential ones, then the uniform ones.
ARRIVE, SERVE, PATIENT, AGAIN, SHAPE, CHANCE, WHO = range(7)
STREAMS, FIRST_UNIFORM = 7, 3
BUFFER = 128
"""Draws kept ready for each stream; the values do not depend on it."""
# The policy of most clients, and then, in the same order, that of the few who are watched.
KIND, RETRIES, BUDGETED, LADDER, STEPS, GUARD = range(78, 84)
INT_RULES = 6
DRAWN = KIND + 2 * INT_RULES
WORDS = DRAWN + STREAMS
INTS = WORDS + 4 * STREAMS

# Sums of times, copied into each snapshot after the counters.
NOW, SUCCESS_SUM, AREA_WAITING, AREA_BUSY, AREA_INFLIGHT, OWN_SUCCESS_SUM = range(6)
SUMS = 6
(NEXT_ARRIVAL, NEXT_SEGMENT, NEXT_SNAP_AT, HORIZON, RATE, SNAP_STEP, SERVICE, LAW_A, LAW_B, LAW_C,
 PATIENCE, TIMEOUT, FAULT_SHARE, REJECT, ROUND_TRIP, WATCHED) = range(6, 22)  # fmt: skip
(BASE, FACTOR, CAP, JITTER, SHARE, DEADLINE, EARN, BURST, LEVEL, WINDOW, HEDGE_AFTER,
 GUARD_TOKENS) = range(22, 34)  # fmt: skip
FLOAT_RULES = 12
EDGES = BASE + 2 * FLOAT_RULES
HEIGHTS = EDGES + 257
DRAWS = HEIGHTS + 257
FLOATS = DRAWS + STREAMS * BUFFER

ROW = COUNTERS + SUMS
"""Numbers in one snapshot."""

RETRY, GIVE_UP, TIME_OUT, HEDGE, PACED = range(5)
"""Kinds of timers."""

DONE, NO_ROOM, CUT = range(3)
"""How a run of the kernel ends."""
