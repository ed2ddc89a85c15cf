"""From the exchanges of a recording to the facts of check `har`; see `har.py` for their meaning."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from statistics import median
from typing import Any

from deepkit.probes import _har_exchange as exchange
from deepkit.probes._har_errors import INSPECTOR, refusal
from deepkit.probes._har_exchange import Exchange
from deepkit.probes._har_times import clock_offset
from deepkit.probes._peers import classify

COOKIE_LIMIT = 8_000
"""Request cookies beyond this many bytes are refused by common servers (nginx and openresty: 8 kB a header line)."""
LISTED = 10
"""Most entries that any list of facts keeps."""
_LOGIN = re.compile(r"/(?:sign_?in|log_?in|auth)\b", re.IGNORECASE)
_SAID = re.compile(r"\"(?:message|msg|biz_msg)\"\s*:\s*\"([^\"]{1,200})\"")
TROUBLES = (
    "blocked",
    "stale_assets",
    "challenge",
    "busy_text",
    "session_error",
    "offline",
    "oversized_cookies",
    "portal",
)
"""Facts that keep a recording from being well."""


def facts_of(own: list[Exchange], side: list[Exchange]) -> dict[str, Any]:
    """Say what a recording shows.

    Args:
        own: The exchanges with DeepSeek.
        side: The failed ones with others.

    Returns:
        The facts; what the recording does not say is left out.
    """
    kinds = {kind: [one for one in own if one.kind == kind] for kind in ("chat", "session", "page", "asset")}
    asked = [one for one in kinds["chat"] if one.method != "OPTIONS"]
    web = any("/api/v" in one.path or one.kind in ("page", "asset") for one in own)
    found = {
        "surface": "web" if web else "api",
        "chat": [_question(one) for one in asked][-LISTED:],
        "failures": dict(Counter(one.failure for one in own if one.failure not in (None, "interrupted"))),
        "statuses": dict(Counter(str(one.status) for one in own if one.status)),
        "from_cache": sum(one.cached for one in own),
        "service_worker": sum(one.worker for one in own),
        "aborted": sum(one.failure == "interrupted" for one in own),
        "busy_text": _busy(asked),
        "page_status": next((one.status for one in reversed(kinds["page"]) if one.status), None),
        "stale_assets": _stale(kinds["asset"]),
        **_stopped(own, side),
        **_cookies(own),
        **_session(own),
        **_elsewhere(own),
    }
    found["offline"] = all(one.failure == "network_unreachable" for one in own if not one.cached)
    found["ok"] = _all_well(found)
    return {key: value for key, value in found.items() if value is not None}


def _question(one: Exchange) -> dict[str, Any]:
    times = one.event_times
    known = {
        "status": one.status,
        "failure": one.failure,
        "wait_s": one.wait_s,
        "receive_s": one.receive_s,
        "total_s": one.total_s,
        "first_event_s": times[0] if times else None,
        "gap_max_s": round(max(b - a for a, b in pairwise(times)), 4) if len(times) > 1 else None,
        **one.stream,
    }  # fmt: skip
    if one.status >= 400:
        known["error_message"] = _message(one.text)
    return {key: value for key, value in known.items() if value is not None}


def _message(text: str) -> str | None:
    found = _SAID.search(text)
    return found[1] if found else None


def _busy(chat: Iterable[Exchange]) -> str | None:
    return next((str(one.stream["busy"]) for one in chat if one.stream.get("busy")), None)


def _stale(assets: list[Exchange]) -> list[dict[str, Any]]:
    lost = [one for one in assets if one.status in (404, 410) and exchange.HASHED.search(one.path)]
    return [{"path": one.path, "status": one.status} for one in lost][:LISTED]


def _stopped(own: list[Exchange], side: list[Exchange]) -> dict[str, Any]:
    """Look at what the browser itself stopped: by extensions, by its developer tools, by its own rules."""
    blocked = [one for one in own if one.failure == "blocked_by_client"]
    rows = [
        {"path": one.path, "kind": one.kind, "error": one.error[:80]}
        | ({"by": "devtools"} if INSPECTOR.search(one.error) else {})
        for one in blocked
    ]
    rules = Counter(name for one in own if not one.status and (name := refusal(one.error)))
    return {
        "blocked": rows[:LISTED],
        "blocked_side": sum(one.failure == "blocked_by_client" for one in side),
        "refused": dict(rules) or None,
        "cors": rules["cors"] > 0,
    }


def _cookies(own: list[Exchange]) -> dict[str, Any]:
    """Look at the cookies; Chrome leaves them out unless told otherwise, and then their size is unknown."""
    sizes = [one.cookie_bytes for one in own if one.cookie_bytes is not None]
    most = max(sizes, default=None)
    told = any(
        one.status == 431 or (one.status in (400, 413) and exchange.TOO_LARGE.search(one.text)) for one in own
    )
    large = any(one.status in (400, 431) and (one.cookie_bytes or 0) > COOKIE_LIMIT for one in own)
    return {"cookie_bytes": most, "oversized_cookies": bool(told or large)}


def _session(own: list[Exchange]) -> dict[str, Any]:
    """Look at the login: the last session answer, any that refuses the token, the way to the login page."""
    answers = [one for one in own if one.kind == "session" and one.status]
    refused = [
        one
        for one in own
        if one.status in (401, 419) or (one.kind != "page" and exchange.TOKEN.search(one.text[:2000]))
    ]
    to_login = any(one.sent_to and _LOGIN.search(exchange.place(one.sent_to)[1]) for one in own)
    return {
        "session_status": answers[-1].status if answers else None,
        "session_error": (_message(refused[-1].text) or f"status {refused[-1].status}") if refused else None,
        "login_redirect": True if to_login else None,
    }


def _elsewhere(own: list[Exchange]) -> dict[str, Any]:
    """Look for strangers who answer in DeepSeek's name: bot checks, portals; and at the user's clock."""
    offsets = [
        offset
        for one in own
        if not one.cached and (offset := clock_offset(one.began, one.wait_s, one.headers.get("date"))) is not None
    ]  # fmt: skip
    portal = any(one.status == 511 or _private(one.sent_to) for one in own)
    return {
        "challenge": _challenge(own),
        "portal": True if portal else None,
        "clock_offset_s": round(median(offsets), 1) if offsets else None,
    }


def _private(url: str) -> bool:
    host = exchange.place(url)[0] if "://" in url else ""
    return bool(host) and classify(host)[0] == "private"


def _challenge(own: list[Exchange]) -> str | None:
    """Name the bot check that answered in place of DeepSeek, if one did."""
    for one in own:
        mitigated = one.headers.get("cf-mitigated") or one.headers.get("x-amzn-waf-action")
        refused = one.status in (202, 403, 405, 429, 503)
        if mitigated or (refused and exchange.CHALLENGE.search(one.text)):
            cloudflare = "cf-mitigated" in one.headers or "cf-" in one.text.lower()
            return "cloudflare" if cloudflare else "challenge"
    return None


def _all_well(found: dict[str, Any]) -> bool:
    chat = found["chat"]
    answered = all(
        one.get("status") == 200
        and not one.get("failure")
        and not one.get("busy")
        and (one.get("events") or not one.get("recorded"))
        for one in chat
    )
    return bool(chat) and answered and not any(found.get(name) for name in TROUBLES)


def first_failure(found: dict[str, Any]) -> str | None:
    """Return the failure of the last question, else the most frequent one."""
    asked = [one["failure"] for one in found["chat"] if one.get("failure")]
    if asked:
        return str(asked[-1])
    return str(max(found["failures"], key=found["failures"].get)) if found["failures"] else None
