"""Answers that are no event stream: read with a bound, decoded with a bound, told apart."""

import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpcore
import msgspec

from deepkit.transport.blocks import block_page, looks_like_html
from deepkit.transport.exchange import KEPT_HEADERS, BodyKind, Ledger
from deepkit.transport.failures import FaultError, clean

MESSAGE_CHARS = 600
"""Longest error message that is kept."""


def kept_headers(reply: httpcore.Response) -> dict[str, str]:
    """Return the harmless headers of an answer, names in lower case."""
    named = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in reply.headers)
    return {name: value[:500] for name, value in named if name in KEPT_HEADERS}


async def decoded(reply: httpcore.Response, limit_bytes: int) -> AsyncIterator[bytes]:
    """Yield an answer's bytes, uncompressed.

    Identity is asked for; an answer that is compressed all the same is unpacked with a bound.

    Args:
        reply: An open answer.
        limit_bytes: Most bytes after unpacking.

    Yields:
        Bytes as they come.

    Raises:
        FaultError: bad_body when they cannot be unpacked, too_large when there are too many.
    """
    coding = kept_headers(reply).get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        unpack = None
    elif coding in ("gzip", "x-gzip", "deflate"):
        unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | (32 if "gzip" in coding else 0))
    else:
        raise FaultError(
            "bad_body", f"the answer is packed as {coding[:20]!r} although that was not asked for"
        )
    total = 0
    async for raw in reply.aiter_stream():
        try:
            chunk = unpack.decompress(raw, limit_bytes - total + 1) if unpack else raw
        except zlib.error as error:
            raise FaultError("bad_body", "the packed answer is broken") from error
        total += len(chunk)
        if total > limit_bytes:
            yield chunk[: len(chunk) - (total - limit_bytes)]
            raise FaultError("too_large", f"the answer is longer than {limit_bytes} bytes")
        if chunk:
            yield chunk


async def read_body(reply: httpcore.Response, ledger: Ledger, limit_bytes: int) -> bytes:
    """Read a whole answer and write its body down even when it ends badly."""
    parts: list[bytes] = []
    try:
        async for chunk in decoded(reply, limit_bytes):
            if not chunk.strip() and not any(part.strip() for part in parts):
                ledger.put(keep_alives=ledger.fields.get("keep_alives", 0) + 1)
                ledger.stamp("keep_alive_s", ledger.last_read)
            parts.append(chunk)
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
        error_message=clean(str(message or ""), secret=secret)[:MESSAGE_CHARS],
        error_type=clean(str(kind), secret=secret)[:80] if kind is not None else None,
    )
    return True


def note_block_page(ledger: Ledger) -> str | None:
    """Write down and return the name of the block page, if the answer is one."""
    known = ledger.fields
    name = block_page(known.get("status", 0), known.get("headers", {}), known.get("body", b""))
    if name:
        ledger.put(block_page=name)
    return name
