"""What an HTTP answer is, as far as retrying goes: read up to the first shown text, and no further."""

from dataclasses import dataclass
from typing import Any

import msgspec

MOST_HELD = 1 << 20
"""Bytes held back at most while no text has come; keep-alive filler is a few bytes a second."""
READ = msgspec.json.Decoder().decode
STARVED = b"insufficient_system_resource"


@dataclass(slots=True)
class Judge:
    """Reads the beginning of an answer and says when it is decided.

    Args:
        status: Its status.
        kind: Its content type, lower case.
        chat: The request was for a chat completion.

    `failure` is None while nothing is wrong, `decided` is True once the rest need not be held back.
    """

    status: int
    kind: str
    chat: bool
    held: bytearray
    failure: str | None = None
    decided: bool = False
    done: bool = False
    scanned: int = 0

    @property
    def error(self) -> str:
        """The words of an error body."""
        return bytes(self.held[:4000]).decode("utf-8", "replace") if self.status >= 400 else ""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self.held += data
        if self.status < 400 and "event-stream" in self.kind:
            self._scan()
        if len(self.held) > MOST_HELD:
            self.decided = True

    def end(self) -> None:
        """Take note that the body has ended."""
        self.decided = True
        if self.status >= 400:
            self.failure = name_of(self.status)
        elif self.chat and "event-stream" in self.kind:
            if not self.done:
                self.failure = "stream_cut" if b"data:" in self.held else "empty_body"
            elif self.failure is None and not self._worded():
                self.failure = "empty_body"
        elif self.chat and not self.held.strip():
            self.failure = "empty_body"
        elif self.chat and STARVED in self.held and b'"content":""' in self.held.replace(b" ", b""):
            self.failure = STARVED.decode()

    def cut(self) -> None:
        """Take note that the connection broke before the body's end."""
        self.failure = "stream_cut" if self.held.strip() else "closed_early"

    def _worded(self) -> bool:
        return b"finish_reason" in self.held

    def _scan(self) -> None:
        while (end := self.held.find(b"\n", self.scanned)) >= 0:
            line = bytes(self.held[self.scanned : end]).strip()
            self.scanned = end + 1
            if line.startswith(b"data:"):
                self._event(line[5:].strip())

    def _event(self, payload: bytes) -> None:
        if payload == b"[DONE]":
            self.done = True
            return
        try:
            event = READ(payload) if payload else None
        except msgspec.DecodeError:
            return
        if not isinstance(event, dict):
            return
        if event.get("error"):
            self.failure, self.decided = "stream_error", True
            return
        for choice in event.get("choices") or ():
            self._choice(choice)

    def _choice(self, choice: Any) -> None:
        if not isinstance(choice, dict):
            return
        delta = choice.get("delta") or choice.get("message") or {}
        if isinstance(delta, dict) and (
            delta.get("content") or delta.get("reasoning_content") or delta.get("tool_calls")
        ):
            self.decided = True  # from here on somebody reads: no replay
        elif choice.get("text"):
            self.decided = True
        elif choice.get("finish_reason") == STARVED.decode():
            self.failure, self.decided = STARVED.decode(), True


def judge_for(status: int, kind: str, *, chat: bool) -> Judge:
    """Return the judge of an answer.

    Args:
        status: HTTP status.
        kind: Content type.
        chat: The request was for a chat completion.
    """
    kind = kind.lower()
    readable = not kind or "json" in kind or "event-stream" in kind or "text/plain" in kind
    return Judge(status, kind, chat, bytearray(), decided=status < 400 and not (chat and readable))


def name_of(status: int) -> str:
    """Return the failure's name of an error status."""
    if status in (400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 504):
        return f"http_{status}"
    return "http_4xx" if status < 500 else "http_5xx"


def failure_of(error: Exception) -> str:
    """Return the failure's name of a client library's exception; httpx and httpx2 name theirs alike."""
    name = type(error).__name__
    if name == "ConnectError" and any(
        words in str(error) for words in ("Name or service", "nodename nor servname", "getaddrinfo failed")
    ):
        return "dns_nxdomain"
    if name == "ConnectError" and "CERTIFICATE_VERIFY" in str(error):
        return "tls_untrusted"
    known = {
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
    return known.get(name, "unknown")
