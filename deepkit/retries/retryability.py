"""Which failures another attempt can cure, and what a server says about when."""

import math
from collections.abc import Mapping

RETRYABLE: frozenset[str] = frozenset({
    "dns_timeout", "dns_error",
    "connection_refused", "connection_reset", "connect_timeout", "network_unreachable", "tls_handshake",
    "proxy_refused", "proxy_error",
    "read_timeout", "deadline", "closed_early", "bad_body",
    "http_429", "http_500", "http_502", "http_503", "http_504", "http_5xx",
    "empty_body", "stream_cut", "stream_silent", "stream_error", "queue_timeout", "insufficient_system_resource",
})  # fmt: skip
"""Failures that may pass by themselves. All others of FAILURES need a change, not another attempt."""

PASSING: frozenset[str] = RETRYABLE - {
    "dns_timeout", "dns_error", "connection_refused", "connection_reset", "connect_timeout", "network_unreachable",
    "tls_handshake", "proxy_refused", "proxy_error",
}  # fmt: skip
"""Failures of a server that was reached: waiting may cure them. One that nobody can reach is not back after a wait."""

FINAL_WORDS: tuple[str, ...] = (
    "insufficient_quota",
    "exceeded your current quota",
    "quota exceeded",
    "insufficient balance",
    "insufficient_balance",
    "billing",
    "content exists risk",
    "content_filter",
    "content_policy",
)
"""Words in an error's type or message that make a retry useless, whatever its status is."""


def retryable(failure: str | None, error: str = "", *, shown: bool = False) -> bool:
    """Say whether another attempt may succeed where this one failed.

    Args:
        failure: One of `deepkit.records.FAILURES`; None is success.
        error: Type and message of the error body, where known: an exhausted quota also comes as 429.
        shown: Text of the answer was already shown to somebody.

    Returns:
        True when a retry is worth a request. Never after text was shown (a replay would show
        it twice), never for 400, 401, 402, a content block or an exhausted quota.
    """
    return not shown and failure in RETRYABLE and not is_final(error)


def is_final(error: str) -> bool:
    """Return whether an error body says that no retry can help, whatever its status."""
    text = error.lower()
    return any(word in text for word in FINAL_WORDS)


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0.0 else None


def _date(text: str, now: float) -> float | None:
    from email.utils import parsedate_to_datetime  # slow to import, rarely needed

    try:
        when = parsedate_to_datetime(text)
        if when.tzinfo is None:
            return None
        left = when.timestamp() - now
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return left if math.isfinite(left) and left >= 0.0 else None


def parse_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Read how long a server asks to be left alone.

    Args:
        headers: The answer's headers; names in any case.
        now: The present as Unix seconds, for dates.

    Returns:
        Seconds from now, or None when nothing usable is said. `retry-after-ms` goes before
        `retry-after`, which may be whole or broken seconds or an HTTP date (RFC 9110,
        section 10.2.3). Non-finite, negative, past and unreadable values are None.
    """
    found = {
        name.lower(): str(text).strip() for name, text in headers.items() if "retry-after" in name.lower()
    }
    milliseconds = _seconds(found.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000.0
    text = found.get("retry-after", "")
    if not text:
        return None
    seconds = _seconds(text)
    if seconds is not None:
        return seconds
    return _date(text, now) if any(letter in text for letter in ":,") else None
