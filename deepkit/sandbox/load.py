"""How full a site is, moment by moment: a path of the cluster model, followed in real time."""

import time
from bisect import bisect_right

from deepkit.cluster import Cluster, occupancy
from deepkit.facts import nodes_by_hour
from deepkit.sandbox.scenario import Load

WARM_UP_S = 20.0
"""The path's first seconds, in which an empty cluster fills, are left out."""


class Occupancy:
    """The number of requests in a cluster as a function of time.

    Args:
        load: The cluster.
        seed: Seed of the path; the same seed gives the same path.
    """

    def __init__(self, load: Load, seed: int) -> None:
        cluster = Cluster(
            servers=load.servers,
            queue=load.queue,
            arrival_rate=load.arrival_rate * share_of_hour(load.hour),
            service_s=load.service_s,
            service_law=load.law,
            service_phases=9,
        )
        self.load = load
        self.times, self.numbers = occupancy(cluster, load.horizon_s + WARM_UP_S, seed)
        self.began = time.monotonic()

    def elapsed(self) -> float:
        """Seconds since the site opened."""
        return time.monotonic() - self.began

    def number(self, at: float) -> int:
        """Return how many are in the cluster at that many seconds since the start."""
        return self.numbers[self._place(at)]

    def turn(self, at: float, ahead: int) -> float:
        """Return how long somebody waits until `ahead` of those in the cluster have left, in seconds.

        Args:
            at: Time of arrival, in seconds since the start.
            ahead: How many must leave first.
        """
        place, left = self._place(at), 0
        first = WARM_UP_S + at % self.load.horizon_s
        for one in range(place + 1, len(self.times)):
            left += self.numbers[one] < self.numbers[one - 1]
            if left >= ahead:
                return self.times[one] - first
        return self.load.service_s  # the path ends here: one mean service is as good as its beginning

    def _place(self, at: float) -> int:
        return bisect_right(self.times, WARM_UP_S + at % self.load.horizon_s) - 1


def share_of_hour(hour: int | None) -> float:
    """Return the share of the fleet that DeepSeek ran in a UTC hour of its published day; 1 when none is named."""
    if hour is None:
        return 1.0
    nodes = nodes_by_hour()
    return nodes[hour] / max(nodes)
