"""The facts of a pasted text, with the questions that rules ask of them."""

from collections.abc import Callable, Iterable
from typing import Any

from deepkit.diagnosis.rule import Finding, Rule, Strength
from deepkit.records import Evidence, State
from deepkit.schema import as_json


class Text:
    """What check `text` found, as questions; every answer is a fact or False.

    Args:
        evidence: May hold no text at all.
    """

    def __init__(self, evidence: Evidence) -> None:
        seen = evidence.get("text")
        found = as_json(seen.facts) if seen is not None and seen.made else {}
        signals = found.get("signals")
        self.facts: dict[str, Any] = found
        self.signals: dict[str, str] = dict(signals) if isinstance(signals, dict) else {}
        status = found.get("http_status")
        self.status: int | None = status if isinstance(status, int) else None
        self.surface = str(found.get("surface", "unknown"))
        self.peer = str(found.get("peer", ""))
        self.provider = str(found.get("provider", ""))

    def __bool__(self) -> bool:
        return bool(self.facts)

    def has(self, *names: str) -> bool:
        """Tell whether any of these signals was recognised."""
        return any(name in self.signals for name in names)

    @property
    def official(self) -> bool:
        """DeepSeek itself was asked, as far as the text tells: nobody between and no look-alike is named."""
        return self.surface not in ("third_party", "local") and not self.between

    @property
    def web(self) -> bool:
        """The chat page, not the API."""
        return self.surface == "web"

    @property
    def local(self) -> bool:
        """A server on the user's own machine was asked."""
        return self.surface == "local" or self.peer == "local"

    @property
    def between(self) -> bool:
        """A reseller, router or gateway answered, or a stranger under a name like DeepSeek's."""
        if self.peer == "look_alike":
            return True
        if self.peer == "provider" or self.surface == "third_party":
            return not self.local
        if self.local or self.surface in ("api", "web") or self.peer == "official":
            return False
        return bool(self.provider) or self.has("gateway")

    def quote(self, names: Iterable[str]) -> str:
        """Return the sentence that names what was read."""
        for name in names:
            if name in self.signals:
                return f'the text says "{self.signals[name]}"'
        return f"the status is {self.status}" if self.status else "the text names it"


Where = Callable[[Text], bool]
PROVES_BY: dict[Strength, State] = {
    "shown": "SHOWN", "strong": "LIKELY", "weak": "POSSIBLE", "faint": "POSSIBLE", "needs": "INSUFFICIENT",
    "against": "RULED_OUT", "excludes": "RULED_OUT",
}  # fmt: skip
CORPUS = (
    "public error reports and the providers' own error pages; how often it is right: docs/accuracy-texts.md"
)


def sign(
    rule_id: str,
    cause: str,
    strength: Strength,
    *signals: str,
    says: str,
    where: Where = bool,
    unless: tuple[str, ...] = (),
    status: tuple[int, ...] = (),
    next_check: str | None = None,
) -> Rule:
    """Make a rule for a pasted text.

    Args:
        rule_id: Stable id.
        cause: The cause it speaks for.
        strength: How strongly.
        signals: Any of these signals must stand in the text; none asks for no signal.
        says: Why this speaks for the cause; becomes the end of the sentence.
        where: A further condition.
        unless: None of these signals may stand in the text.
        status: The report's HTTP status must be one of these.
        next_check: What would decide between this and its other readings.

    Returns:
        The rule.
    """

    def judge(evidence: Evidence) -> Iterable[Finding]:
        text = Text(evidence)
        if not text or (signals and not text.has(*signals)) or text.has(*unless):
            return
        if (status and text.status not in status) or not where(text):
            return
        quote = text.quote(signals)
        yield Finding(
            cause, strength, f"{quote[0].upper()}{quote[1:]}: {says}", "text", next_check=next_check
        )

    return Rule(
        rule_id, "text", f"{says[0].upper()}{says[1:]}", judge, ("text",), PROVES_BY[strength], CORPUS
    )
