"""What several rules ask: whether the user's own way works, over which others it goes, and who answers."""

from collections.abc import Callable, Iterable
from typing import Literal, TypeVar

from deepkit.checks import (
    Alternatives,
    ChatPlain,
    ChatStream,
    Connect,
    Conversation,
    Dns,
    Facts,
    Har,
    Http,
    Path,
    Routes,
    Tcp,
    Web,
)
from deepkit.diagnosis.rule import Finding
from deepkit.diagnosis.samples import CHAT
from deepkit.facts import providers
from deepkit.records import Evidence

WORKS = ("har", "web", *CHAT, "conversation")
"""The checks that `works` reads."""
PROGRAMS = {"sglang": "local", "litellm": "aggregator", "new-api": "aggregator"}
"""Programs that check `http` knows by their answers (fact `served_by`) and that are nobody's service."""
FRESH = "dns.fresh: ask other name servers for the same name"
OTHER_ROUTE = "routes: ask over another connection (a phone's hotspot, a VPN)"
F = TypeVar("F", bound=Facts)
Judge = Callable[[Evidence], Iterable[Finding]]


def found(evidence: Evidence, kind: type[F]) -> F | None:
    """Return the facts of a check, or None where it was not made or found nothing."""
    facts = evidence.facts(kind)
    return None if facts == kind() else facts


def made(evidence: Evidence, check: str) -> bool:
    """Tell whether a check was made and came to a result."""
    seen = evidence.get(check)
    return seen is not None and seen.made


def works(evidence: Evidence) -> bool:
    """Tell whether the user's own way was tried and works: the surface in use, every question, their conversation."""
    recorded = found(evidence, Har)
    if recorded is not None:
        return recorded.ok is True
    if evidence.settings.surface == "web":
        return evidence.facts(Web).ok is True
    asked = [one for one in (evidence.facts(ChatStream), evidence.facts(ChatPlain)) if one.n]
    return bool(asked) and all(one.ok == one.n for one in asked) and not conversation_fails(evidence)


def conversation_fails(evidence: Evidence) -> bool:
    """Tell whether the user's own messages were tried and refused."""
    seen, talk = evidence.get(Conversation.check), evidence.facts(Conversation)
    if seen is None or not seen.made:
        return False
    return (seen.outcome == "fault" and seen.failure is not None) or (talk.ok or 0) < (talk.n or 0)


def api_only(judge: Judge) -> Judge:
    """Let a rule speak only when the API is what the user uses: a key says nothing about the chat page."""

    def judged(evidence: Evidence) -> Iterable[Finding]:
        return () if evidence.settings.surface == "web" else judge(evidence)

    return judged


def unless_page_works(judge: Judge) -> Judge:
    """Keep a rule about the API silent for somebody whose chat page works."""

    def judged(evidence: Evidence) -> Iterable[Finding]:
        return () if evidence.settings.surface == "web" and works(evidence) else judge(evidence)

    return judged


def peer(evidence: Evidence) -> Literal["official", "between", "local", "unknown"]:
    """Tell who was asked: DeepSeek itself, a service between, a server of one's own, or an address nobody knows."""
    if evidence.target in ("", "sandbox"):
        return "official"
    kinds: dict[str, str] = {**PROGRAMS, **{one.name: one.kind for one in providers()}}
    kind = kinds.get(evidence.facts(Http).served_by or "") or kinds.get(evidence.target)
    if kind in ("aggregator", "host"):
        return "between"
    return "official" if kind == "official" else "local" if kind == "local" else "unknown"


def who_answers(evidence: Evidence) -> str:
    """Name who answers: what the answers say of themselves, else the target's name."""
    return evidence.facts(Http).served_by or evidence.target


def addresses(evidence: Evidence, kind: type[Dns]) -> set[str]:
    """Return the addresses that a lookup gave."""
    return set(evidence.facts(kind).addresses)


def connected(connects: Iterable[Connect]) -> bool:
    """Tell whether any address took a connection."""
    return any(not one.failure for one in connects)


def reachable(evidence: Evidence) -> bool:
    """Tell whether any looked-up address took a connection."""
    return connected(evidence.facts(Tcp).connects)


def lost_stalls(evidence: Evidence) -> int:
    """Count the stalls of the line whose size is that of a lost packet's repetition."""
    return sum(one.mechanism.is_loss for one in evidence.facts(Path).stalls)


def line_loses(evidence: Evidence) -> bool:
    """Tell whether the line itself was seen to lose packets, which explains answers that break off."""
    return lost_stalls(evidence) > 0 or (evidence.facts(Path).udp_lost or 0) >= 2


def route_that_works(evidence: Evidence) -> str | None:
    """Return the name of another route that works, the control for faults of the direct way."""
    others = (one for one in evidence.facts(Routes).routes if one.name != evidence.settings.route)
    return next((one.name for one in others if 0 < one.ok >= one.n), None)


def alternative_that_works(evidence: Evidence) -> str | None:
    """Return the name of another provider that answers over the same line."""
    return next((one.name for one in evidence.facts(Alternatives).alternatives if one.ok), None)
