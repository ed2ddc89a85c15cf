"""Whether an HTTP response is an answer or a failure, read up to its first text and no further."""

import json
from dataclasses import dataclass, field
from typing import Any

from deepkit.sse import Event, Parser, TooLargeError

MAX_HELD_BYTES = 1 << 20
"""Bytes held back at most while no text has come; keep-alive filler is a few bytes a second."""
_DECODE = json.JSONDecoder().raw_decode
STARVED = "insufficient_system_resource"
_NAMED_STATUSES = frozenset({400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 504})
_NO_SUCH_NAME = ("Name or service", "nodename nor servname", "getaddrinfo failed")
_EXCEPTIONS = {
    "ConnectError": "connection_refused",
    "ConnectTimeout": "connect_timeout",
    "ReadTimeout": "read_timeout",
    "WriteTimeout": "read_timeout",
    "ReadError": "connection_reset",
    "WriteError": "connection_reset",
    "CloseError": "connection_reset",
    "RemoteProtocolError": "closed_early",
    "ProxyError": "proxy_error",
}


@dataclass(slots=True)
class ResponseClassifier:
    """Reads the beginning of a body until it is decided whether it is an answer.

    Args:
        status: HTTP status.
        content_type: Its content type, lower case.
        chat: The request was for a chat completion.
        decided: The rest need not be held back.
        failure: How it failed, one of FAILURES; None while nothing is wrong.
        held: What was read so far.
    """

    status: int
    content_type: str
    chat: bool
    decided: bool = False
    failure: str | None = None
    held: bytearray = field(default_factory=bytearray)
    _events: Parser | None = field(init=False, default=None)
    _done: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        if self.status < 400 and "event-stream" in self.content_type:
            self._events = Parser(MAX_HELD_BYTES, 2 * MAX_HELD_BYTES)

    @property
    def message(self) -> str:
        """Text of an error body or error event, for FINAL_WORDS."""
        if self.status < 400 and self.failure != "stream_error":
            return ""
        text = self.held[:4000] if self.status >= 400 else self.held[-4000:]  # an error event is the last one
        return text.decode("utf-8", "replace")

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body."""
        self.held += data
        try:
            if self._events is not None:
                self._read(self._events.feed(data))
        except TooLargeError:
            self.decided = True
        if len(self.held) > MAX_HELD_BYTES:
            self.decided = True

    def end(self) -> None:
        """Decide at the end of the body."""
        if self._events is not None:
            self._read(self._events.finish())
        self.decided = True
        if self.status >= 400:
            self.failure = failure_of_status(self.status)
        elif self.failure is None and self.chat:
            self.failure = self._failure_of_whole()

    def cut(self) -> None:
        """Decide when the connection broke before the end of the body."""
        self.failure = "stream_cut" if self.held.strip() else "closed_early"

    def _failure_of_whole(self) -> str | None:
        if self._events is not None:
            if not self._done:
                return "stream_cut" if b"data:" in self.held else "empty_body"
            return None if b"finish_reason" in self.held else "empty_body"
        if not self.held.strip():
            return "empty_body"
        starved = STARVED.encode() in self.held and b'"content":""' in self.held.replace(b" ", b"")
        return STARVED if starved else None

    def _read(self, events: list[Event]) -> None:
        for one in events:
            if one.kind != "comment" and not self.decided:
                self._event(one.data)

    def _event(self, payload: str) -> None:
        if payload.strip() == "[DONE]":
            self._done = True
            return
        try:
            event, _ = _DECODE(payload.lstrip())
        except (ValueError, RecursionError):
            return
        if not isinstance(event, dict):
            return
        if event.get("error"):
            self.failure, self.decided = "stream_error", True
            return
        choices = event.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                self._choice(choice)

    def _choice(self, choice: dict[str, Any]) -> None:
        delta = choice.get("delta") or choice.get("message") or {}
        if isinstance(delta, dict) and (
            delta.get("content") or delta.get("reasoning_content") or delta.get("tool_calls")
        ):
            self.decided = True  # from here on somebody reads: no replay
        elif choice.get("text"):
            self.decided = True
        elif choice.get("finish_reason") == STARVED:
            self.failure, self.decided = STARVED, True


def classifier_for(status: int, content_type: str, *, chat: bool) -> ResponseClassifier:
    """Return the classifier of a response.

    Args:
        status: HTTP status.
        content_type: Content type as sent.
        chat: The request was for a chat completion.

    Returns:
        A classifier; decided from the start when the body says nothing about success.
    """
    kind = content_type.lower()
    readable = not kind or "json" in kind or "event-stream" in kind or "text/plain" in kind
    return ResponseClassifier(status, kind, chat, decided=status < 400 and not (chat and readable))


def failure_of_status(status: int) -> str:
    """Return the failure's name of an error status."""
    if status in _NAMED_STATUSES:
        return f"http_{status}"
    return "http_4xx" if status < 500 else "http_5xx"


def failure_of_exception(error: Exception) -> str:
    """Return the failure's name of a client library's exception; httpx and httpx2 name theirs alike."""
    name = type(error).__name__
    if name == "ConnectError" and any(words in str(error) for words in _NO_SUCH_NAME):
        return "dns_nxdomain"
    if name == "ConnectError" and "CERTIFICATE_VERIFY" in str(error):
        return "tls_untrusted"
    return _EXCEPTIONS.get(name, "unknown")
