"""Whether failures are an outage, and how much longer it lasts, from those on record that had lasted as long."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deepkit.facts import incidents
from deepkit.statistics import median_interval

PRIOR = {"steady": 0.7, "dead": 0.25, "recovered": 0.05}
"""Before anything is measured: failures of a lasting rate, a server that is down, one that was down (a guess)."""
STRAY = 0.02
"""Share of answers that do not fit: failures of a server that is up, answers of one that is down."""
BUSIEST, GRID = 0.95, 400
"""Largest share of failures of a server that is merely full, and the places at which shares are tried."""
DEAD_RUN = 10
"""A shorter row of failures after an answer is no sign of an outage."""
FEWEST = 5
"""With fewer incidents that lasted as long nothing is said of the time left."""


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """What is left of an outage, in seconds.

    Args:
        half_s: Half of the incidents end within this time.
        low_s: Lower end of that median's 95 % interval (order statistics), None with fewer than six.
        high_s: Its upper end.
        most_s: Four in five end within this time.
        n: Incidents it rests on.
    """

    half_s: float
    low_s: float | None
    high_s: float | None
    most_s: float
    n: int


def time_left(lasted_s: float = 0.0) -> TimeLeft | None:
    """Return how long an outage of the API goes on.

    Args:
        lasted_s: How long it has lasted already, in seconds.

    Returns:
        Quantiles of what was left of the published outages of the API (full or partial, DeepSeek's status page,
        data/incidents.csv) that had lasted as long; None when fewer than FEWEST had.
    """
    left = sorted(
        60.0 * one.minutes - lasted_s
        for one in incidents()
        if "API" in one.service
        and one.worst_status.startswith(("full", "partial"))
        and 60.0 * one.minutes > lasted_s
    )
    if len(left) < FEWEST:
        return None
    half = median_interval(left)
    assert half is not None
    return TimeLeft(half.value, half.low, half.high, left[-(-4 * len(left) // 5) - 1], len(left))


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


def sentence(left: TimeLeft | None) -> str:
    """Say how long such an outage goes on."""
    if left is None:
        return "It has lasted longer than nearly all outages on record, so nothing can be said of its end."
    known = left.low_s is not None and left.high_s is not None
    within = (
        f" (95 % interval {_minutes(left.low_s or 0.0)} to {_minutes(left.high_s or 0.0)})" if known else ""
    )
    return (
        f"Half of such outages end within {_minutes(left.half_s)} minutes more{within}; four in five within "
        f"{_minutes(left.most_s)} minutes ({left.n} outages on DeepSeek's status page that lasted as long)."
    )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f}"
