"""A chat request as the API reads it, and the checks that refuse it before any model is asked."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from deepkit.facts import models
from deepkit.sandbox.bodies import Refusal, invalid
from deepkit.sandbox.forms import PLAIN, Forms, read_forms

AGGREGATOR_MODELS: tuple[str, ...] = ("deepseek/deepseek-v4.1-flash", "deepseek/deepseek-v4-pro")
"""Ids in the form that aggregators give them: maker/model."""
ROLES = ("system", "user", "assistant", "tool", "latest_reminder")
MOST_OUTPUT = 393_216
"""Largest max_tokens that a body may carry."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request that passed the checks.

    Args:
        model: The model that answers.
        messages: The conversation.
        stream: Answer as an event stream.
        thinking: Reason first; on unless switched off.
        include_usage: Close the stream with a usage chunk.
        max_tokens: Most tokens of output.
        prompt_tokens: Estimate of the conversation's tokens.
        forms: The forms in which the answer is wanted.
    """

    model: str
    messages: tuple[dict[str, Any], ...]
    stream: bool
    thinking: bool
    include_usage: bool
    max_tokens: int
    prompt_tokens: int
    forms: Forms = PLAIN


def current_models(provider: str) -> tuple[str, ...]:
    """Return the ids that GET /models lists."""
    if provider == "aggregator":
        return AGGREGATOR_MODELS
    return tuple(one.id for one in models() if one.state == "current")


def tokens(text: str) -> int:
    """Estimate tokens: 0.3 for an English character, 0.6 for a Chinese one (DeepSeek's documents)."""
    wide = sum(1 for sign in text if ord(sign) > 0x2E80)
    return int(0.3 * (len(text) - wide) + 0.6 * wide) + 1


def parse(body: bytes, provider: str, context: int) -> Question | Refusal:
    """Read a body and check it in the order in which the API does.

    Args:
        body: The request's body.
        provider: "deepseek" or "aggregator": whose model names hold.
        context: Longest context, in tokens.

    Returns:
        The question, or the refusal.
    """
    try:
        asked = json.loads(body)
    except ValueError:
        return _deserialize("expected value at line 1 column 1")
    if not isinstance(asked, dict):
        return _deserialize("invalid type: expected struct ChatCompletionRequest at line 1 column 1")
    return _shape(asked) or _model(asked, provider) or _order(asked) or _question(asked, provider, context)


def _deserialize(what: str) -> Refusal:
    return invalid(f"Failed to deserialize the JSON body into the target type: {what}")


def _shape(asked: dict[str, Any]) -> Refusal | None:
    messages = asked.get("messages")
    if not isinstance(messages, list):
        return _deserialize("missing field `messages`")
    if not messages:
        return invalid("Empty input messages")
    for place, one in enumerate(messages):
        if not isinstance(one, dict) or one.get("role") not in ROLES:
            role = one.get("role") if isinstance(one, dict) else one
            known = ", ".join(f"`{name}`" for name in ROLES[:4])
            return _deserialize(f"messages[{place}].role: unknown variant `{role}`, expected one of {known}")
    thinking = asked.get("thinking")
    kind = thinking.get("type") if isinstance(thinking, dict) else thinking
    if thinking is not None and kind not in ("enabled", "disabled"):
        return _deserialize(f"thinking.type: unknown variant `{kind}`, expected `enabled` or `disabled`")
    most = asked.get("max_tokens")
    if most is not None and (not isinstance(most, int) or not 1 <= most <= MOST_OUTPUT):
        return invalid(f"Invalid max_tokens value, the valid range of max_tokens is [1, {MOST_OUTPUT}]")
    return None


def _model(asked: dict[str, Any], provider: str) -> Refusal | None:
    listed, wanted = current_models(provider), str(asked.get("model", ""))
    aliases = {one.id for one in models() if one.state == "alias"} if provider == "deepseek" else set()
    if wanted in listed or wanted in aliases:
        return None
    names = " or ".join(sorted(listed))
    return invalid(f"The supported API model names are {names}, but you passed {wanted}")


def _order(asked: dict[str, Any]) -> Refusal | None:
    """Refuse a history that no model can continue: unanswered tool calls, reasoning that was dropped."""
    due: set[str] = set()
    thinking = _thinks(asked)
    for one in asked["messages"]:
        if one["role"] == "tool":
            if one.get("tool_call_id") not in due:
                return invalid(
                    "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
                )
            due.discard(str(one.get("tool_call_id")))
            continue
        if due:
            break
        calls = one.get("tool_calls") or []
        if calls and thinking and not one.get("reasoning_content"):
            return invalid("The `reasoning_content` in the thinking mode must be passed back to the API.")
        due = {str(call.get("id")) for call in calls}
    if due:
        return invalid(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            "'tool_call_id'. (insufficient tool messages following tool_calls message)"
        )
    return None


def _thinks(asked: dict[str, Any]) -> bool:
    return bool((asked.get("thinking") or {}).get("type", "enabled") == "enabled")


def _question(asked: dict[str, Any], provider: str, context: int) -> Question | Refusal:
    size = sum(tokens(_text(one)) + 4 for one in asked["messages"])
    most = asked.get("max_tokens") or 32
    if size + most > context:
        return invalid(
            f"This model's maximum context length is {context} tokens. However, you requested {size + most} tokens "
            f"({size} in the messages, {most} in the completion). Please reduce the length of the messages or "
            "completion."
        )
    wanted = str(asked["model"])
    answers = {one.id: one.replaced_by or one.id for one in models()} if provider == "deepseek" else {}
    options = asked.get("stream_options") or {}
    forms = read_forms(asked)
    if isinstance(forms, Refusal):
        return forms
    return Question(
        model=answers.get(wanted, wanted),
        messages=tuple(asked["messages"]),
        stream=bool(asked.get("stream")),
        thinking=_thinks(asked),
        include_usage=bool(options.get("include_usage")),
        max_tokens=asked.get("max_tokens") or MOST_OUTPUT,
        prompt_tokens=size,
        forms=forms,
    )


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    calls: Literal[""] | str = json.dumps(message["tool_calls"]) if message.get("tool_calls") else ""
    return f"{content or ''}{message.get('reasoning_content') or ''}{calls}"
