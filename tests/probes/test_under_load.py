"""A line that is busy sending: a long queue is seen, a short one is not, and the load is bounded."""

import asyncio
import time

from deepkit.probes._context import Context
from deepkit.probes._under_load import LEAST, LOAD_BYTES, SLOW_S, UnderLoad, under_load
from deepkit.records import Settings, Timeouts
from tests.servers import Handler, answer, request, serving
from tests.transport.kit import meter, run, target

CALM = Settings(timeouts=Timeouts(connect=2.0, first_byte=4.0, idle=4.0, total=6.0))
RATE = 150_000
"""Bytes a second of the slow line, in one direction."""


def counting(sent: list[int]) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            _, _, body = await request(reader)
            sent.append(len(body))
            writer.write(answer(401, "{}"))
            await writer.drain()

    return handler


def slow_line(port: int, queue: asyncio.Queue[tuple[asyncio.StreamWriter, bytes]]) -> Handler:
    """A router with one long queue for all connections: every byte waits for those before it."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)

        async def answers() -> None:
            while data := await there.read(65_536):
                writer.write(data)
                await writer.drain()

        task = asyncio.create_task(answers())
        try:
            while data := await reader.read(16_384):
                await queue.put((back, data))
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            back.transport.abort()

    return handler


async def drain(queue: asyncio.Queue[tuple[asyncio.StreamWriter, bytes]]) -> None:
    while True:
        writer, data = await queue.get()
        await asyncio.sleep(len(data) / RATE)
        writer.write(data)


def test_a_long_queue_is_seen_only_under_load() -> None:
    """Over a slow line with a long queue, small exchanges take longer by the queue's length."""

    async def body() -> UnderLoad | None:
        queue: asyncio.Queue[tuple[asyncio.StreamWriter, bytes]] = asyncio.Queue(8)
        async with serving(counting([])) as port, serving(slow_line(port, queue)) as line:
            task = asyncio.create_task(drain(queue))
            try:
                return await under_load(Context(target(line), CALM, meter(), time.perf_counter() + 20), 0.01)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    told = run(body())
    assert told is not None
    assert told.n >= LEAST
    assert told.adds_s >= SLOW_S


def test_a_fast_line_says_nothing_or_little_and_the_load_is_bounded() -> None:
    """On loopback the load is over at once; no more than the bound is ever sent, and nothing once the budget is spent."""
    sent: list[int] = []

    async def body(requests: int) -> UnderLoad | None:
        async with serving(counting(sent)) as port:
            return await under_load(
                Context(target(port), CALM, meter(requests), time.perf_counter() + 20), 0.001
            )

    told = run(body(100))
    assert told is None or told.adds_s < SLOW_S
    assert sum(sent) <= LOAD_BYTES + 1000
    sent.clear()
    assert run(body(0)) is None
    assert sent == []
