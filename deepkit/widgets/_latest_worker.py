"""A worker thread that serves only the latest request; requests that were overtaken are never begun."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestWorker(Generic[T]):
    """Serves one request at a time in a thread of its own; only the latest request waits, there is no queue.

    Args:
        work: Called with a request and a function that tells whether a newer one has come; long work
            asks it now and then and ends early. It must not raise.
    """

    def __init__(self, work: Callable[[T, Callable[[], bool]], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[T] = []
        self._idle = threading.Event()
        self._idle.set()

    def ask(self, request: T) -> None:
        """Take a request and return at once; from any thread."""
        with self._lock:
            self._waiting = [request]
            if self._idle.is_set():
                self._idle.clear()
                threading.Thread(target=self._run, name="deepkit-latest", daemon=True).start()

    def overtaken(self) -> bool:
        """Tell whether a newer request waits."""
        return bool(self._waiting)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until no request waits or runs.

        Args:
            timeout_s: Longest wait in seconds.

        Returns:
            Whether it is so.
        """
        return self._idle.wait(timeout_s)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._idle.set()  # under the lock, so that no request is left without a thread
                    return
                request = self._waiting.pop()
            try:
                self._work(request, self.overtaken)
            except BaseException:
                with self._lock:
                    self._waiting.clear()
                    self._idle.set()
                raise
