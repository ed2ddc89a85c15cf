"""How a sync client waits, sends and reads; a hedged call's copies run in threads of their own."""

import contextlib
import contextvars
import queue
import threading
import time
from collections.abc import Coroutine, Iterator
from types import TracebackType
from typing import Any, TypeVar, cast

from deepkit.retries.attempts import drop, send
from deepkit.retries.calls import Call
from deepkit.retries.copies import Copy
from deepkit.retries.lines import cut, release, watch, watched
from deepkit.retries.room import Room

T = TypeVar("T")
JOIN_S = 5.0
"""How long `close` waits for copies that are still on their way, in seconds."""


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends, and return what it returns."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast(T, end.value)
    coroutine.close()
    message = "a sync client's path has suspended"
    raise RuntimeError(message)


class Io:
    """Waiting as threads do.

    Args:
        http: The client library's module.
        base: The transport that sends.
        hedging: Copies will be raced, so that losers must be cut off.
    """

    def __init__(self, http: Any, base: Any, *, hedging: bool) -> None:
        self.http, self.base = http, base
        self.room = Room()
        self.threads: set[threading.Thread] = set()
        if hedging:
            watch(base)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)  # noqa: ASYNC251 - no event loop runs this

    async def enter(self, timeout_s: float | None) -> bool:
        """Take a place in the room; False when the time is up first."""
        return self.room.enter(timeout_s)

    async def send(self, request: Any) -> Any:
        """Send a request and return its response."""
        return self.base.handle_request(request)

    def chunks(self, response: Any) -> Iterator[bytes]:
        """Return the body's pieces."""
        return iter(response.stream)

    async def read(self, chunks: Iterator[bytes]) -> bytes | None:
        """Return the next bytes; None at the end."""
        return next(chunks, None)

    async def close(self, copy: Copy) -> None:
        """Close a response."""
        release(copy)
        copy.response.close()

    def race(self, call: Call) -> "Race":
        """Return a race of copies of that call."""
        return Race(self, call)

    def join(self) -> None:
        """Wait for the threads of copies that lost; they end as soon as they notice."""
        until = time.monotonic() + JOIN_S
        for thread in list(self.threads):
            thread.join(max(0.0, until - time.monotonic()))


class Race:
    """Copies under way together, each in a thread; a loser is cut off and closed by its own thread."""

    def __init__(self, io: Io, call: Call) -> None:
        self._io, self._call = io, call
        self._ended: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        self._copies: set[Copy] = set()
        self._lock = threading.Lock()
        self._over = False
        self.running = 0

    async def __aenter__(self) -> "Race":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._over = True
            for copy in self._copies:
                cut(copy)
        with contextlib.suppress(queue.Empty):
            while True:
                await drop(self._ended.get_nowait(), self._io)

    def start(self, copy: Copy) -> None:
        """Send a copy."""
        self.running += 1
        context = contextvars.copy_context()  # tracing and logging of the caller see the copy as theirs
        thread = threading.Thread(
            target=context.run, args=(self._run, copy), name="deepkit-copy", daemon=True
        )
        self._io.threads.add(thread)
        self._copies.add(copy)
        thread.start()

    def _run(self, copy: Copy) -> None:
        try:
            with watched(copy):
                try:
                    run(send(copy, self._call, self._io))
                except BaseException as error:  # the caller's thread raises it
                    copy.bug = error
            with self._lock:
                self._copies.discard(copy)
                if not self._over:
                    self._ended.put(copy)
                    return
            run(drop(copy, self._io))
        finally:
            self._io.threads.discard(threading.current_thread())

    async def next(self, timeout_s: float | None) -> Copy | None:
        """Return the next copy that is decided; None when the time is up first."""
        try:
            copy = self._ended.get(timeout=timeout_s)
        except queue.Empty:
            return None
        self.running -= 1
        return copy
