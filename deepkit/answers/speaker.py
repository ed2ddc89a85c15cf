"""Who answered, and what kind of person asks: both are read before any cause."""

from dataclasses import dataclass

from deepkit.cases import Case
from deepkit.checks import Http, Text
from deepkit.facts import Provider, providers


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whoever sent the answer.

    Args:
        name: deepseek, another vendor's name, local, or unknown.
        title: The same for people; empty when unknown.
        provider: What is known of the vendor.
    """

    name: str
    title: str = ""
    provider: Provider | None = None


def speaker_of(case: Case) -> Speaker:
    """Return who answered in a case: what the answers say of themselves, else who was asked."""
    text = case.evidence.facts(Text)
    if case.evidence.get("text") is not None:
        return _named(_speaker_in(text))
    asked = "deepseek" if case.kind == "practice" else case.evidence.target
    return _named(case.evidence.facts(Http).served_by or asked)


def _speaker_in(text: Text) -> str:
    if text.provider:
        return text.provider
    if text.surface == "local" or text.peer == "local":
        return "local"
    if text.peer == "official" or text.surface in ("web", "api"):
        return "deepseek"
    return "unknown"


def _named(name: str) -> Speaker:
    known = next((one for one in providers() if one.name == name), None)
    if known is None:
        return Speaker(name if name in ("deepseek", "local") else "unknown", "")
    if known.kind == "local":
        return Speaker("local", known.title, known)
    return Speaker(known.name, known.title, known)


def person_of(case: Case, speaker: Speaker) -> str:
    """Return what kind of person asks: web, developer or operator (of a server of their own)."""
    surface = case.evidence.facts(Text).surface if case.kind == "pasted" else case.settings.surface
    if surface == "web" or case.person.surface == "web":
        return "web"
    return "operator" if speaker.name == "local" else "developer"
