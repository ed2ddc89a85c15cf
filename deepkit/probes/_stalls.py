"""Waits come in fixed sizes: the size of a stall names what waited better than any error text does."""

from collections.abc import Sequence
from typing import NamedTuple

from deepkit.checks import Stall, Wait

STALL_S = 0.18
"""From here on above the usual a round trip is a stall: just below the least retransmission wait."""
MOST_LONGER_S = 0.1
"""By how much a slow line's round trip widens the sizes of a lost segment at most, in seconds."""


class Size(NamedTuple):
    """Least and most seconds of a wait, what it was for, and whether a slow line's round trip makes it longer."""

    least_s: float
    most_s: float
    wait: Wait
    grows: bool = False


TRIPS = (
    Size(0.18, 0.24, Wait.LOST_SEGMENT, grows=True),
    Size(0.24, 0.30, Wait.SILENT_FIRST_ADDRESS),
    Size(0.38, 0.47, Wait.LOST_SEGMENT_EACH_WAY, grows=True),
    Size(0.58, 0.68, Wait.SEGMENT_LOST_TWICE, grows=True),
    Size(0.78, 0.88, Wait.LOST_SEGMENTS_BOTH_WAYS, grows=True),
    Size(0.95, 1.15, Wait.LOST_FIRST_PACKET),
    Size(1.15, 1.5, Wait.LOST_FIRST_PACKET_AND_SEGMENT, grows=True),
    Size(1.9, 2.3, Wait.TWO_LOST_FIRST_PACKETS),
    Size(2.9, 3.4, Wait.LOST_FIRST_PACKETS),
)
"""Round trips (RFC 6298, Linux' least wait, RFC 8305)."""
CONNECTS = tuple(one for one in TRIPS if one.least_s >= 0.95)
"""Bare connects: a lost first packet is sent again after 1 s (RFC 6298, section 2.1); shorter stalls are none."""
LOOKUPS = (Size(4.8, 5.6, Wait.SILENT_NAME_SERVER), Size(9.6, 11.2, Wait.TWO_SILENT_NAME_SERVERS))
"""Lookups (resolv.conf(5): `timeout` is 5 s)."""


def mechanism(size_s: float, sizes: Sequence[Size] = TRIPS, usual_s: float = 0.0) -> Wait:
    """Name what a stall of this size usually is.

    Args:
        size_s: By how much it was longer than usual, in seconds.
        sizes: The table that fits what waited.
        usual_s: The usual round trip: the wait for a lost segment's answer begins with one (RFC 6298, section 2).

    Returns:
        The kind of wait, UNKNOWN for a size that names none.
    """
    longer = min(usual_s, MOST_LONGER_S)
    found = (one.wait for one in sizes if one.least_s <= size_s <= one.most_s + one.grows * longer)
    return next(found, Wait.UNKNOWN)


def stalls(connects: Sequence[float], exchanges: Sequence[float]) -> tuple[Stall, ...]:
    """Return the round trips that stalled, each with the kind of wait that its size names.

    Args:
        connects: Bare connects, in seconds.
        exchanges: Round trips on connections that stood, in seconds, comparable with the connects.

    Returns:
        The stalls of the connects, then those of the exchanges.
    """
    trips = sorted((*connects, *exchanges))
    if not trips:
        return ()
    usual = trips[len(trips) // 4]  # where every other packet is lost, the median is a stall itself
    return tuple(
        Stall(one, mechanism(one - usual, sizes, usual))
        for some, sizes in ((connects, CONNECTS), (exchanges, TRIPS))
        for one in some
        if one - usual >= STALL_S and one > 3 * usual
    )
