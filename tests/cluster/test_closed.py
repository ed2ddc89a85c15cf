"""Closed populations: so many clients, each sends, waits for its answer, thinks, and sends again."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace

import pytest

from deepkit.cluster import Cluster, Outcome, occupancy, simulate, timeline
from deepkit.records import Policy
from deepkit.retries import POLICIES
from tests.cluster import exact
from tests.cluster.test_exact import agrees

ENDLESS = 10_000_000
OFFICE = Cluster(2, 3, population=12, think_s=4.0)


def runs(cluster: Cluster, policy: Policy | None = None, seeds: Sequence[int] = range(12)) -> list[Outcome]:
    """Independent runs."""
    return [simulate(cluster, policy, requests=40_000, seed=seed) for seed in seeds]


@pytest.mark.parametrize(
    ("c", "clients", "think"), [(1, 1, 1.0), (1, 6, 5.0), (2, 12, 4.0), (8, 40, 3.0), (8, 200, 30.0)]
)
def test_machine_repairman(c: int, clients: int, think: float) -> None:
    """M/M/c//N: use of the servers, queue, wait and its probability, also far beyond capacity."""
    outcomes = runs(Cluster(c, ENDLESS, population=clients, think_s=think))
    p = exact.closed(c, clients, clients, think)
    busy = sum(min(n, c) * share for n, share in enumerate(p))
    queue = sum(max(0, n - c) * share for n, share in enumerate(p))
    agrees(outcomes, "utilisation", busy / c)
    agrees(outcomes, "goodput", busy)
    agrees(outcomes, "queue_length", queue)
    agrees(outcomes, "mean_wait", queue / busy)
    agrees(outcomes, "wait_probability", sum(exact.seen_by_senders(p, clients)[c:]))
    assert all(outcome.stable and outcome.success == 1.0 for outcome in outcomes)


@pytest.mark.parametrize(
    ("c", "places", "clients", "think"), [(1, 1, 4, 2.0), (3, 3, 10, 2.0), (2, 5, 12, 4.0), (8, 16, 100, 5.0)]
)
def test_bounded_queue_and_engset(c: int, places: int, clients: int, think: float) -> None:
    """M/M/c/K//N: a client that is turned away thinks again; without a queue the blocking is Engset's."""
    outcomes = runs(Cluster(c, places - c, population=clients, think_s=think))
    p = exact.closed(c, places, clients, think)
    agrees(outcomes, "blocked", exact.seen_by_senders(p, clients)[places])
    agrees(outcomes, "queue_length", sum(max(0, n - c) * share for n, share in enumerate(p)))
    agrees(outcomes, "goodput", sum(min(n, c) * share for n, share in enumerate(p)))


@pytest.mark.parametrize("law", ["deterministic", "hyperexponential", "lognormal"])
def test_engset_does_not_mind_the_law(law: str) -> None:
    """Without a queue the blocking depends on the service law through its mean alone (Cohen 1957)."""
    p = exact.closed(3, 3, 10, 2.0)
    outcomes = runs(Cluster(3, 0, population=10, think_s=2.0, service_law=law))
    agrees(outcomes, "blocked", exact.seen_by_senders(p, 10)[3])


@pytest.mark.parametrize(("c", "clients", "think", "rate"), [(1, 5, 3.0, 1.0), (3, 15, 4.0, 0.5)])
def test_clients_that_come_back(c: int, clients: int, think: float, rate: float) -> None:
    """With retries until served, blocking and the number between attempts are the finite-source chain's."""
    policy = Policy("memoryless_jitter", retries=1_000_000, base_s=1 / rate, factor=1.0, cap_s=1e9)
    outcomes = runs(Cluster(c, 0, population=clients, think_s=think, round_trip_s=0.0), policy)
    blocked, orbit = exact.closed_retrial(c, clients, think, rate)
    agrees(outcomes, "blocked", blocked)
    waits = [one.time_to_success * one.goodput - one.utilisation * c for one in outcomes]
    error = statistics.stdev(waits) / math.sqrt(len(waits))
    assert abs(statistics.fmean(waits) - orbit) <= 4 * error + 1e-3


@pytest.mark.parametrize("policy", ["none", "full_jitter", "budgeted", "guide_ladder"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"patience_s": 1.5},
        {"priorities": (0.25, 0.75)},
        {"timeout_s": 2.0, "abandoned_work": True},
        {"failure_share": 0.1, "reject_s": 0.01},
    ],
)
def test_nobody_is_lost(policy: str, more: dict[str, object]) -> None:
    """Each client is thinking or has one request open: new requests a second = those who think / think time."""
    film = timeline(replace(OFFICE, **more), policy, horizon_s=20_000.0, step_s=20_000.0, seed=3)
    rate, open_ = film.arrivals[0], film.open[0]
    assert 0.0 <= open_ <= 12.0
    # Poisson-like counts: the number of sends given the thinking time has a standard deviation of its root.
    assert rate == pytest.approx((12 - open_) / 4.0, abs=4 * math.sqrt(rate / 20_000.0))


def test_priorities_change_who_waits_not_how_long() -> None:
    """With equal service the classes share one queue's waits: the mean over them is that of one class."""
    p = exact.closed(2, 12, 12, 4.0)
    queue = sum(max(0, n - 2) * share for n, share in enumerate(p))
    agrees(runs(replace(OFFICE, queue=50, priorities=(0.3, 0.7))), "queue_length", queue)


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_a_step_of_load_is_another_think_time(factor: float) -> None:
    """After a step of load the population acts as one whose think time is that much shorter, at once."""
    film = timeline(
        replace(OFFICE, load=((1000.0, factor),)), horizon_s=41_000.0, step_s=1000.0, seed=5
    )  # fmt: skip
    for begin, end, think in ((0.0, 1000.0, 4.0), (1000.0, 41_000.0, 4.0 / factor)):
        p = exact.closed(2, 5, 12, think)
        busy = sum(min(n, 2) * share for n, share in enumerate(p))
        assert film.mean("busy", begin, end) == pytest.approx(busy, abs=8 / math.sqrt(end - begin))


def test_silence_and_an_outage() -> None:
    """At load 0 nobody sends; with no server open requests wait and each client has at most one."""
    film = timeline(
        replace(OFFICE, queue=20, load=((0.0, 0.0), (10.0, 1.0)), capacity=((50.0, 0), (250.0, 2))),
        horizon_s=300.0, step_s=1.0, seed=2,
    )  # fmt: skip
    assert film.mean("offered", 0, 10) == 0.0
    assert film.mean("goodput", 52, 250) == 0.0
    assert max(film.open) <= 12.0 + 1e-9
    assert film.mean("open", 240, 250) == pytest.approx(12.0)  # two hundred seconds are fifty think times
    assert film.mean("goodput", 250, 300) > 0.5


def test_response_time_law() -> None:
    """N = answers a second x (time to the answer + think time), whatever happens in between."""
    outcome = simulate(replace(OFFICE, queue=20), requests=200_000, seed=4)
    cycle = outcome.time_to_success + 4.0
    assert outcome.goodput * cycle == pytest.approx(12.0, rel=0.02)


def test_a_budget_is_each_clients_own() -> None:
    """A budget of 10 % allows each client a tenth of retries: attempts come close to 1.1 and not above."""
    busy = Cluster(1, 0, population=20, think_s=1.0)
    policy = replace(POLICIES["budgeted"], retries=1_000_000, budget_burst=2.0)
    outcome = simulate(busy, policy, requests=100_000, seed=1)
    assert outcome.blocked > 0.5
    assert outcome.attempts_per_request == pytest.approx(1.1, abs=0.005)


def test_its_path_too() -> None:
    """The sandbox's path is that of so many clients: never more inside than there are."""
    _, present = occupancy(replace(OFFICE, queue=50), 500.0, 3)
    assert max(present) <= 12


@pytest.mark.parametrize("load", [0.3, 1.0, 2.5])
def test_at_load(load: float) -> None:
    """A load is met by the arrival rate exactly, and by whole clients as nearly as can be."""
    assert Cluster(8, 16, 1.0, 0.5).at_load(load).utilisation == pytest.approx(load)
    assert replace(OFFICE, servers=50).at_load(load).utilisation == pytest.approx(load, abs=0.02)
