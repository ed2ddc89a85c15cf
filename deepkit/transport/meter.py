"""What a run may spend, and what it has spent."""

import asyncio
import threading
from time import monotonic

from deepkit.records import Budget


class Meter:
    """Counts the requests and output tokens of one run and refuses those beyond its budget.

    Every request of every probe, retry and failover passes through one meter, so no policy
    and no loop can exceed what was shown before the run. Safe to share between threads.

    Args:
        budget: What the run may spend.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._lock = threading.Lock()
        self._requests = 0
        self._tokens = 0
        self._free_at = 0.0

    @property
    def requests(self) -> int:
        """Requests sent so far, retries included."""
        return self._requests

    @property
    def tokens(self) -> int:
        """Output tokens spent or reserved so far."""
        return self._tokens

    @property
    def left(self) -> int:
        """Requests that may still be sent."""
        return max(0, self.budget.requests - self._requests)

    def spend(self, tokens: int = 0) -> float | None:
        """Take one request, and reserve its output, out of the budget.

        Args:
            tokens: Most output tokens the request can cost.

        Returns:
            Seconds to wait before sending, so that the spacing holds; None when the budget is spent.
        """
        with self._lock:
            if self._requests >= self.budget.requests or self._tokens + tokens > self.budget.tokens:
                return None
            self._requests += 1
            self._tokens += tokens
            now = monotonic()
            send_at = max(now, self._free_at)
            self._free_at = send_at + self.budget.spacing_s
            return send_at - now

    async def take(self, tokens: int = 0) -> bool:
        """Take one request out of the budget and wait until it may be sent.

        Args:
            tokens: Most output tokens the request can cost.

        Returns:
            False when the budget is spent: nothing may be sent then.
        """
        wait_s = self.spend(tokens)
        if wait_s is None:
            return False
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        return True

    def settle(self, reserved: int, used: int, *, received: int = 0) -> None:
        """Replace a reservation by what the server counted, as far as that can be.

        Args:
            reserved: What `spend` was given.
            used: Output tokens according to the server.
            received: Characters of the answer. A token has at least one, so a server that counts more
                than was asked for and came is not believed: one wrong number must not end the run.
        """
        with self._lock:
            self._tokens += min(max(0, used), reserved + received) - reserved
