"""From ranked accusations to the one-word verdict."""

from collections.abc import Sequence

from deepkit.causes import BY_NAME
from deepkit.checks import Text
from deepkit.diagnosis.noticed import notes, unasked
from deepkit.diagnosis.reachability import made, works
from deepkit.records import Accusation, Diagnosis, Evidence

NOTHING = "chat.stream: measure one answer (deepkit doctor), or paste the error (deepkit explain)"
"""The next check when there is no evidence at all."""


def conclude(evidence: Evidence, accused: Sequence[Accusation]) -> Diagnosis:
    """Name the verdict.

    Args:
        evidence: What was observed.
        accused: The accusations, best first.

    Returns:
        The first cause when it is SHOWN or LIKELY, or the one leading POSSIBLE of a text;
        "healthy" when the user's own way works and nothing else is at fault; "no_error" for a text
        that reports none; else "inconclusive".
    """
    ranked = tuple(accused)
    if not ranked and evidence.facts(Text).reports not in (None, "error"):
        return Diagnosis("no_error", "nobody", ranked)
    first = ranked[0] if ranked else None
    if first is not None and (first.state in ("SHOWN", "LIKELY") or _leads(evidence, ranked)):
        broken = _unfinished(evidence) if first.state != "SHOWN" else None
        whose = first.whose or BY_NAME[first.cause].whose
        return Diagnosis(first.cause, whose, ranked, broken or first.next_check, notes(evidence))
    broken = _unfinished(evidence)
    if works(evidence) and broken is None:
        return Diagnosis("healthy", "nobody", ranked, None, (*unasked(evidence), *notes(evidence)))
    pending = broken or next((one.next_check for one in ranked if one.next_check), None)
    return Diagnosis("inconclusive", "unknown", ranked, pending or _missing(evidence), notes(evidence))


def _leads(evidence: Evidence, ranked: tuple[Accusation, ...]) -> bool:
    """Tell whether one POSSIBLE stands out where there is only something pasted to judge by."""
    if ranked[0].state != "POSSIBLE" or works(evidence):
        return False
    return made(evidence, "text") or made(evidence, "har")


WAY = (
    "dns.system",
    "tcp",
    "tls",
    "http",
    "key",
    "chat.stream",
    "chat.plain",
    "conversation",
    "routes",
    "path",
)
"""The checks that a verdict on the user's own way rests on, the lowest layer first."""


def _unfinished(evidence: Evidence) -> str | None:
    """Name the lowest check of the user's way that broke: what it would have shown is unknown."""
    if evidence.settings.surface == "web":
        return None
    for name in WAY:
        seen = evidence.get(name)
        if seen is not None and seen.outcome == "check_failed":
            return f"{name}: repeat it, it could not be completed"
    return None


def _missing(evidence: Evidence) -> str:
    for seen in sorted(evidence.observations, key=lambda one: one.check):
        undecided = seen.outcome == "partial" and seen.check == "har"
        if undecided or (
            seen.outcome == "not_checked" and seen.check in ("chat.stream", "key", "text", "har")
        ):
            return f"{seen.check}: {(seen.reason or 'it could not be made').rstrip('.')}"
    return NOTHING
