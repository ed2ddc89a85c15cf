"""What a rule is, and what it may say."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from deepkit.records import Evidence, Observation, State

Strength = Literal["shown", "strong", "weak", "faint", "needs", "against", "excludes"]
"""What a finding does to its cause.

shown     an artefact or a control that works proves it
strong    a sign whose other readings are ruled out
weak      fits, and fits better than others
faint     fits, but others fit better
needs     nothing can be said; the finding names the check that would decide
against   speaks against it: one step down
excludes  rules it out
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence for or against one cause.

    Args:
        cause: Name of the cause.
        strength: What the sentence does to it.
        because: The sentence, with the measured values.
        check: The check it rests on; two findings are independent when their checks differ.
        weight: How many requests or samples showed it; orders causes of equal state.
        next_check: Name of the check that would decide, and in words.
    """

    cause: str
    strength: Strength
    because: str
    check: str = ""
    weight: float = 1.0
    next_check: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of judgement; its id and meaning never change.

    Args:
        id: The stable name, "layer.what".
        layer: Which part of the way it looks at.
        says: What it concludes from what, for `deepkit doctor --explain`.
        judge: Evidence in, findings out; reads facts only.
        needs: The checks that it looks at, and no others.
        proves: The surest state that it can give a cause by itself.
        source: What that rests on.
    """

    id: str
    layer: str
    says: str
    judge: Callable[[Evidence], Iterable[Finding]]
    needs: tuple[str, ...]
    proves: State
    source: str

    def in_words(self) -> str:
        """Explain the rule to a person, four lines."""
        checks = ", ".join(dict.fromkeys(self.needs))
        return "\n".join((
            f"{self.id}: {self.says}",
            f"Needs:  {checks} (what these check stands in docs/design.md)",
            f"Proves: {PROVES[self.proves]}",
            f"Source: {self.source}",
        ))  # fmt: skip


PROVES: dict[State, str] = {
    "SHOWN": "it can show a cause by itself: an artefact that has no other reading, or a control that works.",
    "LIKELY": "at most that a cause is likely: other readings are ruled out, but nothing shows it.",
    "POSSIBLE": "nothing by itself: what it sees fits, and so do other causes.",
    "RULED_OUT": "only that causes are not there.",
    "INSUFFICIENT": "nothing; it names the check that would decide.",
}


def facts(evidence: Evidence, check: str) -> dict[str, Any]:
    """Return a check's facts, empty when it was not made or could not be completed."""
    seen = evidence.get(check)
    return dict(seen.facts) if seen is not None and made(seen) else {}


def made(seen: Observation | None) -> bool:
    """Tell whether a check was made and came to a result."""
    return seen is not None and seen.outcome not in ("not_checked", "check_failed")


def number(value: Any) -> float:
    """Return a fact as a number, 0 when it is missing or of another kind."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
