"""What the records of facts share: kinds of values with their bounds, closed sets, and how foreign values enter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar

from deepkit.schema import Longest, Within, read

Seconds = Annotated[float, Within(0.0, 1e6)]
"""A span of time."""
Count = Annotated[int, Within(0, 1_000_000_000)]
Status = Annotated[int, Within(0, 999)]
"""An HTTP status; 0 is a browser's way to say that none came."""
Port = Annotated[int, Within(0, 65_535)]
Line = Annotated[str, Longest(600)]
"""A sentence of the server's, cut."""
Name = Annotated[str, Longest(200, cut=False)]
"""A name or an id: a longer one is none."""


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
        return "lost" in self.value.split("_")


@dataclass(frozen=True)
class Facts:
    """What a check found.

    Args:
        address: "ip:port" that was spoken to.
        unreadable: Fields that came with a value that cannot be read.
    """

    check: ClassVar[str] = ""
    within: ClassVar[Mapping[str, str]] = {}
    """Counts that are never larger than another: name to the other's name."""

    address: Name | None = None
    unreadable: tuple[Name, ...] = ()


F = TypeVar("F", bound=Facts)


def checked(record: type[F], values: Mapping[str, Any]) -> F:
    """Read foreign values into a record of facts.

    Args:
        record: The class of the check's facts.
        values: By field name.

    Returns:
        The facts; what does not fit was not measured, and is named in `unreadable`.
    """
    found, bad = read(record, values)
    for part, whole in record.within.items():
        some, of = getattr(found, part), getattr(found, whole)
        if some is not None and of is not None and some > of:
            unknown: dict[str, Any] = {part: None, whole: None}
            found, bad = replace(found, **unknown), (*bad, part, whole)
    return replace(found, unreadable=tuple(dict.fromkeys((*found.unreadable, *bad)))) if bad else found
