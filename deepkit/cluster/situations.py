"""Situations worth knowing, by name: the command line and the notebook show the same ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from deepkit.cluster.model import Cluster
from deepkit.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Situation:
    """A cluster and its clients with a name.

    Args:
        says: What it shows, in one sentence.
        cluster: The cluster; its policy is left to whoever runs it.
    """

    says: str
    cluster: Cluster


SITUATIONS: Mapping[str, Situation] = MappingProxyType({
    "quiet": Situation(
        "Six tenths of capacity: hardly anybody waits, and no policy matters.",
        Cluster(8, 16, arrival_rate=4.8, service_s=1.0),
    ),
    "rush_hour": Situation(
        "Three tenths more work than can be done: whoever waits longest gives up, and retries decide who is served.",
        Cluster(8, 16, arrival_rate=10.4, service_s=1.0, patience_s=20.0, reject_s=0.01),
    ),
    "outage": Situation(
        "Well below capacity, but nothing is served for half a minute: what the return of all clients does.",
        Cluster(
            8, 200, arrival_rate=6.8, service_s=1.0, timeout_s=15.0, abandoned_work=True,
            capacity=((300.0, 0), (330.0, 8)),
        ),
    ),
    "metastable": Situation(
        "The example of HotOS'21: after an outage of 10 s one retry each keeps the answers at 0 for ever.",
        Cluster(
            1, 5_000_000, arrival_rate=280.0, service_s=1 / 300, service_law="deterministic", timeout_s=1.0,
            abandoned_work=True, round_trip_s=0.0, capacity=((100.0, 0), (110.0, 1)),
        ),
    ),
    "team": Situation(
        "Forty colleagues on one key with two slots: each asks, reads for half a minute, and asks again.",
        Cluster(2, 4, service_s=4.0, service_law="lognormal", service_cv=1.0, population=40, think_s=30.0),
    ),
})  # fmt: skip
"""Every situation that has a name. HotOS'21: https://sigops.org/s/conferences/hotos/2021/papers/hotos21-s11-bronson.pdf"""


def situation_named(name: str) -> Situation:
    """Return the situation of that name.

    Args:
        name: One of SITUATIONS.

    Returns:
        The situation.

    Raises:
        UnknownNameError: When there is none.
    """
    if name not in SITUATIONS:
        raise UnknownNameError("situation", name, SITUATIONS)
    return SITUATIONS[name]
