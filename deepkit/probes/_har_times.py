"""The times of a recording: when a request began, when the pieces of its answer came, how far the clock is off."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from deepkit.probes._har_file import Entry

MOST_EVENTS = 10_000
"""Most pieces of one answer whose times are kept."""
LONGEST_S = 86_400.0
"""An answer's pieces lie within a day of its request; other times are of another clock."""
_FRACTION = re.compile(r"(\.\d{6})\d+")


class _Message(msgspec.Struct):
    time: Any = None
    type: Any = None


def when(value: Any) -> float | None:
    """Return a date as seconds since 1970, UTC assumed where no zone stands; None for what is no date.

    Args:
        value: ISO 8601 as browsers and proxies write it, or a number of seconds or milliseconds.
    """
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, int | float):
            seconds = float(value) / (1000 if value > 1e11 else 1)
            return seconds if 0 < seconds < 1e11 else None
        if not isinstance(value, str) or len(value) > 64:
            return None
        read = datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def event_times(entry: Entry) -> tuple[float, ...]:
    """Return when the pieces of an answer came, in seconds after the request began, where the export has them.

    Chrome and mitmproxy write the messages of a web socket (`_webSocketMessages`), Chrome also
    the events of a stream (`_eventSourceMessages`), each with a `time` in seconds since 1970.
    """
    began = when(entry.started)
    if began is None:
        return ()
    for raw in (entry.events, entry.frames):
        try:
            told = msgspec.json.decode(raw, type=list[_Message])[:MOST_EVENTS]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        came = [one.time - began for one in told if _number(one.time) and one.type != "send"]
        kept = tuple(sorted(round(one, 4) for one in came if 0 <= one < LONGEST_S))
        if kept:
            return kept
    return ()


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def clock_offset(began: float | None, wait_s: float | None, date: str | None) -> float | None:
    """Return how far the user's clock is ahead of the server's, in seconds; the header has whole seconds only."""
    if began is None or wait_s is None or not date:
        return None
    try:
        return began + wait_s - (parsedate_to_datetime(date).timestamp() + 0.5)
    except (ValueError, OverflowError, TypeError):
        return None
