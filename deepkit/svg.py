"""A still picture of a figure, for places where no script runs: untrusted notebooks, GitHub, print.

It draws the part of plotly's figure description that DeepKit's own figures use (bars,
lines, markers, text, error bars, several axes, shades, notes) in plain SVG, in about a
millisecond and without a browser. What it does not know it leaves out.
"""

import base64
import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

TEXT, GRID = "#7A808A", "rgba(128,128,128,0.3)"
WIDTH = 760
KNOWN = ("bar", "scatter", "scattergl")
DASHES = {"dash": "stroke-dasharray='7 5'", "dot": "stroke-dasharray='2 4'"}


def drawable(figure: Mapping[str, Any]) -> bool:
    """Tell whether every trace of a figure is of a kind that can be drawn here."""
    return all(str(trace.get("type", "scatter")) in KNOWN for trace in figure.get("data", ()))


def svg(figure: Mapping[str, Any], width: int = WIDTH) -> str:
    """Draw a figure.

    Args:
        figure: Plotly's JSON form: an object with `data` and `layout`, numbers in plain lists.
        width: In pixels; the height is the layout's.

    Returns:
        An SVG document of its own.
    """
    return _Drawing(figure, width).draw()


def picture(figure: Mapping[str, Any], alt: str, width: int = WIDTH) -> str:
    """Return an `<img>` that holds the drawing as a data address; it survives notebook sanitisers."""
    code = base64.b64encode(svg(figure, width).encode()).decode()
    style = f"width:100%;max-width:{width}px;height:auto"
    return f'<img alt="{escape(alt)}" style="{style}" src="data:image/svg+xml;base64,{code}">'


class _Axis:
    """One axis: where it lies, what it spans, which ticks it has."""

    def __init__(self, layout: Mapping[str, Any], name: str, span: tuple[float, float]) -> None:
        own = layout.get(name) or {}
        shared = ((layout.get("template") or {}).get("layout") or {}).get(name[:5]) or {}
        self.spec: dict[str, Any] = {**shared, **own}
        base = self.spec.get("overlaying")
        under = layout.get(f"{base[0]}axis{base[1:]}") if isinstance(base, str) and base != "free" else None
        low, high = self.spec.get("domain") or (under or {}).get("domain") or (0.0, 1.0)
        self.start, self.length = span[0] + low * (span[1] - span[0]), (high - low) * (span[1] - span[0])
        self.names: list[str] = []
        self.low, self.high = math.inf, -math.inf

    def see(self, values: Sequence[Any], zero: bool = False) -> None:
        """Widen the span so that the values fit."""
        for value in values:
            number = self.number(value)
            if number is not None:
                self.low, self.high = min(self.low, number), max(self.high, number)
        if zero or self.spec.get("rangemode") == "tozero":
            self.low = min(self.low, 0.0)

    def number(self, value: Any) -> float | None:
        """Return a value's place: itself, or its position among the names."""
        if isinstance(value, str):
            if value not in self.names:
                self.names.append(value)
            return float(self.names.index(value))
        return float(value) if isinstance(value, int | float) and math.isfinite(value) else None

    def settle(self) -> None:
        """Fix the span once all values were seen."""
        given = self.spec.get("range")
        if given:
            self.low, self.high = float(given[0]), float(given[1])
        elif self.names:
            self.low, self.high = -0.5, len(self.names) - 0.5
        elif not math.isfinite(self.low):
            self.low, self.high = 0.0, 1.0
        else:
            self.high += 0.05 * (self.high - self.low or 1.0)
        if self.spec.get("autorange") == "reversed":
            self.low, self.high = self.high, self.low

    def at(self, value: Any) -> float:
        """Return the pixel of a value."""
        number = self.number(value)
        return self.start + self.length * ((number or 0.0) - self.low) / ((self.high - self.low) or 1.0)

    def ticks(self) -> list[tuple[float, str]]:
        """Return (value, words) of each tick within the span."""
        if self.spec.get("tickvals") is not None:
            words = self.spec.get("ticktext") or [f"{value:g}" for value in self.spec["tickvals"]]
            return list(zip(map(float, self.spec["tickvals"]), map(str, words), strict=False))
        if self.names:
            step = max(1, math.ceil(len(self.names) / 16)) if all(len(n) < 4 for n in self.names) else 1
            return [(float(i), name) for i, name in enumerate(self.names) if i % step == 0]
        low, high = sorted((self.low, self.high))
        raw = (high - low) / 5 or 1.0
        size = 10.0 ** math.floor(math.log10(raw))
        step_size = self.spec.get("dtick") or next(size * m for m in (1, 2, 5, 10) if size * m >= raw)
        first = math.ceil(low / step_size - 1e-9)
        count = int((high - low) / step_size + 1e-6) + 1
        marks = [(first + i) * step_size for i in range(min(count, 50))]
        return [(mark, f"{mark:.6g}") for mark in marks if mark <= high * (1 + 1e-9) + 1e-12]


class _Drawing:
    def __init__(self, figure: Mapping[str, Any], width: int) -> None:
        self.data = [trace for trace in figure.get("data", ()) if str(trace.get("type", "scatter")) in KNOWN]
        self.layout = figure.get("layout") or {}
        self.width, self.height = float(width), float(self.layout.get("height") or 320)
        margin = {"l": 60, "r": 20, "t": 30, "b": 45, **(self.layout.get("margin") or {})}
        self.across = (float(margin["l"]), self.width - float(margin["r"]))
        self.down = (self.height - float(margin["b"]), float(margin["t"]))  # upwards
        self.axes: dict[str, _Axis] = {}
        self.out: list[str] = []
        for trace in self.data:
            self._fit(trace)
        for axis in self.axes.values():
            axis.settle()

    def axis(self, short: str) -> _Axis:
        if short not in self.axes:
            span = self.across if short[0] == "x" else self.down
            self.axes[short] = _Axis(self.layout, f"{short[0]}axis{short[1:]}", span)
        return self.axes[short]

    def _sides(self, trace: Mapping[str, Any]) -> tuple[_Axis, _Axis]:
        return self.axis(str(trace.get("xaxis") or "x")), self.axis(str(trace.get("yaxis") or "y"))

    def _fit(self, trace: Mapping[str, Any]) -> None:
        x, y = self._sides(trace)
        xs, ys = _list(trace.get("x")), _list(trace.get("y"))
        xs, ys = xs or list(range(len(ys))), ys or list(range(len(xs)))
        base = _list(trace.get("base"))
        bar, lying = trace.get("type") == "bar", trace.get("orientation") == "h"
        if bar and lying:
            xs = [float(a or 0) + float(b or 0) for a, b in zip(xs, base or [0] * len(xs), strict=False)]
        elif bar:
            ys = [float(a or 0) + float(b or 0) for a, b in zip(ys, base or [0] * len(ys), strict=False)]
        x.see(xs, zero=bar and lying)
        y.see(ys, zero=bar and not lying)

    def draw(self) -> str:
        self._shades()
        for short in list(self.axes):
            self._axis(short)
        for trace in self.data:
            (self._bars if trace.get("type") == "bar" else self._scatter)(trace)
        for one in self.layout.get("annotations") or ():
            self._annotation(one)
        font = "font-family='system-ui,-apple-system,Segoe UI,Roboto,sans-serif' font-size='12'"
        size = f"viewBox='0 0 {self.width:g} {self.height:g}' width='{self.width:g}' height='{self.height:g}'"
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' {size} {font} fill='{TEXT}'>{''.join(self.out)}</svg>"
        )

    def _text(self, x: float, y: float, words: str, anchor: str = "middle", extra: str = "") -> None:
        for line, part in enumerate(str(words).split("<br>")):
            place = f"x='{x:.1f}' y='{y + 14 * line:.1f}'"
            self.out.append(f"<text {place} text-anchor='{anchor}' {extra}>{escape(part.strip())}</text>")

    def _line(self, x0: float, y0: float, x1: float, y1: float, colour: str, width: float = 1.0) -> None:
        ends = f"x1='{x0:.1f}' y1='{y0:.1f}' x2='{x1:.1f}' y2='{y1:.1f}'"
        self.out.append(f"<line {ends} stroke='{escape(colour)}' stroke-width='{width:g}'/>")

    def _rect(self, x0: float, y0: float, x1: float, y1: float, colour: str, opacity: float) -> None:
        place = f"x='{min(x0, x1):.1f}' y='{min(y0, y1):.1f}' width='{abs(x1 - x0):.1f}' height='{abs(y1 - y0):.1f}'"
        self.out.append(f"<rect {place} fill='{escape(colour)}' fill-opacity='{opacity:g}'/>")

    def _shades(self) -> None:
        for shape in self.layout.get("shapes") or ():
            if shape.get("type") == "rect" and shape.get("yref") == "paper":
                x = self.axis(str(shape.get("xref") or "x"))
                ends = (x.at(shape["x0"]), self.down[0], x.at(shape["x1"]), self.down[1])
                self._rect(*ends, str(shape.get("fillcolor") or TEXT), float(shape.get("opacity") or 0.2))

    def _axis(self, short: str) -> None:
        axis, flat = self.axes[short], short[0] == "x"
        partner = self.axes.get(str(axis.spec.get("anchor") or ("y" if flat else "x") + short[1:]))
        cross = partner or self.axis("y" if flat else "x")
        near, far = cross.start, cross.start + cross.length
        right = axis.spec.get("side") == "right"
        for value, label in axis.ticks():
            spot = axis.at(value)
            if axis.spec.get("showgrid") is not False and not axis.names:
                self._line(*((spot, near, spot, far) if flat else (near, spot, far, spot)), GRID)
            if flat:
                self._text(spot, near + 16, label)
            else:
                self._text(far + 6 if right else near - 6, spot + 4, label, "start" if right else "end")
        title = axis.spec.get("title") or {}
        words = str((title.get("text") if isinstance(title, Mapping) else title) or "")
        middle = axis.start + axis.length / 2
        if words and flat:
            self._text(middle, self.height - 6, words)
        elif words:
            x = far + 44 if right else near - 42
            self._text(x, middle, words, extra=f"transform='rotate(-90 {x:.1f} {middle:.1f})'")

    def _bars(self, trace: Mapping[str, Any]) -> None:
        x, y = self._sides(trace)
        lying = trace.get("orientation") == "h"
        along, values = (_list(trace.get("y")), _list(trace.get("x")))
        if not lying:
            along, values = values, along
        bases = _list(trace.get("base")) or [0] * len(values)
        widths, mark = _list(trace.get("width")), trace.get("marker") or {}
        opacity = float(mark.get("opacity") or 1)
        words = _list(trace.get("text")) if trace.get("textposition") not in (None, "none") else []
        for i, (place, value) in enumerate(zip(along, values, strict=False)):
            if value is None:
                continue
            side = y if lying else x
            half = abs(side.length / ((side.high - side.low) or 1)) * float(widths[i] if widths else 0.65) / 2
            spot, base, top = side.at(place), float(bases[i] or 0), float(bases[i] or 0) + float(value)
            colour = _pick(mark.get("color"), i, TEXT)
            if lying:
                self._rect(x.at(base), spot - half, x.at(top), spot + half, colour, opacity)
                continue
            self._rect(spot - half, y.at(base), spot + half, y.at(top), colour, opacity)
            if i < len(words):
                self._text(spot, y.at(base) - 6, words[i], extra="fill='#ffffff'")
            self._error(trace.get("error_y") or {}, i, spot, top, y)

    def _error(
        self, error: Mapping[str, Any], i: int, spot: float, value: float, axis: _Axis, lying: bool = False
    ) -> None:
        up, below = _list(error.get("array")), _list(error.get("arrayminus"))
        if i >= len(up) or up[i] is None:
            return
        down = below[i] if i < len(below) else up[i]
        high, low = axis.at(value + up[i]), axis.at(value - down)
        colour, cap = str(error.get("color") or TEXT), float(error.get("width") or 10) / 2
        for ends in (
            (spot, low, spot, high),
            (spot - cap, low, spot + cap, low),
            (spot - cap, high, spot + cap, high),
        ):
            self._line(*((ends[1], ends[0], ends[3], ends[2]) if lying else ends), colour, 1.5)

    def _scatter(self, trace: Mapping[str, Any]) -> None:
        x, y = self._sides(trace)
        xs, ys = _list(trace.get("x")), _list(trace.get("y"))
        xs = xs or list(range(len(ys)))
        points = [(x.at(a), y.at(b)) for a, b in zip(xs, ys, strict=False) if a is not None and b is not None]
        mode, mark, line = (
            str(trace.get("mode") or "lines"),
            trace.get("marker") or {},
            trace.get("line") or {},
        )
        if "lines" in mode and len(points) > 1:
            path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
            colour, wide = escape(str(line.get("color") or TEXT)), float(line.get("width") or 2)
            dash = DASHES.get(str(line.get("dash")), "")
            self.out.append(
                f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='{wide:g}' {dash}/>"
            )
        for i, (a, b) in enumerate(zip(xs, ys, strict=False)):
            if a is not None and b is not None:
                self._error(trace.get("error_y") or {}, i, x.at(a), b, y)
                self._error(trace.get("error_x") or {}, i, y.at(b), a, x, lying=True)
        if "markers" in mode:
            size = float(_pick(mark.get("size"), 0, 6)) / 2
            said = _list(trace.get("hovertext"))
            for i, (a, b) in enumerate(points):
                symbol = str(_pick(mark.get("symbol"), i, "circle"))
                words = str(said[i]) if i < len(said) else ""
                self._marker(a, b, size, _pick(mark.get("color"), i, TEXT), symbol, words)
        if "text" in mode:
            for (a, b), words in zip(points, _list(trace.get("text")), strict=False):
                self._text(a + 6, b + 4, words, "start")

    def _marker(self, x: float, y: float, size: float, colour: str, symbol: str, words: str = "") -> None:
        said = f"<title>{escape(words)}</title>" if words else ""
        if symbol == "x":
            self._line(x - size, y - size, x + size, y + size, colour, 2.4)
            self._line(x - size, y + size, x + size, y - size, colour, 2.4)
        elif symbol == "diamond":
            corners = (
                f"{x:.1f},{y - size:.1f} {x + size:.1f},{y:.1f} {x:.1f},{y + size:.1f} {x - size:.1f},{y:.1f}"
            )
            self.out.append(f"<polygon points='{corners}' fill='{escape(colour)}'>{said}</polygon>")
        else:
            place = f"cx='{x:.1f}' cy='{y:.1f}' r='{size:g}'"
            self.out.append(f"<circle {place} fill='{escape(colour)}' fill-opacity='0.8'>{said}</circle>")

    def _annotation(self, note: Mapping[str, Any]) -> None:
        if note.get("xref") != "paper" or note.get("yref") != "paper":
            return
        x = self.across[0] + float(note.get("x") or 0) * (self.across[1] - self.across[0])
        y = self.down[0] + float(note.get("y") or 0) * (self.down[1] - self.down[0])
        anchor = {"left": "start", "right": "end"}.get(str(note.get("xanchor")), "middle")
        self._text(x, max(12.0, y + 10), str(note.get("text") or ""), anchor)


def _list(value: Any) -> list[Any]:
    """Return plain lists as they are and a single value as a list of one; packed arrays are not read."""
    if value is None or isinstance(value, Mapping | str):
        return []
    return list(value) if isinstance(value, Sequence) else [value]


def _pick(value: Any, place: int, default: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value[place] if place < len(value) else default
    return default if value is None else value
