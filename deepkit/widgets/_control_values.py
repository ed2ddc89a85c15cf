"""The values of RetryLab's controls as one record, and where they stand in each situation."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from deepkit.cluster import SITUATIONS, Cluster, Situation
from deepkit.errors import UnknownNameError, UsageError
from deepkit.records import Policy
from deepkit.retries import POLICIES, policy_named
from deepkit.retries.check import number

VIEWS: Mapping[str, str] = {"waiting": "Waiting times", "attempts": "Attempts", "time": "Over time"}
OWN = "own"
NUMBERS = ("retries", "base_s", "cap_s", "budget_ratio")
"""Numbers of a policy that have a control of their own."""
UNUSED: Mapping[str, tuple[str, ...]] = {"none": ("base_s", "cap_s"), "ladder": ("base_s",)}
"""Numbers that a kind of policy does not look at."""
OUTAGE_AT = 0.2
"""When an outage begins, as a share of the run."""


@dataclass(frozen=True, slots=True)
class ControlValues:
    """A cluster, its clients and what is shown of them; times in seconds, None is "never".

    Args:
        preset: The situation that this is, or "own".
        view: One of VIEWS.
        load: New work over capacity.
        servers: Requests served at once.
        queue: Waiting places.
        service_s: Mean service time.
        service_law: Its law.
        patience_s: Mean time a client waits in the queue.
        timeout_s: Time after which a client gives an attempt up.
        abandoned_work: Servers finish work whose client has left.
        outage_s: How long the servers are gone; 0 is not at all.
        policy: A preset's name in `deepkit.retries.POLICIES`.
        retries: Most retries.
        base_s: First wait.
        cap_s: Longest wait.
        budget_ratio: Retries each request earns; None is no budget.
    """

    preset: str = OWN
    view: str = "waiting"
    load: float = 1.2
    servers: int = 100
    queue: int = 200
    service_s: float = 2.0
    service_law: str = "exponential"
    patience_s: float | None = None
    timeout_s: float | None = None
    abandoned_work: bool = False
    outage_s: float = 0.0
    policy: str = "guide_ladder"
    retries: int = 3
    base_s: float = 0.5
    cap_s: float = 30.0
    budget_ratio: float | None = None

    @property
    def chosen(self) -> Policy:
        """The policy, with the numbers of the controls."""
        return replace(policy_named(self.policy), **{name: getattr(self, name) for name in NUMBERS})

    @property
    def unused(self) -> tuple[str, ...]:
        """Numbers that do nothing here."""
        kind = POLICIES[self.policy].kind
        return NUMBERS[1:] if not self.retries else UNUSED.get(kind, ())

    def cluster(self, requests: int | None = None) -> Cluster:
        """Return the cluster; with a number of requests, the run they make holds the outage."""
        rate = self.load * self.servers / self.service_s
        capacity: tuple[tuple[float, int], ...] = ()
        if requests is not None and self.outage_s:
            begin = OUTAGE_AT * requests / rate
            capacity = ((begin, 0), (begin + self.outage_s, self.servers))
        return Cluster(
            servers=self.servers,
            queue=self.queue,
            arrival_rate=rate,
            service_s=self.service_s,
            service_law=self.service_law,
            patience_s=self.patience_s,
            timeout_s=self.timeout_s,
            abandoned_work=self.abandoned_work,
            policy=self.chosen,
            capacity=capacity,
        )

    def values(self) -> dict[str, Any]:
        """Return the controls' values by name."""
        return asdict(self)

    def changed(self, values: Mapping[str, Any]) -> "ControlValues":
        """Return what it becomes when controls are moved.

        Args:
            values: New values by name. Another preset replaces everything, another policy brings its own
                numbers along, and any other change makes the situation one's own.

        Returns:
            The new situation.

        Raises:
            UsageError: When a name is unknown or a value cannot be used.
        """
        unknown = sorted(values.keys() - {field.name for field in fields(ControlValues)})
        if unknown:
            raise UsageError(f"RetryLab has no control {unknown[0]!r}; it has {', '.join(self.values())}")
        rest = {name: value for name, value in values.items() if name != "preset"}
        preset = values.get("preset", OWN)
        if preset not in (OWN, self.preset):
            return values_named(str(preset)).changed(rest)
        moved = {name for name, value in rest.items() if value != getattr(self, name)}
        if moved <= {"view"}:
            return _checked(replace(self, **rest))
        if "policy" in moved:
            policy = policy_named(str(rest["policy"]))
            rest = {**{name: getattr(policy, name) for name in NUMBERS}, **rest}
        return _checked(replace(self, **{**rest, "preset": OWN}))


def _checked(now: ControlValues) -> ControlValues:
    """Return a situation that can be run; anything else is refused."""
    if now.view not in VIEWS:
        raise UnknownNameError("view", str(now.view), VIEWS)
    number("load", now.load, 1e-6, 1e6)
    number("outage_s", now.outage_s, 0.0, 1e6)
    number("service_s", now.service_s, 1e-6, 1e6)
    now.cluster()  # refuses the rest
    return now


def _values_of(name: str, situation: Situation) -> ControlValues:
    cluster = situation.cluster
    outage_s = cluster.capacity[1][0] - cluster.capacity[0][0] if cluster.capacity else 0.0
    numbers = {number: getattr(cluster.policy, number) for number in NUMBERS}
    return ControlValues(
        name,
        view="time" if outage_s else "attempts" if cluster.abandoned_work else "waiting",
        load=cluster.arrival_rate * cluster.service_s / cluster.servers,
        servers=cluster.servers,
        queue=cluster.queue,
        service_s=cluster.service_s,
        service_law=cluster.service_law,
        patience_s=cluster.patience_s,
        timeout_s=cluster.timeout_s,
        abandoned_work=cluster.abandoned_work,
        outage_s=outage_s,
        policy=next(key for key, one in POLICIES.items() if replace(one, **numbers) == cluster.policy),
        **numbers,
    )


OFFERED: Mapping[str, ControlValues] = {
    name: _values_of(name, one) for name, one in SITUATIONS.items() if one.cluster.population is None
}
"""Where the controls stand in each situation; a closed population has no controls here."""


def values_named(name: str) -> ControlValues:
    """Return where the controls stand in a situation.

    Args:
        name: One of OFFERED.

    Raises:
        UnknownNameError: When there is none of that name.
    """
    if name not in OFFERED:
        raise UnknownNameError("situation", str(name), OFFERED)
    return OFFERED[name]
