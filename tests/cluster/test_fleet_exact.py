"""The fleet against exact results and laws, within four standard errors over seeds where chance has a part."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from deepkit.cluster import FLEETS, Fleet, FleetOutcome, Speeds, fleet_named, fleet_timeline, simulate_fleet
from deepkit.errors import UnknownNameError, UsageError
from deepkit.records import Policy

SEEDS = range(6)
PROCESSOR = Speeds(0.0, 1e-4, 0.0, 10**9, 0.0)
"""A unit that shares one pace among its streams: 10,000 tokens a second, nothing else costs time."""
SHARED = Fleet(
    2, 8.0, unit_gpus=1, streams_per_gpu=100_000, queue=100_000, prompt_tokens=1.0, answer_tokens=1000.0,
    context=1_000_000, speeds=PROCESSOR,
)  # fmt: skip
READING = Fleet(
    2, 0.8, unit_gpus=1, queue=1_000_000, prompt_tokens=1000.0, answer_tokens=1.0, context=1_000_000,
    speeds=Speeds(0.0, 1e-6, 0.0, 10**9, 1e-3),
)  # fmt: skip
TIGHT = Fleet(
    8, 6.0, unit_gpus=2, queue=30, prompt_tokens=600.0, answer_tokens=300.0, context=8000, streams_per_gpu=64,
    speeds=Speeds(0.01, 5e-4, 1e-6, 20_000, 2e-4),
)  # fmt: skip


def runs(fleet: Fleet, requests: int = 20_000, **options: Any) -> list[FleetOutcome]:
    """Independent runs."""
    return [simulate_fleet(fleet, requests=requests, seed=seed, **options) for seed in SEEDS]


def mean_and_error(outcomes: Sequence[FleetOutcome], name: str) -> tuple[float, float]:
    """The mean of a figure over seeds, and its standard error."""
    values = [getattr(outcome, name) for outcome in outcomes]
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(
        math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)
    )


def agrees(outcomes: Sequence[FleetOutcome], name: str, truth: float, share: float) -> None:
    """The mean lies within 4 standard errors and a stated share of the truth, and the error can tell."""
    mean, error = mean_and_error(outcomes, name)
    assert abs(mean - truth) <= 4.0 * error + share * truth, f"{name}: {mean} ± {error}, exact {truth}"
    assert error <= 0.05 * truth, f"{name} ± {error} cannot decide about {truth}"


@pytest.mark.parametrize("law", ["exponential", "deterministic"])
@pytest.mark.parametrize("rho", [0.5, 0.8])
def test_processor_sharing(law: str, rho: float) -> None:
    """When a step takes as long as its batch is large, E[T | x] = x / (1 - rho), whatever the law (M/G/1-PS).

    One per cent is allowed for the end of the present step, which a newcomer waits for.
    """
    outcomes = runs(replace(SHARED, arrival_rate=10.0 * rho, length_law=law))
    exact = 0.1 / (1.0 - rho)
    agrees(outcomes, "time_to_success", exact, 0.01)
    agrees(outcomes, "inter_token_s", exact / 1000.0, 0.01)
    agrees(outcomes, "streams", rho / (1.0 - rho), 0.01)


@pytest.mark.parametrize(("law", "squared_cv"), [("exponential", 1.0), ("deterministic", 0.0)])
def test_reading_alone_is_a_single_server(law: str, squared_cv: float) -> None:
    """With one lane and nothing to write, the first token takes the service and the wait of M/G/1."""
    outcomes = runs(replace(READING, length_law=law))
    agrees(outcomes, "first_token_s", 1.0 + 0.8 * (1.0 + squared_cv) / (2.0 * (1.0 - 0.8)), 0.001)
    agrees(outcomes, "prefill_utilisation", 0.8, 0.002)


def test_cached_prefixes_are_not_read() -> None:
    """A prefix cache that holds 60 % of every prompt takes 60 % off the lanes' work."""
    agrees(runs(replace(READING, prefix_hit=0.6)), "prefill_utilisation", 0.8 * 0.4, 0.005)


def test_littles_law_of_the_batch() -> None:
    """Streams are the rate of answers times the time that an answer is being written."""
    outcomes = runs(replace(fleet_named("deepseek_noon"), arrival_rate=90.0), 20_000)
    for outcome in outcomes:
        tokens_per_answer = 1080.1
        written = outcome.inter_token_s * outcome.goodput * (tokens_per_answer - 1.0)
        assert outcome.streams == pytest.approx(written, rel=0.05)


def test_kv_length_behind_a_token() -> None:
    """A token of output meets the prompt and, an answer being met by its length, E[n^2] / 2 E[n] of its answer."""
    for law, half in (("exponential", 1.0), ("deterministic", 0.5)):
        fleet = replace(TIGHT, arrival_rate=1.0, length_law=law)
        agrees(runs(fleet, 10_000), "kv_length", 600.0 + 300.0 * half, 0.005)
        assert fleet.kv_length == 600.0 + 300.0 * half


@pytest.mark.parametrize("rate", [1.0, 6.0, 40.0])
def test_no_unit_writes_faster_than_it_can(rate: float) -> None:
    """Tokens a second never exceed what units of full memory write, nor the use of anything its whole."""
    outcome = simulate_fleet(replace(TIGHT, arrival_rate=rate), requests=5000)
    assert outcome.decoded_per_s * TIGHT.unit.stream_s <= TIGHT.units
    assert 0.0 < outcome.kv_share <= 1.0
    assert outcome.decode_utilisation <= 1.0 + 1e-4  # the counted time may begin within a step
    assert outcome.prefill_utilisation <= 1.0 + 1e-9


def test_memory_is_the_limit_when_it_is_full() -> None:
    """Far above capacity memory is full, requests are rejected, and answers come at the predicted pace."""
    fleet = replace(TIGHT, arrival_rate=60.0)
    outcome = simulate_fleet(fleet, requests=30_000)
    assert outcome.kv_share > 0.9
    assert outcome.preemptions > 0.0
    capacity = fleet.arrival_rate / fleet.utilisation
    assert outcome.goodput == pytest.approx(capacity, rel=0.15)


CHANGES = (
    {"gpus": 16}, {"gpus": 64}, {"queue": 300}, {"speeds": replace(TIGHT.unit, memory_tokens=40_000)},
    {"speeds": replace(TIGHT.unit, base_s=0.005, stream_s=2.5e-4, token_s=5e-7)}, {"prefix_hit": 0.5},
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("rate", [12.0, 30.0])
def test_more_never_rejects_more(change: dict[str, Any], rate: float) -> None:
    """More GPUs, memory, speed, places or cached prefixes never raise rejection under the same arrivals."""
    poor = replace(TIGHT, arrival_rate=rate)
    for seed in range(3):
        before = simulate_fleet(poor, requests=8000, seed=seed)
        after = simulate_fleet(replace(poor, **change), requests=8000, seed=seed)
        assert before.rejected > 0.0
        assert after.rejected <= before.rejected + 3.0 * math.hypot(
            before.errors["rejected"], after.errors["rejected"]
        )


def test_the_levers_of_the_outlook() -> None:
    """FP8 relieves a busy fleet against FP16, and so do H200s against H800s; neither is undone by its sibling."""
    busy = replace(fleet_named("deepseek_noon"), arrival_rate=260.0)
    rejected = {
        (gpu, precision): simulate_fleet(
            replace(busy, gpu=gpu, precision=precision), requests=20_000
        ).rejected
        for gpu in ("H800", "H200")
        for precision in ("fp16", "mixed", "fp8")
    }
    for gpu in ("H800", "H200"):
        assert rejected[gpu, "fp16"] > rejected[gpu, "mixed"] >= rejected[gpu, "fp8"]
    for precision in ("fp16", "mixed", "fp8"):
        assert rejected["H800", precision] >= rejected["H200", precision]


def test_longer_context_leaves_fewer_places() -> None:
    """Twice the prompts halve the answers that memory holds, and more requests are rejected."""
    short, long = (
        simulate_fleet(replace(TIGHT, arrival_rate=20.0, prompt_tokens=tokens), requests=8000)
        for tokens in (600.0, 1800.0)
    )
    assert long.rejected > short.rejected + 0.05
    assert long.streams < short.streams


def test_priority_comes_first() -> None:
    """A class that is served first waits less for its first token; the others pay for it."""
    fleet = replace(TIGHT, arrival_rate=20.0, priorities=(0.2, 0.3, 0.5))
    high, middle, low = simulate_fleet(fleet, requests=20_000).tiers
    assert high.first_token_s
    assert middle.first_token_s
    assert low.first_token_s
    assert high.first_token_s < middle.first_token_s < low.first_token_s
    everybody = simulate_fleet(replace(fleet, priorities=(1.0,)), requests=20_000)
    assert high.first_token_s < everybody.first_token_s < low.first_token_s
    assert high.requests + middle.requests + low.requests == 20_000


def test_retrying_raises_load_and_success() -> None:
    """Retries cost attempts; the fleet's own work for clients that have left is counted as waste."""
    fleet = replace(TIGHT, arrival_rate=3.2, queue=2)
    plain = simulate_fleet(fleet, requests=10_000)
    again = simulate_fleet(fleet, "full_jitter", requests=10_000)
    assert plain.attempts_per_request == 1.0
    assert again.attempts_per_request > 1.05
    assert again.success > plain.success
    left = simulate_fleet(replace(fleet, timeout_s=8.0, abandoned_work=True), "full_jitter", requests=10_000)
    kind = simulate_fleet(replace(fleet, timeout_s=8.0), "full_jitter", requests=10_000)
    assert left.wasted_share > kind.wasted_share > 0.0
    assert left.goodput < kind.goodput


def test_an_outage_and_its_recovery() -> None:
    """While no unit is there nothing is answered; what ran is begun anew, and everybody is served afterwards."""
    fleet = replace(
        TIGHT, arrival_rate=2.2, queue=10_000, drains=False, capacity=((200.0, 0.0), (260.0, 1.0))
    )
    film = fleet_timeline(fleet, horizon_s=600.0, step_s=20.0)
    at = {round(time): place for place, time in enumerate(film.time)}
    assert film.complete
    assert film.goodput[at[240]] == film.tokens[at[240]] == film.kv_share[at[240]] == 0.0
    assert film.waiting[at[260]] > 80.0
    assert film.goodput[at[300]] > 2.5
    assert film.waiting[at[600]] < 10.0
    assert len({len(column) for column in film.as_json().values() if isinstance(column, list)}) == 1
    outcome = simulate_fleet(fleet, hours=600 / 3600)
    assert outcome.reread_tokens_per_s > 0.0
    assert outcome.success == 1.0


def test_an_unstable_fleet_says_so() -> None:
    """More load than capacity with endless room is reported as unstable, within bounded time."""
    outcome = simulate_fleet(replace(TIGHT, arrival_rate=60.0, queue=10_000_000), requests=20_000)
    assert not outcome.stable
    assert "times what the fleet can do" in outcome.note
    assert simulate_fleet(replace(TIGHT, arrival_rate=2.5, queue=10_000_000), requests=20_000).stable


def test_retrying_without_end_is_cut_short() -> None:
    """Clients that retry at once and for ever against a full fleet do not make a run endless."""
    fleet = replace(TIGHT, arrival_rate=60.0, round_trip_s=0.0)
    outcome = simulate_fleet(fleet, "tenacity", requests=200)
    assert not outcome.stable
    assert "Cut short" in outcome.note


@pytest.mark.parametrize(
    "bad",
    [
        {"gpus": 0}, {"gpus": 1.5}, {"gpus": True}, {"gpus": 10**9}, {"gpus": 1}, {"arrival_rate": 0.0},
        {"arrival_rate": -1.0}, {"arrival_rate": math.nan}, {"arrival_rate": math.inf}, {"gpu": "H900"},
        {"precision": "fp4"}, {"prefill_share": 0.0}, {"prefill_share": 1.0}, {"prefill_share": math.nan},
        {"unit_gpus": 0}, {"unit_gpus": 500}, {"sharded_over": 0}, {"sharded_over": 1}, {"lane_gpus": 0},
        {"streams_per_gpu": 0}, {"queue": -1}, {"prompt_tokens": 0.0}, {"prompt_tokens": math.nan},
        {"prompt_tokens": 1e9}, {"answer_tokens": -1.0}, {"answer_tokens": math.inf}, {"length_law": "normal"},
        {"length_law": "lognormal", "length_cv": math.nan}, {"prefix_hit": 1.5}, {"context": 1},
        {"context": 90_000_000}, {"patience_s": 0.0}, {"timeout_s": -1.0}, {"round_trip_s": -1.0}, {"clients": 0},
        {"priorities": ()}, {"priorities": (0.5, 0.6)}, {"load": ((2.0, 1.0), (1.0, 1.0))},
        {"load": ((0.0, -1.0),)}, {"capacity": ((0.0, 1.5),)}, {"capacity": ((math.nan, 1.0),)},
        {"policy": Policy("fixed", retries=-1)},
    ],
    ids=str,
)  # fmt: skip
def test_bad_fleets_are_refused(bad: dict[str, Any]) -> None:
    """Negative, NaN, infinite, huge and zero numbers, and weights that do not fit, are usage errors, never a run."""
    with pytest.raises(UsageError):
        replace(fleet_named("deepseek_noon"), **bad)


@pytest.mark.parametrize(
    "bad",
    [
        (0.0, 0.0, 0.0, 100, 0.0), (-1.0, 1.0, 0.0, 100, 0.0), (math.nan, 1.0, 0.0, 100, 0.0),
        (1.0, math.inf, 0.0, 100, 0.0), (1.0, 1.0, 0.0, 0, 0.0), (1.0, 1.0, 0.0, 5.5, 0.0), (1.0, 1.0, 0.0, True, 0.0),
    ],
)  # fmt: skip
def test_bad_speeds_are_refused(bad: tuple[Any, ...]) -> None:
    """A step takes some time, and memory is a whole number of tokens."""
    with pytest.raises(UsageError):
        Speeds(*bad)


@pytest.mark.parametrize(
    "options",
    [
        {"requests": 0}, {"requests": 99}, {"requests": 1.5}, {"requests": True}, {"requests": 10**10},
        {"hours": 0.0}, {"hours": -1.0}, {"hours": math.nan}, {"hours": math.inf}, {"hours": 1e8}, {"hours": 1e-4},
    ],
    ids=str,
)  # fmt: skip
def test_bad_sizes_are_refused(options: dict[str, Any]) -> None:
    """The length of a run is in bounds, and long enough to fill the fleet."""
    with pytest.raises(UsageError):
        simulate_fleet(TIGHT, **options)


def test_bad_films_are_refused() -> None:
    """A film has a positive length and a bounded number of steps."""
    for options in (
        {"horizon_s": 0.0},
        {"horizon_s": 10.0, "step_s": 20.0},
        {"horizon_s": 1e9, "step_s": 1.0},
    ):
        with pytest.raises(UsageError):
            fleet_timeline(TIGHT, **options)  # type: ignore[arg-type]


def test_unknown_names_name_the_known() -> None:
    """A misspelt preset, GPU, precision or law gets the close one suggested."""
    with pytest.raises(UnknownNameError, match="deepseek_day"):
        fleet_named("deepseek_dya")
    with pytest.raises(UnknownNameError, match="H200"):
        replace(TIGHT, speeds=None, gpu="H20")
    with pytest.raises(UnknownNameError, match="lognormal"):
        replace(TIGHT, length_law="lognorm")


@pytest.mark.parametrize("name", FLEETS)
def test_presets_run(name: str) -> None:
    """Every preset has a sentence, is bounded, and its outcome is plain JSON without a NaN."""
    import json

    sentence, fleet = FLEETS[name]
    assert sentence.endswith(".")
    outcome = simulate_fleet(replace(fleet, load=(), capacity=()), requests=1000)
    assert json.loads(json.dumps(outcome.as_json(), allow_nan=False))["requests"] >= 1000
