"""Questions to the model, and what several of them say together."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from deepkit.probes._look import Look, exchange_facts, middle
from deepkit.records import Settings, Target
from deepkit.transport import Asked, Exchange, ask

LEAST_S = 0.5
"""With less time left than this no further question is begun, in seconds."""
MOST_KEPT = 100
"""Answers whose order and times are kept one by one."""
_CONCURRENCY = re.compile(
    r"current concurrency is (\d{1,6})\b.{0,40}concurrency limit of (\d{1,6})\b", re.IGNORECASE | re.DOTALL
)
STAMPS = ("headers_s", "keep_alive_s", "role_s", "reasoning_s", "answer_s", "end_s")


async def question(look: Look, settings: Settings, target: Target | None = None) -> Asked:
    """Ask one question when it is its turn; the time left bounds it."""
    async with look.gate:
        limits = settings.timeouts
        bounded = replace(settings, timeouts=replace(limits, total=min(limits.total, look.left_s)))
        return await ask(target or look.target, bounded, look.meter, rng=look.rng)


async def several(
    look: Look, settings: Settings, n: int, *, every_s: float, pause_s: float, at_once: int
) -> list[Asked]:
    """Ask a question several times, spread out so that short bursts of load are met.

    The next one starts when the last has ended, or after `every_s` while fewer than `at_once`
    are on their way: a server that answers nothing must not stretch the whole look.

    Args:
        look: The run.
        settings: How to ask.
        n: How often.
        every_s: Longest wait between two starts, in seconds.
        pause_s: Least time between two starts, in seconds: load comes in bursts.
        at_once: Most on their way together.

    Returns:
        The answers in the order of asking; fewer when the run's time is up.
    """
    tasks: list[asyncio.Task[Asked]] = []
    try:
        for _ in range(n):
            while (open_ := [task for task in tasks if not task.done()]) and len(open_) >= at_once:
                await asyncio.wait(open_, return_when=asyncio.FIRST_COMPLETED)
            if tasks and look.left_s < LEAST_S:
                break
            tasks.append(asyncio.create_task(question(look, settings)))
            began = asyncio.get_running_loop().time()
            await asyncio.wait(tasks[-1:], timeout=every_s)
            spent = asyncio.get_running_loop().time() - began
            await asyncio.sleep(max(0.0, pause_s - spent))
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def chat_facts(asked: Sequence[Asked]) -> dict[str, Any]:
    """Return the facts of chat.stream: counts, the telling attempt's words, medians of the stamps."""
    counted = [one for one in asked if one.sample.failure != "budget_spent"]
    last = [one.last for one in counted if one.last is not None]
    failures = Counter(one.sample.failure for one in counted if one.sample.failure)
    worst = _telling(counted, failures)
    gaps = [gap for one in last for gap in one.gaps]
    facts: dict[str, Any] = {
        "n": len(counted),
        "ok": sum(one.sample.ok for one in counted),
        "failures": dict(failures.most_common()),
        "sequence": [one.sample.failure for one in counted[:MOST_KEPT]],
        "latencies": [
            round(one.last.end_s, 4)
            for one in counted[:MOST_KEPT]
            if one.sample.ok and one.last is not None and one.last.end_s is not None
        ],
        "keep_alives": max((one.keep_alives for one in last), default=0),
        "gap_median_s": median(gaps) if gaps else None,
        "gap_max_s": max(gaps, default=None),
        **kernel_facts(last),
    }
    if worst is not None:
        facts |= exchange_facts(worst)
        facts |= {
            "finish_reason": worst.finish_reason,
            "end_reason": worst.end_reason,
            "model": worst.model,
            "usage": dict(worst.usage) if worst.usage else None,
            "concurrency": concurrency_of(worst.error_message or ""),
        }
    facts |= {name: middle([getattr(one, name) for one in last]) for name in STAMPS}
    return facts


def concurrency_of(message: str) -> dict[str, int] | None:
    """Read the account's limit from a 429: it stands nowhere else, and shrinks as the credit does."""
    found = _CONCURRENCY.search(message)
    return {"now": int(found[1]), "limit": int(found[2])} if found else None


def kernel_facts(told: Sequence[Exchange]) -> dict[str, Any]:
    """Return what the kernel says of some connections together; nothing where it says nothing."""

    def known(name: str) -> list[Any]:
        return [value for one in told if (value := getattr(one.tcp, name)) is not None]

    joined: dict[str, Any] = {
        "rtt_s": middle(known("rtt_s")),
        "rtt_least_s": min(known("rtt_least_s"), default=None),
        "rtt_swing_s": middle(known("rtt_swing_s")),
        "path_mtu": min(known("path_mtu"), default=None),
        "segment_bytes": min(known("segment_bytes"), default=None),
        "lost": sum(lost) if (lost := known("lost")) else None,
    }
    kept = {name: value for name, value in joined.items() if value is not None}
    again = known("retransmits")
    return {"retransmits": sum(again) if again else None, "kernel": kept or None}


def _telling(asked: Sequence[Asked], failures: Counter[str]) -> Exchange | None:
    """Return the attempt whose words are worth keeping: the commonest failure's, else the last."""
    if failures:
        name = failures.most_common(1)[0][0]
        found = [one.last for one in asked if one.sample.failure == name and one.last is not None]
        if found:
            return max(found, key=lambda one: (one.error_message is not None, one.status is not None))
    return asked[-1].last if asked else None


def outcome_of(facts: dict[str, Any]) -> tuple[Any, str | None, str]:
    """Return outcome, failure and reason for some questions."""
    n, ok = facts["n"], facts["ok"]
    if not n:
        return "not_checked", None, "no question was asked: the budget or the time was spent"
    failure = next(iter(facts["failures"]), None)
    if ok == n:
        return "ok", None, ""
    return ("partial" if ok else "fault"), failure, f"{n - ok} of {n} questions failed, mostly with {failure}"
