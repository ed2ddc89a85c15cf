"""Fix 9: repair, trim or drop the conversation that the server refuses."""

from dataclasses import replace

from deepkit.checks import Conversation
from deepkit.facts import tariff
from deepkit.fixes._evidence import (
    asked_failures,
    cannot_tell,
    error_text,
    no,
    ratio_of,
    seen,
    spelled,
    yes,
)
from deepkit.fixes._fix import claim_of, define, listed
from deepkit.records import Evidence, Guide, Settings, Verdict

CLAIM = claim_of(
    "9",
    causes=("session_context_corrupted", "context_too_long"),
    changes=("history",),
    cost="A fresh chat forgets; its cached prefix is paid again at the price of a miss.",
    risk="A trimmed history may lose what the model needed.",
    least_ratio=0.8,
)

HISTORY_WORDS = ("reasoning_content", "tool_call", "context length", "maximum context", "reduce the length")
"""Words of refusals that lie in the conversation, not in the single question."""


def check(evidence: Evidence) -> Verdict:
    """Compare the failing conversation with a fresh one-line question."""
    talk, found = evidence.facts(Conversation), seen(evidence, "conversation")
    words = [word for word in HISTORY_WORDS if word in error_text(evidence)]
    failed = asked_failures(evidence)
    if found is None or talk == Conversation():
        return _without_conversation(evidence, words, failed)
    if found.outcome == "ok":
        return no(f"The conversation is answered as it is ({_known(talk.messages)} messages).")
    size = f"{_known(talk.messages)} messages, about {_known(talk.tokens_estimate)} tokens"
    if talk.fresh_ok is False:
        return no(f"A one-line conversation fails as well, so the history ({size}) is not the cause.")
    if talk.fresh_ok:
        why = f": {listed(talk.problems)}" if talk.problems else ""
        return yes(f"A one-line conversation works where this one ({size}) is refused{why}.")
    if talk.problems:
        return yes(f"The history ({size}) has faults that the server refuses: {listed(talk.problems)}.")
    return cannot_tell(f"The conversation ({size}) fails; no fresh one was tried beside it.")


def _known(count: int | None) -> int | str:
    return "?" if count is None else count


def _without_conversation(evidence: Evidence, words: list[str], failed: dict[str, int]) -> Verdict:
    if words:
        return yes(f"The refusal names the conversation's history: {listed(words)}.")
    if failed:
        return no(
            f"One-line questions without any history fail too ({ratio_of(evidence)}; {spelled(failed)})."
        )
    return cannot_tell(
        "The failing conversation is not known; give its messages, or ask the same in a new chat."
    )


def _price() -> str:
    hit, miss = next((one.cache_hit, one.cache_miss) for one in tariff().prices if one.window == "off_peak")
    return f"a cached token costs 1/{miss / hit:.0f} of a new one"


def guide(evidence: Evidence, variant: str) -> Guide:
    """Steps to repair first and to flush only when that fails."""
    problems = evidence.facts(Conversation).problems
    return Guide(
        variant,
        (
            f"Found in the history: {listed(problems)}." if problems else "No fault in a history was measured yet.",
            "Control: ask a one-line question in a new chat. If that fails too, the conversation is not the cause.",
            "In the chat page: start a new chat and paste the last question with what it needs to know.",
            ("In a program: repair the list of messages: each tool result after its call, reasoning_content sent back "
            "where thinking is on, no empty message; trim from the front when it is too long."),
        ),
        notes=(f"A flush has its price: {_price()}, and a fresh chat starts without the cached prefix.",
               "Save first: copy what you need out of the old chat."),
    )  # fmt: skip


def apply(settings: Settings, _evidence: Evidence) -> Settings:
    """Send the conversation repaired."""
    return settings if settings.history == "fresh" else replace(settings, history="repair")


FIX = define(
    number=9,
    key="context_flush",
    title="Repair or flush the context",
    claim=CLAIM,
    needs=("chat.stream", "chat.plain", "conversation"),
    check=check,
    guide=guide,
    apply=apply,
)
