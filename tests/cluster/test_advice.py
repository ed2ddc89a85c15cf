"""Tournament, fit and recommendation."""

import html
import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from deepkit.causes import CAUSES, Cause
from deepkit.cluster import Cluster, fit, recommend, simulate, tournament
from deepkit.cluster.advice import Recommendation
from deepkit.cluster.explanation import because
from deepkit.cluster.worlds import loaded
from deepkit.errors import UnknownNameError, UsageError
from deepkit.facts import incidents
from deepkit.history import Entry
from deepkit.records import Diagnosis, Evidence, Policy
from deepkit.retries import POLICIES, policy_delays, retry_layers
from deepkit.retries.outages import shares, time_left
from deepkit.retries.waiting import in_vain
from tests.cluster.advised_worlds import judged
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


def test_what_no_wait_cures_is_not_retried() -> None:
    """An empty account or a refused connection gets no retries and a plain reason, whatever its status."""
    broke = recommend(seen(6, {"http_402": 6}))
    assert broke.policy == POLICIES["none"]
    assert broke.because == (
        "Waiting will not help: the account had no balance left 6 times, for a reason that does not pass."
    )
    assert repr(broke).splitlines() == ["Do not retry.", broke.because]
    quota = seen(
        6, {"http_429": 6}, error_message="You exceeded your current quota", error_type="insufficient_quota"
    )
    assert recommend(quota).policy == POLICIES["none"]
    assert "the connection was refused 7 times" in recommend(seen(7, {"connection_refused": 7})).because
    assert recommend(seen(12, {"http_402": 1, "http_503": 5})).expected["waiting_helps"]


@pytest.mark.parametrize("cause", CAUSES, ids=lambda one: one.name)
def test_the_diagnosis_speaks_first(cause: Cause) -> None:
    """A verdict that no wait cures ends the advice, also where the failures look like a full server."""
    said = in_vain(seen(6, {"http_503": 6}), Diagnosis(cause.name, cause.whose))
    assert (said is None) == bool({"backoff", "off_peak"} & set(cause.fixes))
    assert in_vain(seen(6, {"http_503": 6}), Diagnosis("inconclusive", "unknown")) is None


def test_a_stale_address_is_not_waited_for() -> None:
    """What the diagnosis found is the reason that is given."""
    advice = recommend(seen(6, {"http_503": 6}), diagnosis=Diagnosis("dns_stale", "network"))
    assert advice.because == "Waiting will not help: your lookup gives an old address; a fresh one works."
    assert advice.policy.retries == 0


def test_a_dead_server_is_an_outage() -> None:
    """Forty of forty failed: wait, ask rarely, hear when it is back, with the time left of such outages."""
    advice = advised(40, 40)
    assert advice.expected["sure"]
    assert advice.expected["outage"] > 0.95
    assert repr(advice).startswith("Wait, ask rarely.")
    assert "four in five within" in advice.because
    assert "`deepkit watch`" in advice.because
    waits = list(policy_delays(advice.policy, random.Random(1)))
    assert len(waits) < 60
    assert min(waits[8:]) > 120.0
    assert json.loads(json.dumps(advice.as_json()))["expected"]["time_left"]["n"] >= 5


def test_the_time_left_is_that_of_outages_that_lasted_as_long() -> None:
    """Half of the record's longer outages end within the half, four in five within the most; none, none is told."""
    lasting = [
        60 * one.minutes
        for one in incidents()
        if "API" in one.service and one.worst_status[:4] in ("full", "part")
    ]
    for lasted in (0.0, 600.0, 3600.0):
        left = time_left(lasted)
        assert left is not None
        longer = [one - lasted for one in lasting if one > lasted]
        assert left.n == len(longer)
        assert sum(one <= left.half_s for one in longer) >= len(longer) / 2 - 1
        assert sum(one <= left.most_s for one in longer) >= 0.8 * len(longer)
    assert time_left(1e9) is None


def test_an_hour_of_failures_in_the_history_counts_as_lasted() -> None:
    """An outage has lasted since the first failure after the last answer, of the history too."""
    entries = [
        Entry(9_000.0 + 60 * k, "x", "api", ok=k < 3, failure=None if k < 3 else "http_503")
        for k in range(16)
    ]
    found = fit(replace(seen(20, {"http_503": 20}, sequence=["http_503"] * 20), at=10_000.0), history=entries)
    assert found.lasted_s == pytest.approx(10_000.0 - 9_180.0)
    assert found.shares["dead"] > 0.99


def test_kinds_of_failures_are_told_apart() -> None:
    """All failed is an outage only with many answers, a late row of failures is one, an early row is past, mixed is neither."""
    dead, ok = (True,) * 20, (False,) * 20
    assert shares(dead[:3], 3, 3)["dead"] < 0.5
    assert shares(dead, 20, 20)["dead"] > 0.8
    assert shares(ok + dead, 40, 20)["dead"] > 0.99
    assert shares(dead + ok, 40, 20)["recovered"] > 0.99
    assert shares((True, False) * 20, 40, 20)["steady"] > 0.99
    assert shares((), 0, 0)["steady"] == pytest.approx(1.0)


@pytest.mark.parametrize(("n", "failures"), [(6, 2), (20, 10), (40, 36)])
def test_a_recommendation_is_fair_better_than_now_and_explained(n: int, failures: int) -> None:
    """It answers more than the SDK's default does, harms nobody much, names what does, and is JSON."""
    advice = advised(n, failures)
    assert advice.ranking[0].fair
    assert advice.ranking[0].policy.hedge_after_s is None
    assert advice.expected["success"] >= advice.expected["success_now"]
    assert advice.expected["selfish"] == "spam"
    assert "Hammering wins for one and loses for all: spam" in advice.because
    assert f"{failures} of {n}" in advice.because
    assert json.loads(json.dumps(advice.as_json()))["name"] == advice.name
    assert advice.policy.deadline_s is not None
    assert advice.policy.honour_retry_after


def test_hedging_that_harms_is_named() -> None:
    """Where a second copy wins for one and costs all more than a fifth, the text says so."""
    best, hedged = (
        next(one for one in advised(20, 10).ranking if one.name == name) for name in ("brisk", "hedged")
    )
    cheap = replace(hedged, alone=replace(hedged.alone, cost_s=0.5 * best.alone.cost_s),
                    everybody=replace(hedged.everybody, cost_s=60.0), harm_s=30.0)  # fmt: skip
    said = because(fit(seen(20, {"http_503": 10})), (best, cheap), (), 1.0, sure=False)
    assert "Hedging (a second copy of each slow question) wins for one and loses for all: hedged" in said


@pytest.mark.parametrize(("kind", "seed"), [("full", 5000), ("full", 5007), ("dead", 5035)])
def test_the_advice_holds_in_worlds_of_another_simulator(kind: str, seed: int) -> None:
    """Within a tenth of the best and harmless in a few of the benchmark's worlds (`benchmarks.cluster.advice_worlds`)."""
    found = judged(kind, seed, questions=600)
    assert found.good, found
    assert not found.harmful, found


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
        failing = again.blocked + (1 - again.blocked) * world.cluster.failure_share
        assert failing == pytest.approx(0.4, abs=0.1 if world.others.base_s < 20 else 0.3), (
            world.assumption
        )  # steep where all retry at once


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
    """It says sure only when the policy is as good in 95 % of the weighed worlds, and something failed."""
    for n, failures in ((40, 0), (20, 10)):
        advice = advised(n, failures)
        assert ("Sure:" in advice.because) == advice.expected["sure"]
        assert ("Not quite sure" in advice.because) != advice.expected["sure"]
        weights = sum(one.weight for one in advice.tried)
        agreed = sum(one.weight for one in advice.tried if one.as_good) / weights
        assert advice.expected["agreement"] == pytest.approx(agreed)
        assert advice.expected["sure"] <= (agreed >= 0.95 and failures >= 3)
        assert "Not measured, therefore tried" in advice.because


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
        if client in ("openai 1.x", "litellm", "langchain"):
            compile(line, client, "exec")  # that SDK cannot stand beside 3.x; the others are not installed
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
