"""Still pictures in SVG, in the colours of the page around them."""

import base64
import re
from collections.abc import Iterable

from deepkit.views.html import esc

WIDTH = 840
LIGHT = {
    "ink": "#1d2430", "soft": "#56606e", "line": "#d5dbe4", "card": "#ffffff", "tint": "#eef4fb",
    "good": "#146c43", "bad": "#a12d22", "info": "#1b5fa0", "warn": "#7d5200",
}  # fmt: skip
"""Colours of a picture that stands alone, on a light ground of its own."""


def picture(shapes: Iterable[str], height: float, alt: str) -> str:
    """Return a picture: for the page, and as an image for readers that keep no SVG.

    Args:
        shapes: SVG elements in a space of WIDTH by `height`; colours are `var(--NAME)`, names as in LIGHT.
        height: Of the picture.
        alt: What it shows, in words.

    Returns:
        HTML.
    """
    body = "".join(shapes)
    box = f'viewBox="0 0 {WIDTH} {height:.0f}"'
    inline = f'<svg {box} role="img" aria-label="{esc(alt)}">{body}</svg>'
    return inline + _image(body, box, height, alt)


def _image(body: str, box: str, height: float, alt: str) -> str:
    plain = re.sub(r"var\(--(\w+)\)", lambda name: LIGHT[name[1]], body)
    look = f"text{{font:12px sans-serif;fill:{LIGHT['soft']}}}.ink{{fill:{LIGHT['ink']};font-weight:600}}"
    size = f'width="{WIDTH}" height="{height:.0f}"'
    whole = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} {size}><style>{look}</style>'
        f'<rect width="100%" height="100%" fill="{LIGHT["card"]}"/>{plain}</svg>'
    )
    code = base64.b64encode(whole.encode()).decode()
    return f'<img class="dk-still" alt="{esc(alt)}" src="data:image/svg+xml;base64,{code}">'


def without_stills(html: str) -> str:
    """Return HTML without the images for sanitisers: a report's own page keeps its SVG."""
    return re.sub(r'<img class="dk-still"[^>]*>', "", html)


def text(x: float, y: float, words: str, *, anchor: str = "start", ink: bool = False) -> str:
    """Return a line of text."""
    kind = ' class="ink"' if ink else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"{kind}>{esc(words)}</text>'


def line(x0: float, y0: float, x1: float, y1: float, colour: str, width: float = 1.0, dash: str = "") -> str:
    """Return a line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"'
    return f'<line {ends} stroke="var(--{colour})" stroke-width="{width}"{dashes}/>'


def rect(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1.0) -> str:
    """Return a filled rectangle."""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{height:.1f}"'
    return f'<rect {place} fill="var(--{colour})" opacity="{opacity}"/>'


def dot(x: float, y: float, colour: str, radius: float = 4.0) -> str:
    """Return a full circle: something was answered."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="var(--{colour})"/>'


def cross(x: float, y: float, colour: str = "bad", size: float = 4.5) -> str:
    """Return a cross: something was not answered."""
    low, high = f"{x - size:.1f},{y - size:.1f}", f"{x - size:.1f},{y + size:.1f}"
    way = f"M{low} l{2 * size},{2 * size} M{high} l{2 * size},{-2 * size}"
    return f'<path d="{way}" stroke="var(--{colour})" stroke-width="2.4" fill="none"/>'


def triangle(x: float, y: float, *, up: bool) -> str:
    """Return a triangle: up for a pair that the fix won, down for one that it lost."""
    tip, base = (y - 6, y + 4) if up else (y + 6, y - 4)
    corners = f"M{x - 5:.1f},{base:.1f} L{x:.1f},{tip:.1f} L{x + 5:.1f},{base:.1f}Z"
    return f'<path d="{corners}" fill="var(--{"good" if up else "bad"})"/>'
