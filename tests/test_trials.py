"""Trials: fair pairs, a budget that holds, and no verdict where nothing could be switched."""

import asyncio
from dataclasses import replace

import pytest

from deepkit.errors import UsageError
from deepkit.facts import tariff
from deepkit.fixes import judge_together
from deepkit.records import Budget, Evidence, Profile, Sample, Settings, Target, Trial
from deepkit.sandbox import open_sandbox
from deepkit.transport.question import MAX_TOKENS, PROMPT
from deepkit.trials import affordable, forecast, switchable, try_fix, try_fix_async, try_one_way


def test_the_budget_holds_and_no_half_pair_counts() -> None:
    """However small the budget, it is not exceeded, and both arms have the same number of samples."""
    for most in (0, 1, 5):
        trial = try_fix("backoff", scenario="blank_200", evidence=Evidence(), budget=Budget(requests=most))
        assert trial.requests <= most
        assert trial.before["n"] == trial.after["n"] == trial.pairs


def test_the_seed_fixes_the_order() -> None:
    """The same seed asks the arms in the same order; over several seeds both orders occur within pairs."""

    def order(seed: int) -> list[str]:
        seen: list[Sample] = []
        try_fix(
            "priority_tier",
            scenario="no_balance",
            evidence=Evidence(),
            pairs=4,
            seed=seed,
            on_sample=seen.append,
        )
        return [sample.arm for sample in seen]

    first = order(1)
    assert first == order(1)
    assert {tuple(pair) for pair in zip(first[::2], first[1::2], strict=True)} == {
        ("before", "after"),
        ("after", "before"),
    }


def test_a_trial_stops_once_it_is_decided() -> None:
    """Seven clear wins decide; the remaining pairs are not asked."""
    trial = try_fix("priority_tier", scenario="no_balance", pairs=50)
    assert trial.verdict == "helped"
    assert trial.pairs == 7


def test_equal_arms_end_the_trial_as_well() -> None:
    """Eighteen pairs that go the same show that there is no difference worth having; no more are asked."""
    trial = try_fix("hard_refresh", scenario="no_balance", pairs=50)
    assert (trial.verdict, trial.pairs) == ("no_difference", 18)


def test_a_family_needs_more_proof() -> None:
    """Among twelve fixes eleven clear wins are asked for, and judged together they prove it."""
    trial = try_fix("priority_tier", scenario="no_balance", pairs=50, family=12)
    assert (trial.verdict, trial.pairs, trial.family) == ("helped", 11, 12)
    others = [replace(trial, fix=key, samples=()) for key in ("backoff", "off_peak")]
    assert judge_together([trial, *others])[0].verdict == "helped"


def test_an_interrupted_trial_goes_on_where_it_stopped() -> None:
    """Its samples, without the half pair, are kept; the order goes on as it would have; what it spent counts."""
    whole, seen = try_fix("priority_tier", scenario="no_balance", pairs=50, seed=3), list[Sample]()
    try_fix("priority_tier", scenario="no_balance", pairs=3, seed=3, on_sample=seen.append)
    saved = Trial("priority_tier", "inconclusive", "", 2, 30, {}, {}, tuple(seen[:5]), seed=3)
    done = try_fix("priority_tier", scenario="no_balance", pairs=50, seed=9, resume=saved)
    assert (done.verdict, done.pairs, done.seed) == ("helped", whole.pairs, 3)
    assert done.samples[:4] == tuple(seen[:4])
    assert [(one.arm, one.pair) for one in done.samples] == [(one.arm, one.pair) for one in whole.samples]
    assert done.requests > saved.requests
    spent = try_fix("priority_tier", scenario="no_balance", budget=Budget(requests=30), resume=saved)
    assert (spent.requests, spent.pairs) == (30, 2)


def test_a_decided_trial_asks_nothing_more() -> None:
    """Handing in a trial that is decided gives the same judgement without a question."""
    once = try_fix("priority_tier", scenario="no_balance", evidence=Evidence())
    again = try_fix("priority_tier", scenario="no_balance", evidence=Evidence(), resume=once)
    assert again == once
    with pytest.raises(UsageError, match="backoff"):
        try_fix("backoff", resume=once)


def test_trials_side_by_side_keep_their_own_samples() -> None:
    """Two trials in one loop: each has complete pairs of its own, and its own budget holds."""

    async def both() -> list[Trial]:
        keys = ("priority_tier", "official_api")
        return await asyncio.gather(
            *(try_fix_async(key, scenario="no_balance", pairs=6, budget=Budget(requests=20)) for key in keys)
        )

    for trial in asyncio.run(both()):
        assert trial.requests <= 20
        assert trial.before["n"] == trial.after["n"] == trial.pairs
        assert {one.pair for one in trial.samples} == set(range(trial.pairs))


def test_money_bounds_the_requests() -> None:
    """At the dearest price a twentieth of a cent buys so many questions; what is not live costs nothing."""
    live = Target("deepseek", "https://api.deepseek.com")
    most = affordable(Budget(), 0.0005, live).requests
    dearest = [one for one in tariff().prices if one.model == live.model]
    each = max(len(PROMPT) * one.cache_miss + MAX_TOKENS * one.output for one in dearest) / 1e6
    assert most * each <= 0.0005 < (most + 1) * each
    assert affordable(Budget(), 0.0, live).requests == 0
    assert affordable(Budget(), 0.0, replace(live, live=False)) == Budget()
    long = replace(live, conversation=({"role": "user", "content": "x" * 10_000},))
    assert affordable(Budget(), 0.001, long).requests == 0
    with pytest.raises(UsageError, match="price"):
        affordable(Budget(), 1.0, replace(live, model="unheard-of"))


def test_the_forecast_knows_the_budget() -> None:
    """The smallest of pairs, requests and tokens bounds the questions."""
    for budget, allowed in ((Budget(20, 6000), 20), (Budget(300, 160), 20), (Budget(300, 6000), 96)):
        assert f"your budget allows {allowed}:" in forecast("backoff", budget=budget)
    assert "speed" in forecast("off_peak", pairs=20)
    assert "speed" not in forecast("backoff", pairs=20)


def test_a_change_without_return_is_at_most_an_improvement() -> None:
    """Clearing the browser's stale files mends the page: improved after it, beside an API that stayed as it was."""
    with open_sandbox("stale_page") as box:
        kept, cookies = dict(box.target.profile.cached), dict(box.target.profile.cookies)
        target = replace(box.target, stand_ins={}, profile=Profile(cookies=cookies, cached=kept))

        def clear() -> None:
            kept.clear()
            cookies.clear()

        seen = list[Sample]()
        web = Settings(surface="web")
        trial = try_one_way(
            "hard_refresh",
            target,
            clear,
            control=Settings(),
            settings=web,
            questions=8,
            on_sample=seen.append,
        )
    assert trial.verdict == "inconclusive"
    assert trial.because.startswith(
        "Improved after the fix, cause not shown: 8 of 8 answered after it, 0 of 8"
    )
    assert "The control, which did not get it" in trial.because
    assert (trial.before["n"], trial.after["n"], trial.pairs) == (8, 8, 0)
    assert list(trial.samples) == seen
    assert sum(one.control for one in seen) == 16


def test_a_one_way_trial_keeps_its_budget() -> None:
    """However small the budget, it holds, and no question stands without its control."""
    with open_sandbox("healthy") as box:
        for most in (0, 1, 5):
            trial = try_one_way(
                "hard_refresh", box.target, lambda: None, control=Settings(), questions=4, budget=Budget(most)
            )
            assert trial.requests <= most
            assert sum(one.control for one in trial.samples) * 2 == len(trial.samples)


def test_a_fix_that_changes_nothing_here_is_not_credited() -> None:
    """A fix of another trouble is never said to help."""
    trial = try_fix("hard_refresh", scenario="no_balance", pairs=12)
    assert trial.verdict in ("no_difference", "inconclusive")


def test_without_a_switch_there_is_no_comparison() -> None:
    """A target without a stand-in for the fix gets no trial, no request, and a reason."""
    with open_sandbox("healthy") as box:
        bare = replace(box.target, stand_ins={})
        trial = try_fix("hard_refresh", bare, evidence=Evidence())
    assert (trial.verdict, trial.pairs, trial.requests) == ("inconclusive", 0, 0)
    assert trial.because


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, False),
        ({"assume": frozenset({"no_such_change"})}, False),
        ({"assume": frozenset({"topped_up"})}, True),
        ({"surface": "web"}, True),
    ],
)
def test_what_can_be_switched(change: dict[str, object], expected: bool) -> None:
    """Only what reaches the wire differently is a switch; an unknown outside change is none."""
    there = Target("there", "http://127.0.0.1:2", live=False)
    target = Target("here", "http://127.0.0.1:1", stand_ins={"topped_up": there}, live=False)
    assert switchable(target, Settings(), replace(Settings(), **change)) is expected  # type: ignore[arg-type]


def test_every_sample_is_kept_in_the_order_asked() -> None:
    """The trial carries each sample it was judged by, and hands each over as it came."""
    seen: list[Sample] = []
    trial = try_fix("official_api", scenario="bad_key", pairs=3, on_sample=seen.append)
    assert list(trial.samples) == seen
    assert len(seen) == 6
    assert [one.at for one in seen] == sorted(one.at or 0.0 for one in seen)
