"""The same question over every way to the target that the user named, the direct one included."""

import asyncio
from dataclasses import replace

from deepkit.checks import Routes, RouteTried
from deepkit.probes._context import Context, Observations, Stopwatch, middle
from deepkit.probes._questions import question
from deepkit.records import Outcome, Route
from deepkit.transport import Asked

CHECKS = ("routes",)
SANDBOX, LIVE = 2, 1
"""How many questions a route."""
BETWEEN_S = 0.3


async def probe(context: Context) -> Observations:
    """Ask in rounds, every route once in each, so that all of them meet the same minute."""
    watch = Stopwatch()
    if not context.target.routes:
        yield watch.not_checked(Routes, "no other route is named")
        return
    if context.target.key is None and context.target.live:
        yield watch.not_checked(Routes, "no key is given")
        return
    named = {one.name: one for one in context.target.routes}
    routes = [named.pop("direct", Route("direct")), *named.values()]
    rounds = LIVE if context.target.live else SANDBOX
    tasks = [asyncio.create_task(_round(context, routes, after_s=at * BETWEEN_S)) for at in range(rounds)]
    try:
        asked = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    rows = [_row(route, [turn[at] for turn in asked]) for at, route in enumerate(routes)]
    rows = [row for row in rows if row.n]
    good = [row for row in rows if row.ok == row.n]
    if not rows:
        yield watch.not_checked(Routes, "the budget of this run is spent")
    elif len(good) == len(rows):
        yield watch.saw(Routes(routes=tuple(rows)), "ok")
    else:
        outcome: Outcome = "partial" if any(row.ok for row in rows) else "fault"
        failure = next(row.failure for row in rows if row.ok < row.n)
        reason = f"{len(rows) - len(good)} of {len(rows)} routes lost questions"
        yield watch.saw(Routes(routes=tuple(rows)), outcome, reason, failure=failure)


async def _round(context: Context, routes: list[Route], *, after_s: float) -> list[Asked]:
    await asyncio.sleep(after_s)
    order = list(range(len(routes)))
    context.rng.shuffle(order)
    asked = await asyncio.gather(
        *(question(context, replace(context.single(), route=routes[at].name)) for at in order)
    )
    placed = dict(zip(order, asked, strict=True))
    return [placed[at] for at in range(len(routes))]


def _row(route: Route, asked: list[Asked]) -> RouteTried:
    counted = [one for one in asked if one.sample.failure != "budget_spent"]
    failed = [one for one in counted if not one.sample.ok]
    last = failed[-1].last if failed else None
    return RouteTried(
        name=route.name,
        region=route.region,
        time_zone=route.time_zone,
        n=len(counted),
        ok=sum(one.sample.ok for one in counted),
        failure=failed[-1].sample.failure if failed else None,
        first_token_s=middle(one.sample.first_token_s for one in counted),
        block_page=last.block_page if last else None,
    )
