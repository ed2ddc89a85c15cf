"""A few tiny questions: does an answer come, how soon, and how does it end?"""

import asyncio
from dataclasses import replace

from deepkit.checks import Chat, ChatPlain, ChatStream
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.probes._questions import chat_facts, outcome_of, question, several
from deepkit.records import Observation

CHECKS = ("chat.stream", "chat.plain")
SANDBOX, LIVE = 6, 3
"""How many streamed questions, where they cost nothing and where they cost money."""
EVERY_S, PAUSE_S, LIVE_PAUSE_S = 0.06, 0.06, 0.5
"""Longest and least time between two starts in the sandbox, and least time live, in seconds."""
AT_ONCE = 3


async def probe(context: Context) -> Observations:
    """Ask streamed questions, then one whole, without retries and without failover."""
    watch = Stopwatch()
    if context.target.key is None and context.target.live:
        for check in (ChatStream, ChatPlain):
            yield watch.not_checked(check, "no key is given")
        return
    settings = replace(context.single(), stream=True)
    plain = asyncio.create_task(question(context, replace(settings, stream=False)))
    try:
        if context.target.live:
            asked = await several(
                context, settings, LIVE, every_s=settings.timeouts.total, pause_s=LIVE_PAUSE_S, at_once=1
            )
        else:
            asked = await several(
                context, settings, SANDBOX, every_s=EVERY_S, pause_s=PAUSE_S, at_once=AT_ONCE
            )
        yield _summed(watch, chat_facts(ChatStream, asked))
        yield _summed(watch, chat_facts(ChatPlain, [await plain]))
    finally:
        plain.cancel()
        await asyncio.gather(plain, return_exceptions=True)


def _summed(watch: Stopwatch, facts: Chat) -> Observation:
    outcome, failure, reason = outcome_of(facts)
    return watch.saw(facts, outcome, reason, failure=failure)
