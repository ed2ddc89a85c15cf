"""What the retrying transport adds to a request that succeeds: httpx and httpx2, sync and async, streamed and not."""

import asyncio
import random
import time
from typing import Any

import httpx
import httpx2

from deepkit.records import Policy
from deepkit.retries import retrying_async_transport, retrying_transport

ROUNDS, CALLS = 40, 40
POLICY = Policy("full_jitter", retries=5, base_s=1.0, budget_ratio=0.1)
HEDGED = Policy("full_jitter", retries=5, base_s=1.0, budget_ratio=0.1, hedge_after_s=30.0)
URL = "http://127.0.0.1/chat/completions"
WORD = b'data: {"choices":[{"delta":{"content":"pong"}}]}\n\n'
BODIES = {
    "whole": ("application/json", [b'{"choices":[{"message":{"content":"pong"}}]}']),
    "streamed": ("text/event-stream", [b": keep-alive\n\n", *[WORD] * 8, b"data: [DONE]\n\n"]),
}


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces, from no network."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Any:
        """Give the pieces."""
        yield from self.pieces

    async def __aiter__(self) -> Any:
        """Give the pieces."""
        for piece in self.pieces:
            yield piece


def instant(http: Any, kind: str) -> Any:
    """Return a transport that answers at once, so that only our own time is left."""
    content_type, pieces = BODIES[kind]

    class Both(Pieces, http.SyncByteStream, http.AsyncByteStream):  # type: ignore[misc]
        """A body that the library takes for one of its own."""

    class Instant(http.BaseTransport, http.AsyncBaseTransport):  # type: ignore[misc]
        """Answers every request alike."""

        def handle_request(self, request: Any) -> Any:
            """Answer."""
            return http.Response(
                200, headers={"content-type": content_type}, stream=Both(pieces), request=request
            )

        async def handle_async_request(self, request: Any) -> Any:
            """Answer."""
            return self.handle_request(request)

    return Instant()


def requests(http: Any) -> list[Any]:
    """Return fresh requests."""
    with http.Client() as client:
        return [client.build_request("POST", URL, content=b"{}") for _ in range(CALLS)]


def per_call(http: Any, transport: Any) -> float:
    """Return the processor time of one call through a sync transport, its answer read, in seconds."""
    asked = requests(http)
    began = time.process_time()
    for request in asked:
        response = transport.handle_request(request)
        for _ in response.stream:
            pass
        response.stream.close()
    return (time.process_time() - began) / CALLS


def per_async_call(http: Any, transport: Any) -> float:
    """Return the processor time of one call through an async transport, its answer read, in seconds."""
    asked = requests(http)

    async def go() -> float:
        began = time.process_time()
        for request in asked:
            response = await transport.handle_async_request(request)
            async for _ in response.stream:
                pass
            await response.stream.aclose()
        return (time.process_time() - began) / CALLS

    return asyncio.run(go())


def added(http: Any, way: str, kind: str, policy: Policy) -> float:
    """Return the time added to a call: least of many short rounds, interleaved with the plain transport's.

    What else runs on the machine only ever adds to a round, so the least is the one that was disturbed least.
    """
    ours, clocked = (
        (retrying_transport, per_call) if way == "sync" else (retrying_async_transport, per_async_call)
    )
    plain, ridden = [], []
    for _ in range(ROUNDS):
        plain.append(clocked(http, instant(http, kind)))
        base = instant(http, kind)
        ridden.append(clocked(http, ours(policy, library=http.__name__, base=base, rng=random.Random(1))))
    return min(ridden) - min(plain)


def main() -> None:
    """Print the time added by a policy with a budget, and by one that also hedges."""
    print("  µs of processor time added to a successful call (at most 50); in brackets with hedging on")
    for http in (httpx, httpx2):
        for way in ("sync", "async"):
            for kind in BODIES:
                plain = f"{added(http, way, kind, POLICY) * 1e6:5.1f}"
                hedged = f"  ({added(http, way, kind, HEDGED) * 1e6:5.1f})" if way == "async" else ""
                print(f"  {http.__name__:<7} {way:<6} {kind:<9} {plain}{hedged}")


if __name__ == "__main__":
    main()
