"""What the questions of one look say together: the counts that most rules about the server ask for."""

import re
from collections import Counter
from functools import cached_property

from deepkit.checks import BodyKind, Chat, ChatPlain, ChatStream, Concurrency
from deepkit.records import Evidence

CHAT = (ChatStream.check, ChatPlain.check)
"""The checks that `Samples` reads."""
CREDIT = re.compile(
    r"balance is insufficient|insufficient[_ ](?:user[_ ])?(?:quota|balance|credit)|额度不足|余额不足",
    re.IGNORECASE,
)
"""Resellers refuse for lack of credit with 403 as well as with 402."""
CREDENTIALS = re.compile(
    r"(?:invalid|incorrect|wrong|unknown|could not validate) (?:authentication |auth |access )?"
    r"(?:api[ _-]?key|credentials|token)",
    re.IGNORECASE,
)
"""Some gateways refuse a key with 403: FastAPI's own examples say "Invalid authentication credentials"."""
NO_KEY_CAME = re.compile(
    r"did(?:n'?t| not) provide an api key|no (?:api[ _-]?key|authorization|auth|token|credentials)"
    r"(?: header)?(?: (?:was |were )?(?:provided|found|given|passed|sent)| in (?:the )?request)|not authenticated|"
    r"(?:missing|without)(?: an?| the)? (?:api[ _-]?key|authorization|bearer|authentication|token)|"
    r"(?:api[ _-]?key|authorization(?: header)?|token) (?:is |was )?(?:missing|required|not (?:found|provided|sent))|"
    r"auth(?:orization)? header format should be bearer",
    re.IGNORECASE,
)
"""A server's words for a request that came without a key."""


class Samples:
    """The streamed and the plain questions; each fact is read when a rule asks for it.

    Args:
        evidence: May hold neither.
    """

    def __init__(self, evidence: Evidence) -> None:
        asked = (evidence.facts(ChatStream), evidence.facts(ChatPlain))
        self._evidence = evidence
        self.parts: list[Chat] = [part for part in asked if part != type(part)()]

    def __bool__(self) -> bool:
        return bool(self.parts)

    @cached_property
    def n(self) -> int:
        """Questions asked."""
        return sum(part.n or 0 for part in self.parts)

    @cached_property
    def ok(self) -> int:
        """Questions answered."""
        return sum(part.ok or 0 for part in self.parts)

    @cached_property
    def keep_alives(self) -> int:
        """Keep-alives seen."""
        return sum(part.keep_alives or 0 for part in self.parts)

    @cached_property
    def message(self) -> str:
        """What the servers say of the commonest failures."""
        return " ".join(part.error_message or "" for part in self.parts).strip()

    @cached_property
    def status(self) -> int | None:
        """HTTP status of the commonest failure."""
        return next((part.status for part in self.parts if part.status), None)

    @cached_property
    def failures(self) -> Counter[str]:
        """How often each failure came."""
        found: Counter[str] = Counter()
        for part in self.parts:
            found.update(_failures(self._evidence, part))
        return found

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
    def key_withheld(self) -> bool:
        """Whether questions went out without the key."""
        return any(part.key_sent is False for part in self.parts)

    @property
    def refused_keys(self) -> int:
        """How many questions that carried the key were answered with 401, or with 403 and words about the key."""
        if self.key_withheld:
            return 0
        return self.count("http_401") + (self.count("http_403") if self.blames_key else 0)

    @property
    def blames_key(self) -> bool:
        """Whether the server's own words are that the key is wrong or did not come."""
        return bool(CREDENTIALS.search(self.message) or NO_KEY_CAME.search(self.message))

    @property
    def no_database(self) -> bool:
        """Whether a LiteLLM gateway without a database met a key that is not its master key."""
        types = (part.error_type for part in self.parts)
        return "no_db_connection" in types or "no connected db" in self.message.lower()

    @property
    def other_key(self) -> bool:
        """Whether the refusal names a key that ends otherwise than the one that was sent."""
        return any(part.other_key for part in self.parts)

    @property
    def own_words(self) -> bool:
        """Whether the failures came in the shape of the API's own errors, with message and type, or with its id."""
        return any((part.error_message and part.error_type) or part.trace_id for part in self.parts)


def _failures(evidence: Evidence, part: Chat) -> dict[str, int]:
    """Return how the questions of one check failed; where it counted none, the failure of the check itself."""
    seen = evidence.get(part.check)
    if part.failures or seen is None or seen.failure is None:
        return dict(part.failures)
    return {seen.failure: 1}
