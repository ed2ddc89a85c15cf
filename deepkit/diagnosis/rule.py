"""What a rule is, and what it may say."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import Literal

from deepkit.causes import Whose
from deepkit.checks import Facts
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
        whose: Whose fault it is here, where that is not the cause's usual one.
    """

    cause: str
    strength: Strength
    because: str
    check: str = ""
    weight: float = 1.0
    next_check: str | None = None
    whose: Whose | None = None


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

    def findings(self, evidence: Evidence) -> tuple[Finding, ...]:
        """Return what the rule concludes; where it read a fact that is unreadable it proves and excludes nothing."""
        spoilt = [
            seen for seen in evidence.observations if seen.check in self.needs and seen.facts.unreadable
        ]
        if not spoilt:
            return tuple(self.judge(evidence))
        read: set[tuple[str, str]] = set()
        found = tuple(self.judge(_watched(evidence, spoilt, read)))
        if not any((seen.check, name) in read for seen in spoilt for name in (*seen.facts.unreadable, WHOLE)):
            return found
        left = (one for one in found if one.strength != "excludes")
        return tuple(replace(one, strength="strong") if one.strength == "shown" else one for one in left)

    def in_words(self) -> str:
        """Explain the rule to a person, four lines."""
        checks = ", ".join(dict.fromkeys(self.needs))
        return "\n".join((
            f"{self.id}: {self.says}",
            f"Needs:  {checks} (see docs/checks.md)",
            f"Proves: {PROVES[self.proves]}",
            f"Source: {self.source}",
        ))  # fmt: skip


WHOLE = "unreadable"
"""A rule that reads this list of names judges by it."""


def _watched(evidence: Evidence, spoilt: list[Observation], read: set[tuple[str, str]]) -> Evidence:
    """Return the evidence with facts that note which of their fields are read."""
    if any("facts" in seen.facts.unreadable for seen in spoilt):  # nothing of the record could be read
        read.update((seen.check, WHOLE) for seen in spoilt)
    noted = {seen.check: replace(seen, facts=_noting(seen.facts, read)) for seen in spoilt}
    return replace(evidence, observations=tuple(noted.get(one.check, one) for one in evidence.observations))


def _noting(facts: Facts, read: set[tuple[str, str]]) -> Facts:
    kind = type(facts)
    known = frozenset(one.name for one in fields(facts))

    class Noting(kind):  # type: ignore[misc, valid-type]
        def __getattribute__(self, name: str) -> object:
            if name in known:
                read.add((kind.check, name))
            return super().__getattribute__(name)

        def __eq__(self, other: object) -> bool:  # to ask whether anything was found is not to read it
            return isinstance(other, kind) and vars(self) == vars(other)

        def __hash__(self) -> int:
            return id(self)

    copy = object.__new__(Noting)
    copy.__dict__.update(vars(facts))
    return copy


PROVES: dict[State, str] = {
    "SHOWN": "it can show a cause by itself: an artefact that has no other reading, or a control that works.",
    "LIKELY": "at most that a cause is likely: other readings are ruled out, but nothing shows it.",
    "POSSIBLE": "nothing by itself: what it sees fits, and so do other causes.",
    "RULED_OUT": "only that causes are not there.",
    "INSUFFICIENT": "nothing; it names the check that would decide.",
}
