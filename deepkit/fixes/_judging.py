"""From the samples of a trial to what it shows, the same for all fixes."""

import math
from collections.abc import Sequence

from deepkit.fixes._one_way import judge_blocks
from deepkit.fixes._power import more_pairs, round_up
from deepkit.fixes._verdicts import DECIDES, MOST_LOSS, Pairs, count_pairs, effect_of, strengths
from deepkit.records import Effect, Judgement, Sample
from deepkit.statistics import e_value_above, hodges_lehmann, mean_interval, median_sequence

PROMISING = 3.0
"""From this e-value on an open trial is called promising: evidence, but not proof."""


def judge(
    before: Sequence[Sample],
    after: Sequence[Sample],
    least_gain: float,
    least_ratio: float | None,
    decides: float = DECIDES,
) -> Judgement:
    """Say what a trial shows.

    Answers and speed are judged together (`_verdicts`), and however often one looks, a useless fix is called helpful
    in at most one of `decides` trials.

    Args:
        before: Questions asked without the fix.
        after: Questions asked with it.
        least_gain: Smallest gain in the share of answered questions worth having.
        least_ratio: Ratio of times worth having, or None when speed is not promised.
        decides: E-value that decides; 50 for one fix, so many times more for fixes that are tried together.

    Returns:
        The judgement with the numbers.
    """
    if not before or not after:
        return Judgement("inconclusive", "Nothing was tried, so nothing can be said.")
    pairs = count_pairs(before, after, least_ratio)
    if not pairs.n:
        return judge_blocks(before, after)
    effect = effect_of(pairs, least_gain, decides)
    gain = mean_interval(pairs.wins, pairs.losses, pairs.n, decides)
    told = (_stand(pairs, effect, decides), _answers(pairs, gain, effect), _speed(pairs, decides))
    worth = _worth(pairs, effect, gain, least_gain)
    because = " ".join(sentence for sentence in (*told, worth) if sentence)
    return Judgement(effect, because, gain, max(strengths(pairs)))


def _stand(pairs: Pairs, effect: Effect, decides: float) -> str:
    """Say how it stands."""
    if effect == "inconclusive":
        return _open(pairs, decides)
    sure = {
        "helped": "; that is enough to be sure that it helps",
        "worse": "; that is enough to be sure that it harms",
    }
    return f"{_score(pairs)}{sure.get(effect, '')}."


def _score(pairs: Pairs) -> str:
    """Say who won how many pairs."""
    n, won, lost = (round(one) for one in (pairs.n, pairs.won, pairs.lost))
    if not won and not lost:
        return f"With and without the fix it went the same in all {n} pairs"
    if n in (won, lost):
        return f"The fix {'won' if won else 'lost'} {f'all {n} pairs' if n > 1 else 'the one pair'}"
    return f"Of {n} pairs the fix won {won} and lost {lost}"


def _answers(pairs: Pairs, gain: tuple[float, float], effect: Effect) -> str:
    """Say how many were answered, and the gain as far as it is sure: what was seen is too large where it decided."""
    with_it, without = pairs.both + pairs.wins, pairs.both + pairs.losses
    low, high = gain
    if effect == "helped" and low > 0:
        sure = f"the true gain is {_least(low)}, at most {100 * high:.0f} %"
    elif effect == "worse" and high < 0:
        sure = f"the true loss is {_least(-high)}, at most {-100 * low:.0f} %"
    else:
        sure = f"the true difference lies between {_signed(low)} and {_signed(high)}"
    return f"Answered: {with_it:.0f} of {pairs.n:.0f} with the fix, {without:.0f} of {pairs.n:.0f} without; {sure}."


def _least(share: float) -> str:
    return f"at least {100 * share:.0f} %" if share >= 0.005 else "above 0 %"


def _signed(share: float) -> str:
    return f"{100 * share:+.0f} %" if abs(share) >= 0.005 else "0 %"


def _speed(pairs: Pairs, decides: float) -> str:
    """Say how the times compare, where the fix promises speed."""
    logs = [math.log(one) for one in pairs.ratios if one > 0]
    middle = hodges_lehmann(logs)
    if middle is None:
        return ""
    ends = median_sequence(logs, decides)
    known = f" (between {math.exp(ends[0]):.2f} and {math.exp(ends[1]):.2f})" if ends else ""
    return (
        f"In {pairs.both:.0f} pairs answered both ways the fix was clearly faster {pairs.faster:.0f} times and clearly "
        f"slower {pairs.slower:.0f} times; the first token took {math.exp(middle.value):.2f} times as long{known}."
    )


def _worth(pairs: Pairs, effect: Effect, gain: tuple[float, float], least_gain: float) -> str:
    """Say when a difference is none worth having."""
    if effect == "no_difference":
        return f"Whatever the true difference is, it is smaller than the {_signed(least_gain)} worth having."
    small = max(-gain[0], gain[1]) < least_gain and not pairs.faster + pairs.slower
    if effect == "inconclusive" or not small:
        return ""
    return f"The difference is real but small, less than the {_signed(least_gain)} worth having."


def _open(pairs: Pairs, decides: float) -> str:
    """Say how it stands while nothing is decided, and what would settle it."""
    score = f"{_count(pairs.won, 'win')}, {_count(pairs.lost, 'loss')} in {_count(pairs.n, 'pair')}"
    wins, losses = (
        e_value_above(*sides, pairs.n) for sides in ((pairs.won, pairs.lost), (pairs.lost, pairs.won))
    )
    if max(wins, losses) < PROMISING:
        return f"No clear sign yet ({score})."
    if wins > losses and pairs.wins < pairs.losses:
        return f"Faster, but it failed more often ({score}): that is no help."
    more = more_pairs(pairs, decides)
    needs = f" About {round_up(more)} more pairs would settle it." if more else ""
    if wins >= decides:
        doubt = f"it may still fail up to {100 * MOST_LOSS:.0f} % more often"
        return f"Faster ({score}), but {doubt}.{needs}"
    return f"{'Promising' if wins > losses else 'It looks harmful'} ({score}), not certain.{needs}"


def _count(number: float, word: str) -> str:
    plural = f"{word}es" if word.endswith("s") else f"{word}s"
    return f"{number:.0f} {word if round(number) == 1 else plural}"
