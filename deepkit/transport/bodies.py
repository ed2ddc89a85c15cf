"""Answers that are no event stream: read with a bound, decoded with a bound, told apart."""

import zlib
from collections.abc import Callable
from typing import Any

import httpcore
import msgspec

from deepkit.transport.blocks import block_page, looks_like_html
from deepkit.transport.exchange import KEPT_HEADERS, BodyKind, Ledger
from deepkit.transport.failures import FaultError, clean

MESSAGE_CHARS = 600
"""Longest error message that is kept."""
SEARCHED_CHARS = 8_000
"""How much of an error message is searched for secrets; more than is kept, so that none is cut in two."""
GRACE_S = 0.05
"""How long the rest of a known answer is waited for, so that the connection can be used again, in seconds."""


def kept_headers(reply: httpcore.Response) -> dict[str, str]:
    """Return the harmless headers of an answer, names in lower case."""
    named = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in reply.headers)
    return {name: value[:500] for name, value in named if name in KEPT_HEADERS}


class Unpacker:
    """Undoes the packing of an answer, with a bound.

    Identity is asked for; an answer that is packed all the same is unpacked as far as the bound.

    Args:
        coding: The Content-Encoding.
        limit_bytes: Most bytes after unpacking.

    Raises:
        FaultError: bad_body when the packing is unknown.
    """

    def __init__(self, coding: str, limit_bytes: int) -> None:
        coding = coding.strip().lower()
        self._left, self._limit = limit_bytes, limit_bytes
        if coding in ("gzip", "x-gzip"):
            self._unpack: Any = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        elif coding == "deflate":
            self._unpack = zlib.decompressobj()
        elif coding in ("", "identity"):
            self._unpack = None
        else:
            raise FaultError("bad_body", f"the answer is packed as {coding[:20]!r}, which was not asked for")

    def take(self, raw: bytes) -> tuple[bytes, bool]:
        """Unpack the next bytes.

        Args:
            raw: As they came.

        Returns:
            The bytes within the bound, and whether there were more.

        Raises:
            FaultError: bad_body when they cannot be unpacked.
        """
        try:
            data = self._unpack.decompress(raw, self._left + 1) if self._unpack else raw
        except zlib.error as error:
            raise FaultError("bad_body", "the packed answer is broken") from error
        kept = data[: self._left]
        self._left -= len(kept)
        return kept, len(data) > len(kept)


async def pour(
    reply: httpcore.Response, ledger: Ledger, limit_bytes: int, take: Callable[[bytes], bool]
) -> None:
    """Hand an answer's bytes over until it ends or enough is known.

    httpcore's body is a chain of generators that only their own end or an error closes in
    order; so an early stop does not leave the loop but lets the next read fail.

    Args:
        reply: An open answer.
        ledger: Told to halt.
        limit_bytes: Most bytes after unpacking.
        take: Given each piece; returns whether that was enough.

    Raises:
        FaultError: too_large or bad_body.
        Exception: What `take` raised, or the connection's end.
    """
    failed: Exception | None = None
    over = False

    def one(raw: bytes) -> bool:
        nonlocal failed
        try:
            data, more = unpacker.take(raw)
            enough = bool(data) and take(data)
        except Exception as error:
            failed, more, enough = error, False, True
        if more and not enough:
            failed, enough = FaultError("too_large", f"the answer is longer than {limit_bytes} bytes"), True
        if enough:
            ledger.halt(0.0 if failed else GRACE_S)
        return enough

    try:
        unpacker = Unpacker(kept_headers(reply).get("content-encoding", ""), limit_bytes)
        async for raw in reply.aiter_stream():
            over = over or one(raw)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.RemoteProtocolError):
        if not over:
            raise
    if failed is not None:
        raise failed


async def read_body(reply: httpcore.Response, ledger: Ledger, limit_bytes: int) -> bytes:
    """Read a whole answer and write its body down even when it ends badly."""
    parts: list[bytes] = []
    filler = True

    def take(data: bytes) -> bool:
        nonlocal filler
        filler = filler and not data.strip()
        if filler:
            ledger.put(keep_alives=ledger.fields.get("keep_alives", 0) + 1)
            ledger.stamp("keep_alive_s", ledger.last_read)
        parts.append(data)
        return False

    try:
        await pour(reply, ledger, limit_bytes, take)
    finally:
        body = b"".join(parts)
        kind = ledger.fields.get("headers", {}).get("content-type", "")
        ledger.put(body=body, body_kind=kind_of(body, kind))
    return body


def kind_of(body: bytes, content_type: str = "") -> BodyKind:
    """Tell what a body is, by its content."""
    start = body.strip()[:1]
    if not start:
        return "empty"
    if looks_like_html(body, content_type if start == b"<" else ""):
        return "html"
    if start in b'{["' and json_of(body) is not None:
        return "json"
    return "text"


def json_of(body: bytes) -> Any:
    """Return the JSON value of a body, blank lines before it allowed; None when it is none."""
    try:
        return msgspec.json.decode(body.strip())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def note_error(ledger: Ledger, value: Any, *, secret: str | None = None) -> bool:
    """Write down the message and type of an error body.

    Knows `{"error": {"message", "type"}}`, `{"error": "text"}`, `{"code", "message"}`,
    `{"code", "msg"}` and `{"detail"}`.

    Args:
        ledger: Where to.
        value: A JSON value.
        secret: The key, should the server repeat it.

    Returns:
        Whether it was an error.
    """
    if not isinstance(value, dict):
        return False
    inner = value.get("error")
    message, kind = None, None
    if isinstance(inner, dict):
        message, kind = inner.get("message"), inner.get("type") or inner.get("code")
    elif isinstance(inner, str):
        message = inner
    elif "choices" not in value and value.get("code") not in (None, 0, "0"):
        message, kind = value.get("message") or value.get("msg"), value.get("code")
    elif "choices" not in value and isinstance(value.get("detail"), str):
        message = value["detail"]
    if message is None and kind is None:
        return False
    ledger.put(
        error_message=clean(_words(message), secret=secret)[:MESSAGE_CHARS],
        error_type=clean(_words(kind), secret=secret)[:80] if kind is not None else None,
    )
    return True


def _words(value: Any) -> str:
    """Return what an error body says as text, whatever it is; it may be nested deeper than can be written."""
    try:
        return str("" if value is None else value)[:SEARCHED_CHARS]
    except (RecursionError, ValueError):  # ValueError: a number of more than 4,300 digits
        return ""


def note_block_page(ledger: Ledger) -> str | None:
    """Write down and return the name of the block page, if the answer is one."""
    known = ledger.fields
    name = block_page(known.get("status", 0), known.get("headers", {}), known.get("body", b""))
    if name:
        ledger.put(block_page=name)
    return name
