"""What `benchmarks.fuzz` feeds: one mutated answer through the real reading path, and what must then hold.

httpcore, h11 and the transport's own readers run as they do on the wire; only the socket is
replaced, by a stream that hands out the bytes in pieces and then ends, resets or stays silent.
The first three bytes of an input choose the reader, the size of the pieces and the end.
"""

import asyncio
import atexit
import time
from collections.abc import Hashable
from functools import cache
from typing import Any

import httpcore

from benchmarks.fuzz_answers_seeds import SEEDS, TOKENS
from deepkit.probes.http import judged
from deepkit.probes.local_net import clock_offset
from deepkit.probes.status import read_page
from deepkit.records import FAILURES, Budget, Secret, Settings, Target
from deepkit.retries import parse_retry_after
from deepkit.sse import TOTAL_BYTES
from deepkit.transport import Exchange, Meter, listed_models
from deepkit.transport.backend import Backend, open_pool
from deepkit.transport.bodies import json_of
from deepkit.transport.completion import TEXT_CHARS, chat_on, chat_payload
from deepkit.transport.exchange import MOST_GAPS
from deepkit.transport.request import LIMIT_BYTES, Client, plain_reader
from deepkit.transport.stream import SocketStream

__all__ = ["SEEDS", "TOKENS", "feed"]

KEY = "sk-fuzz-0123456789abcdef"
TARGET = Target("fuzz", "http://127.0.0.1:1", key=Secret(KEY), model="m", live=False)
SETTINGS = Settings()
ORIGIN = httpcore.Origin(b"http", b"127.0.0.1", 1)
ASK = ({"role": "user", "content": "ping"},)
CUTS = (1, 2, 3, 7, 64, 1024, 65536)
PIECES = 48
"""About how many pieces an answer is cut into at most."""
ENDS = ("close", "close", "reset", "silence")
SLOWEST_S = 2.0
"""An answer that takes longer hangs, in seconds."""


class Memory(SocketStream):
    """A stream over bytes; what bounds and stamps a read is the real one's."""

    def __init__(self, backend: Backend, data: bytes, cut: int, end: str) -> None:
        self._observer, self._came = backend, 0.0
        self._data, self._at, self._end = data, 0, end
        self._cut = max(cut, len(data) // PIECES)

    async def _read(self, max_bytes: int) -> bytes:
        piece = self._data[self._at : self._at + min(self._cut, max_bytes)]
        self._at += len(piece)
        if not piece and self._end == "reset":
            raise ConnectionResetError("reset")
        if not piece and self._end == "silence":
            raise TimeoutError
        return piece

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Take it."""

    async def aclose(self) -> None:
        """Nothing to close."""

    def get_extra_info(self, info: str) -> Any:
        """Answer what httpcore asks for."""
        return self._at >= len(self._data) if info == "is_readable" else None


class MemoryBackend(Backend):
    """A way that leads to the bytes."""

    def __init__(self, data: bytes, cut: int, end: str) -> None:
        super().__init__(TARGET, SETTINGS)
        self._answer = data, cut, end

    async def connect_tcp(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Connect at once."""
        self.ledger.begin()
        self.ledger.stamp("connect_s")
        self.ledger.stage = "send"
        return Memory(self, *self._answer)


async def _ask(client: Client, how: int) -> Exchange:
    meter = Meter(Budget(4, 1000))
    if how % 3 == 0:
        return await chat_on(client, meter, chat_payload("m", ASK, stream=True, max_tokens=8))
    if how % 3 == 1:
        return await chat_on(client, meter, chat_payload("m", ASK, stream=False, max_tokens=8))
    return await client.request(meter, "GET", "/models", plain_reader(client, LIMIT_BYTES))


async def answered(given: bytes) -> Exchange:
    """Read one input, over httpcore's connection and, one time in eight, over its pool as well."""
    how, cut, end = (given + b"\0\0\0")[:3]
    backend = MemoryBackend(given[3:], CUTS[cut % len(CUTS)], ENDS[end % len(ENDS)])
    if how & 7 == 7:
        async with open_pool(backend, tls=False) as pool:
            return await _ask(Client(TARGET, SETTINGS, backend, pool), how >> 3)
    backend.ledger.stage = "send"
    async with httpcore.AsyncHTTP11Connection(ORIGIN, await backend.connect_tcp()) as connection:
        return await _ask(Client(TARGET, SETTINGS, backend, connection), how)  # type: ignore[arg-type]


def check(told: Exchange, took_s: float) -> None:
    """Hold an exchange to what every answer must leave behind.

    Raises:
        AssertionError: When it does not.
    """
    assert told.failure is None or told.failure in FAILURES, told.failure
    assert told.failure != "unknown", told.detail
    assert took_s < SLOWEST_S, f"{took_s:.1f} s"
    assert len(told.body) <= max(LIMIT_BYTES, TOTAL_BYTES)
    assert len(told.text) <= TEXT_CHARS
    assert len(told.gaps) <= MOST_GAPS
    kept = (told.detail, told.error_message or "", told.error_type or "")
    assert all(KEY not in one and len(one) <= 1000 for one in kept)
    listed_models(told)
    read_page(json_of(told.body))
    judged(told)
    clock_offset(told)
    parse_retry_after(told.headers, told.at)


def feed(given: bytes) -> Hashable:
    """Read one input and hold the exchange to what must be left behind; returns what it came to.

    Raises:
        BaseException: What the input raised, or what it broke.
    """
    began = time.process_time()
    told = _loop().run_until_complete(answered(given))
    check(told, time.process_time() - began)
    return (told.failure, told.status, told.end_reason, told.body_kind, told.detail[:40],
            min(told.keep_alives, 3), told.error_message is None)  # fmt: skip


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One loop for all inputs of a process: opening one costs more than reading an answer."""
    loop = asyncio.new_event_loop()
    atexit.register(loop.close)
    return loop
