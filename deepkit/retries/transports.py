"""A policy in your own client: transports for httpx and httpx2, sync and async.

    client = httpx2.Client(transport=retrying_transport(policy, library="httpx2"))
    OpenAI(http_client=client, max_retries=0)

A failed answer is sent again only until its first text was shown. What is handed over is the
answer as it came, byte for byte.
"""

import importlib
from collections.abc import AsyncIterator, Awaitable, Iterator
from functools import cache
from itertools import chain
from types import ModuleType
from typing import Any

from deepkit.errors import UnknownNameError, UsageError
from deepkit.records import Policy
from deepkit.retries.attempt import Attempt, ClientIO
from deepkit.retries.call import Shared, call_for
from deepkit.retries.retry_loop import AsyncIO, SyncIO, answer, run

LIBRARIES = ("httpx", "httpx2")
NO_SYNC_HEDGING = (
    "A sync client cannot send a second copy of a request (hedge_after_s); "
    "use retrying_async_transport, or leave hedge_after_s at None"
)


def retrying_transport(policy: Policy | str = "budgeted", *, library: str = "httpx", **options: Any) -> Any:
    """Return a transport that obeys a policy, for `Client(transport=...)`.

    Args:
        policy: The policy, or a preset's name.
        library: "httpx" or "httpx2"; OpenAI SDK 1.x uses the first, 3.x the second.
        **options: `base` (the transport that sends), `budget`, `tally`, `rng`; see Shared.

    Returns:
        A transport. Its `tally` counts calls, attempts and waits.

    Raises:
        UnknownNameError: When there is no such library or policy.
        UsageError: When the policy cannot be run, the library is not installed, or the policy hedges, which
            takes an async client.
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
    try:
        http = importlib.import_module(library)
    except ImportError as error:
        raise UsageError(f"{library} is not installed here: pip install {library}") from error
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

    class Body(stream_class):  # type: ignore[misc]
        """What was read already, and then the rest; closing ends the request."""

        def __init__(self, attempt: Attempt, io: SyncIO) -> None:
            self._attempt, self._io, self._stream = attempt, io, attempt.response.stream

        def __iter__(self) -> Iterator[bytes]:
            held = self._attempt.held
            return chain((held,), self._attempt.rest) if held else iter(self._attempt.rest)

        def close(self) -> None:
            _release(self._attempt, self._io)
            self._stream.close()

    class RetryTransport(Shared, base_class):  # type: ignore[misc]
        """Sends requests again as its policy says."""

        def __init__(self, policy: Policy | str = "budgeted", **options: Any) -> None:
            super().__init__(policy, **options)
            if self.policy.hedge_after_s is not None:
                raise UsageError(NO_SYNC_HEDGING)
            self.base = self.base or http.HTTPTransport()
            self._io = SyncIO(http, self.base)
            self.concurrency = self._io.concurrency

        def handle_request(self, request: Any) -> Any:
            _same_library(request, http)
            call = call_for(self, request, http.ByteStream)
            if call is None:
                return self.base.handle_request(request)
            attempt = run(answer(call, self._io))
            return _handed_over(attempt, Body(attempt, self._io), self._io)

        def close(self) -> None:
            self.base.close()

    return RetryTransport


def _async_class(http: ModuleType) -> type[Any]:
    base_class: Any = http.AsyncBaseTransport
    stream_class: Any = http.AsyncByteStream

    class Body(stream_class):  # type: ignore[misc]
        """What was read already, and then the rest; closing ends the request."""

        def __init__(self, attempt: Attempt, io: AsyncIO) -> None:
            self._attempt, self._io, self._stream = attempt, io, attempt.response.stream

        def __aiter__(self) -> AsyncIterator[bytes]:
            held = self._attempt.held
            return Joined(held, self._attempt.rest) if held else aiter(self._attempt.rest)

        async def aclose(self) -> None:
            _release(self._attempt, self._io)
            await self._stream.aclose()

    class AsyncRetryTransport(Shared, base_class):  # type: ignore[misc]
        """Sends requests again as its policy says."""

        def __init__(self, policy: Policy | str = "budgeted", **options: Any) -> None:
            super().__init__(policy, **options)
            self.base = self.base or http.AsyncHTTPTransport()
            self._io = AsyncIO(http, self.base)
            self.concurrency = self._io.concurrency

        async def handle_async_request(self, request: Any) -> Any:
            _same_library(request, http)
            call = call_for(self, request, http.ByteStream)
            if call is None:
                return await self.base.handle_async_request(request)
            attempt = await answer(call, self._io)
            return _handed_over(attempt, Body(attempt, self._io), self._io)

        async def aclose(self) -> None:
            await self.base.aclose()

    return AsyncRetryTransport


def _same_library(request: Any, http: ModuleType) -> None:
    """Refuse the client of another library, which would end in a bare AssertionError."""
    if not isinstance(request, http.Request):
        other = type(request).__module__.partition(".")[0]
        raise UsageError(
            f"This transport was made for {http.__name__} and is used in a client of {other}; "
            f"make it with library={other!r}."
        )


def _handed_over(attempt: Attempt, body: Any, io: ClientIO) -> Any:
    """Return an attempt's response with what was read put back before the rest."""
    if attempt.response.is_closed:  # whole from the start, as a mock's or a cache's: nobody will close it
        _release(attempt, io)
    attempt.response.stream = body
    return attempt.response


def _release(attempt: Attempt, io: ClientIO) -> None:
    """Count the request of an answer as ended: it was read, or given up."""
    if not attempt.released:
        attempt.released = True
        io.concurrency.release(answered=attempt.response.status_code < 400)
