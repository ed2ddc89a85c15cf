"""HTML that survives JupyterLab's sanitiser for untrusted notebooks: tables, inline style, no script, no ids."""

from collections.abc import Iterable, Sequence
from html import escape
from textwrap import fill

LINE = "1px solid rgba(128,128,128,0.35)"
CELL = f"border-bottom:{LINE};padding:4px 10px 4px 0;text-align:left;vertical-align:top"
TONES = {"good": "#1B7F4B", "bad": "#B03A2E", "warn": "#9A6700", "info": "#1F6FB2", "quiet": "#6B7280"}
"""Badge backgrounds; white text on each has a contrast of 4.5 to 1 or more."""


def esc(text: object) -> str:
    """Escape anything for HTML."""
    return escape(str(text))


def badge(words: str, tone: str = "quiet") -> str:
    """Return a word on a coloured ground; the word says what the colour says."""
    look = "color:#ffffff;padding:1px 8px;border-radius:9px;font-size:85%;white-space:nowrap"
    return f'<span style="background-color:{TONES[tone]};{look}">{esc(words)}</span>'


def paragraph(*parts: str) -> str:
    """Return a paragraph of ready HTML parts."""
    return f'<p style="margin:6px 0">{" ".join(part for part in parts if part)}</p>'


def strong(words: str) -> str:
    """Return bold words."""
    return f"<b>{esc(words)}</b>"


def heading(words: str, *badges: str) -> str:
    """Return a heading line with badges behind it."""
    return f'<div style="font-size:115%;margin:8px 0 4px 0">{strong(words)} {" ".join(badges)}</div>'


def bullets(items: Iterable[str], ordered: bool = False) -> str:
    """Return a list of plain texts; empty when there are none."""
    rows = "".join(f"<li>{esc(item)}</li>" for item in items)
    kind = "ol" if ordered else "ul"
    return f'<{kind} style="margin:4px 0 6px 22px;padding:0">{rows}</{kind}>' if rows else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """Return a table; cells are ready HTML, the head is plain text."""
    top = "".join(f'<th scope="col" style="{CELL}">{esc(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f'<td style="{CELL}">{cell}</td>' for cell in row) + "</tr>" for row in rows
    )
    named = f'<caption style="text-align:left">{esc(caption)}</caption>' if caption else ""
    style = "border-collapse:collapse;margin:6px 0"
    return f'<table style="{style}">{named}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def fold(summary: str, body: str) -> str:
    """Return something that opens when asked."""
    return f'<details style="margin:6px 0"><summary style="cursor:pointer">{esc(summary)}</summary>{body}</details>'


def link(address: str, words: str = "") -> str:
    """Return a link to a source if it is an address of the web, its text otherwise."""
    if not address.startswith(("https://", "http://")):
        return esc(words or address)
    look = 'style="text-decoration:underline" target="_blank" rel="noopener noreferrer"'
    return f'<a {look} href="{esc(address)}">{esc(words or address)}</a>'


def box(body: str) -> str:
    """Return a block with air around it."""
    return f'<div style="line-height:1.45;max-width:60em">{body}</div>'


def plain_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in plain text, columns aligned."""
    all_rows = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in all_rows) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in all_rows
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def wrapped(text: str, indent: str = "") -> str:
    """Return a text wrapped for a terminal."""
    return fill(text, 100, initial_indent=indent, subsequent_indent=indent + "  ") if text else ""
