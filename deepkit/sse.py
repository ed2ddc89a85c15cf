"""Server-sent events, right wherever the bytes are split.

Method: the event stream interpretation of the HTML standard (section 9.2.6), with three
things a diagnosis needs beside the events: comments (keep-alives), stray lines (a JSON error
written straight into the stream), and what was left when the stream ended.
"""

import re
from typing import Literal, NamedTuple

_BREAK = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"
_LONG_LINE = "a line is longer than its bound"

LINE_BYTES = 256 * 1024
"""Longest line that is read."""
TOTAL_BYTES = 4 * 1024 * 1024
"""Longest stream that is read."""

Kind = Literal["data", "comment", "stray"]


class TooLargeError(Exception):
    """A line or the whole stream is longer than its bound."""


class Event(NamedTuple):
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
        if lines and self._open:
            lines[0] = b"".join((*self._open, lines[0]))
            self._open.clear()
            self._open_bytes = 0
        for line in lines:
            if len(line) > self._line_bytes:
                raise TooLargeError(_LONG_LINE)
            self._line(line, found)
        self._open_bytes += len(rest)
        if self._open_bytes > self._line_bytes:
            raise TooLargeError(_LONG_LINE)
        if rest:
            self._open.append(rest)
        return found

    def finish(self) -> list[Event]:
        """Say that the stream ended.

        Returns:
            The event that was still open, marked `last`; a browser would drop it, but some
            servers end on `data: [DONE]` without the empty line.
        """
        found: list[Event] = []
        if self._open:
            self._line(b"".join(self._open), found)
            self._open.clear()
        self._dispatch(found)
        return [one._replace(last=True) for one in found]

    def _line(self, raw: bytes, found: list[Event]) -> None:
        if self._first:
            self._first = False
            raw = raw.removeprefix(_BOM)
        if not raw:
            self._dispatch(found)
            return
        line = raw.decode("utf-8", "replace")
        name, colon, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif colon and not name:
            found.append(Event("comment", value))
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


def read_events(text: str) -> list[Event]:
    """Read a stream that was recorded whole.

    Args:
        text: All of it.

    Returns:
        Its events, in order.
    """
    data = text.encode("utf-8", "replace")
    parser = Parser(len(data), len(data))
    return [*parser.feed(data), *parser.finish()]
