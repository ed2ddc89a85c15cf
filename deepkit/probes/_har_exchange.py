"""One exchange of a HAR file, sorted: what it was for, how it ended, what its stream held."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from deepkit.probes._har_errors import failure_in
from deepkit.probes._har_file import Entry, body, pairs, seconds
from deepkit.probes._har_times import event_times, when

CHAT = re.compile(
    r"/chat/completions?$|/chat/(?:regenerate|edit_message|continue|resume_stream)$|/anthropic/(?:v1/)?messages$"
)
SESSION = re.compile(
    r"/users?/(?:current|login|settings|me|balance)|/api/v\d/(?:session|auth)|/(?:login|session|auth)$"
)
ASSET = re.compile(r"\.(?:m?js|css|wasm|woff2?|json|svg|png|ico)$", re.IGNORECASE)
HASHED = re.compile(r"[.\-_][0-9a-zA-Z]{6,}\.(?:chunk\.)?(?:m?js|css|wasm)$")
BUSY = re.compile(
    r"server is busy|service is too busy|服务器繁忙|伺服器繁忙|service is busy|insufficient_system_resource",
    re.IGNORECASE,
)
CHALLENGE = re.compile(
    r"just a moment|cf-chl|challenge-platform|attention required|verify you are human|enable javascript and cookies|"
    r"one more step|awswaf|aws-waf|captcha-delivery|人机验证|安全验证|request has been intercepted",
    re.IGNORECASE,
)
TOO_LARGE = re.compile(r"header or cookie too large|header fields too large|cookie too large", re.IGNORECASE)
TOKEN = re.compile(
    r"\"code\"\s*:\s*4000[123]\b|invalid[_ ]?token|missing token|authorization failed|token expired",
    re.IGNORECASE,
)
HEAD_CHARS = 20_000
"""How much of a body is kept until the facts are known, in characters: error messages and bot checks stand there."""
_AUTHORITY_END = re.compile(r"[/?#]")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one entry comes down to.

    `text` is the body's beginning, `stream` what a chat answer held, `error` the exporter's own
    word for what went wrong, `event_times` when the pieces of the answer came.
    """

    host: str
    path: str
    method: str
    kind: str
    status: int
    error: str
    failure: str | None
    text: str
    stream: Mapping[str, Any]
    headers: Mapping[str, str]
    cookie_bytes: int | None
    cached: bool
    worker: bool
    wait_s: float | None
    receive_s: float | None
    total_s: float | None
    sent_to: str
    began: float | None
    event_times: tuple[float, ...]


def place(url: str) -> tuple[str, str]:
    """Return host and path of an address; the query, where tokens stand, is dropped."""
    try:
        split = urlsplit(url)
        return (split.hostname or "").lower(), split.path or "/"
    except ValueError:
        return "", ""


def origin(url: str) -> str:
    """Return what stands before an address's path."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{_AUTHORITY_END.split(rest[:4096], maxsplit=1)[0]}"


def sort(entry: Entry, host: str) -> Exchange:
    """Take one entry apart.

    Args:
        entry: As decoded.
        host: Its host.

    Returns:
        The exchange; its text is read only for chat, session, page and failed ones.
    """
    assert entry.request is not None
    _, path = place(entry.request.url)
    response = entry.response
    status = whole(response.status) if response is not None else 0
    error = _error(entry, status)
    headers = pairs(response.headers) if response is not None else {}
    sent = pairs(entry.request.headers)
    kind = _kind(path, entry, headers)
    read = response is not None and (kind in ("chat", "session", "page") or status >= 400)
    text = body(response.content) if read and response is not None else ""
    stream, failure = stream_facts(text) if kind == "chat" else {}, failure_in(status, error)
    timings = entry.timings
    return Exchange(
        host=host,
        path=path[:200],
        method=str(entry.request.method)[:10],
        kind=kind,
        status=status,
        error=error,
        failure=failure or ("insufficient_system_resource" if stream.get("busy") else None),
        text=text[:HEAD_CHARS],
        stream=stream,
        headers=headers,
        cookie_bytes=len(sent["cookie"].encode("utf-8", "replace")) if "cookie" in sent else None,
        cached=_cached(entry, status),
        worker=_worker(entry),
        wait_s=seconds(timings.wait) if timings else None,
        receive_s=seconds(timings.receive) if timings else None,
        total_s=seconds(entry.time),
        sent_to=str(response.redirect_url)[:2000] if response is not None and 300 <= status < 400 else "",
        began=when(entry.started),
        event_times=event_times(entry),
    )


def _kind(path: str, entry: Entry, headers: Mapping[str, str]) -> str:
    if CHAT.search(path):
        return "chat"
    if SESSION.search(path):
        return "session"
    if ASSET.search(path):
        return "asset"
    page = entry.resource_type == "document" or "text/html" in headers.get("content-type", "")
    return "page" if page or path in ("/", "/chat") or path.startswith("/a/chat") else "other"


def _error(entry: Entry, status: int) -> str:
    response = entry.response
    words = [response.error, response.failure_text] if response is not None else []
    if status <= 0 and response is not None:
        words.append(response.status_text)
    told = response.charles_status if response is not None else None
    if told is not None and str(told).upper() != "COMPLETE":
        words.append(f"_charlesStatus {told}")
    if entry.was_blocked is True:
        words.append("blocked by extension")
    return " ".join(str(word) for word in words if word)[:200]


def _cached(entry: Entry, status: int) -> bool:
    """Tell whether the browser's cache answered: Chrome's, Safari's and Firefox's way to say so."""
    firefox = isinstance(entry.cache, dict) and "afterRequest" in entry.cache
    return (
        bool(entry.from_cache) or str(entry.fetch_type).lower().endswith("cache") or status == 304 or firefox
    )


def _worker(entry: Entry) -> bool:
    via = entry.response.via_worker if entry.response is not None else None
    return (
        bool(via)
        or "service worker" in str(entry.fetch_type).lower()
        or "service-worker" in str(entry.from_cache)
    )


def whole(value: Any) -> int:
    """Return a status as a number, 0 for what is none; some exporters write it as text or with a point."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:4])
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1000:
        return 0
    return int(value)


def stream_facts(text: str) -> dict[str, Any]:
    """Say what a recorded chat answer held, without keeping its text.

    Args:
        text: The body as recorded: server-sent events, JSON, or nothing.

    Returns:
        `recorded`, `busy` (the busy sentence itself), `finished`, `keep_alives`, `events`, `blank`.
    """
    busy = BUSY.search(text)
    data = [line[5:].strip() for line in re.split(r"\r?\n", text) if line.startswith("data:")]
    said = [line for line in data if line and line != "[DONE]"]
    finished = "[DONE]" in data or bool(
        re.search(r"\"?finish_reason\"?\s*:\s*\"\w+\"|event:\s*(?:finish|close)|\"FINISHED\"", text)
    )
    return {
        "recorded": bool(text),
        "busy": busy[0] if busy else None,
        "finished": finished,
        "keep_alives": len(re.findall(r"^: ?keep-alive", text, re.MULTILINE)),
        "events": len(said),
        "blank": bool(text) and not text.strip(),
    }
