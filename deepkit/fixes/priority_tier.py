"""Fix 10: what money changes, and what it does not."""

import re

from deepkit.checks import Balance, Key
from deepkit.facts import models
from deepkit.fixes._evidence import (
    OVERLOAD,
    answered,
    cannot_tell,
    error_text,
    failures,
    mostly,
    no,
    ratio_of,
    yes,
)
from deepkit.fixes._fix import assume, claim_of, define, listed
from deepkit.records import Evidence, Guide, Settings, Verdict

CLAIM = claim_of(
    "10",
    causes=("insufficient_balance", "rate_limited"),
    changes=("assume",),
    cost="Money; see the note on what it buys.",
    risk="Paid for nothing when the servers are full: no documented tier queues first.",
)

LIMIT = re.compile(r"concurrency limit of (\d+)")


def limit_in(text: str) -> int | None:
    """Return the concurrency limit that a 429 body names, or None."""
    found = LIMIT.search(text)
    return int(found.group(1)) if found else None


def check(evidence: Evidence) -> Verdict:
    """Look whether the account, and not the servers, is what ran out."""
    balance, failed, words = evidence.facts(Balance), failures(evidence), error_text(evidence)
    empty = balance.is_available is False
    if empty or "http_402" in failed or evidence.facts(Key).status == 402:
        left = "nothing" if balance.total is None else f"{balance.total:.2f} {balance.currency or ''}".strip()
        return yes(
            f"The account has no usable credit (left: {left}); requests are refused until it is topped up."
        )
    limit = limit_in(words)
    if mostly(evidence, {"http_429"}):
        named = (
            f"the account's concurrency limit is {limit}" if limit else "the account's own limit was reached"
        )
        return yes(f"{named[0].upper()}{named[1:]}; it grows with the balance (observed, not documented).")
    if mostly(evidence, OVERLOAD):
        return no(
            f"The servers are full ({ratio_of(evidence)}); money does not move anybody forward in that queue."
        )
    if answered(evidence) is None and balance == Balance():
        return cannot_tell("Neither balance nor an answer was measured; both take a key.")
    return no("Neither the balance nor a limit of the account is what fails.")


def guide(evidence: Evidence, variant: str) -> Guide:
    """Steps with the limits that are known."""
    limit = limit_in(error_text(evidence))
    limits = listed(f"{one.concurrency} for {one.id}" for one in models() if one.concurrency)
    return Guide(
        variant,
        (
            *((f"The limit that the server named: {limit} requests at a time.",) if limit else ()),
            "Look at the balance: deepkit doctor --target deepseek, or the usage page of the developer portal.",
            f"Top up a small amount and try again. What is known: {CLAIM.reality}",
            f"Documented limits of a funded account: {limits}. More is free by request form.",
            "Or send fewer at a time: a 429 passes as soon as your own requests end.",
        ),
        notes=(
            "It changes your own limit. It does not help against a 503: the servers are full for everybody.",
        ),
    )


def apply(settings: Settings, _evidence: Evidence) -> Settings:
    """Take a topped-up account as given."""
    return assume(settings, "topped_up")


FIX = define(
    number=10,
    key="priority_tier",
    title="Top up: what money changes",
    claim=CLAIM,
    needs=("key", "balance", "chat.stream", "chat.plain"),
    check=check,
    guide=guide,
    apply=apply,
)
