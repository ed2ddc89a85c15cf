"""Trials: fair pairs, a budget that holds, and no verdict where nothing could be switched."""

from dataclasses import replace

import pytest

from deepkit.records import Budget, Evidence, Sample, Settings, Target
from deepkit.sandbox import open_sandbox
from deepkit.trials import switchable, try_fix


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
