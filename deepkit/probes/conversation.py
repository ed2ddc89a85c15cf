"""The user's failing conversation beside a one-line one: is it the history that is refused?"""

import asyncio
from dataclasses import replace

from deepkit.checks import Conversation
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.probes._questions import chat_facts, outcome_of, question
from deepkit.transport import estimate_tokens, problems_of

CHECKS = ("conversation",)


async def probe(context: Context) -> Observations:
    """Send the conversation as it is, and a fresh one as the control."""
    watch = Stopwatch()
    messages = context.target.conversation
    if not messages:
        yield watch.not_checked(Conversation, "no failing conversation is known")
        return
    if context.target.key is None and context.target.live:
        yield watch.not_checked(Conversation, "no key is given")
        return
    kept = replace(context.single(), history="keep")
    told, control = await asyncio.gather(question(context, kept), question(context, context.single()))
    facts = replace(
        chat_facts(Conversation, [told]),
        messages=len(messages),
        tokens_estimate=estimate_tokens(messages),
        problems=tuple(problems_of(messages)),
        fresh_ok=control.sample.ok if control.sample.failure != "budget_spent" else None,
    )
    outcome, failure, reason = outcome_of(facts)
    yield watch.saw(facts, outcome, reason, failure=failure)
