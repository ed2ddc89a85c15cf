"""From the exchanges of a recording to the facts of check `har`; `deepkit.checks.Har` says what they mean."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from statistics import median

from deepkit.checks import BlockedRequest, Har, RecordedQuestion, StaleAsset
from deepkit.probes._peers import classify
from deepkit.probes.har.exchanges import Exchange, message_in, place
from deepkit.probes.har.wordings import browser_rule, words_of

COOKIE_LIMIT = 8_000
"""Request cookies beyond this many bytes are refused by common servers (nginx and openresty: 8 kB a header line)."""
LISTED = 10
"""Most entries that any list of facts keeps."""
_HASHED = re.compile(r"[.\-_][0-9a-zA-Z]{6,}\.(?:chunk\.)?(?:m?js|css|wasm)$")
_LOGIN = re.compile(r"/(?:sign_?in|log_?in|auth)\b", re.IGNORECASE)


def findings_of(own: Sequence[Exchange], side: Sequence[Exchange]) -> Har:
    """Say what a recording shows.

    Args:
        own: The exchanges with DeepSeek.
        side: The failed ones with others.

    Returns:
        The facts; what the recording does not say is None.
    """
    kinds = {kind: [one for one in own if one.kind == kind] for kind in ("chat", "session", "page", "asset")}
    asked = [one.question for one in kinds["chat"] if one.question is not None and one.method != "OPTIONS"]
    sessions = [one.status for one in kinds["session"] if one.status]
    rules = Counter(name for one in own if not one.status and (name := browser_rule(one.error)))
    found = Har(
        surface="web" if any("/api/v" in one.path or one.kind in ("page", "asset") for one in own) else "api",
        chat=tuple(asked[-LISTED:]),
        failures=Counter(one.failure for one in own if one.failure not in (None, "interrupted")),
        statuses=Counter(str(one.status) for one in own if one.status),
        blocked=tuple(_blocked(one) for one in own if one.failure == "blocked_by_client")[:LISTED],
        blocked_side=sum(one.failure == "blocked_by_client" for one in side),
        refused=rules,
        cors=rules["cors"] > 0,
        from_cache=sum(one.cached for one in own),
        service_worker=sum(one.worker for one in own),
        aborted=sum(one.failure == "interrupted" for one in own),
        busy_text=next((one.busy for one in asked if one.busy), None),
        page_status=next((one.status for one in reversed(kinds["page"]) if one.status), None),
        stale_assets=_stale(kinds["asset"]),
        cookie_bytes=max((one.cookie_bytes for one in own if one.cookie_bytes is not None), default=None),
        oversized_cookies=any(_refuses_cookies(one) for one in own),
        session_status=sessions[-1] if sessions else None,
        session_error=_session_error(own),
        login_redirect=any(_LOGIN.search(place(one.sent_to)[1]) for one in own if one.sent_to) or None,
        challenge=next((name for one in own if (name := _challenge(one))), None),
        portal=any(one.status == 511 or _is_private(one.sent_to) for one in own) or None,
        clock_offset_s=_clock_offset(own),
        offline=all(one.failure == "network_unreachable" for one in own if not one.cached),
    )
    return replace(found, ok=_all_well(found))


def _stale(assets: Sequence[Exchange]) -> tuple[StaleAsset, ...]:
    lost = [one for one in assets if one.status in (404, 410) and _HASHED.search(one.path)]
    return tuple(StaleAsset(one.path, one.status) for one in lost[:LISTED])


def _blocked(one: Exchange) -> BlockedRequest:
    by = "devtools" if words_of("devtools", one.error) else None
    return BlockedRequest(one.path, one.kind, one.error[:80], by)


def _refuses_cookies(one: Exchange) -> bool:
    """Tell whether the server refuses a request for its cookies: it says so, or they are large."""
    if one.status == 431 or (one.status == 400 and (one.cookie_bytes or 0) > COOKIE_LIMIT):
        return True
    return one.status in (400, 413) and words_of("cookies_too_large", one.text) is not None


def _session_error(own: Sequence[Exchange]) -> str | None:
    """Return the words of the last answer that refuses the login."""
    for one in reversed(own):
        told = one.kind != "page" and words_of("token_refused", one.text[:2000])
        if told or one.status in (401, 419):
            return message_in(one.text) or f"status {one.status}"
    return None


def _challenge(one: Exchange) -> str | None:
    """Name the bot check that answered in place of DeepSeek, if one did."""
    mitigated = one.headers.get("cf-mitigated") or one.headers.get("x-amzn-waf-action")
    refused = one.status in (202, 403, 405, 429, 503)
    if not mitigated and not (refused and words_of("bot_check", one.text)):
        return None
    return "cloudflare" if "cf-mitigated" in one.headers or "cf-" in one.text.lower() else "challenge"


def _is_private(url: str) -> bool:
    host = place(url)[0] if "://" in url else ""
    return bool(host) and classify(host)[0] == "private"


def _clock_offset(own: Sequence[Exchange]) -> float | None:
    offsets = [offset for one in own if (offset := _ahead_s(one)) is not None]
    return round(median(offsets), 1) if offsets else None


def _ahead_s(one: Exchange) -> float | None:
    """Return how far the user's clock is ahead of the server's, in seconds; the header has whole seconds only."""
    date = one.headers.get("date")
    if one.cached or one.began is None or one.wait_s is None or not date:
        return None
    try:
        return one.began + one.wait_s - (parsedate_to_datetime(date).timestamp() + 0.5)
    except (ValueError, OverflowError, TypeError):
        return None


def has_troubles(found: Har) -> bool:
    """Tell whether something keeps a recording from being well, whatever became of its questions."""
    listed = (found.blocked, found.stale_assets, found.challenge, found.busy_text, found.session_error)
    return any((*listed, found.offline, found.oversized_cookies, found.portal))


def _all_well(found: Har) -> bool:
    return bool(found.chat) and all(map(_was_answered, found.chat)) and not has_troubles(found)


def _was_answered(one: RecordedQuestion) -> bool:
    failed = one.status != 200 or one.failure or one.busy
    return not failed and bool(one.events or not one.recorded)


def first_failure(found: Har) -> str | None:
    """Return the failure of the last question, else the most frequent one."""
    asked = [one.failure for one in found.chat if one.failure]
    if asked:
        return asked[-1]
    return max(found.failures, key=lambda name: found.failures[name]) if found.failures else None
