"""One question as a user asks it: every setting is obeyed, and the sample counts what the user waited."""

import asyncio
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from deepkit.records import Budget, Policy, Settings, Target
from deepkit.transport import Asked, Meter, ask, pick_model
from deepkit.transport.exchange import Exchange
from tests.servers import GOOD, Handler, answer, refused_port, request, script, serving
from tests.transport.kit import FAST, meter, run, target

BUSY = answer(503, '{"error": {"message": "Service is too busy."}}')


def in_turn(*replies: bytes, heard: list[Any] | None = None) -> Handler:
    """Answers successive requests, on any connection, with successive replies; the last one repeats."""
    left = list(replies)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            line, headers, body = await request(reader)
            if heard is not None:
                heard.append((line, headers, msgspec.json.decode(body) if body else None))
            writer.write(left.pop(0) if len(left) > 1 else left[0])
            await writer.drain()

    return handler


async def fully(whom: Target, settings: Settings = FAST, used: Meter | None = None) -> Asked:
    return await ask(whom, settings, used or meter(), rng=random.Random(1))


def test_a_plain_success() -> None:
    """One attempt, a first token inside the total, nothing waited."""

    async def body() -> Asked:
        async with serving(in_turn(GOOD)) as port:
            return await fully(target(port))

    sample = run(body()).sample
    assert (sample.ok, sample.attempts, sample.waited_s, sample.failure) == (True, 1, 0.0, None)
    assert sample.first_token_s is not None
    assert sample.total_s is not None
    assert 0 < sample.first_token_s < sample.total_s


def test_retries_and_their_waits_count() -> None:
    """The policy's waits are made, counted, and are part of the first token's time."""
    settings = replace(FAST, policy=Policy("fixed", retries=3, base_s=0.1))

    async def body() -> tuple[Asked, int]:
        used = meter()
        async with serving(in_turn(BUSY, BUSY, GOOD)) as port:
            return await fully(target(port), settings, used), used.requests

    told, requests = run(body())
    assert (told.sample.ok, told.sample.attempts, requests) == (True, 3, 3)
    assert told.sample.waited_s >= 0.2
    assert told.sample.first_token_s is not None
    assert told.sample.first_token_s >= 0.2
    assert [one.failure for one in told.exchanges] == ["http_503", "http_503", None]


def test_a_refusal_is_not_retried() -> None:
    """Another attempt cures no 402, whatever the policy."""
    settings = replace(FAST, policy=Policy("fixed", retries=3, base_s=0.01))

    async def body() -> Asked:
        async with serving(in_turn(answer(402, "{}"), GOOD)) as port:
            return await fully(target(port), settings)

    assert run(body()).sample.attempts == 1


def test_retry_after_is_waited_for() -> None:
    """The server's Retry-After is a floor."""
    settings = replace(FAST, policy=Policy("fixed", retries=1, base_s=0.01))

    async def body() -> Asked:
        async with serving(in_turn(answer(503, "{}", retry_after_ms="200"), GOOD)) as port:
            return await fully(target(port), settings)

    assert run(body()).sample.waited_s >= 0.2


def test_failover() -> None:
    """Once the first has failed the named alternatives are asked in turn, each with its own model and key."""
    heard: list[Any] = []

    async def body() -> Asked:
        async with serving(in_turn(BUSY)) as port, serving(in_turn(GOOD, heard=heard)) as other:
            spare = target(other, name="spare", model="other-model")
            with refused_port() as dead:
                whom = target(port, alternatives=(target(dead, name="dead"), spare))
                settings = replace(FAST, model="deepseek-flash", failover=("nobody", "dead", "spare"))
                return await fully(whom, settings)

    told = run(body())
    assert (told.sample.ok, told.answered_by, told.sample.attempts) == (True, "spare", 3)
    assert heard[0][2]["model"] == "other-model"


def test_the_budget_bounds_retries() -> None:
    """No policy sends more than the budget; the sample says why it stopped."""
    settings = replace(FAST, policy=Policy("fixed", retries=50, base_s=0.0))

    async def body() -> tuple[Asked, Asked, int]:
        used = Meter(Budget(requests=3, tokens=1000))
        async with serving(in_turn(BUSY)) as port:
            first = await fully(target(port), settings, used)
            return first, await fully(target(port), settings, used), used.requests

    first, second, requests = run(body())
    assert requests == 3
    assert (first.sample.attempts, second.sample.failure) == (3, "budget_spent")


def test_the_listed_model_is_asked_for() -> None:
    """The name "listed" reads GET /models first and asks for one of them."""
    heard: list[Any] = []
    listed = answer(200, '{"data": [{"id": "v4-pro"}, {"id": "new-flash"}]}')

    async def body() -> Asked:
        async with serving(in_turn(listed, GOOD, heard=heard)) as port:
            return await fully(target(port, model="gone"), replace(FAST, model="listed"))

    assert run(body()).sample.ok
    assert heard[1][2]["model"] == "new-flash"


@pytest.mark.parametrize(
    ("ids", "wanted", "chosen"),
    [(["a", "b"], "b", "b"), (["a", "x-flash"], "c", "x-flash"), (["a", "b"], "c", "a"), ([], "c", "c")],
)
def test_pick_model(ids: list[str], wanted: str, chosen: str) -> None:
    """The wanted one if listed, else a flash, else the first, else the wanted one."""
    body = msgspec.json.encode({"data": [{"id": name} for name in ids]})
    assert pick_model(Exchange(status=200, body=body), wanted) == chosen


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TALK: tuple[Mapping[str, Any], ...] = (
    {"role": "user", "content": "hi"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "user", "content": "and now?"},
)


@pytest.mark.parametrize(("history", "sent"), [("keep", 3), ("repair", 2), ("fresh", 1)])
def test_the_history_is_kept_repaired_or_dropped(history: Any, sent: int) -> None:
    """What becomes of the conversation is the setting's choice."""
    heard: list[Any] = []

    async def body() -> Asked:
        async with serving(in_turn(GOOD, heard=heard)) as port:
            return await fully(target(port, conversation=TALK), replace(FAST, history=history))

    told = run(body())
    assert len(heard[0][2]["messages"]) == sent
    assert bool(told.notes) == (history == "repair")


def test_a_repair_learns_the_length_from_the_refusal() -> None:
    """The context's length is read from the server's own refusal, and the conversation trimmed to it once."""
    heard: list[Any] = []
    talk = tuple(
        {"role": "user" if at % 2 == 0 else "assistant", "content": "word " * 200} for at in range(41)
    )
    refusal = answer(
        400,
        '{"error": {"message": "This model\'s maximum context length is 4096 tokens. However, you requested 12000 '
        'tokens (11992 in the messages, 8 in the completion)."}}',
    )

    async def body() -> Asked:
        async with serving(in_turn(refusal, GOOD, heard=heard)) as port:
            return await fully(target(port, conversation=talk), replace(FAST, history="repair"))

    told = run(body())
    assert told.sample.ok
    assert 1 < len(heard[1][2]["messages"]) < 15


def test_interrupting_leaves_nothing() -> None:
    """A cancelled question ends at once; `run` looks for what is left."""

    async def body() -> None:
        asked = asyncio.Event()
        hangs = script("hang")

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.set()
            await hangs(reader, writer)

        async with serving(silent) as port:
            task = asyncio.create_task(fully(target(port)))
            await asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    run(body())


def test_spacing_holds_across_requests() -> None:
    """The least spacing between requests is kept, however many ask at once."""

    async def body() -> float:
        used = Meter(Budget(requests=10, tokens=1000, spacing_s=0.1))
        async with serving(in_turn(GOOD)) as port:
            began = time.perf_counter()
            rng = random.Random(1)
            await asyncio.gather(*(ask(target(port), FAST, used, rng=rng) for _ in range(4)))
            return time.perf_counter() - began

    assert run(body()) >= 0.3


@pytest.mark.parametrize(("used", "spent"), [(3, 3), (8, 8), (10**18, 8 + 40), (-5, 0)])
def test_a_count_beyond_what_came_is_not_believed(used: int, spent: int) -> None:
    """The server's count replaces the reservation, but never exceeds it by more than the characters that came."""
    one = meter()
    one.spend(tokens=8)
    one.settle(8, used, received=40)
    assert one.tokens == spent


def test_the_meter_counts_exactly_between_threads() -> None:
    """Of many threads that ask at once exactly the budget is let through."""
    used = Meter(Budget(requests=500, tokens=10_000))
    granted: list[bool] = []

    def work() -> None:
        granted.extend(used.spend(tokens=1) is not None for _ in range(100))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (sum(granted), used.requests, used.tokens) == (500, 500, 500)
