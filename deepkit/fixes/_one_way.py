"""Trials that cannot be switched back: all questions before the change, then all after it, beside a control.

Outages end by themselves, so that the most that can be said is "improved after", and only where a control, asked at
the same moments on a way that did not get the fix, did not improve as much. The number of questions is fixed
beforehand. The interval of a difference of differences is put together from theirs as theirs are from the shares'
(Zou and Donner, Statistics in Medicine 27 (2008) 1693).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deepkit.records import Judgement, Sample
from deepkit.statistics import newcombe


@dataclass(frozen=True, slots=True)
class Change:
    """Answered questions on one way, after and before, and the difference of the shares with its 95 % interval."""

    ok_after: int
    after: int
    ok_before: int
    before: int

    @property
    def estimate(self) -> tuple[float, float, float]:
        """Return the difference and its lower and upper limit."""
        if not self.after or not self.before:
            return 0.0, -1.0, 1.0
        low, high = newcombe(self.ok_after, self.after, self.ok_before, self.before)
        return self.ok_after / self.after - self.ok_before / self.before, low, high

    def __str__(self) -> str:
        return (
            f"{self.ok_after} of {self.after} answered after it, {self.ok_before} of {self.before} before it"
        )


def judge_blocks(before: Sequence[Sample], after: Sequence[Sample]) -> Judgement:
    """Say what a one-way trial shows; never more than "improved after".

    Args:
        before: Questions asked before the change, those of the control marked.
        after: Questions asked after it.

    Returns:
        An inconclusive judgement with the numbers.
    """
    own, control = _change(before, after, control=False), _change(before, after, control=True)
    if not control.before or not control.after:
        text = f"{_word(*own.estimate[1:])} after the fix, cause not shown: {own}"
        return Judgement(
            "inconclusive", f"{text}; nothing was asked beside it, and outages end by themselves."
        )
    (gain, low, high), (other, other_low, other_high) = own.estimate, control.estimate
    least = gain - other - math.hypot(gain - low, other_high - other)
    most = gain - other + math.hypot(high - gain, other - other_low)
    text = f"{_word(least, most)} after the fix, cause not shown: {own}. The control, which did not get it: {control}."
    both = " Both improved, as when an outage ends by itself." if low > 0 and other_low > 0 else ""
    return Judgement("inconclusive", text + both)


def _change(before: Sequence[Sample], after: Sequence[Sample], *, control: bool) -> Change:
    old, new = ([one.ok for one in side if one.control is control] for side in (before, after))
    return Change(sum(new), len(new), sum(old), len(old))


def _word(low: float, high: float) -> str:
    return "Improved" if low > 0 else "Got worse" if high < 0 else "No clear change"
