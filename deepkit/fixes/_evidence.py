"""Reading evidence: what several fixes ask of it."""

from collections.abc import Iterable, Mapping

from deepkit.checks import (
    ChatPlain,
    ChatStream,
    Connect,
    Conversation,
    Har,
    Http,
    Key,
    RecordedQuestion,
    Text,
    Web,
)
from deepkit.records import Evidence, Observation, Verdict

OVERLOAD = frozenset({
    "http_503", "empty_body", "stream_silent", "queue_timeout", "insufficient_system_resource",
})  # fmt: skip
"""Failures with which DeepSeek says that its servers are full (docs/guide-claims.md, B1)."""

SERVER = OVERLOAD | {"http_429", "http_500", "http_502", "http_504", "http_5xx", "stream_cut", "stream_error"}
"""Failures that a server sent or caused after the connection stood."""

REFUSED = frozenset({"http_400", "http_401", "http_402", "http_404", "http_413", "http_422"})
"""Answers that say: this request, this key or this account will not do."""

UNREACHED = frozenset({
    "dns_nxdomain", "dns_timeout", "dns_error", "connection_refused", "connection_reset", "connect_timeout",
    "network_unreachable", "tls_untrusted", "tls_expired", "tls_hostname", "tls_handshake", "not_tls",
    "proxy_refused", "proxy_auth", "proxy_error",
})  # fmt: skip
"""Failures before any server could answer."""

_BAD = ("fault", "partial")
ASKED = (ChatStream, ChatPlain)
"""The records of the check-up's own one-line questions."""


def yes(because: str) -> Verdict:
    """Return the verdict that the fix is worth trying."""
    return Verdict("yes", because)


def no(because: str) -> Verdict:
    """Return the verdict that the fix would not help."""
    return Verdict("no", because)


def cannot_tell(because: str, regardless: str = "") -> Verdict:
    """Return the verdict that the evidence does not decide, with what holds all the same."""
    return Verdict("cannot_tell", f"{because} {regardless}".rstrip(), regardless)


def seen(evidence: Evidence, check: str) -> Observation | None:
    """Return the observation of a check that really looked, or None."""
    found = evidence.get(check)
    return found if found is not None and found.made else None


def nothing_measured(evidence: Evidence) -> Verdict | None:
    """Return cannot_tell when no check looked at anything."""
    if any(one.made for one in evidence.observations):
        return None
    return cannot_tell("Nothing was measured yet; run the check-up first.")


def all_well(evidence: Evidence) -> Verdict | None:
    """Return no when questions are answered and no check found a fault."""
    if any(one.outcome in _BAD for one in evidence.observations):
        return None
    count = answered(evidence)
    if count is not None and count[0] == count[1]:
        return no(
            f"Nothing to cure: {count[0]} of {count[1]} questions were answered and no check found a fault."
        )
    if count is None and evidence.facts(Web).ok is True:
        return no("Nothing to cure: the chat page answered and no check found a fault.")
    return None


def answered(evidence: Evidence) -> tuple[int, int] | None:
    """Return how many questions were answered, and how many were asked, by the check-up or in a recording."""
    asked = [evidence.facts(kind) for kind in ASKED]
    known = [(one.ok, one.n) for one in asked if one.ok is not None and one.n]
    if known:
        return sum(ok for ok, _ in known), sum(n for _, n in known)
    recorded = evidence.facts(Har).chat
    return (sum(map(_was_answered, recorded)), len(recorded)) if recorded else None


def _was_answered(one: RecordedQuestion) -> bool:
    return not one.failure and not one.busy


def asked_failures(evidence: Evidence) -> dict[str, int]:
    """Return how the check-up's own one-line questions failed, the most frequent failure first."""
    counted: dict[str, int] = {}
    for kind in ASKED:
        _add(counted, evidence.facts(kind).failures, seen(evidence, kind.check))
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def failures(evidence: Evidence) -> dict[str, int]:
    """Return how questions failed, those of a recording or of a pasted text included."""
    counted = asked_failures(evidence)
    if counted or any(evidence.facts(kind).n for kind in ASKED):  # where the check-up asked, that counts
        return counted
    _add(counted, evidence.facts(Har).failures, seen(evidence, "har"))
    status = f"http_{evidence.facts(Text).http_status}"
    if status in REFUSED:  # other numbers have many senders; the diagnosis weighs them
        counted.setdefault(status, 1)
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def _add(counted: dict[str, int], told: Mapping[str, int], found: Observation | None) -> None:
    """Add the failures that a check counted, or else its own."""
    own = {found.failure: 1} if found is not None and found.failure else {}
    for name, count in (told or own).items():
        counted[name] = counted.get(name, 0) + count


def among(evidence: Evidence, wanted: Iterable[str]) -> dict[str, int]:
    """Return those failures of the questions that are in a set."""
    names = set(wanted)
    return {name: count for name, count in failures(evidence).items() if name in names}


def mostly(evidence: Evidence, wanted: Iterable[str]) -> bool:
    """Tell whether at least half of the failures are in a set; False when nothing failed."""
    everything = sum(failures(evidence).values())
    return everything > 0 and 2 * sum(among(evidence, wanted).values()) >= everything


def spelled(counts: Mapping[str, int]) -> str:
    """Write counted failures for a sentence: "3 http_503, 1 empty_body"."""
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def error_text(evidence: Evidence) -> str:
    """Return the words of the server's errors, measured, recorded or pasted, in lower case."""
    answers = [evidence.facts(kind) for kind in (*ASKED, Conversation, Key, Http)]
    parts = [part for one in answers for part in (one.error_message, one.error_type)]
    parts += [one.error_message for one in evidence.facts(Har).chat]
    parts += evidence.facts(Text).signals.values()
    return " ".join(part for part in parts if part).lower()


def refused_here(evidence: Evidence) -> bool:
    """Tell whether a pasted text shows the user's own machine refusing the connection."""
    text = evidence.facts(Text)
    return "local" in (text.peer, text.failed_at, text.surface) and "refused" in text.signals


def reached(connects: Iterable[Connect]) -> tuple[list[str], list[str]]:
    """Return the addresses that answered a connect, and those that did not."""
    rows = list(connects)
    return [row.address for row in rows if not row.failure], [row.address for row in rows if row.failure]


def ratio_of(evidence: Evidence) -> str:
    """Write how many questions were answered: "2 of 6 questions were answered"."""
    count = answered(evidence)
    return f"{count[0]} of {count[1]} questions were answered" if count else "no question was asked"
