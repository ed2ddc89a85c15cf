"""Intervals and tests for few measurements, each once; the standard library alone.

Reference cases in tests/test_statistics.py. Sources:

- Wilson: Journal of the American Statistical Association 22 (1927) 209, doi 10.1080/01621459.1927.10502953;
  cases in Newcombe, Statistics in Medicine 17 (1998) 857.
- Newcombe: differences of independent shares, method 10, Statistics in Medicine 17 (1998) 873.
- Fisher: The Design of Experiments (1935), chapter 2.
- Student's t: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4.
- Median: Conover, Practical Nonparametric Statistics (1999), section 3.2.
- Hodges-Lehmann: Annals of Mathematical Statistics 34 (1963) 598; interval in Hollander, Wolfe and Chicken,
  Nonparametric Statistical Methods (2014), section 3.3.
- E-values and confidence sequences by betting: Waudby-Smith and Ramdas, Journal of the Royal Statistical Society B
  86 (2024) 1, arXiv 2010.09686; Howard and others, Annals of Statistics 49 (2021) 1055. docs/trials.md shows why
  ours hold when the means change.
- Many e-values: Vovk and Wang, Annals of Statistics 49 (2021) 1736, arXiv 1912.06116, section 5.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby, pairwise

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


def hodges_lehmann(values: Sequence[float]) -> Estimate | None:
    """Return the Hodges-Lehmann estimate of the centre of symmetric values, with the exact signed-rank interval.

    Args:
        values: Differences of pairs, independent and symmetric around their centre; their number is fixed beforehand.

    Returns:
        The median of all means of two (Walsh averages) and its interval at 95 % or more; without at least six
        values the interval is not known. None without any value.
    """
    if not values:
        return None
    walsh = sorted((a + b) / 2 for i, a in enumerate(values) for b in values[i:])
    n = len(walsh)
    value = (walsh[(n - 1) // 2] + walsh[n // 2]) / 2
    place = _signed_rank_place(len(values))
    return Estimate(value, walsh[place - 1], walsh[n - place]) if place else Estimate(value, None, None)


@lru_cache(maxsize=256)
def _signed_rank_place(n: int) -> int:
    """Return which Walsh average, from below and from above, bounds the centre at 95 % or more; 0 is none."""
    ways = [1]  # how many sets of the ranks 1 to n have each sum
    for rank in range(1, n + 1):
        longer = ways + [0] * rank
        for total, count in enumerate(ways):
            longer[total + rank] += count
        ways = longer
    below, place = 0, 0
    while place < len(ways) and (below := below + ways[place]) * 40 <= 2**n:
        place += 1
    return place


STAKES = tuple(math.sin((k + 0.5) * math.pi / 128) for k in range(64))
"""Stakes that are mixed: the arcsine law, which is Jeffreys's for the chance of a win, at 64 points."""
_LOGS = tuple((stake, math.log1p(stake), math.log1p(-stake)) for stake in STAKES)
STEPS = 30
"""Halvings of the search for the end of an interval: 2^-29 of the whole."""


@lru_cache(maxsize=1 << 17)
def e_value_above(wins: float, losses: float, n: float, mean: float = 0.0) -> float:
    """Return the e-value against "wins less losses come to at most `mean` a pair".

    Each stake k bets that fraction of its money on a win: (1+k)^wins (1-k)^losses / (1+k mean)^n, and the stakes
    are averaged. Looking as often as one likes is allowed: if the claim holds, this ever reaches c in at most 1 of
    c trials. The means of the pairs may change on the way; the claim is of their average up to the last pair.

    Args:
        wins: Pairs that one arm won.
        losses: Pairs that the other arm won.
        n: All pairs, those that nobody won included.
        mean: Largest mean of the claim, from -1 to below 1.

    Returns:
        The e-value; 1 when there are no pairs.
    """
    total = 0.0
    for stake, up, down in _LOGS:
        total += math.exp(min(700.0, wins * up + losses * down - n * math.log1p(stake * mean)))
    return total / len(_LOGS)


@lru_cache(maxsize=4096)
def mean_interval(wins: float, losses: float, n: float, decides: float) -> tuple[float, float]:
    """Return the confidence sequence of "wins less losses a pair": an interval that holds whenever one stops.

    Args:
        wins: Pairs that one arm won.
        losses: Pairs that the other arm won.
        n: All pairs.
        decides: E-value from which on a mean is excluded; each end is wrong in at most 1 of so many trials, the
            whole interval in 2.

    Returns:
        Lower and upper limit, within -1 to 1.
    """
    return -_highest(losses, wins, n, decides), _highest(wins, losses, n, decides)


def _highest(wins: float, losses: float, n: float, decides: float) -> float:
    """Return the largest mean that is not excluded from above: the claim "at least m" is "at most -m" mirrored."""
    inside, outside = (wins - losses) / n if n else 1.0, 1.0
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        excluded = e_value_above(losses, wins, n, -middle) >= decides
        inside, outside = (inside, middle) if excluded else (middle, outside)
    return outside


def share_interval(ok: int, n: int, decides: float) -> tuple[float, float]:
    """Return the confidence sequence of a share: an interval that holds whenever one stops.

    Args:
        ok: Successes.
        n: Trials.
        decides: As for `mean_interval`.

    Returns:
        Lower and upper limit, within 0 to 1.
    """
    low, high = mean_interval(ok, n - ok, n, decides)
    return (1 + low) / 2, (1 + high) / 2


def median_sequence(values: Sequence[float], decides: float) -> tuple[float, float] | None:
    """Return the confidence sequence of a median: an interval that holds whenever one stops.

    Args:
        values: What was measured so far.
        decides: As for `mean_interval`.

    Returns:
        The innermost two measured values whose signs exclude what lies beyond them; None with too few values.
    """
    ordered, n = sorted(values), len(values)
    place = 0
    while place < n // 2 and e_value_above(n - place, place, n) >= decides:
        place += 1
    return (ordered[place - 1], ordered[n - place]) if place else None


def adjusted_e_values(values: Sequence[float]) -> list[float]:
    """Return e-values of which all that reach c are right together, except in at most 1 of c families.

    Closed testing with averages: a claim is rejected when the average over every set of claims that holds it
    reaches c. The worst such set takes the smallest others. It never rejects less than c times the number does
    (Bonferroni), and needs nothing of how the values hang together.

    Args:
        values: One e-value for each claim that was tested.

    Returns:
        The adjusted values in the same order, none larger than before.
    """
    adjusted = []
    for place, value in enumerate(values):
        others = sorted((*values[:place], *values[place + 1 :]))
        sums = accumulate(others, initial=value)
        adjusted.append(min(total / size for size, total in enumerate(sums, 1)))
    return adjusted
