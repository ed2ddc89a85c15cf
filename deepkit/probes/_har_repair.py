"""JSON that breaks the rules, made sound where that loses nothing anybody asks for."""

import json
import math

import msgspec

MOST_REPAIRED = 4 << 20
"""Longest text that is repaired, in bytes."""
AGAIN = "export it again from the browser's network panel (Save all as HAR)"


def repaired(data: bytes) -> bytes | None:
    """Make sound JSON of an object that exporters were careless with.

    Control characters in strings stay, broken UTF-8 and halves of surrogate pairs become
    question marks; NaN, infinities and numbers beyond all bounds become null. A part of an entry
    that has the wrong type is left out, so that the rest of the entry can be read.

    Args:
        data: The text.

    Returns:
        Sound JSON, or None when it is no object or too long.
    """
    if len(data) > MOST_REPAIRED:
        return None
    try:
        value = json.loads(
            data.decode("utf-8", "replace"),
            strict=False,
            parse_constant=lambda _: None,
            parse_float=_number,
            parse_int=_number,
        )
        if not isinstance(value, dict):
            return None
        for name in ("request", "response", "timings"):
            if name in value and not isinstance(value[name], dict):
                del value[name]
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> int | float | None:
    if text.lstrip("-").isdigit() and len(text) < 19:
        return int(text)
    value = float(text)
    return value if math.isfinite(value) else None


def why_not(name: str, data: bytes, most: int) -> str:
    """Say in one sentence why a text is no HAR file.

    Args:
        name: What to call it.
        data: The text, or its beginning.
        most: How many bytes were looked through at most.
    """
    if not data.strip():
        return f"{name} is empty; {AGAIN}."
    if len(data) > most:
        return f"{name} is not a HAR file (no log with entries in its first {most >> 20} MB); {AGAIN}."
    try:
        msgspec.json.decode(data)
    except RecursionError:
        return f"{name} is nested too deeply to be a HAR file; {AGAIN}."
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        how = "ends in the middle" if "truncated" in str(problem) else "is not a HAR file (not valid JSON)"
        return f"{name} {how}; {AGAIN}."
    return f"{name} is JSON but not a HAR file (it has no log with entries); {AGAIN}."
