"""Intervals and tests for few measurements, each once; the standard library alone.

Reference cases in tests/test_statistics.py. Sources:

- Wilson: Journal of the American Statistical Association 22 (1927) 209, doi 10.1080/01621459.1927.10502953;
  cases in Newcombe, Statistics in Medicine 17 (1998) 857.
- Newcombe: differences of independent shares, method 10, Statistics in Medicine 17 (1998) 873; of paired
  shares, the same volume, 2635.
- Fisher: The Design of Experiments (1935), chapter 2.
- Student's t: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4.
- Median: Conover, Practical Nonparametric Statistics (1999), section 3.2.
- E-values of pairs: Ville's inequality; Howard and others, Annals of Statistics 49 (2021) 1055.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise

Z95 = 1.959963984540054
"""97.5 % quantile of the normal distribution."""
FEWEST_FOR_MEDIAN = 6
"""Fewer values than this have no 95 % interval of the median (0.5^5 + 0.5^5 is more than 5 %)."""
FEWEST_NEIGHBOURS = 5
"""With fewer neighbours than this no correlation is estimated."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its 95 % interval; an end that is not known is None."""

    value: float
    low: float | None
    high: float | None


def wilson(ok: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a share.

    Args:
        ok: Successes.
        n: Trials; need not be whole. With none the interval is everything.
        z: Normal quantile; 1.96 gives 95 %.

    Returns:
        Lower and upper limit, within 0 to 1.
    """
    if n <= 0:
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
        Lower and upper limit of the first share minus the second at 95 %; -1 and 1 without a pair.
    """
    n = both + first + second + neither
    if not n:
        return -1.0, 1.0
    p_1, p_2 = (both + first) / n, (both + second) / n
    (l_1, u_1), (l_2, u_2) = wilson(both + first, n), wilson(both + second, n)
    phi = _phi(both, first, second, neither)
    low = p_1 - p_2 - _combined(p_1 - l_1, u_2 - p_2, phi)
    high = p_1 - p_2 + _combined(u_1 - p_1, p_2 - l_2, phi)
    return max(-1.0, low), min(1.0, high)


def _combined(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))


def _phi(both: int, first: int, second: int, neither: int) -> float:
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    if not margins:
        return 0.0
    cross = float(both * neither - first * second)
    if cross > 0:  # Newcombe's continuity correction, for positive correlation only
        cross = max(0.0, cross - (both + first + second + neither) / 2)
    return cross / math.sqrt(margins)


def fisher_exact(ok: int, n: int, other_ok: int, other_n: int) -> float:
    """Return how probable so good a group is when the groups do not differ (one-sided).

    Args:
        ok: Successes of the group.
        n: Its size.
        other_ok: Successes of the other group.
        other_n: Its size.

    Returns:
        The probability that at least `ok` of all successes fall to the group.
    """
    good = ok + other_ok
    ways = sum(math.comb(n, k) * math.comb(other_n, good - k) for k in range(ok, min(n, good) + 1))
    return ways / math.comb(n + other_n, good)


@lru_cache(maxsize=256)
def student_t_95(df: int) -> float:
    """Return Student's t for a two-sided 95 % interval.

    Args:
        df: Degrees of freedom, from 1.

    Returns:
        The t that is exceeded, up or down, with probability 5 %.
    """
    low, high = Z95, 13.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _t_within(middle, df) < 0.95 else (low, middle)
    return (low + high) / 2


def _t_within(t: float, df: int) -> float:
    """Return the probability of -t to t."""
    angle = math.atan(t / math.sqrt(df))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = df % 2
    term = cosine if odd else 1.0
    total = term if df > 1 else 0.0
    for k in range(2 + odd, df - 1, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


def median_interval(values: Sequence[float]) -> Estimate | None:
    """Return the median with its exact interval from order statistics.

    Args:
        values: Measured values.

    Returns:
        The median; without at least six values its interval is not known. None without any value.
    """
    if not values:
        return None
    ordered = sorted(values)
    n = len(ordered)
    value = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    if n < FEWEST_FOR_MEDIAN:
        return Estimate(value, None, None)
    place = median_place(n)
    return Estimate(value, ordered[place - 1], ordered[n - place])


def median_place(n: int) -> int:
    """Return which of n ordered values, from below and from above, bounds the median at 95 % or more; 0 is none."""
    below, place = 0.0, 0
    while place < n // 2:
        below += math.exp(
            math.lgamma(n + 1) - math.lgamma(place + 1) - math.lgamma(n - place + 1) - n * math.log(2)
        )
        if below > 0.025:
            break
        place += 1
    return place


def effective_size(order: Sequence[bool], n: int) -> float:
    """Return how many independent answers n answers are worth.

    Args:
        order: Whether each failed, in the order of asking; may be shorter than n.
        n: Answers.

    Returns:
        n (1 - r) / (1 + r), with r the correlation of neighbours as far as it is above 0 (the variance of a mean
        of a first-order autoregressive series; Wilks, Statistical Methods in the Atmospheric Sciences, eq. 5.12).
        Without enough neighbours of both kinds, n.
    """
    if len(order) - 1 < FEWEST_NEIGHBOURS or len(set(order)) < 2:
        return float(n)
    mean = sum(order) / len(order)
    variance = sum((one - mean) ** 2 for one in order)
    r = sum((a - mean) * (b - mean) for a, b in pairwise(order)) / variance
    r = min(0.9, max(0.0, r))
    return max(1.0, n * (1 - r) / (1 + r))


def mean_run(order: Sequence[bool]) -> Estimate | None:
    """Return the mean number of failures in a row.

    Args:
        order: Whether each answer failed, in the order of asking.

    Returns:
        The mean over runs; the interval from the share of failures that are followed by another
        (a run goes on with chance q, so that its mean is 1 / (1 - q)). None when nothing failed or no order is known.
    """
    runs = [sum(group) for failed, group in groupby(order) if failed]
    if not runs:
        return None
    followed = [after for before, after in pairwise(order) if before]
    low, high = wilson(sum(followed), len(followed))
    return Estimate(sum(runs) / len(runs), 1 / (1 - low), None if high >= 1.0 else 1 / (1 - high))


def pair_e_value(wins: int, losses: int) -> float:
    """Return the e-value against "a pair favours either arm equally often".

    It mixes Beta(1/2, 1/2) over the chance that a pair favours the first arm, and stays valid however often one
    looks: without an effect it ever reaches 20 in at most 1 of 20 trials.

    Args:
        wins: Pairs that favour one arm.
        losses: Pairs that favour the other.

    Returns:
        2^(wins+losses) B(wins+1/2, losses+1/2) / pi; 1 when there are none.
    """
    beta = math.lgamma(wins + 0.5) + math.lgamma(losses + 0.5) - math.lgamma(wins + losses + 1)
    return math.exp(min(700.0, (wins + losses) * math.log(2) + beta - math.log(math.pi)))
