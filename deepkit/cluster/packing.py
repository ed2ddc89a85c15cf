"""Cluster and policy into the kernel's arrays: lists for the interpreter, numpy arrays for the compiler."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from deepkit.cluster import layout as at
from deepkit.cluster.heap import FAR
from deepkit.cluster.layout import State
from deepkit.cluster.model import SERVICE_LAWS, Cluster
from deepkit.cluster.rng import seeded, ziggurat
from deepkit.cluster.sampling import BUFFER
from deepkit.records import Policy
from deepkit.retries.delays import KINDS

Maker = Callable[[Sequence[Any], type], Any]
"""Makes an array from values of one type: float, int, or `list` for the generators' words."""


def plain(values: Sequence[Any], _kind: type) -> Any:
    """Make a list."""
    return list(values)


def numbers(cluster: Cluster, policy: Policy, room: int, ring: int) -> tuple[list[int], list[float]]:
    """Return the kernel's whole numbers and its floats, at time 0 with nobody there."""
    n, x = [0] * at.INTS, [0.0] * at.FLOATS
    n[at.SERVERS], n[at.Q_LIMIT] = cluster.servers, cluster.queue
    n[at.CLASSES], n[at.RING], n[at.ROOM] = len(cluster.priorities), ring, room
    n[at.LAW], n[at.PHASES] = SERVICE_LAWS.index(cluster.service_law), cluster.service_phases
    n[at.KIND], n[at.RETRIES] = KINDS.index(policy.kind), policy.retries
    n[at.GHOSTS], n[at.CLIENTS] = int(cluster.abandoned_work), cluster.clients
    n[at.SAMPLES], n[at.BUDGETED] = len(cluster.service_samples), int(policy.budget_ratio is not None)
    n[at.FREE] = room
    x[at.SERVICE] = cluster.service_s
    x[at.LAW_A], x[at.LAW_B], x[at.LAW_C] = law_numbers(cluster)
    x[at.PATIENCE], x[at.TIMEOUT] = cluster.patience_s or 0.0, cluster.timeout_s or 0.0
    x[at.FAULT_SHARE], x[at.REJECT] = cluster.failure_share, cluster.reject_s
    x[at.BASE], x[at.FACTOR], x[at.CAP] = policy.base_s, policy.factor, policy.cap_s
    x[at.JITTER], x[at.SHARE] = policy.jitter_s, policy.jitter_share
    x[at.DEADLINE] = FAR if policy.deadline_s is None else policy.deadline_s
    x[at.EARN], x[at.BURST] = policy.budget_ratio or 0.0, policy.budget_burst
    x[at.RATE] = x[at.BASE_RATE] = cluster.arrival_rate
    x[at.NEXT_SEGMENT] = x[at.NEXT_SNAP_AT] = x[at.HORIZON] = FAR
    return n, x


def law_numbers(cluster: Cluster) -> tuple[float, float, float]:
    """Return what the lognormal and hyperexponential laws need, from mean and cv.

    The hyperexponential law has balanced means (both phases carry half of the work): the
    usual choice when only two moments are known (Whitt, doi 10.1287/opre.30.1.125).
    """
    mean, cv = cluster.service_s, cluster.service_cv
    if cluster.service_law == "lognormal":
        variance = math.log1p(cv * cv)
        return math.log(mean) - variance / 2, math.sqrt(variance), 0.0
    if cluster.service_law == "hyperexponential":
        share = (1 + math.sqrt((cv * cv - 1) / (cv * cv + 1))) / 2
        return share, mean / (2 * share), mean / (2 * (1 - share))
    return 0.0, 0.0, 0.0


def segments(cluster: Cluster) -> list[tuple[float, float, int]]:
    """Merge the steps of load and capacity: times, arrival rates and servers from then on."""
    times = sorted({time for time, _ in cluster.load} | {time for time, _ in cluster.capacity})
    merged, factor, servers = [], 1.0, cluster.servers
    for time in times:
        factor = dict(cluster.load).get(time, factor)
        servers = dict(cluster.capacity).get(time, servers)
        merged.append((time, factor * cluster.arrival_rate, servers))
    return merged


def packed(
    cluster: Cluster,
    policy: Policy,
    *,
    seed: int,
    make: Maker = plain,
    room: int = 1024,
    requests: int = 1 << 60,
    horizon_s: float = FAR,
    snap_every: int = 1 << 60,
    snap_step_s: float = FAR,
    snaps: int = 0,
    trace: int = 0,
) -> State:
    """Return the state of a run about to begin.

    Args:
        cluster: The cluster.
        policy: What its clients do.
        seed: Seed of all draws.
        make: Makes the arrays.
        room: Requests in flight, timers and departures there is room for.
        requests: Arrivals after which the run ends.
        horizon_s: Time after which it ends.
        snap_every: Arrivals between two snapshots.
        snap_step_s: Seconds between two snapshots.
        snaps: Snapshots there is room for.
        trace: Changes of the number in the system there is room for; 0 keeps no trace.
    """
    # With abandoned work left out, stale places stay in the ring until they come up.
    classes, ring = len(cluster.priorities), min(cluster.queue, room) + room
    n, x = numbers(cluster, policy, room, ring)
    n[at.TO_ARRIVE], n[at.SNAP_EVERY], n[at.NEXT_SNAP], n[at.TRACE] = requests, snap_every, snap_every, trace
    x[at.HORIZON], x[at.SNAP_STEP], x[at.NEXT_SNAP_AT] = horizon_s, snap_step_s, snap_step_s
    steps = segments(cluster)
    n[at.SEGMENTS] = len(steps)
    if steps:
        x[at.NEXT_SEGMENT] = steps[0][0]
    edges, heights = ziggurat()
    zeros, nothing = [0] * room, [0.0] * room
    shares = [sum(cluster.priorities[: place + 1]) for place in range(classes)]
    state = State(
        n=make(n, int), x=make(x, float),
        draws=make([0.0] * (at.STREAMS * BUFFER), float), drawn=make([BUFFER] * at.STREAMS, int),
        seeds=make([seeded(seed, stream) for stream in range(at.STREAMS)], list),
        edges=make(edges, float), heights=make(heights, float),
        ladder=make(policy.ladder_s, float), samples=make(cluster.service_samples, float),
        shares=make(shares, float),
        segment_at=make([step[0] for step in steps], float), segment_rate=make([step[1] for step in steps], float),
        segment_servers=make([step[2] for step in steps], int),
        leave_at=make([FAR] * room, float), leave=make(zeros, int),
        timer_at=make([FAR] * room, float), timer=make(zeros, int),
        ring=make([0] * (ring * classes), int), ring_at=make([0.0] * (ring * classes), float),
        head=make([0] * classes, int), length=make([0] * classes, int),
        born=make(nothing, float), previous=make(nothing, float), tries=make(zeros, int), ticket=make(zeros, int),
        owner=make(zeros, int), rank=make(zeros, int), queued=make(zeros, int), served=make(zeros, int),
        free=make(range(room - 1, -1, -1), int),
        tokens=make([policy.budget_burst] * cluster.clients, float),
        snaps=make([0.0] * (at.ROW * snaps), float),
        trace_at=make([0.0] * trace, float), trace=make([0] * trace, int),
    )  # fmt: skip
    first_arrival(state)
    return state


def first_arrival(state: State) -> None:
    """Draw the first arrival; the plain generator gives the same bits as the compiled one."""
    from deepkit.cluster.rng import fill_exponential

    edges, heights = ziggurat()
    words, draw = [int(word) for word in state.seeds[at.ARRIVE]], [0.0]
    fill_exponential(words, draw, 0, 1, list(edges), list(heights))
    for place in range(4):
        state.seeds[at.ARRIVE][place] = words[place]
    state.x[at.NEXT_ARRIVAL] = draw[0] / state.x[at.RATE]
