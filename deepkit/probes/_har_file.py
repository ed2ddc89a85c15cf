"""A HAR file, opened: checked, bounded, and decoded only as far as it is needed.

Exporters leave fields out, add their own and put text where numbers belong, so each
entry is decoded by itself and every field may be anything. Bodies stay undecoded slices of the
file until somebody asks: a recording's bulk is images and scripts that nobody reads.
"""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from deepkit.errors import UsageError

MOST_BYTES = 600_000_000
"""Largest file that is read, in bytes."""
MOST_BODY = 2_000_000
"""Longest single body that is decoded, in bytes; of a longer one nothing is read."""
AGAIN = "export it again from the browser's network panel (Save all as HAR)"


class Pair(msgspec.Struct):
    """A header or cookie."""

    name: Any = ""
    value: Any = ""


class Request(msgspec.Struct):
    """What was asked."""

    url: Any = ""
    method: Any = ""
    headers: msgspec.Raw = msgspec.Raw(b"[]")


class Response(msgspec.Struct):
    """What came; `content` and `headers` stay undecoded."""

    status: Any = 0
    status_text: Any = msgspec.field(default="", name="statusText")
    headers: msgspec.Raw = msgspec.Raw(b"[]")
    content: msgspec.Raw = msgspec.Raw(b"{}")
    error: Any = msgspec.field(default=None, name="_error")
    failure_text: Any = msgspec.field(default=None, name="_failureText")
    via_worker: Any = msgspec.field(default=None, name="_fetchedViaServiceWorker")


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
    time: Any = None
    cache: Any = None
    from_cache: Any = msgspec.field(default=None, name="_fromCache")
    fetch_type: Any = msgspec.field(default=None, name="_fetchType")
    charles_status: Any = msgspec.field(default=None, name="_charlesStatus")
    resource_type: Any = msgspec.field(default=None, name="_resourceType")
    was_blocked: Any = msgspec.field(default=None, name="_blocked")


class _Creator(msgspec.Struct):
    name: Any = ""
    version: Any = ""


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]
    creator: _Creator | None = None
    browser: _Creator | None = None


class _Har(msgspec.Struct):
    log: _Log


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
        raw = source if isinstance(source, bytes) else _load(Path(source), max_bytes)
        if len(raw) > max_bytes:
            raise UsageError(_too_large(self.name, max_bytes))
        log = _decode(self.name, _as_utf8(self.name, raw))
        self._entries = log.entries
        creator = log.browser or log.creator or _Creator()
        self.exporter = f"{creator.name} {creator.version}".strip()[:80]
        self.bad = 0

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self) -> Iterator[Entry]:
        """Yield the readable entries in their order; the others are counted in `bad`."""
        decoder = msgspec.json.Decoder(Entry)
        for raw in self._entries:
            try:
                entry = decoder.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError):
                self.bad += 1
                continue
            if entry.request is None or not isinstance(entry.request.url, str):
                self.bad += 1
                continue
            yield entry


def _load(path: Path, max_bytes: int) -> bytes:
    try:
        if path.is_dir():
            message = f"{path.name} is a folder; give the .har file itself."
            raise UsageError(message)
        if path.stat().st_size > max_bytes:
            raise UsageError(_too_large(path.name, max_bytes))
        with path.open("rb") as source:
            return source.read(max_bytes + 1)
    except OSError as problem:
        message = f"{path.name} cannot be read ({problem.strerror}); give the path of the exported .har file."
        raise UsageError(message) from None


def _too_large(name: str, max_bytes: int) -> str:
    return (
        f"{name} is larger than {max_bytes / 1e6:.0f} MB; record only the failing question: clear the network "
        "panel, ask once, and export."
    )


def _as_utf8(name: str, raw: bytes) -> bytes | memoryview:
    if not raw.strip():
        message = f"{name} is empty; {AGAIN}."
        raise UsageError(message)
    if raw[:2] in (b"\x1f\x8b", b"PK"):
        message = f"{name} is compressed; unpack it and give the .har file inside."
        raise UsageError(message)
    if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return raw.decode("utf-16", "replace").encode("utf-8", "replace")
    return memoryview(raw)[3:] if raw.startswith(codecs.BOM_UTF8) else raw


def _decode(name: str, raw: bytes | memoryview) -> _Log:
    try:
        return msgspec.json.decode(raw, type=_Har).log
    except msgspec.ValidationError:
        message = f"{name} is JSON but not a HAR file (it has no log with entries); {AGAIN}."
    except RecursionError:
        message = f"{name} is nested too deeply to be a HAR file; {AGAIN}."
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        how = "ends in the middle" if "truncated" in str(problem) else "is not a HAR file (not valid JSON)"
        message = f"{name} {how}; {AGAIN}."
    raise UsageError(message)


def pairs(raw: msgspec.Raw) -> dict[str, str]:
    """Return headers as a mapping with small names; later ones of a name are dropped, odd ones left out."""
    try:
        listed = msgspec.json.decode(raw, type=list[Pair])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return {
        one.name.lower(): one.value
        for one in reversed(listed)
        if isinstance(one.name, str) and isinstance(one.value, str)
    }


def body(raw: msgspec.Raw) -> str:
    """Return a response's text; an empty one when it was not recorded, is too long or not text."""
    if len(bytes(raw)) > MOST_BODY:
        return ""
    try:
        content = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    text = content.get("text") if isinstance(content, dict) else None
    if not isinstance(text, str):
        return ""
    if content.get("encoding") == "base64":
        return _from_base64(text)
    return text


def _from_base64(text: str) -> str:
    import base64
    import binascii

    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def seconds(value: Any) -> float | None:
    """Return milliseconds as seconds; None for "does not apply" and for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != value:
        return None
    return round(value / 1000, 4)
