"""From the samples of a trial to what it shows, the same for all fixes."""

from collections.abc import Sequence

from deepkit.fixes._verdicts import DECIDES, Pairs, count_pairs
from deepkit.records import Judgement, Sample
from deepkit.statistics import newcombe, newcombe_paired, pair_e_value, wilson


def judge(
    before: Sequence[Sample], after: Sequence[Sample], least_gain: float, least_ratio: float | None
) -> Judgement:
    """Say what a trial shows.

    Success decides first; speed is looked at only where it is promised and success does
    not speak against it. Either decides at an e-value of 20. Under no effect both
    directions are equally likely, so that the two together call a useless fix helpful in
    at most one trial of twenty, however often one looks.

    Args:
        before: Questions asked without the fix.
        after: Questions asked with it.
        least_gain: Smallest gain in the share of answered questions worth having.
        least_ratio: Ratio of times worth having, or None when speed is not promised.

    Returns:
        The judgement with the numbers.
    """
    if not before or not after:
        return Judgement("inconclusive", "Nothing was tried, so nothing can be said.")
    pairs = count_pairs(before, after, least_ratio)
    if not pairs.n:
        return _blocks(before, after)
    return _by_success(pairs, least_gain) or _by_speed(pairs) or _undecided(pairs, least_gain, least_ratio)


def _numbers(pairs: Pairs) -> str:
    low, high = newcombe_paired(pairs.both, pairs.wins, pairs.losses, pairs.neither)
    return (
        f"{pairs.both + pairs.wins} of {pairs.n} questions were answered with the fix and "
        f"{pairs.both + pairs.losses} of {pairs.n} without it (difference {_signed(low)} to {_signed(high)} "
        f"at 95 %); {pairs.wins} pairs speak for it, {pairs.losses} against "
        f"(e = {pair_e_value(pairs.wins, pairs.losses):.1f}, {DECIDES:.0f} decides)"
    )


def _signed(share: float) -> str:
    return f"{100 * share:+.0f} %"


def _by_success(pairs: Pairs, least_gain: float) -> Judgement | None:
    if pair_e_value(pairs.wins, pairs.losses) < DECIDES:
        return None
    gain = (pairs.wins - pairs.losses) / pairs.n
    if abs(gain) < least_gain:
        because = (
            f"{_numbers(pairs)}: a real difference, but less than the {_signed(least_gain)} worth having."
        )
        return Judgement("no_difference", because)
    return Judgement("helped" if gain > 0 else "worse", f"{_numbers(pairs)}.")


def _by_speed(pairs: Pairs) -> Judgement | None:
    if pair_e_value(pairs.faster, pairs.slower) < DECIDES:
        return None
    quicker = pairs.faster > pairs.slower
    if (pairs.wins < pairs.losses) if quicker else (pairs.wins > pairs.losses):
        return None  # faster but failing more often, or the reverse, is not for this test to weigh
    return Judgement("helped" if quicker else "worse", f"{_numbers(pairs)}. {_speed(pairs)}.")


def _speed(pairs: Pairs) -> str:
    return (
        f"Of {pairs.both} pairs answered both ways {pairs.faster} were clearly faster with the fix and "
        f"{pairs.slower} clearly slower (e = {pair_e_value(pairs.faster, pairs.slower):.1f}), "
        f"time to the first token {pairs.ratio or 1.0:.2f} times as long in the median"
    )


def _undecided(pairs: Pairs, least_gain: float, least_ratio: float | None) -> Judgement:
    text = _numbers(pairs)
    if pairs.ratio is not None:
        text = f"{text}. {_speed(pairs)}"
    most_gain, most_loss = wilson(pairs.wins, pairs.n)[1], wilson(pairs.losses, pairs.n)[1]
    even = pairs.ratio is None or least_ratio is None or least_ratio < pairs.ratio < 1 / least_ratio
    if max(most_gain, most_loss) < least_gain and even:
        why = f"at most {_signed(most_gain)} could have been missed, less than the {_signed(least_gain)} worth having"
        return Judgement("no_difference", f"{text}; {why}.")
    return Judgement("inconclusive", f"{text}; too few pairs differ to decide.")


def _blocks(before: Sequence[Sample], after: Sequence[Sample]) -> Judgement:
    """Judge a one-way fix: first all without, then all with it; outages end by themselves meanwhile."""
    won, lost = sum(one.ok for one in after), sum(one.ok for one in before)
    low, high = newcombe(won, len(after), lost, len(before))
    word = "Improved" if low > 0 else "Got worse" if high < 0 else "No clear change"
    because = (
        f"{word} after the fix, cause not shown: {won} of {len(after)} questions were answered after it and {lost} of "
        f"{len(before)} before it (difference {_signed(low)} to {_signed(high)} at 95 %), but they were not "
        "asked in pairs, and outages end by themselves."
    )
    return Judgement("inconclusive", because)
