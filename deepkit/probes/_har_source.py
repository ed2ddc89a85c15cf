"""A HAR file's bytes, piece by piece: unpacked, turned into UTF-8, never more than the bound."""

import codecs
import zlib
from collections.abc import Iterator
from pathlib import Path

from deepkit.errors import UsageError

PIECE = 1 << 20
"""Bytes that are read at once."""
PACKED = (b"\x1f\x8b", b"x\x01", b"x\x9c", b"x\xda")
"""How gzip and zlib begin."""
EITHER = zlib.MAX_WBITS | 32
"""zlib's own word for "gzip or zlib, whichever it is"."""
MOST_BYTES = 2_000_000_000
"""Largest file that is read, in bytes, after unpacking."""


def pieces(source: str | Path | bytes, name: str, max_bytes: int = MOST_BYTES) -> Iterator[bytes]:
    """Yield a file's content as UTF-8 without a byte order mark.

    Args:
        source: Its path, or its content.
        name: What to call it in messages.
        max_bytes: Longer ones are refused, packed or not.

    Yields:
        Pieces of about a megabyte.

    Raises:
        UsageError: When it cannot be read, is packed in an unknown way, or is too long.
    """
    if isinstance(source, bytes):
        raw: Iterator[bytes] = (source[at : at + PIECE] for at in range(0, len(source), PIECE))
    else:
        raw = _read(Path(source), name)
    yield from _bounded(_as_utf8(_unpacked(raw, name)), name, max_bytes)


def _read(path: Path, name: str) -> Iterator[bytes]:
    try:
        if path.is_dir():
            message = f"{name} is a folder; give the .har file itself."
            raise UsageError(message)
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "its name is not usable"
        message = f"{name} cannot be read ({why}); give the path of the exported .har file."
        raise UsageError(message) from None


def _bounded(found: Iterator[bytes], name: str, max_bytes: int) -> Iterator[bytes]:
    left = max_bytes
    for piece in found:
        left -= len(piece)
        if left < 0:
            message = f"{name} is larger than {max_bytes / 1e6:.0f} MB; record only the failing question: clear the "
            message += "network panel, ask once, and export."
            raise UsageError(message)
        if piece:  # an empty one would look like the end
            yield piece


def _unpacked(raw: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Undo gzip and zlib (mitmproxy's .zhar); several members are one content; what stands behind them is dropped."""
    first = next(raw, b"")
    if first[:2] == b"PK":
        message = f"{name} is a zip archive (compressed); unpack it and give the .har file inside."
        raise UsageError(message)
    if first[:2] not in PACKED:
        yield first
        yield from raw
        return
    packed, member = first, zlib.decompressobj(wbits=EITHER)
    try:
        while packed or (packed := next(raw, b"")):
            data = member.decompress(packed, PIECE)
            packed = member.unconsumed_tail
            if member.eof:
                packed = member.unused_data
                member = zlib.decompressobj(wbits=EITHER)
            if data:
                yield data
    except zlib.error:
        return  # what was unpacked until here is used; the reader sees that the rest is missing


def _as_utf8(raw: Iterator[bytes]) -> Iterator[bytes]:
    """Turn UTF-16 and UTF-32 into UTF-8, told by their mark or, since a HAR file begins with "{", by their zeros."""
    first = b""
    while len(first) < 4 and (piece := next(raw, b"")):
        first += piece
    if first.startswith(codecs.BOM_UTF8):
        first = first[3:]
    name = _encoding(first)
    if name is None:
        yield first
        yield from raw
        return
    decoder = codecs.getincrementaldecoder(name)("replace")
    yield decoder.decode(first).encode("utf-8", "replace")
    for piece in raw:
        yield decoder.decode(piece).encode("utf-8", "replace")


def _encoding(first: bytes) -> str | None:
    if first.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if first[:4] == b"{\0\0\0":
        return "utf-32-le"
    return {b"{\0": "utf-16-le", b"\0{": "utf-16-be"}.get(first[:2])
