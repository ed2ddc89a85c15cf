"""Check `har`: a browser's recording of the failing page, taken apart into facts.

Facts (a missing key means that the recording does not say):

    exporter, entries, bad_entries   who wrote it, how many exchanges, how many unreadable
    cut            the file ends before its end; what is whole was read
    deepseek       exchanges with DeepSeek; 0 means that the file does not contain it
    surface        web or api
    chat           the last 10 questions: [{status, failure, wait_s, receive_s, total_s, first_event_s, gap_max_s,
                   recorded, busy, finished, keep_alives, events, blank, error_message}]
    failures       {name: count} of DeepSeek's exchanges; `statuses` {status: count}
    blocked        own requests stopped by the browser: [{path, kind, error, by}]; `blocked_side` counts others'
    refused        {rule: count} stopped by the browser's own rules: cors, orb, csp, mixed_content, administrator
    page_status, session_status, session_error, login_redirect, stale_assets [{path, status}]
    cookie_bytes (only where the export has cookies), oversized_cookies
    busy_text, challenge, portal, cors, offline, from_cache, service_worker, aborted
    clock_offset_s how far the user's clock is ahead of the server's
    look_alikes    hosts that bear DeepSeek's name without being DeepSeek's
    ok             every recorded question was answered, and nothing else failed

Reads the recordings of Chrome, Edge, Firefox, Safari, Charles, mitmproxy and Playwright.
Headers, cookies, queries and texts are never kept; paths are.
"""

import time
from collections import deque
from functools import lru_cache
from pathlib import Path
from typing import Any

from deepkit.checks import Har, checked
from deepkit.probes import _har_exchange as exchange
from deepkit.probes._har_exchange import Exchange
from deepkit.probes._har_facts import LISTED, TROUBLES, facts_of, first_failure
from deepkit.probes._har_file import Recording
from deepkit.probes._har_source import MOST_BYTES
from deepkit.probes._peers import classify
from deepkit.records import Observation, Outcome
from deepkit.redaction import Redactor

MOST_KEPT = 2_000
"""Most exchanges of a kind that the facts are drawn from, the last ones of the recording."""
RECORD = "Record while the chat page fails, with the network panel open before you ask."


def read_har(path_or_bytes: str | Path | bytes, *, max_bytes: int = MOST_BYTES) -> Observation:
    """Read a HAR file without any network, in memory that does not grow with the file.

    Args:
        path_or_bytes: The file's path, or its content; gzip, UTF-16 and a byte order mark are undone.
        max_bytes: Larger files are refused, packed or not.

    Returns:
        The observation of check `har`. Without any exchange with DeepSeek its outcome is
        not_checked; when all is well as far as a cut-off file goes, partial. Nothing secret is in it.

    Raises:
        UsageError: When the file cannot be read as a HAR file; the message says what to do.
    """
    started = time.perf_counter()
    recording = Recording(path_or_bytes, max_bytes)
    own, side, look_alikes = _sorted(recording)
    facts: dict[str, Any] = {
        "exporter": recording.exporter,
        "entries": recording.seen,
        "bad_entries": recording.bad,
        "deepseek": len(own),
        "look_alikes": look_alikes[:LISTED],
    }
    if recording.cut:
        facts["cut"] = True
    outcome: Outcome = "not_checked"
    failure, reason = None, f"{_missing(recording.seen)} {RECORD}"
    if own:
        facts |= facts_of(own, side)
        failure = first_failure(facts)
        outcome, told = _judged(facts, cut=recording.cut)
        facts["ok"] = outcome == "ok"
        reason = f"{len(own)} of {recording.seen} exchanges are with DeepSeek; {told}"
    if recording.cut:
        reason += " The file is cut off; only what stands before the cut was read."
    clean = Redactor().redact_tree(facts)
    took = time.perf_counter() - started
    return Observation("har", outcome, failure, checked(Har, clean), reason, elapsed_s=took)


def _judged(facts: dict[str, Any], *, cut: bool) -> tuple[Outcome, str]:
    """Say how the recording ends, and the same in words."""
    if facts["ok"]:
        return ("partial", "as far as it goes they are answered.") if cut else ("ok", "they are answered.")
    if not facts["chat"] and not facts["failures"] and not any(facts.get(name) for name in TROUBLES):
        return "partial", f"nothing failed, but no question was recorded. {RECORD}"
    return "fault", "they are not all well."


def _missing(seen: int) -> str:
    if not seen:
        return "The recording holds no exchange at all."
    return f"The recording has {seen} exchange{'s' * (seen != 1)} and none with DeepSeek: it does not contain it."


def _sorted(recording: Recording) -> tuple[list[Exchange], list[Exchange], list[str]]:
    """Split into DeepSeek's exchanges and failed others; a loopback host counts when it answers the chat's paths."""
    own, side, local = (deque[Exchange](maxlen=MOST_KEPT) for _ in range(3))
    asked_here: set[str] = set()
    strange: dict[str, None] = {}
    for entry in recording.entries():
        assert entry.request is not None
        host, kind = _known(exchange.origin(entry.request.url))
        if kind == "look_alike" and len(strange) < LISTED:
            strange[host] = None
        if kind in ("official", "local", "proxy"):
            one = exchange.sort(entry, host)
            (own if kind == "official" else local).append(one)
            if kind != "official" and one.kind == "chat" and len(asked_here) < MOST_KEPT:
                asked_here.add(host)
        elif entry.response is None or exchange.whole(entry.response.status) <= 0:
            side.append(exchange.sort(entry, host))
    mine = [*own, *(one for one in local if one.host in asked_here)]
    return mine, list(side), list(strange)


@lru_cache(maxsize=1024)
def _known(origin: str) -> tuple[str, str]:
    """Return the host of an address's beginning and what kind of peer it is."""
    host, _ = exchange.place(origin)
    return host, classify(host)[0] if host else "side"
