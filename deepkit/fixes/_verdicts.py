"""The samples of a trial, counted in pairs, and what the counts decide; the tests are those of `deepkit.statistics`.

One judgement of success and speed together. In a pair, an answer beats none, and where the fix promises speed, of
two answers the clearly faster one wins: an answer that never came counts as the slowest.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from deepkit.records import Effect, Sample
from deepkit.statistics import e_value_above

DECIDES = 50.0
"""An e-value from here on decides: a useless fix ever reaches it in at most 1 of 50 trials."""
MOST_LOSS = 0.10
"""A fix that only makes answers faster helps once it is excluded that it fails one question in ten more."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Complete pairs of a trial, counted.

    Args:
        both: Pairs in which both arms succeeded.
        wins: Only with the fix.
        losses: Only without the fix.
        neither: In neither arm.
        faster: Of `both`, those answered faster with the fix by the share asked for.
        slower: Of `both`, those answered slower by the same share.
        ratios: Of `both`, time with the fix over time without it, where both were measured.
    """

    both: float = 0
    wins: float = 0
    losses: float = 0
    neither: float = 0
    faster: float = 0
    slower: float = 0
    ratios: tuple[float, ...] = ()

    @property
    def n(self) -> float:
        """Return the number of pairs."""
        return self.both + self.wins + self.losses + self.neither

    @property
    def won(self) -> float:
        """Return how many pairs the fix won, by an answer or by speed."""
        return self.wins + self.faster

    @property
    def lost(self) -> float:
        """Return how many pairs the fix lost, by an answer or by speed."""
        return self.losses + self.slower

    def times(self, factor: float) -> "Pairs":
        """Return the counts as they would be with so many times the pairs, if all went on as until now."""
        return Pairs(
            both=factor * self.both, wins=factor * self.wins, losses=factor * self.losses,
            neither=factor * self.neither, faster=factor * self.faster, slower=factor * self.slower,
        )  # fmt: skip


def count_pairs(before: Iterable[Sample], after: Iterable[Sample], ratio: float | None = None) -> Pairs:
    """Match samples by pair number and count what each pair says.

    Args:
        before: Samples without the fix.
        after: Samples with it.
        ratio: Time with the fix over time without it from which on a pair counts as faster; None counts no times.

    Returns:
        The counts. A pair that is not complete, or whose number stands for more than one
        sample of an arm, is left out: it was no pair. So are samples of a control.
    """
    left, right = _by_pair(before), _by_pair(after)
    counts = {"both": 0, "wins": 0, "losses": 0, "neither": 0, "faster": 0, "slower": 0}
    ratios: list[float] = []
    for number in left.keys() & right.keys():
        one, other = left[number], right[number]
        kind = ("neither", "losses", "wins", "both")[one.ok + 2 * other.ok]
        counts[kind] += 1
        share = _time_ratio(one, other) if kind == "both" and ratio is not None else None
        if share is not None and ratio is not None:
            ratios.append(share)
            counts["faster"] += share <= ratio
            counts["slower"] += share >= 1 / ratio
    return Pairs(**counts, ratios=tuple(ratios))


def _by_pair(samples: Iterable[Sample]) -> dict[int, Sample]:
    found: dict[int, list[Sample]] = {}
    for one in samples:
        if not one.control:
            found.setdefault(one.pair, []).append(one)
    return {number: ones[0] for number, ones in found.items() if len(ones) == 1}


def _time_ratio(before: Sample, after: Sample) -> float | None:
    for old, new in ((before.first_token_s, after.first_token_s), (before.total_s, after.total_s)):
        if old is not None and new is not None and old > 0:
            return new / old
    return None


def strengths(pairs: Pairs) -> tuple[float, float]:
    """Return the e-value of "it helps" and that of "it harms"."""
    n = pairs.n
    helps = _strength(pairs.wins, pairs.losses, pairs.faster, pairs.slower, n)
    return helps, _strength(pairs.losses, pairs.wins, pairs.slower, pairs.faster, n)


def _strength(wins: float, losses: float, faster: float, slower: float, n: float) -> float:
    """Return the e-value against "useless, or failing more".

    The average of two e-values is one: that of the answers alone and that of answers and speed. Where speed carries
    it, it counts no more than the proof that the answers did not become much fewer.
    """
    answers = e_value_above(wins, losses, n)
    if not faster + slower or wins < losses:
        return answers
    altogether = e_value_above(wins + faster, losses + slower, n)
    return min((answers + altogether) / 2, e_value_above(wins, losses, n, -MOST_LOSS))


def effect_of(pairs: Pairs, least_gain: float, decides: float = DECIDES) -> Effect:
    """Decide from the counts alone.

    Args:
        pairs: The counts.
        least_gain: Smallest gain in the share of pairs worth having.
        decides: E-value from which on it is decided; so many times larger as fixes are tried together.

    Returns:
        helped or worse once proven, however small; no_difference once the interval lies within `least_gain` on both
        sides; inconclusive until then.
    """
    helps, harms = strengths(pairs)
    if max(helps, harms) >= decides:
        return "helped" if helps > harms else "worse"
    counts = {(pairs.wins, pairs.losses), (pairs.won, pairs.lost)}
    within = all(_within(won, lost, pairs.n, least_gain, decides) for won, lost in counts)
    return "no_difference" if within else "inconclusive"


def _within(won: float, lost: float, n: float, margin: float, decides: float) -> bool:
    """Tell whether the confidence sequence lies within the margin on both sides."""
    if abs(won - lost) >= margin * n:
        return False
    return min(e_value_above(won, lost, n, -margin), e_value_above(lost, won, n, -margin)) >= decides
