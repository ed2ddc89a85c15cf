"""Who answered, and what kind of person asks: both are read before any cause."""

import re
from dataclasses import dataclass

from deepkit.cases import Case
from deepkit.checks import Har, Http, Text
from deepkit.vendors import Provider, vendors

TOOLS = re.compile(
    r"curl|wget|httpie|postman|python|node|java|golang|\bapi\b|sdk|bridge|\bcli\b|-api\b", re.IGNORECASE
)
"""Clients of people who have a terminal, whatever page they asked."""
PAGE_WORDS = ("busy_web", "chat_", "t_")
"""How the ids of wordings begin that speak of the chat page, or as people speak of it (docs/actions.md)."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whoever sent the answer.

    Args:
        name: deepseek, another vendor's name, local, or unknown.
        title: The same for people; empty when unknown.
        provider: What is known of the vendor.
        elsewhere: Whether a vendor answered who does not serve what the person meant to ask.
    """

    name: str
    title: str = ""
    provider: Provider | None = None
    elsewhere: bool = False


def speaker_of(case: Case) -> Speaker:
    """Return who answered in a case: what the answers say of themselves, else who was asked."""
    if case.evidence.get("text") is not None:
        text = case.evidence.facts(Text)
        return _named(_speaker_in(text), meant=text.meant)
    if case.evidence.get("har") is not None:
        return _named("deepseek" if case.evidence.facts(Har).deepseek else "unknown")
    asked = "deepseek" if case.kind == "practice" else case.evidence.target
    return _named(case.evidence.facts(Http).served_by or asked)


def _speaker_in(text: Text) -> str:
    if text.provider:
        return text.provider
    if text.surface == "local" or text.peer == "local":
        return "local"
    ours = text.peer == "official" or text.surface in ("web", "api") or text.deepseek_body
    if ours or text.meant == "deepseek" or (not text.peers and _speaks_of_the_page(text)):
        return "deepseek"
    return "unknown"


def _named(name: str, *, meant: str | None = None) -> Speaker:
    known = next((one for one in vendors() if one.name == name), None)
    if known is None:
        return Speaker(name if name == "local" else "unknown")
    if known.kind == "local":
        return Speaker("local", known.title, known)
    elsewhere = meant == "deepseek" and known.kind == "vendor"
    return Speaker(known.name, known.title, known, elsewhere)


def person_of(case: Case, speaker: Speaker) -> str:
    """Return what kind of person asks: web, developer or operator (of a server of their own)."""
    text = case.evidence.facts(Text)
    surface = case.person.surface
    if case.kind == "pasted" and surface == "unknown":
        surface = text.surface or "unknown"
    if case.kind != "pasted" and case.settings.surface == "web":
        surface = "web"
    if surface == "web" and not TOOLS.search(case.person.client or ""):
        return "web"
    if surface == "unknown" and not text.exceptions and not text.peers and _speaks_of_the_page(text):
        return "web"
    return "operator" if speaker.name == "local" else "developer"


def _speaks_of_the_page(text: Text) -> bool:
    return any(name.startswith(PAGE_WORDS) for name in text.signals)
