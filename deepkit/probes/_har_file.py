"""A HAR file, opened: its entries one after the other, decoded only as far as they are needed.

Exporters leave fields out, add their own and put text where numbers belong, so each
entry is decoded by itself and every field may be anything. Bodies stay undecoded slices of the
file until somebody asks: a recording's bulk is images and scripts that nobody reads.
"""

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from deepkit.errors import UsageError
from deepkit.probes._har_repair import AGAIN, repaired
from deepkit.probes._har_source import MOST_BYTES, pieces
from deepkit.probes._har_tape import Tape

MOST_BODY = 2_000_000
"""Longest single body that is decoded, in bytes; of a longer one nothing is read."""


NOTHING = msgspec.Raw(b"[]")


class Pair(msgspec.Struct):
    """A header or cookie."""

    name: Any = ""
    value: Any = ""


class Request(msgspec.Struct):
    """What was asked."""

    url: Any = ""
    method: Any = ""
    headers: msgspec.Raw = NOTHING


class Response(msgspec.Struct):
    """What came; `content` and `headers` stay undecoded."""

    status: Any = 0
    status_text: Any = msgspec.field(default="", name="statusText")
    headers: msgspec.Raw = NOTHING
    content: msgspec.Raw = msgspec.Raw(b"{}")
    error: Any = msgspec.field(default=None, name="_error")
    failure_text: Any = msgspec.field(default=None, name="_failureText")
    via_worker: Any = msgspec.field(default=None, name="_fetchedViaServiceWorker")
    redirect_url: Any = msgspec.field(default="", name="redirectURL")
    charles_status: Any = msgspec.field(default=None, name="_charlesStatus")


class Timings(msgspec.Struct):
    """Milliseconds; -1 is "does not apply"."""

    dns: Any = None
    connect: Any = None
    ssl: Any = None
    wait: Any = None
    receive: Any = None


class Entry(msgspec.Struct):
    """One exchange, in the words of whichever exporter wrote it."""

    request: Request | None = None
    response: Response | None = None
    timings: Timings | None = None
    started: Any = msgspec.field(default=None, name="startedDateTime")
    time: Any = None
    cache: Any = None
    events: msgspec.Raw = msgspec.field(default=NOTHING, name="_eventSourceMessages")
    frames: msgspec.Raw = msgspec.field(default=NOTHING, name="_webSocketMessages")
    from_cache: Any = msgspec.field(default=None, name="_fromCache")
    fetch_type: Any = msgspec.field(default=None, name="_fetchType")
    resource_type: Any = msgspec.field(default=None, name="_resourceType")
    was_blocked: Any = msgspec.field(default=None, name="_blocked")


class Recording:
    """An opened HAR file.

    Args:
        source: Its path, or its content.
        max_bytes: Larger files are refused.

    Raises:
        UsageError: When it cannot be read as a HAR file; the message says what to do.
    """

    def __init__(self, source: str | Path | bytes, max_bytes: int = MOST_BYTES) -> None:
        self.name = "the HAR content" if isinstance(source, bytes) else Path(source).name
        self._tape = Tape(pieces(source, self.name, max_bytes), self.name)
        self.seen = 0
        """How many entries came by, the unreadable ones included."""
        self.bad = 0
        """How many were unreadable."""

    @property
    def cut(self) -> bool:
        """Whether the file ends before its end; known once the entries were taken."""
        return self._tape.cut

    @property
    def exporter(self) -> str:
        """Who wrote the file; known for certain once the entries were taken."""
        told = self._tape.creator
        words = [told.get("name"), told.get("version")] if isinstance(told, dict) else []
        return " ".join(str(word) for word in words if isinstance(word, str | int | float))[:80].strip()

    def entries(self) -> Iterator[Entry]:
        """Yield the readable entries in their order; the others are counted in `bad`.

        Raises:
            UsageError: When the file ends before its first entry does.
        """
        for run in self._tape.runs(_MANY):
            found = [entry_of(run)] if isinstance(run, bytes) else run
            self.seen += len(found)
            for entry in found:
                if entry is None or entry.request is None or not isinstance(entry.request.url, str):
                    self.bad += 1
                else:
                    yield entry
        self.seen += self._tape.passed_over
        self.bad += self._tape.passed_over
        if self.cut and not self.seen:
            message = f"{self.name} ends in the middle; {AGAIN}."
            raise UsageError(message)


_MANY = msgspec.json.Decoder(list[Entry])
_ONE = msgspec.json.Decoder(Entry)


def entry_of(raw: bytes) -> Entry | None:
    """Decode one entry, repaired where it must be; None when there is nothing to read."""
    for text in (raw, None):
        text = repaired(raw) if text is None else text
        try:
            if text is not None:
                return _ONE.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return None


def pairs(raw: msgspec.Raw) -> dict[str, str]:
    """Return headers as a mapping with small names; later ones of a name are dropped, odd ones left out."""
    try:
        listed = msgspec.json.decode(raw, type=list[Pair])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return {
        one.name.lower(): one.value
        for one in reversed(listed)
        if isinstance(one.name, str) and isinstance(one.value, str)
    }


def body(raw: msgspec.Raw) -> str:
    """Return a response's text; an empty one when it was not recorded, is too long or not text."""
    data = bytes(raw)
    if len(data) > MOST_BODY:
        return ""
    try:
        content = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        sound = repaired(data)
        content = msgspec.json.decode(sound) if sound else None
    text = content.get("text") if isinstance(content, dict) else None
    if not isinstance(text, str):
        return ""
    if content.get("encoding") == "base64":
        return _from_base64(text)
    return text


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def seconds(value: Any) -> float | None:
    """Return milliseconds as seconds; None for "does not apply" and for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != value:
        return None
    return round(value / 1000, 4)
