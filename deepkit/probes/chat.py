"""A few tiny questions: does an answer come, how soon, and how does it end?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from deepkit.probes._asking import chat_facts, outcome_of, question, several
from deepkit.probes._look import Look, Stopwatch
from deepkit.records import Observation
from deepkit.transport import Asked

CHECKS = ("chat.stream", "chat.plain")
SANDBOX, LIVE = 6, 3
"""How many streamed questions, where they cost nothing and where they cost money."""
EVERY_S, PAUSE_S, LIVE_PAUSE_S = 0.06, 0.06, 0.5
"""Longest and least time between two starts in the sandbox, and least time live, in seconds."""
AT_ONCE = 3


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Ask streamed questions, then one whole, without retries and without failover."""
    watch = Stopwatch()
    if look.target.key is None and look.target.live:
        for check in CHECKS:
            yield watch.not_checked(check, "no key is given")
        return
    settings = replace(look.single(), stream=True)
    plain = asyncio.create_task(question(look, replace(settings, stream=False)))
    try:
        if look.target.live:
            asked = await several(
                look, settings, LIVE, every_s=settings.timeouts.total, pause_s=LIVE_PAUSE_S, at_once=1
            )
        else:
            asked = await several(look, settings, SANDBOX, every_s=EVERY_S, pause_s=PAUSE_S, at_once=AT_ONCE)
        yield _summed(watch, "chat.stream", asked)
        yield _summed(watch, "chat.plain", [await plain])
    finally:
        plain.cancel()
        await asyncio.gather(plain, return_exceptions=True)


def _summed(watch: Stopwatch, check: str, asked: list[Asked]) -> Observation:
    facts = chat_facts(asked)
    outcome, failure, reason = outcome_of(facts)
    return watch.saw(check, outcome, reason, failure=failure, facts=facts)
