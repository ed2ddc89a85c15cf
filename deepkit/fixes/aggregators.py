"""Fix 8: another provider of the same models while DeepSeek is down."""

from dataclasses import replace

from deepkit.checks import Alternatives, ProviderAsked
from deepkit.facts import providers
from deepkit.fixes._evidence import (
    among,
    answered,
    cannot_tell,
    failures,
    no,
    ratio_of,
    spelled,
    yes,
)
from deepkit.fixes._fix import claim_of, define, listed
from deepkit.records import Evidence, Guide, Settings, Verdict

CLAIM = claim_of(
    "8",
    causes=(
        "server_error", "upstream_provider_fault", "server_overloaded", "empty_response_under_load", "stream_cut",
        "insufficient_balance",
    ),
    changes=("failover",),
    cost="A second account; prices differ from DeepSeek's.",
    risk="Your text goes to another company, and a model of the same name may be an older or smaller one.",
)  # fmt: skip

INCURABLE = frozenset({"http_400", "http_413", "http_422"})
"""Refusals of the request itself; another provider would refuse it too."""

USUAL = {
    402: {"credit"},
    429: {"rate_requests", "rate_tokens", "concurrency", "burst"},
    502: {"server"},
    503: {"overload"},
}
"""What these statuses mean at most providers; the guide names those where they mean something else."""


def working(evidence: Evidence) -> list[ProviderAsked]:
    """Return the alternatives that answered, the fastest first."""
    rows = [row for row in evidence.facts(Alternatives).alternatives if row.ok]
    return sorted(rows, key=lambda row: row.first_token_s or 1e9)


def _timed(row: ProviderAsked) -> str:
    return row.name if row.first_token_s is None else f"{row.name} ({row.first_token_s:.2f} s)"


def check(evidence: Evidence) -> Verdict:
    """Look whether an alternative answers where this one fails, and whether a switch can cure it."""
    failed, count = failures(evidence), answered(evidence)
    if failed and among(evidence, INCURABLE) == failed:
        return no(f"The request itself is refused ({spelled(failed)}); a switch would take the fault along.")
    rows, good = evidence.facts(Alternatives).alternatives, working(evidence)
    if count and count[0] == count[1]:
        return no(f"The provider in use answers ({ratio_of(evidence)}).")
    if not rows:
        return cannot_tell(
            "No other provider was measured; set the key of one and name it: --alternatives openrouter."
        )
    if good and count is not None:
        names = listed(map(_timed, good))
        return yes(f"{ratio_of(evidence)} here, while other providers answer: {names}.")
    if good:
        names = listed(row.name for row in good)
        return cannot_tell(f"{names} would answer; nothing was asked here.")
    causes = listed(f"{row.name}: {row.failure or 'no answer'}" for row in rows)
    return no(f"No other provider answers either ({causes}).")


def guide(evidence: Evidence, variant: str) -> Guide:
    """Steps to a failover chain of providers that really serve DeepSeek models."""
    good = [row.name for row in working(evidence)]
    offered = [
        one for one in providers() if one.kind in ("aggregator", "host") and one.models and one.key_variable
    ]
    names = listed(f"{one.title} ({one.key_variable})" for one in offered)
    differs = [
        f"{one.title} {status}: {row.text}"
        for one in offered
        for row in one.errors
        for status in row.status
        if status in USUAL and row.category not in USUAL[status]
    ]
    return Guide(
        variant,
        (
            f"Answering now: {listed(good)}." if good else "No alternative was measured yet.",
            f"Providers of DeepSeek models, with the variable of their key: {names}.",
            "Set one or two of these keys; deepkit doctor --alternatives NAME,... asks each of the named once.",
            "Ask the provider which models it serves (GET /models): names and versions differ.",
        ),
        notes=(
            "Perplexity lists no DeepSeek model, though the guide names it.",
            f"Their errors can mean other things than DeepSeek's. {' '.join(differs)}",
        ),
    )


def apply(settings: Settings, evidence: Evidence) -> Settings:
    """Fail over to the alternatives that answered, the fastest first."""
    names = tuple(row.name for row in working(evidence))
    return replace(settings, failover=names or settings.failover)


FIX = define(
    number=8,
    key="aggregators",
    title="Bridge the outage with another provider",
    claim=CLAIM,
    needs=("chat.stream", "chat.plain", "alternatives"),
    check=check,
    guide=guide,
    apply=apply,
)
