"""One question as a user asks it: settings obeyed, retries and failover included."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter, time
from typing import Any, Literal

from deepkit.records import Sample, Settings, Target
from deepkit.retries import Retrier, parse_retry_after
from deepkit.transport.bodies import json_of
from deepkit.transport.completion import chat_on, chat_payload
from deepkit.transport.conversations import mended_after, repair_messages
from deepkit.transport.exchange import Exchange
from deepkit.transport.failures import FaultError
from deepkit.transport.meter import Meter
from deepkit.transport.request import Client, open_client, plain_reader
from deepkit.transport.web import visit

MAX_TOKENS = 8
"""Output of one question: enough to see the first words come."""
CONTEXT_TOKENS = 1_048_576
"""The longest context there is (DeepSeek's own 400 names it); a shorter one is learnt from the refusal."""
PROMPT = "Reply with the single word: pong"

Arm = Literal["before", "after"]
Messages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with everything behind it.

    Args:
        sample: The result as the user sees it.
        exchanges: Every HTTP attempt, in order.
        answered_by: Name of the target that answered.
        notes: What was repaired in the conversation.
    """

    sample: Sample
    exchanges: tuple[Exchange, ...] = ()
    answered_by: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def last(self) -> Exchange | None:
        """The last attempt, the one that decided."""
        return self.exchanges[-1] if self.exchanges else None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt's outcome, as the retry loop sees it; `answer` is the question's own exchange, if it was sent."""

    failure: str | None
    exchanges: tuple[Exchange, ...]
    answer: Exchange | None
    error: str
    notes: tuple[str, ...] = ()

    @property
    def shown(self) -> bool:
        """Whether the user has seen text of an answer."""
        return bool(self.answer and self.answer.text_chars)


async def ask(
    target: Target,
    settings: Settings,
    meter: Meter,
    *,
    rng: random.Random,
    arm: Arm = "before",
    pair: int = 0,
) -> Asked:
    """Ask one question as the settings say: retry by the policy, then fail over to the named alternatives.

    Args:
        target: Whom to ask, as it is: the caller has applied `settings.assume`.
        settings: Surface, route, resolver, family, trust, model, history, policy, failover, timeouts, stream.
        meter: Counts every attempt; the question ends when its budget is spent.
        rng: Source of the jitter.
        arm: Which arm of a trial this is.
        pair: Which pair.

    Returns:
        The sample and all exchanges. `first_token_s` counts from the user's start, waits and
        retries included; it is None without success, and live on the web without a session.
    """
    question = _Question(meter, rng)
    last, name = await question.with_retries(target, settings), target.name
    elsewhere = replace(settings, surface="api", model=None)
    for other in _named(target.alternatives, settings.failover):
        if last.failure in (None, "budget_spent") or last.shown:
            break
        last, name = await question.with_retries(other, elsewhere), other.name
    sample = question.sample(last, arm, pair)
    return Asked(sample, tuple(question.exchanges), name if sample.ok else None, last.notes)


def _named(targets: Sequence[Target], names: Sequence[str]) -> list[Target]:
    known = {one.name: one for one in reversed(targets)}  # of two with the same name the first counts
    return [known[name] for name in names if name in known]


class _Question:
    """Carries one question through its attempts and keeps count of them.

    Args:
        meter: Counts everything.
        rng: Jitter.
    """

    def __init__(self, meter: Meter, rng: random.Random) -> None:
        self.meter, self.rng = meter, rng
        self.began, self.at = perf_counter(), time()
        self.exchanges: list[Exchange] = []
        self.attempts, self.waited_s = 0, 0.0

    async def with_retries(self, target: Target, settings: Settings) -> _Attempt:
        """Ask one target under the policy."""
        retrier = Retrier(settings.policy, self.rng)
        while True:
            tried = await _attempt(target, settings, self.meter)
            if tried.failure == "budget_spent" and self.attempts:
                return tried
            self.attempts += 1
            self.exchanges += tried.exchanges
            last = tried.exchanges[-1] if tried.exchanges else None
            wait_s = retrier.next_delay(
                tried.failure,
                retry_after_s=parse_retry_after(last.headers, time()) if last else None,
                elapsed_s=perf_counter() - self.began,
                shown=tried.shown,
                error=tried.error,
            )
            if wait_s is None:
                return tried
            await asyncio.sleep(wait_s)
            self.waited_s += wait_s

    def sample(self, last: _Attempt, arm: Arm, pair: int) -> Sample:
        """Sum up what the user saw."""
        first = None
        if last.failure is None and last.answer and last.answer.first_token_s is not None:
            first = last.answer.began - self.began + last.answer.first_token_s
        return Sample(
            arm=arm,
            ok=last.failure is None,
            failure=last.failure,
            first_token_s=first,
            total_s=perf_counter() - self.began,
            attempts=max(1, self.attempts),
            waited_s=self.waited_s,
            at=self.at,
            pair=pair,
        )


async def _attempt(target: Target, settings: Settings, meter: Meter) -> _Attempt:
    """Make one attempt on the settings' surface."""
    if settings.surface == "web":
        seen = await visit(target, settings, meter, prompt=PROMPT, max_tokens=MAX_TOKENS)
        return _Attempt(seen.failure, tuple(seen.exchanges), seen.question, seen.detail)
    messages, notes = _messages_for(target, settings)
    made: list[Exchange] = []
    try:
        async with open_client(target, settings) as client:
            model = await _model(client, meter, made)
            body = chat_payload(model, messages, stream=settings.stream, max_tokens=MAX_TOKENS)
            made.append(exchange := await chat_on(client, meter, body))
            mended = _mended(exchange, messages, target, settings)
            if mended is not None:
                notes += mended[1]
                made.append(exchange := await chat_on(client, meter, {**body, "messages": mended[0]}))
    except FaultError as error:
        made.append(exchange := Exchange(error.failure, error.detail))
    words = f"{exchange.error_type or ''} {exchange.error_message or ''}"
    return _Attempt(exchange.failure, tuple(made), exchange, words, notes)


def _messages_for(target: Target, settings: Settings) -> tuple[Messages, tuple[str, ...]]:
    """Return the messages that the settings mean, and what was repaired in them."""
    if not target.conversation or settings.history == "fresh":
        return ({"role": "user", "content": PROMPT},), ()
    if settings.history == "repair":
        return repair_messages(target.conversation, CONTEXT_TOKENS)
    return target.conversation, ()


def _mended(
    exchange: Exchange, messages: Messages, target: Target, settings: Settings
) -> tuple[Messages, tuple[str, ...]] | None:
    if exchange.failure != "http_400" or settings.history != "repair" or not target.conversation:
        return None
    return mended_after(exchange.error_message or "", messages)


async def _model(client: Client, meter: Meter, made: list[Exchange]) -> str:
    """Return the model to ask for; "listed" asks the server which ones it has."""
    if client.settings.model != "listed":
        return client.model
    listed = await client.request(meter, "GET", "/models", plain_reader(client, 1_000_000))
    made.append(listed)
    return pick_model(listed, client.target.model)


def pick_model(listed: Exchange, wanted: str) -> str:
    """Choose a model that the server lists.

    Args:
        listed: The answer to GET /models.
        wanted: The target's model.

    Returns:
        The wanted one when it is listed or nothing is; else one with "flash" in its name; else the first.
    """
    names = listed_models(listed)
    if not names or wanted in names:
        return wanted
    return next((name for name in names if "flash" in name.lower()), names[0])


def listed_models(listed: Exchange) -> tuple[str, ...]:
    """Return the model ids in the answer to GET /models."""
    value = json_of(listed.body) if listed.ok else None
    rows = value.get("data") if isinstance(value, dict) else None
    return tuple(
        row["id"]
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict) and isinstance(row.get("id"), str)
    )
