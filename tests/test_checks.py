"""The records of facts: every one survives JSON, and no JSON value breaks any of them."""

import json
import math
import runpy
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepkit.checks import (
    BY_CHECK,
    WAIT_WORDS,
    BodyKind,
    ChatStream,
    Facts,
    Indicator,
    KeyShape,
    Usage,
    Wait,
    checked,
)
from deepkit.checks import Path as Line
from deepkit.schema import Like, Longest, Within, as_json, read

ROOT = Path(__file__).parents[1]
each_check = pytest.mark.parametrize("kind", BY_CHECK.values(), ids=lambda kind: kind.check)


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values that fit a field's type and bounds."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _bounded(inner[0], inner[1])
    if type(None) in inner:
        return st.none() | values_of(next(one for one in inner if one is not type(None)))
    if origin is tuple:
        return st.lists(values_of(inner[0]), max_size=3).map(tuple)
    if origin is Mapping:
        return st.dictionaries(st.text(max_size=9), values_of(inner[1]), max_size=3)
    if is_dataclass(hint):
        return records(hint)
    return st.from_type(hint)


def _bounded(kind: type, bound: Any) -> st.SearchStrategy[Any]:
    if isinstance(bound, Longest):
        return st.text(max_size=bound.characters)
    if isinstance(bound, Like):
        return st.from_regex(bound.pattern, fullmatch=True)
    whole = st.integers(int(bound.least), int(bound.most))
    return whole if kind is int else st.floats(bound.least, bound.most) | whole.map(float)


def records(kind: Any) -> st.SearchStrategy[Any]:
    """Records of a class with any values that fit, as far as they do not contradict each other."""
    hints = get_type_hints(kind, include_extras=True)
    given_ = {name: values_of(hint) for name, hint in hints.items() if get_origin(hint) is not ClassVar}
    return st.fixed_dictionaries(given_).map(lambda values: read(kind, as_json(kind(**values)))[0])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=300)
    | st.sampled_from([10**18, -1, 1e999, 10**400, "x" * 4_800, "NaN", "1e999"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def deep(levels: int, *, table: bool) -> Any:
    value: Any = 7
    for _ in range(levels):
        value = {"x": value} if table else [value]
    return value


DEEP = (deep(900, table=True), deep(900, table=False), deep(50_000, table=False))


def facts_like(kind: type[Facts]) -> st.SearchStrategy[Mapping[str, Any]]:
    """Any JSON under the names of a class, and fitting values among it."""
    hints = get_type_hints(kind, include_extras=True)
    names = [one.name for one in fields(kind)]
    nested = st.sampled_from(range(len(DEEP))).map(DEEP.__getitem__)
    fitting = {name: values_of(hints[name]).map(as_json) | JSON | nested for name in names}
    return st.fixed_dictionaries({}, optional=fitting)


def assert_within(value: Any, hint: Any) -> None:
    """A value has its field's type and bounds."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        assert_within(value, inner[0])
        bound = inner[1]
        if isinstance(bound, Within):
            assert bound.least <= value <= bound.most
        if isinstance(bound, Longest):
            assert len(value) <= bound.characters
    elif type(None) in inner:
        if value is not None:
            assert_within(value, next(one for one in inner if one is not type(None)))
    elif origin is tuple:
        for one in value:
            assert_within(one, inner[0])
    elif origin is Mapping:
        for one in value.values():
            assert_within(one, inner[1])
    elif is_dataclass(hint):
        assert_record(value, hint)
    else:
        assert isinstance(value, hint)
        assert not isinstance(value, float) or math.isfinite(value)
        assert isinstance(value, bool) <= (hint is bool)


def assert_record(value: Any, kind: Any) -> None:
    assert type(value) is kind
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if get_origin(hint) is not ClassVar:
            assert_within(getattr(value, name), hint)


@each_check
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_record_survives_json(kind: type[Facts], data: st.DataObject) -> None:
    """What is written is read back: no field is lost, none appears."""
    record = data.draw(records(kind))
    text = json.dumps(as_json(record), allow_nan=False)
    assert read(kind, json.loads(text)) == (record, ())


@each_check
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_json_breaks_a_record(kind: type[Facts], data: st.DataObject) -> None:
    """Any values under any names give a record of the right types within its bounds, which can be written."""
    values = data.draw(facts_like(kind))
    found = checked(kind, values)
    assert_record(found, kind)
    json.dumps(as_json(found), allow_nan=False).encode()
    assert checked(kind, as_json(found)) == found


@settings(max_examples=50, deadline=None)
@given(JSON)
def test_what_is_no_table_is_no_facts(value: Any) -> None:
    """A list, a number or a text in place of the facts is named and measures nothing."""
    found = checked(ChatStream, value)
    assert isinstance(value, Mapping) or found == ChatStream(unreadable=("facts",))


HOSTILE = [
    (ChatStream, {"usage": deep(900, table=False)}, "usage"),
    (ChatStream, {"usage": {"completion_tokens": deep(900, table=True)}}, "usage"),
    (ChatStream, {"usage": {"completion_tokens": 10**18, "prompt_tokens": 5}}, "usage"),
    (ChatStream, {"n": 6, "ok": 7}, "ok"),
    (ChatStream, {"n": 6, "ok": 6, "failures": {"http_503": 1}}, "failures"),
    (ChatStream, {"end_s": float("nan")}, "end_s"),
    (Line, {"udp_sent": 8, "udp_lost": 10**9}, "udp_lost"),
    (BY_CHECK["balance"], {"balances": [{"currency": "CNY", "total_balance": "NaN"}]}, "balances"),
    (BY_CHECK["balance"], {"balances": 7, "is_available": True}, "balances"),
    (BY_CHECK["models"], {"ids": ["m", "x" * 4_800]}, "ids"),
    (BY_CHECK["status"], {"components": {"API": "on fire"}}, "components"),
    (BY_CHECK["tls"], {"not_after": 1e300}, "not_after"),
]


@pytest.mark.parametrize(("kind", "values", "name"), HOSTILE)
def test_known_attacks_are_named(kind: type[Facts], values: Mapping[str, Any], name: str) -> None:
    """What a hostile server or file sends cannot be read, and says so."""
    assert name in checked(kind, values).unreadable


def test_what_is_readable_beside_it_stays() -> None:
    """One bad number takes no other fact along, and what no record knows is left out, however deep."""
    assert checked(ChatStream, {"usage": deep(900, table=True)}).usage == Usage()
    told = checked(ChatStream, {"n": 1, "ok": 1, "usage": {"completion_tokens": 10**18, "prompt_tokens": 5}})
    assert (told.n, told.ok, told.usage.prompt_tokens, told.usage.completion_tokens) == (1, 1, 5, None)


def test_each_wait_has_words() -> None:
    """Every kind of wait can be told to a person."""
    assert set(WAIT_WORDS) == set(Wait)
    assert len(set(WAIT_WORDS.values())) == len(Wait)


@each_check
def test_every_fact_has_a_meaning(kind: type[Facts]) -> None:
    """Each field of a check is explained in a docstring of its class or of one that it is made from."""
    told = " ".join(one.__doc__ or "" for one in kind.__mro__)
    for one in fields(kind):
        assert f"{one.name}: " in told, f"deepkit/checks: explain {one.name} in {kind.__name__}'s docstring"


@pytest.mark.parametrize("kind", [Wait, KeyShape, BodyKind, Indicator])
def test_closed_sets_are_texts(kind: type[StrEnum]) -> None:
    """A member of a closed set compares and prints as its own text, so that JSON and sentences need no care."""
    assert all(str(one) == one == one.value for one in kind)


def test_the_page_of_checks_is_new() -> None:
    """docs/checks.md is what the records say now."""
    page = runpy.run_path(str(ROOT / "tools" / "checks_page.py"))["page"]
    assert (ROOT / "docs" / "checks.md").read_text(encoding="utf-8") == page(), (
        "run: python tools/checks_page.py"
    )
