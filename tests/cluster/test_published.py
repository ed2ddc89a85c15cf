"""Published results reproduced: jitter, budgets, breakers, throttles, hedges, metastable collapse.

The smaller tier; `python -m benchmarks.cluster.published` runs the whole tables.
"""

import math
import statistics

import pytest

from benchmarks.cluster.contention import contend
from deepkit.cluster import Cluster, simulate, timeline
from deepkit.errors import UsageError
from deepkit.records import Policy

AWS = {
    "none": Policy("fixed", retries=1, base_s=0.0),
    "exponential": Policy("exponential", retries=1, base_s=10.0, cap_s=2000.0),
    "equal": Policy("equal_jitter", retries=1, base_s=10.0, cap_s=2000.0),
    "full": Policy("full_jitter", retries=1, base_s=10.0, cap_s=2000.0),
    "decorrelated": Policy("decorrelated_jitter", retries=1, base_s=5.0, cap_s=2000.0),
}
# The published program, run 200 times (Python 3): calls and time.
TABLE = {
    10: {"none": (51.0, 380.6), "exponential": (51.2, 3609.7), "equal": (42.4, 727.5), "full": (39.1, 473.3),
         "decorrelated": (37.8, 448.3)},
    20: {"none": (152.6, 602.6), "exponential": (149.5, 14285.0), "equal": (107.7, 1612.0), "full": (100.3, 1017.0),
         "decorrelated": (100.9, 820.0)},
}  # fmt: skip


@pytest.mark.parametrize("strategy", list(AWS))
@pytest.mark.parametrize("clients", list(TABLE))
def test_the_aws_jitter_table(clients: int, strategy: str) -> None:
    """Calls within 2 % and time within 6 % of the published simulator, or 4 standard errors of this tier."""
    runs = [contend(clients, AWS[strategy], seed=seed) for seed in range(300)]
    for place, allowed in ((0, 0.02), (1, 0.06)):
        values = [run[place] for run in runs]
        error = statistics.stdev(values) / math.sqrt(len(values)) * math.sqrt(1 + 300 / 200)
        truth = TABLE[clients][strategy][place]
        assert abs(statistics.fmean(values) - truth) <= max(allowed * truth, 4 * error)


def test_contention_bad_input() -> None:
    """Nobody, a crowd without bound, and clients that never come back are usage errors."""
    with pytest.raises(UsageError):
        contend(0, AWS["full"])
    with pytest.raises(UsageError):
        contend(10**6, AWS["full"])
    with pytest.raises(UsageError):
        contend(5, Policy())


def calls(p: float, policy: Policy, requests: int = 400_000) -> tuple[float, float]:
    """Success and load of 100 clients that call a server failing with probability p (Brooker 2022)."""
    cluster = Cluster(10_000, 0, 1000.0, 0.01, failure_share=p, clients=100, round_trip_s=0.0)
    outcome = simulate(cluster, policy, requests=requests, seed=1)
    return outcome.success, outcome.attempts_per_request


@pytest.mark.parametrize("p", [0.01, 0.1, 0.3, 0.5, 0.75])
def test_independent_retries(p: float) -> None:
    """Three retries: success 1 - p^4 and load (1 - p^4) / (1 - p)."""
    success, load = calls(p, Policy("fixed", retries=3, base_s=0.0))
    assert success == pytest.approx(1 - p**4, abs=4 * math.sqrt(p**4 / 360_000) + 1e-4)
    assert load == pytest.approx((1 - p**4) / (1 - p), rel=0.005)


@pytest.mark.parametrize("p", [0.01, 0.05, 0.2, 0.3, 0.5, 0.75])
def test_a_token_bucket_caps_the_load(p: float) -> None:
    """Below p = 1/11 it acts as free retries; beyond, load is 1.1 and success 1.1 (1 - p)."""
    policy = Policy("fixed", retries=1_000_000, base_s=0.0, budget_ratio=0.1, budget_burst=5.0)
    success, load = calls(p, policy)
    if p < 1 / 11:
        assert load == pytest.approx(1 / (1 - p), rel=0.01)
        assert success > 0.999
    else:
        assert load == pytest.approx(1.1, rel=0.005)
        assert success == pytest.approx(1.1 * (1 - p), rel=0.015)


@pytest.mark.parametrize("p", [0.01, 0.05, 0.2, 0.5])
def test_a_breaker_gives_up_retries(p: float) -> None:
    """Above its threshold of 10 % a retry breaker leaves load 1 and success 1 - p; well below it, all retries."""
    policy = Policy("fixed", retries=3, base_s=0.0, guard="breaker", guard_level=0.1, guard_window_s=1e8)
    success, load = calls(p, policy)
    if p > 0.1:
        assert load == pytest.approx(1.0, abs=0.01)
        assert success == pytest.approx(1 - p, abs=0.01)
    else:
        assert success > 0.99


@pytest.mark.parametrize(("p", "free"), [(0.05, True), (0.2, False), (0.5, False)])
def test_grpc_throttle(p: float, free: bool) -> None:
    """Beyond p = r / (1 + r) = 1/11 retries go to zero, unlike a bucket's; below, they are free."""
    policy = Policy("fixed", retries=3, base_s=0.0, guard="grpc_throttle", guard_level=0.1, guard_tokens=10.0)
    _, load = calls(p, policy)
    assert load == pytest.approx((1 - p**4) / (1 - p) if free else 1.0, abs=0.02)


@pytest.mark.parametrize(("demand", "k"), [(500.0, 2.0), (1000.0, 2.0), (1000.0, 1.1), (90.0, 2.0)])
def test_adaptive_throttling(demand: float, k: float) -> None:
    """Beyond K times what is accepted, K times that is sent; else nothing is dropped (SRE book, chapter 21)."""
    policy = Policy("fixed", retries=0, guard="adaptive_throttle", guard_level=k, guard_window_s=120.0)
    # It begins just below capacity: begun cold under overload, what is sent grows by K - 1 a window only.
    cluster = Cluster(100, 0, demand, 1.0, load=((0.0, 95.0 / demand), (600.0, 1.0)))
    outcome = simulate(cluster, policy, requests=int(demand * 4000), seed=2)
    if demand > k * 100:
        assert outcome.offered == pytest.approx(k * outcome.goodput, rel=0.02)
        assert 1 - outcome.attempts_per_request == pytest.approx(1 - k * outcome.goodput / demand, abs=0.01)
        assert outcome.goodput > 90.0
    else:
        assert outcome.attempts_per_request == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("guard", ["aimd", "cubic"])
def test_adaptive_rates_find_the_capacity(guard: str) -> None:
    """Five times too much demand: paced clients send little more than is served, and most of it is answered."""
    level = 5.0 if guard == "aimd" else 0.1
    paced = Policy("fixed", retries=0, guard=guard, guard_level=level, guard_tokens=20.0, deadline_s=5.0)
    outcome = simulate(Cluster(100, 20, 500.0, 1.0, round_trip_s=0.0), paced, requests=300_000, seed=2)
    assert outcome.blocked < 0.1
    assert outcome.goodput > 70.0
    assert simulate(Cluster(100, 20, 500.0, 1.0), requests=300_000).blocked > 0.75


@pytest.mark.parametrize("delay", [0.0, 0.5, 1.0, 2.0])
def test_hedging(delay: float) -> None:
    """Without queueing, Exp(1): mean (1 - e^-d) + e^-d / 2, and e^-d more attempts."""
    policy = Policy("fixed", retries=0, hedge_after_s=delay)
    runs = [simulate(Cluster(1000, 0, 20.0, 1.0), policy, requests=200_000, seed=seed) for seed in range(4)]
    more = math.exp(-delay)
    mean = statistics.fmean(run.time_to_success for run in runs)
    assert mean == pytest.approx((1 - more) + more / 2, abs=4 * 1.0 / math.sqrt(720_000))
    attempts = statistics.fmean(run.attempts_per_request for run in runs)
    assert attempts == pytest.approx(
        1 + more, abs=4 * math.sqrt(max(more * (1 - more), 1e-6) / 720_000) + 1e-4
    )


def test_hedges_count_against_the_budget() -> None:
    """A hedge takes a token like a retry: attempts stay below 1 + ratio."""
    policy = Policy("fixed", retries=0, hedge_after_s=0.0, budget_ratio=0.1, budget_burst=5.0)
    outcome = simulate(Cluster(1000, 0, 20.0, 1.0), policy, requests=100_000)
    assert outcome.attempts_per_request == pytest.approx(1.1, rel=0.01)


def collapse(rate: float) -> Cluster:
    """The worked example of HotOS'21: 300 queries/s, 1 s timeout, 10 s outage, stale work still done."""
    return Cluster(
        1, 5_000_000, rate, 1 / 300, service_law="deterministic", timeout_s=1.0, abandoned_work=True,
        round_trip_s=0.0, capacity=((100.0, 0), (110.0, 1)),
    )  # fmt: skip


ONCE = Policy("fixed", retries=1, base_s=0.0)


def test_metastable_collapse() -> None:
    """At 280/s one retry keeps goodput at 0 long after the outage, with 560 attempts/s; at 140/s it recovers."""
    high = timeline(collapse(280.0), ONCE, horizon_s=1010.0, seed=1)
    assert high.mean("goodput", 20, 100) == pytest.approx(280, rel=0.02)
    assert high.mean("goodput", 950, 1010) == 0.0
    assert high.mean("offered", 950, 1010) == pytest.approx(560, rel=0.02)
    low = timeline(collapse(140.0), ONCE, horizon_s=1010.0, seed=1)
    assert low.mean("goodput", 950, 1010) == pytest.approx(140, rel=0.05)
    recovered = next(
        at for at, good in zip(low.time, low.goodput, strict=True) if at > 111 and good > 0.9 * 140
    )
    assert recovered - 110 == pytest.approx(115, abs=25)


def test_a_budget_prevents_the_collapse() -> None:
    """The same outage at 280/s with retries bounded to 2 %: goodput is back at the end."""
    from dataclasses import replace

    bounded = replace(ONCE, budget_ratio=0.02, budget_burst=5.0)
    film = timeline(collapse(280.0), bounded, horizon_s=1510.0, seed=1)
    assert film.mean("goodput", 1400, 1510) == pytest.approx(280, rel=0.05)


def test_a_film_adds_up() -> None:
    """Steps are of one length, and no more is answered or rejected than was offered."""
    film = timeline(Cluster(8, 16, 9.0, 1.0), "full_jitter", horizon_s=500.0, step_s=5.0)
    assert len(film.time) == 100
    assert film.time[-1] == pytest.approx(500.0)
    assert film.complete
    assert sum(film.goodput) + sum(film.rejected) <= sum(film.offered) + 24 / 5
    assert max(film.busy) <= 8 + 1e-9
    assert max(film.waiting) <= 16 + 1e-9
    assert set(film.as_json()) >= {"time", "goodput", "offered", "complete"}
    with pytest.raises(UsageError):
        timeline(Cluster(8, 16, 9.0, 1.0), horizon_s=1e9, step_s=1.0)
