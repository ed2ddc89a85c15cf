"""One question to each other provider that the user has a key for."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from deepkit.probes._asking import question
from deepkit.probes._look import Look, Stopwatch
from deepkit.records import Observation
from deepkit.transport import Asked

CHECKS = ("alternatives",)
MOST = 6


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Ask all of them side by side over the user's own way; the model is each one's own."""
    watch = Stopwatch()
    others = look.target.alternatives[:MOST]
    if not others:
        yield watch.not_checked("alternatives", "no other provider is known")
        return
    settings = replace(look.single(), model=None, resolver="system", family="any")
    ways = look.target.routes
    asked = await asyncio.gather(*(question(look, settings, replace(one, routes=ways)) for one in others))
    rows = [_row(other.name, one) for other, one in zip(others, asked, strict=True)]
    rows = [row for row in rows if row["failure"] != "budget_spent"]
    if not rows:
        yield watch.not_checked("alternatives", "the budget of this run is spent")
        return
    bad = [row for row in rows if not row["ok"]]
    if not bad:
        yield watch.saw("alternatives", "ok", facts={"alternatives": rows})
        return
    outcome: Any = "fault" if len(bad) == len(rows) else "partial"
    reason = f"{len(bad)} of {len(rows)} other providers did not answer"
    yield watch.saw("alternatives", outcome, reason, failure=bad[0]["failure"], facts={"alternatives": rows})


def _row(name: str, asked: Asked) -> dict[str, Any]:
    last = asked.last
    return {
        "name": name,
        "ok": asked.sample.ok,
        "failure": asked.sample.failure,
        "first_token_s": asked.sample.first_token_s,
        "error_message": last.error_message if last else None,
        "status": last.status if last else None,
    }
