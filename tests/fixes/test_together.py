"""Fixes tried together, and what a trial can show, told beforehand."""

import random

import pytest

from deepkit.fixes import DECIDES, FIXES, forecast, judge_together
from deepkit.fixes._power import fewest_for_speed, pairs_needed, round_up
from deepkit.fixes._verdicts import Pairs, strengths
from deepkit.records import Trial
from tests.fixes.cases import samples


def _trial(key: str, before: str, after: str) -> Trial:
    asked = [*samples("before", before), *samples("after", after)]
    return Trial(key, "inconclusive", "", len(before), len(asked), {}, {}, tuple(asked))


def test_what_helps_alone_may_not_be_proven_among_twelve() -> None:
    """Seven wins prove one fix and not one of twelve; eleven do, and a fix tried alone is judged as ever."""
    same = [_trial(one.key, "+" * 18, "+" * 18) for one in FIXES[1:]]
    for wins, verdict in ((7, "inconclusive"), (11, "helped")):
        first, *others = judge_together([_trial(FIXES[0].key, "-" * wins, "+" * wins), *same])
        assert first.verdict == verdict
        assert {one.verdict for one in others} == {"no_difference"}
        assert first.family == 12
    assert (
        "12 fixes were tried together"
        in judge_together([_trial("backoff", "-" * 7, "+" * 7), *same])[0].because
    )
    assert judge_together([_trial("backoff", "-" * 7, "+" * 7)])[0].verdict == "helped"


def test_what_was_not_tried_costs_nothing() -> None:
    """A fix without pairs does not raise the proof that the others need, and stays as it was."""
    bare = Trial("hard_refresh", "inconclusive", "nothing to switch", 0, 0, {}, {})
    first, second = judge_together([_trial("backoff", "-" * 7, "+" * 7), bare])
    assert first.verdict == "helped"
    assert second is bare


def test_power_is_what_simulation_finds() -> None:
    """So many pairs prove a fall from 60 % to 10 % failures in four trials of five, within two standard errors."""
    needed = pairs_needed(0.6, 0.1)
    assert needed
    rng, found = random.Random(1), 0
    for _ in range(600):
        wins = losses = n = 0
        while n < needed and strengths(Pairs(n - wins - losses, wins, losses))[0] < DECIDES:
            one, other = rng.random() < 0.4, rng.random() < 0.9
            wins, losses, n = wins + (other > one), losses + (one > other), n + 1
        found += strengths(Pairs(n - wins - losses, wins, losses))[0] >= DECIDES
    assert 0.8 - 0.033 <= found / 600 <= 0.9


def test_the_forecast_says_what_the_budget_allows() -> None:
    """Questions needed beside questions allowed, in a sentence; speed alone is named where it cannot be proven."""
    assert forecast(24, 0.5, 0.2) == (
        "To prove a fall of the failures from 50 % to 20 % needs about 150 questions; "
        "your budget allows 48: it may stay open."
    )
    assert forecast(24, 1.0, 0.0).endswith("your budget allows 48: that is likely enough.")
    assert forecast(24, 1.0, 0.0, speed=True).endswith(
        "A gain in speed alone needs at least 94: it will stay open."
    )
    assert forecast(24, 1.0, 0.0, family=12) != forecast(24, 1.0, 0.0)
    assert "more than 2000 questions" in forecast(24, 0.05, 0.04)
    assert fewest_for_speed(DECIDES) == 47


@pytest.mark.parametrize(("exact", "told"), [(3, 3), (10, 10), (11, 15), (47, 50), (144, 150), (151, 200)])
def test_numbers_for_people_are_rounded_up(exact: int, told: int) -> None:
    """Never fewer than needed."""
    assert round_up(exact) == told
