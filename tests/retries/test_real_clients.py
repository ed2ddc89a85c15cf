"""64 real clients and the simulator: the same population gives the same figures."""

import statistics

import pytest

from benchmarks.cluster.population import POPULATION, THINK_S, measured
from benchmarks.cluster.real_clients import BUSY_S, POLICIES, distance, simulated

SECONDS = 3.0
FAR = 5.5
"""Spreads of a single run allowed: a normal one is beyond in 4e-8 of cases, these slightly skewed ones in < 1e-5."""


@pytest.mark.parametrize(
    ("name", "library", "way"),
    [("full_jitter", "httpx", "sync"), ("budgeted", "httpx2", "async"), ("hedged", "httpx2", "async")],
)
def test_real_clients_fare_as_simulated(name: str, library: str, way: str) -> None:
    """Attempts for each request and success of 64 clients lie within the spread of simulated runs."""
    for seed in (1, 2, 3):
        real = measured(POLICIES[name], SECONDS, seed, library, way)
        if real.machine.latency_s <= BUSY_S:
            break
    else:
        pytest.skip("the machine is too busy to measure on")
    runs = simulated(POLICIES[name], SECONDS, real.machine, runs=200)
    for what in ("attempts_per_request", "success"):
        mean, spread, off = distance(getattr(real.counts, what), [getattr(one, what) for one in runs])
        assert abs(off) < FAR, (what, getattr(real.counts, what), mean, spread)


def test_the_comparison_can_fail() -> None:
    """The spread is narrow enough to tell the policies apart: full jitter is no budgeted full jitter."""
    real = [one.attempts_per_request for one in simulated(POLICIES["full_jitter"], 20.0, runs=50)]
    other = [one.attempts_per_request for one in simulated(POLICIES["budgeted"], 20.0, runs=200)]
    assert abs(distance(statistics.fmean(real), other)[2]) > FAR


def test_the_population_is_the_simulators() -> None:
    """A population sends less than thinking alone would, since answers take their time, and more than half of it."""
    arrivals = statistics.fmean(one.arrivals for one in simulated(POLICIES["none"], 20.0, runs=50))
    assert 0.5 * POPULATION * 20 / THINK_S < arrivals < POPULATION * 20 / THINK_S
