"""Where the bundled files lie, and how they become records."""

import csv
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from deepkit.facts.conversion import converted

T = TypeVar("T")

_PACKAGE = Path(__file__).resolve().parent.parent


def data_path(*parts: str) -> Path:
    """Return the path of bundled data: `data/` in a checkout, `deepkit/_data` once installed."""
    return _bundled("data", "_data").joinpath(*parts)


def notebook_path(name: str) -> Path:
    """Return the path of a bundled notebook, in a checkout or once installed."""
    return _bundled("notebooks", "_notebooks") / name


def _bundled(checkout: str, installed: str) -> Path:
    inside = _PACKAGE / installed  # only a wheel has it; a checkout's folder stands beside the package
    return inside if inside.is_dir() else _PACKAGE.parent / checkout


def read_toml(name: str, kind: type[T]) -> T:
    """Return a bundled TOML file as a record; for facts whose records stand with the code that uses them."""
    found: T = converted(tomllib.loads(data_path(name).read_text(encoding="utf-8")), kind)
    return found


def read_csv(name: str, kind: type[T]) -> tuple[T, ...]:
    """Return a bundled CSV file as one record a row; cells are read as their columns' types."""
    with data_path(name).open(encoding="utf-8", newline="") as lines:
        rows: tuple[Any, ...] = tuple(converted(row, kind) for row in csv.DictReader(lines))
    return rows
