"""Work in the background: returns at once, can be cancelled from any thread, leaves nothing running."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError as FutureCancelled
from typing import Any, Generic, TypeVar

from deepkit.errors import DeepkitError
from deepkit.loops import DRAIN_S, ended, in_one_line, run

T = TypeVar("T")


class Job(Generic[T]):
    """One piece of asynchronous work on DeepKit's loop, watched by a thread of its own.

    Args:
        work: Makes the coroutine.
        done: Called in the job's thread once it ended in any way.
    """

    def __init__(
        self, work: Callable[[], Coroutine[Any, Any, T]], done: Callable[["Job[T]"], None] | None = None
    ) -> None:
        self._work, self._done = work, done
        self._cancel = threading.Event()
        self._ended = threading.Event()
        self._task: asyncio.Task[T] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.result: T | None = None
        self.error: str | None = None
        self._thread = threading.Thread(target=self._watch, name="deepkit-job", daemon=True)

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._cancel.is_set()

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._thread.is_alive() and not self._ended.is_set()

    def start(self) -> "Job[T]":
        """Begin, and return at once."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Ask it to stop; the work is cancelled and cleans up after itself."""
        self._cancel.set()
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            loop.call_soon_threadsafe(task.cancel)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it has ended; an interrupt cancels it first.

        Args:
            timeout_s: Longest wait in seconds.

        Returns:
            Whether it has ended.
        """
        try:
            return self._ended.wait(timeout_s)
        except BaseException:
            self.cancel()
            self._ended.wait(10.0)
            raise

    async def finished(self) -> None:
        """Wait in a coroutine on any loop; cancelling the caller cancels the job (a notebook does on interrupt)."""
        try:
            await ended(self._ended)
        except asyncio.CancelledError as cancelled:
            self.cancel()
            await ended(self._ended, DRAIN_S)
            in_one_line(cancelled)
            raise

    async def _supervised(self) -> T:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.ensure_future(self._work())
        if self._cancel.is_set():
            self._task.cancel()
        return await self._task

    def _watch(self) -> None:
        try:
            self.result = run(self._supervised())
        except (asyncio.CancelledError, FutureCancelled):
            self.error = "It was cancelled; what had been measured until then is not used."
        except DeepkitError as error:
            self.error = str(error)
        except Exception as error:  # the page must say what broke, whatever it was
            self.error = f"DeepKit itself failed ({type(error).__name__}: {error}). Please report this."
        finally:
            try:
                if self._done is not None:
                    self._done(self)
            finally:
                self._ended.set()  # last, so that whoever waits finds everything in place
