"""A user's own failing conversation, from a file: a list of messages, or a whole request body."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from deepkit.errors import UsageError

MOST_BYTES, MOST_MESSAGES = 8_000_000, 5_000
"""Largest file and longest conversation that is taken; DeepSeek's longest context is some 4 MB of text."""
FORM = 'write a JSON list of messages, or a request body that has "messages"'


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is to be sent again.

    Args:
        messages: As they stand in the file; faults in them are what is looked for.
        model: The model that the request body names, if it does.
    """

    messages: tuple[Mapping[str, Any], ...]
    model: str | None = None


def read_conversation(path: Path) -> Conversation:
    """Read a conversation.

    Args:
        path: A JSON file.

    Returns:
        The conversation; nothing of it is ever written into evidence or a report.

    Raises:
        UsageError: When the file is missing, too large, or holds something else.
    """
    try:
        with path.open("rb") as source:
            raw = source.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES // 1_000_000} MB")
        return _from(msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf")))
    except (OSError, ValueError, RecursionError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        message = f"{path.name} is not a conversation ({reason}); {FORM}."
        raise UsageError(message) from None


def _from(body: Any) -> Conversation:
    model = body.get("model") if isinstance(body, dict) else None
    messages = body.get("messages") if isinstance(body, dict) else body
    if not isinstance(messages, list) or not messages:
        raise ValueError("it has no messages")
    if len(messages) > MOST_MESSAGES:
        raise ValueError(f"it has more than {MOST_MESSAGES} messages")
    for number, one in enumerate(messages, 1):
        if not isinstance(one, dict) or not isinstance(one.get("role"), str):
            raise ValueError(f"message {number} has no role")
    return Conversation(tuple(messages), model if isinstance(model, str) and model.strip() else None)
