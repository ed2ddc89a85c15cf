"""Shares, runs and medians of a few answers, each with its 95 % interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

Z_95 = 1.959964
FEWEST_FOR_MEDIAN = 6
"""Fewer values than this have no 95 % interval of the median (0.5^5 + 0.5^5 is more than 5 %)."""
FEWEST_PAIRS = 5
"""With fewer neighbours than this no correlation is estimated."""


@dataclass(frozen=True, slots=True)
class Span:
    """A value and its 95 % interval; an end that is not known is None."""

    value: float
    low: float | None
    high: float | None


def wilson(k: float, n: float) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927, doi 10.1080/01621459.1927.10502953).

    Args:
        k: Successes.
        n: Tries.

    Returns:
        Lower and upper end; (0, 1) without a try.
    """
    return (0.0, 1.0) if n == 0 else share_span(k / n, n)


def share_span(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's interval of a share of n tries; n need not be whole."""
    if n <= 0:
        return 0.0, 1.0
    z2 = Z_95 * Z_95
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def effective(order: Sequence[bool], n: int) -> float:
    """Return how many independent answers n answers are worth.

    Args:
        order: Whether each failed, in the order of asking; may be shorter than n.
        n: Answers.

    Returns:
        n (1 - r) / (1 + r), with r the correlation of neighbours as far as it is above 0 (the variance of a mean
        of a first-order autoregressive series; Wilks, Statistical Methods in the Atmospheric Sciences, eq. 5.12).
        Without enough neighbours of both kinds, n.
    """
    if len(order) - 1 < FEWEST_PAIRS or len(set(order)) < 2:
        return float(n)
    mean = sum(order) / len(order)
    variance = sum((one - mean) ** 2 for one in order)
    r = sum((a - mean) * (b - mean) for a, b in pairwise(order)) / variance
    r = min(0.9, max(0.0, r))
    return max(1.0, n * (1 - r) / (1 + r))


def run_span(order: Sequence[bool]) -> Span | None:
    """Return the mean number of failures in a row, with its interval.

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
    return Span(sum(runs) / len(runs), 1 / (1 - low), None if high >= 1.0 else 1 / (1 - high))


def median_span(values: Sequence[float]) -> Span | None:
    """Return the median with its exact interval from order statistics (Conover 1999, section 3.2).

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
        return Span(value, None, None)
    below, place = 0.0, 0
    while place < n // 2:
        below += math.exp(
            math.lgamma(n + 1) - math.lgamma(place + 1) - math.lgamma(n - place + 1) - n * math.log(2)
        )
        if below > 0.025:
            break
        place += 1
    return Span(value, ordered[place - 1], ordered[n - place])
