"""What the records of facts share: kinds of values with their bounds, closed sets, and how foreign values enter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar

from deepkit.schema import Like, Longest, Parts, Within, read

Seconds = Annotated[float, Within(0.0, 1e6)]
"""A span of time."""
Lifetime = Annotated[float, Within(0.0, 2**31 - 1)]
"""How long a name's answer may be kept, in seconds; the longest is that of RFC 2181, section 8."""
Moment = Annotated[float, Within(0.0, 253_402_300_799.0)]
"""A point in time, in Unix seconds; the last one is a certificate's "no end" (RFC 5280, section 4.1.2.5)."""
Offset = Annotated[float, Within(-1e10, 1e10)]
"""By how much a clock is off, in seconds; some 300 years."""
Count = Annotated[int, Within(0, 1_000_000_000)]
Status = Annotated[int, Within(0, 999)]
"""An HTTP status; 0 is a browser's way to say that none came."""
Port = Annotated[int, Within(0, 65_535)]
Line = Annotated[str, Longest(600)]
"""A sentence of the server's, cut."""
_ACTING = r"\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
Name = Annotated[str, Like(rf"[^{_ACTING}]{{0,200}}")]
"""A name: a longer one is none, nor is one with control characters, directions of writing or zero-width signs."""
TraceId = Annotated[str, Like("[!-~]{1,128}")]
"""An id that a provider gave to a request: visible ASCII without spaces."""
Amount = Annotated[str, Like(r"-?\d{1,12}(?:\.\d{1,12})?")]
"""Money as a provider writes it: "110.00"."""
Currency = Annotated[str, Like("[A-Za-z]{1,12}")]
"""A currency's code: "CNY"."""


class KeyShape(StrEnum):
    """What a key looks like before it is sent."""

    OK = "ok"
    MISSING = "missing"
    BLANK = "blank"
    QUOTES = "quotes"
    SPACES = "spaces"


class BodyKind(StrEnum):
    """What a body is, by its content."""

    JSON = "json"
    HTML = "html"
    TEXT = "text"
    EMPTY = "empty"


class Indicator(StrEnum):
    """What a status page says of a service, better first."""

    OPERATIONAL = "operational"
    UNDER_MAINTENANCE = "under_maintenance"
    DEGRADED = "degraded"
    PARTIAL_OUTAGE = "partial_outage"
    FULL_OUTAGE = "full_outage"
    UNKNOWN = "unknown"


class Wait(StrEnum):
    """What a wait of a known size was for: such waits come from timers whose lengths are published."""

    LOST_SEGMENT = "lost_segment"
    LOST_SEGMENT_EACH_WAY = "lost_segment_each_way"
    SEGMENT_LOST_TWICE = "segment_lost_twice"
    LOST_SEGMENTS_BOTH_WAYS = "lost_segments_both_ways"
    LOST_FIRST_PACKET = "lost_first_packet"
    LOST_FIRST_PACKET_AND_SEGMENT = "lost_first_packet_and_segment"
    TWO_LOST_FIRST_PACKETS = "two_lost_first_packets"
    LOST_FIRST_PACKETS = "lost_first_packets"
    SILENT_FIRST_ADDRESS = "silent_first_address"
    SILENT_NAME_SERVER = "silent_name_server"
    TWO_SILENT_NAME_SERVERS = "two_silent_name_servers"
    UNKNOWN = "unknown"

    @property
    def is_loss(self) -> bool:
        """Whether packets were lost."""
        return self in _LOSSES


_LOSSES = frozenset({
    Wait.LOST_SEGMENT, Wait.LOST_SEGMENT_EACH_WAY, Wait.SEGMENT_LOST_TWICE, Wait.LOST_SEGMENTS_BOTH_WAYS,
    Wait.LOST_FIRST_PACKET, Wait.LOST_FIRST_PACKET_AND_SEGMENT, Wait.TWO_LOST_FIRST_PACKETS,
    Wait.LOST_FIRST_PACKETS,
})  # fmt: skip

WAIT_WORDS: Mapping[Wait, str] = {
    Wait.LOST_SEGMENT: "a lost segment, sent again after the least wait of 200 ms",
    Wait.LOST_SEGMENT_EACH_WAY: "a lost segment in each direction, or one sent again after 400 ms",
    Wait.SEGMENT_LOST_TWICE: "a segment lost twice, sent again after 200 and 400 ms",
    Wait.LOST_SEGMENTS_BOTH_WAYS: "lost segments in both directions, sent again after 400 ms",
    Wait.LOST_FIRST_PACKET: "a lost first packet, sent again after 1 s",
    Wait.LOST_FIRST_PACKET_AND_SEGMENT: "a lost first packet and a lost segment, 1 s and 200 or 400 ms",
    Wait.TWO_LOST_FIRST_PACKETS: "two lost first packets, sent again after 1 s each",
    Wait.LOST_FIRST_PACKETS: "lost first packets, the third try after 3 s",
    Wait.SILENT_FIRST_ADDRESS: "a first address that does not answer, passed by after 250 ms",
    Wait.SILENT_NAME_SERVER: "a name server that did not answer, asked again after 5 s",
    Wait.TWO_SILENT_NAME_SERVERS: "two name servers that did not answer, 5 s each",
    Wait.UNKNOWN: "a wait of no known kind",
}
"""What people read for each kind of wait; no code reads it."""


@dataclass(frozen=True)
class Facts:
    """What a check found.

    Args:
        address: "ip:port" that was spoken to.
        unreadable: Fields that came with a value that cannot be read.
    """

    check: ClassVar[str] = ""
    parts: ClassVar[tuple[Parts, ...]] = ()

    address: Name | None = None
    unreadable: tuple[Name, ...] = ()


F = TypeVar("F", bound=Facts)


def checked(record: type[F], values: Any) -> F:
    """Read foreign values into a record of facts.

    Args:
        record: The class of the check's facts.
        values: By field name; any JSON value is borne.

    Returns:
        The facts; what does not fit was not measured, and is named in `unreadable`.
    """
    if not isinstance(values, Mapping):
        return record(unreadable=("facts",))
    found, bad = read(record, values)
    return replace(found, unreadable=tuple(dict.fromkeys((*found.unreadable, *bad)))) if bad else found
