"""Rules over pasted texts: one for each signal of `data/signals/`, which says what wordings mean."""

from collections.abc import Iterable

from deepkit.checks import Text
from deepkit.diagnosis.rule import Finding, Rule
from deepkit.records import Evidence, State
from deepkit.signals import Match, Reading, Signal, Strength, matches, table

PROVES_BY: dict[Strength, State] = {
    "shown": "SHOWN", "strong": "LIKELY", "weak": "POSSIBLE", "faint": "POSSIBLE", "needs": "INSUFFICIENT",
    "against": "RULED_OUT", "excludes": "RULED_OUT",
}  # fmt: skip
LEADING: tuple[Strength, ...] = ("shown", "strong", "weak")
REPORTS = (
    "public error reports and the providers' own error pages; how often it is right: docs/accuracy-texts.md"
)


def findings(evidence: Evidence) -> list[tuple[str, Finding]]:
    """Judge the pasted text, if there is one.

    A text is one piece of evidence: the first signal that says which cause it is leads, and what
    the others read in the same words is a second-best reading and no second sign.

    Args:
        evidence: May hold no text at all.

    Returns:
        The ids of the rules that found something, and what, in the order of precedence.
    """
    seen = evidence.get("text")
    if seen is None or not seen.made:
        return []
    found = evidence.facts(Text)
    if found.reports not in (None, "error"):
        return []
    fitting = matches(reading(found))
    leader = next((one.signal.cause for one in fitting if one.signal.strength in LEADING), None)
    doubtful = bool(found.unreadable) or _only_mentioned(found)
    strengths = [_strength(one.signal, leader, doubtful) for one in fitting]
    return [
        (one.signal.id, _finding(one, found.http_status, strength))
        for one, strength in zip(fitting, strengths, strict=True)
    ]


def reading(found: Text) -> Reading:
    """Return what the signals' conditions ask of a text."""
    named = {one.kind for one in found.peers} | {one.name for one in found.peers}
    if any(one.kind == "official" and one.path in ("", "/") for one in found.peers):
        named.add("official_root")
    return Reading(
        signals=found.signals,
        status=found.http_status,
        surface=found.surface or "unknown",
        peer=found.peer or "",
        provider=found.provider or "",
        provider_by=found.provider_by or "",
        meant=found.meant or "",
        meaning=found.meaning or "",
        meaning_by=found.meaning_by or "",
        named=frozenset(named),
        failed_at=found.failed_at or "",
        key_tail=found.key_tail or "",
        deepseek_body=bool(found.deepseek_body),
    )


def _only_mentioned(found: Text) -> bool:
    """Whether nothing shows that the sentence came as an answer: no status, host, body, or place where it was seen."""
    seen = found.http_status or found.deepseek_body or found.exceptions or found.peer
    return not seen and (found.surface or "unknown") == "unknown"


def _strength(signal: Signal, leader: str | None, doubtful: bool) -> Strength:
    """Return what a signal does beside the leading one; facts that cannot be read in full prove nothing."""
    if signal.strength in LEADING and signal.cause != leader:
        return "faint"
    return "strong" if doubtful and signal.strength == "shown" else signal.strength


def _finding(match: Match, status: int | None, strength: Strength) -> Finding:
    signal = match.signal
    if match.excerpt:
        quote = f'The text says "{match.excerpt}"'
    else:
        quote = f"The status is {status}" if status else "The text names it"
    return Finding(signal.cause, strength, f"{quote}: {signal.says}", "text", next_check=signal.next_check)


def _rule(signal: Signal) -> Rule:
    def judge(evidence: Evidence) -> Iterable[Finding]:
        return [one for rule_id, one in findings(evidence) if rule_id == signal.id]

    return Rule(
        signal.id,
        "text",
        f"{signal.says[0].upper()}{signal.says[1:]}",
        judge,
        ("text",),
        PROVES_BY[signal.strength],
        signal.source or REPORTS,
    )


RULES = tuple(_rule(one) for one in table().signals)
"""One rule for each signal, in the order of precedence."""
