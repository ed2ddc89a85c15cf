"""One exchange of a recording: what it was for, how it ended, what a question came to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import msgspec

from deepkit.checks import RecordedQuestion
from deepkit.probes.har.entries import UNREADABLE, Entry, Timings, body, pairs, seconds
from deepkit.probes.har.wordings import failure_in, words_of
from deepkit.sse import read_events

CHAT = re.compile(
    r"/chat/completions?$|/chat/(?:regenerate|edit_message|continue|resume_stream)$|/anthropic/(?:v1/)?messages$"
)
SESSION = re.compile(
    r"/users?/(?:current|login|settings|me|balance)|/api/v\d/(?:session|auth)|/(?:login|session|auth)$"
)
ASSET = re.compile(r"\.(?:m?js|css|wasm|woff2?|json|svg|png|ico)$", re.IGNORECASE)
HEAD_CHARS = 20_000
"""How much of a body is kept until the facts are known, in characters: error messages and bot checks stand there."""
MOST_URL = 4_000
"""How much of an address is looked at, in characters."""
MOST_EVENTS = 10_000
"""Most pieces of one answer whose times are kept."""
LONGEST_S = 86_400.0
"""An answer's pieces lie within a day of its request; other times are of another clock."""
_FRACTION = re.compile(r"(\.\d{6})\d+")
_FINISHED = re.compile(r"\"?finish_reason\"?\s*:\s*\"\w+\"|event:\s*(?:finish|close)|\"FINISHED\"")
_MESSAGE = re.compile(r"\"(?:message|msg|biz_msg)\"\s*:\s*\"([^\"]{1,200})\"")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one entry comes down to.

    `text` is the body's beginning, `error` the exporter's own word for what went wrong, `sent_to` where
    a redirect leads, `question` what a question to the chat came to.
    """

    host: str
    path: str
    method: str
    kind: str
    status: int
    error: str
    failure: str | None
    text: str
    headers: Mapping[str, str]
    cookie_bytes: int | None
    cached: bool
    worker: bool
    began: float | None
    wait_s: float | None
    sent_to: str
    question: RecordedQuestion | None


def place(url: str) -> tuple[str, str]:
    """Return host and path of an address; the query, where tokens stand, is dropped."""
    try:
        split = urlsplit(url[:MOST_URL])
        return (split.hostname or "").lower(), split.path or "/"
    except ValueError:
        return "", ""


def exchange_of(entry: Entry) -> Exchange:
    """Take one entry apart; its text is read only for chat, session, page and failed ones."""
    host, path = place(entry.request.url)
    response, status = entry.response, status_of(entry)
    error = _error(entry, status)
    headers = pairs(response.headers) if response is not None else {}
    sent = pairs(entry.request.headers)
    kind = _kind(path, entry, headers)
    read = response is not None and (kind in ("chat", "session", "page") or status >= 400)
    text = body(response.content) if read and response is not None else ""
    failure, question = failure_in(status, error), None
    if kind == "chat":
        question = _question(entry, status, failure, text)
        failure = question.failure
    return Exchange(
        host=host,
        path=path[:200],
        method=str(entry.request.method)[:10],
        kind=kind,
        status=status,
        error=error,
        failure=failure,
        text=text[:HEAD_CHARS],
        headers=headers,
        cookie_bytes=len(sent["cookie"].encode("utf-8", "replace")) if "cookie" in sent else None,
        cached=_cached(entry, status),
        worker=_worker(entry),
        began=when(entry.started),
        wait_s=seconds(entry.timings.wait) if entry.timings else None,
        sent_to=str(response.redirect_url)[:MOST_URL] if response is not None and 300 <= status < 400 else "",
        question=question,
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


def status_of(entry: Entry) -> int:
    """Return the status, 0 for none; some exporters write it as text or with a point."""
    value = entry.response.status if entry.response is not None else 0
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:4])
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1000:
        return 0
    return int(value)


def _question(entry: Entry, status: int, failure: str | None, text: str) -> RecordedQuestion:
    """Say what a question came to; of its answer's text only the busy sentence and an error's message are kept."""
    events = read_events(text)
    data = [line.strip() for one in events if one.kind == "data" for line in one.data.split("\n")]
    busy = words_of("busy", text)
    times, timings = event_times(entry), entry.timings or Timings()
    return RecordedQuestion(
        status=status,
        failure=failure or ("insufficient_system_resource" if busy else None),
        wait_s=seconds(timings.wait),
        receive_s=seconds(timings.receive),
        total_s=seconds(entry.time),
        first_event_s=times[0] if times else None,
        gap_max_s=round(max(b - a for a, b in pairwise(times)), 4) if len(times) > 1 else None,
        recorded=bool(text),
        busy=busy,
        finished="[DONE]" in data or _FINISHED.search(text) is not None,
        keep_alives=sum(1 for one in events if one.kind == "comment" and one.data.startswith("keep-alive")),
        events=sum(1 for line in data if line and line != "[DONE]"),
        blank=bool(text) and not text.strip(),
        error_message=message_in(text[:HEAD_CHARS]) if status >= 400 else None,
    )


def message_in(text: str) -> str | None:
    """Return the message of an error's body."""
    found = _MESSAGE.search(text)
    return found[1] if found else None


def when(value: Any) -> float | None:
    """Return a date as seconds since 1970, UTC assumed where no zone stands; None for what is no date.

    Args:
        value: ISO 8601 as browsers and proxies write it, or a number of seconds or milliseconds.
    """
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, int | float):
            since = float(value) / (1000 if value > 1e11 else 1)
            return since if 0 < since < 1e11 else None
        if not isinstance(value, str) or len(value) > 64:
            return None
        read = datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


class _Message(msgspec.Struct):
    time: Any = None
    type: Any = None


def event_times(entry: Entry) -> tuple[float, ...]:
    """Return when the pieces of an answer came, in seconds after the request began, where the export has them.

    Chrome and mitmproxy write the messages of a web socket (`_webSocketMessages`), Chrome also
    the events of a stream (`_eventSourceMessages`), each with a `time` in seconds since 1970.
    """
    began = when(entry.started)
    if began is None:
        return ()
    for raw in (entry.events, entry.frames):
        try:
            told = msgspec.json.decode(raw, type=list[_Message])[:MOST_EVENTS]
        except UNREADABLE:
            continue
        came = [one.time - began for one in told if _is_number(one.time) and one.type != "send"]
        kept = tuple(sorted(round(one, 4) for one in came if 0 <= one < LONGEST_S))
        if kept:
            return kept
    return ()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
