"""What the questions of one look say together: the counts that most rules about the server ask for."""

import re
from collections import Counter

from deepkit.checks import BodyKind, Chat, ChatPlain, ChatStream, Concurrency
from deepkit.records import Evidence

CHAT = (ChatStream.check, ChatPlain.check)
"""The checks that `Samples` reads."""
CREDIT = re.compile(
    r"balance is insufficient|insufficient[_ ](?:user[_ ])?(?:quota|balance|credit)|额度不足|余额不足",
    re.IGNORECASE,
)
"""Resellers refuse for lack of credit with 403 as well as with 402."""


class Samples:
    """The streamed and the plain questions.

    Args:
        evidence: May hold neither.
    """

    def __init__(self, evidence: Evidence) -> None:
        asked = (evidence.facts(ChatStream), evidence.facts(ChatPlain))
        self.parts: list[Chat] = [part for part in asked if part != type(part)()]
        self.n = sum(part.n or 0 for part in self.parts)
        self.ok = sum(part.ok or 0 for part in self.parts)
        self.keep_alives = sum(part.keep_alives or 0 for part in self.parts)
        self.message = " ".join(part.error_message or "" for part in self.parts).strip()
        self.status = next((part.status for part in self.parts if part.status), None)
        self.failures: Counter[str] = Counter()
        for part in self.parts:
            self.failures.update(_failures(evidence, part))

    def __bool__(self) -> bool:
        return bool(self.parts)

    def count(self, *names: str) -> int:
        """Return how many questions failed in one of these ways."""
        return sum(self.failures[name] for name in names)

    def all_failed(self, *names: str) -> bool:
        """Tell whether questions were asked and every one failed in one of these ways."""
        return self.n > 0 and self.count(*names) >= self.n

    def share(self, *names: str) -> str:
        """Return "3 of 4 answers" for a sentence."""
        return f"{self.count(*names)} of {self.n or self.count(*names)} answers"

    @property
    def block_page(self) -> str | None:
        """Name of the block page that answered."""
        return next((part.block_page for part in self.parts if part.block_page is not None), None)

    @property
    def body_kind(self) -> BodyKind | None:
        """What the body of the commonest failure is."""
        return next((part.body_kind for part in self.parts if part.body_kind is not None), None)

    @property
    def finish_reason(self) -> str | None:
        """What the server says of the end."""
        return next((part.finish_reason for part in self.parts if part.finish_reason is not None), None)

    @property
    def concurrency(self) -> Concurrency | None:
        """The account's limit, where a 429 named it."""
        return next((part.concurrency for part in self.parts if part.concurrency is not None), None)

    @property
    def lacks_credit(self) -> bool:
        """Whether the server's own words are that credit is lacking."""
        return bool(CREDIT.search(self.message))

    @property
    def refused_keys(self) -> int:
        """How many questions that carried the key were answered with 401."""
        return 0 if any(part.key_sent is False for part in self.parts) else self.count("http_401")


def _failures(evidence: Evidence, part: Chat) -> dict[str, int]:
    """Return how the questions of one check failed; where it counted none, the failure of the check itself."""
    seen = evidence.get(part.check)
    if part.failures or seen is None or seen.failure is None:
        return dict(part.failures)
    return {seen.failure: 1}
