"""From ranked accusations to the one-word verdict."""

from collections.abc import Sequence
from typing import Any

from deepkit.causes import BY_NAME
from deepkit.diagnosis._rule import facts, made, number
from deepkit.records import Accusation, Diagnosis, Evidence

NOTHING = "chat.stream: measure one answer (deepkit doctor), or paste the error (deepkit explain)"
"""The next check when there is no evidence at all."""


def answers_well(found: dict[str, Any]) -> bool:
    """Tell whether every sample of a chat check came through."""
    n = number(found.get("n"))
    return n > 0 and number(found.get("ok")) >= n


def works(evidence: Evidence) -> bool:
    """Tell whether the user's own way works: the surface in use, all samples, and their conversation."""
    if evidence.settings.surface == "web":
        return facts(evidence, "web").get("ok") is True
    stream, plain = facts(evidence, "chat.stream"), facts(evidence, "chat.plain")
    asked = [one for one in (stream, plain) if number(one.get("n")) > 0]
    return bool(asked) and all(answers_well(one) for one in asked) and not conversation_fails(evidence)


def conversation_fails(evidence: Evidence) -> bool:
    """Tell whether the user's own messages were tried and refused."""
    seen = evidence.get("conversation")
    if seen is None or not made(seen):
        return False
    n = number(seen.facts.get("n"))
    return seen.outcome == "fault" or (n > 0 and number(seen.facts.get("ok")) < n)


def conclude(evidence: Evidence, accused: Sequence[Accusation]) -> Diagnosis:
    """Name the verdict.

    Args:
        evidence: What was observed.
        accused: The accusations, best first.

    Returns:
        The first cause when it is SHOWN or LIKELY, or the one leading POSSIBLE of a text;
        "healthy" when the user's own way works and nothing else is at fault; else "inconclusive".
    """
    ranked = tuple(accused)
    first = ranked[0] if ranked else None
    if first is not None and (first.state in ("SHOWN", "LIKELY") or _leads(evidence, ranked)):
        return Diagnosis(first.cause, BY_NAME[first.cause].whose, ranked, first.next_check)
    if works(evidence):
        return Diagnosis("healthy", "nobody", ranked)
    pending = next((one.next_check for one in ranked if one.next_check), None)
    return Diagnosis("inconclusive", "unknown", ranked, pending or _missing(evidence))


def _leads(evidence: Evidence, ranked: tuple[Accusation, ...]) -> bool:
    """Tell whether one POSSIBLE stands out where there is only something pasted to judge by."""
    if ranked[0].state != "POSSIBLE" or works(evidence):
        return False
    return made(evidence.get("text")) or made(evidence.get("har"))


def _missing(evidence: Evidence) -> str:
    for seen in evidence.observations:
        if seen.outcome == "not_checked" and seen.check in ("chat.stream", "key", "text", "har"):
            return f"{seen.check}: {seen.reason or 'it could not be made'}"
    return NOTHING
