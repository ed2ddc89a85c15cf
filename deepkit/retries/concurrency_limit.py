"""AIMD concurrency limit: how many requests a transport keeps open at once, found from the server's 429.

DeepSeek limits the requests that an account has open, not their rate
(https://api-docs.deepseek.com/quick_start/rate_limit): what helps is to wait until one of them ends. A 429
halves the limit, each round of answers raises it by one (additive increase, multiplicative decrease; Chiu and
Jain 1989, doi 10.1016/0169-7552(89)90019-6). There is no limit until the first 429.
"""

import threading
from typing import Any


class ConcurrencyLimit:
    """The count of open requests and their limit, without waiting."""

    def __init__(self) -> None:
        self.open = 0
        self.limit: float | None = None

    def available(self) -> bool:
        """Return whether another request may be sent."""
        return self.limit is None or self.open < max(1.0, self.limit)

    def try_acquire(self) -> bool:
        """Count another request if it may be sent now."""
        free = self.available()
        self.open += free
        return free

    def release(self, *, answered: bool = False, refused: bool = False) -> None:
        """Count a request as ended.

        Args:
            answered: It was answered: the limit grows by one for each round of answers.
            refused: A 429 said that too many were open: half of them is the new limit.
        """
        if refused:
            self.limit = max(1.0, self.open / 2)
        if answered and self.limit is not None:
            self.limit += 1.0 / max(1.0, self.limit)
        self.open -= 1


class ThreadLimit(ConcurrencyLimit):
    """A limit at which threads wait."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()

    def try_acquire(self) -> bool:
        """Count another request if it may be sent now."""
        with self._changed:
            return super().try_acquire()

    def acquire(self, timeout_s: float | None) -> bool:
        """Wait until a request may be sent, and count it; False after `timeout_s` seconds (None: no end)."""
        with self._changed:
            return self._changed.wait_for(super().try_acquire, timeout_s)

    def release(self, *, answered: bool = False, refused: bool = False) -> None:
        """Count a request as ended and wake those that wait."""
        with self._changed:
            super().release(answered=answered, refused=refused)
            self._changed.notify_all()


class TaskLimit(ConcurrencyLimit):
    """A limit at which the tasks of one event loop wait."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[Any] = []

    async def acquire(self, timeout_s: float | None) -> bool:
        """Wait until a request may be sent, and count it; False after `timeout_s` seconds (None: no end)."""
        import anyio

        with anyio.move_on_after(timeout_s):
            while not self.try_acquire():
                event = anyio.Event()
                self._waiting.append(event)
                try:
                    await event.wait()
                finally:
                    self._waiting.remove(event)
            return True
        return False

    def release(self, *, answered: bool = False, refused: bool = False) -> None:
        """Count a request as ended and wake those that wait."""
        super().release(answered=answered, refused=refused)
        for event in self._waiting:
            event.set()
