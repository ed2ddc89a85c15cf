"""Tournament, fit and recommendation."""

import html
import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from deepkit.cluster import Cluster, fit, recommend, simulate, tournament
from deepkit.cluster.advice import Recommendation
from deepkit.cluster.fitting import loaded
from deepkit.errors import UnknownNameError, UsageError
from deepkit.history import Entry
from deepkit.records import Evidence, Policy
from deepkit.retries import POLICIES, retry_layers
from tests.observed import observed

FULL = Cluster(8, 8, 9.0, 1.0, service_law="erlang", reject_s=0.01)


def seen(n: int, failures: dict[str, int], **facts: object) -> Evidence:
    """Evidence of some streamed answers."""
    all_facts = {"n": n, "ok": n - sum(failures.values()), "failures": failures, "end_s": 2.0, **facts}
    return Evidence((observed("chat.stream", "fault" if failures else "ok", **all_facts),))


@cache
def advised(n: int, failures: int) -> Recommendation:
    """The recommendation from so many answers."""
    return recommend(seen(n, {"http_503": failures} if failures else {}))


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
    truth = loaded(fit(seen(10, {"http_503": 5})).cluster, load)
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
    advice = advised(n, failures)
    assert advice.ranking[0].fair
    assert advice.expected["success"] >= advice.expected["success_now"]
    assert advice.expected["selfish"] == "spam"
    assert "Spamming wins for you and loses for all" in advice.because
    assert f"{failures} of {n}" in advice.because
    assert json.loads(json.dumps(advice.as_json()))["name"] == advice.name
    assert advice.policy.deadline_s is not None
    assert advice.policy.honour_retry_after


def test_few_answers_are_never_sure() -> None:
    """Nothing measured, or hardly anything, is said to be so."""
    assert "Not sure" in recommend(Evidence()).because
    assert "Not sure" in advised(6, 2).because


def test_an_outage_widens_the_interval() -> None:
    """The same share of failures leaves more loads open when they came in one run."""
    mixed = [None, "http_503"] * 10
    lumped = [None] * 10 + ["http_503"] * 10
    by_turns = fit(seen(20, {"http_503": 10}, sequence=mixed))
    in_a_row = fit(seen(20, {"http_503": 10}, sequence=lumped))
    assert in_a_row.worth < 5 < by_turns.worth
    assert in_a_row.load_low < by_turns.load_low
    assert in_a_row.load_high > by_turns.load_high


def test_service_is_what_is_left_of_an_answer_without_its_wait() -> None:
    """The fitted cluster's answers take as long as the measured ones, its wait in the queue included."""
    found = fit(seen(200, {"http_503": 80}, latencies_s=[3.0] * 120))
    again = simulate(found.cluster, requests=40_000, seed=3)
    assert found.cluster.service_s < 3.0
    assert found.cluster.service_s + again.mean_wait == pytest.approx(3.0, rel=0.1)


def test_every_world_explains_the_failures() -> None:
    """In each world the others' attempts fail as often as was measured."""
    found = fit(seen(200, {"http_503": 80}))
    for world in found.worlds:
        again = simulate(world.cluster, world.others, requests=40_000, seed=3)
        assert again.blocked == pytest.approx(0.4, abs=0.1), world.assumption  # steep where all retry at once


def test_recent_history_counts() -> None:
    """Answers of the last hour are evidence, older ones and those of the web are not."""
    now = replace(seen(6, {"http_503": 3}), at=10_000.0)
    entries = [Entry(at, "x", "api", at % 2 == 0, "http_503" if at % 2 else None, None, 2.0) for at in
               (100.0, *(9_000.0 + one for one in range(20)))]  # fmt: skip
    entries.append(Entry(9_500.0, "x", "web", ok=False, failure="http_503"))
    found = fit(now, history=entries)
    assert (found.n, found.failures) == (26, 13)
    assert fit(now).n == 6


def test_sure_only_if_every_world_agrees() -> None:
    """With many answers it says sure exactly when the policy is as good in all worlds, and names what would change it."""
    for n, failures in ((40, 0), (20, 10)):
        advice = advised(n, failures)
        agreed = all(one.as_good for one in advice.tried)
        assert ("Sure:" in advice.because) == agreed
        assert ("Not quite sure" in advice.because) == (not agreed)
        assert advice.expected["agreement"] == sum(one.as_good for one in advice.tried) / len(advice.tried)
        assert "Assumed, not measured" in advice.because


def test_it_prints_and_ends_in_one_line() -> None:
    """The text ends in the line to copy, the page shows the same, and nothing in it is markup of ours."""
    advice = advised(20, 10)
    *_, last = repr(advice).splitlines()
    assert last == advice.code["openai 3.x"]
    assert advice.because in repr(advice)
    assert html.escape(last) in advice._repr_html_()
    assert "\n" not in "".join(advice.code.values())


def test_the_lines_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line, run after its imports, makes a client that obeys the recommended policy."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    advice = advised(20, 10)
    for client, line in advice.code.items():
        if client == "openai 1.x":
            compile(line, client, "exec")  # that SDK cannot stand beside 3.x; tests/sandbox runs it elsewhere
            continue
        names: dict[str, Any] = {"asking": lambda: "answer"}
        exec("import deepkit.retries, httpx, httpx2, openai, tenacity\n" + line, names)
        if client == "tenacity":
            assert names["asking"]() == "answer"
            continue
        layers = retry_layers(names["client"])
        assert [layer.attempts for layer in layers] == [advice.policy.retries + 1], client
        names["client"].close()


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
