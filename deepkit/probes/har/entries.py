"""The entries of a HAR file as typed records: the file is decoded whole, and what nobody reads is skipped.

Exporters leave fields out, add their own and put text where numbers belong, so every field may be
anything. Headers and bodies stay undecoded slices of the file until somebody asks: a
recording's bulk is images and scripts that nobody reads.
"""

import base64
import binascii
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from deepkit.errors import UsageError
from deepkit.probes.har.file import MOST_BYTES, PEEK, content, elements, entries_start, is_open

MOST_BODY = 2_000_000
"""Longest single body that is decoded, in bytes; of a longer one nothing is read."""
MOST_REPAIRED = 4 << 20
"""Longest text that is repaired, in bytes."""
MOST_MS = 1e9
"""Longest time that is believed, in milliseconds: eleven days."""
AGAIN = "export it again from the browser's network panel (Save all as HAR)"
Buffer = bytes | memoryview | msgspec.Raw
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoder raises."""
NOTHING = msgspec.Raw(b"[]")


class Pair(msgspec.Struct):
    """A header or cookie."""

    name: Any = ""
    value: Any = ""


class Content(msgspec.Struct):
    """A body."""

    text: Any = None
    encoding: Any = None


class Request(msgspec.Struct):
    """What was asked."""

    url: Any = ""
    method: Any = ""
    headers: msgspec.Raw = NOTHING


class Response(msgspec.Struct):
    """What came."""

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

    wait: Any = None
    receive: Any = None


class Entry(msgspec.Struct):
    """One exchange, in the words of whichever exporter wrote it."""

    request: Request
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


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]
    creator: Any = None
    browser: Any = None


class _File(msgspec.Struct):
    log: _Log


_FILE = msgspec.json.Decoder(_File)
_ENTRY = msgspec.json.Decoder(Entry)
_PAIRS = msgspec.json.Decoder(list[Pair])
_CONTENT = msgspec.json.Decoder(Content)


@dataclass(frozen=True, slots=True)
class Recording:
    """An opened HAR file: who wrote it, its undecoded entries, and whether it ends before its end."""

    exporter: str
    raw_entries: Sequence[Buffer]
    cut: bool

    def entries(self) -> Iterator[Entry | None]:
        """Yield the entries in their order, decoded; None for an unreadable one."""
        return map(entry_of, self.raw_entries)


def open_recording(source: str | Path | bytes, max_bytes: int = MOST_BYTES) -> Recording:
    """Open a HAR file.

    Args:
        source: Its path, or its content.
        max_bytes: Larger files are refused.

    Raises:
        UsageError: When it cannot be read as a HAR file; the message says what to do.
    """
    name = "the HAR content" if isinstance(source, bytes) else Path(source).name
    data = content(source, name, max_bytes)
    try:
        log = _FILE.decode(data).log
        return Recording(_exporter(log), log.entries, cut=False)
    except UNREADABLE:
        return _split(data, name)


def _split(data: memoryview, name: str) -> Recording:
    """Split a file that is cut off or no sound JSON into its entries by the brackets."""
    start = entries_start(data)
    if start is None:
        raise UsageError(_why_not(name, data))
    spans, end = elements(data, start)
    if end is None and not spans:
        message = f"{name} ends in the middle; {AGAIN}."
        raise UsageError(message)
    head, tail = bytes(data[:start]), b"]}}" if end is None else bytes(data[end:])
    log = _lenient_log(head + tail) or _lenient_log(head + b"]}}") or _Log([])
    cut = end is None or is_open(data, end + 1, depth=2)
    return Recording(_exporter(log), [data[begun:ended] for begun, ended in spans], cut)


def _lenient_log(data: bytes) -> _Log | None:
    found = _decoded(_FILE, data)
    return None if found is None else found.log


def _decoded(decoder: msgspec.json.Decoder[Any], data: Buffer) -> Any:
    """Decode an object, repaired where it must be; None when there is nothing to read."""
    try:
        return decoder.decode(data)
    except UNREADABLE:
        sound = _repaired(data)
    try:
        return None if sound is None else decoder.decode(sound)
    except UNREADABLE:
        return None


def _repaired(data: Buffer) -> bytes | None:
    """Make sound JSON of an object that exporters were careless with.

    Control characters in strings stay, broken UTF-8 and halves of surrogate pairs become
    question marks; NaN, infinities and numbers beyond all bounds become null. A part of an entry
    that has the wrong type is left out, so that the rest of the entry can be read.
    None when it is no object or too long.
    """
    if len(data) > MOST_REPAIRED:
        return None
    try:
        value = json.loads(
            bytes(data).decode("utf-8", "replace"),
            strict=False,
            parse_constant=lambda _: None,
            parse_float=_number,
            parse_int=_number,
        )
        if not isinstance(value, dict):
            return None
        for name in ("request", "response", "timings"):
            if name in value and not isinstance(value[name], dict):
                del value[name]
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> int | float | None:
    if text.lstrip("-").isdigit() and len(text) < 19:
        return int(text)
    value = float(text)
    return value if math.isfinite(value) else None


def _why_not(name: str, data: memoryview) -> str:
    """Say in one sentence why a text is no HAR file."""
    if not bytes(data[:PEEK]).strip() and not bytes(data).strip():
        return f"{name} is empty; {AGAIN}."
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except RecursionError:
        return f"{name} is nested too deeply to be a HAR file; {AGAIN}."
    except msgspec.DecodeError:
        cut = bytes(data[:PEEK]).lstrip()[:1] in (b"{", b"[") and is_open(data)
        how = "ends in the middle" if cut else "is not a HAR file (not valid JSON)"
        return f"{name} {how}; {AGAIN}."
    return f"{name} is JSON but not a HAR file (it has no log with entries); {AGAIN}."


def _exporter(log: _Log) -> str:
    told = log.creator or log.browser
    words = [told.get("name"), told.get("version")] if isinstance(told, dict) else []
    return " ".join(str(word) for word in words if isinstance(word, str | int | float))[:80].strip()


def entry_of(raw: Buffer) -> Entry | None:
    """Decode one entry, repaired where it must be; None when it has no request with an address."""
    found: Entry | None = _decoded(_ENTRY, raw)
    return found if found is not None and isinstance(found.request.url, str) else None


def pairs(raw: msgspec.Raw) -> dict[str, str]:
    """Return headers as a mapping with small names; later ones of a name are dropped, odd ones left out."""
    try:
        listed = _PAIRS.decode(raw)
    except UNREADABLE:
        return {}
    return {
        one.name.lower(): one.value
        for one in reversed(listed)
        if isinstance(one.name, str) and isinstance(one.value, str)
    }


def body(raw: msgspec.Raw) -> str:
    """Return a response's text; an empty one when it was not recorded, is too long or not text."""
    found: Content | None = _decoded(_CONTENT, raw) if len(raw) <= MOST_BODY else None
    if found is None or not isinstance(found.text, str):
        return ""
    return _from_base64(found.text) if found.encoding == "base64" else found.text


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def seconds(value: Any) -> float | None:
    """Return milliseconds as seconds; None for "does not apply" and for what is no time that anybody waits."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_MS:
        return None
    return round(value / 1000, 4)
