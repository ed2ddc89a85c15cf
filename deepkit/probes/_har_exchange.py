"""One exchange of a HAR file, sorted: what it was for, how it ended, what its stream held."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from deepkit.probes._har_file import Entry, body, pairs, seconds

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
BLOCKED = re.compile(
    r"ERR_BLOCKED_BY_CLIENT|blocked.?by.?(?:client|content.?blocker|extension)|blockedbyclient|"
    r"NS_ERROR_ABORT.*block|NS_ERROR_(?:BLOCKED|TRACKING)|content.?blocker",
    re.IGNORECASE,
)
ABORTED = re.compile(r"ERR_ABORTED|NS_BINDING_ABORTED|\baborted\b|cancell?ed", re.IGNORECASE)
CORS = re.compile(r"CORS|ERR_BLOCKED_BY_(?:ORB|RESPONSE)|CSP\b|ERR_BLOCKED_BY_CSP", re.IGNORECASE)
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
_ERRORS = (
    ("dns_nxdomain", r"NAME_NOT_RESOLVED|UNKNOWN_HOST|getaddrinfo|Name or service|nodename nor"),
    (
        "network_unreachable",
        r"INTERNET_DISCONNECTED|ADDRESS_UNREACHABLE|NS_ERROR_OFFLINE|unreachable|network connection was lost",
    ),
    (
        "connection_refused",
        r"CONNECTION_REFUSED|connection refused|actively refused|Errno (?:61|111)\b|Could not connect",
    ),
    (
        "connect_timeout",
        r"CONNECTION_TIMED_OUT|ERR_TIMED_OUT|NET_TIMEOUT|Errno (?:60|110)\b|Connect call failed|timed out",
    ),
    (
        "connection_reset",
        r"CONNECTION_(?:RESET|CLOSED|ABORTED)|NET_RESET|NET_INTERRUPT|reset by peer|EMPTY_RESPONSE|server disconnect",
    ),
    ("tls_untrusted", r"CERT_AUTHORITY_INVALID|UNKNOWN_ISSUER|CERT_INVALID|SELF_SIGNED|certificate verify"),
    ("tls_expired", r"CERT_DATE_INVALID|EXPIRED_CERTIFICATE"),
    ("tls_hostname", r"CERT_COMMON_NAME|BAD_CERT_DOMAIN"),
    ("tls_handshake", r"ERR_SSL|SSL_ERROR|SEC_ERROR|TLS|handshake"),
    ("proxy_auth", r"PROXY_AUTH"),
    ("proxy_refused", r"PROXY_CONNECTION_FAILED|TUNNEL_CONNECTION_FAILED|NS_ERROR_PROXY|ERR_PROXY"),
    ("stream_cut", r"INCOMPLETE_CHUNKED|HTTP2_|QUIC_|PARTIAL_TRANSFER|CONTENT_LENGTH_MISMATCH"),
)
"""Names of Chromium, Firefox, Safari and of intercepting proxies, to DeepKit's."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one entry comes down to; `error` is the exporter's own word for a request that never was."""

    host: str
    path: str
    method: str
    kind: str
    status: int
    error: str
    failure: str | None
    text: str
    headers: Mapping[str, str]
    cookie_bytes: int
    cached: bool
    worker: bool
    wait_s: float | None
    receive_s: float | None
    total_s: float | None


def place(url: str) -> tuple[str, str]:
    """Return host and path of an address; the query, where tokens stand, is dropped."""
    try:
        split = urlsplit(url)
        return (split.hostname or "").lower(), split.path or "/"
    except ValueError:
        return "", ""


def sort(entry: Entry, host: str, path: str) -> Exchange:
    """Take one entry apart.

    Args:
        entry: As decoded.
        host: Its host.
        path: Its path.

    Returns:
        The exchange; its text is read only for chat, session, page and failed ones.
    """
    assert entry.request is not None
    response = entry.response
    status = response.status if response is not None and isinstance(response.status, int) else 0
    error = _error(entry, status)
    headers = pairs(response.headers) if response is not None else {}
    sent = pairs(entry.request.headers)
    kind = _kind(path, entry, headers)
    read = response is not None and (kind in ("chat", "session", "page") or status >= 400)
    timings = entry.timings
    return Exchange(
        host=host,
        path=path[:200],
        method=str(entry.request.method)[:10],
        kind=kind,
        status=max(0, status),
        error=error,
        failure=_failure(status, error),
        text=body(response.content) if read and response is not None else "",
        headers=headers,
        cookie_bytes=len(sent.get("cookie", "").encode()),
        cached=_cached(entry, status),
        worker=_worker(entry),
        wait_s=seconds(timings.wait) if timings else None,
        receive_s=seconds(timings.receive) if timings else None,
        total_s=seconds(entry.time),
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
    if entry.charles_status not in (None, "COMPLETE"):
        words.append(entry.charles_status)
    if entry.was_blocked:
        words.append("blocked by extension")
    return " ".join(str(word) for word in words if word)[:200]


def _failure(status: int, error: str) -> str | None:
    if BLOCKED.search(error):
        return "blocked_by_client"
    if status <= 0 or error:
        for name, pattern in _ERRORS:
            if re.search(pattern, error, re.IGNORECASE):
                return name
    if status <= 0:
        return "interrupted" if ABORTED.search(error) else "unknown"
    if status < 400:
        return None
    named = {400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 504}
    return f"http_{status}" if status in named else f"http_{status // 100}xx"


def _cached(entry: Entry, status: int) -> bool:
    return bool(entry.from_cache) or str(entry.fetch_type).lower().endswith("cache") or status == 304


def _worker(entry: Entry) -> bool:
    via = entry.response.via_worker if entry.response is not None else None
    return (
        bool(via)
        or "service worker" in str(entry.fetch_type).lower()
        or "service-worker" in str(entry.from_cache)
    )


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
