"""Fix 7: the official API, with a key, a model and an address that work."""

from deepkit.checks import BodyKind, Http, Key, KeyShape, Models, TcpFresh, Text, Web
from deepkit.facts import models, provider, providers
from deepkit.fixes._evidence import (
    SERVER,
    answered,
    cannot_tell,
    error_text,
    mostly,
    no,
    ratio_of,
    reached,
    refused_here,
    seen,
    yes,
)
from deepkit.fixes._fix import assume, claim_of, define, listed
from deepkit.records import Evidence, Guide, Settings, Verdict

CLAIM = claim_of(
    "7",
    causes=(
        "auth_failed", "model_not_found", "wrong_endpoint", "local_server_overloaded", "server_overloaded",
        "server_error", "upstream_provider_fault", "connection_refused",
    ),
    changes=("surface", "model", "assume"),
    cost="The API is paid by use; prices stand in data/tariff.toml.",
    risk="A key is a password: keep it out of code and notebooks.",
)  # fmt: skip

UNKNOWN_MODEL = ("model not exist", "model_not_found", "supported api model names", "model does not exist")


def _wrong_use(evidence: Evidence) -> str | None:
    """Return what in the way the API is used would be put right, or None."""
    return _wrong_key(evidence) or _wrong_model(evidence) or _wrong_address(evidence)


def _wrong_key(evidence: Evidence) -> str | None:
    key = evidence.facts(Key)
    refused = key.status == 401 and key.key_sent is not False
    if not refused and key.key_shape in (None, KeyShape.OK):
        return None
    return f"the key is refused (status {key.status}, shape {key.key_shape or 'unknown'})"


def _wrong_model(evidence: Evidence) -> str | None:
    models, words = evidence.facts(Models), error_text(evidence)
    if models.listed is not False and not any(word in words for word in UNKNOWN_MODEL):
        return None
    offered = f"; offered are {listed(models.ids)}" if models.ids else ""
    return f"the model {models.wanted or 'asked for'} is not offered there{offered}"


def _wrong_address(evidence: Evidence) -> str | None:
    http, tcp = evidence.facts(Http), seen(evidence, "tcp")
    page = http.body_kind in (BodyKind.HTML, BodyKind.TEXT) and not http.block_page
    if http.status == 404 or (page and (http.status or 0) < 500):  # a 5xx page is the server's fault
        return f"the address does not answer like the API (status {http.status}, {http.body_kind})"
    if evidence.facts(Text).peer == "look_alike":
        return "the address in use bears DeepSeek's name without being DeepSeek's"
    elsewhere, _ = reached(evidence.facts(TcpFresh).connects)
    if tcp is not None and tcp.failure == "connection_refused" and not elsewhere:
        return "nothing listens at the address in use"
    return None


def check(evidence: Evidence) -> Verdict:
    """Compare the two surfaces, and look whether key, model and address are right."""
    wrong, fails, count = _wrong_use(evidence), evidence.facts(Web).ok is False, answered(evidence)
    if wrong:
        return yes(f"A working API set-up would cure it: {wrong}.")
    if refused_here(evidence):
        return no("The server on this machine is what failed: start it, or set the port that it listens at.")
    if fails and count and 2 * count[0] > count[1]:  # less may be the same load, met by chance
        return yes(f"The API answers ({ratio_of(evidence)}) while the chat page does not.")
    if fails and evidence.settings.surface == "web" and not count:
        return cannot_tell("The chat page fails; the API was not asked, since that takes a key.")
    if count is None:
        return cannot_tell("The API was not asked; it takes a key to compare it with the chat page.")
    if mostly(evidence, SERVER):
        return no(f"The API fails as well ({ratio_of(evidence)}); both are served by one fleet.")
    return no(f"Key, model and address are right as far as seen ({ratio_of(evidence)}).")


def guide(evidence: Evidence, variant: str) -> Guide:
    """Steps to a first working request, with what is wrong now."""
    official, wrong = provider("deepseek"), _wrong_use(evidence)
    current = [one.id for one in models() if one.state == "current"]
    retired = [one.id for one in models() if one.state == "retired"]
    local = [f"{one.title} ({one.base_url})" for one in providers() if one.kind == "local"]
    return Guide(
        variant,
        (
            f"Found: {wrong}."
            if wrong
            else "Web chat and API fail separately: try the API when the chat is down.",
            f"Get a key at {official.key_url} and put it into {official.key_variable}, not into code.",
            (
                f"Base URL {official.base_url}, model {current[0]} (also {listed(current[1:])}); "
                f"{listed(retired)} are refused."
            ),
            "First request: deepkit doctor --target deepseek. It checks key, balance and model list before it asks.",
            f"No key? A model on your own machine: {listed(local)}.",
        ),
        notes=(
            "Thinking is on unless the request switches it off; a first token can take longer than in the chat.",
        ),
    )


def apply(settings: Settings, _evidence: Evidence) -> Settings:
    """Use the API with a working key and a model that the server lists."""
    return assume(settings, "working_key", surface="api", model="listed")


FIX = define(
    number=7,
    key="official_api",
    title="Use the official API",
    claim=CLAIM,
    needs=("tcp", "tcp.fresh", "http", "key", "models", "chat.stream", "web"),
    check=check,
    guide=guide,
    apply=apply,
)
