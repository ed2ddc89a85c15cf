"""Tournament, fit and recommendation."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from deepkit.cluster import Cluster, fit, recommend, simulate, tournament
from deepkit.cluster.estimates import wilson
from deepkit.errors import UnknownNameError, UsageError
from deepkit.records import Evidence, Observation, Policy
from deepkit.retries import POLICIES

FULL = Cluster(8, 8, 9.0, 1.0, service_law="erlang", reject_s=0.01)


def seen(n: int, failures: dict[str, int], **facts: object) -> Evidence:
    """Evidence of some streamed answers."""
    all_facts = {"n": n, "ok": n - sum(failures.values()), "failures": failures, "end_s": 2.0, **facts}
    return Evidence((Observation("chat.stream", "fault" if failures else "ok", facts=all_facts),))


def test_a_few_fare_like_all_when_they_do_as_all() -> None:
    """Watched clients with the others' policy meet the same success and cost, within their errors."""
    standing = next(
        one
        for one in tournament(FULL, ["openai_sdk"], requests=20_000, seeds=range(6))
        if one.name == "openai_sdk"
    )
    assert standing.alone.success == pytest.approx(standing.everybody.success, abs=0.03)
    assert standing.alone.low <= standing.everybody.cost_s <= standing.alone.high
    assert standing.harm_s == pytest.approx(0.0, abs=1e-9)


def test_spamming_wins_for_one_and_loses_for_all() -> None:
    """Above capacity, with rejections that cost 1 %: best alone, ruinous for all, and ranked behind the fair."""
    ranking = tournament(FULL, ["spam", "openai_sdk", "full_jitter"], requests=5000, seeds=range(3))
    spam = next(one for one in ranking if one.name == "spam")
    assert spam.alone.cost_s == min(one.alone.cost_s for one in ranking)
    assert spam.everybody.cost_s == max(one.everybody.cost_s for one in ranking)
    assert not spam.fair
    assert ranking[-1] is spam


def test_an_executor_changes_nothing() -> None:
    """The same table bit for bit, in this thread and through an executor."""
    alone = tournament(FULL, ["none", "full_jitter"], requests=2000, seeds=(1, 2))
    with ThreadPoolExecutor(2) as pool:
        assert tournament(FULL, ["none", "full_jitter"], requests=2000, seeds=(1, 2), executor=pool) == alone


@pytest.mark.parametrize("load", [1.05, 1.4])
def test_the_fit_finds_the_load_again(load: float) -> None:
    """From the failures of clients of a known cluster the fit's interval holds its load."""
    truth = replace(fit(seen(10, {"http_503": 5})).cluster, arrival_rate=load * 8 / 2.0)
    share = simulate(truth, requests=40_000, seed=9).blocked
    rng = random.Random(4)
    failures = sum(rng.random() < share for _ in range(400))
    found = fit(seen(400, {"http_503": failures}))
    assert found.low <= share <= found.high
    assert found.load_low <= load * 1.02
    assert found.load_high >= load * 0.98
    assert found.load == pytest.approx(load, rel=0.15)


def test_more_answers_narrow_the_interval() -> None:
    """The same share from 200 answers leaves fewer loads than from 10."""
    few, many = fit(seen(10, {"http_503": 4})), fit(seen(200, {"http_503": 80}))
    assert many.load_high - many.load_low < few.load_high - few.load_low


def test_what_no_attempt_cures_is_not_retried() -> None:
    """An empty account gets no retries recommended, whatever its status."""
    assert recommend(seen(6, {"http_402": 6})).policy == POLICIES["none"]
    quota = seen(
        6, {"http_429": 6}, error_message="You exceeded your current quota", error_type="insufficient_quota"
    )
    assert recommend(quota).policy == POLICIES["none"]


@pytest.mark.parametrize(("n", "failures"), [(6, 2), (20, 10), (40, 36)])
def test_a_recommendation_is_fair_better_than_now_and_explained(n: int, failures: int) -> None:
    """It answers more than the SDK's default does, harms nobody much, names spamming, and is JSON."""
    advice = recommend(seen(n, {"http_503": failures}))
    assert advice.ranking[0].fair
    assert advice.expected["success"] >= advice.expected["success_now"]
    assert advice.expected["selfish"] == "spam"
    assert "Spamming wins for you and loses for all" in advice.because
    assert f"{failures} of {n}" in advice.because
    assert json.loads(json.dumps(advice.as_json()))["name"] == advice.name
    assert advice.policy.deadline_s is not None


def test_few_answers_are_never_sure() -> None:
    """Nothing measured, or hardly anything, is said to be so."""
    assert "Not sure" in recommend(Evidence()).because
    assert "Not sure" in recommend(seen(6, {"http_503": 2})).because


def test_runs_of_failures() -> None:
    """Mean length of uninterrupted failures; unknown without an order."""
    assert run_length(["http_503", "http_503", None, "http_503", None]) == 1.5
    assert run_length([None, None]) is None
    assert run_length([]) is None


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)]
)
def test_wilson(k: int, n: int, low: float, high: float) -> None:
    """Published values of the Wilson interval."""
    assert wilson(k, n) == pytest.approx((low, high), abs=1e-4)


def test_bad_input() -> None:
    """Wrong types, names and numbers are usage errors."""
    with pytest.raises(UsageError):
        recommend("busy")  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError):
        tournament(FULL, ["nosuch"])
    with pytest.raises(UsageError):
        tournament(FULL, {"bad": Policy("fixed", retries=-1)})
    with pytest.raises(UsageError):
        tournament(FULL, [], requests=2000)
    with pytest.raises(UsageError):
        tournament(FULL, ["none"], patience_s=float("nan"))
