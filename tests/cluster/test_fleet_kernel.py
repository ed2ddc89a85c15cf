"""The fleet's event loop itself: one kernel, nothing lost, memory and order kept, at every moment."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepkit.cluster import Fleet, Speeds, simulate_fleet
from deepkit.cluster import layout as at
from deepkit.cluster.fleet import decoding, jobs, kernel
from deepkit.cluster.fleet import layout as fl
from deepkit.cluster.fleet.lists import first, queue_of, unit_list
from deepkit.cluster.fleet.packing import packed_fleet
from deepkit.records import Policy

SMALL = Speeds(0.02, 0.001, 2e-6, 3000, 2e-4)
RETRYING = Policy("decorrelated_jitter", retries=4, base_s=0.5, budget_ratio=0.3, deadline_s=60.0)
RICH = Fleet(
    6, 4.0, prefill_share=0.34, unit_gpus=1, streams_per_gpu=40, queue=5, prompt_tokens=200.0, answer_tokens=150.0,
    length_law="lognormal", prefix_hit=0.5, context=1500, patience_s=4.0, timeout_s=30.0, clients=3,
    priorities=(0.3, 0.7), load=((40.0, 3.0), (80.0, 0.5)), capacity=((60.0, 0.5), (100.0, 1.0)), drains=False,
    policy=replace(RETRYING, guard="grpc_throttle", hedge_after_s=5.0), speeds=SMALL,
)  # fmt: skip

SLOW = replace(
    RICH,
    gpus=12,
    prefill_share=0.7,
    capacity=(),
    patience_s=None,
    speeds=replace(SMALL, prefill_token_s=6e-3),
)
"""Prompts are read for many steps, through all of which the memory that was promised to them stays free."""


def walk(n: list[int], node: int) -> list[int]:
    """The jobs of one list, from its first to its last."""
    found, job = [], first(n, node)
    while job != node:
        found.append(job)
        job = n[job + fl.NEXT]
    return found


def members(n: list[int], unit: int) -> tuple[list[int], list[int]]:
    """The jobs in a unit's batch, those about to leave included, and those that wait to join it."""
    running = [
        job for kind in range(fl.LEAVING, fl.LISTS_OF_A_UNIT) for job in walk(n, unit_list(n, unit, kind))
    ]
    return running, walk(n, unit_list(n, unit, fl.JOINING))


def check(n: list[int], x: list[float]) -> None:
    """Everything that is counted twice agrees: requests, jobs, memory and places."""
    assert n[at.ARRIVALS] == n[at.SUCCESSES] + n[at.FAILED] + n[at.INFLIGHT]
    assert n[at.ATTEMPTS] == n[at.BLOCKED] + n[at.ACCEPTED]
    queued = sum(len(walk(n, queue_of(n, rank))) for rank in range(n[at.CLASSES]))
    assert queued == n[at.WAITING]
    free = set(n[n[fl.JOB_STACK] : n[fl.JOB_STACK] + n[fl.FREE_JOBS]])
    rows = (
        n[fl.NODES] - n[at.LEAVE_ROOM] - fl.JOB_WIDTH * n[at.LEAVE_ROOM]
    )  # the stack lies between the rows and the nodes
    every = range(rows, rows + fl.JOB_WIDTH * n[at.LEAVE_ROOM], fl.JOB_WIDTH)
    reading = [job for job in every if job not in free and n[job + fl.STATE] == fl.IN_LANE]
    assert len(reading) == n[at.BUSY]
    held_somewhere = queued + len(reading)
    for unit in range(n[fl.UNITS]):
        running, joining = members(n, unit)
        coming = joining + [job for job in reading if n[job + fl.UNIT_OF] == unit]
        done = n[n[fl.DONE_STEPS] + unit]
        assert len(running) == n[n[fl.BATCH] + unit] <= n[fl.MOST_STREAMS]
        assert sum(n[job + fl.PROMPT] + n[job + fl.MADE] + done for job in running) == n[n[fl.HELD] + unit]
        assert sum(jobs.need(n, job) for job in coming) == n[n[fl.RESERVED] + unit]
        assert len(coming) == n[n[fl.COMING] + unit]
        assert n[n[fl.HELD] + unit] + n[n[fl.RESERVED] + unit] <= n[fl.MEMORY]
        held_somewhere += len(running) + len(joining)
        if joining or walk(n, unit_list(n, unit, fl.LEAVING)):
            assert n[n[fl.PLANNED] + unit] <= 1, (
                "whoever joins or leaves waits for the end of the present step only"
            )
    assert held_somewhere + n[fl.FREE_JOBS] == n[at.LEAVE_ROOM]
    assert n[fl.PEAK_KV] <= n[fl.MEMORY]


def inside_since(n: list[int], x: list[float], now: float) -> float:
    """How long the requests that are not yet over have been there, summed."""
    free = set(n[n[at.FREE_SLOTS] : n[at.FREE_SLOTS] + n[at.FREE]])
    return sum(now - x[n[at.BORN] + slot] for slot in range(n[at.LEAVE_ROOM]) if slot not in free)


@pytest.mark.parametrize("law", ["exponential", "deterministic", "lognormal"])
@pytest.mark.parametrize("ghosts", [False, True])
def test_interpreted_and_compiled_are_one(law: str, ghosts: bool) -> None:
    """Every number of a rich run is the same, bit for bit, interpreted and as machine code."""
    from deepkit.cluster.compiled import run

    fleet = replace(RICH, length_law=law, abandoned_work=ghosts)
    options: dict[str, Any] = {
        "seed": 11, "requests": 1500, "first_snap": 100, "snap_every": 100, "snaps": 20, "room": 2048,
    }  # fmt: skip
    n, x = packed_fleet(fleet, fleet.policy, **options)
    whole, floats = packed_fleet(fleet, fleet.policy, **options)
    assert kernel.run_fleet(n, x) == run(whole, floats, "run_fleet") == at.DONE
    assert min(n[at.HEDGES], n[fl.PREEMPTED], n[fl.LOST], n[at.HELD_BACK], n[at.ABANDONED]) > 0
    assert x == floats
    assert n == whole


fleets = st.builds(
    Fleet,
    gpus=st.integers(4, 9),
    arrival_rate=st.floats(0.5, 12.0),
    prefill_share=st.just(0.4),
    unit_gpus=st.just(1),
    streams_per_gpu=st.sampled_from([3, 40]),
    queue=st.sampled_from([0, 4, 1000]),
    prompt_tokens=st.floats(10.0, 400.0),
    answer_tokens=st.floats(1.0, 300.0),
    length_law=st.sampled_from(["exponential", "deterministic", "lognormal"]),
    prefix_hit=st.sampled_from([0.0, 0.6, 1.0]),
    context=st.just(1500),
    patience_s=st.sampled_from([None, 2.0]),
    timeout_s=st.sampled_from([None, 6.0]),
    abandoned_work=st.booleans(),
    priorities=st.sampled_from([(1.0,), (0.2, 0.3, 0.5)]),
    capacity=st.sampled_from([(), ((10.0, 0.0), (20.0, 1.0)), ((5.0, 0.4),)]),
    drains=st.booleans(),
    policy=st.sampled_from([Policy(), RETRYING, replace(RETRYING, hedge_after_s=1.0, budget_ratio=None)]),
    speeds=st.builds(
        Speeds,
        base_s=st.sampled_from([1e-4, 0.02]),
        stream_s=st.sampled_from([0.0, 1e-3]),
        token_s=st.sampled_from([0.0, 1e-5]),
        memory_tokens=st.sampled_from([1500, 4000, 10**6]),
        prefill_token_s=st.sampled_from([0.0, 1e-4, 1e-2]),
    ),
)


@settings(max_examples=60, deadline=None)
@given(fleet=fleets, seed=st.integers(0, 2**64 - 1))
def test_nothing_is_lost(fleet: Fleet, seed: int) -> None:
    """Requests in are those answered, failed and inside; memory, places and jobs add up; Little's law is exact."""
    n, x = packed_fleet(fleet, fleet.policy, seed=seed, requests=150, room=2048, most_events=20_000)
    assert kernel.run_fleet(n, x) in (at.DONE, at.CUT)
    check(n, x)
    now = x[at.NOW]
    spent = x[fl.SOJOURN] + inside_since(n, x, now)
    assert x[at.AREA_INFLIGHT] == pytest.approx(spent, rel=1e-9, abs=1e-6)
    assert x[fl.AREA_STEPPING] <= fleet.units * now * (1.0 + 1e-9)
    assert n[fl.DECODED] * x[fl.STREAM_STEP] <= x[fl.AREA_STEPPING] * (1.0 + 1e-9)
    if fleet.unit.memory_tokens >= 40 * fleet.context:
        assert n[fl.PREEMPTED] == 0


@pytest.mark.parametrize("fleet", [RICH, SLOW], ids=["rich", "slow"])
def test_every_moment_is_consistent(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two events of a rich run everything that is counted twice agrees."""
    true_tick: Callable[..., None] = kernel.tick
    seen = 0

    def checked_tick(n: list[int], x: list[float], now: float) -> None:
        nonlocal seen
        assert now >= x[at.NOW], "the clock never runs backwards"
        check(n, x)
        seen += 1
        true_tick(n, x, now)

    monkeypatch.setattr(kernel, "tick", checked_tick)
    n, x = packed_fleet(fleet, fleet.policy, seed=3, requests=250, room=512)
    assert kernel.run_fleet(n, x) == at.DONE
    assert seen > 500
    assert n[fl.PREEMPTED] > 0


def test_only_a_full_memory_preempts_and_the_newest_loses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A preemption finds no room for everybody's next token, and takes the last one in of the least class."""
    came: dict[int, int] = {}
    joined = preempted = 0
    true_enter, true_preempt = decoding.enter_batch, jobs.preempt

    def enter(n: list[int], x: list[float], unit: int, job: int) -> None:
        nonlocal joined
        joined += 1
        came[job] = joined
        true_enter(n, x, unit, job)

    def preempt(n: list[int], unit: int) -> None:
        nonlocal preempted
        preempted += 1
        held = n[n[fl.HELD] + unit] + n[n[fl.RESERVED] + unit]
        assert held + n[n[fl.BATCH] + unit] > n[fl.MEMORY]
        running = members(n, unit)[0]
        worst = max(n[job + fl.RANK_OF] for job in running)
        newest = max((came[job], job) for job in running if n[job + fl.RANK_OF] == worst)[1]
        true_preempt(n, unit)
        assert newest not in members(n, unit)[0]

    monkeypatch.setattr(jobs, "enter_batch", enter)
    monkeypatch.setattr(jobs, "preempt", preempt)
    fleet = replace(RICH, capacity=(), policy=Policy(), patience_s=None, timeout_s=None)
    n, x = packed_fleet(fleet, fleet.policy, seed=5, requests=200, room=512)
    assert kernel.run_fleet(n, x) == at.DONE
    assert preempted == n[fl.PREEMPTED] > 5


def test_nobody_overtakes_in_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane that gets free reads for the most important class that waits."""
    started = 0
    true_start = jobs.start_reading

    def start(n: list[int], x: list[float], job: int, unit: int, now: float) -> None:
        nonlocal started
        started += 1
        for rank in range(n[job + fl.RANK_OF]):
            assert not walk(n, queue_of(n, rank))
        true_start(n, x, job, unit, now)

    monkeypatch.setattr(jobs, "start_reading", start)
    monkeypatch.setattr(kernel, "start_reading", start)
    n, x = packed_fleet(RICH, RICH.policy, seed=7, requests=200, room=512)
    assert kernel.run_fleet(n, x) == at.DONE
    assert started > 100


def test_jumps_are_steps() -> None:
    """Steps done in one go take the time, and leave the areas, of the same steps done one by one."""
    n, x = packed_fleet(RICH, RICH.policy, seed=1, room=16)
    m, y = n[:], x[:]
    for whole in (n, m):
        whole[whole[fl.BATCH]], whole[whole[fl.HELD]], whole[whole[fl.PLANNED]] = 7, 900, 100
    decoding.glide(n, x, 0, 100)
    for _ in range(100):
        decoding.glide(m, y, 0, 1)
    assert n == m
    assert x == pytest.approx(y, rel=1e-12)
    for steps in (1, 50, 100):
        p, z = packed_fleet(RICH, RICH.policy, seed=1, room=16)
        p[p[fl.BATCH]], p[p[fl.HELD]], p[p[fl.PLANNED]] = 7, 900, 100
        until = decoding.duration(p, z, 0, steps)
        assert decoding.whole_steps(p, z, 0, until) == steps
        assert decoding.whole_steps(p, z, 0, until * (1 - 1e-9)) == steps - 1


def test_seeds_decide() -> None:
    """Equal seeds give equal outcomes, different seeds different ones, and time taken is no part of them."""
    first_run, again, other = (
        replace(simulate_fleet(RICH, requests=1000, seed=seed), events_per_s=0.0) for seed in (5, 5, 6)
    )
    assert first_run.as_json() == again.as_json()
    assert first_run.as_json() != other.as_json()


def test_each_kernel_is_prepared_alone() -> None:
    """The plain cluster never waits for the fleet's machine code: their files and code differ."""
    from deepkit.cluster.compiled import PROGRAMS
    from deepkit.cluster.machine import place

    assert place(PROGRAMS["run"]) != place(PROGRAMS["run_fleet"])
    names = [
        name
        for module in map(import_module, PROGRAMS["run_fleet"].modules)
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__ and callable(value)
    ]
    assert len(names) == len(set(names)), "two functions of the fleet's kernel bear one name"
