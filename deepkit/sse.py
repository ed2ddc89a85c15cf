"""Server-sent events, right wherever the bytes are split.

Method: the event stream interpretation of the HTML standard (section 9.2.6), with three
things a diagnosis needs beside the events: comments (keep-alives), stray lines (a JSON error
written straight into the stream), and what was left when the stream ended.
"""

import re
from dataclasses import dataclass
from typing import Literal

_BREAK = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"

LINE_BYTES = 256 * 1024
"""Longest line that is read."""
TOTAL_BYTES = 4 * 1024 * 1024
"""Longest stream that is read."""

Kind = Literal["data", "comment", "stray"]


class TooLargeError(Exception):
    """A line or the whole stream is longer than its bound."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that came down the stream.

    Args:
        kind: data (an event), comment (a line that begins with a colon), stray (a line of no known field).
        data: Its text; the data lines of one event are joined by line feeds.
        event: The event's type.
        last: It was still open when the stream ended.
    """

    kind: Kind
    data: str
    event: str = ""
    last: bool = False


class Parser:
    """Turns bytes into events.

    Args:
        line_bytes: Longest line.
        total_bytes: Longest stream.
    """

    def __init__(self, line_bytes: int = LINE_BYTES, total_bytes: int = TOTAL_BYTES) -> None:
        self._line_bytes, self._left = line_bytes, total_bytes
        self._open: list[bytes] = []  # pieces of the line that is not finished
        self._open_bytes = 0
        self._skip_lf = False
        self._first = True
        self._data: list[str] = []
        self._event = ""

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes.

        Args:
            chunk: Any number of bytes, cut anywhere.

        Returns:
            What they completed, in order.

        Raises:
            TooLargeError: When a line or the stream exceeds its bound.
        """
        self._left -= len(chunk)
        if self._left < 0:
            raise TooLargeError("the stream is longer than its bound")
        if self._skip_lf and chunk:
            self._skip_lf = False
            if chunk[:1] == b"\n":  # the other half of a CR LF that was cut in two
                chunk = chunk[1:]
        if not chunk:
            return []
        *lines, rest = _BREAK.split(chunk)
        self._skip_lf = chunk[-1:] == b"\r"
        found: list[Event] = []
        for line in lines:
            self._take(line)
            self._line(self._closed(), found)
        self._take(rest)
        return found

    def finish(self) -> list[Event]:
        """Say that the stream ended.

        Returns:
            The event that was still open, marked `last`; a browser would drop it, but some
            servers end on `data: [DONE]` without the empty line.
        """
        found: list[Event] = []
        if self._open_bytes:
            self._line(self._closed(), found)
        self._dispatch(found)
        return [Event(one.kind, one.data, one.event, last=True) for one in found]

    def _take(self, piece: bytes) -> None:
        self._open_bytes += len(piece)
        if self._open_bytes > self._line_bytes:
            raise TooLargeError("a line is longer than its bound")
        if piece:
            self._open.append(piece)

    def _closed(self) -> str:
        whole = b"".join(self._open)
        self._open.clear()
        self._open_bytes = 0
        if self._first:
            self._first = False
            whole = whole.removeprefix(_BOM)
        return whole.decode("utf-8", "replace")

    def _line(self, line: str, found: list[Event]) -> None:
        if not line:
            self._dispatch(found)
            return
        name, colon, value = line.partition(":")
        value = value.removeprefix(" ")
        if colon and not name:
            found.append(Event("comment", value))
        elif name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name not in ("id", "retry"):
            found.append(Event("stray", line))

    def _dispatch(self, found: list[Event]) -> None:
        text = "\n".join(self._data)
        if text:
            found.append(Event("data", text, self._event))
        self._data.clear()
        self._event = ""
