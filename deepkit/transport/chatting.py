"""One question over the chat endpoint: streamed or whole, read until its proper end or its failure.

Definitions of the stamps follow what users see, and are kept apart because common tools mean
four different events by "time to first token": headers, the first keep-alive, the role chunk,
the first reasoning text, the first answer text, the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import httpcore

from deepkit.records import Settings, Target
from deepkit.transport.bodies import json_of, note_block_page, note_error, pour, read_body
from deepkit.transport.exchange import MOST_GAPS, Exchange, Ledger
from deepkit.transport.failures import FaultError, detail_of, failure_of, failure_of_status
from deepkit.transport.meter import Meter
from deepkit.transport.sending import LIMIT_BYTES, Line, open_line
from deepkit.transport.sse import TOTAL_BYTES, Event, Parser

TEXT_CHARS = 2000
"""How much of an answer's text is kept."""

PROPER_ENDS = frozenset({"stop", "length", "tool_calls", "function_call", "end_turn", "eos"})
_ENDS: Mapping[str, str] = {
    "insufficient_system_resource": "insufficient_system_resource",
    "content_filter": "wrong_content",
    "aborted": "stream_cut",
    "error": "stream_error",
}
"""Finish reasons that are failures; a reason nobody knows counts as a proper end."""


class ChatReader:
    """Reads one chat answer into a ledger.

    Args:
        secret: The key, should the server repeat it.
        meter: Told the true number of output tokens.
        reserved: How many were reserved.
    """

    def __init__(self, secret: str | None, meter: Meter, reserved: int) -> None:
        self._secret, self._meter, self._reserved = secret, meter, reserved
        self._last_chunk: float | None = None
        self._text: list[str] = []

    async def read(self, reply: httpcore.Response, ledger: Ledger) -> str | None:
        """Read the answer and return its failure."""
        kind = ledger.fields["headers"].get("content-type", "")
        if reply.status == 200 and "text/event-stream" in kind.lower():
            return await self._stream(reply, ledger)
        return await self._whole(reply, ledger)

    async def _whole(self, reply: httpcore.Response, ledger: Ledger) -> str | None:
        broken = None
        try:
            body = await read_body(reply, ledger, LIMIT_BYTES)
        except (httpcore.ReadError, httpcore.RemoteProtocolError, httpcore.ReadTimeout) as error:
            if reply.status != 200:
                raise
            body, broken = ledger.fields.get("body", b""), error
        ledger.put(end_reason="close")
        if note_block_page(ledger):
            return "block_page"
        value = json_of(body)
        if reply.status != 200:
            note_error(ledger, value, secret=self._secret)
            return failure_of_status(reply.status) or "wrong_content"
        if broken is not None:
            return self._broken(ledger, broken)
        return self._judge_whole(ledger, body, value)

    def _judge_whole(self, ledger: Ledger, body: bytes, value: Any) -> str | None:
        if not body.strip():
            return "queue_timeout" if ledger.fields.get("keep_alives", 0) > 1 else "empty_body"
        if ledger.fields["body_kind"] == "html":
            return "wrong_content"
        if note_error(ledger, value, secret=self._secret):
            return "stream_error"
        if not isinstance(value, dict) or "choices" not in value:
            return "bad_body"
        ledger.stamp("role_s", ledger.last_read)
        self._chunk(ledger, value, "message", timed=False)
        ledger.put(end_reason="finish" if ledger.fields.get("finish_reason") else "close")
        return self._verdict(ledger)

    async def _stream(self, reply: httpcore.Response, ledger: Ledger) -> str | None:
        parser, verdicts = Parser(), list[str | None]()
        got_bytes = False
        ledger.put(body_kind="text")

        def note(events: list[Event]) -> bool:
            for event in events:
                failure, over = self._event(ledger, event)
                if over:
                    verdicts.append(failure)
                    ledger.stamp("end_s", ledger.last_read)
                    return True
            return False

        def take(data: bytes) -> bool:
            nonlocal got_bytes
            got_bytes = got_bytes or bool(data.strip())
            return note(parser.feed(data))

        try:
            await pour(reply, ledger, TOTAL_BYTES, take)
        except (httpcore.ReadError, httpcore.RemoteProtocolError, httpcore.ReadTimeout) as error:
            return self._broken(ledger, error)
        if not verdicts:
            note(parser.finish())
        return verdicts[0] if verdicts else self._closed(ledger, got_bytes=got_bytes)

    def _broken(self, ledger: Ledger, error: Exception) -> str:
        if failure_of(error, "read") == "too_large":  # a chunk's size that never ends
            ledger.put(end_reason="error")
            return "too_large"
        silent = isinstance(error, httpcore.ReadTimeout)
        ledger.put(end_reason="silence" if silent else "close")
        if silent:
            return "stream_silent"
        if self._no_text(ledger) and ledger.fields.get("keep_alives"):
            return "queue_timeout"
        return "stream_cut"

    def _closed(self, ledger: Ledger, *, got_bytes: bool) -> str | None:
        ledger.put(end_reason="finish" if ledger.fields.get("finish_reason") else "close")
        if not got_bytes:
            ledger.put(body_kind="empty")
            return "empty_body"
        if self._no_text(ledger) and not ledger.fields.get("finish_reason"):
            if ledger.fields.get("keep_alives"):
                return "queue_timeout"
            return "stream_cut" if "role_s" in ledger.fields else "bad_body"
        if not ledger.fields.get("finish_reason"):
            return "stream_cut"
        return self._verdict(ledger)

    def _event(self, ledger: Ledger, event: Event) -> tuple[str | None, bool]:
        if event.kind == "comment":
            ledger.stamp("keep_alive_s", ledger.last_read)
            ledger.put(keep_alives=ledger.fields.get("keep_alives", 0) + 1)
            return None, False
        text = event.data.strip()
        if text == "[DONE]":
            ledger.put(end_reason="done")
            return self._verdict(ledger), True
        value = json_of(text.encode())
        if note_error(ledger, value, secret=self._secret):
            ledger.put(end_reason="error")
            return "stream_error", True
        if event.kind == "stray" or not isinstance(value, dict):
            return None, False
        self._time_chunk(ledger)
        self._chunk(ledger, value, "delta", timed=True)
        return None, False

    def _time_chunk(self, ledger: Ledger) -> None:
        ledger.stamp("role_s", ledger.last_read)
        if self._last_chunk is not None and len(ledger.gaps) < MOST_GAPS:
            ledger.gaps.append(ledger.last_read - self._last_chunk)
        self._last_chunk = ledger.last_read

    def _chunk(self, ledger: Ledger, value: Mapping[str, Any], part: str, *, timed: bool) -> None:
        at = ledger.last_read if timed else perf_counter()
        if isinstance(value.get("model"), str):
            ledger.put(model=value["model"][:100])
        if isinstance(value.get("usage"), dict):
            self._usage(ledger, value["usage"])
        choices = value.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else {}
        if not isinstance(first, dict):
            return
        found = first.get(part)
        said: Mapping[str, Any] = found if isinstance(found, dict) else {}
        reasoning = said.get("reasoning_content") or said.get("reasoning")
        if isinstance(reasoning, str) and reasoning:
            ledger.stamp("reasoning_s", at)
            ledger.put(reasoning_chars=ledger.fields.get("reasoning_chars", 0) + len(reasoning))
        text = said.get("content")
        if isinstance(text, str) and text:
            ledger.stamp("answer_s", at)
            self._keep(ledger, text)
        if said.get("tool_calls"):
            ledger.stamp("answer_s", at)
        if isinstance(first.get("finish_reason"), str):
            ledger.put(finish_reason=first["finish_reason"][:60])

    def _keep(self, ledger: Ledger, text: str) -> None:
        so_far = ledger.fields.get("text_chars", 0)
        if so_far < TEXT_CHARS:
            self._text.append(text[: TEXT_CHARS - so_far])
        ledger.put(text_chars=so_far + len(text), text="".join(self._text))

    def _usage(self, ledger: Ledger, usage: Mapping[str, Any]) -> None:
        ledger.put(usage=dict(usage))
        used = usage.get("completion_tokens")
        if isinstance(used, int) and not isinstance(used, bool) and self._reserved:
            came = sum(ledger.fields.get(name, 0) for name in ("text_chars", "reasoning_chars"))
            self._meter.settle(self._reserved, used, received=came)
            self._reserved = 0

    @staticmethod
    def _no_text(ledger: Ledger) -> bool:
        return not ({"answer_s", "reasoning_s"} & ledger.fields.keys())

    def _verdict(self, ledger: Ledger) -> str | None:
        reason = ledger.fields.get("finish_reason")
        if isinstance(reason, str) and reason in _ENDS:
            return _ENDS[reason]
        if "answer_s" in ledger.fields:
            return None
        # Reasoning alone is an answer only where the few tokens allowed ended inside it.
        if "reasoning_s" in ledger.fields and reason == "length":
            return None
        return "empty_body"


def chat_payload(model: str, messages: Sequence[Mapping[str, Any]], *, stream: bool, max_tokens: int) -> Any:
    """Return the body of a chat request."""
    payload: dict[str, Any] = {
        "model": model,
        "messages": list(messages),
        "max_tokens": max_tokens,
        "stream": stream,
    }
    if stream:
        payload["stream_options"] = {"include_usage": True}
    return payload


async def chat_on(
    line: Line,
    meter: Meter,
    messages: Sequence[Mapping[str, Any]],
    *,
    model: str | None = None,
    stream: bool = True,
    max_tokens: int = 8,
    deadline_s: float | None = None,
    url: str = "/chat/completions",
    payload: Any = None,
    headers: Mapping[str, str] | None = None,
    with_key: bool = True,
) -> Exchange:
    """Ask over an open line; see `chat`."""
    reader = ChatReader(line.secret, meter, max_tokens)
    body = payload or chat_payload(model or line.model, messages, stream=stream, max_tokens=max_tokens)
    accept = {"accept": "text/event-stream" if stream else "application/json", **(headers or {})}
    told = await line.attempt(
        meter,
        "POST",
        url,
        reader.read,
        payload=body,
        headers=accept,
        with_key=with_key,
        deadline_s=deadline_s,
        tokens=max_tokens,
    )
    if told.failure == "deadline" and told.keep_alives and told.first_token_s is None:
        return replace(told, failure="queue_timeout")
    return told


async def chat(
    target: Target,
    settings: Settings,
    meter: Meter,
    messages: Sequence[Mapping[str, Any]],
    *,
    stream: bool = True,
    max_tokens: int = 8,
    deadline_s: float | None = None,
) -> Exchange:
    """Send one chat request over a connection of its own: one attempt, no retry.

    Args:
        target: Whom to ask.
        settings: How.
        meter: Counts it, or refuses with "budget_spent".
        messages: The conversation.
        stream: Ask for a stream.
        max_tokens: Most output.
        deadline_s: Most time for all of it; the settings' total unless given.

    Returns:
        The exchange. Its failure is None only when text came and the answer ended properly.
    """
    try:
        async with open_line(target, settings) as line:
            return await chat_on(
                line, meter, messages, stream=stream, max_tokens=max_tokens, deadline_s=deadline_s
            )
    except FaultError as error:
        return Exchange(error.failure, error.detail or detail_of(error))
