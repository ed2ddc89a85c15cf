"""A conversation: read from the user's own file, and mended where the server refuses it.

Mending follows the chat API's own 400 answers: every `tool_calls` must be followed by one tool
message for each id; a tool message needs its call; in thinking mode an assistant message
with tool calls must carry its `reasoning_content`; the whole must fit the context.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from deepkit.errors import UsageError

Message = Mapping[str, Any]
Mended = tuple[tuple[Message, ...], tuple[str, ...]]
"""A conversation, and a sentence for each thing that was mended in it."""

FILL = 0.85
"""Share of the context that a trimmed conversation may fill, so that an answer fits beside it."""
_LENGTH = re.compile(
    r"maximum context length is (?P<limit>\d+) tokens(?:.*?\((?P<sent>\d+) in the messages)?", re.DOTALL
)
STAND_IN = "(not kept)"
"""What takes the place of reasoning that the client threw away; an empty text is refused."""
ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function", "latest_reminder"})
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


def estimate_tokens(messages: Sequence[Message]) -> int:
    """Estimate the tokens of a conversation.

    0.3 a letter and 0.6 a Chinese character, DeepSeek's own rule of thumb
    (https://api-docs.deepseek.com/quick_start/token_usage), and four a message for its frame.

    Args:
        messages: The conversation.

    Returns:
        The estimate; the true count is in the server's `usage`.
    """
    return round(sum(map(_tokens, messages)))


def _tokens(message: Message) -> float:
    text = _text_of(message)
    wide = sum(1 for letter in text if letter >= "\u2e80")
    return 4 + 0.6 * wide + 0.3 * (len(text) - wide)


def mended_after(refusal: str, messages: Sequence[Message]) -> Mended | None:
    """Mend a conversation by what the server's refusal says of it.

    Args:
        refusal: The 400's message: it names the context's length, or the missing reasoning.
        messages: What was sent.

    Returns:
        As `repair_messages`; None when the refusal says nothing that can be mended.
    """
    if "reasoning_content" in refusal:
        return repair_messages(messages, thinking=True)
    found = _LENGTH.search(refusal)
    if found is None:
        return None
    limit, sent = int(found["limit"]), int(found["sent"] or 0)
    estimate = estimate_tokens(messages)
    scale = estimate / sent if sent else 1.0  # the server's count is the true one
    return repair_messages(messages, int(FILL * limit * scale))


def problems_of(messages: Sequence[Message]) -> tuple[str, ...]:
    """Say what is wrong with a conversation, without changing it."""
    return repair_messages(messages)[1]


def repair_messages(
    messages: Sequence[Message], limit_tokens: int | None = None, *, thinking: bool = False
) -> Mended:
    """Return a conversation that the server can take.

    Args:
        messages: As it is; left unchanged.
        limit_tokens: Most tokens by `estimate_tokens`; None is no limit.
        thinking: The server said that it wants `reasoning_content`, whatever the messages look like.

    Returns:
        The mended conversation, and one sentence for each thing that was wrong. Running it
        again on the result changes nothing.
    """
    notes: list[str] = []
    mended = _known_roles(list(messages), notes)
    mended = _reasoning(mended, notes, thinking=thinking)
    mended = _tool_order(mended, notes)
    mended = _filled(mended, notes)
    if limit_tokens is not None:
        mended = _trimmed(mended, limit_tokens, notes)
    if not any(one.get("role") == "user" for one in mended):
        notes.append("no user message was left: a short one was added")
        mended.append({"role": "user", "content": "Please continue."})
    return tuple(mended), tuple(notes)


def _text_of(message: Message) -> str:
    parts = [str(message.get("reasoning_content") or "")]
    content = message.get("content")
    if isinstance(content, str):
        parts.append(content)
    elif isinstance(content, Sequence):
        parts += [str(part.get("text", "")) for part in content if isinstance(part, Mapping)]
    for call in _calls(message):
        function = call.get("function")
        if isinstance(function, Mapping):
            parts.append(f"{function.get('name', '')}{function.get('arguments', '')}")
    return "".join(parts)


def _calls(message: Message) -> list[Mapping[str, Any]]:
    found = message.get("tool_calls")
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    return [one for one in found if isinstance(one, Mapping)]


def _known_roles(messages: list[Message], notes: list[str]) -> list[Message]:
    kept = [one for one in messages if one.get("role") in ROLES]
    if len(kept) < len(messages):
        notes.append(f"{len(messages) - len(kept)} message(s) with an unknown role were removed")
    return kept


def _reasoning(messages: list[Message], notes: list[str], *, thinking: bool) -> list[Message]:
    """Give tool-calling turns their reasoning where the conversation is one of a thinking model."""
    thinking = thinking or any("reasoning_content" in one for one in messages)
    lacking = [
        at
        for at, one in enumerate(messages)
        if thinking and one.get("role") == "assistant" and _calls(one) and not one.get("reasoning_content")
    ]
    if not lacking:
        return messages
    notes.append(
        f"{len(lacking)} message(s) with tool calls lacked their reasoning_content: a stand-in was added"
    )
    return [
        {**one, "reasoning_content": STAND_IN} if at in lacking else one for at, one in enumerate(messages)
    ]


def _tool_order(messages: list[Message], notes: list[str]) -> list[Message]:
    kept: list[Message] = []
    orphans = unanswered = 0
    at = 0
    while at < len(messages):
        one = messages[at]
        at += 1
        if one.get("role") == "tool":
            orphans += 1
            continue
        if one.get("role") != "assistant" or not _calls(one):
            kept.append(one)
            continue
        wanted = {str(call.get("id")) for call in _calls(one)}
        answers: dict[str, Message] = {}
        while at < len(messages) and messages[at].get("role") == "tool":
            name = str(messages[at].get("tool_call_id"))
            if name in wanted and name not in answers:
                answers[name] = messages[at]
            else:
                orphans += 1
            at += 1
        unanswered += len(wanted) - len(answers)
        kept += _answered(one, answers)
    if unanswered:
        notes.append(f"{unanswered} tool call(s) had no answer: they were removed")
    if orphans:
        notes.append(f"{orphans} tool message(s) answered no call: they were removed")
    return kept


def _answered(message: Message, answers: Mapping[str, Message]) -> list[Message]:
    calls = [call for call in _calls(message) if str(call.get("id")) in answers]
    rest = {name: value for name, value in message.items() if name != "tool_calls"}
    if calls:
        return [{**rest, "tool_calls": calls}, *(answers[str(call.get("id"))] for call in calls)]
    return [rest] if _text_of({"content": rest.get("content")}).strip() else []


def _filled(messages: list[Message], notes: list[str]) -> list[Message]:
    kept = [one for one in messages if _calls(one) or one.get("role") == "tool" or _text_of(one).strip()]
    if len(kept) < len(messages):
        notes.append(f"{len(messages) - len(kept)} empty message(s) were removed")
    return kept


def _trimmed(messages: list[Message], limit: int, notes: list[str]) -> list[Message]:
    if estimate_tokens(messages) <= limit:
        return messages
    head = [one for one in messages if one.get("role") in ("system", "developer")]
    turns = _turns([one for one in messages if one.get("role") not in ("system", "developer")])
    total, first = sum(map(_tokens, messages)), 0
    while first < len(turns) - 1 and round(total) > limit:
        total -= sum(map(_tokens, turns[first]))
        first += 1
    kept = [*head, *(one for turn in turns[first:] for one in turn)]
    if first:
        notes.append(f"the oldest {first} turn(s) were removed to fit {limit} tokens")
    if estimate_tokens(kept) > limit:
        kept = _shortened(kept, limit, notes)
    return kept


def _turns(messages: Sequence[Message]) -> list[list[Message]]:
    """Group messages so that each group begins with a user's and can be dropped whole."""
    turns: list[list[Message]] = []
    for one in messages:
        if one.get("role") == "user" or not turns:
            turns.append([])
        turns[-1].append(one)
    return turns


def _shortened(messages: list[Message], limit: int, notes: list[str]) -> list[Message]:
    """Cut the longest plain text: a single turn that is too long by itself."""
    plain = [
        at
        for at, one in enumerate(messages)
        if one.get("role") not in ("system", "developer") and isinstance(one.get("content"), str)
    ]
    longest = max(plain, key=lambda at: len(messages[at]["content"]), default=None)
    if longest is None:
        return messages
    text = messages[longest]["content"]
    over = estimate_tokens(messages) - limit
    keep = max(0, len(text) - int(over / 0.3) - 1)
    notes.append(f"one message was cut from {len(text)} to {keep} characters to fit {limit} tokens")
    tail: Message = {**messages[longest], "content": text[len(text) - keep :] or "..."}
    return [*messages[:longest], tail, *messages[longest + 1 :]]
