"""Scenarios in which the way is sound and DeepSeek's own API answers badly.

The texts are those of DeepSeek's public error reports, see deepkit/sandbox/bodies.py.
"""

from typing import Any

from tests.lab.replies import (
    BUSY,
    GOOD_PLAIN,
    GOOD_STREAM,
    Behaviour,
    Reply,
    balance,
    body,
    chat,
    error,
    page,
    said,
    status_page,
    stream,
)
from tests.lab.scenario import Scenario
from tests.servers import DONE, STREAM_HEAD, WORDS, chunk, delta, event

INVALID_KEY = error(401, "Authentication Fails, Your api key: ****89ab is invalid", "authentication_error")
NO_CREDIT = error(402, "Insufficient Balance", "unknown_error")
CROWDED = error(
    429,
    "Too many requests. Your current concurrency is 26, which exceeds your concurrency limit of 25 based on your "
    "remaining balance. Please top up your balance to restore your concurrency.",
    "rate_limit_error",
)
BLANK = body(200, b"")
BLANK_STREAM = stream()
FAILED = error(500, "Internal Server Error", "internal_error", "internal_error")
DEGRADED = status_page("partial_outage", "Elevated error rates")
QUEUED = stream(then=("drip",), drip=b": keep-alive\n\n")
QUEUED_PLAIN = Reply((STREAM_HEAD.replace(b"text/event-stream", b"application/json"), "drip"), chunk(b"\n"))
NEVER = Reply(("hang",))
SILENT = stream(*WORDS, then=("hang",))
CUT = stream(*WORDS, then=(b'7f\r\ndata: {"cho', 0.05, "close"))
CUT_PLAIN = Reply(
    (
        b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"id":"x","ch',
        "close",
    )
)
NO_RESOURCE = stream(*WORDS, delta("", finish="insufficient_system_resource"), DONE)
GARBAGE = body(200, b"\x1f\x8b\x08\x00 not gzip at all", "application/json", content_encoding="gzip")

_Q = {"role": "user", "content": "Go on."}
LONG: tuple[dict[str, Any], ...] = (
    {"role": "user", "content": "word " * 4000},
    {"role": "assistant", "content": "Yes."},
    _Q,
)
BROKEN: tuple[dict[str, Any], ...] = (
    {"role": "user", "content": "Weather?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "w", "arguments": "{}"}}],
    },
    _Q,
)
PLAIN_TALK: tuple[dict[str, Any], ...] = (
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    _Q,
)


def _one(name: str, cause: str, behaviour: Behaviour, **more: Any) -> Scenario:
    return Scenario(f"deepseek-{name}", cause, behaviour, **more)


def _faces(
    name: str, cause: str, streamed: Reply, plain: Reply | None = None, **more: Any
) -> tuple[Scenario, ...]:
    """The same trouble everywhere, in streamed answers alone, in unstreamed ones alone, and with a status page."""
    whole = plain or streamed
    return (
        _one(name, cause, Behaviour((streamed,), (whole,)), **more),
        _one(f"{name}-streamed-only", cause, Behaviour((streamed,), (GOOD_PLAIN,)), **more),
        _one(f"{name}-unstreamed-only", cause, Behaviour((GOOD_STREAM,), (whole,)), **more),
        _one(f"{name}-status-calm", cause, Behaviour((streamed,), (whole,)), status=status_page(), **more),
        _one(f"{name}-some", cause, Behaviour((streamed, GOOD_STREAM), (whole,)), **more),
    )


SERVER = (
    *_faces("busy-503", "server_overloaded", BUSY),
    *_faces("queue", "server_overloaded", QUEUED, QUEUED_PLAIN),
    *_faces("blank", "empty_response_under_load", BLANK),
    *_faces("500", "server_error", FAILED),
    *_faces("cut", "stream_cut", CUT, CUT_PLAIN),
    _one("busy-503-status-incident", "server_overloaded", chat(BUSY), status=DEGRADED),
    _one("busy-503-page", "server_overloaded", chat(page(503, "503 Service Temporarily Unavailable"))),
    _one("busy-503-no-page", "server_overloaded", chat(BUSY), status=body(404, "gone")),
    _one("blank-stream", "empty_response_under_load", Behaviour((BLANK_STREAM,), (BLANK,))),
    _one("blank-done-only", "empty_response_under_load", Behaviour((stream(DONE),), (BLANK,))),
    _one("blank-no-words", "empty_response_under_load", Behaviour((stream(delta(), delta("", finish="stop"), DONE),), (said(""),))),
    _one("no-resource", "server_overloaded", Behaviour((NO_RESOURCE,), (said("", "insufficient_system_resource"),))),
    _one("no-resource-streamed-only", "server_overloaded", Behaviour((NO_RESOURCE,))),
    _one("silent-mid-stream", "stream_cut", Behaviour((SILENT,))),
    _one("silent-while-thinking", "stream_cut", Behaviour((stream(delta(), delta(reasoning="The user"), then=("hang",)),))),
    _one("ends-without-done", "stream_cut", Behaviour((stream(*WORDS),))),
    _one("reset-mid-stream", "stream_cut", Behaviour((stream(*WORDS, then=(0.05, "reset")),))),
    _one("500-page", "server_error", chat(page(500, "500 Internal Server Error"))),
    _one("500-status-incident", "server_error", chat(FAILED), status=DEGRADED),
    _one("502-page", "server_error", chat(page(502, "502 Bad Gateway"))),
    _one("502-status-incident", "server_error", chat(page(502, "502 Bad Gateway")), status=DEGRADED),
    _one("504-page", "server_error", chat(page(504, "504 Gateway Time-out"))),
    _one("everything-500", "server_error", Behaviour(every=page(500, "500 Internal Server Error"))),
    _one("error-in-200", "server_error", chat(error(200, "Internal error, please retry", "internal_error"))),
    _one("error-in-stream", "server_error", Behaviour((stream(*WORDS, event({"error": {"message": "engine failed", "type": "internal_error"}})),))),
    _one("never-answers", "read_timeout", chat(NEVER)),
    _one("never-answers-status-calm", "read_timeout", chat(NEVER), status=status_page()),
    _one("never-streams", "read_timeout", Behaviour((NEVER,))),
    _one("gzip-garbage", "client_parser_fault", chat(GARBAGE)),
    _one("json-garbage", "client_parser_fault", chat(body(200, b'{"choices": [ {"mess'))),
)  # fmt: skip

ACCOUNT = (
    _one("bad-key", "auth_failed", Behaviour(every=INVALID_KEY)),
    _one("bad-key-status-calm", "auth_failed", Behaviour(every=INVALID_KEY), status=status_page()),
    _one("bad-key-status-incident", "auth_failed", Behaviour(every=INVALID_KEY), status=DEGRADED),
    _one("no-key", "auth_failed", Behaviour(every=Behaviour().bare), key=None),
    _one("blank-key", "auth_failed", Behaviour(every=Behaviour().bare), key="  "),
    _one("quoted-key", "auth_failed", Behaviour(every=INVALID_KEY), key='"sk-lab0123456789abcdef"'),
    _one("key-with-newline", "auth_failed", Behaviour(every=INVALID_KEY), key="sk-lab01234567\u200b89abcdef"),
    _one("no-credit", "insufficient_balance", chat(NO_CREDIT, balance=balance("0.00"))),
    _one("no-credit-status-incident", "insufficient_balance", chat(NO_CREDIT, balance=balance("0.00")), status=DEGRADED),
    _one("no-credit-no-balance-page", "insufficient_balance", chat(NO_CREDIT, balance=error(404, "Not Found"))),
    _one("concurrency", "rate_limited", chat(CROWDED)),
    _one("concurrency-some", "rate_limited", chat(CROWDED, GOOD_STREAM)),
    _one("concurrency-status-calm", "rate_limited", chat(CROWDED), status=status_page()),
    _one("tokens-a-minute", "rate_limited", chat(error(429, "Rate limit reached for TPM", "rate_limit_error"))),
    _one("429-bare", "rate_limited", chat(page(429, "429 Too Many Requests"))),
)  # fmt: skip

CONTEXT = error(
    400,
    "This model's maximum context length is 1048576 tokens. However, you requested 1050001 tokens (1050000 in the "
    "messages, 1 in the completion). Please reduce the length of the messages or completion.",
)
TOOL = error(
    400,
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.",
)
THOUGHTS = error(400, "The `reasoning_content` in the thinking mode must be passed back to the API.")
REQUEST = (
    _one("model-unknown", "model_not_found", chat(error(400, "Model Not Exist")), model="deepseek-reasoner"),
    _one("model-retired", "model_not_found", chat(error(400, "The supported API model names are deepseek-flash or deepseek-v4-pro, but you passed deepseek-chat")), model="deepseek-chat"),
    _one("model-unlisted-only", "model_not_found", chat(error(400, "Model Not Exist"), models=error(404, "Not Found"))),
    _one("form-400", "invalid_request", chat(error(400, "Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `input_text`, expected `text` at line 1 column 80"))),
    _one("form-422", "invalid_request", chat(error(422, "Invalid parameter: temperature must be between 0 and 2"))),
    _one("form-422-bare", "invalid_request", chat(body(422, b""))),
    _one("content-risk", "content_blocked", chat(error(400, "Content Exists Risk"))),
    _one("content-filter-finish", "content_blocked", Behaviour((stream(*WORDS, delta("", finish="content_filter"), DONE),), (said("", "content_filter"),))),
    _one("context-long", "context_too_long", Behaviour(history=CONTEXT), conversation=LONG),
    _one("context-long-status-incident", "context_too_long", Behaviour(history=CONTEXT), conversation=LONG, status=DEGRADED),
    _one("context-413", "context_too_long", Behaviour(history=page(413, "413 Request Entity Too Large")), conversation=LONG),
    _one("history-tools", "session_context_corrupted", Behaviour(history=TOOL), conversation=BROKEN),
    _one("history-thoughts", "session_context_corrupted", Behaviour(history=THOUGHTS), conversation=PLAIN_TALK),
    _one("history-content-risk", "content_blocked", Behaviour(history=error(400, "Content Exists Risk")), conversation=PLAIN_TALK),
)  # fmt: skip

SCENARIOS = (*SERVER, *ACCOUNT, *REQUEST)
