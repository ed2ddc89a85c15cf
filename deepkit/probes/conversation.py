"""The user's failing conversation beside a one-line one: is it the history that is refused?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from deepkit.probes._asking import chat_facts, outcome_of, question
from deepkit.probes._look import Look, Stopwatch
from deepkit.records import Observation
from deepkit.transport import estimate_tokens, problems_of

CHECKS = ("conversation",)


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Send the conversation as it is, and a fresh one as the control."""
    watch = Stopwatch()
    messages = look.target.conversation
    if not messages:
        yield watch.not_checked("conversation", "no failing conversation is known")
        return
    if look.target.key is None and look.target.live:
        yield watch.not_checked("conversation", "no key is given")
        return
    kept = replace(look.single(), history="keep")
    told, control = await asyncio.gather(question(look, kept), question(look, look.single()))
    facts = {
        "messages": len(messages),
        "tokens_estimate": estimate_tokens(messages),
        "problems": list(problems_of(messages)),
        **chat_facts([told]),
    }
    if control.sample.failure != "budget_spent":
        facts["fresh_ok"] = control.sample.ok
    outcome, failure, reason = outcome_of(facts)
    yield watch.saw("conversation", outcome, reason, failure=failure, facts=facts)
