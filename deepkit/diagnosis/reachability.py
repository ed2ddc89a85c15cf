"""What several rules ask: whether the user's own way works, over which others it goes, and who answers."""

from collections.abc import Callable, Iterable
from dataclasses import replace
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
    Tls,
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


BEHIND_TLS = frozenset(one.name for one in providers() if one.base_url.startswith("https:"))
"""Targets by name whose answers come through TLS: its certificate says that the far end itself speaks."""


def end_to_end(evidence: Evidence) -> bool:
    """Tell whether nothing can stand between: the sandbox, or TLS that was verified up to the far end."""
    if evidence.target in ("", "sandbox"):
        return True
    http, tls = evidence.facts(Http), evidence.facts(Tls)
    if http.plain_http is True or tls.verified is False or tls.trusted_by_system is True:
        return False
    return tls.verified is True or http.plain_http is False or evidence.target in BEHIND_TLS


def seen_elsewhere(evidence: Evidence, *failures: str) -> bool:
    """Tell whether the same failure came over another way too."""
    others = (one for one in evidence.facts(Routes).routes if one.name != evidence.settings.route)
    return any(one.failure in failures for one in others)


def of_far_end(evidence: Evidence, finding: Finding, *failures: str, own_words: bool = False) -> Finding:
    """Let a finding about the far end prove it only where nothing stands between.

    Args:
        evidence: What was observed.
        finding: The finding.
        failures: The failures it rests on.
        own_words: Whether the API's own error came with them, which nobody between makes up.

    Returns:
        The finding; without such evidence it is "strong" at most, and it is something between.
    """
    if (
        finding.strength != "shown"
        or own_words
        or end_to_end(evidence)
        or seen_elsewhere(evidence, *failures)
    ):
        return finding
    return replace(finding, strength="strong", whose="between")


FAR_END = ("tls", "http", "routes")
"""The checks that `of_far_end` reads."""


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
    path = evidence.facts(Path)
    lost = 0 if path.udp_lost == path.udp_sent else path.udp_lost or 0
    return lost_stalls(evidence) > 0 or lost >= 2


def route_that_works(evidence: Evidence) -> str | None:
    """Return the name of another route that works, the control for faults of the direct way."""
    others = (one for one in evidence.facts(Routes).routes if one.name != evidence.settings.route)
    return next((one.name for one in others if 0 < one.ok >= one.n), None)


def alternative_that_works(evidence: Evidence) -> str | None:
    """Return the name of another provider that answers over the same line."""
    return next((one.name for one in evidence.facts(Alternatives).alternatives if one.ok), None)
