"""What a server sends, as data: whole answers, event streams, and answers that go wrong on the way."""

import json
from dataclasses import dataclass
from typing import Any

from tests.servers import DONE, STREAM_END, STREAM_HEAD, WORDS, answer, chunk, delta

Step = bytes | float | str
"""Bytes to send, seconds to wait, or: "hang" for ever, "reset" the connection, "close" it, "drip" keep-alives."""


@dataclass(frozen=True)
class Reply:
    """One answer.

    Args:
        steps: What happens, in order; the connection stays open afterwards unless a step ends it.
        drip: What "drip" sends again and again, every 0.15 s.
    """

    steps: tuple[Step, ...]
    drip: bytes = b""


def body(status: int, content: Any = b"", kind: str | None = None, **headers: str) -> Reply:
    """Return a whole answer; a value that is neither bytes nor text is sent as JSON."""
    if isinstance(content, str):
        raw, usual = content.encode(), "text/html; charset=utf-8" if "<" in content else "text/plain"
    elif isinstance(content, bytes):
        raw, usual = content, "application/json"
    else:
        raw, usual = json.dumps(content, ensure_ascii=False).encode(), "application/json"
    return Reply((answer(status, raw, kind or usual, **headers),))


def error(
    status: int, message: str, kind: str = "invalid_request_error", code: Any = "invalid_request_error"
) -> Reply:
    """Return an error in the shape of OpenAI's API, which DeepSeek shares."""
    return body(status, {"error": {"message": message, "type": kind, "param": None, "code": code}})


def page(status: int, title: str, text: str = "", server: str = "openresty") -> Reply:
    """Return a web server's own page."""
    html = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center>{text}</body></html>"
    return body(status, html, server=server)


def stream(*events: bytes, then: tuple[Step, ...] = (STREAM_END,), drip: bytes = b"") -> Reply:
    """Return an event stream: the head, each event as a piece, then what ends it."""
    return Reply((STREAM_HEAD, *(chunk(one) for one in events), *then), chunk(drip) if drip else b"")


def said(text: str = "pong", finish: str = "stop", **message: Any) -> Reply:
    """Return an unstreamed answer."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, **message},
        "finish_reason": finish,
    }
    used = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    return body(200, {"object": "chat.completion", "model": "m", "choices": [choice], "usage": used})


BUSY = error(
    503,
    "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.",
    "service_unavailable_error",
    "service_unavailable_error",
)
GOOD_STREAM = stream(*WORDS, delta("", finish="stop"), DONE)
GOOD_PLAIN = said()


def models(*names: str, owner: str = "deepseek") -> Reply:
    """Return a list of models."""
    rows = [{"id": name, "object": "model", "owned_by": owner} for name in names]
    return body(200, {"object": "list", "data": rows})


def balance(total: str = "42.00") -> Reply:
    """Return a balance as DeepSeek writes it."""
    row = {"currency": "USD", "total_balance": total, "granted_balance": "0.00", "topped_up_balance": total}
    return body(200, {"is_available": float(total) > 0, "balance_infos": [row]})


def status_page(state: str = "operational", incident: str = "") -> Reply:
    """Return a status page of Statuspage's kind."""
    parts = [
        {"id": "1", "name": "API Service", "status": state},
        {"id": "2", "name": "Chat", "status": "operational"},
    ]
    open_ = [{"name": incident, "status": "investigating", "impact": "major"}] if incident else []
    return body(200, {"page": {"name": "DeepSeek"}, "components": parts, "incidents": open_})


KEYLESS = error(
    401, "Authentication Fails (auth header format should be Bearer sk-...)", "authentication_error"
)
LISTED = models("deepseek-flash", "deepseek-v4-pro")
FUNDED = balance()


@dataclass(frozen=True)
class Behaviour:
    """What one server says to each kind of request.

    Args:
        stream: Answers to streamed questions, in turn.
        plain: Answers to unstreamed questions, in turn.
        bare: GET /models without a key.
        models: GET /models with the key.
        balance: GET /user/balance.
        history: Answer to a question with more than one message; None treats it as any other.
        every: Said to each and every request, whatever it is.
    """

    stream: tuple[Reply, ...] = (GOOD_STREAM,)
    plain: tuple[Reply, ...] = (GOOD_PLAIN,)
    bare: Reply = KEYLESS
    models: Reply = LISTED
    balance: Reply = FUNDED
    history: Reply | None = None
    every: Reply | None = None


def chat(*replies: Reply, **more: Any) -> Behaviour:
    """Return a behaviour that gives these answers in turn to every question, streamed or not."""
    return Behaviour(stream=replies, plain=replies, **more)


WELL = Behaviour()
"""DeepSeek on a good day."""
