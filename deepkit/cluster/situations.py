"""Situations worth knowing, by name: the command line and the notebook show the same ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from deepkit.cluster.model import Cluster
from deepkit.errors import UnknownNameError
from deepkit.records import Policy
from deepkit.retries.presets import POLICIES


@dataclass(frozen=True, slots=True)
class Situation:
    """A cluster and its clients with a name.

    Args:
        title: What a list calls it.
        says: What it shows, in one sentence.
        cluster: The cluster; its policy is what its clients do unless another one is chosen.
    """

    title: str
    says: str
    cluster: Cluster


_GUIDE = POLICIES["guide_ladder"]
_AT_ONCE = Policy("fixed", retries=1, base_s=0.0)
_HOUR = Cluster(100, 200, arrival_rate=60.0, service_s=2.0, policy=_GUIDE)
_METASTABLE = Cluster(
    1, 5000, arrival_rate=280.0, service_s=1 / 300, service_law="deterministic", timeout_s=1.0, abandoned_work=True,
    policy=_AT_ONCE, capacity=((100.0, 0), (110.0, 1)),
)  # fmt: skip

SITUATIONS: Mapping[str, Situation] = MappingProxyType({
    "quiet": Situation(
        "A quiet hour (0.6 × capacity)",
        "Six tenths of capacity: hardly anybody waits, and no policy matters.",
        Cluster(8, 16, arrival_rate=4.8, service_s=1.0, policy=_GUIDE),
    ),
    "normal_hour": Situation(
        "A normal hour (0.8 × capacity)",
        "Eight tenths of capacity: short waits, and hardly anybody is rejected.",
        replace(_HOUR, arrival_rate=40.0),
    ),
    "rush_hour": Situation(
        "Rush hour (1.2 × capacity)",
        "A fifth more work than can be done: the queue is full, and retries decide who is served.",
        _HOUR,
    ),
    "impatient": Situation(
        "Rush hour, impatient clients",
        "The same, but clients leave after seconds, and the servers still finish what they asked for.",
        replace(_HOUR, patience_s=2.0, timeout_s=10.0, abandoned_work=True),
    ),
    "outage": Situation(
        "An outage of half a minute",
        "Well below capacity, but nothing is served for half a minute: what the return of all clients does.",
        Cluster(
            8, 200, arrival_rate=6.8, service_s=1.0, timeout_s=15.0, abandoned_work=True, policy=_GUIDE,
            capacity=((300.0, 0), (330.0, 8)),
        ),
    ),
    "metastable": Situation(
        "A collapse after 10 s of outage",
        "The example of HotOS'21: after an outage of 10 s one retry each keeps the answers at 0 for ever.",
        _METASTABLE,
    ),
    "recovery": Situation(
        "The same at half the load",
        "The example of HotOS'21 at half the load: it recovers.",
        replace(_METASTABLE, arrival_rate=140.0),
    ),
    "budget": Situation(
        "The same with a retry budget",
        "The example of HotOS'21 with retries for 2 % of the requests at most: it recovers.",
        replace(_METASTABLE, policy=replace(_AT_ONCE, budget_ratio=0.02)),
    ),
    "team": Situation(
        "Forty colleagues on one key",
        "Forty colleagues on one key with two slots: each asks, reads for half a minute, and asks again.",
        Cluster(
            2, 4, service_s=4.0, service_law="lognormal", service_cv=1.0, policy=_GUIDE, population=40, think_s=30.0
        ),
    ),
})  # fmt: skip
"""Every situation that has a name. HotOS'21 is https://sigops.org/s/conferences/hotos/2021/papers/hotos21-s11-bronson.pdf;
its endless queue is one of 5,000 places here, which ends the same and needs less memory."""


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
