"""The attempts of a call, written once for sync and async clients.

The loop is a coroutine. `AsyncIO` lets it wait as coroutines do; over `SyncIO` nothing in it ever suspends, and
`run` brings it to its end in one step.
"""

import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, TypeVar, cast

from deepkit.retries.attempt import Attempt, ClientIO, drop, send
from deepkit.retries.call import Call
from deepkit.retries.concurrency_limit import TaskLimit, ThreadLimit

T = TypeVar("T")


async def answer(call: Call, io: ClientIO) -> Attempt:
    """Try a call as often as its policy allows.

    Args:
        call: The call.
        io: How to wait, send and read.

    Returns:
        The attempt whose response is to be handed over. It counts as open until that is closed.

    Raises:
        Exception: The client library's own, when the last attempt ended in one.
    """
    hedge_after_s = call.retrier.policy.hedge_after_s
    while True:
        await _may_send(call, io)
        if hedge_after_s is None:
            attempt = Attempt()
            await send(attempt, call, io)
        else:
            from deepkit.retries.hedging import hedged

            attempt = await hedged(call, io, hedge_after_s)
        wait_s = call.after(attempt.failure, attempt.headers, attempt.message)
        if wait_s is None and attempt.error is None:
            return attempt
        await drop(attempt, io)
        if wait_s is None:
            assert attempt.error is not None
            raise attempt.error
        await io.sleep(wait_s)


async def _may_send(call: Call, io: ClientIO) -> None:
    """Wait for the throttle and for the concurrency limit."""
    throttle = call.retrier.throttle
    if throttle is not None:
        wait_s = throttle.admit(call.left_s)
        if wait_s is None:
            raise io.http.PoolTimeout("Held back here by the policy's guard.", request=call.request)
        if wait_s > 0.0:
            await io.sleep(wait_s)
    if not io.concurrency.try_acquire() and not await io.acquire(call.left_s):
        raise io.http.PoolTimeout("The deadline passed before a request could be sent.", request=call.request)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends, and return what it returns."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast(T, end.value)
    coroutine.close()
    message = "a sync client's path has suspended"
    raise RuntimeError(message)


class SyncIO:
    """Waiting as threads do.

    Args:
        http: The client library's module.
        base: The transport that sends.
    """

    def __init__(self, http: Any, base: Any) -> None:
        self.http, self.base = http, base
        self.concurrency = ThreadLimit()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)  # noqa: ASYNC251 - no event loop runs this

    async def acquire(self, timeout_s: float | None) -> bool:
        """Wait until the concurrency limit allows a request; False when the time is up first."""
        return self.concurrency.acquire(timeout_s)

    async def send(self, request: Any) -> Any:
        """Send a request and return its response."""
        return self.base.handle_request(request)

    def chunks(self, response: Any) -> Iterator[bytes]:
        """Return the body's pieces."""
        return iter(response.stream)

    async def read(self, chunks: Iterator[bytes]) -> bytes | None:
        """Return the next bytes; None at the end."""
        return next(chunks, None)

    async def close(self, response: Any) -> None:
        """Close a response."""
        response.close()


class AsyncIO:
    """Waiting as coroutines do.

    Args:
        http: The client library's module.
        base: The transport that sends.
    """

    def __init__(self, http: Any, base: Any) -> None:
        self.http = http
        self.concurrency = TaskLimit()
        self.acquire = self.concurrency.acquire
        self.send: Callable[[Any], Any] = base.handle_async_request

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        import anyio

        await anyio.sleep(seconds)

    def chunks(self, response: Any) -> AsyncIterator[bytes]:
        """Return the body's pieces."""
        return cast(AsyncIterator[bytes], aiter(response.stream))

    async def read(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        """Return the next bytes; None at the end."""
        return await anext(chunks, None)

    async def close(self, response: Any) -> None:
        """Close a response, also while this task is being cancelled."""
        import anyio

        with anyio.CancelScope(shield=True):
            await response.aclose()
