"""Conversations that a server refuses: one too long, one broken in its middle."""

from collections.abc import Mapping
from typing import Any

TURNS = 14
SENTENCE = (
    "The log of that night goes on in the same way, line after line, and nobody knows which one matters. "
)


def conversation(kind: str) -> tuple[Mapping[str, Any], ...]:
    """Return the messages of a failing conversation.

    Args:
        kind: "" (none), "long" or "broken".
    """
    return {"": lambda: (), "long": _long, "broken": _broken}[kind]()


def _long() -> tuple[Mapping[str, Any], ...]:
    """Many turns with pasted text; about 6,000 tokens by DeepSeek's rule of thumb."""
    turns: list[Mapping[str, Any]] = [{"role": "system", "content": "You read logs and answer briefly."}]
    for number in range(TURNS):
        turns.append({"role": "user", "content": f"Part {number + 1}: {SENTENCE * 12}"})
        turns.append({"role": "assistant", "content": f"Noted, part {number + 1}. {SENTENCE * 2}"})
    return (*turns, {"role": "user", "content": "Which part matters?"})


def _broken() -> tuple[Mapping[str, Any], ...]:
    """A tool was called, the client crashed before it answered, and the reasoning was not kept."""
    call = {
        "id": "call_00_sandbox",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city": "Hangzhou"}'},
    }
    return (
        {"role": "system", "content": "You may ask for the weather."},
        {"role": "user", "content": "Shall I take an umbrella in Hangzhou today?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "user", "content": "Are you still there?"},
    )
