"""What may lie behind the measured answers, and how well each explanation fits them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from deepkit.cluster.model import Cluster
from deepkit.records import Policy
from deepkit.retries.presets import POLICIES

PRIOR = {"steady": 0.7, "dead": 0.25, "recovered": 0.05}
"""Before anything is measured: failures of a lasting rate, a server that is down, one that was down (a guess)."""
STRAY = 0.02
"""Share of answers that do not fit: failures of a server that is up, answers of one that is down."""
BUSIEST, GRID = 0.95, 400
"""Largest share of failures of a server that is merely full, and the places at which shares are tried."""
DEAD_RUN = 5
"""A shorter row of failures after an answer is no sign of an outage."""
LEAST_WEIGHT = 0.01
"""A world less probable than this is not tried."""
OBEYING = Policy("scaled_jitter", retries=5, base_s=20.0, factor=1.0, cap_s=25.0)
"""Clients that were all told to come back in 15 to 20 seconds, and do."""


@dataclass(frozen=True, slots=True)
class World:
    """A cluster and its other clients, as far as nobody has measured them.

    Args:
        assumption: What is taken for granted in it, in a few words.
        cluster: The cluster, at the load that explains the measured failures.
        others: What the other clients do.
        weight: How probable it is beside the others.
    """

    assumption: str
    cluster: Cluster
    others: Policy
    weight: float = 0.0


def shares(order: Sequence[bool], n: int, failures: int) -> dict[str, float]:
    """Return how probable each kind of explanation is, from the share of failures and their runs.

    Args:
        order: Whether each answer failed, in the order of asking; empty where it is not known.
        n: Answers that another attempt may change.
        failures: Those that failed.

    Returns:
        "steady": each answer fails with one chance, whichever it is (uniform up to BUSIEST before anything is seen).
        "dead": the server is down, from the beginning or from some answer on. "recovered": it was, until
        some answer. The last two are likelihoods with STRAY exceptions, averaged over the change.
    """
    if not order and failures == n:
        order = (True,) * n
    chances = [BUSIEST * (place + 0.5) / GRID for place in range(GRID)]
    steady = _mean([failures * math.log(one) + (n - failures) * math.log(1 - one) for one in chances])
    marks = [
        (math.log(1 - STRAY), math.log(STRAY)) if one else (math.log(STRAY), math.log(1 - STRAY))
        for one in order
    ]
    down = math.fsum(dead for dead, _ in marks)
    rising: list[float] = []
    total = math.fsum(up for _, up in marks)
    falling, fallen = down, []
    for dead, up in marks[:-1]:  # up before a change and dead after it, and the other way round
        falling, total = falling - dead + up, total - up + dead
        fallen.append(falling)
        rising.append(total)
    room = len(marks) - DEAD_RUN
    logs = {
        "steady": steady,
        "dead": _mean([down, _mean(fallen[: max(0, room)])]) if failures else -math.inf,
        "recovered": _mean(rising[DEAD_RUN - 1 :]),
    }
    if not order:
        logs["dead"] = -math.inf
    best = max(logs.values())
    raw = {name: PRIOR[name] * math.exp(value - best) for name, value in logs.items()}
    return {name: value / math.fsum(raw.values()) for name, value in raw.items()}


def _mean(logs: Sequence[float]) -> float:
    best = max(logs, default=-math.inf)
    if best == -math.inf:
        return best
    return best + math.log(math.fsum(math.exp(one - best) for one in logs) / len(logs))


def loaded(cluster: Cluster, load: float) -> Cluster:
    """Return the cluster at that load."""
    return replace(cluster, arrival_rate=load * cluster.servers / cluster.service_s)


def outage(cluster: Cluster, share: float, requests: int) -> Cluster:
    """Return the cluster at seven tenths of its capacity, and dead for that share of a run of so many requests."""
    up = loaded(cluster, 0.7)
    seconds = requests / up.arrival_rate
    begin = (0.1 + 0.45 * (1.0 - share)) * seconds
    return replace(up, capacity=((0.0, up.servers), (begin, 0), (begin + 0.9 * share * seconds, up.servers)))


def worlds(
    cluster: Cluster, share: float, loads: tuple[float, float, float], weights: dict[str, float], requests: int,
    explaining: Callable[[Cluster, Policy], float],
) -> tuple[World, ...]:  # fmt: skip
    """Return the worlds that explain a share of failures, each with its weight.

    Args:
        cluster: The fitted cluster.
        share: Share of failures.
        loads: Load that explains it, and the loads that explain the ends of its interval.
        weights: How probable each kind of explanation is, of `shares`.
        requests: New requests of a run.
        explaining: Gives the load under which such others fail so often.
    """
    sdk, service_s = POLICIES["openai_sdk"], cluster.service_s
    fitted = loaded(cluster, loads[0])
    found = [
        World("all is as fitted", fitted, sdk, 3.0),
        World("the load is at its interval's lower end", loaded(cluster, loads[1]), sdk, 1.0),
        World("the load is at its interval's upper end", loaded(cluster, loads[2]), sdk, 1.0),
    ]
    changed: Sequence[tuple[str, Cluster, Policy]] = (
        ("others do not retry", cluster, POLICIES["none"]),
        ("others retry at once", cluster, POLICIES["urllib3"]),
        ("others retry patiently", cluster, POLICIES["full_jitter"]),
        ("others obey a Retry-After of 20 s", cluster, OBEYING),
        ("a rejection costs 0.2 %", replace(cluster, reject_s=0.002 * service_s), sdk),
        ("a rejection costs 3 %", replace(cluster, reject_s=0.03 * service_s), sdk),
        (
            "the fleet is four times as large",
            replace(cluster, servers=4 * cluster.servers, queue=4 * cluster.queue),
            sdk,
        ),
        ("the queue is four times as long", replace(cluster, queue=4 * cluster.queue), sdk),
    )
    found += [World(said, loaded(one, explaining(one, others)), others, 1.0) for said, one, others in changed]
    at_any_load = replace(loaded(cluster, 0.6), failure_share=share)
    found.append(World("it fails at any load", at_any_load, sdk, 3.0))
    total = math.fsum(one.weight for one in found)
    found = [replace(one, weight=one.weight / total * weights["steady"]) for one in found]
    past = weights["dead"] + weights["recovered"]
    if past >= LEAST_WEIGHT:
        found.append(World("an outage came and went", outage(cluster, max(share, 0.05), requests), sdk, past))
    return tuple(one for one in found if one.weight >= LEAST_WEIGHT)
