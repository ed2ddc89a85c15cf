"""A policy in your own client: transports for httpx and httpx2, sync and async.

    client = httpx2.Client(transport=retrying_transport(policy))
    OpenAI(http_client=client, max_retries=0)

A failed answer is replayed only until its first text was shown. What is handed over is the
answer as it came, byte for byte.
"""

import importlib
import random
import time
from collections.abc import AsyncIterator, Iterator
from functools import cache
from types import ModuleType
from typing import Any

from deepkit.errors import UnknownNameError
from deepkit.records import Policy
from deepkit.retries.budget import Bucket
from deepkit.retries.calls import MARK, Call, crowded, replayable
from deepkit.retries.check import checked
from deepkit.retries.guarding import Guard
from deepkit.retries.presets import policy_named
from deepkit.retries.retrier import Budget
from deepkit.retries.room import AsyncRoom, Room
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

    def call(self, request: Any) -> Call:
        """Begin a call."""
        return Call(self.policy, self.rng, self.budget, self.guard, self.tally, request)


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


def _sync_class(http: ModuleType) -> type[Any]:
    base_class: Any = http.BaseTransport
    stream_class: Any = http.SyncByteStream

    class Held(stream_class):  # type: ignore[misc]
        """What was read already, and then the rest; closing ends the request."""

        def __init__(self, held: bytes, rest: Iterator[bytes], response: Any, room: Room) -> None:
            self._held, self._rest, self._stream, self._room = held, rest, response.stream, room
            self._open, self._good = True, response.status_code < 400

        def __iter__(self) -> Iterator[bytes]:
            if self._held:
                yield self._held
            yield from self._rest

        def close(self) -> None:
            if self._open:
                self._open = False
                self._room.leave(answered=self._good)
                self._stream.close()

    class RetryTransport(Setup, base_class):  # type: ignore[misc]
        """Sends requests again as its policy says."""

        def __init__(self, policy: Policy | str = "budgeted", **options: Any) -> None:
            super().__init__(policy, **options)
            self.base = self.base or http.HTTPTransport()
            self.room = Room()

        def handle_request(self, request: Any) -> Any:
            if MARK in request.extensions or not replayable(request):
                return self.base.handle_request(request)
            call = self.call(request)
            while True:
                wait_s, response = self._attempt(call)
                if wait_s is None:
                    return response
                time.sleep(wait_s)

        def _attempt(self, call: Call) -> tuple[float | None, Any]:
            first_s = call.admit()
            if first_s is None:
                raise http.PoolTimeout("Held back here by the policy's guard.", request=call.request)
            if first_s > 0.0:
                time.sleep(first_s)
            if not self.room.enter(call.left_s):
                raise http.PoolTimeout(
                    "The deadline passed before a request could be sent.", request=call.request
                )
            call.tally.attempt()
            try:
                response = self.base.handle_request(call.request)
            except http.TransportError as error:
                self.room.leave()
                wait_s = call.after_error(error)
                if wait_s is None:
                    raise
                return wait_s, None
            except BaseException:
                self.room.leave()
                raise
            return self._look(call, response)

        def _look(self, call: Call, response: Any) -> tuple[float | None, Any]:
            judge, rest, broken = call.judge(response), iter(response.stream), None
            try:
                while not judge.decided and not call.late:
                    data = next(rest, None)
                    if data is None:
                        judge.end()
                    else:
                        judge.feed(data)
            except http.TransportError as error:
                judge.cut()
                broken = error
            except BaseException:
                self._drop(response, refused=False)
                raise
            if judge.failure is None and not judge.decided:
                judge.failure = "queue_timeout"
                broken = http.ReadTimeout(
                    "No answer began within the policy's deadline.", request=call.request
                )
            if judge.failure is not None:
                wait_s = call.after_answer(judge, response.headers)
                if wait_s is not None or broken is not None:
                    self._drop(response, refused=crowded(judge))
                    if wait_s is None and broken is not None:
                        raise broken
                    return wait_s, None
            else:
                call.answered()
            response.stream = Held(bytes(judge.held), rest, response, self.room)
            return None, response

        def _drop(self, response: Any, *, refused: bool) -> None:
            self.room.leave(refused=refused)
            response.close()

        def close(self) -> None:
            self.base.close()

    return RetryTransport


def _async_class(http: ModuleType) -> type[Any]:
    base_class: Any = http.AsyncBaseTransport
    stream_class: Any = http.AsyncByteStream

    class Held(stream_class):  # type: ignore[misc]
        """What was read already, and then the rest; closing ends the request."""

        def __init__(self, held: bytes, rest: AsyncIterator[bytes], response: Any, room: AsyncRoom) -> None:
            self._held, self._rest, self._stream, self._room = held, rest, response.stream, room
            self._open, self._good = True, response.status_code < 400

        async def __aiter__(self) -> AsyncIterator[bytes]:
            if self._held:
                yield self._held
            async for data in self._rest:
                yield data

        async def aclose(self) -> None:
            if self._open:
                self._open = False
                self._room.leave(answered=self._good)
                await self._stream.aclose()

    class AsyncRetryTransport(Setup, base_class):  # type: ignore[misc]
        """Sends requests again as its policy says."""

        def __init__(self, policy: Policy | str = "budgeted", **options: Any) -> None:
            super().__init__(policy, **options)
            self.base = self.base or http.AsyncHTTPTransport()
            self.room = AsyncRoom()

        async def handle_async_request(self, request: Any) -> Any:
            if MARK in request.extensions or not replayable(request):
                return await self.base.handle_async_request(request)
            import anyio

            call = self.call(request)
            while True:
                wait_s, response = await self._attempt(call)
                if wait_s is None:
                    return response
                await anyio.sleep(wait_s)

        async def _attempt(self, call: Call) -> tuple[float | None, Any]:
            import anyio

            first_s = call.admit()
            if first_s is None:
                raise http.PoolTimeout("Held back here by the policy's guard.", request=call.request)
            if first_s > 0.0:
                await anyio.sleep(first_s)
            if not await self.room.enter(call.left_s):
                raise http.PoolTimeout(
                    "The deadline passed before a request could be sent.", request=call.request
                )
            call.tally.attempt()
            try:
                response = await self.base.handle_async_request(call.request)
            except http.TransportError as error:
                self.room.leave()
                wait_s = call.after_error(error)
                if wait_s is None:
                    raise
                return wait_s, None
            except BaseException:
                self.room.leave()
                raise
            return await self._look(call, response)

        async def _look(self, call: Call, response: Any) -> tuple[float | None, Any]:
            judge, rest, broken = call.judge(response), aiter(response.stream), None
            try:
                while not judge.decided and not call.late:
                    data = await anext(rest, None)
                    if data is None:
                        judge.end()
                    else:
                        judge.feed(data)
            except http.TransportError as error:
                judge.cut()
                broken = error
            except BaseException:
                await self._drop(response, refused=False)
                raise
            if judge.failure is None and not judge.decided:
                judge.failure = "queue_timeout"
                broken = http.ReadTimeout(
                    "No answer began within the policy's deadline.", request=call.request
                )
            if judge.failure is not None:
                wait_s = call.after_answer(judge, response.headers)
                if wait_s is not None or broken is not None:
                    await self._drop(response, refused=crowded(judge))
                    if wait_s is None and broken is not None:
                        raise broken
                    return wait_s, None
            else:
                call.answered()
            response.stream = Held(bytes(judge.held), rest, response, self.room)
            return None, response

        async def _drop(self, response: Any, *, refused: bool) -> None:
            self.room.leave(refused=refused)
            await response.aclose()

        async def aclose(self) -> None:
            await self.base.aclose()

    return AsyncRetryTransport
