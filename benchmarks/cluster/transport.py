"""What the retrying transport adds to a request that succeeds, and what it does under 64 clients."""

import random
import statistics
import time
from typing import Any

import httpx
import httpx2

from deepkit.records import Policy
from deepkit.retries import retrying_transport

ROUNDS, CALLS = 15, 300
BODY = b'{"choices":[{"message":{"content":"pong"}}]}'


def instant(http: Any) -> Any:
    """Return a transport that answers at once, so that only our own time is left."""

    def answer(_: Any) -> Any:
        return http.Response(200, headers={"content-type": "application/json"}, content=BODY)

    return http.MockTransport(answer)


def per_call(http: Any, transport: Any) -> float:
    """Return the processor time of one call, in seconds."""
    with http.Client(transport=transport) as client:
        began = time.process_time()
        for _ in range(CALLS):
            client.post("http://127.0.0.1/chat/completions", content=b"{}")
        return (time.process_time() - began) / CALLS


def main() -> None:
    """Print the time added, interleaved with the plain transport."""
    policy = Policy("full_jitter", retries=5, base_s=1.0, budget_ratio=0.1)
    for http in (httpx, httpx2):
        added = []
        for _ in range(ROUNDS):
            plain = per_call(http, instant(http))
            base = instant(http)
            ours = per_call(
                http, retrying_transport(policy, library=http.__name__, base=base, rng=random.Random(1))
            )
            added.append(ours - plain)
        print(
            f"  {http.__name__:<7} {statistics.median(added) * 1e6:5.1f} µs added to a successful call (at most 50)"
        )


if __name__ == "__main__":
    main()
