"""The stable JSON form of a case (docs/command-line.md): what `--json` prints."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from deepkit.answers.compose import answer_for
from deepkit.cases import Answer, Case, RankedFix, Step
from deepkit.causes import BY_NAME
from deepkit.checks import Answered
from deepkit.fixes import fix as fix_of
from deepkit.records import Accusation, Observation
from deepkit.redaction import Redactor
from deepkit.schema import as_json

SCHEMA = 1
MOST_TRACES = 3
"""Trace ids shown to a person; the JSON has all of them."""


def document(case: Case, *, language: str | None = None) -> dict[str, Any]:
    """Return a case as JSON values, secrets removed.

    Args:
        case: The case.
        language: "en" or "zh"; chosen by the person and the text unless given.

    Returns:
        The object that docs/command-line.md describes.
    """
    found, answer = case.diagnosis, answer_for(case, language=language)
    body = {
        "schema": SCHEMA,
        "verdict": found.verdict,
        "whose": found.whose,
        "case": case.kind,
        "stamp": case.stamp,
        "answer": _answer(answer),
        "next_check": found.next_check,
        "summary": answer.headline,
        "notes": list(found.notes),
        "support": [dict(one) for one in support(case)],
        "causes": [_cause(one) for one in found.accusations],
        "fixes": [_fix(one, case) for one in case.fixes],
        "observations": [_observed(seen) for seen in case.evidence.observations],
        "target": case.evidence.target,
        "scenario": case.scenario,
        "requests": case.evidence.requests,
        "elapsed_s": case.evidence.elapsed_s,
    }
    clean: dict[str, Any] = Redactor().redact_tree(body)
    return clean


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "headline": answer.headline,
        "certainty": answer.certainty,
        "whose": answer.whose,
        "whose_words": answer.whose_words,
        "first": _step(answer.first),
        "then": [_step(one) for one in answer.then],
        "to_be_sure": _step(answer.to_be_sure) if answer.to_be_sure else None,
        "ticket": answer.ticket,
        "language": answer.language,
        "why": answer.why,
    }


def _step(step: Step) -> dict[str, Any]:
    return {"action": step.action.value, "at": step.at, "text": step.text}


def _cause(one: Accusation) -> dict[str, Any]:
    return {
        "cause": one.cause,
        "state": one.state,
        "probability": one.probability,
        "means": BY_NAME[one.cause].means,
        "advice": BY_NAME[one.cause].advice,
        "for": list(one.evidence_for),
        "against": list(one.evidence_against),
        "next_check": one.next_check,
        "rules": list(one.rules),
    }


def _fix(one: RankedFix, case: Case) -> dict[str, Any]:
    """Return a fix; one that is worth trying with its steps and commands for this machine's system."""
    told = {"number": one.number, "key": one.key, "title": one.title, "verdict": one.verdict.answer}
    told |= {"because": one.verdict.because, "steps": [], "commands": []}
    if one.verdict.answer == "yes":
        guide = fix_of(one.key).guide(case.evidence)
        told |= {"steps": list(guide.steps), "commands": [list(line) for line in guide.commands]}
    return told


def _observed(seen: Observation) -> dict[str, Any]:
    return {one.name: as_json(getattr(seen, one.name)) for one in fields(seen)}


def support(case: Case) -> tuple[Mapping[str, Any], ...]:
    """Return what a provider's support asks for: the ids that it gave to failing requests, and when.

    A simulation's ids belong to nobody, so that practice has none.
    """
    if case.kind == "practice":
        return ()
    return tuple(
        {"trace_id": seen.facts.trace_id, "check": seen.check, "at": seen.at}
        for seen in case.evidence.observations
        if seen.outcome in ("fault", "partial") and isinstance(seen.facts, Answered) and seen.facts.trace_id
    )


def support_words(one: Mapping[str, Any]) -> str:
    """Say an entry of `support` in words.

    Args:
        one: A trace id, the check that met it, and when (Unix seconds, or None).

    Returns:
        What to send to the provider's support.
    """
    when = f", {datetime.fromtimestamp(one['at'], UTC):%Y-%m-%d %H:%M:%S} UTC" if one["at"] else ""
    return f"trace id {one['trace_id']} ({one['check']}{when})"
