"""The cluster as data: what stands there, what comes in, and what its clients put up with."""

import math
from dataclasses import dataclass, replace

from deepkit.errors import UnknownNameError, UsageError
from deepkit.records import Policy
from deepkit.retries.check import checked, number

SERVICE_LAWS: tuple[str, ...] = (
    "exponential",
    "deterministic",
    "erlang",
    "lognormal",
    "hyperexponential",
    "empirical",
)
"""Laws of the service time; a law's place in this row is its number in the kernel."""

MOST = 10_000_000
LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Cluster:
    """An inference cluster and its clients.

    Args:
        servers: Requests served at once (slots, not machines).
        queue: Waiting places beyond the servers; a request that finds none is rejected.
        arrival_rate: New requests a second, retries not counted (Poisson); left out for a closed population.
        service_s: Mean service time in seconds.
        service_law: One of SERVICE_LAWS.
        service_cv: Standard deviation over mean, for lognormal and hyperexponential (at least 1 there).
        service_phases: Phases of the Erlang law.
        service_samples: Measured service times in seconds, for "empirical", drawn with replacement.
        patience_s: Mean time (exponential) a client waits in the queue before it gives up; None is for ever.
        timeout_s: Time after which a client takes an attempt for failed, served or not; None is never.
        abandoned_work: The cluster still does the work of attempts whose client has left.
        failure_share: Share of served requests that fail all the same, whatever the load.
        reject_s: Service time that saying no costs the busiest server, in seconds.
        round_trip_s: Time until a client knows of a failure, which any retry waits at least.
        policy: What clients do after a failure, unless a call names another policy.
        clients: Clients that the requests belong to; each has its own budget.
        priorities: Shares of the classes, most important first, summing to 1.
        load: Times (s) and factors on the arrival rate (closed: on the rate at which each thinking client
            sends) from then on: ((0.0, 1.0), (60.0, 3.0)).
        capacity: Times (s) and servers from then on: ((100.0, 0), (110.0, 8)) is an outage of 10 s.
        population: Clients of a closed population: each sends, gets an answer or gives up, thinks, and sends
            again. Each has a budget of its own. None is an open stream of requests.
        think_s: Mean time (exponential) such a client thinks, in seconds.

    Raises:
        UsageError: When a number is negative, NaN, infinite or absurdly large, or parts disagree.
    """

    servers: int
    queue: int
    arrival_rate: float = 0.0
    service_s: float = 1.0
    service_law: str = "exponential"
    service_cv: float = 2.0
    service_phases: int = 2
    service_samples: tuple[float, ...] = ()
    patience_s: float | None = None
    timeout_s: float | None = None
    abandoned_work: bool = False
    failure_share: float = 0.0
    reject_s: float = 0.0
    round_trip_s: float = 0.05
    policy: Policy = Policy()
    clients: int = 1
    priorities: tuple[float, ...] = (1.0,)
    load: tuple[tuple[float, float], ...] = ()
    capacity: tuple[tuple[float, int], ...] = ()
    population: int | None = None
    think_s: float | None = None

    def __post_init__(self) -> None:
        _whole("servers", self.servers, 1, MOST)
        _whole("queue", self.queue, 0, MOST)
        _whole("clients", self.clients, 1, MOST)
        _whole("service_phases", self.service_phases, 1, 1000)
        self._check_source()
        number("service_s", self.service_s, 1e-12, LARGEST)
        number("failure_share", self.failure_share, 0.0, 1.0)
        number("reject_s", self.reject_s, 0.0, LARGEST)
        number("round_trip_s", self.round_trip_s, 0.0, LARGEST)
        for name in ("patience_s", "timeout_s"):
            value = getattr(self, name)
            if value is not None:
                number(name, value, 1e-12, LARGEST)
        checked(self.policy)
        self._check_law()
        self._check_shares()
        _check_steps("load", self.load, 0.0, LARGEST)
        _check_steps("capacity", self.capacity, 0, MOST)

    def _check_source(self) -> None:
        if self.population is None:
            if self.think_s is not None:
                raise UsageError("think_s belongs to a closed population; give population as well")
            number("arrival_rate", self.arrival_rate, 1e-12, LARGEST)
            return
        _whole("population", self.population, 1, MOST)
        if self.think_s is None:
            raise UsageError(
                "A closed population needs think_s, the mean time between answer and next request"
            )
        number("think_s", self.think_s, 1e-12, LARGEST)
        if self.arrival_rate != 0:
            raise UsageError(
                "A closed population sends of itself; give arrival_rate or population and think_s, not both"
            )
        if self.clients != 1:
            raise UsageError("Each of a closed population is a client of its own; leave clients out")

    def _check_law(self) -> None:
        if self.service_law not in SERVICE_LAWS:
            raise UnknownNameError("service law", str(self.service_law), SERVICE_LAWS)
        number("service_cv", self.service_cv, 1.0 if self.service_law == "hyperexponential" else 0.0, 1000.0)
        if self.service_law == "empirical":
            if not self.service_samples:
                raise UsageError(
                    "An empirical service law needs service_samples; give measured times in seconds"
                )
            for value in self.service_samples:
                number("a value of service_samples", value, 0.0, LARGEST)

    def _check_shares(self) -> None:
        if not 1 <= len(self.priorities) <= 8:
            raise UsageError(f"priorities has {len(self.priorities)} classes; give 1 to 8 shares")
        for share in self.priorities:
            number("a share in priorities", share, 0.0, 1.0)
        if not math.isclose(sum(self.priorities), 1.0, abs_tol=1e-9):
            raise UsageError(f"priorities sum to {sum(self.priorities):g}; the shares must sum to 1")

    @property
    def mean_service_s(self) -> float:
        """Mean service time in seconds, whatever the law."""
        if self.service_law == "empirical":
            return sum(self.service_samples) / len(self.service_samples)
        return self.service_s

    @property
    def rate(self) -> float:
        """New requests a second: of all, or in a closed population of each client while it thinks."""
        return self.arrival_rate if self.think_s is None else 1.0 / self.think_s

    @property
    def owners(self) -> int:
        """Clients that have a budget and a guard of their own."""
        return self.population or self.clients

    @property
    def most_arrivals(self) -> float:
        """New requests a second at the highest load, when every client of a closed population thinks."""
        return self.rate * (self.population or 1) * max([1.0, *(factor for _, factor in self.load)])

    @property
    def utilisation(self) -> float:
        """Offered work of first attempts over capacity.

        1 or more of an open stream cannot all be served. A closed population offers what it would send
        if nobody had to wait, and then sends less.
        """
        if self.population is not None and self.think_s is not None:
            cycle = self.think_s + self.mean_service_s
            return self.population * self.mean_service_s / cycle / self.servers
        return self.arrival_rate * self.mean_service_s / self.servers

    def at_load(self, load: float) -> "Cluster":
        """Return the same cluster with another offered load, by its arrival rate or its population.

        Args:
            load: Offered work over capacity, as `utilisation` counts it; at most the nearest whole
                client of a closed population.

        Returns:
            The changed copy.
        """
        work = load * self.servers / self.mean_service_s
        if self.think_s is not None:
            return replace(self, population=max(1, round(work * (self.think_s + self.mean_service_s))))
        return replace(self, arrival_rate=work)


def _whole(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{name} is {value!r}; give a whole number from {low} to {high}")
    number(name, value, low, high)


def _check_steps(name: str, steps: tuple[tuple[float, float], ...], low: float, high: float) -> None:
    last = -1.0
    for at, value in steps:
        number(f"a time of {name}", at, 0.0, LARGEST)
        number(f"a value of {name}", value, low, high)
        if at <= last:
            raise UsageError(f"The times of {name} must rise; {at:g} comes after {last:g}")
        last = at
