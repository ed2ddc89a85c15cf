"""How many requests of one's own may be open at once, learnt from the server's 429.

DeepSeek limits the requests an account has open, not their rate
(https://api-docs.deepseek.com/quick_start/rate_limit): what helps is to wait for one's own to
end. The limit found is halved on a 429 and grows by one for each round of answers (AIMD; Chiu and
Jain 1989, doi 10.1016/0169-7552(89)90019-6).
"""

import threading
from typing import Any


class Limit:
    """The limit itself, without waiting."""

    def __init__(self) -> None:
        self.open = 0
        self.limit: float | None = None

    def free(self) -> bool:
        """Another request may be sent."""
        return self.limit is None or self.open < max(1.0, self.limit)

    def refused(self) -> None:
        """Learn from a 429: half of what was open is safe."""
        self.limit = max(1.0, self.open / 2)

    def answered(self) -> None:
        """Learn from an answer."""
        if self.limit is not None:
            self.limit += 1.0 / max(1.0, self.limit)


class Room:
    """A limit that threads wait at."""

    def __init__(self) -> None:
        self.limit = Limit()
        self._changed = threading.Condition()

    def try_enter(self) -> bool:
        """Take a place if one is free; a second copy never waits for one."""
        with self._changed:
            free = self.limit.free()
            self.limit.open += free
            return free

    def enter(self, timeout_s: float | None) -> bool:
        """Wait until a request may be sent; False when the time is up first."""
        with self._changed:
            if not self._changed.wait_for(self.limit.free, timeout_s):
                return False
            self.limit.open += 1
            return True

    def leave(self, *, answered: bool = False, refused: bool = False) -> None:
        """Note that a request has ended, and how."""
        with self._changed:
            if refused:
                self.limit.refused()
            if answered:
                self.limit.answered()
            self.limit.open -= 1
            self._changed.notify_all()


class AsyncRoom:
    """A limit that tasks of one event loop wait at."""

    def __init__(self) -> None:
        self.limit = Limit()
        self._waiting: list[Any] = []

    def try_enter(self) -> bool:
        """Take a place if one is free; a second copy never waits for one."""
        free = self.limit.free()
        self.limit.open += free
        return free

    async def enter(self, timeout_s: float | None) -> bool:
        """Wait until a request may be sent; False when the time is up first."""
        if self.limit.free():
            self.limit.open += 1
            return True
        import anyio

        with anyio.move_on_after(timeout_s):
            while not self.limit.free():
                event = anyio.Event()
                self._waiting.append(event)
                try:
                    await event.wait()
                finally:
                    self._waiting.remove(event)
            self.limit.open += 1
            return True
        return False

    def leave(self, *, answered: bool = False, refused: bool = False) -> None:
        """Note that a request has ended, and how."""
        if refused:
            self.limit.refused()
        if answered:
            self.limit.answered()
        self.limit.open -= 1
        for event in self._waiting:
            event.set()
