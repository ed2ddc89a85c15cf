"""Foreign values into records: what fits is taken, what does not is named, nothing is raised."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

import pytest

from deepkit.schema import (
    MOST_ITEMS,
    Like,
    Longest,
    Parts,
    UnreadableError,
    Within,
    as_json,
    read,
    read_whole,
)


@dataclass(frozen=True)
class Row:
    """One row with a name that must be there."""

    name: Annotated[str, Longest(5, cut=False)]
    n: Annotated[int, Within(0, 10)] = 0


@dataclass(frozen=True)
class Sample:
    """One field of each kind."""

    parts: ClassVar[tuple[Parts, ...]] = (Parts(("ok", "failed"), "n"), Parts(("rows",), "n"))
    n: int | None = None
    ok: int | None = None
    failed: Mapping[str, int] = field(default_factory=dict)
    share: Annotated[float, Within(0, 1)] | None = None
    word: Literal["yes", "no"] | None = None
    line: Annotated[str, Longest(4)] | None = None
    money: Annotated[str, Like(r"\d+\.\d\d")] | None = None
    rows: tuple[Row, ...] = ()
    order: tuple[str | None, ...] = ()
    names: frozenset[str] = frozenset()
    row: Row | None = None


GOOD = [
    ({"n": 3}, Sample(n=3)),
    ({"n": None, "unknown": 1}, Sample()),
    ({"share": 1}, Sample(share=1.0)),
    ({"word": "yes"}, Sample(word="yes")),
    ({"line": "longer"}, Sample(line="long")),
    ({"line": "\ud800"}, Sample(line="?")),
    ({"money": "110.00"}, Sample(money="110.00")),
    ({"order": ["a", None]}, Sample(order=("a", None))),
    ({"names": ["a", "b"]}, Sample(names=frozenset("ab"))),
    ({"row": {"name": "a", "x": 1}}, Sample(row=Row("a"))),
    ({"n": 3, "ok": 1, "failed": {"x": 2}}, Sample(3, 1, {"x": 2})),
]


@pytest.mark.parametrize(("value", "record"), GOOD)
def test_what_fits_is_taken(value: Mapping[str, object], record: Sample) -> None:
    """A value of the right kind is read; None and unknown names are left out, long lines are cut."""
    assert read(Sample, value) == (record, ())


BAD = [
    ({"n": "3"}, Sample(), "n"),
    ({"n": True}, Sample(), "n"),
    ({"n": 3.0}, Sample(), "n"),
    ({"share": 1.01}, Sample(), "share"),
    ({"share": float("nan")}, Sample(), "share"),
    ({"share": float("inf")}, Sample(), "share"),
    ({"share": 10**400}, Sample(), "share"),
    ({"word": "maybe"}, Sample(), "word"),
    ({"word": ["yes"]}, Sample(), "word"),
    ({"line": 7}, Sample(), "line"),
    ({"money": "NaN"}, Sample(), "money"),
    ({"money": "1.00 and more"}, Sample(), "money"),
    ({"rows": {"name": "a"}}, Sample(), "rows"),
    ({"rows": [{"name": "a"}, {"n": 1}, 7, None]}, Sample(rows=(Row("a"),)), "rows"),
    ({"rows": [{"name": "a", "n": 99}]}, Sample(rows=(Row("a"),)), "rows"),
    ({"rows": [{"name": "far too long"}]}, Sample(), "rows"),
    ({"failed": {"x": 1, "y": "z"}}, Sample(failed={"x": 1}), "failed"),
    ({"order": ["a"] * (MOST_ITEMS + 1)}, Sample(order=("a",) * MOST_ITEMS), "order"),
    ({"row": {"n": 1}}, Sample(), "row"),
]


@pytest.mark.parametrize(("value", "record", "name"), BAD)
def test_what_does_not_fit_is_named(value: Mapping[str, object], record: Sample, name: str) -> None:
    """A value that does not fit leaves the default and its name; the readable part of a list or table is kept."""
    assert read(Sample, value) == (record, (name,))


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({"n": 2, "ok": 3}, {"n", "ok", "failed"}),
        ({"n": 2, "ok": 1, "failed": {"x": 1, "y": 1}}, {"n", "ok", "failed"}),
        ({"n": 0, "rows": [{"name": "a"}]}, {"n", "rows"}),
    ],
)
def test_contradicting_counts_are_not_measured(value: Mapping[str, object], names: set[str]) -> None:
    """Parts that exceed their whole take each other along: nobody knows which number is wrong."""
    found, bad = read(Sample, value)
    assert set(bad) == names
    assert all(getattr(found, name) == getattr(Sample(), name) for name in names)


def test_a_whole_record_or_none() -> None:
    """`read_whole` names the fields that are missing or do not fit, and keeps what does fit for who wants it."""
    assert read_whole(Row, {"name": "a", "n": 1}) == Row("a", 1)
    with pytest.raises(UnreadableError, match="name cannot be read"):
        read_whole(Row, {"n": 1})
    with pytest.raises(UnreadableError, match="n cannot be read") as told:
        read_whole(Row, {"name": "a", "n": 11})
    assert told.value.kept == Row("a")
    for odd in (None, [], "x", 7):
        with pytest.raises(UnreadableError):
            read_whole(Row, odd)


def test_json_leaves_out_what_was_not_measured() -> None:
    """None, empty lists and empty tables are not written; zero, "no" and an empty text are."""
    assert as_json(Sample()) == {"names": []}
    assert as_json(Sample(n=0, row=Row(""))) == {"n": 0, "names": [], "row": {"name": "", "n": 0}}
