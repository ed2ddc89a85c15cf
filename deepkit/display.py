"""How any record shows itself: one line, HTML, Markdown, a DataFrame.

Below the records, so that each of them can use it. IPython is not needed: `_repr_mimebundle_` is only a method
that JupyterLab, VS Code, Colab and marimo look for. Whoever knows more of a record (an answer's card) says so
with `shown_as`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pandas as pd

LONGEST_LINE = 280
"""Signs of a record in one line."""
LONGEST_VALUE = 60
MOST_ROWS = 20
"""Rows of a table on a page; `to_frame()` has all."""
CARDS: dict[type, Callable[[Any], Mapping[str, str]]] = {}
"""For a class of records, what makes its `text/html` and `text/markdown`."""


class Shown:
    """A record that displays itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return line(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        """Return the record for a notebook: plain text, Markdown and HTML."""
        card = CARDS.get(type(self))
        special = card(self) if card else {"text/html": html(self), "text/markdown": markdown(self)}
        return {"text/plain": line(self), **special}

    def to_frame(self) -> "pd.DataFrame":
        """Return the record's rows (observations, causes, samples, steps) as a pandas DataFrame."""
        import pandas as pd

        return pd.DataFrame(rows(self))


Card = TypeVar("Card", bound=Callable[..., Mapping[str, str]])


def shown_as(kind: type) -> Callable[[Card], Card]:
    """Decorate the function that makes a class's cards."""

    def keep(card: Card) -> Card:
        CARDS[kind] = card
        return card

    return keep


def line(record: Any) -> str:
    """Return a record in one line: what differs from the defaults; of lists of records only how many."""
    told = ", ".join(
        f"{one.name}={_short(getattr(record, one.name))}"
        for one in fields(record)
        if getattr(record, one.name) != _default(one)
    )
    whole = f"{type(record).__name__}({told})"
    return whole if len(whole) <= LONGEST_LINE else whole[: LONGEST_LINE - 2] + "…)"


def _default(one: "Field[Any]") -> object:
    return one.default_factory() if one.default_factory is not MISSING else one.default


def _short(value: object) -> str:
    if is_dataclass(value):
        first = getattr(value, fields(value)[0].name, None) if fields(value) else None
        named = f" {first}" if isinstance(first, str) and len(first) <= LONGEST_VALUE else ""
        return f"<{type(value).__name__}{named}>"
    if isinstance(value, tuple | list) and any(map(is_dataclass, value)):
        return f"<{len(value)} × {type(value[0]).__name__}>"
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def rows(record: Any) -> list[dict[str, Any]]:
    """Return a record as rows: its longest list of records, a row each; else the record itself.

    Args:
        record: Any frozen record.

    Returns:
        Rows of plain values; what is nested deeper stands as its own line.
    """
    lists = [getattr(record, one.name) for one in fields(record)]
    nested = [one for one in lists if isinstance(one, tuple) and one and all(map(is_dataclass, one))]
    return [_row(one) for one in (max(nested, key=len) if nested else (record,))]


def _row(record: Any) -> dict[str, Any]:
    return {one.name: _plain(getattr(record, one.name)) for one in fields(record)}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return line(value)
    if isinstance(value, tuple | list):
        return "; ".join(str(_plain(one)) for one in value)
    return dict(value) if isinstance(value, Mapping) else value


def html(record: Any) -> str:
    """Return a record as a line and a table, everything escaped."""
    table = rows(record)
    names = [name for name in table[0] if any(row[name] not in (None, "", {}) for row in table)]
    head = "".join(f"<th scope='col' style='text-align:left'>{escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{_cell(row[name])}</td>" for name in names) + "</tr>"
        for row in table[:MOST_ROWS]
    )
    more = f"<p>{len(table) - MOST_ROWS} more: .to_frame()</p>" if len(table) > MOST_ROWS else ""
    picture = strip(table) if table and {"arm", "ok"} <= table[0].keys() else ""
    told = f"<p><code>{escape(line(record))}</code></p>"
    grid = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div>{told}{picture}{grid}{more}</div>"


def markdown(record: Any) -> str:
    """Return a record as a line and a Markdown table."""
    table = rows(record)
    names = [name for name in table[0] if any(row[name] not in (None, "", {}) for row in table)]
    told = line(record).replace("`", "'")
    lines = [f"`{told}`", "", f"| {' | '.join(names)} |", "|" + " --- |" * len(names)]
    lines += ["| " + " | ".join(_flat(row[name]) for name in names) + " |" for row in table[:MOST_ROWS]]
    return "\n".join(lines)


def _text(value: Any) -> str:
    if value is None:
        return ""
    said = f"{value:.4g}" if isinstance(value, float) else str(value)
    return said if len(said) <= 3 * LONGEST_VALUE else said[: 3 * LONGEST_VALUE] + "…"


def _cell(value: Any) -> str:
    return escape(_text(value))


def _flat(value: Any) -> str:
    return " ".join(_text(value).replace("|", "\\|").replace("<", "&lt;").split())


def strip(samples: Sequence[Mapping[str, Any]]) -> str:
    """Draw samples in the order asked, a row for each arm: a dot answered, a cross failed."""
    arms = list(dict.fromkeys(str(one["arm"]) for one in samples))
    width, marks = 70 + 16 * len(samples), list[str]()
    for number, one in enumerate(samples):
        x, y = 70 + 16 * number, 14 + 20 * arms.index(str(one["arm"]))
        marks.append(
            f"<circle cx='{x}' cy='{y}' r='5' fill='#2b8a5a'/>"
            if one["ok"]
            else f"<path d='M{x - 5},{y - 5}l10,10m0,-10l-10,10' stroke='#c0392b' stroke-width='2.5'/>"
        )
    names = "".join(
        f"<text x='0' y='{18 + 20 * row}' font-size='12' fill='currentColor'>{escape(arm)}</text>"
        for row, arm in enumerate(arms)
    )
    height = 8 + 20 * len(arms)
    right = sum(bool(one["ok"]) for one in samples)
    label = f"{right} of {len(samples)} questions were answered"
    return (
        f"<svg viewBox='0 0 {width} {height}' width='{min(width, 760)}' role='img' aria-label='{label}'>"
        f"{names}{''.join(marks)}</svg>"
    )
