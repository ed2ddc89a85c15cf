"""Foreign values into frozen dataclasses: by their type hints, within stated bounds, never by a traceback.

A server's JSON, a saved evidence file and a browser's recording may hold anything. `read` takes what fits the
record and names the rest; `as_json` is the way back. Only the standard library is used: a pasted text is
explained where nothing else is installed.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

MOST_ITEMS = 2_000
"""Longest list or table that is read; no check keeps more."""


@dataclass(frozen=True, slots=True)
class Within:
    """Bounds of a number, both inclusive; a number outside is refused."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Longest:
    """Most characters of a text: a longer one is cut, or refused where its end matters."""

    characters: int
    cut: bool = True


class UnreadableError(ValueError):
    """A foreign value does not fit; its text says what was expected."""


R = TypeVar("R")
Reader = Callable[[Any], Any]


def read(record: type[R], value: Mapping[str, Any]) -> tuple[R, tuple[str, ...]]:
    """Read foreign values into a record.

    Args:
        record: A dataclass whose fields all have defaults.
        value: The values by field name; names that the record does not know are left out.

    Returns:
        The record, and the names of the fields that cannot be read: they keep their defaults,
        which stand for "not measured".
    """
    kind: Any = record
    taken: dict[str, Any] = {}
    bad: list[str] = []
    for name, reader in _readers(kind).items():
        if value.get(name) is None:
            continue
        try:
            taken[name] = reader(value[name])
        except UnreadableError:
            bad.append(name)
    return record(**taken), tuple(bad)


@cache
def _readers(record: Any) -> dict[str, Reader]:
    hints = get_type_hints(record, include_extras=True)
    return {name: _reader(hint) for name, hint in hints.items() if get_origin(hint) is not ClassVar}


@cache
def _required(record: type) -> frozenset[str]:
    plain = (one for one in fields(record) if one.default is MISSING and one.default_factory is MISSING)
    return frozenset(one.name for one in plain)


def _reader(hint: Any) -> Reader:
    """Return the function that reads values of a type, None excluded."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _bounded(_reader(inner[0]), inner[1])
    if origin in (Union, UnionType):
        kinds = [one for one in inner if one is not NoneType]
        if len(kinds) != 1:
            raise TypeError(f"a field of a record has one type or None, not {hint}")
        return _reader(kinds[0])
    if origin is Literal:
        return lambda value: _member(value, inner)
    if origin is tuple:
        return _list(_reader(inner[0]))
    if origin is Mapping:
        return _table(_reader(inner[1]))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: _member(value, tuple(hint))
    if is_dataclass(hint):
        return _nested(hint)
    return _SCALARS[hint]


def _member(value: Any, allowed: Sequence[Any]) -> Any:
    for one in allowed:
        if one == value and isinstance(value, str | int):
            return one
    raise UnreadableError("one of a closed set is wanted")


def _list(reader: Reader) -> Reader:
    def items(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) > MOST_ITEMS:
            raise UnreadableError("a list is wanted")
        return tuple(None if one is None else reader(one) for one in value)

    return items


def _table(reader: Reader) -> Reader:
    def table(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or len(value) > MOST_ITEMS:
            raise UnreadableError("a table is wanted")
        return {str(key)[:200]: reader(one) for key, one in value.items() if one is not None}

    return table


def _nested(record: Any) -> Reader:
    def nested(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise UnreadableError("an object is wanted")
        if _required(record) - {name for name, one in value.items() if one is not None}:
            raise UnreadableError("a field is missing")
        known = {name: one for name, one in value.items() if name in _readers(record) and one is not None}
        return record(**{name: _readers(record)[name](one) for name, one in known.items()})

    return nested


def _bounded(reader: Reader, bound: Within | Longest) -> Reader:
    def bounded(value: Any) -> Any:
        known = reader(value)
        if isinstance(bound, Longest):
            if len(known) > bound.characters and not bound.cut:
                raise UnreadableError(f"at most {bound.characters} characters are wanted")
            return known[: bound.characters]
        if not bound.least <= known <= bound.most:
            raise UnreadableError(f"a number from {bound.least} to {bound.most} is wanted")
        return known

    return bounded


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnreadableError("yes or no is wanted")
    return value


def _int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnreadableError("a whole number is wanted")
    return value


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
        raise UnreadableError("a number is wanted")
    if not math.isfinite(value):
        raise UnreadableError("a finite number is wanted")
    return float(value)


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise UnreadableError("a text is wanted")
    return value


_SCALARS: dict[Any, Reader] = {bool: _bool, int: _int, float: _float, str: _str}


def as_json(value: Any) -> Any:
    """Return a record as JSON values: fields that are None were not measured and are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        named = ((one.name, getattr(value, one.name)) for one in fields(value))
        return {name: as_json(one) for name, one in named if one is not None and one != ()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, frozenset | set):
        return sorted(as_json(one) for one in value)
    return value
