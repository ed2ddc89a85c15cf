"""What is out of the ordinary although it explains no failure: a clock that is off, slow answers, slow lookups."""

from collections.abc import Iterator

from deepkit.checks import ChatPlain, ChatStream, DnsSystem, Http, LocalNet, Path, Web
from deepkit.records import Evidence

CLOCK_S = 300.0
"""Logins and certificates bear a clock that is off by less, in seconds (Kerberos, RFC 4120: five minutes)."""
SLOW_ANSWER_S, SLOW_LOOKUP_S, SLOW_EXCHANGE_S = 3.0, 2.0, 1.0
"""From when on a wait is worth a sentence, in seconds: to the first word, for a name, for a small exchange."""


def notes(evidence: Evidence) -> tuple[str, ...]:
    """Return one sentence for each thing that a person should know of although nothing fails by it."""
    return (*_clock(evidence), *_waits(evidence))


def unasked(evidence: Evidence) -> Iterator[str]:
    """Yield one sentence for each question that was not asked: what is called healthy does not cover it."""
    if evidence.settings.surface == "web":
        if evidence.facts(Web).asked is False:
            yield "Not looked at: an answer on the chat page, which needs your login; only the page itself was."
        return
    for name, what in ((ChatStream.check, "streamed answers"), (ChatPlain.check, "unstreamed answers")):
        seen = evidence.get(name)
        if seen is not None and seen.outcome == "not_checked":
            why = (seen.reason or "no question was asked").rstrip(".")
            yield f"Not looked at: {what} ({why})."


def _clock(evidence: Evidence) -> Iterator[str]:
    net = evidence.facts(LocalNet)
    offset = net.clock_offset_s
    if offset is not None and abs(offset) - (net.clock_bound_s or 0.0) > CLOCK_S:
        way = "ahead of" if offset > 0 else "behind"
        yield f"This machine's clock is {_span(abs(offset))} {way} the server's; set it right."


def _span(seconds: float) -> str:
    """Write a span for a person: "2.0 days", "7 minutes"."""
    if seconds >= 2 * 3600:
        return f"{seconds / 86400:.1f} days" if seconds >= 86400 else f"{seconds / 3600:.1f} hours"
    return f"{seconds / 60:.0f} minutes"


def _waits(evidence: Evidence) -> Iterator[str]:
    streamed, whole = evidence.facts(ChatStream), evidence.facts(ChatPlain)
    words = [one for one in (streamed.reasoning_s, streamed.answer_s) if one is not None]
    first = min(words) if words else whole.headers_s if whole.ok else None
    if first is not None and first >= SLOW_ANSWER_S:
        yield f"Answers are slow: the first word came after {first:.1f} s (median)."
    exchange = evidence.facts(Path).exchange_median_s
    if exchange is not None and exchange >= SLOW_EXCHANGE_S and evidence.facts(Http).status is not None:
        yield f"Even a small exchange with the server takes {exchange:.1f} s (median)."
    lookup = evidence.facts(DnsSystem).elapsed_s
    if lookup is not None and lookup >= SLOW_LOOKUP_S:
        yield f"Looking up the server's name took {lookup:.1f} s; another name server may be faster."
