"""What the chat checks say together: the counts that most rules about the server ask for."""

from collections import Counter
from typing import Any

from deepkit.diagnosis._rule import facts, made, number
from deepkit.records import Evidence

SAMPLED = ("chat.stream", "chat.plain")


class Chat:
    """The streamed and the plain samples of one look.

    Args:
        evidence: May hold neither.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.parts: list[dict[str, Any]] = [found for name in SAMPLED if (found := facts(evidence, name))]
        self.n = int(sum(number(part.get("n")) for part in self.parts))
        self.ok = int(sum(number(part.get("ok")) for part in self.parts))
        self.failures: Counter[str] = Counter()
        for name, part in zip([one for one in SAMPLED if facts(evidence, one)], self.parts, strict=True):
            counted = part.get("failures")
            if isinstance(counted, dict):
                self.failures.update({str(key): int(number(value)) for key, value in counted.items()})
            seen = evidence.get(name)
            if not counted and seen is not None and seen.failure and made(seen):
                self.failures[seen.failure] += 1
        self.message = " ".join(str(part.get("error_message") or "") for part in self.parts).strip()
        self.status = next((part["status"] for part in self.parts if part.get("status")), None)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def count(self, *names: str) -> int:
        """Return how many samples failed in one of these ways."""
        return sum(self.failures[name] for name in names)

    def all_failed(self, *names: str) -> bool:
        """Tell whether there were samples and every one failed in one of these ways."""
        return self.n > 0 and self.count(*names) >= self.n

    def first(self, key: str) -> Any:
        """Return that fact of the first check that has it."""
        return next((part[key] for part in self.parts if part.get(key) is not None), None)

    def share(self, *names: str) -> str:
        """Return "3 of 4 answers" for a sentence."""
        return f"{self.count(*names)} of {self.n or self.count(*names)} answers"
