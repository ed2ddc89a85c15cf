"""One request to the chat endpoint: streamed or whole, read until its proper end or its failure.

Definitions of the stamps follow what users see, and are kept apart because common tools mean
four different events by "time to first token": headers, the first keep-alive, the role chunk,
the first reasoning text, the first answer text, the end.
"""

import re
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, Unpack

import httpcore

from deepkit.records import Settings, Target
from deepkit.sse import TOTAL_BYTES, Event, Parser
from deepkit.transport.bodies import feed, json_of, note_block_page, note_error, read_body
from deepkit.transport.exchange import MOST_GAPS, Exchange, Ledger
from deepkit.transport.failures import FaultError, failure_of, failure_of_status
from deepkit.transport.meter import Meter
from deepkit.transport.request import LIMIT_BYTES, Client, Options, open_client

TEXT_CHARS = 2000
"""How much of an answer's text is kept."""

STREAMED = re.compile(rb"\s*(?:data|event|id|retry)?:")
"""How an event stream begins: with a field or a comment (WHATWG HTML, section 9.2)."""
_ENDS: Mapping[str | None, str] = {
    "insufficient_system_resource": "insufficient_system_resource",
    "content_filter": "wrong_content",
    "aborted": "stream_cut",
    "error": "stream_error",
}
"""Finish reasons that are failures; a reason nobody knows counts as a proper end."""
_BROKEN = (httpcore.ReadError, httpcore.RemoteProtocolError, httpcore.ReadTimeout)


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

    async def read(self, reply: httpcore.Response, ledger: Ledger) -> str | None:
        """Read the answer and return its failure."""
        kind = ledger.exchange.headers.get("content-type", "")
        if reply.status == 200 and "text/event-stream" in kind.lower():
            return await self._stream(reply, ledger)
        return await self._whole(reply, ledger)

    async def _whole(self, reply: httpcore.Response, ledger: Ledger) -> str | None:
        exchange = ledger.exchange
        broken: Exception | None = None
        try:
            await read_body(reply, ledger, LIMIT_BYTES)
        except _BROKEN as error:
            if reply.status != 200:
                raise
            broken = error
        exchange.end_reason = "close"
        if note_block_page(exchange):
            return "block_page"
        value = json_of(exchange.body)
        if reply.status != 200:
            note_error(exchange, value, secret=self._secret)
            return failure_of_status(reply.status) or "wrong_content"
        if exchange.body_kind == "text" and STREAMED.match(exchange.body):
            return self._late_stream(ledger, broken)
        if broken is not None:
            return _broken(exchange, broken)
        if exchange.body_kind == "empty":
            return "queue_timeout" if exchange.keep_alives > 1 else "empty_body"
        if exchange.body_kind == "html":
            return "wrong_content"
        if note_error(exchange, value, secret=self._secret):
            return "stream_error"
        if not isinstance(value, dict) or "choices" not in value:
            return "bad_body"
        ledger.stamp("role_s", ledger.last_read)
        self._chunk(ledger, value, "message", at=perf_counter())
        exchange.end_reason = "finish" if exchange.finish_reason else "close"
        return _end_failure(exchange)

    def _late_stream(self, ledger: Ledger, broken: Exception | None) -> str | None:
        """Read an event stream that came under another name, as the official clients do: they go by what they asked."""
        parser = Parser()
        for event in (*parser.feed(ledger.exchange.body), *parser.finish()):
            failure, over = self._event(ledger, event)
            if over:
                return failure
        if broken is not None:
            return _broken(ledger.exchange, broken)
        return _closed(ledger.exchange, got_bytes=True)

    async def _stream(self, reply: httpcore.Response, ledger: Ledger) -> str | None:
        parser, verdicts = Parser(), list[str | None]()
        got_bytes = False
        ledger.exchange.body_kind = "text"

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
            await feed(reply, ledger, TOTAL_BYTES, take)
        except _BROKEN as error:
            return _broken(ledger.exchange, error)
        if not verdicts:
            note(parser.finish())
        return verdicts[0] if verdicts else _closed(ledger.exchange, got_bytes=got_bytes)

    def _event(self, ledger: Ledger, event: Event) -> tuple[str | None, bool]:
        """Take note of one event; return its failure, and whether the answer is over."""
        exchange = ledger.exchange
        if event.kind == "comment":
            ledger.stamp("keep_alive_s", ledger.last_read)
            exchange.keep_alives += 1
            return None, False
        text = event.data.strip()
        if text == "[DONE]":
            exchange.end_reason = "done"
            return _end_failure(exchange), True
        value = json_of(text.encode())
        if note_error(exchange, value, secret=self._secret):
            exchange.end_reason = "error"
            return "stream_error", True
        if event.kind != "stray" and isinstance(value, dict):
            ledger.stamp("role_s", ledger.last_read)
            if self._last_chunk is not None and len(exchange.gaps) < MOST_GAPS:
                exchange.gaps.append(ledger.last_read - self._last_chunk)
            self._last_chunk = ledger.last_read
            self._chunk(ledger, value, "delta", at=ledger.last_read)
        return None, False

    def _chunk(self, ledger: Ledger, value: Mapping[str, Any], part: str, *, at: float) -> None:
        exchange = ledger.exchange
        if isinstance(value.get("model"), str):
            exchange.model = value["model"][:100]
        if isinstance(value.get("usage"), dict):
            self._usage(exchange, value["usage"])
        choices = value.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else {}
        if not isinstance(first, dict):
            return
        found = first.get(part)
        said: Mapping[str, Any] = found if isinstance(found, dict) else {}
        reasoning = said.get("reasoning_content") or said.get("reasoning")
        if isinstance(reasoning, str) and reasoning:
            ledger.stamp("reasoning_s", at)
            exchange.reasoning_chars += len(reasoning)
        text = said.get("content")
        if isinstance(text, str) and text:
            ledger.stamp("answer_s", at)
            exchange.text += text[: TEXT_CHARS - len(exchange.text)]
            exchange.text_chars += len(text)
        if said.get("tool_calls"):
            ledger.stamp("answer_s", at)
        if isinstance(first.get("finish_reason"), str):
            exchange.finish_reason = first["finish_reason"][:60]

    def _usage(self, exchange: Exchange, usage: Mapping[str, Any]) -> None:
        exchange.usage = dict(usage)
        used = usage.get("completion_tokens")
        if isinstance(used, int) and not isinstance(used, bool) and self._reserved:
            self._meter.settle(self._reserved, used, received=exchange.text_chars + exchange.reasoning_chars)
            self._reserved = 0


def _broken(exchange: Exchange, error: Exception) -> str:
    if failure_of(error, "read") == "too_large":  # a chunk's size that never ends
        exchange.end_reason = "error"
        return "too_large"
    if isinstance(error, httpcore.ReadTimeout):
        exchange.end_reason = "silence"
        return "stream_silent"
    exchange.end_reason = "close"
    return "queue_timeout" if exchange.first_token_s is None and exchange.keep_alives else "stream_cut"


def _closed(exchange: Exchange, *, got_bytes: bool) -> str | None:
    exchange.end_reason = "finish" if exchange.finish_reason else "close"
    if not got_bytes:
        exchange.body_kind = "empty"
        return "empty_body"
    if exchange.finish_reason:
        return _end_failure(exchange)
    if exchange.answer_s is not None or exchange.reasoning_s is not None:
        return "stream_cut"
    if exchange.keep_alives:
        return "queue_timeout"
    return "bad_body" if exchange.role_s is None else "stream_cut"


def _end_failure(exchange: Exchange) -> str | None:
    """Name what is wrong with an answer that ended in order."""
    if exchange.finish_reason in _ENDS:
        return _ENDS[exchange.finish_reason]
    # Reasoning alone is an answer only where the few tokens allowed ended inside it.
    cut_short = exchange.reasoning_s is not None and exchange.finish_reason == "length"
    return None if exchange.answer_s is not None or cut_short else "empty_body"


def chat_payload(
    model: str, messages: Sequence[Mapping[str, Any]], *, stream: bool, max_tokens: int
) -> dict[str, Any]:
    """Return the body of a chat request."""
    payload = {"model": model, "messages": list(messages), "max_tokens": max_tokens, "stream": stream}
    return {**payload, "stream_options": {"include_usage": True}} if stream else payload


async def chat_on(
    client: Client,
    meter: Meter,
    payload: Mapping[str, Any],
    *,
    url: str = "/chat/completions",
    **options: Unpack[Options],
) -> Exchange:
    """Send one chat request over an open client: one attempt, no retry.

    Args:
        client: Whom to ask, and how.
        meter: Counts it, or refuses with "budget_spent".
        payload: The body; its `max_tokens` is reserved in the budget, its `stream` says what is accepted.
        url: Where chat requests go.
        options: As for `Client.request`.

    Returns:
        The exchange. Its failure is None only when text came and the answer ended properly.
    """
    tokens = payload["max_tokens"]
    accept = {"accept": "text/event-stream" if payload["stream"] else "application/json"}
    options["headers"] = accept | dict(options.get("headers") or {})
    reader = ChatReader(client.secret, meter, tokens)
    exchange = await client.request(meter, "POST", url, reader.read, json=payload, tokens=tokens, **options)
    if exchange.failure == "deadline" and exchange.keep_alives and exchange.first_token_s is None:
        exchange.failure = "queue_timeout"
    return exchange


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
    """Send one chat request over a connection of its own; see `chat_on`."""
    try:
        async with open_client(target, settings) as client:
            payload = chat_payload(client.model, messages, stream=stream, max_tokens=max_tokens)
            return await chat_on(client, meter, payload, deadline_s=deadline_s)
    except FaultError as error:
        return Exchange(error.failure, error.detail)
