"""At most ten updates a second reach the page, and the last one always does."""

import threading
import time
from collections.abc import Callable

EVERY_S = 0.1


class RateLimit:
    """Calls a function with the latest state, never more often than every `every_s` seconds.

    Args:
        update: What to call; it reads the state itself.
        every_s: Shortest time between two calls, in seconds.
    """

    def __init__(self, update: Callable[[], None], every_s: float = EVERY_S) -> None:
        self._update, self._every_s = update, every_s
        self._lock = threading.Lock()
        self._last = 0.0
        self._timer: threading.Timer | None = None

    def touch(self) -> None:
        """Say that the state has changed."""
        with self._lock:
            if self._timer is not None:
                return
            wait = self._last + self._every_s - time.monotonic()
            if wait > 0:
                self._timer = threading.Timer(wait, self._late)
                self._timer.daemon = True
                self._timer.start()
                return
            self._last = time.monotonic()
        self._update()

    def flush(self) -> None:
        """Show the last state now and stop the clock."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._last = time.monotonic()
        self._update()

    def _late(self) -> None:
        with self._lock:
            if self._timer is None:
                return
            self._timer = None
            self._last = time.monotonic()
        self._update()
