"""Questions to the model, and what several of them say together."""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Any, TypeVar

from deepkit.checks import Chat, Concurrency, TcpInfo
from deepkit.probes._context import Context, answered, middle
from deepkit.records import Outcome, Settings, Target
from deepkit.transport import Asked, Exchange, ask

LEAST_S = 0.5
"""With less time left than this no further question is begun, in seconds."""
MOST_KEPT = 100
"""Answers whose order and times are kept one by one."""
_CONCURRENCY = re.compile(
    r"current concurrency is (\d{1,6})\b.{0,40}concurrency limit of (\d{1,6})\b", re.IGNORECASE | re.DOTALL
)
C = TypeVar("C", bound=Chat)


async def question(context: Context, settings: Settings, target: Target | None = None) -> Asked:
    """Ask one question when it is its turn; the time left bounds it."""
    async with context.gate:
        limits = settings.timeouts
        bounded = replace(settings, timeouts=replace(limits, total=min(limits.total, context.left_s)))
        return await ask(target or context.target, bounded, context.meter, rng=context.rng)


async def several(
    context: Context, settings: Settings, n: int, *, every_s: float, pause_s: float, at_once: int
) -> list[Asked]:
    """Ask a question several times, spread out so that short bursts of load are met.

    The next one starts when the last has ended, or after `every_s` while fewer than `at_once`
    are on their way: a server that answers nothing must not stretch the whole context.

    Args:
        context: The run.
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
            if tasks and context.left_s < LEAST_S:
                break
            tasks.append(asyncio.create_task(question(context, settings)))
            began = asyncio.get_running_loop().time()
            await asyncio.wait(tasks[-1:], timeout=every_s)
            spent = asyncio.get_running_loop().time() - began
            await asyncio.sleep(max(0.0, pause_s - spent))
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def chat_facts(record: type[C], asked: Sequence[Asked]) -> C:
    """Return the facts of some questions: counts, the telling attempt's words, medians of the stamps.

    Args:
        record: The class of the check's facts.
        asked: The questions with their answers.
    """
    counted = [one for one in asked if one.sample.failure != "budget_spent"]
    last = [one.last for one in counted if one.last is not None]
    failures = Counter(one.sample.failure for one in counted if one.sample.failure)
    kept = counted[:MOST_KEPT]
    facts = replace(
        _said(record, _telling(counted, failures)),
        n=len(counted),
        ok=sum(one.sample.ok for one in counted),
        failures=dict(failures.most_common()),
        sequence=tuple(one.sample.failure for one in kept),
        latencies_s=tuple(
            round(one.last.end_s, 4)
            for one in kept
            if one.sample.ok and one.last is not None and one.last.end_s is not None
        ),
    )
    return _timed(facts, last)


def _said(record: type[C], told: Exchange | None) -> C:
    """Read the words of the telling attempt."""
    if told is None:
        return record()
    facts = answered(
        record,
        told,
        finish_reason=told.finish_reason,
        end_reason=told.end_reason,
        model=told.model,
        usage=_usage(told.usage),
    )
    return replace(facts, concurrency=concurrency_of(facts.error_message or ""))


def _usage(told: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return token counts with the reasoning's beside the others; it stands one level deeper on the wire."""
    details = (told or {}).get("completion_tokens_details")
    if told is None or not isinstance(details, Mapping):
        return told
    return {"reasoning_tokens": details.get("reasoning_tokens"), **told}


def _timed(facts: C, last: Sequence[Exchange]) -> C:
    """Add the stamps' medians, the gaps, and what the operating system tells."""
    gaps = [gap for one in last for gap in one.gaps]
    again = [one.retransmits for one in last if one.retransmits is not None]
    return replace(
        facts,
        keep_alives=max((one.keep_alives for one in last), default=0),
        headers_s=middle(one.headers_s for one in last),
        keep_alive_s=middle(one.keep_alive_s for one in last),
        role_s=middle(one.role_s for one in last),
        reasoning_s=middle(one.reasoning_s for one in last),
        answer_s=middle(one.answer_s for one in last),
        end_s=middle(one.end_s for one in last),
        gap_median_s=median(gaps) if gaps else None,
        gap_max_s=max(gaps, default=None),
        retransmits=sum(again) if again else None,
        tcp_info=tcp_info(last),
    )


def concurrency_of(message: str) -> Concurrency | None:
    """Read the account's limit from a 429: it stands nowhere else, and shrinks as the credit does."""
    found = _CONCURRENCY.search(message)
    return Concurrency(int(found[1]), int(found[2])) if found else None


def tcp_info(told: Sequence[Exchange]) -> TcpInfo | None:
    """Return what the operating system says of some connections together; None where it says nothing."""
    known = [one.tcp for one in told]
    lost = [one.lost for one in known if one.lost is not None]
    joined = TcpInfo(
        rtt_s=middle(one.rtt_s for one in known),
        rtt_least_s=min((one.rtt_least_s for one in known if one.rtt_least_s is not None), default=None),
        rtt_swing_s=middle(one.rtt_swing_s for one in known),
        path_mtu=min((one.path_mtu for one in known if one.path_mtu is not None), default=None),
        segment_bytes=min(
            (one.segment_bytes for one in known if one.segment_bytes is not None), default=None
        ),
        lost=sum(lost) if lost else None,
    )
    return joined if joined != TcpInfo() else None


def _telling(asked: Sequence[Asked], failures: Counter[str]) -> Exchange | None:
    """Return the attempt whose words are worth keeping: the commonest failure's, else the last."""
    if failures:
        name = failures.most_common(1)[0][0]
        found = [one.last for one in asked if one.sample.failure == name and one.last is not None]
        if found:
            return max(found, key=lambda one: (one.error_message is not None, one.status is not None))
    return asked[-1].last if asked else None


def outcome_of(facts: Chat) -> tuple[Outcome, str | None, str]:
    """Return outcome, failure and reason for some questions."""
    n, ok = facts.n or 0, facts.ok or 0
    if not n:
        return "not_checked", None, "no question was asked: the budget or the time was spent"
    failure = next(iter(facts.failures), None)
    if ok == n:
        return "ok", None, ""
    reason = f"{n - ok} of {n} questions failed, mostly with {failure}"
    if facts.key_sent is False:
        reason += "; the key was not sent"
    return ("partial" if ok else "fault"), failure, reason
