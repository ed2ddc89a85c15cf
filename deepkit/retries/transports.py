"""A policy in your own client: transports for httpx and httpx2, sync and async.

    client = httpx2.Client(transport=retrying_transport(policy, library="httpx2"))
    OpenAI(http_client=client, max_retries=0)

A failed answer is replayed only until its first text was shown. What is handed over is the
answer as it came, byte for byte.
"""

import importlib
import random
from collections.abc import AsyncIterator, Awaitable, Iterator
from functools import cache
from itertools import chain
from types import ModuleType
from typing import Any

from deepkit.errors import UnknownNameError
from deepkit.records import Policy
from deepkit.retries import awaiting, blocking
from deepkit.retries.attempts import answer
from deepkit.retries.budget import Bucket
from deepkit.retries.calls import Call, ours
from deepkit.retries.check import checked
from deepkit.retries.copies import Copy
from deepkit.retries.guarding import Guard
from deepkit.retries.presets import policy_named
from deepkit.retries.retrier import Budget
from deepkit.retries.tally import Tally

LIBRARIES = ("httpx", "httpx2")


class Setup:
    """What all calls of a transport share.

    Args:
        policy: The policy or its name.
        base: The transport that sends; None is the library's own.
        budget: A shared budget; None makes one when the policy has one.
        tally: Counts; None makes new ones.
        rng: Source of the jitter; None is seeded by the system.
    """

    def __init__(
        self,
        policy: Policy | str = "budgeted",
        *,
        base: Any = None,
        budget: Budget | None = None,
        tally: Tally | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.policy = policy_named(policy) if isinstance(policy, str) else checked(policy)
        if budget is None and self.policy.budget_ratio is not None:
            budget = Bucket(self.policy.budget_ratio, self.policy.budget_burst)
        self.budget, self.base = budget, base
        self.tally = tally or Tally()
        self.rng = rng or random.Random()
        self.guard = Guard(self.policy, self.rng) if self.policy.guard != "none" else None

    def call(self, request: Any) -> Call | None:
        """Begin a call; None when the request is not to be tried again here."""
        mine, stacked = ours(request)
        if not mine:
            return None
        return Call(self.policy, self.rng, self.budget, self.guard, self.tally, request, stacked=stacked)


def retrying_transport(policy: Policy | str = "budgeted", *, library: str = "httpx", **options: Any) -> Any:
    """Return a transport that obeys a policy, for `Client(transport=...)`.

    Args:
        policy: The policy, or a preset's name.
        library: "httpx" or "httpx2"; OpenAI SDK 1.x uses the first, 3.x the second.
        **options: `base` (the transport that sends), `budget`, `tally`, `rng`; see Setup.

    Returns:
        A transport. Its `tally` counts calls, attempts and waits.

    Raises:
        UnknownNameError: When there is no such library or policy.
        UsageError: When the policy cannot be run.
    """
    return classes(library)[0](policy, **options)


def retrying_async_transport(
    policy: Policy | str = "budgeted", *, library: str = "httpx", **options: Any
) -> Any:
    """Return a transport that obeys a policy, for `AsyncClient(transport=...)`; see `retrying_transport`."""
    return classes(library)[1](policy, **options)


@cache
def classes(library: str) -> tuple[type[Any], type[Any]]:
    """Return the sync and the async transport class for a client library."""
    if library not in LIBRARIES:
        raise UnknownNameError("client library", library, LIBRARIES)
    http = importlib.import_module(library)
    return _sync_class(http), _async_class(http)


class Joined:
    """Some bytes and then an async iterator's; a generator would cost each piece twice the time."""

    def __init__(self, first: bytes, rest: AsyncIterator[bytes]) -> None:
        self._first, self._rest = first, rest

    def __aiter__(self) -> "Joined":
        return self

    def __anext__(self) -> Awaitable[bytes]:
        if self._first:
            first, self._first = self._first, b""
            return _given(first)
        return self._rest.__anext__()


async def _given(data: bytes) -> bytes:
    return data


def _sync_class(http: ModuleType) -> type[Any]:
    base_class: Any = http.BaseTransport
    stream_class: Any = http.SyncByteStream

    class Held(stream_class):  # type: ignore[misc]
        """What was read already, and then the rest; closing ends the request."""

        def __init__(self, copy: Copy, io: blocking.Io) -> None:
            self._copy, self._io, self._stream = copy, io, copy.response.stream

        def __iter__(self) -> Iterator[bytes]:
            held = self._copy.held
            return chain((held,), self._copy.rest) if held else iter(self._copy.rest)

        def close(self) -> None:
            _leave(self._copy, self._io)
            self._stream.close()

    class RetryTransport(Setup, base_class):  # type: ignore[misc]
        """Sends requests again as its policy says."""

        def __init__(self, policy: Policy | str = "budgeted", **options: Any) -> None:
            super().__init__(policy, **options)
            self.base = self.base or http.HTTPTransport()
            self._io = blocking.Io(http, self.base, hedging=self.policy.hedge_after_s is not None)
            self.room = self._io.room

        def handle_request(self, request: Any) -> Any:
            call = self.call(request)
            if call is None:
                return self.base.handle_request(request)
            copy = blocking.run(answer(call, self._io))
            return _handed(copy, Held(copy, self._io), self._io)

        def close(self) -> None:
            self._io.join()
            self.base.close()

    return RetryTransport


def _async_class(http: ModuleType) -> type[Any]:
    base_class: Any = http.AsyncBaseTransport
    stream_class: Any = http.AsyncByteStream

    class Held(stream_class):  # type: ignore[misc]
        """What was read already, and then the rest; closing ends the request."""

        def __init__(self, copy: Copy, io: awaiting.Io) -> None:
            self._copy, self._io, self._stream = copy, io, copy.response.stream

        def __aiter__(self) -> AsyncIterator[bytes]:
            held = self._copy.held
            return Joined(held, self._copy.rest) if held else aiter(self._copy.rest)

        async def aclose(self) -> None:
            _leave(self._copy, self._io)
            await self._stream.aclose()

    class AsyncRetryTransport(Setup, base_class):  # type: ignore[misc]
        """Sends requests again as its policy says."""

        def __init__(self, policy: Policy | str = "budgeted", **options: Any) -> None:
            super().__init__(policy, **options)
            self.base = self.base or http.AsyncHTTPTransport()
            self._io = awaiting.Io(http, self.base)
            self.room = self._io.room

        async def handle_async_request(self, request: Any) -> Any:
            call = self.call(request)
            if call is None:
                return await self.base.handle_async_request(request)
            copy = await answer(call, self._io)
            return _handed(copy, Held(copy, self._io), self._io)

        async def aclose(self) -> None:
            await self.base.aclose()

    return AsyncRetryTransport


def _handed(copy: Copy, stream: Any, io: blocking.Io | awaiting.Io) -> Any:
    """Return a copy's response with what was read put back before the rest."""
    if copy.response.is_closed:  # whole from the start, as a mock's or a cache's: nobody will close it
        _leave(copy, io)
    copy.response.stream = stream
    return copy.response


def _leave(copy: Copy, io: blocking.Io | awaiting.Io) -> None:
    """Give the place of an answer back that was read, or given up."""
    if not copy.left:
        copy.left = True
        io.room.leave(answered=copy.response.status_code < 400)
