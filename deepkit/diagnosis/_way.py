"""Whether the user's own way works: the surface in use, all samples, and their conversation."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from deepkit.diagnosis._rule import Finding, facts, made, number
from deepkit.facts import providers
from deepkit.records import Evidence

PROGRAMS = {"sglang": "local", "litellm": "aggregator", "new-api": "aggregator"}
"""Programs that check `http` knows by their answers (fact `served_by`) and that are nobody's service."""
CHAT = ("chat.stream", "chat.plain")
"""What `Chat` reads."""
WORKS = ("har", "web", *CHAT, "conversation")
"""What `works` reads."""


def answers_well(found: dict[str, Any]) -> bool:
    """Tell whether every sample of a chat check came through."""
    n = number(found.get("n"))
    return n > 0 and number(found.get("ok")) >= n


def works(evidence: Evidence) -> bool:
    """Tell whether the user's own way was tried and works."""
    har = facts(evidence, "har")
    if har:
        return har.get("ok") is True
    if evidence.settings.surface == "web":
        return facts(evidence, "web").get("ok") is True
    stream, plain = facts(evidence, "chat.stream"), facts(evidence, "chat.plain")
    asked = [one for one in (stream, plain) if number(one.get("n")) > 0]
    return bool(asked) and all(answers_well(one) for one in asked) and not conversation_fails(evidence)


Judge = Callable[[Evidence], Iterable[Finding]]


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


def conversation_fails(evidence: Evidence) -> bool:
    """Tell whether the user's own messages were tried and refused."""
    seen = evidence.get("conversation")
    if seen is None or not made(seen):
        return False
    n = number(seen.facts.get("n"))
    return (seen.outcome == "fault" and seen.failure is not None) or (
        n > 0 and number(seen.facts.get("ok")) < n
    )


def peer(evidence: Evidence) -> Literal["official", "between", "local", "unknown"]:
    """Tell who was asked: DeepSeek itself, a service between, a server of one's own, or an address nobody knows."""
    if evidence.target in ("", "sandbox"):
        return "official"
    kinds: dict[str, str] = {**PROGRAMS, **{one.name: one.kind for one in providers()}}
    answers = str(facts(evidence, "http").get("served_by"))
    kind = kinds.get(answers) or kinds.get(evidence.target, "")
    if kind in ("aggregator", "host"):
        return "between"
    return "official" if kind == "official" else "local" if kind == "local" else "unknown"


def who_answers(evidence: Evidence) -> str:
    """Name who answers: what the answers say of themselves, else the target's name."""
    return str(facts(evidence, "http").get("served_by") or evidence.target)


def line_loses(evidence: Evidence) -> bool:
    """Tell whether the line itself was seen to lose packets, which explains answers that break off."""
    found = facts(evidence, "path")
    stalls = found.get("stalls")
    named = (
        [str(one.get("mechanism")) for one in stalls if isinstance(one, dict)]
        if isinstance(stalls, list)
        else []
    )
    return any("lost" in one for one in named) or number(found.get("udp_lost")) >= 2


def route_that_works(evidence: Evidence) -> str | None:
    """Return the name of another route that works, the control for faults of the direct way."""
    used = evidence.settings.route
    for one in facts(evidence, "routes").get("routes", ()):
        n, ok = number(one.get("n")), number(one.get("ok"))
        if one.get("name") != used and ok > 0 and ok >= n:
            return str(one.get("name"))
    return None


def alternative_that_works(evidence: Evidence) -> str | None:
    """Return the name of another provider that answers over the same line."""
    for one in facts(evidence, "alternatives").get("alternatives", ()):
        if one.get("ok"):
            return str(one.get("name"))
    return None
