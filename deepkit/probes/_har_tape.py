"""The entries of a HAR file one after the other, in memory that does not grow with the file.

Only a window of the file is kept. Where the list of entries begins is found by its name and proven:
all that stands before it, closed, must be a HAR file without entries. From there the decoder takes
whole runs of entries, up to what looks like the joint between two of them; it fails when that was
none. Then, and for whatever is not sound JSON, entries are taken one by one.
"""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from deepkit.errors import UsageError
from deepkit.probes._har_brackets import Brackets
from deepkit.probes._har_repair import repaired, why_not
from deepkit.probes._har_source import PIECE

MOST_ENTRY = 16 << 20
"""Longest single entry that is decoded, in bytes; longer ones are passed over."""
MOST_HEAD = 16 << 20
"""Most bytes that may stand before the entries."""
WINDOW = 4 << 20
"""Bytes that are kept at least; longer windows make the leftovers between them matter less."""
STEP = 1 << 16
"""Bytes of an unsound entry that are looked through at once."""
CANDIDATES = 100
"""Most places named "entries" that are tried."""
_ENTRIES = re.compile(rb'"entries"\s*:\s*\[')
_BETWEEN = re.compile(rb"[\s,]*")
_JOINT = re.compile(rb'(,\s*\{)\s*"[^"\\]{1,80}"')
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_RAW = msgspec.json.Decoder(msgspec.Raw)
T = TypeVar("T")


class _Log(msgspec.Struct):
    entries: list[Any]
    creator: Any = None
    browser: Any = None


class _Har(msgspec.Struct):
    log: _Log


class Tape:
    """A HAR file's entries, undecoded or in runs.

    Args:
        pieces: The file's bytes in UTF-8.
        name: What to call it in messages.

    Raises:
        UsageError: When it holds no log with entries; the message says what to do.
    """

    def __init__(self, pieces: Iterator[bytes], name: str) -> None:
        self._pieces, self._data, self._at = pieces, bytearray(), 0
        self._joint: bytes | None = None
        self._runs = True  # whether the window may hold a run of entries
        self.cut = False
        """The file ended before its end."""
        self.passed_over = 0
        """How many entries were too large to read."""
        self.creator: Any = None
        self._find_entries(name)

    def runs(self, many: msgspec.json.Decoder[list[T]]) -> Iterator[list[T] | bytes]:
        """Yield the entries: sound ones as decoded lists, all others as the bytes of one.

        Args:
            many: Decodes a list of entries.

        Yields:
            In the order of the file.
        """
        while self._at_entry():
            run = self._run(many)
            if run is not None:
                yield run
            elif (one := self._single()) is not None:
                yield one

    def _grow(self) -> bool:
        """Read until the window is twice as long, at least by WINDOW; tells whether anything came.

        The old window is let go, never changed: what was decoded from it may still point into it.
        """
        rest = len(self._data) - self._at
        # A comma stands before the first entry as it does before all others.
        parts: list[bytes | memoryview] = [b",", memoryview(self._data)[self._at :]]
        wanted = max(WINDOW, rest)
        while wanted > 0 and (piece := next(self._pieces, b"")):
            parts.append(piece)
            wanted -= len(piece)
        self._data, self._at, self._runs = bytearray().join(parts), 1, True
        return len(parts) > 2

    def _find_entries(self, name: str) -> None:
        tried = 0
        start = 0
        while self._grow() and len(self._data) <= MOST_HEAD:
            for place in _ENTRIES.finditer(self._data, max(0, start - 64)):
                tried += 1
                head = (
                    _lenient_head(bytes(self._data[1 : place.end()]) + b"]}}") if tried < CANDIDATES else None
                )
                if head is not None:
                    self.creator = head.browser or head.creator
                    self._at = place.end()
                    return
            start = len(self._data)
        raise UsageError(why_not(name, bytes(self._data[1:]), MOST_HEAD))

    def _at_entry(self) -> bool:
        """Go to the next entry; False at the end of the list or of the file."""
        while True:
            found = _BETWEEN.match(self._data, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._data):
                break
            if not self._grow():
                self.cut = True
                return False
        if self._data[self._at] != ord("]"):
            return True
        self._at += 1
        self._finish()
        return False

    def _finish(self) -> None:
        """Read what stands behind the entries: perhaps who wrote the file, and whether it ends as it must."""
        tail = last = bytes(self._data[self._at :])
        for piece in self._pieces:
            if len(tail) < PIECE:
                tail += piece
            last = piece if piece.strip() else last
        self.cut = not last.rstrip().endswith(b"}")
        behind = _lenient_head(b'{"log":{"entries":[]' + tail)
        if behind is not None:
            self.creator = self.creator or behind.browser or behind.creator

    def _run(self, many: msgspec.json.Decoder[list[T]]) -> list[T] | None:
        """Take all entries up to the window's last joint; None when that did not work in this window."""
        while self._joint and self._runs:
            end = self._data.rfind(self._joint, self._at)
            if end > self._at:
                return self._decoded(many, end)
            self._runs = len(self._data) - self._at < MOST_ENTRY and self._grow()
        return None

    def _decoded(self, many: msgspec.json.Decoder[list[T]], end: int) -> list[T] | None:
        """Decode the entries up to the brace at `end`; the commas around them become the brackets of a list."""
        data, at = self._data, self._at
        around = data[at - 1], data[end + 1]
        data[at - 1], data[end + 1] = b"[]"
        try:
            found = many.decode(memoryview(data)[at - 1 : end + 2])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            data[at - 1], data[end + 1] = around
            self._runs = False
            return None
        self._at = end + 2
        return found

    def _single(self) -> bytes | None:
        """Take one entry; None when it was too large, cut off, or nothing."""
        while True:
            size, cut = _size(memoryview(self._data)[self._at :])
            if size is None and cut and len(self._data) - self._at < MOST_ENTRY and self._grow():
                continue
            break
        if size is None:
            return self._unsound()
        one = bytes(memoryview(self._data)[self._at : self._at + size])
        self._at += size
        self._learn()
        return one

    def _learn(self) -> None:
        """Learn what stands between two entries; in a file without lines the next one's first name belongs to it."""
        found = _JOINT.match(self._data, self._at)
        if found and self._data[self._at - 1 : self._at] == b"}":
            self._runs |= self._joint is None
            self._joint = b"}" + bytes(found[1] if b"\n" in found[1] else found[0])

    def _unsound(self) -> bytes | None:
        """Take an entry that the decoder does not read, or pass over one that is too large."""
        parts, size, brackets = list[bytes](), 0, Brackets()
        end = None
        while end is None:
            if self._at == len(self._data) and not self._grow():
                self.cut = True
                return None
            piece = bytes(self._data[self._at : self._at + STEP])
            end = brackets.end(piece)
            part = piece[:end]
            self._at += len(part)
            size += len(part)
            if size <= MOST_ENTRY:
                parts.append(part)
            else:
                parts.clear()
        self.passed_over += size > MOST_ENTRY
        return b"".join(parts) or None


def _size(view: memoryview) -> tuple[int | None, bool]:
    """Say how long the value is that a text begins with, blanks behind it included; else, whether it may be cut."""
    try:
        _RAW.decode(view)
    except (msgspec.DecodeError, RecursionError) as problem:
        trailing = _TRAILING.search(str(problem))
        if trailing:
            return int(trailing[1]) - 1, False
        return None, "truncated" in str(problem)
    return len(view), False


def _lenient_head(data: bytes) -> _Log | None:
    for text in (data, repaired(data)):
        if text is not None:
            try:
                return msgspec.json.decode(text, type=_Har).log
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
    return None
