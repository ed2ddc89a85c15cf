"""The way out to the terminal: every line on stdout and stderr passes here, without secrets and as plain signs.

`tests/test_outputs.py` holds that no other module prints. What comes from outside goes through `say`, `note` and
`put_json`; the argument `own` is for what DeepKit alone has written, and for what only this user needs as it is:
the path of a file that was written, the key of the practice server.
"""

import json
import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepkit.redaction.redactor import Redactor

_SIGNS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    r"""Return a text in which signs that act or hide are written out: `\\x1b`, `\\u202e`.

    Args:
        text: Any text; line breaks and tabs stay.

    Returns:
        The text without control characters, directions of writing and zero-width signs.
    """
    return _SIGNS.sub(_escape, text.replace("\r\n", "\n"))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def say(text: str, *, own: bool = False) -> None:
    """Print a text on stdout.

    Args:
        text: The text.
        own: Whether DeepKit alone wrote it, or only this user needs it as it is.
    """
    _write(sys.stdout, visible(text if own else _redacted(text)))


def note(text: str, *, own: bool = False) -> None:
    """Say something to the person at the terminal without touching stdout; as `say` otherwise."""
    _write(sys.stderr, visible(text if own else _redacted(text)))


def put_json(value: Any, *, own: bool = False) -> None:
    """Print one JSON value on a line of its own; as `say` otherwise."""
    clean = value if own else _redactor().redact_tree(value)
    text = json.dumps(clean, ensure_ascii=False, default=str, allow_nan=False)
    _write(sys.stdout, _SIGNS.sub(lambda match: json.dumps(match[0])[1:-1], text))


def _write(stream: Any, text: str) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()


def _redacted(text: str) -> str:
    return _redactor().redact(text).text


def _redactor() -> "Redactor":
    found = _terminal()
    found.renew()
    return found


@cache
def _terminal() -> "Redactor":
    from deepkit.redaction.redactor import Redactor  # patterns that a short command does not need

    return Redactor()
