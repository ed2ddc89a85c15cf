"""A simulated run as a whole: seeds, bad input, no surprise."""

import math
import statistics
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from deepkit.cluster import Cluster, simulate
from deepkit.cluster.engine import NO_ROOM, Run, Snapshot, run
from deepkit.cluster.engine.layout import Result
from deepkit.cluster.engine.module import Instance
from deepkit.cluster.engine.parameters import described
from deepkit.errors import UnknownNameError, UsageError
from deepkit.records import Policy
from deepkit.retries import POLICIES

BASE = Cluster(8, 16, 9.0, 1.0)
RICH = Cluster(
    6, 9, 7.0, 1.0, service_law="lognormal", patience_s=3.0, timeout_s=6.0, abandoned_work=True,
    failure_share=0.05, reject_s=0.01, clients=5, priorities=(0.3, 0.7), load=((20.0, 2.0), (40.0, 0.5)),
    capacity=((30.0, 2), (50.0, 6)),
    policy=Policy("decorrelated_jitter", retries=4, base_s=0.5, budget_ratio=0.3, deadline_s=60.0),
)  # fmt: skip


def test_seeds_decide() -> None:
    """Equal seeds give equal outcomes, different seeds different ones, and time taken is no part of them."""
    first, again, other = (
        replace(simulate(RICH, requests=2000, seed=seed), events_per_s=0.0) for seed in (5, 5, 6)
    )
    assert first.as_json() == again.as_json()
    assert first.as_json() != other.as_json()


def test_importing_loads_nothing_heavy() -> None:
    """Building a Cluster loads no WebAssembly runtime, and a run loads no numpy."""
    code = (
        "import sys; from deepkit.cluster import Cluster; one = Cluster(1, 1, 1.0, 1.0);"
        "assert not {'wasmtime', 'numpy'} & set(sys.modules);"
        "from deepkit.cluster import simulate, timeline; simulate(one, requests=100);"
        "timeline(one, horizon_s=10.0);"
        "assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize(
    "bad",
    [
        {"servers": 0}, {"servers": -1}, {"servers": 1.5}, {"servers": True}, {"servers": 10**9},
        {"queue": -1}, {"arrival_rate": 0.0}, {"arrival_rate": -2.0}, {"arrival_rate": math.nan},
        {"arrival_rate": math.inf}, {"service_s": 0.0}, {"service_s": math.nan}, {"service_s": -1.0},
        {"patience_s": 0.0}, {"patience_s": math.inf}, {"timeout_s": -1.0}, {"failure_share": 1.5},
        {"reject_s": -1.0}, {"clients": 0}, {"priorities": ()}, {"priorities": (0.5, 0.6)},
        {"priorities": (math.nan,)}, {"load": ((2.0, 1.0), (1.0, 1.0))}, {"load": ((0.0, -1.0),)},
        {"capacity": ((-1.0, 3),)}, {"service_law": "hyperexponential", "service_cv": 0.5},
        {"service_law": "empirical"}, {"service_law": "empirical", "service_samples": (1.0, math.nan)},
        {"policy": Policy("fixed", retries=-1)}, {"policy": Policy("ladder", retries=2)},
        {"population": 5}, {"think_s": 1.0}, {"population": 5, "think_s": 1.0},
        {"arrival_rate": 0.0, "population": 0, "think_s": 1.0},
        {"arrival_rate": 0.0, "population": 2.5, "think_s": 1.0},
        {"arrival_rate": 0.0, "population": 10**9, "think_s": 1.0},
        {"arrival_rate": 0.0, "population": 5, "think_s": 0.0},
        {"arrival_rate": 0.0, "population": 5, "think_s": math.nan},
        {"arrival_rate": 0.0, "population": 5, "think_s": 1.0, "clients": 2},
    ],
)  # fmt: skip
def test_bad_clusters_are_refused(bad: dict[str, Any]) -> None:
    """Negative, NaN, infinite, huge and zero numbers are usage errors, never a run."""
    with pytest.raises(UsageError):
        replace(BASE, **bad)


def test_unknown_names_name_the_known() -> None:
    """A misspelt law or policy gets the close one suggested."""
    with pytest.raises(UnknownNameError, match="lognormal"):
        replace(BASE, service_law="log-normal")
    with pytest.raises(UnknownNameError, match="full_jitter"):
        simulate(BASE, "full_jiter")


@pytest.mark.parametrize("requests", [0, -5, 99, 10**10, 1.5, True])
def test_bad_sizes_are_refused(requests: Any) -> None:
    """The number of requests is a whole number in bounds."""
    with pytest.raises(UsageError):
        simulate(BASE, requests=requests)


def test_an_unstable_cluster_says_so() -> None:
    """More load than capacity with endless room is reported as unstable, within bounded time."""
    outcome = simulate(Cluster(8, 10_000_000, 9.6, 1.0), requests=50_000)
    assert not outcome.stable
    assert "stable" in outcome.note
    assert simulate(Cluster(8, 10_000_000, 6.4, 1.0), requests=50_000).stable


def test_retrying_without_end_is_cut_short() -> None:
    """Clients that retry at once and for ever against a full cluster do not make a run endless."""
    outcome = simulate(replace(BASE, arrival_rate=20.0, round_trip_s=0.0), "tenacity", requests=1000)
    assert not outcome.stable
    assert "Cut short" in outcome.note
    assert outcome.events <= 1_300_000


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_preset_runs(policy: str) -> None:
    """Each named policy runs, its shares are shares, and its JSON holds no NaN."""
    outcome = simulate(BASE, policy, requests=5000)
    for name in ("blocked", "wait_probability", "success", "utilisation"):
        assert 0.0 <= getattr(outcome, name) <= 1.0 + 1e-9
    assert outcome.attempts_per_request >= 0.99
    assert all(value is None or value == value for value in outcome.as_json().values())


def test_rejections_that_cost_take_from_the_served() -> None:
    """When saying no takes server time, an overloaded cluster answers fewer."""
    free = simulate(replace(BASE, arrival_rate=30.0), requests=50_000)
    dear = simulate(replace(BASE, arrival_rate=30.0, reject_s=0.1), requests=50_000)
    assert dear.goodput < 0.9 * free.goodput


def test_abandoned_work_wastes_servers() -> None:
    """Above capacity, work done for clients that have left costs answers."""
    kind = replace(BASE, arrival_rate=16.0, queue=200, timeout_s=5.0)
    assert simulate(replace(kind, abandoned_work=True), requests=30_000).goodput < 0.5 * simulate(
        kind, requests=30_000
    ).goodput  # fmt: skip


def test_more_important_classes_wait_less() -> None:
    """In the non-preemptive priority queue M/M/1 the mean wait is Cobham's mixture of the classes' waits.

    Work conservation: with equal service the mean over classes equals that of one queue.
    """
    one = simulate(Cluster(1, 10_000_000, 0.7, 1.0), requests=400_000, seed=3)
    two = simulate(Cluster(1, 10_000_000, 0.7, 1.0, priorities=(0.5, 0.5)), requests=400_000, seed=3)
    assert two.mean_wait == pytest.approx(one.mean_wait, rel=0.05)


def test_each_of_a_closed_population_has_its_own_budget() -> None:
    """Without earnings a population spends all of its purses and no more: burst x clients retries."""
    cluster = Cluster(1, 0, service_s=1e6, population=8, think_s=1.0, round_trip_s=0.0)
    policy = Policy("fixed", retries=5, base_s=0.001, budget_ratio=0.0, budget_burst=3.0)
    end = run(cluster, policy, Run(seed=1, horizon_s=1000.0)).snapshots[-1]
    assert end.attempts - end.arrivals == 7 * 3  # the eighth holds the only server


def test_a_run_that_outgrows_its_memory_begins_anew() -> None:
    """However many requests pile up, the figures are those of a run with room from the beginning; memory has an end."""
    crowd = Cluster(8, 10_000_000, 40.0, 1.0)
    end = run(crowd, Policy(), Run(seed=3, requests=50_000)).snapshots[-1]
    assert end.arrivals == 50_000
    assert end.arrivals - end.successes > 16 * 1024
    again = Instance(described(crowd, Policy(), Run(seed=3, requests=50_000)))
    (result,) = again.read(Result, again.call("run", 1 << 18), 1)
    assert again.read(Snapshot, result.snapshots_at, 1)[0] == end
    hopeless = Instance(described(BASE, Policy(), Run(changes=1_000_000)))
    (result,) = hopeless.read(Result, hopeless.call("run", 1 << 24), 1)
    assert result.end == NO_ROOM


@pytest.mark.parametrize(("wait_s", "requests"), [(30.0, 60_000), (0.5, 20_000)])
def test_standard_errors_hold_for_slow_retries_or_say_so(wait_s: float, requests: int) -> None:
    """Over seeds the spread of a figure is its printed standard error, unless the run says that it is too short."""
    policy = Policy("fixed", retries=4, base_s=wait_s)
    house = Cluster(8, 8, 8.4, 1.0)
    runs = [simulate(house, policy, requests=requests, seed=seed) for seed in range(40)]
    assert not any("Standard errors" in one.note for one in runs)
    spread = statistics.stdev(one.blocked for one in runs)
    assert spread / statistics.mean(one.errors["blocked"] for one in runs) == pytest.approx(1.05, abs=0.4)
    short = simulate(house, Policy("fixed", retries=4, base_s=300.0), requests=5_000)
    assert "Standard errors are too small" in short.note
