"""Names for the places in the kernel's flat arrays.

Flat arrays are what both the interpreter and the compiler handle well; `State` holds them
as lists in the one case and as numpy arrays in the other.
"""

from typing import NamedTuple

# Counters of events, copied into each snapshot.
(ARRIVALS, ATTEMPTS, BLOCKED, ACCEPTED, WAITED, STARTED, ABANDONED, TIMED_OUT, FAULTS, SUCCESSES, FAILED,
 WASTED, HELD_BACK, HEDGES, EVENTS) = range(15)  # fmt: skip
COUNTERS = 15
# Other whole numbers: the present state, then the configuration.
(WAITING, BUSY, INFLIGHT, DEPARTURES, TIMERS, FREE, SERVERS, SNAPS, TRACED, NEXT_SNAP, SEGMENT,
 Q_LIMIT, TO_ARRIVE, SNAP_EVERY, CLASSES, RING, ROOM, LAW, PHASES, KIND, RETRIES, GHOSTS, CLIENTS,
 SEGMENTS, TRACE, SAMPLES, BUDGETED, CROWDED) = range(15, 43)  # fmt: skip
INTS = 43

# Sums of times, copied into each snapshot after the counters.
NOW, WAIT_SUM, SUCCESS_SUM, AREA_WAITING, AREA_BUSY, AREA_ORBIT, SERVICE_SUM = range(7)
SUMS = 7
(NEXT_ARRIVAL, NEXT_SEGMENT, NEXT_SNAP_AT, HORIZON, RATE, SNAP_STEP,
 SERVICE, LAW_A, LAW_B, LAW_C, PATIENCE, TIMEOUT, FAULT_SHARE, REJECT, BASE, FACTOR, CAP, JITTER, SHARE,
 DEADLINE, EARN, BURST, BASE_RATE) = range(7, 30)  # fmt: skip
FLOATS = 30

ROW = COUNTERS + SUMS
"""Numbers in one snapshot."""

# Streams of random numbers: three exponential ones, then the uniform ones.
ARRIVE, SERVE, PATIENT, AGAIN, SHAPE, CHANCE, WHO = range(7)
STREAMS, FIRST_UNIFORM = 7, 3

RETRY, GIVE_UP, TIME_OUT, HEDGE = range(4)
"""Kinds of timers."""

DONE, NO_ROOM = 0, 1
"""How a run of the kernel ends."""


class State(NamedTuple):
    """Everything a run reads and writes; compiled, the lists are numpy arrays of the same kind."""

    n: list[int]
    x: list[float]
    draws: list[float]
    drawn: list[int]
    seeds: list[list[int]]
    edges: list[float]
    heights: list[float]
    ladder: list[float]
    samples: list[float]
    shares: list[float]
    segment_at: list[float]
    segment_rate: list[float]
    segment_servers: list[int]
    leave_at: list[float]
    leave: list[int]
    timer_at: list[float]
    timer: list[int]
    ring: list[int]
    ring_at: list[float]
    head: list[int]
    length: list[int]
    born: list[float]
    previous: list[float]
    tries: list[int]
    ticket: list[int]
    owner: list[int]
    rank: list[int]
    queued: list[int]
    served: list[int]
    free: list[int]
    tokens: list[float]
    snaps: list[float]
    trace_at: list[float]
    trace: list[int]
