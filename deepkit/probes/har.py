"""Check `har`: a browser's recording of the failing page, taken apart into facts.

Facts (a missing key means that the recording does not say):

    exporter, entries, bad_entries   who wrote it, how many exchanges, how many unreadable
    deepseek       exchanges with DeepSeek; 0 means that the file does not contain it
    surface        web or api
    chat           the last 10 questions: [{status, failure, wait_s, receive_s, total_s, recorded,
                   busy, finished, keep_alives, events, blank}]
    failures       {name: count} of DeepSeek's exchanges; `statuses` {status: count}
    blocked        own requests stopped by the browser: [{path, kind, error}]; `blocked_side` counts others'
    page_status, session_status, session_error, stale_assets [{path, status}], oversized_cookies
    busy_text, challenge, cors, offline, cookie_bytes, from_cache, service_worker, aborted
    look_alikes    hosts that bear DeepSeek's name without being DeepSeek's
    ok             every recorded question was answered, and nothing else failed

Reads the recordings of Chrome, Edge, Firefox, Safari, Charles, mitmproxy and Playwright.
Headers, cookies, queries and texts are never kept; paths are.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deepkit.probes import _har_exchange as exchange
from deepkit.probes._har_exchange import Exchange
from deepkit.probes._har_file import MOST_BYTES, Recording
from deepkit.probes._peers import classify
from deepkit.records import Observation
from deepkit.redaction import Redactor

COOKIE_LIMIT = 8_000
"""Request cookies beyond this many bytes are refused by common servers (nginx and openresty: 8 kB a header line)."""
LISTED = 10
"""Most entries that any list of facts keeps."""


def read_har(path_or_bytes: str | Path | bytes, *, max_bytes: int = MOST_BYTES) -> Observation:
    """Read a HAR file without any network.

    Args:
        path_or_bytes: The file's path, or its content.
        max_bytes: Larger files are refused.

    Returns:
        The observation of check `har`. Without any exchange with DeepSeek its outcome is
        not_checked. Nothing secret is in it.

    Raises:
        UsageError: When the file cannot be read as a HAR file; the message says what to do.
    """
    started = time.perf_counter()
    recording = Recording(path_or_bytes, max_bytes)
    own, side, look_alikes = _sorted(recording)
    facts: dict[str, Any] = {
        "exporter": recording.exporter,
        "entries": len(recording),
        "bad_entries": recording.bad,
        "deepseek": len(own),
        "look_alikes": look_alikes[:LISTED],
    }
    if not own:
        reason = (
            f"The recording has {len(recording)} exchanges and none with DeepSeek: it does not contain it. "
        )
        reason += "Record while the chat page fails, with the network panel open before you ask."
        return Observation(
            "har", "not_checked", facts=facts, reason=reason, elapsed_s=time.perf_counter() - started
        )
    facts |= _facts(own, side)
    facts["ok"] = _all_well(facts)
    answered = "answered" if facts["ok"] else "not all well"
    reason = f"{len(own)} of {len(recording)} exchanges are with DeepSeek; they are {answered}."
    clean = Redactor().redact_tree(facts)
    return Observation(
        "har",
        "ok" if facts["ok"] else "fault",
        _first_failure(facts),
        clean,
        reason,
        elapsed_s=time.perf_counter() - started,
    )


def _sorted(recording: Recording) -> tuple[list[Exchange], list[Exchange], list[str]]:
    """Split into DeepSeek's exchanges and failed others; a loopback host counts when it answers the chat's paths."""
    own: list[Exchange] = []
    side: list[Exchange] = []
    local: list[Exchange] = []
    asked_here: set[str] = set()
    strange: dict[str, None] = {}
    for entry in recording.entries():
        assert entry.request is not None
        host, path = exchange.place(str(entry.request.url))
        kind = classify(host)[0] if host else "side"
        if kind == "look_alike":
            strange[host] = None
        if kind in ("official", "local", "proxy"):
            one = exchange.sort(entry, host, path)
            (own if kind == "official" else local).append(one)
            if kind != "official" and one.kind == "chat":
                asked_here.add(host)
        elif (
            entry.response is None or not isinstance(entry.response.status, int) or entry.response.status <= 0
        ):
            side.append(exchange.sort(entry, host, path))
    own += [one for one in local if one.host in asked_here]
    return own, side, list(strange)


def _facts(own: list[Exchange], side: list[Exchange]) -> dict[str, Any]:
    kinds = {kind: [one for one in own if one.kind == kind] for kind in ("chat", "session", "page", "asset")}
    blocked = [one for one in own if one.failure == "blocked_by_client"]
    facts: dict[str, Any] = {
        "surface": "web"
        if any("/api/v" in one.path or one.kind in ("page", "asset") for one in own)
        else "api",
        "chat": [_question(one) for one in kinds["chat"] if one.method != "OPTIONS"][-LISTED:],
        "failures": dict(Counter(one.failure for one in own if one.failure and one.failure != "interrupted")),
        "statuses": dict(Counter(str(one.status) for one in own if one.status)),
        "blocked": [{"path": one.path, "kind": one.kind, "error": one.error[:80]} for one in blocked][
            :LISTED
        ],
        "blocked_side": sum(one.failure == "blocked_by_client" for one in side),
        "page_status": next((one.status for one in reversed(kinds["page"]) if one.status), None),
        "stale_assets": [
            {"path": one.path, "status": one.status}
            for one in kinds["asset"]
            if one.status in (404, 410) and exchange.HASHED.search(one.path)
        ][:LISTED],
        "cookie_bytes": max((one.cookie_bytes for one in own), default=0),
        "from_cache": sum(one.cached for one in own),
        "service_worker": sum(one.worker for one in own),
        "aborted": sum(one.failure == "interrupted" for one in own),
        "offline": bool(own) and all(one.failure == "network_unreachable" for one in own if not one.cached),
        "cors": any(exchange.CORS.search(one.error) for one in own),
        "challenge": _challenge(own),
        "busy_text": _busy(kinds["chat"]),
    }
    facts["oversized_cookies"] = any(
        one.status == 431 or (one.status in (400, 413) and exchange.TOO_LARGE.search(one.text)) for one in own
    ) or (facts["cookie_bytes"] > COOKIE_LIMIT and any(one.status in (400, 431) for one in own))
    return {key: value for key, value in (facts | _session(own)).items() if value is not None}


def _question(one: Exchange) -> dict[str, Any]:
    known = {
        "status": one.status,
        "failure": one.failure,
        "wait_s": one.wait_s,
        "receive_s": one.receive_s,
        "total_s": one.total_s,
        **exchange.stream_facts(one.text),
    }
    if one.status >= 400:
        known["error_message"] = _message(one.text)
    return {key: value for key, value in known.items() if value is not None}


def _message(text: str) -> str | None:
    found = re.search(r"\"(?:message|msg|biz_msg)\"\s*:\s*\"([^\"]{1,200})\"", text)
    return found[1] if found else None


def _busy(chat: Iterable[Exchange]) -> str | None:
    return next(
        (str(held["busy"]) for one in chat if (held := exchange.stream_facts(one.text))["busy"]), None
    )


def _challenge(own: list[Exchange]) -> str | None:
    """Name the bot check that answered in place of DeepSeek, if one did."""
    for one in own:
        mitigated = one.headers.get("cf-mitigated") or one.headers.get("x-amzn-waf-action")
        refused = one.status in (202, 403, 405, 429, 503)
        if mitigated or (refused and exchange.CHALLENGE.search(one.text)):
            return (
                "cloudflare"
                if "cf-mitigated" in one.headers or "cf-" in one.text[:20000].lower()
                else "challenge"
            )
    return None


def _session(own: list[Exchange]) -> dict[str, Any]:
    """Look at the login: the last session answer, and any answer that refuses the token."""
    answers = [one for one in own if one.kind == "session" and one.status]
    refused = [
        one
        for one in own
        if one.status in (401, 419)
        or (one.text and one.kind != "page" and exchange.TOKEN.search(one.text[:2000]))
    ]
    found: dict[str, Any] = {}
    if answers:
        found["session_status"] = answers[-1].status
    if refused:
        found["session_error"] = _message(refused[-1].text) or f"status {refused[-1].status}"
    return found


def _all_well(facts: dict[str, Any]) -> bool:
    chat = facts["chat"]
    answered = all(
        one.get("status") == 200 and not one.get("busy") and (one.get("events") or not one.get("recorded"))
        for one in chat
    )
    troubles = (
        "blocked",
        "stale_assets",
        "challenge",
        "busy_text",
        "session_error",
        "offline",
        "oversized_cookies",
    )
    return bool(chat) and answered and not any(facts.get(name) for name in troubles)


def _first_failure(facts: dict[str, Any]) -> str | None:
    """The failure of the last question, else the most frequent one."""
    asked = [one["failure"] for one in facts["chat"] if one.get("failure")]
    if asked:
        return str(asked[-1])
    return str(max(facts["failures"], key=facts["failures"].get)) if facts["failures"] else None
