"""The samples of a before/after trial, counted in pairs; the tests are those of `deepkit.statistics`."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from deepkit.records import Sample
from deepkit.statistics import pair_e_value

DECIDES = 20.0
"""An e-value from here on decides: under no effect it is ever reached in at most 1 of 20 trials."""


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
        ratio: Median of time with the fix over time without it; None when none was measured.
    """

    both: int = 0
    wins: int = 0
    losses: int = 0
    neither: int = 0
    faster: int = 0
    slower: int = 0
    ratio: float | None = None

    @property
    def n(self) -> int:
        """Return the number of pairs."""
        return self.both + self.wins + self.losses + self.neither


def count_pairs(before: Iterable[Sample], after: Iterable[Sample], ratio: float | None = None) -> Pairs:
    """Match samples by pair number and count what each pair says.

    Args:
        before: Samples without the fix.
        after: Samples with it.
        ratio: Time with the fix over time without it from which on a pair counts as faster; None counts no times.

    Returns:
        The counts. A pair that is not complete, or whose number stands for more than one
        sample of an arm, is left out: it was no pair.
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
    return Pairs(**counts, ratio=median(ratios) if ratios else None)


def _by_pair(samples: Iterable[Sample]) -> dict[int, Sample]:
    found: dict[int, list[Sample]] = {}
    for one in samples:
        found.setdefault(one.pair, []).append(one)
    return {number: ones[0] for number, ones in found.items() if len(ones) == 1}


def _time_ratio(before: Sample, after: Sample) -> float | None:
    for old, new in ((before.first_token_s, after.first_token_s), (before.total_s, after.total_s)):
        if old is not None and new is not None and old > 0:
            return new / old
    return None


def e_value(before: Iterable[Sample], after: Iterable[Sample], ratio: float | None = None) -> float | None:
    """Return the strongest e-value of a trial, of success or, where it counts, of speed.

    Args:
        before: Samples without the fix.
        after: Samples with it.
        ratio: As for `count_pairs`.

    Returns:
        The e-value, or None when there is no complete pair.
    """
    found = count_pairs(before, after, ratio)
    if not found.n:
        return None
    return max(pair_e_value(found.wins, found.losses), pair_e_value(found.faster, found.slower))
