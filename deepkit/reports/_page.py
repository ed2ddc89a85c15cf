"""A report as one HTML page that opens offline: nothing is fetched, plotly.js is packed inside once."""

import base64
import gzip
import json
import re
import secrets
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from deepkit.reports._about import About
from deepkit.reports._content import MARK, Figure, Part, Shown
from deepkit.reports._sanitise import page_of

_HEADING = re.compile(r"<h([23])([^>]*)>(.*?)</h\1>", re.DOTALL)


@cache
def _packed_plotly() -> str:
    """Plotly's own JavaScript from its installed package, gzip in base64: 2 MB instead of 5."""
    from plotly.offline import get_plotlyjs

    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), 9, mtime=0)).decode()


def _asset(name: str) -> str:
    return files("deepkit.reports").joinpath(name).read_text(encoding="utf-8")


def _json(value: Any) -> str:
    """Return JSON that cannot end the script element it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")


def _figure(figure: Figure) -> str:
    code = base64.b64encode(figure.still.encode()).decode()
    image = f'<img alt="{escape(figure.alt)}" src="data:image/svg+xml;base64,{code}">' if figure.still else ""
    if figure.data is None:
        return f"<figure>{image}</figure>"
    spec = f'<script type="application/json">{_json(figure.data)}</script>'
    return f'<figure data-figure aria-label="{escape(figure.alt)}">{image or "<img hidden>"}{spec}</figure>'


def _shown(one: Shown) -> str:
    if one.failed:
        return f'<div class="shown failed" role="alert"><pre>{escape(one.text)}</pre></div>'
    body = one.html or f"<pre>{escape(one.text)}</pre>"
    for number, figure in enumerate(one.figures):
        body = body.replace(MARK.format(number), _figure(figure))
    return f'<div class="shown">{body}</div>'


def _part(part: Part) -> str:
    if part.kind == "prose":
        return page_of(part.source)
    if part.kind == "raw":
        return f"<pre>{escape(part.source)}</pre>"
    code = f'<details class="code"><summary>code</summary><pre>{escape(part.source)}</pre></details>'
    late = "" if part.run else '<p class="case">This cell was not reached.</p>'
    return (code if part.source else "") + late + "".join(_shown(one) for one in part.shown)


def _contents(body: str) -> tuple[str, str]:
    """Give each heading an id and return (body, table of contents)."""
    entries: list[str] = []

    def named(match: re.Match[str]) -> str:
        words = re.sub(r"<[^>]+>|¶|&#182;", "", match[3]).strip()
        entries.append(f'<a href="#s{len(entries)}"{" class=sub" if match[1] == "3" else ""}>{words}</a>')
        return f'<h{match[1]} id="s{len(entries) - 1}">{match[3]}</h{match[1]}>'

    return _HEADING.sub(named, body), "".join(entries)


def page(parts: Sequence[Part], about: About, foot: Sequence[tuple[str, str]]) -> str:
    """Write a report as one HTML page.

    Args:
        parts: The redacted notebook.
        about: What the report is about.
        foot: Pairs of name and words for the foot.

    Returns:
        The page. Its own policy forbids every request and every script but its own.
    """
    nonce = secrets.token_urlsafe(16)
    body, entries = _contents("\n".join(_part(part) for part in parts))
    drawn = any(figure.data is not None for part in parts for one in part.shown for figure in one.figures)
    packed = f'<script type="text/plain" id="plotly-packed">{_packed_plotly()}</script>' if drawn else ""
    failed = escape(about.failure or "")
    alarm = f'<p class="alarm" role="alert">A cell failed: {failed}. What ran before it is complete.</p>'
    short = "".join(f"<p>{escape(one.summary)}</p>" for part in parts for one in part.shown if one.summary)
    short = f'<section class="short" aria-label="In short"><b>In short</b>{short}</section>' if short else ""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(words)}</td></tr>' for name, words in foot
    )
    policy = (
        f"default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{escape(about.title)}</title>
<style>{_asset("page.css")}</style>
</head>
<body>
<div class="frame">
<nav aria-label="Contents">{entries}</nav>
<main>
{alarm if about.failure else ""}
{short}
{body}
<footer><h3>About this report</h3><table>{rows}</table></footer>
</main>
</div>
{packed}
<script nonce="{nonce}">{_asset("page.js")}</script>
</body>
</html>
"""
