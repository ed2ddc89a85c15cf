"""Fix 7: the official API, with a key, a model and an address that work."""

from deepkit.facts import models, provider, providers
from deepkit.fixes._evidence import (
    SERVER,
    answered,
    cannot_tell,
    entries,
    error_text,
    facts,
    mostly,
    no,
    ratio_of,
    seen,
    yes,
)
from deepkit.fixes._fix import Fix, assume, claim_of, listed
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
    key, listing, http = (facts(evidence, name) for name in ("key", "models", "http"))
    words = error_text(evidence)
    if key.get("status") == 401 or key.get("key_shape") not in (None, "ok"):
        return f"the key is refused (status {key.get('status')}, shape {key.get('key_shape', 'unknown')})"
    if listing.get("listed") is False or any(word in words for word in UNKNOWN_MODEL):
        offered = f"; offered are {listed(map(str, listing['ids']))}" if listing.get("ids") else ""
        return f"the model {listing.get('wanted', 'asked for')} is not offered there{offered}"
    status = http.get("status")
    page = http.get("body_kind") in ("html", "text") and not http.get("block_page")
    if status == 404 or (
        page and not (isinstance(status, int) and status >= 500)
    ):  # a 5xx page is the server's fault
        return f"the address does not answer like the API (status {status}, {http.get('body_kind')})"
    if facts(evidence, "text").get("peer") == "look_alike":
        return "the address in use bears DeepSeek's name without being DeepSeek's"
    reached = seen(evidence, "tcp")
    elsewhere = any(not row.get("failure") for row in entries(evidence, "tcp.fresh", "connects"))
    if reached is not None and reached.failure == "connection_refused" and not elsewhere:
        return "nothing listens at the address in use"
    return None


def _local_refused(evidence: Evidence) -> bool:
    """Tell whether a pasted text says that a server on the user's own machine refused."""
    text = facts(evidence, "text")
    local = "local" in (text.get("peer"), text.get("failed_at"), text.get("surface"))
    return local and "refused" in (text.get("signals") or {})


def judge(evidence: Evidence) -> Verdict:
    """Compare the two surfaces, and look whether key, model and address are right."""
    wrong, web, count = _wrong_use(evidence), facts(evidence, "web"), answered(evidence)
    if wrong:
        return yes(f"A working API set-up would cure it: {wrong}.")
    if _local_refused(evidence):
        return no("The server on this machine is what failed: start it, or set the port that it listens at.")
    if (
        web.get("ok") is False and count and 2 * count[0] > count[1]
    ):  # less may be the same load, met by chance
        return yes(f"The API answers ({ratio_of(evidence)}) while the chat page does not.")
    if web.get("ok") is False and evidence.settings.surface == "web" and not count:
        return cannot_tell("The chat page fails; the API was not asked, since that takes a key.")
    if count is None:
        return cannot_tell("The API was not asked; it takes a key to compare it with the chat page.")
    if mostly(evidence, SERVER):
        return no(f"The API fails as well ({ratio_of(evidence)}); both are served by one fleet.")
    return no(f"Key, model and address are right as far as seen ({ratio_of(evidence)}).")


def write(evidence: Evidence, variant: str) -> Guide:
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


def change(settings: Settings, _evidence: Evidence) -> Settings:
    """Use the API with a working key and a model that the server lists."""
    return assume(settings, "working_key", surface="api", model="listed")


FIX = Fix(
    number=7,
    key="official_api",
    title="Use the official API",
    claim=CLAIM,
    needs=("tcp", "tcp.fresh", "http", "key", "models", "chat.stream", "web"),
    judge=judge,
    write=write,
    change=change,
)
