"""How much longer an outage lasts, from those on record that had lasted as long."""

from dataclasses import dataclass

from deepkit.facts.tables import incidents
from deepkit.statistics import median_interval

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
