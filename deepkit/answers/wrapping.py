"""Lines of a width that a terminal shows: a Chinese sign takes two columns, and may be broken after."""

import re
import unicodedata
from collections.abc import Iterator

_PIECE = re.compile(r"[^\S\n]+|[^\s\u2e80-\u9fff\uff00-\uffef，。：；！？、“”（）]+|.", re.DOTALL)
"""What is never broken: a word or an address, one Chinese sign."""
_CLOSING = frozenset("，。：；！？、”）》」』,.:;!?)")
_OPENING = frozenset("“（《「『(")


def columns(text: str) -> int:
    """Return how many columns a text takes; signs of ambiguous width count as wide."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WFA" else 1
        for one in text
    )


def wrap(text: str, width: int, mark: str = "") -> list[str]:
    """Break a text into lines.

    Args:
        text: One paragraph.
        width: Columns of a line.
        mark: What the first line begins with; the others are indented by as much.

    Returns:
        The lines; only a word longer than a line makes one that is too wide.
    """
    lines, line, blank = list[str](), mark, " " * columns(mark)
    for piece in _joined(text):
        if columns(line + piece.rstrip()) > width and line.strip() and line != mark:
            lines.append(line.rstrip())
            line = blank
        if line != blank or piece.strip():
            line += piece
    return [*lines, line.rstrip()]


def _joined(text: str) -> Iterator[str]:
    """Yield the pieces, an opening sign with what follows and a closing one with what stands before it."""
    held = ""
    for piece in _PIECE.findall(text.replace("\n", " ")):
        if piece in _CLOSING or held[-1:] in _OPENING:
            held += piece
            continue
        if held:
            yield held
        held = piece
    if held:
        yield held
