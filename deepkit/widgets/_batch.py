"""Many trials side by side, two or three at a time, cancellable as one."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from deepkit.loops import DRAIN_S, ended, in_one_line
from deepkit.widgets.fix import FixView

AT_ONCE = 3
"""Trials that run side by side: most of a trial is waiting, and each has a sandbox of its own."""


class Batch:
    """Tries many fixes, each in its first place.

    Args:
        views: The fixes to try.
        tell: Called whenever one has ended, from a thread of the batch.
        at_once: How many run side by side.
    """

    def __init__(self, views: Sequence[FixView], tell: Callable[[], None], at_once: int = AT_ONCE) -> None:
        self._views, self._tell, self._at_once = list(views), tell, at_once
        self._cancel, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="deepkit-trials", daemon=True)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._thread.is_alive()

    def start(self) -> "Batch":
        """Begin, and return at once."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Stop what runs and do not begin what waits."""
        self._cancel.set()
        for view in self._views:
            view.cancel()

    async def finished(self) -> None:
        """Wait in a coroutine; cancelling the caller, as an interrupt in a notebook does, cancels the batch."""
        try:
            await ended(self._over)
        except asyncio.CancelledError as cancelled:
            self.cancel()
            await ended(self._over, DRAIN_S)
            in_one_line(cancelled)
            raise

    def _one(self, view: FixView) -> None:
        if not self._cancel.is_set():
            view.start().wait()
            self._tell()

    def _run(self) -> None:
        try:
            with ThreadPoolExecutor(self._at_once, thread_name_prefix="deepkit-trial") as pool:
                list(pool.map(self._one, self._views))
            self._tell()
        finally:
            self._over.set()
