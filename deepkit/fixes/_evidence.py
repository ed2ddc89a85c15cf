"""Reading evidence: what several fixes ask of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from deepkit.records import Answer, Evidence, Observation, Verdict

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
_BLIND = ("not_checked", "check_failed")


def yes(because: str) -> Verdict:
    """Return the verdict that the fix is worth trying."""
    return Verdict("yes", because)


def no(because: str) -> Verdict:
    """Return the verdict that the fix would not help."""
    return Verdict("no", because)


def cannot_tell(because: str) -> Verdict:
    """Return the verdict that the evidence does not decide."""
    return Verdict("cannot_tell", because)


def seen(evidence: Evidence, check: str) -> Observation | None:
    """Return the observation of a check that really looked, or None."""
    found = evidence.get(check)
    return None if found is None or found.outcome in _BLIND else found


def facts(evidence: Evidence, check: str) -> Mapping[str, Any]:
    """Return a check's facts; nothing when it did not look."""
    found = seen(evidence, check)
    return found.facts if found else {}


def entries(evidence: Evidence, check: str, key: str) -> list[Mapping[str, Any]]:
    """Return a list of objects among a check's facts; anything else there is left out."""
    value = facts(evidence, check).get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []


def nothing_measured(evidence: Evidence) -> Verdict | None:
    """Return cannot_tell when no check looked at anything."""
    if any(one.outcome not in _BLIND for one in evidence.observations):
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
    web = facts(evidence, "web")
    if count is None and web.get("ok") is True:
        return no("Nothing to cure: the chat page answered and no check found a fault.")
    return None


def answered(evidence: Evidence) -> tuple[int, int] | None:
    """Return how many questions were answered, and how many were asked, by the check-up or in a recording."""
    asked = [facts(evidence, name) for name in ("chat.stream", "chat.plain")]
    known = [(int(one["ok"]), int(one["n"])) for one in asked if one.get("ok") is not None and one.get("n")]
    if known:
        return sum(ok for ok, _ in known), sum(n for _, n in known)
    recorded = entries(evidence, "har", "chat")
    if not recorded:
        return None
    good = [one for one in recorded if not one.get("failure") and not one.get("busy")]
    return len(good), len(recorded)


def asked_failures(evidence: Evidence) -> dict[str, int]:
    """Return how the check-up's own one-line questions failed, the most frequent failure first."""
    counted: dict[str, int] = {}
    for check in ("chat.stream", "chat.plain"):
        found = seen(evidence, check)
        if found is not None:
            _add(counted, found.facts.get("failures"), found.failure)
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def failures(evidence: Evidence) -> dict[str, int]:
    """Return how questions failed, those of a recording or of a pasted text included."""
    counted = asked_failures(evidence)
    if counted:
        return counted
    for check in ("chat.stream", "chat.plain"):
        if facts(evidence, check).get("n"):
            return {}  # the check-up asked, and nothing failed
    found = seen(evidence, "har")
    if found is not None:
        _add(counted, found.facts.get("failures"), found.failure)
    status = f"http_{facts(evidence, 'text').get('http_status')}"
    if status in REFUSED:  # other numbers have many senders; the diagnosis weighs them
        counted.setdefault(status, 1)
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def _add(counted: dict[str, int], told: object, failure: str | None) -> None:
    if isinstance(told, Mapping) and told:
        for name, count in told.items():
            counted[str(name)] = counted.get(str(name), 0) + int(count)
    elif failure:
        counted[failure] = counted.get(failure, 0) + 1


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
    checks = ("chat.stream", "chat.plain", "conversation", "key", "http")
    parts = [facts(evidence, check).get(key) for check in checks for key in ("error_message", "error_type")]
    parts += [one.get("error_message") for one in entries(evidence, "har", "chat")]
    signals = facts(evidence, "text").get("signals")
    parts += list(signals.values()) if isinstance(signals, Mapping) else []
    return " ".join(str(part) for part in parts if part).lower()


def ratio_of(evidence: Evidence) -> str:
    """Write how many questions were answered: "2 of 6 questions were answered"."""
    count = answered(evidence)
    return f"{count[0]} of {count[1]} questions were answered" if count else "no question was asked"


def answer_of(verdict: Verdict) -> Answer:
    """Return a check's answer with its type."""
    assert verdict.answer in ("yes", "no", "cannot_tell"), verdict
    return verdict.answer
