"""One event loop for the process, so that plain functions can run asynchronous work anywhere.

A notebook cell already runs inside a loop, a widget callback may run in any thread, a
script has no loop at all: a daemon thread that owns one loop serves all three. An
interrupted call cancels its work and waits until it has cleaned up after itself.
"""

import asyncio
import math
import threading
from collections.abc import Coroutine
from contextlib import suppress
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")

DRAIN_S = 5.0
"""How long an interrupted call waits for its work to clean up, in seconds."""

TICK_S = 0.03
"""How often a coroutine that waits for another thread looks up, in seconds."""
STOPPED = "Stopped; nothing is left running."

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


class Stopped(KeyboardInterrupt):
    """The user interrupted, and what ran has cleaned up after itself; a notebook shows the sentence alone."""

    def __init__(self) -> None:
        super().__init__(STOPPED)

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in a traceback's place."""
        return [STOPPED]


def _shared_loop() -> asyncio.AbstractEventLoop:
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="deepkit-loop", daemon=True).start()
        return _loop


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run asynchronous work to its end and return its result.

    Args:
        work: The coroutine. It runs on DeepKit's own loop thread.

    Returns:
        What the coroutine returns.

    Raises:
        RuntimeError: When called from DeepKit's own loop, which would wait for itself.
        Stopped: On an interrupt; the work was cancelled first, and had DRAIN_S seconds to clean up.
        BaseException: Whatever the coroutine raised.
    """
    loop = _shared_loop()
    try:
        inside = asyncio.get_running_loop() is loop
    except RuntimeError:
        inside = False
    if inside:
        work.close()
        message = (
            "A plain DeepKit call was made from DeepKit's own loop; await the twin in deepkit.aio instead."
        )
        raise RuntimeError(message)
    finished = threading.Event()

    async def watched() -> T:
        try:
            return await work
        finally:
            finished.set()

    future = None
    try:
        future = asyncio.run_coroutine_threadsafe(watched(), loop)
        return future.result()
    except BaseException as error:
        if future is not None and not future.done():
            future.cancel()
            _drained(finished)
        if isinstance(error, KeyboardInterrupt):
            raise Stopped from None
        raise


def _drained(finished: threading.Event) -> None:
    """Wait until cancelled work has cleaned up; a second interrupt does not stop the cleaning."""
    ends = monotonic() + DRAIN_S
    while not finished.is_set() and monotonic() < ends:
        with suppress(KeyboardInterrupt):
            finished.wait(ends - monotonic())


async def elsewhere(work: Coroutine[Any, Any, T]) -> T:
    """Await work that runs on DeepKit's loop from a coroutine on another loop.

    Args:
        work: The coroutine to run there.

    Returns:
        What the coroutine returns. Cancelling the caller, as a notebook does on an interrupt, cancels the work.
    """
    loop = _shared_loop()
    if asyncio.get_running_loop() is loop:
        return await work
    finished = threading.Event()

    async def watched() -> T:
        try:
            return await work
        finally:
            finished.set()

    future = asyncio.run_coroutine_threadsafe(watched(), loop)
    try:
        while not future.done():  # noqa: ASYNC110 (see `ended`)
            await asyncio.sleep(TICK_S)
        return future.result()
    except asyncio.CancelledError as cancelled:
        future.cancel()
        await ended(finished, DRAIN_S)
        in_one_line(cancelled)
        raise


async def ended(event: threading.Event, timeout_s: float = math.inf) -> bool:
    """Wait in a coroutine until an event of another thread is set.

    A kernel's loop that has nothing to do sleeps through an interrupt (tornado's `add_callback` does not wake
    the thread that it is called in); so this one looks up every now and then.

    Args:
        event: The event.
        timeout_s: Longest wait, in seconds.

    Returns:
        Whether it is set.
    """
    ends = monotonic() + timeout_s
    while not event.is_set() and monotonic() < ends:  # noqa: ASYNC110 (an event of another thread)
        await asyncio.sleep(TICK_S)
    return event.is_set()


def in_one_line(cancelled: asyncio.CancelledError) -> None:
    """Let a notebook show a cancellation as one sentence; it stays one, so that timeouts understand it."""
    cancelled._render_traceback_ = lambda: [STOPPED]  # type: ignore[attr-defined]


def allow_nested_loops() -> None:
    """Let notebooks call `asyncio.run` themselves, by applying nest-asyncio.

    DeepKit does not need it. It is archived, replaces the task class of the whole
    process with a slower one, and breaks `uvloop.run`; `docs/design.md` says more.
    """
    from deepkit.extras import extra

    with extra("lab"):
        import nest_asyncio

    nest_asyncio.apply()
