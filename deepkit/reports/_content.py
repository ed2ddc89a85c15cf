"""An executed notebook, taken apart and redacted: what all forms of a report are written from."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any

from deepkit.redaction import Redactor
from deepkit.redaction.gate import visible
from deepkit.reports._sanitise import packed_picture, safe_html, safe_markdown, safe_svg, words_of
from deepkit.svg import drawable, svg

PLOTLY = "application/vnd.plotly.v1+json"
MARK = "<!--figure-{}-->"
_PLACE = re.compile("\ue000(\\d*)\ue001|[\ue000\ue001]")
"""Where a figure stands while the HTML around it is cleaned; foreign text never holds it."""
_PICTURE = re.compile(r'<img\b[^>]*?\bsrc="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)"[^>]*>')
_DATA = re.compile(r"(data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+)")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture of an output: SVG, and what it shows in words."""

    alt: str
    still: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One output.

    Args:
        text: As plain text.
        html: As HTML, with a MARK where each figure stands; empty when there is none.
        figures: Its figures.
        failed: Whether it is a traceback.
    """

    text: str = ""
    html: str = ""
    figures: tuple[Figure, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One cell: prose, or code with what it showed; `run` is False for code that was not reached."""

    kind: str
    source: str
    shown: tuple[Shown, ...] = ()
    run: bool = True


@dataclass(slots=True)
class _Reader:
    redactor: Redactor
    figures: list[Figure] = field(default_factory=list)

    def clean(self, text: str) -> str:
        """Redact a text and leave packed pictures in it alone."""
        pieces = _DATA.split(visible(text))
        return "".join(piece if i % 2 else self.redactor.redact(piece).text for i, piece in enumerate(pieces))

    def figure(self, data: Mapping[str, Any]) -> Figure:
        """Redact a plotly figure and draw its still picture anew."""
        own = self.redactor.redact_tree({"data": data.get("data", []), "layout": data.get("layout", {})})
        meta = own["layout"].get("meta")
        title = own["layout"].get("title")
        words = meta.get("alt") if isinstance(meta, Mapping) else None
        words = words or (title.get("text") if isinstance(title, Mapping) else title) or "Figure"
        return Figure(str(words), svg(own) if drawable(own) else "")

    def html(self, text: str) -> str:
        """Return safe HTML with marks for the figures, which are kept."""

        def place(match: re.Match[str]) -> str:
            drawn = self.clean(safe_svg(base64.b64decode(match[1]).decode("utf-8", "replace")))
            alt = re.search(r'\balt="([^"]*)"', match[0])
            self.figures.append(Figure(self.clean(unescape(alt[1])) if alt else "Picture", drawn))
            return f"\ue000{len(self.figures) - 1}\ue001"

        marked = _PICTURE.sub(place, _PLACE.sub("", text))
        tame = safe_html(marked)
        clean, said = self.clean(tame), self.redactor.peek(visible(words_of(tame)))
        if words_of(clean) != said:  # a secret that a tag divides, or that only its neighbour announces
            clean = f"<pre>{escape(said)}</pre>"
        return _PLACE.sub(lambda match: MARK.format(int(match[1])), clean)

    def output(self, out: Mapping[str, Any]) -> Shown | None:
        self.figures = []
        kind = out.get("output_type")
        if kind == "stream":
            return Shown(self.clean(_ANSI.sub("", _joined(out.get("text")))))
        if kind == "error":
            trace = "\n".join(out.get("traceback") or [f"{out.get('ename')}: {out.get('evalue')}"])
            return Shown(self.clean(_ANSI.sub("", trace)), failed=True)
        data = out.get("data") or {}
        text = self.clean(_joined(data.get("text/plain")))
        if PLOTLY in data:
            return Shown(text, MARK.format(0), (self.figure(data[PLOTLY]),))
        html = self.html(_joined(data.get("text/html")))
        for kind in ("image/png", "image/jpeg"):
            if not html and kind in data:
                packed = packed_picture(_joined(data[kind]))
                html = f'<img alt="{escape(text[:80])}" src="data:{kind};base64,{packed}">' if packed else ""
        if not html and "image/svg+xml" in data:
            drawn = self.clean(safe_svg(_joined(data["image/svg+xml"])))
            return Shown(text, MARK.format(0), (Figure(text or "Picture", drawn),))
        return Shown(text, html, tuple(self.figures)) if text or html else None


def _joined(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value or "")


def parts(notebook: Mapping[str, Any], redactor: Redactor) -> Iterator[Part]:
    """Take an executed notebook apart.

    Args:
        notebook: The notebook as nbformat 4 has it.
        redactor: Removes secrets and private names; counts what it removed.

    Yields:
        One part a cell, in order. Widget state and scripts are left behind.
    """
    reader = _Reader(redactor)
    for cell in notebook["cells"]:
        source = reader.clean(_joined(cell["source"]))
        if cell["cell_type"] != "code":
            prose = cell["cell_type"] == "markdown"
            yield Part("prose", safe_markdown(source)) if prose else Part("raw", source)
            continue
        shown = tuple(one for out in cell["outputs"] if (one := reader.output(out)) is not None)
        yield Part("code", source, shown, bool(cell["outputs"]) or cell["execution_count"] is not None)
