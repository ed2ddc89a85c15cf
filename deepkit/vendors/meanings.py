"""What an error means at the vendor that sent it."""

import re
from functools import cache

from deepkit.vendors.records import ErrorMeaning, Provider

READ = 20_000
"""Characters of a text that are read."""


@cache
def _pattern(code: str) -> re.Pattern[str]:
    """Compile one row's code; bare numbers count only where a code stands, not in every id and count."""
    if re.fullmatch(r"[\d|]+", code):
        return re.compile(rf"(?:^\W*|(?:code|错误码)\W{{1,6}})(?:{code})\b")
    return re.compile(code)


def meaning(provider: Provider, status: int | None, code_or_text: str = "") -> ErrorMeaning | None:
    """Say what an error means at this vendor; no other vendor's table is ever used.

    Args:
        provider: Who sent it, see `speaker` and `named_in`.
        status: The HTTP status, None where it is not known.
        code_or_text: The error's code, its message or the whole body.

    Returns:
        The first row whose code is found and whose status, if it has one, agrees; else the row of the bare
        status; else None.
    """
    text = code_or_text[:READ].lower()
    bare = None
    for row in provider.errors:
        if row.status and status is not None and status not in row.status:
            continue
        if row.code:
            if text and _pattern(row.code).search(text):
                return row
        elif bare is None and status is not None:
            bare = row
    return bare
