"""Plain text for terminals."""

from collections.abc import Iterable, Sequence
from textwrap import fill


def plain_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in plain text, columns aligned."""
    all_rows = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in all_rows) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in all_rows
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def wrapped(text: str) -> str:
    """Return a text wrapped for a terminal."""
    return fill(text, 100) if text else ""
