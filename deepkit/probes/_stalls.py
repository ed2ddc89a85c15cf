"""Waits come in fixed sizes: the size of a stall names what waited better than any error text does."""

from collections.abc import Sequence
from typing import Any

STALL_S = 0.18
"""From here on above the usual a round trip is a stall: just below the least retransmission wait."""
MOST_LONGER_S = 0.1
"""By how much a slow line's round trip widens the sizes of a lost segment at most, in seconds."""
Sizes = tuple[tuple[float, float, str], ...]
TRIPS: Sizes = (
    (0.18, 0.24, "a lost segment, sent again after the least wait of 200 ms"),
    (0.24, 0.30, "a first address that does not answer, passed by after 250 ms"),
    (0.38, 0.47, "a lost segment in each direction, or one sent again after 400 ms"),
    (0.58, 0.68, "a segment lost twice, sent again after 200 and 400 ms"),
    (0.78, 0.88, "lost segments in both directions, sent again after 400 ms"),
    (0.95, 1.15, "a lost first packet, sent again after 1 s"),
    (1.15, 1.5, "a lost first packet and a lost segment, 1 s and 200 or 400 ms"),
    (1.9, 2.3, "two lost first packets, sent again after 1 s each"),
    (2.9, 3.4, "lost first packets, the third try after 3 s"),
)
"""Round trips (RFC 6298, Linux' least wait, RFC 8305): least and most seconds, and what waited."""
LOOKUPS: Sizes = (
    (4.8, 5.6, "a name server that did not answer, asked again after 5 s"),
    (9.6, 11.2, "two name servers that did not answer, 5 s each"),
)
"""Lookups (resolv.conf(5): `timeout` is 5 s): least and most seconds, and what waited."""


def mechanism(size_s: float, sizes: Sizes = TRIPS, usual_s: float = 0.0) -> str:
    """Name what a stall of this size usually is.

    Args:
        size_s: By how much it was longer than usual, in seconds.
        sizes: The table that fits what waited.
        usual_s: The usual round trip: the wait for a lost segment's answer begins with one (RFC 6298, section 2).

    Returns:
        The mechanism, "unknown" for a size that names none.
    """
    longer = min(usual_s, MOST_LONGER_S)
    return next(
        (name for low, high, name in sizes if low <= size_s <= high + ("segment" in name) * longer), "unknown"
    )


def stalls(trips: Sequence[float]) -> list[dict[str, Any]]:
    """Return the round trips that stalled, each with the mechanism that its size names."""
    if not trips:
        return []
    usual = sorted(trips)[len(trips) // 4]  # where every other packet is lost, the median is a stall itself
    found = [one for one in trips if one - usual >= STALL_S and one > 3 * usual]
    return [{"size_s": one, "mechanism": mechanism(one - usual, usual_s=usual)} for one in found]
