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
from deepkit.transport.chatting import chat_on
from deepkit.transport.exchange import Exchange
from deepkit.transport.failures import FaultError
from deepkit.transport.history import mended_after, repair_messages
from deepkit.transport.meter import Meter
from deepkit.transport.sending import Line, open_line, plain_reader
from deepkit.transport.web import Visit, visit

MAX_TOKENS = 8
"""Output of one question: enough to see the first words come."""
CONTEXT_TOKENS = 1_048_576
"""The longest context there is (DeepSeek's own 400 names it); a shorter one is learnt from the refusal."""
PROMPT = "Reply with the single word: pong"

Arm = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with everything behind it.

    Args:
        sample: The result as the user sees it.
        exchanges: Every HTTP attempt, in order.
        visits: Every visit to the chat page, in order (surface "web").
        answered_by: Name of the target that answered.
        notes: What was repaired in the conversation.
    """

    sample: Sample
    exchanges: tuple[Exchange, ...] = ()
    visits: tuple[Visit, ...] = ()
    answered_by: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def last(self) -> Exchange | None:
        """The last attempt, the one that decided."""
        return self.exchanges[-1] if self.exchanges else None


@dataclass(frozen=True, slots=True)
class _Try:
    """One attempt's outcome, as the retry loop sees it."""

    failure: str | None
    started: float
    exchanges: tuple[Exchange, ...]
    first_token_s: float | None = None
    shown: bool = False
    visit: Visit | None = None
    error: str = ""


def messages_for(target: Target, settings: Settings) -> tuple[Sequence[Mapping[str, Any]], tuple[str, ...]]:
    """Return the messages that the settings mean, and what was repaired in them."""
    if not target.conversation or settings.history == "fresh":
        return ({"role": "user", "content": PROMPT},), ()
    if settings.history == "repair":
        return repair_messages(target.conversation, CONTEXT_TOKENS)
    return target.conversation, ()


class _Question:
    """Carries one question through its attempts.

    Args:
        target: Whom to ask first; `under(settings)` has been applied.
        settings: How.
        meter: Counts everything.
        rng: Jitter.
        max_tokens: Most output.
    """

    def __init__(
        self, target: Target, settings: Settings, meter: Meter, rng: random.Random, max_tokens: int
    ) -> None:
        self.target, self.settings, self.meter = target, settings, meter
        self.rng, self.max_tokens = rng, max_tokens
        self.began, self.at = perf_counter(), time()
        self.exchanges: list[Exchange] = []
        self.visits: list[Visit] = []
        self.attempts, self.waited_s = 0, 0.0
        self.notes: tuple[str, ...] = ()

    async def run(self) -> tuple[_Try, str]:
        """Ask, retry, fail over; return the deciding attempt and who it was made to."""
        last = await self.with_retries(self.target, self.settings)
        name = self.target.name
        for one in self.settings.failover:
            if last.failure in (None, "budget_spent") or last.shown:
                break
            other = next((alt for alt in self.target.alternatives if alt.name == one), None)
            if other is not None:
                settings = replace(self.settings, surface="api", model=None, assume=frozenset())
                last, name = await self.with_retries(other, settings), other.name
        return last, name

    async def with_retries(self, target: Target, settings: Settings) -> _Try:
        """Ask one target under the policy."""
        retrier = Retrier(settings.policy, self.rng)
        while True:
            tried = await self.once(target, settings)
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

    async def once(self, target: Target, settings: Settings) -> _Try:
        """Make one attempt on one surface."""
        started = perf_counter()
        if settings.surface == "web":
            seen = await visit(
                target,
                settings,
                self.meter,
                prompt=PROMPT,
                max_tokens=self.max_tokens,
                deadline_s=None,
            )
            self.visits.append(seen)
            return _from_visit(seen, started)
        return await self._api(target, settings, started)

    async def _api(self, target: Target, settings: Settings, started: float) -> _Try:
        messages, self.notes = messages_for(target, settings)
        made: list[Exchange] = []
        try:
            async with open_line(target, settings) as line:
                model = line.model
                if settings.model == "listed":
                    listed = await line.attempt(self.meter, "GET", "/models", plain_reader(line, 1_000_000))
                    made.append(listed)
                    model = pick_model(listed, target.model)
                asked, told = await self._chat(line, messages, model)
                mended = (
                    mended_after(told.error_message or "", messages) if told.failure == "http_400" else None
                )
                if mended and settings.history == "repair" and target.conversation:
                    made.append(told)
                    self.notes += mended[1]
                    asked, told = await self._chat(line, mended[0], model)
        except FaultError as error:
            asked, told = started, Exchange(error.failure, error.detail)
        made.append(told)
        first = None if told.first_token_s is None else asked - self.began + told.first_token_s
        return _Try(told.failure, started, tuple(made), first, bool(told.text_chars), None, _error(told))

    async def _chat(
        self, line: Line, messages: Sequence[Mapping[str, Any]], model: str
    ) -> tuple[float, Exchange]:
        asked = perf_counter()
        return asked, await chat_on(
            line, self.meter, messages, model=model, stream=self.settings.stream, max_tokens=self.max_tokens
        )

    def sample(self, last: _Try, arm: Arm, pair: int) -> Sample:
        """Sum up what the user saw."""
        ok = last.failure is None
        return Sample(
            arm=arm,
            ok=ok,
            failure=last.failure,
            first_token_s=(last.first_token_s if last.visit is None else self._web_first(last))
            if ok
            else None,
            total_s=perf_counter() - self.began,
            attempts=max(1, self.attempts),
            waited_s=self.waited_s,
            at=self.at,
            pair=pair,
        )

    def _web_first(self, last: _Try) -> float | None:
        question = last.visit.question if last.visit else None
        if question is None or question.first_token_s is None or question.end_s is None:
            return None
        # The question is the visit's last request, so its stamps count back from its end.
        return question.at - self.at + question.first_token_s


def _from_visit(seen: Visit, started: float) -> _Try:
    question = seen.question
    shown = bool(question and question.text_chars)
    return _Try(seen.failure, started, tuple(seen.exchanges), None, shown, seen, seen.detail)


def _error(told: Exchange) -> str:
    return f"{told.error_type or ''} {told.error_message or ''}"


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


async def ask_fully(
    target: Target,
    settings: Settings,
    meter: Meter,
    *,
    rng: random.Random,
    arm: Arm = "before",
    pair: int = 0,
    max_tokens: int = MAX_TOKENS,
) -> Asked:
    """Ask one question as the settings say, and hand over everything that happened.

    Args:
        target: Whom to ask; `settings.assume` is applied here.
        settings: Surface, route, resolver, family, trust, model, history, policy, failover, timeouts, stream.
        meter: Counts every attempt; the question ends when its budget is spent.
        rng: Source of the jitter.
        arm: Which arm of a trial this is.
        pair: Which pair.
        max_tokens: Most output.

    Returns:
        The sample and all exchanges. `first_token_s` counts from the user's start, waits and
        retries included; it is None without success, and live on the web without a session.
    """
    actual = target.under(settings)
    question = _Question(actual, replace(settings, assume=frozenset()), meter, rng, max_tokens)
    last, name = await question.run()
    sample = question.sample(last, arm, pair)
    return Asked(
        sample,
        tuple(question.exchanges),
        tuple(question.visits),
        name if sample.ok else None,
        question.notes,
    )


async def ask(
    target: Target,
    settings: Settings,
    meter: Meter,
    *,
    rng: random.Random,
    arm: Arm = "before",
    pair: int = 0,
) -> Sample:
    """Ask one question as the settings say; see `ask_fully`."""
    return (await ask_fully(target, settings, meter, rng=rng, arm=arm, pair=pair)).sample
