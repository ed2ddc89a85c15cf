"""What a diagnosis rests on, and what is left when that is taken away."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from deepkit.checks import Facts
from deepkit.diagnosis import RULES, diagnose
from deepkit.records import Diagnosis, Evidence, Observation

F = TypeVar("F", bound=Facts)


class _Watched:
    """Evidence that writes down which observations a rule asked for."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence, self.asked = evidence, set[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._evidence, name)

    def facts(self, kind: type[F]) -> F:
        """Return the facts and remember the check's name."""
        self.asked.add(kind.check)
        return self._evidence.facts(kind)

    def get(self, check: str) -> Observation | None:
        """Return the observation and remember its name."""
        self.asked.add(check)
        return self._evidence.get(check)


@dataclass(frozen=True)
class Withheld:
    """A diagnosis after its deciding evidence was taken away.

    Args:
        gone: The checks that were taken away.
        left: The diagnosis of the rest.
    """

    gone: frozenset[str]
    left: Diagnosis = field(repr=False)

    @property
    def shown(self) -> tuple[str, ...]:
        """What is still called SHOWN."""
        return tuple(one.cause for one in self.left.accusations if one.state == "SHOWN")

    @property
    def well(self) -> bool:
        """Nothing is SHOWN, the verdict claims neither health nor more than LIKELY, and a taken check is named next."""
        named = (self.left.next_check or "").split(":")[0]
        return not self.shown and self.left.verdict != "healthy" and bool(named)

    @property
    def right_next(self) -> bool:
        """Whether the next check is one of those that were taken away."""
        return (self.left.next_check or "").split(":")[0] in self.gone


def deciding(evidence: Evidence, cause: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the checks that went wrong among those that a cause's showing rules read, and all that they read."""
    read: set[str] = set()
    for rule in RULES:
        watched: Any = _Watched(evidence)
        if any(one.cause == cause and one.strength == "shown" for one in rule.judge(watched)):
            read |= watched.asked
    faulty = {one.check for one in evidence.observations if one.outcome in ("fault", "partial")}
    return frozenset(read & faulty), frozenset(read)


def without(evidence: Evidence, gone: frozenset[str]) -> Evidence:
    """Return the evidence as it is when some checks could not be completed."""
    kept = (
        Observation(one.check, "check_failed", reason="withheld") if one.check in gone else one
        for one in evidence.observations
    )
    return replace(evidence, observations=tuple(kept))


def withhold(evidence: Evidence, cause: str) -> Withheld | None:
    """Take away what a SHOWN cause rests on; None when it is not SHOWN.

    First the checks that went wrong; if the cause still stands (a control said it too), all that its rules read.
    """
    if not _is_shown(diagnose(evidence), cause):
        return None
    for gone in deciding(evidence, cause):
        left = diagnose(without(evidence, gone))
        if not _is_shown(left, cause):
            break
    return Withheld(gone, left)


def _is_shown(found: Diagnosis, cause: str) -> bool:
    return any(one.cause == cause and one.state == "SHOWN" for one in found.accusations)


def one_less(evidence: Evidence) -> Iterator[tuple[str, Diagnosis]]:
    """Yield each check's name with the diagnosis of all the others: the check absent, then the check broken."""
    for gone in evidence.observations:
        kept = tuple(one for one in evidence.observations if one is not gone)
        yield gone.check, diagnose(replace(evidence, observations=kept))
        yield gone.check, diagnose(without(evidence, frozenset({gone.check})))
