"""The statistics of a before/after trial: intervals for few trials, and an anytime-valid test.

Reference cases in tests/fixes/test_verdicts.py. Methods: Wilson and Newcombe after
Newcombe, Statistics in Medicine 17 (1998) 857-872, 873-890 and 2635-2650; the e-process
mixes Beta(1/2, 1/2) over the chance that a pair favours the fix and stays valid however
often one looks (Ville's inequality; Howard and others, Annals of Statistics 49 (2021) 1055).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deepkit.records import Sample

Z95 = 1.959963984540054
"""97.5 % quantile of the normal distribution."""

DECIDES = 20.0
"""An e-value from here on decides: under no effect it is ever reached in at most 1 of 20 trials."""


def wilson(ok: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a share.

    Args:
        ok: Successes.
        n: Trials; with none the interval is everything.
        z: Normal quantile; 1.96 gives 95 %.

    Returns:
        Lower and upper limit, within 0 to 1.
    """
    if n == 0:
        return 0.0, 1.0
    share, zz = ok / n, z * z
    middle = (share + zz / (2 * n)) / (1 + zz / n)
    half = z / (1 + zz / n) * math.sqrt(share * (1 - share) / n + zz / (4 * n * n))
    low = 0.0 if ok == 0 else max(0.0, middle - half)
    high = 1.0 if ok == n else min(1.0, middle + half)
    return low, high


def newcombe(ok_1: int, n_1: int, ok_2: int, n_2: int) -> tuple[float, float]:
    """Return Newcombe's hybrid score interval (method 10) of share 1 minus share 2, independent groups.

    Args:
        ok_1: Successes of the first group.
        n_1: Size of the first group.
        ok_2: Successes of the second group.
        n_2: Size of the second group.

    Returns:
        Lower and upper limit at 95 %; -1 and 1 when a group is empty.
    """
    if not n_1 or not n_2:
        return -1.0, 1.0
    p_1, p_2 = ok_1 / n_1, ok_2 / n_2
    (l_1, u_1), (l_2, u_2) = wilson(ok_1, n_1), wilson(ok_2, n_2)
    low = p_1 - p_2 - math.hypot(p_1 - l_1, u_2 - p_2)
    high = p_1 - p_2 + math.hypot(u_1 - p_1, p_2 - l_2)
    return max(-1.0, low), min(1.0, high)


def newcombe_paired(both: int, first: int, second: int, neither: int) -> tuple[float, float]:
    """Return Newcombe's interval (square and add) of a difference of shares in pairs.

    Args:
        both: Pairs in which both succeeded.
        first: Pairs in which only the first did.
        second: Pairs in which only the second did.
        neither: Pairs in which none did.

    Returns:
        Lower and upper limit of the first share minus the second at 95 %.
    """
    n = both + first + second + neither
    if not n:
        return -1.0, 1.0
    p_1, p_2 = (both + first) / n, (both + second) / n
    (l_1, u_1), (l_2, u_2) = wilson(both + first, n), wilson(both + second, n)
    phi = _phi(both, first, second, neither)
    down, up = (p_1 - l_1, u_2 - p_2), (u_1 - p_1, p_2 - l_2)
    low = p_1 - p_2 - math.sqrt(max(0.0, down[0] ** 2 - 2 * phi * down[0] * down[1] + down[1] ** 2))
    high = p_1 - p_2 + math.sqrt(max(0.0, up[0] ** 2 - 2 * phi * up[0] * up[1] + up[1] ** 2))
    return max(-1.0, low), min(1.0, high)


def _phi(both: int, first: int, second: int, neither: int) -> float:
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    if not margins:
        return 0.0
    cross = both * neither - first * second
    if cross > 0:  # Newcombe's continuity correction, for positive correlation only
        cross = max(0, cross - (both + first + second + neither) / 2)  # type: ignore[assignment]
    return cross / math.sqrt(margins)


def evidence_of(wins: int, losses: int) -> float:
    """Return the e-value against "a pair favours either arm equally often".

    Args:
        wins: Pairs that favour one arm.
        losses: Pairs that favour the other.

    Returns:
        2^(wins+losses) B(wins+1/2, losses+1/2) / pi; 1 when there are none.
    """
    beta = math.lgamma(wins + 0.5) + math.lgamma(losses + 0.5) - math.lgamma(wins + losses + 1)
    return math.exp(min(700.0, (wins + losses) * math.log(2) + beta - math.log(math.pi)))


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
    ratios.sort()
    return Pairs(**counts, ratio=_median(ratios))


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


def _median(ordered: Sequence[float]) -> float | None:
    half, odd = divmod(len(ordered), 2)
    if not ordered:
        return None
    return ordered[half] if odd else (ordered[half - 1] + ordered[half]) / 2


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
    return max(evidence_of(found.wins, found.losses), evidence_of(found.faster, found.slower))
