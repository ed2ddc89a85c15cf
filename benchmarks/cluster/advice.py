"""How long a recommendation takes, beside a simulation of 100,000 requests in the same run."""

import time
from collections.abc import Callable
from typing import Any

from deepkit.cluster import Cluster, recommend, simulate
from deepkit.records import Evidence
from tests.observed import observed

CASES = ((10, 0), (6, 2), (20, 10), (40, 36), (40, 40))
"""Answers and failures among them."""


def seen(n: int, failures: int) -> Evidence:
    """Return evidence of so many answers."""
    facts: dict[str, Any] = {
        "n": n,
        "ok": n - failures,
        "failures": {"http_503": failures} if failures else {},
        "sequence": [
            "http_503" if place * failures // n != (place + 1) * failures // n else None for place in range(n)
        ],
        "latencies_s": [2.0] * (n - failures),
    }
    return Evidence((observed("chat.stream", "fault" if failures else "ok", **facts),))


def least(run: Callable[[], object]) -> float:
    """Return the least processor time of three runs, in seconds."""
    times = []
    for _ in range(3):
        began = time.process_time()
        run()
        times.append(time.process_time() - began)
    return min(times)


def main() -> None:
    """Print processor time and the ratio for each case."""
    peer = Cluster(8, 8, 9.0, 1.0)
    simulate(peer, "openai_sdk", requests=1000)
    for n, failures in CASES:
        base = least(lambda: simulate(peer, "openai_sdk", requests=100_000))
        took = least(lambda n=n, failures=failures: recommend(seen(n, failures)))  # type: ignore[misc]
        print(
            f"  {failures:>2} of {n:>2} failed: {took:.2f} s, {took / base:.0f} simulations of 100,000 requests"
        )


if __name__ == "__main__":
    main()
