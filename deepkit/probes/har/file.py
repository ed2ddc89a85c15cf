"""The content of a HAR file as UTF-8, never more than the cap; and where its entries are when it is no sound JSON."""

import codecs
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from deepkit.errors import UsageError

MOST_BYTES = 1_000_000_000
"""Largest file that is read, in bytes, after unpacking."""
PIECE = 1 << 16
"""Bytes that are read or unpacked at once."""
PACKED = (b"\x1f\x8b", b"x\x01", b"x\x9c", b"x\xda")
"""How gzip and zlib begin."""
EITHER = zlib.MAX_WBITS | 32
"""zlib's own word for "gzip or zlib, whichever it is"."""
PEEK = 1000
"""Bytes of the beginning and of the end that show whether a text means to be JSON, and comes to its end."""
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb')*+(?:([{}\[\]])|"|\Z)', re.DOTALL)
"""Up to the next bracket outside of strings; no group where a string or the text ends before one comes."""
_VALUE = re.compile(_STRING + rb'|[^\s,"]++', re.DOTALL)
"""A string, a number or a name in a list."""
_LOG = re.compile(rb'(?<!\\)"log"\s*:\s*\{\Z')
_ENTRIES = re.compile(rb'(?<!\\)"entries"\s*:\s*\[\Z')
Span = tuple[int, int]


def content(source: str | Path | bytes, name: str, max_bytes: int = MOST_BYTES) -> memoryview:
    """Return a file's content as UTF-8 without a byte order mark.

    Args:
        source: Its path, or its content; gzip, zlib (mitmproxy's .zhar), UTF-16 and UTF-32 are undone.
        name: What to call it in messages.
        max_bytes: Larger files are refused, packed or not.

    Raises:
        UsageError: When it cannot be read, is a zip archive, or is too large.
    """
    data = source if isinstance(source, bytes) else _read(Path(source), name, max_bytes)
    if data[:2] == b"PK":
        message = f"{name} is a zip archive (compressed); unpack it and give the .har file inside."
        raise UsageError(message)
    if data[:2] in PACKED:
        data = _unpacked(data, max_bytes)
    if len(data) > max_bytes:
        message = f"{name} is larger than {max_bytes / 1e6:.0f} MB; record only the failing question: "
        message += "clear the network panel, ask once, and export."
        raise UsageError(message)
    return _as_utf8(data)


def _read(path: Path, name: str, max_bytes: int) -> bytearray:
    """Read a file, at most one piece beyond the cap; a pipe does not tell its size beforehand."""
    data = bytearray()
    try:
        if path.is_dir():
            message = f"{name} is a folder; give the .har file itself."
            raise UsageError(message)
        with path.open("rb") as file:
            while len(data) <= max_bytes and (piece := file.read(PIECE)):
                data += piece
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "its name is not usable"
        message = f"{name} cannot be read ({why}); give the path of the exported .har file."
        raise UsageError(message) from None
    return data


def _unpacked(packed: bytes | bytearray, max_bytes: int) -> bytearray:
    """Undo gzip and zlib; several members are one content, and what cannot be unpacked is left out as cut off."""
    data, member = bytearray(), zlib.decompressobj(EITHER)
    for at in range(0, len(packed), PIECE):
        piece = bytes(packed[at : at + PIECE])
        while piece and len(data) <= max_bytes:
            try:
                data += member.decompress(piece, max_bytes + 1 - len(data))
            except zlib.error:
                return data
            piece = member.unconsumed_tail
            if member.eof:
                piece, member = member.unused_data, zlib.decompressobj(EITHER)
    return data


def _as_utf8(data: bytes | bytearray) -> memoryview:
    encoding = _encoding(bytes(data[:4]))
    if encoding is not None:
        decoder, turned = codecs.getincrementaldecoder(encoding)("replace"), bytearray()
        for at in range(0, len(data), PIECE):
            turned += decoder.decode(data[at : at + PIECE]).encode("utf-8", "replace")
        return memoryview(turned)
    return memoryview(data)[len(codecs.BOM_UTF8) * data.startswith(codecs.BOM_UTF8) :]


def _encoding(first: bytes) -> str | None:
    """Tell UTF-16 and UTF-32 by their mark or, since a HAR file begins with "{", by their zeros."""
    if first.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if first == b"{\0\0\0":
        return "utf-32-le"
    return {b"{\0": "utf-16-le", b"\0{": "utf-16-be"}.get(first[:2])


def brackets(data: memoryview, at: int = 0) -> Iterator[tuple[int, int]]:
    """Yield where each bracket outside of strings stands, and 1 for an opening or -1 for a closing one."""
    for found in _BRACKET.finditer(data, at):
        if found.lastindex is None:
            return
        place = found.end() - 1
        yield place, 1 if data[place] in b"{[" else -1


def entries_start(data: memoryview) -> int | None:
    """Return the place behind the bracket that opens `log.entries`, or None where there is none."""
    depth, behind, in_log = 0, 0, False
    for place, step in brackets(data):
        if step > 0 and depth == 1:
            in_log = _LOG.search(data, behind, place + 1) is not None
        elif step > 0 and depth == 2 and in_log and _ENTRIES.search(data, behind, place + 1):
            return place + 1
        depth += step
        behind = place + 1
    return None


def elements(data: memoryview, at: int) -> tuple[list[Span], int | None]:
    """Split a list into its elements.

    Args:
        data: The text.
        at: The place behind the list's opening bracket.

    Returns:
        Where each whole element begins and ends, and the place of the closing bracket; None when the text
        ends before it.
    """
    spans, depth, begun, behind = list[Span](), 0, at, at
    for place, step in brackets(data, at):
        if depth == 0:
            spans += [one.span() for one in _VALUE.finditer(data, behind, place)]
            if step < 0:
                return spans, place
            begun = place
        depth += step
        behind = place + 1
        if depth == 0:
            spans.append((begun, behind))
    return spans, None


def is_open(data: memoryview, at: int = 0, depth: int = 0) -> bool:
    """Tell whether a text ends before its brackets do: those from a place on, and `depth` that are open there."""
    ends = bytes(data[-PEEK:]).rstrip()[-1:] in (b"}", b"]")
    return not ends or depth + sum(step for _, step in brackets(data, at)) > 0
