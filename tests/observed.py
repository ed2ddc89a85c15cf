"""Observations as the probes make them, written as JSON: a fact that no check has, or of another kind, is an error."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from deepkit.checks import BY_CHECK, Facts, checked
from deepkit.records import Observation, Outcome


def facts_of(check: str, values: Mapping[str, Any]) -> Facts:
    """The record of a check's facts."""
    kind = BY_CHECK[check]
    unknown = values.keys() - {one.name for one in fields(kind)}
    assert not unknown, f"check {check} has no facts {sorted(unknown)}"
    found = checked(kind, values)
    assert not found.unreadable, f"{check}: {found.unreadable} of {values}"
    return found


def observed(
    check: str,
    outcome: Outcome = "ok",
    failure: str | None = None,
    /,
    reason: str = "",
    at: float | None = None,
    **values: Any,
) -> Observation:
    """One observation."""
    return Observation(check, outcome, failure, facts_of(check, values), reason, at)
