"""Verdicts of trials: false alarms, power, and what does not count, by simulation."""

import random
from dataclasses import replace

import pytest

from deepkit.fixes._judging import judge
from deepkit.fixes._power import more_pairs
from deepkit.fixes._verdicts import DECIDES, MOST_LOSS, Pairs, count_pairs, effect_of, strengths
from deepkit.records import Sample
from deepkit.statistics import mean_interval
from tests.fixes.cases import samples
from tests.fixes.processes import Process, bursts, carried_over, crowded, drift, outage, steady

LEAST_GAIN, LEAST_RATIO = 0.25, 0.8
RUNS = 400


def _ends(
    process: Process, seed: int, runs: int = RUNS, pairs: int = 48, decides: float = DECIDES
) -> list[str]:
    """Trials watched after every pair, as the real ones are."""
    rng, ends = random.Random(seed), list[str]()
    for _ in range(runs):
        before, after, total = list[Sample](), list[Sample](), Pairs()
        for number, pair in zip(range(pairs), process(rng), strict=False):
            before.append(Sample("before", pair.before_ok, None, 1.0, pair=number))
            after.append(Sample("after", pair.after_ok, None, pair.ratio, pair=number))
            counted = count_pairs(before[-1:], after[-1:], LEAST_RATIO)
            total = _plus(total, counted)
            if (effect := effect_of(total, LEAST_GAIN, decides)) != "inconclusive":
                break
        ends.append(effect)
    return ends


def _plus(one: Pairs, other: Pairs) -> Pairs:
    return Pairs(
        one.both + other.both, one.wins + other.wins, one.losses + other.losses, one.neither + other.neither,
        one.faster + other.faster, one.slower + other.slower,
    )  # fmt: skip


WORLDS: dict[str, Process] = {
    "answers 10 %": steady(0.1, 0.1, 1.0),
    "answers 50 %": steady(0.5, 0.5),
    "answers 50 %, times too": steady(0.5, 0.5, 1.0),
    "answers 90 %, times too": steady(0.9, 0.9, 1.0),
    "an outage ends": outage(),
    "bursts": bursts(),
    "drift": drift(0.0),
    "the second is crowded out": crowded(),
    "failures carry over": carried_over(),
}


@pytest.mark.parametrize("world", WORLDS)
def test_a_useless_fix_is_rarely_called_helpful(world: str) -> None:
    """Looked at after each pair, whatever the world does by itself, at most 2 % are false helps (and 2 % harms).

    Of 400 trials with a chance of 2 % each, more than 16 would happen in one of a hundred seeds; `python -m
    benchmarks trials` counts 10,000.
    """
    ends = _ends(WORLDS[world], seed=len(world))
    assert ends.count("helped") <= 16
    assert ends.count("worse") <= 16


@pytest.mark.parametrize(("before", "after"), [(1.0, 0.9), (0.95, 0.8), (0.9, 0.7), (0.8, 0.5)])
def test_faster_but_failing_more_is_no_help(before: float, after: float) -> None:
    """Twice as fast and failing one in ten or more in addition is called a help in at most 2 %."""
    assert _ends(steady(before, after, 0.5), seed=11).count("helped") <= 16


def test_an_answer_that_never_came_is_the_slowest() -> None:
    """A pair that only one arm answered is won by it, however late the answer was."""
    slow = samples("after", "+" * 8, [9e3] * 8)
    assert judge(samples("before", "-" * 8, [0.1] * 8), slow, LEAST_GAIN, LEAST_RATIO).effect == "helped"
    assert judge([replace(one, arm="before") for one in slow], samples("after", "-" * 8), LEAST_GAIN, LEAST_RATIO
                 ).effect == "worse"  # fmt: skip


@pytest.mark.parametrize(("before", "after", "pairs"), [(0.1, 0.9, 12), (0.5, 0.9, 48), (0.2, 0.6, 48)])
def test_a_fix_that_helps_is_found(before: float, after: float, pairs: int) -> None:
    """Great changes are found in at least four trials of five, from 10 % to 90 % within a dozen pairs."""
    ends = _ends(steady(before, after), seed=3, runs=200, pairs=pairs)
    assert ends.count("helped") >= 160


def test_a_gain_in_speed_alone_is_found() -> None:
    """Half the time, all answered: found in most trials once it is excluded that more fail."""
    assert _ends(steady(1.0, 1.0, 0.5), seed=5, runs=100).count("helped") >= 90


def test_speed_never_carries_a_loss_of_answers() -> None:
    """Whatever the times, fewer answers in the trial are no help, and no proof that few are lost is no help."""
    rng = random.Random(8)
    for _ in range(500):
        wins, losses, faster = rng.randrange(5), rng.randrange(9), rng.randrange(60)
        pairs = Pairs(faster + rng.randrange(9), wins, losses, rng.randrange(9), faster)
        if effect_of(pairs, LEAST_GAIN) == "helped":
            assert wins >= losses
            assert mean_interval(wins, losses, pairs.n, DECIDES)[0] >= -MOST_LOSS - 1e-6


def test_no_difference_only_within_the_margin() -> None:
    """It is said exactly where the intervals, of answers and of all that counts, lie within what is worth having."""
    rng, said = random.Random(9), 0
    for _ in range(1500):
        wins, losses, faster, slower = (rng.randrange(9) for _ in range(4))
        pairs = Pairs(faster + slower + rng.randrange(150), wins, losses, 0, faster, slower)
        within = all(
            low > -LEAST_GAIN and high < LEAST_GAIN
            for low, high in (
                mean_interval(wins, losses, pairs.n, DECIDES),
                mean_interval(pairs.won, pairs.lost, pairs.n, DECIDES),
            )
        )
        if max(strengths(pairs)) < DECIDES:
            said += within
            assert (effect_of(pairs, LEAST_GAIN) == "no_difference") is within
    assert said


def test_no_difference_needs_enough_pairs() -> None:
    """Eighteen equal pairs rule out an effect worth having, seventeen do not."""
    for n, answer in ((17, "inconclusive"), (18, "no_difference")):
        for marks in ("+" * n, "-" * n):
            assert judge(samples("before", marks), samples("after", marks), 0.25, None).effect == answer


def test_a_proven_difference_is_never_called_none() -> None:
    """Ten pairs of two hundred in favour are proof, and the sentence says that they are little."""
    found = judge(samples("before", "-" * 10 + "+" * 190), samples("after", "+" * 200), 0.25, None)
    assert found.effect == "helped"
    assert "real but small" in found.because


@pytest.mark.parametrize(("before", "after"), [(0.4, 0.6), (0.5, 0.9), (0.9, 0.95)])
def test_the_gain_that_is_told_holds_where_it_decided(before: float, after: float) -> None:
    """Early stopping makes what was seen too large; the limits hold the true gain in 95 % of the decided trials."""
    rng, decided, held = random.Random(12), 0, 0
    for _ in range(300):
        wins = losses = n = 0
        while n < 100 and max(strengths(Pairs(n - wins - losses, wins, losses))) < DECIDES:
            one, other = rng.random() < before, rng.random() < after
            wins, losses, n = wins + (other > one), losses + (one > other), n + 1
        if n < 100:
            decided += 1
            low, high = mean_interval(wins, losses, n, DECIDES)
            held += low <= after - before <= high
    assert held >= 0.95 * decided


def test_twelve_fixes_share_one_error_rate() -> None:
    """Held to twelve times the proof, some useless one of twelve is called a help in at most 2 % of 60 families."""
    ends = _ends(steady(0.5, 0.5), seed=21, runs=12 * 60, decides=12 * DECIDES)
    families = [ends[first : first + 12] for first in range(0, len(ends), 12)]
    assert sum("helped" in family for family in families) <= 4


def test_half_pairs_and_doubled_numbers_are_left_out() -> None:
    """A pair counts only when it has exactly one sample on each side, and a control is none."""
    before, after = samples("before", "---"), samples("after", "+++")
    assert count_pairs(before, after[:1]).n == 1
    assert count_pairs([*before, before[0]], after).n == 2
    assert count_pairs([*before, replace(before[0], control=True)], after).n == 3


def test_speed_counts_only_where_it_is_promised() -> None:
    """Half the time in fifty pairs helps a fix that promises speed, and says nothing for one that does not."""
    slow, fast = samples("before", "+" * 50, [1.0] * 50), samples("after", "+" * 50, [0.5] * 50)
    assert judge(slow, fast, 0.25, 0.8).effect == "helped"
    assert judge(fast, slow, 0.25, 0.8).effect == "worse"
    assert judge(slow, fast, 0.25, None).effect == "no_difference"


@pytest.mark.parametrize(
    ("before", "after", "times", "words"),
    [
        ("-" * 7, "+" * 7, None, "The fix won all 7 pairs; that is enough to be sure that it helps."),
        ("+" * 7, "-" * 7, None, "The fix lost all 7 pairs; that is enough to be sure that it harms."),
        ("-" * 8 + "+", "+" * 8 + "-", None, "Promising (8 wins, 1 loss in 9 pairs), not certain. About 5 more pairs"),
        ("-+-", "+-+", None, "No clear sign yet (2 wins, 1 loss in 3 pairs)."),
        ("+" * 20, "+" * 20, 0.5, "Faster (20 wins, 0 losses in 20 pairs), but it may still fail up to 10 % more often."),
        ("+" * 20, "+" * 18 + "--", 0.5, "Faster, but it failed more often (18 wins, 2 losses in 20 pairs)"),
    ],
)  # fmt: skip
def test_the_sentence_says_how_it_stands(before: str, after: str, times: float | None, words: str) -> None:
    """Wins and losses in plain words, and how many more pairs would settle it."""
    left = samples("before", before, [1.0] * len(before))
    right = samples("after", after, [times or 1.0] * len(after))
    assert judge(left, right, 0.25, 0.8 if times else None).because.startswith(words)


def test_the_pairs_that_would_settle_it_settle_it() -> None:
    """If it goes on as until now, the trial is decided after as many more pairs as were named, and not before."""
    for wins, losses, same in ((8, 1, 0), (5, 0, 10), (12, 4, 30)):
        pairs = Pairs(same, wins, losses)
        more = more_pairs(pairs)
        assert more
        for extra, decided in ((more, True), (more - 1, False)):
            assert (max(strengths(pairs.times(1 + extra / pairs.n))) >= DECIDES) is decided
    assert more_pairs(Pairs(10, 3, 3)) is None


def test_no_pairs_no_e_value() -> None:
    """Without a complete pair there is no strength of evidence."""
    assert judge([], [], 0.25, None).e_value is None
    assert judge(samples("before", "-"), [], 0.25, None).gain is None
