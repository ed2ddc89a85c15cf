"""A file that somebody wants to share: a HAR, a notebook, a log. The copy is clean, the file stays as it is."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepkit.errors import UsageError
from deepkit.redaction.files import write_whole
from deepkit.redaction.known import url_secrets
from deepkit.redaction.labels import is_label
from deepkit.redaction.redactor import Redactor

MOST_BYTES = 100_000_000
"""Largest file that is read."""
PIECE = 40_000
"""Characters that are redacted at once; a longer text is divided at a line's end."""
BODY = 20_000
"""Characters kept of a body in a HAR file: it is cut before it is redacted."""
_BEARERS = frozenset(
    ("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token")
)


@dataclass(frozen=True, slots=True)
class CleanCopy:
    """A cleaned copy of a file.

    Args:
        path: Where it lies.
        kind: What the file was taken for: "har", "notebook", "json" or "text".
        removed: Pairs of rule and count, most frequent first.
    """

    path: Path
    kind: str
    removed: tuple[tuple[str, int], ...]


def redact_file(path: Path) -> CleanCopy:
    """Write a copy of a file without secrets and private names beside it; nothing is ever overwritten.

    Args:
        path: A HAR file, a notebook, JSON, or any text.

    Returns:
        Where the copy lies, and what was removed.

    Raises:
        UsageError: When the file cannot be read, or the copy cannot be written.
    """
    text = _read(path)
    kind, value = _parsed(text)
    redactor = Redactor(secrets=_carried(value) if kind == "har" else ())
    if kind == "text":
        clean = "".join(redactor.redact(piece).text for piece in pieces(text))
    else:
        clean = json.dumps(_cleaned(value, redactor), indent=1, ensure_ascii=False) + "\n"
    return CleanCopy(_written(path, clean), kind, redactor.removed)


def pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces that end with a line where they can."""
    at = 0
    while at < len(text):
        end = (
            len(text)
            if len(text) - at <= PIECE
            else text.rfind("\n", at + PIECE // 2, at + PIECE) + 1 or at + PIECE
        )
        yield text[at:end]
        at = end


def _read(path: Path) -> str:
    try:
        with path.open("rb") as source:
            raw = source.read(MOST_BYTES + 1)
    except OSError as problem:
        message = f"{path.name} cannot be read ({problem.strerror}); give the path of a HAR file, a notebook or a log."
        raise UsageError(message) from None
    if len(raw) > MOST_BYTES:
        message = f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB; cut out the part that shows the trouble."
        raise UsageError(message)
    return raw.decode("utf-8-sig", "replace")


def _parsed(text: str) -> tuple[str, Any]:
    if text.lstrip()[:1] not in ("{", "["):
        return "text", None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "text", None
    if isinstance(value, dict) and isinstance(value.get("log"), dict) and "entries" in value["log"]:
        return "har", value
    if isinstance(value, dict) and isinstance(value.get("cells"), list) and "nbformat" in value:
        return "notebook", value
    return "json", value


def _written(path: Path, clean: str) -> Path:
    for number in range(1, 1000):
        mark = ".redacted" if number == 1 else f".redacted-{number}"
        try:
            return write_whole(path.with_name(f"{path.stem}{mark}{path.suffix}"), clean, new=True)
        except FileExistsError:
            continue
        except OSError as problem:
            message = f"The copy cannot be written beside {path.name}: {problem.strerror or type(problem).__name__}."
            raise UsageError(message) from None
    message = f"There are a thousand copies of {path.name} already; remove some."
    raise UsageError(message)


def _cleaned(value: Any, redactor: Redactor, key: str = "", owner: Mapping[str, Any] | None = None) -> Any:
    """Redact a document; pictures stay whole, long texts are cut or divided."""
    if isinstance(value, Mapping) and "name" not in value and key.lower() not in ("cookies", "cookie"):
        return {
            redactor.redact(str(name)).text: _cleaned(one, redactor, str(name), value)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_cleaned(one, redactor, key, owner) for one in value]
    if isinstance(value, str) and key.startswith("image/") and key != "image/svg+xml":
        return value
    if isinstance(value, str) and key == "text" and owner is not None and owner.get("encoding") == "base64":
        return "[removed:packed body]"
    if isinstance(value, str) and len(value) > BODY:
        if key == "text" and owner is not None and "mimeType" in owner:
            return redactor.redact(value[:BODY]).text + "[cut]"
        return "".join(redactor.redact(piece).text for piece in pieces(value))
    return redactor.redact_tree(value, key)


def _carried(har: Any) -> set[str]:
    """Return the keys and cookies that a recording's requests carried, to be looked for everywhere in it."""
    found: set[str] = set()
    for one in _objects(har):
        name, value = one.get("name"), one.get("value")
        if isinstance(name, str) and isinstance(value, str):
            if name.lower() in ("cookie", "set-cookie"):
                found |= {part.partition("=")[2].strip() for part in value.split(";")}
            elif name.lower() in _BEARERS or is_label(name):
                found.add(value.rpartition(" ")[2])
        for cookie in one["cookies"] if isinstance(one.get("cookies"), list) else ():
            if isinstance(cookie, Mapping) and isinstance(cookie.get("value"), str):
                found.add(cookie["value"])
        if isinstance(one.get("url"), str) and "@" in one["url"]:
            found |= url_secrets(one["url"])
    return {value for value in found if len(value) >= 8}


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
