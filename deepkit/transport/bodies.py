"""Answers that are no event stream: read with a bound, decoded with a bound, told apart."""

import re
import zlib
from collections.abc import Callable
from typing import Any

import httpcore
import msgspec

from deepkit.transport.blocks import block_page, looks_like_html
from deepkit.transport.exchange import KEPT_HEADERS, BodyKind, Exchange, Ledger
from deepkit.transport.failures import SEARCHED_CHARS, FaultError, clean, failure_of_status

MESSAGE_CHARS = 600
"""Longest error message that is kept."""
KEY_END = re.compile(r"(?:\*{2,}|\bsk-[\w-]*(?:\.{3}|…))([A-Za-z0-9_-]{4})(?![\w*-])")
"""The last four characters of a key whose middle is hidden: "****abcd", "sk-...abcd"."""
GRACE_S = 0.05
"""How long the rest of a known answer is waited for, so that the connection can be used again, in seconds."""


def kept_headers(reply: httpcore.Response) -> dict[str, str]:
    """Return the harmless headers of an answer, names in lower case."""
    named = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in reply.headers)
    return {name: value[:500] for name, value in named if name in KEPT_HEADERS}


class Decoder:
    """Undoes an answer's content encoding, with a bound.

    Identity is asked for; an answer that is compressed all the same is decoded as far as the bound.

    Args:
        coding: The Content-Encoding.
        limit_bytes: Most bytes after decoding.

    Raises:
        FaultError: bad_body when the encoding is unknown.
    """

    def __init__(self, coding: str, limit_bytes: int) -> None:
        coding = coding.strip().lower()
        self._left = limit_bytes
        if coding in ("gzip", "x-gzip"):
            self._inflate: Any = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        elif coding == "deflate":
            self._inflate = zlib.decompressobj()
        elif coding in ("", "identity"):
            self._inflate = None
        else:
            raise FaultError("bad_body", f"the answer is packed as {coding[:20]!r}, which was not asked for")

    def take(self, raw: bytes) -> tuple[bytes, bool]:
        """Decode the next bytes.

        Args:
            raw: As they came.

        Returns:
            The bytes within the bound, and whether there were more.

        Raises:
            FaultError: bad_body when they cannot be decoded.
        """
        try:
            data = self._inflate.decompress(raw, self._left + 1) if self._inflate else raw
        except zlib.error as error:
            raise FaultError("bad_body", "the packed answer is broken") from error
        kept = data[: self._left]
        self._left -= len(kept)
        return kept, len(data) > len(kept)

    def finish(self) -> None:
        """Note that no more bytes come.

        Raises:
            FaultError: bad_body when the packed answer has not come to its end.
        """
        if self._inflate is not None and not self._inflate.eof:
            raise FaultError("bad_body", "the packed answer was cut before its end")


async def feed(
    reply: httpcore.Response, ledger: Ledger, limit_bytes: int, take: Callable[[bytes], bool]
) -> None:
    """Hand an answer's bytes over until it ends or enough is known.

    httpcore's body is a chain of generators that only their own end or an error closes in
    order; so an early stop does not leave the loop but lets the next read fail.

    Args:
        reply: An open answer.
        ledger: Told to halt.
        limit_bytes: Most bytes after decoding.
        take: Given each piece; returns whether that was enough.

    Raises:
        FaultError: too_large or bad_body.
        Exception: What `take` raised, or the connection's end.
    """
    decoder = Decoder(kept_headers(reply).get("content-encoding", ""), limit_bytes)
    failed: Exception | None = None
    enough = False
    try:
        async for raw in reply.aiter_stream():
            if enough:
                continue
            try:
                data, more = decoder.take(raw)
                enough = bool(data) and take(data)
                if more and not enough:
                    raise FaultError("too_large", f"the answer is longer than {limit_bytes} bytes")
            except Exception as error:
                failed, enough = error, True
            if enough:
                ledger.halt(0.0 if failed else GRACE_S)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.RemoteProtocolError):
        if not enough:
            raise
    if failed is not None:
        raise failed
    if not enough:
        decoder.finish()


async def read_body(reply: httpcore.Response, ledger: Ledger, limit_bytes: int) -> bytes:
    """Read a whole answer and write its body down even when it ends badly."""
    parts: list[bytes] = []
    filler = True

    def take(data: bytes) -> bool:
        nonlocal filler
        filler = filler and not data.strip()
        if filler:
            ledger.exchange.keep_alives += 1
            ledger.stamp("keep_alive_s", ledger.last_read)
        parts.append(data)
        return False

    try:
        await feed(reply, ledger, limit_bytes, take)
    except FaultError as error:
        if error.failure != "bad_body" or failure_of_status(reply.status) is None:
            raise  # elsewhere the status alone says what it was
    finally:
        body = b"".join(parts)
        ledger.exchange.body = body
        ledger.exchange.body_kind = kind_of(body, ledger.exchange.headers.get("content-type", ""))
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


def note_error(exchange: Exchange, value: Any, *, secret: str | None = None) -> bool:
    """Write down the message and type of an error body.

    Knows `{"error": {"message", "type"}}`, `{"error": "text"}`, `{"code", "message"}`,
    `{"code", "msg"}` and `{"detail"}`.

    Args:
        exchange: Where to.
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
    exchange.other_key = names_other_key(_words(message)[:SEARCHED_CHARS], secret)
    exchange.error_message = clean(_words(message), secret=secret)[:MESSAGE_CHARS]
    exchange.error_type = clean(_words(kind), secret=secret)[:80] if kind is not None else None
    return True


def names_other_key(message: str, secret: str | None) -> bool | None:
    """Tell whether a refusal names a key that ends otherwise than the one that was sent: a gateway's own.

    Args:
        message: The server's words, which show the end of the key that it refused.
        secret: The key that was sent.

    Returns:
        None where no end of a key is shown, or no key was sent.
    """
    ends = set(KEY_END.findall(message))
    if not ends or not secret:
        return None
    return not any(secret.strip().endswith(one) for one in ends)


def _words(value: Any) -> str:
    """Return what an error body says as text, whatever it is; it may be nested deeper than can be written."""
    try:
        return str("" if value is None else value)
    except (RecursionError, ValueError):  # ValueError: a number of more than 4,300 digits
        return ""


def note_block_page(exchange: Exchange) -> str | None:
    """Write down and return the name of the block page, if the answer is one."""
    exchange.block_page = block_page(exchange.status or 0, exchange.headers, exchange.body)
    return exchange.block_page
