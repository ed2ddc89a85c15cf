"""Write docs/checks.md from the records of facts in deepkit/checks.

    python tools/checks_page.py

A check's text is its class's docstring, a fact's meaning stands in that docstring's "Args"; facts that
several checks share are explained where they are first written.
"""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from deepkit.checks import BY_CHECK, Facts
from deepkit.schema import Within

PAGE = Path(__file__).parents[1] / "docs" / "checks.md"
HEAD = """# The checks and their facts

<!-- Written by tools/checks_page.py from deepkit/checks; change those. -->

What each check may find. A fact that is missing, or an empty list or table, was not measured. Names that end in
`_s` are seconds, `not_after` is a moment in Unix seconds. What a server or a file may have filled is read within
bounds; what does not fit was not measured, and its name stands in `unreadable`.

Every check has `address` (the "ip:port" that was spoken to) and `unreadable`.
"""
PLAIN = {bool: "yes or no", int: "whole number", float: "number", str: "text"}


def page() -> str:
    """Return the page."""
    return HEAD + "".join(_check(kind) for kind in BY_CHECK.values())


def _check(kind: type[Facts]) -> str:
    meanings = _meanings(kind)
    hints = get_type_hints(kind, include_extras=True)
    common = {one.name for one in fields(Facts)}
    rows = [
        f"| `{one.name}` | {_kind(hints[one.name])} | {meanings[one.name]} |"
        for one in fields(kind)
        if one.name not in common
    ]
    table = "\n".join(["| fact | kind | meaning |", "| --- | --- | --- |", *rows])
    return f"\n## `{kind.check}`\n\n{_first(kind)}\n\n{table}\n"


def _first(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())


def _meanings(kind: type) -> Mapping[str, str]:
    """Return what the docstrings of a class and of those that it is made from say of its fields."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        text = (one.__doc__ or "").partition("Args:\n")[2]
        for name, meaning in re.findall(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", text, re.MULTILINE):
            found[name] = " ".join(meaning.split())
    return found


def _kind(hint: Any) -> str:
    """Return a field's type in words."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        bound = inner[1]
        ranged = isinstance(bound, Within) and (bound.least, bound.most) == (4, 6)
        return "4 or 6" if ranged else _kind(inner[0])
    if type(None) in inner:
        return _kind(next(one for one in inner if one is not type(None)))
    if origin is Literal:
        return ", ".join(map(str, inner))
    if origin is tuple:
        return f"list of {_plural(inner[0])}"
    if origin is Mapping:
        return f"table of {_plural(inner[1])}"
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ", ".join(hint)
    return _row(hint) if is_dataclass(hint) else PLAIN[hint]


def _plural(hint: Any) -> str:
    word = _kind(hint)
    words = {"text": "texts", "number": "numbers", "whole number": "whole numbers"}
    return words.get(word, word)


def _row(kind: Any) -> str:
    """Return the facts of a row: `name`, `ok`, ..."""
    return "{" + ", ".join(f"`{one.name}`" for one in fields(kind)) + "}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
