"""Work for the newest wish only: what was overtaken while something ran is never begun."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """Does one thing at a time in a thread of its own, always for the newest wish; there is no queue.

    Args:
        work: Called with a wish and a function that tells whether a newer one has come; long work
            asks it now and then and ends early. It must not raise.
    """

    def __init__(self, work: Callable[[T, Callable[[], bool]], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._wish: list[T] = []
        self._idle = threading.Event()
        self._idle.set()

    def ask(self, wish: T) -> None:
        """Wish for something, and return at once; from any thread."""
        with self._lock:
            self._wish = [wish]
            if self._idle.is_set():
                self._idle.clear()
                threading.Thread(target=self._run, name="deepkit-newest", daemon=True).start()

    def overtaken(self) -> bool:
        """Tell whether a newer wish waits."""
        return bool(self._wish)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing is wished for and nothing runs.

        Args:
            timeout_s: Longest wait in seconds.

        Returns:
            Whether it is so.
        """
        return self._idle.wait(timeout_s)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wish:
                    self._idle.set()  # under the lock, so that no wish is left without a thread
                    return
                wish = self._wish.pop()
            try:
                self._work(wish, self.overtaken)
            except BaseException:
                with self._lock:
                    self._wish.clear()
                    self._idle.set()
                raise
