"""Cluster and policy into the kernel's arrays."""

import math
from array import array
from collections.abc import Iterable
from itertools import accumulate
from typing import Any

from deepkit.cluster import layout as at
from deepkit.cluster.heap import FAR
from deepkit.cluster.model import SERVICE_LAWS, Cluster
from deepkit.cluster.rng import seeded, signed, ziggurat
from deepkit.cluster.station import draw_arrival
from deepkit.records import Policy
from deepkit.retries.delays import KINDS
from deepkit.retries.throttles import GUARDS, fresh

State = tuple["array[int]", "array[float]"]
"""The kernel's whole numbers and floats: arrays that the interpreter and machine code both work on."""


def numbers(cluster: Cluster, room: int) -> State:
    """Return the kernel's whole numbers and its floats, at time 0 with nobody there."""
    n, x = array("q", bytes(8 * at.INTS)), array("d", bytes(8 * at.FLOATS))
    n[at.SERVERS], n[at.Q_LIMIT] = cluster.servers, cluster.queue
    n[at.CLASSES] = len(cluster.priorities)
    n[at.LAW], n[at.PHASES] = SERVICE_LAWS.index(cluster.service_law), cluster.service_phases
    n[at.GHOSTS], n[at.CLIENTS] = int(cluster.abandoned_work), cluster.owners
    n[at.SAMPLES] = len(cluster.service_samples)
    n[at.POPULATION] = cluster.population or 0
    n[at.FREE] = cluster.population or room  # a slot for each client, and so the free ones are the thinking
    x[at.SERVICE] = cluster.service_s
    x[at.LAW_A], x[at.LAW_B], x[at.LAW_C] = law_numbers(cluster)
    x[at.PATIENCE], x[at.TIMEOUT] = cluster.patience_s or 0.0, cluster.timeout_s or 0.0
    x[at.FAULT_SHARE], x[at.REJECT] = cluster.failure_share, cluster.reject_s
    x[at.ROUND_TRIP] = cluster.round_trip_s
    x[at.RATE] = cluster.rate
    x[at.NEXT_SEGMENT] = x[at.NEXT_SNAP_AT] = x[at.HORIZON] = FAR
    return n, x


def lay_policy(n: "array[int]", x: "array[float]", policy: Policy, group: int) -> None:
    """Lay a policy as the rules of a group of clients."""
    whole = [KINDS.index(policy.kind), policy.retries, int(policy.budget_ratio is not None), len(x)]
    deadline = FAR if policy.deadline_s is None else policy.deadline_s
    floats = [policy.base_s, policy.factor, policy.cap_s, policy.jitter_s, policy.jitter_share, deadline]
    rule, value = at.KIND + group * at.INT_RULES, at.BASE + group * at.FLOAT_RULES
    rules = [*whole, len(policy.ladder_s), GUARDS.index(policy.guard)]
    n[rule : rule + at.INT_RULES] = array("q", rules)
    hedge_after = FAR if policy.hedge_after_s is None else policy.hedge_after_s
    guard = [policy.guard_level, policy.guard_window_s, hedge_after, policy.guard_tokens]
    values = [*floats, policy.budget_ratio or 0.0, policy.budget_burst, *guard]
    x[value : value + at.FLOAT_RULES] = array("d", values)
    x.extend(policy.ladder_s)


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
        merged.append((time, factor * cluster.rate, servers))
    return merged


def packed(
    cluster: Cluster,
    policy: Policy,
    *,
    seed: int,
    room: int = 1024,
    watched: Policy | None = None,
    watched_share: float = 0.02,
    requests: int = 1 << 60,
    most_events: int = 1 << 60,
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
        watched: What a few of them do instead, whose fate is counted apart.
        watched_share: How many they are, as a share of the requests.
        room: Requests in flight, timers and departures there is room for.
        requests: Arrivals after which the run ends.
        most_events: Events after which it ends, finished or not.
        horizon_s: Time after which it ends.
        snap_every: Arrivals between two snapshots.
        snap_step_s: Seconds between two snapshots.
        snaps: Snapshots there is room for.
        trace: Changes of the number in the system there is room for; 0 keeps no trace.

    Returns:
        The kernel's whole numbers and its floats.
    """
    own = watched or policy
    room = max(room, cluster.population or 0)
    n, x = numbers(cluster, room)
    n[at.TO_ARRIVE], n[at.SNAP_EVERY], n[at.NEXT_SNAP] = requests, snap_every, snap_every
    n[at.TRACE], n[at.SNAP_ROOM], n[at.MOST_EVENTS] = trace, snaps, most_events
    x[at.HORIZON], x[at.SNAP_STEP], x[at.NEXT_SNAP_AT] = horizon_s, snap_step_s, snap_step_s
    for stream in range(at.STREAMS):
        words = at.WORDS + 4 * stream
        n[words : words + 4] = array("q", map(signed, seeded(seed, stream)))
        n[at.DRAWN + stream] = at.BUFFER
    edges, heights = ziggurat()
    x[at.EDGES : at.EDGES + 257], x[at.HEIGHTS : at.HEIGHTS + 257] = array("d", edges), array("d", heights)
    n[at.OWNED] = int(any(owned(one) for one in (policy, own)))
    x[at.WATCHED] = watched_share if watched else 0.0
    lay_slots(cluster, n, x, room, quiet=all(one.kind == "none" and not n[at.OWNED] for one in (policy, own)))
    zeros(n, n, at.TRACE_WHAT, trace)
    for where, count in ((at.SNAP_ROWS, at.ROW * snaps), (at.TRACE_AT, trace)):
        zeros(n, x, where, count)
    lay(n, x, at.TOKENS, array("d", [policy.budget_burst]) * cluster.owners)
    lay(n, x, at.PURSE, [own.budget_burst])  # the watched clients' own, right behind the others'
    first, last = (fresh(GUARDS.index(one.guard), one.guard_tokens) for one in (policy, own))
    lay(n, x, at.GUARD_AT, array("d", first) * cluster.owners)
    x.extend(last)
    lay_policy(n, x, policy, 0)
    lay_policy(n, x, own, 1)
    lay(n, x, at.SAMPLES_AT, cluster.service_samples)
    lay(n, x, at.SHARES, accumulate(cluster.priorities))
    lay_segments(cluster, n, x)
    draw_arrival(n, x, 0.0)
    return n, x


def lay_slots(cluster: Cluster, n: "array[int]", x: "array[float]", room: int, *, quiet: bool) -> None:
    """Lay what grows with the requests in flight: slots, queue places, departures and timers.

    Args:
        cluster: The cluster.
        n: The whole numbers so far.
        x: The floats so far.
        room: Requests in flight there is room for.
        quiet: The policies set no timer.
    """
    classes = len(cluster.priorities)
    leaving = cluster.patience_s is not None or cluster.timeout_s is not None
    # Places of clients that have left stay in queues and among departures until they come up; where nobody
    # leaves, a queue is as long as its limit, and no more depart than there are servers.
    stale = room if leaving or n[at.OWNED] else 0
    n[at.RING] = min(cluster.queue, room) + stale + 2
    most = max([cluster.servers, *(servers for _, servers in cluster.capacity)])
    n[at.LEAVE_ROOM] = room if stale else min(room, most)
    n[at.TIMER_ROOM] = room if leaving or not quiet else 1
    for where in (at.TICKET, at.TRIES, at.QUEUED, at.SERVED, at.OWNER):
        zeros(n, n, where, room)
    n[at.GROUP] = n[at.RANK] = n[at.OWNER]  # nothing is ever written there: who needs a stretch gets another
    kept = ((at.OWNER, n[at.OWNED] > 0), (at.GROUP, x[at.WATCHED] > 0.0), (at.RANK, classes > 1))
    for where, written in kept:
        if written:
            zeros(n, n, where, room)
    lay(n, n, at.FREE_SLOTS, range(n[at.FREE] - 1, -1, -1))
    n.extend(array("q", [0]) * (room - n[at.FREE]))
    zeros(n, n, at.HEAD, classes)
    zeros(n, n, at.LENGTH, classes)
    zeros(n, n, at.RING_WHAT, n[at.RING] * classes)
    zeros(n, x, at.BORN, room)
    zeros(n, x, at.PREVIOUS, room)
    for what, time, many in ((at.LEAVE, at.LEAVE_AT, at.LEAVE_ROOM), (at.TIMER, at.TIMER_AT, at.TIMER_ROOM)):
        zeros(n, n, what, n[many])
        lay(n, x, time, array("d", [FAR]) * (n[many] + 1))


def owned(policy: Policy) -> bool:
    """Say whether a policy keeps something beyond one attempt: a guard, a budget or a hedge."""
    return policy.guard != "none" or policy.budget_ratio is not None or policy.hedge_after_s is not None


def zeros(n: "array[int]", to: "array[Any]", where: int, count: int) -> None:
    """Append a stretch of zeros."""
    lay(n, to, where, array(to.typecode, [0]) * count)


def lay(n: "array[int]", to: "array[Any]", where: int, values: Iterable[Any]) -> None:
    """Append a stretch to one of the arrays and note in `n` where it begins."""
    n[where] = len(to)
    to.extend(values)


def lay_segments(cluster: Cluster, n: "array[int]", x: "array[float]") -> None:
    """Lay the changes of load and capacity."""
    steps = segments(cluster)
    n[at.SEGMENTS] = len(steps)
    lay(n, x, at.SEGMENT_AT, [step[0] for step in steps])
    lay(n, x, at.SEGMENT_RATE, [step[1] for step in steps])
    lay(n, n, at.SEGMENT_SERVERS, [step[2] for step in steps])
    if steps:
        x[at.NEXT_SEGMENT] = steps[0][0]
