"""Verdicts of trials: false alarms, power, and what does not count, by simulation."""

import random
from collections.abc import Iterable

import pytest

from deepkit.fixes._judging import judge
from deepkit.fixes._verdicts import DECIDES, count_pairs, e_value
from deepkit.records import Sample
from deepkit.statistics import pair_e_value
from tests.fixes.cases import samples


def _trial(rng: random.Random, p_before: float, p_after: float, pairs: int, least_ratio: float | None) -> str:
    """One trial watched after every pair, as the real ones are."""
    before, after = list[Sample](), list[Sample]()
    for pair in range(pairs):
        for arm, p, into in (("before", p_before, before), ("after", p_after, after)):
            into.append(Sample(arm, rng.random() < p, None, rng.lognormvariate(0, 0.4), pair=pair))  # type: ignore[arg-type]
        if (answer := judge(before, after, 0.25, least_ratio).effect) in ("helped", "worse"):
            return answer
    return answer


def _share(answers: Iterable[str], wanted: str) -> float:
    found = list(answers)
    return found.count(wanted) / len(found)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_a_useless_fix_is_rarely_called_helpful(p: float) -> None:
    """Watched after each of 30 pairs, success and speed both compared, at most 5 % are false helps."""
    rng = random.Random(int(100 * p))
    answers = [_trial(rng, p, p, 30, 0.8) for _ in range(400)]
    assert _share(answers, "helped") <= 0.05
    assert _share(answers, "worse") <= 0.05


def test_mostly_fails_to_mostly_works_is_settled_in_twelve_pairs() -> None:
    """From 10 % to 90 %, twelve pairs find the help in at least four trials of five."""
    rng = random.Random(3)
    assert _share((_trial(rng, 0.1, 0.9, 12, None) for _ in range(200)), "helped") >= 0.8


def test_outages_that_end_credit_nobody() -> None:
    """An outage ends in the middle of the trial: paired samples of a useless fix do not say that it helped."""
    rng, false = random.Random(5), 0
    for _ in range(200):
        ends = rng.randrange(1, 12)
        before, after = (
            [Sample(arm, pair >= ends or rng.random() < 0.1, pair=pair) for pair in range(12)]
            for arm in ("before", "after")  # type: ignore[misc]
        )
        false += judge(before, after, 0.25, None).effect == "helped"
    assert false <= 4


def test_a_block_before_and_a_block_after_shows_no_cause() -> None:
    """Samples that are not paired may look improved, but the verdict stays inconclusive."""
    before = samples("before", "-" * 20)
    after = [Sample("after", True, pair=100 + n) for n in range(20)]
    assert judge(before, after, 0.25, None).effect == "inconclusive"


def test_half_pairs_and_doubled_numbers_are_left_out() -> None:
    """A pair counts only when it has exactly one sample on each side."""
    before, after = samples("before", "---"), samples("after", "+++")
    assert count_pairs(before, after[:1]).n == 1
    assert count_pairs([*before, before[0]], after).n == 2


def test_no_difference_needs_enough_pairs() -> None:
    """Twelve equal pairs rule out an effect worth having, eleven do not."""
    for n, answer in ((11, "inconclusive"), (12, "no_difference")):
        for marks in ("+" * n, "-" * n):
            assert judge(samples("before", marks), samples("after", marks), 0.25, None).effect == answer


def test_a_real_but_small_difference_is_none_worth_having() -> None:
    """Ten pairs of two hundred in favour are significant, and still less than the least gain."""
    before, after = "-" * 10 + "+" * 190, "+" * 200
    assert judge(samples("before", before), samples("after", after), 0.25, None).effect == "no_difference"


def test_speed_counts_only_where_it_is_promised() -> None:
    """Half the time in ten pairs helps a fix that promises speed, and says nothing for one that does not."""
    slow, fast = samples("before", "+" * 10, [1.0] * 10), samples("after", "+" * 10, [0.5] * 10)
    assert judge(slow, fast, 0.25, 0.8).effect == "helped"
    assert judge(fast, slow, 0.25, 0.8).effect == "worse"
    assert judge(slow, fast, 0.25, None).effect not in ("helped", "worse")
    assert e_value(slow, fast, 0.8) == pytest.approx(pair_e_value(10, 0))
    assert e_value(slow, fast) == pytest.approx(1.0)


def test_faster_but_failing_more_often_is_no_help() -> None:
    """Speed does not outvote lost answers."""
    before = samples("before", "+" * 14, [1.0] * 14)
    after = samples("after", "+" * 10 + "-" * 4, [0.5] * 14)
    assert judge(before, after, 0.25, 0.8).effect == "inconclusive"


def test_no_pairs_no_e_value() -> None:
    """Without a complete pair there is no strength of evidence."""
    assert e_value([], []) is None
    assert DECIDES == 20.0
