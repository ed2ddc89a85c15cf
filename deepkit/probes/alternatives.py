"""One question to each other provider that the user has a key for."""

import asyncio
from dataclasses import replace

from deepkit.checks import Alternatives, ProviderAsked
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.probes._questions import question
from deepkit.records import Outcome
from deepkit.transport import Asked

CHECKS = ("alternatives",)
MOST = 6


async def probe(context: Context) -> Observations:
    """Ask all of them side by side over the user's own way; the model is each one's own."""
    watch = Stopwatch()
    others = context.target.alternatives[:MOST]
    if not others:
        yield watch.not_checked(Alternatives, "no other provider is known")
        return
    settings = replace(context.single(), model=None, resolver="system", family="any")
    ways = context.target.routes
    asked = await asyncio.gather(*(question(context, settings, replace(one, routes=ways)) for one in others))
    rows = [_row(other.name, one) for other, one in zip(others, asked, strict=True)]
    rows = [row for row in rows if row.failure != "budget_spent"]
    if not rows:
        yield watch.not_checked(Alternatives, "the budget of this run is spent")
        return
    facts = Alternatives(alternatives=tuple(rows))
    bad = [row for row in rows if not row.ok]
    if not bad:
        yield watch.saw(facts, "ok")
        return
    outcome: Outcome = "fault" if len(bad) == len(rows) else "partial"
    reason = f"{len(bad)} of {len(rows)} other providers did not answer"
    yield watch.saw(facts, outcome, reason, failure=bad[0].failure)


def _row(name: str, asked: Asked) -> ProviderAsked:
    sample, last = asked.sample, asked.last
    return ProviderAsked(
        name=name,
        ok=sample.ok,
        failure=sample.failure,
        first_token_s=sample.first_token_s,
        error_message=last.error_message if last else None,
        status=last.status if last else None,
    )
