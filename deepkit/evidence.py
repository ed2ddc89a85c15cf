"""Evidence as a file: saved redacted, replayed offline to the same diagnosis."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from deepkit.checks import BY_CHECK, checked
from deepkit.errors import UsageError
from deepkit.records import FAILURES, Evidence, Observation
from deepkit.redaction import Redactor
from deepkit.redaction.files import write_whole
from deepkit.schema import as_json, read_whole

KIND = "deepkit-evidence"
SCHEMA = 2
"""2 names `tcp_info` and `latencies_s` what 1 named `kernel` and `latencies`; those two are not read any more."""
MOST_BYTES = 20_000_000
"""Largest file that is read; a check-up's evidence has some ten kilobytes."""
UNREADABLE = "what this check counted cannot be read"
LAST_MOMENT = 253_402_300_799.0
"""The end of the year 9999, in Unix seconds: no calendar goes further."""


def write_evidence(evidence: Evidence, path: Path) -> None:
    """Save evidence without its secrets; nothing half written is ever left behind.

    Args:
        evidence: What was observed.
        path: Where to; an existing file is replaced.
    """
    body: dict[str, Any] = {"kind": KIND, "schema": SCHEMA, "evidence": as_json(evidence)}
    text = json.dumps(Redactor().redact_tree(body), indent=1, ensure_ascii=False)
    write_whole(path, text)


def read_evidence(path: Path) -> Evidence:
    """Read saved evidence.

    Args:
        path: A file that `write_evidence` wrote.

    Returns:
        The evidence. Facts that cannot be read were not measured, and are named in `Facts.unreadable`.

    Raises:
        UsageError: When the file is missing, too large, not saved evidence, of a newer version, or
            contradicts itself.
    """
    try:
        with path.open("rb") as source:
            raw = source.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise ValueError("it is too large")
        return evidence_of(json.loads(raw))
    except (OSError, ValueError, RecursionError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else _said(problem)
        message = f"{path.name} is not saved evidence ({reason}); save some with: deepkit doctor --save FILE"
        raise UsageError(message) from None


def _said(problem: Exception) -> str:
    return "it is nested too deeply" if isinstance(problem, RecursionError) else str(problem)


def evidence_of(body: Any) -> Evidence:
    """Read the JSON value of a saved file.

    Raises:
        ValueError: With what is wrong.
    """
    if (
        not isinstance(body, Mapping)
        or body.get("kind") != KIND
        or not isinstance(body.get("evidence"), Mapping)
    ):
        raise ValueError("it holds something else")
    schema = body.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise ValueError("a newer version wrote it")
    told: Mapping[str, Any] = body["evidence"]
    rows = told.get("observations", [])
    if not isinstance(rows, list):
        raise ValueError("its observations cannot be read")
    evidence = read_whole(Evidence, {**told, "observations": None})
    return replace(evidence, observations=_agreeing(_observation(row) for row in rows))


def _observation(row: Any) -> Observation:
    if not isinstance(row, Mapping):
        raise ValueError("an observation cannot be read")
    seen = read_whole(Observation, {**row, "facts": None})
    if seen.check not in BY_CHECK:
        raise ValueError(f"this version does not know the check {seen.check[:40]!r}")
    if seen.failure is not None and seen.failure not in FAILURES:
        raise ValueError(f"unknown failure {seen.failure[:40]!r}")
    if seen.at is not None and not 0 <= seen.at <= LAST_MOMENT:
        raise ValueError("the time of an observation cannot be read")
    told = row.get("facts")
    facts = checked(BY_CHECK[seen.check], {} if told is None else told)
    counts = {name for rule in facts.parts for name in (*rule.names, rule.whole)}
    if counts & set(facts.unreadable):  # whatever follows from wrong counts is wrong too
        return replace(seen, outcome="check_failed", failure=None, facts=facts, reason=UNREADABLE)
    return replace(seen, facts=facts)


def _agreeing(seen: Iterable[Observation]) -> tuple[Observation, ...]:
    """Return the observations, each check once; nobody knows which of two that differ is true."""
    found: dict[str, Observation] = {}
    for one in seen:
        if found.setdefault(one.check, one) != one:
            raise ValueError(f"it says two different things about the check {one.check}")
    return tuple(found.values())
