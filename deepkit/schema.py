"""Foreign values into frozen dataclasses: by their type hints, within stated bounds, never by a traceback.

A server's JSON, a saved evidence file and a browser's recording may hold anything. `read` takes what fits the
record and names the rest; `as_json` is the way back. Only the standard library is used: a pasted text is
explained where nothing else is installed.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

MOST_ITEMS = 2_000
"""Longest list or table that is kept; no check keeps more."""
KEY_CHARS = 200
"""Longest name in a table."""


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


@dataclass(frozen=True, slots=True)
class Like:
    """Regular expression that a whole text must match."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Fields that together never count more than another: numbers by themselves, tables summed, lists by length.

    A record states such rules in a class variable `parts`. Where one is broken, nobody knows which
    number is wrong, so none of its fields counts as read.
    """

    names: tuple[str, ...]
    whole: str


class UnreadableError(ValueError):
    """A foreign value does not fit; its text says what was expected, `kept` is what of it fits."""

    def __init__(self, message: str, kept: Any = None) -> None:
        super().__init__(message)
        self.kept = kept


R = TypeVar("R")
Reader = Callable[[Any], Any]


def read(record: type[R], value: Mapping[str, Any]) -> tuple[R, tuple[str, ...]]:
    """Read foreign values into a record.

    Args:
        record: A dataclass whose fields all have defaults.
        value: The values by field name; names that the record does not know are left out.

    Returns:
        The record, and the names of the fields that cannot be read or only in part. What cannot be
        read keeps its default, which stands for "not measured"; readable rows of a list are kept.
    """
    taken, bad = _taken(record, value)
    found, odd = consistent(record(**taken))
    return found, tuple(dict.fromkeys((*bad, *odd)))


def _taken(record: Any, value: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the fields that can be read, and the names of those that cannot, or not wholly."""
    taken: dict[str, Any] = {}
    bad: list[str] = []
    for name, reader in _readers(record).items():
        if value.get(name) is None:
            continue
        try:
            taken[name] = reader(value[name])
        except UnreadableError as problem:
            bad.append(name)
            if problem.kept is not None:
                taken[name] = problem.kept
    return taken, bad


def consistent(found: R) -> tuple[R, tuple[str, ...]]:
    """Return the record without the numbers that contradict each other (see `Parts`), and their names."""
    record: Any = found
    rules: Iterable[Parts] = getattr(record, "parts", ())
    odd = tuple(
        name
        for rule in rules
        if (whole := getattr(record, rule.whole)) is not None
        and sum(_size(getattr(record, name)) for name in rule.names) > _size(whole)
        for name in (*rule.names, rule.whole)
    )
    defaults = _defaults(record.__class__)
    return (replace(record, **{name: defaults[name]() for name in odd}) if odd else found), odd


def _size(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(value.values())
    if isinstance(value, tuple):
        return len(value)
    return int(value or 0)


@cache
def _readers(record: Any) -> dict[str, Reader]:
    hints = get_type_hints(record, include_extras=True)
    return {name: _reader(hint) for name, hint in hints.items() if get_origin(hint) is not ClassVar}


@cache
def _defaults(record: Any) -> dict[str, Callable[[], Any]]:
    """Return what makes the default of each field that has one."""

    def maker(default: Any) -> Callable[[], Any]:
        return lambda: default

    return {
        one.name: one.default_factory if one.default_factory is not MISSING else maker(one.default)
        for one in fields(record)
        if one.default is not MISSING or one.default_factory is not MISSING
    }


def _reader(hint: Any) -> Reader:
    """Return the function that reads values of a type, None excluded."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _bounded(_reader(inner[0]), inner[1])
    if origin in (Union, UnionType):
        return _reader(_besides_none(hint))
    if origin is Literal:
        return _member(inner)
    if origin is tuple:
        return _list(_reader(inner[0]), tuple, with_none=NoneType in get_args(inner[0]))
    if origin is frozenset:
        return _list(_reader(inner[0]), frozenset, with_none=False)
    if origin is Mapping:
        return _table(_reader(inner[1]))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _member(tuple(hint))
    return _nested(hint) if is_dataclass(hint) else _SCALARS[hint]


def _besides_none(hint: Any) -> Any:
    kinds = [one for one in get_args(hint) if one is not NoneType]
    if len(kinds) != 1:
        raise TypeError(f"a field of a record has one type or None, not {hint}")
    return kinds[0]


def _member(allowed: Sequence[Any]) -> Reader:
    def member(value: Any) -> Any:
        for one in allowed:
            if isinstance(value, str) and one == value:
                return one
        raise UnreadableError("one of a closed set is wanted")

    return member


def _list(reader: Reader, kind: Callable[[list[Any]], Any], *, with_none: bool) -> Reader:
    def items(value: Any) -> Any:
        if not isinstance(value, list | tuple | frozenset):
            raise UnreadableError("a list is wanted")
        kept: list[Any] = []
        whole = len(value) <= MOST_ITEMS
        for one in list(value)[:MOST_ITEMS]:
            if one is None and with_none:
                kept.append(None)
                continue
            try:
                kept.append(reader(one))
            except UnreadableError as problem:
                whole = False
                kept += [problem.kept] if problem.kept is not None else []
        if not whole:
            raise UnreadableError("an item of the list does not fit", kind(kept))
        return kind(kept)

    return items


def _table(reader: Reader) -> Reader:
    def table(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise UnreadableError("a table is wanted")
        kept: dict[str, Any] = {}
        whole = len(value) <= MOST_ITEMS
        for key, one in list(value.items())[:MOST_ITEMS]:
            if one is None:
                continue
            try:
                kept[_str(key)[:KEY_CHARS]] = reader(one)
            except UnreadableError:
                whole = False
        if not whole:
            raise UnreadableError("a value of the table does not fit", kept)
        return kept

    return table


def _nested(record: Any) -> Reader:
    return lambda value: read_whole(record, value)


def read_whole(record: type[R], value: Any) -> R:
    """Read an object that must fit to its last field.

    Args:
        record: A dataclass; fields without defaults must be there.
        value: The object.

    Returns:
        The record.

    Raises:
        UnreadableError: When a field is missing or does not fit; it names them, and keeps the record
            of what does fit unless a field without a default is missing.
    """
    kind: Any = record
    if not isinstance(value, Mapping):
        raise UnreadableError("an object is wanted")
    taken, bad = _taken(kind, value)
    missing = [one for one in _readers(kind) if one not in _defaults(kind) and one not in taken]
    if missing:
        raise UnreadableError(f"{', '.join(missing)} cannot be read")
    found, odd = consistent(record(**taken))
    if bad or odd:
        raise UnreadableError(f"{', '.join(dict.fromkeys((*bad, *odd)))} cannot be read", found)
    return found


def _bounded(reader: Reader, bound: Within | Longest | Like) -> Reader:
    def number(value: Any) -> Any:
        known = reader(value)
        if isinstance(bound, Within) and not bound.least <= known <= bound.most:
            raise UnreadableError(f"a number from {bound.least} to {bound.most} is wanted")
        return known

    def text(value: Any) -> Any:
        known: str = reader(value)
        if isinstance(bound, Like):
            if not re.fullmatch(bound.pattern, known):
                raise UnreadableError(f"a text like {bound.pattern} is wanted")
            return known
        if isinstance(bound, Longest) and len(known) > bound.characters:
            if not bound.cut:
                raise UnreadableError(f"at most {bound.characters} characters are wanted")
            return known[: bound.characters]
        return known

    return number if isinstance(bound, Within) else text


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
    """Read a text; half of a character pair, which no encoding can carry, becomes a question mark."""
    if not isinstance(value, str):
        raise UnreadableError("a text is wanted")
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


_SCALARS: dict[Any, Reader] = {bool: _bool, int: _int, float: _float, str: _str}


def as_json(value: Any) -> Any:
    """Return a record as JSON values; None and what is empty was not measured and is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        named = ((one.name, getattr(value, one.name)) for one in fields(value))
        return {name: as_json(one) for name, one in named if not _unmeasured(one)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, frozenset | set):
        return sorted(as_json(one) for one in value)
    return value


def _unmeasured(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping | tuple) and not value)
