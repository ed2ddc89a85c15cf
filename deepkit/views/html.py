"""HTML for every reader: trusted pages style it, and what a sanitiser leaves of it still says the same.

JupyterLab takes `<style>`, `<svg>` and ids out of notebooks that it does not trust, and keeps tables, `<details>`,
inline style and `<img>`. So each picture is drawn twice: as `<svg>`, and as an `<img>` that the style hides.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape, unescape
from pathlib import Path


def esc(text: object) -> str:
    """Escape anything for HTML."""
    return escape(str(text))


@cache
def css() -> str:
    """Return the style of every view."""
    return Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def fragment(*parts: str, simulated: bool = False) -> str:
    """Return a whole output: it carries its own style, since each may stand in a frame of its own.

    Args:
        *parts: Pieces.
        simulated: Whether they are of a practice case: each piece then has a striped edge.
    """
    look = "dk dk-sim" if simulated else "dk"
    return f'<style>{css()}</style><div class="{look}">{"".join(parts)}</div>'


def card(*parts: str, anchor: str = "") -> str:
    """Return a block of its own, which links may lead to."""
    place = f' id="{esc(anchor)}"' if anchor else ""
    return f'<div class="dk-card"{place}>{"".join(parts)}</div>'


def tone(words: str, name: str) -> str:
    """Return words in a colour; they say what the colour says."""
    return f'<span class="dk-{name}">{esc(words)}</span>' if words else ""


def label(words: str) -> str:
    """Return the heading of a part."""
    return f'<div class="dk-label" role="heading" aria-level="4"><b>{esc(words)}</b></div>'


def paragraph(*parts: str) -> str:
    """Return a paragraph of ready HTML parts."""
    inner = " ".join(part for part in parts if part)
    return f"<p>{inner}</p>" if inner else ""


def bullets(items: Iterable[str], *, ordered: bool = False, ready: bool = False) -> str:
    """Return a list, or nothing for nothing.

    Args:
        items: Plain texts, or HTML when they are `ready`.
        ordered: Whether the lines are numbered.
        ready: Whether the items are HTML already.
    """
    rows = "".join(f"<li>{item if ready else esc(item)}</li>" for item in items)
    kind = "ol" if ordered else "ul"
    return f"<{kind}>{rows}</{kind}>" if rows else ""


def fold(summary: str, *body: str, open_: bool = False) -> str:
    """Return something that opens when asked, or nothing for nothing."""
    inner = "".join(body)
    return (
        f"<details{' open' if open_ else ''}><summary>{esc(summary)}</summary>{inner}</details>"
        if inner
        else ""
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, spans: str = "") -> str:
    """Return a table; cells are ready HTML, the head is plain, the first column names the row."""
    names = "".join(f'<th scope="col">{esc(name)}</th>' for name in head)
    top = f"<thead>{spans}<tr>{names}</tr></thead>" if any(head) else ""
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return f'<div class="dk-scroll"><table>{top}<tbody>{body}</tbody></table></div>'


def link(address: str, words: str = "") -> str:
    """Return a link to an address of the web, its text otherwise."""
    if not address.startswith(("https://", "http://")):
        return esc(words or address)
    return f'<a target="_blank" rel="noopener noreferrer" href="{esc(address)}">{esc(words or address)}</a>'


def practice(words: str) -> str:
    """Return the striped banner; where no style is kept it has a plain ground."""
    look = "background-color:#fbf3df;color:#553c00;padding:6px 10px"
    return f'<div class="dk-practice" style="{look}" role="note">{esc(words)}</div>'


def plain(html: str) -> str:
    """Return the words of an output: for readers that show no HTML.

    Args:
        html: What the functions here made.

    Returns:
        One line a paragraph, row or item; pictures as their description.
    """
    text = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", html, flags=re.DOTALL)
    text = re.sub(r'<img[^>]*\balt="([^"]*)"[^>]*>', r"[\1]\n", text)
    text = re.sub(r"</t[dh]>", " | ", text)
    text = re.sub(r"<li>", "- ", text)
    text = re.sub(r"</(?:p|div|li|tr|summary|pre|ol|ul|table)>", "\n", text)
    lines = (line.strip(" |") for line in unescape(re.sub(r"<[^>]+>", "", text)).splitlines())
    return "\n".join(line for line in lines if line)
