"""The engine against exact results, within four standard errors; the errors by seeds, not by batches."""

import math
from collections.abc import Sequence

import pytest

from deepkit.cluster import Cluster, Outcome, simulate
from deepkit.records import Policy
from tests.cluster import exact

ENDLESS = 10_000_000
SEEDS = range(12)


def runs(cluster: Cluster, policy: Policy | None = None, requests: int = 100_000) -> list[Outcome]:
    """Independent runs."""
    return [simulate(cluster, policy, requests=requests, seed=seed) for seed in SEEDS]


def agrees(outcomes: Sequence[Outcome], name: str, truth: float) -> None:
    """The mean over seeds lies within 4 standard errors of the truth, and the error is small enough to tell."""
    values = [getattr(outcome, name) for outcome in outcomes]
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))
    assert abs(mean - truth) <= 4.0 * spread + 1e-12, f"{name}: {mean} ± {spread}, exact {truth}"
    assert spread <= 0.1 * abs(truth) + 1e-3, f"{name} ± {spread} cannot decide about {truth}"


@pytest.mark.parametrize(("c", "rho"), [(1, 0.5), (2, 0.9), (8, 0.5), (8, 1.5), (32, 0.9), (200, 1.1)])
@pytest.mark.parametrize("law", ["exponential", "deterministic", "hyperexponential"])
def test_erlang_b(c: int, rho: float, law: str) -> None:
    """Without a queue the share of blocked requests is Erlang's, whatever the law of service."""
    agrees(runs(Cluster(c, 0, rho * c, 1.0, service_law=law)), "blocked", exact.erlang_b(c, rho * c))


@pytest.mark.parametrize(
    ("c", "rho"), [(1, 0.5), (1, 0.8), (2, 0.8), (8, 0.5), (8, 0.8), (8, 0.9), (32, 0.9)]
)
def test_erlang_c(c: int, rho: float) -> None:
    """With endless room, probability and mean of the wait are Erlang's."""
    outcomes = runs(Cluster(c, ENDLESS, rho * c, 1.0))
    chance = exact.erlang_c(c, rho * c)
    agrees(outcomes, "wait_probability", chance)
    agrees(outcomes, "mean_wait", chance / (c - rho * c))
    assert all(outcome.stable for outcome in outcomes)


@pytest.mark.parametrize(
    ("c", "places", "rho"), [(1, 5, 0.8), (8, 16, 0.8), (8, 16, 1.2), (3, 3, 2.0), (1, 2, 5.0)]
)
def test_bounded_queue(c: int, places: int, rho: float) -> None:
    """M/M/c/K: blocking, waiting and queue length; `queue` counts the places beyond the servers."""
    outcomes = runs(Cluster(c, places - c, rho * c, 1.0))
    blocked, queue, wait, chance = exact.bounded(c, places, rho * c)
    agrees(outcomes, "blocked", blocked)
    agrees(outcomes, "queue_length", queue)
    if places > c:
        agrees(outcomes, "mean_wait", wait)
        agrees(outcomes, "wait_probability", chance)


@pytest.mark.parametrize(("c", "rho", "rate"), [(1, 0.8, 0.5), (8, 0.9, 0.5), (8, 1.3, 0.2), (32, 1.1, 2.0)])
def test_erlang_a(c: int, rho: float, rate: float) -> None:
    """Clients of limited patience abandon and wait as Erlang A says, also above capacity."""
    outcomes = runs(Cluster(c, ENDLESS, rho * c, 1.0, patience_s=1 / rate))
    abandoned, chance = exact.erlang_a(c, rho * c, rate)
    agrees(outcomes, "abandoned", abandoned)
    agrees(outcomes, "wait_probability", chance)


@pytest.mark.parametrize(
    ("law", "cv2"),
    [
        ("deterministic", 0.0),
        ("erlang", 0.5),
        ("exponential", 1.0),
        ("lognormal", 4.0),
        ("hyperexponential", 4.0),
    ],
)
def test_pollaczek_khinchine(law: str, cv2: float) -> None:
    """The mean wait at one server depends on the service law through its variance alone."""
    agrees(runs(Cluster(1, ENDLESS, 0.7, 1.0, service_law=law), requests=300_000), "mean_wait",
           exact.pollaczek(0.7, cv2))  # fmt: skip


def test_measured_service_times() -> None:
    """The empirical law draws the given times with replacement: its wait is that of their two moments."""
    samples = (0.2, 0.2, 0.4, 3.2)
    cv2 = sum(value * value for value in samples) / 4 - 1.0
    cluster = Cluster(1, ENDLESS, 0.7, 1.0, service_law="empirical", service_samples=samples)
    agrees(runs(cluster), "mean_wait", exact.pollaczek(0.7, cv2))


@pytest.mark.parametrize(("c", "rho", "rate"), [(1, 0.5, 1.0), (3, 0.7, 0.5), (8, 0.6, 2.0)])
def test_retrial_queue(c: int, rho: float, rate: float) -> None:
    """Clients that come back for ever after exponential times: blocking as the Markov chain says."""
    policy = Policy("memoryless_jitter", retries=1_000_000, base_s=1 / rate, factor=1.0, cap_s=1e9)
    blocked, _ = exact.retrial(c, rho * c, rate)
    outcomes = runs(Cluster(c, 0, rho * c, 1.0, round_trip_s=0.0), policy)
    agrees(outcomes, "blocked", blocked)
    assert all(outcome.success == 1.0 for outcome in outcomes)


@pytest.mark.parametrize("policy", ["none", "full_jitter", "guide_ladder"])
def test_littles_law(policy: str) -> None:
    """Number in queue = rate of those who enter it x their mean wait; busy servers = served rate x service."""
    outcome = simulate(Cluster(8, 16, 8.4, 1.0), policy, requests=400_000, seed=1)
    entered = outcome.offered * (1 - outcome.blocked)
    assert outcome.queue_length == pytest.approx(entered * outcome.mean_wait, rel=1e-9)
    busy = 8 * outcome.utilisation
    assert busy == pytest.approx(
        outcome.goodput, abs=6 * (outcome.errors["goodput"] + 8 * outcome.errors["utilisation"])
    )
