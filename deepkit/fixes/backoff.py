"""Fix 5: wait between attempts, longer each time and at random."""

from dataclasses import replace

from deepkit.checks import ChatStream
from deepkit.fixes._evidence import (
    answered,
    cannot_tell,
    error_text,
    failures,
    no,
    ratio_of,
    spelled,
    yes,
)
from deepkit.fixes._fix import claim_of, define
from deepkit.records import Evidence, Guide, Policy, Settings, Verdict
from deepkit.retries.waiting import no_use, passing

CLAIM = claim_of(
    "5",
    causes=(
        "server_overloaded", "empty_response_under_load", "stream_cut", "server_error", "rate_limited",
        "upstream_provider_fault", "local_server_overloaded", "read_timeout",
    ),
    changes=("policy",),
    cost="Time: each question waits for its retries.",
    risk="Retries are load. The budget keeps them to three for each question in the long run.",
)  # fmt: skip

SHARED = Policy(
    "full_jitter", retries=6, base_s=1.0, cap_s=30.0, deadline_s=180.0, budget_ratio=3.0, budget_burst=20.0
)
"""For a fleet that millions use: spread over half a minute, so that those who failed together part."""

NEARBY = Policy(
    "full_jitter", retries=6, base_s=0.1, cap_s=1.0, deadline_s=30.0, budget_ratio=3.0, budget_burst=20.0
)
"""For a server on this machine that refuses at once: a slot is free again within a second."""

LOOPBACK = ("127.", "[::1]", "::1")
"""How an address on this machine begins."""

FAST_S = 0.2
"""An answer within this time on loopback counts as refused at once, in seconds."""


def _nearby(evidence: Evidence) -> bool:
    chat = evidence.facts(ChatStream)
    return (chat.address or "").startswith(LOOPBACK) and (chat.headers_s or 0.0) < FAST_S


def policy_for(evidence: Evidence) -> Policy:
    """Return the policy that fits what was measured.

    Full jitter needs fewest calls and least time of the classic ways once many contend
    (https://github.com/aws-samples/aws-arch-backoff-simulator).

    Args:
        evidence: What was observed; without any, the one for a shared fleet.

    Returns:
        The policy.
    """
    return NEARBY if _nearby(evidence) else SHARED


def check(evidence: Evidence) -> Verdict:
    """Look whether the failures are of a kind that passes by itself."""
    failed, words = failures(evidence), error_text(evidence)
    if not failed:
        count = answered(evidence)
        if count and count[0] == count[1]:
            return no(f"No question failed ({ratio_of(evidence)}); there is nothing to try again.")
        return cannot_tell("No question was asked, so no failure is known that waiting could cure.")
    useless = no_use(failed, words)
    if useless:
        return no(useless)
    return yes(f"{ratio_of(evidence)}; the failures pass by themselves: {spelled(passing(failed, words))}.")


def guide(evidence: Evidence, variant: str) -> Guide:
    """Steps for a person and the line for a developer."""
    policy = policy_for(evidence)
    return Guide(
        variant,
        (
            *((f"So far {ratio_of(evidence)}.",) if answered(evidence) else ()),
            "In the chat page: press Regenerate once, then wait 5, 10 and 30 seconds, a little more or less each time.",
            (
                "In a program: retry with full jitter, a cap and a deadline, and honour Retry-After where it comes: "
                f"kind {policy.kind}, base {policy.base_s:g} s, cap {policy.cap_s:g} s, {policy.retries} retries, "
                f"{policy.deadline_s:g} s in all."
            ),
            "Switch the retries of every other layer off (SDK, gateway, proxy): stacked layers multiply.",
            "Treat a blank answer with status 200 and finish reason insufficient_system_resource as failures too.",
        ),
        notes=("Never retry 400, 401, 402 or a content block: they do not pass.",),
    )


def apply(settings: Settings, evidence: Evidence) -> Settings:
    """Use the policy that fits what was measured."""
    return replace(settings, policy=policy_for(evidence))


FIX = define(
    number=5,
    key="backoff",
    title="Wait longer each time, at random",
    claim=CLAIM,
    needs=("chat.stream", "chat.plain"),
    check=check,
    guide=guide,
    apply=apply,
)
