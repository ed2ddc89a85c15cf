"""Plain data into records, with the standard library alone.

The files in `data/` are read by the part of DeepKit that runs with nothing installed,
so this knows just what their records are made of: dataclasses, tuples, lists, dictionaries, numbers,
texts, literals, dates, and None. Anything else is an error that names the field.
"""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def converted(value: Any, kind: Any, where: str = "value") -> Any:
    """Return plain data as a record.

    Args:
        value: What TOML or CSV gives.
        kind: The type wanted; texts from CSV become numbers and dates where it says so.
        where: Name of the value, for the error.

    Returns:
        The record.

    Raises:
        TypeError: When the value is of another kind; the message names the field.
        ValueError: When a text cannot be read as the type wanted.
    """
    if kind is Any:
        return value
    if is_dataclass(kind):
        return _record(value, kind, where)
    origin, inside = get_origin(kind), get_args(kind)
    if origin is None:
        return _plain(value, kind, where)
    if origin is Literal and value in inside:
        return value
    if origin in (Union, types.UnionType) and type(None) in inside:
        (only,) = (one for one in inside if one is not type(None))
        return None if value is None else converted(value, only, where)
    if origin is tuple and isinstance(value, list):
        return _row(value, inside, where)
    if origin in (dict, Mapping) and isinstance(value, dict):
        return {key: converted(one, inside[1], f"{where}.{key}") for key, one in value.items()}
    raise _unfit(value, kind, where)


def _record(value: Any, kind: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise _unfit(value, kind, where)
    wanted, needed = _fields(kind)
    if not needed <= value.keys() <= wanted.keys():
        message = f"{where}: {kind.__name__} does not fit the fields {sorted(value)}"
        raise TypeError(message)
    return kind(**{name: converted(one, wanted[name], f"{where}.{name}") for name, one in value.items()})


@cache
def _fields(kind: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the types of a record's fields, and the names of those without a default."""
    needed = (one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING)
    return get_type_hints(kind), frozenset(needed)


def _row(value: list[Any], inside: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    if inside[-1] is Ellipsis:
        return tuple(converted(one, inside[0], f"{where}[{place}]") for place, one in enumerate(value))
    if len(value) != len(inside):
        raise _unfit(value, inside, where)
    return tuple(converted(one, kind, where) for one, kind in zip(value, inside, strict=True))


def _plain(value: Any, kind: Any, where: str) -> Any:
    if type(value) is kind:
        return value
    if kind is float and type(value) is int:
        return float(value)
    if isinstance(value, str) and kind in (int, float):
        return kind(value)
    if isinstance(value, str) and kind in (date, datetime):
        return kind.fromisoformat(value)
    raise _unfit(value, kind, where)


def _unfit(value: Any, kind: Any, where: str) -> TypeError:
    name = getattr(kind, "__name__", kind)
    return TypeError(f"{where}: wanted {name}, not {type(value).__name__}")
