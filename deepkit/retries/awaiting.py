"""How an async client waits, sends and reads."""

from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, cast

from deepkit.retries.attempts import drop, send
from deepkit.retries.calls import Call
from deepkit.retries.copies import Copy
from deepkit.retries.room import AsyncRoom


class Io:
    """Waiting as coroutines do.

    Args:
        http: The client library's module.
        base: The transport that sends.
    """

    def __init__(self, http: Any, base: Any) -> None:
        self.http, self.base = http, base
        self.room = AsyncRoom()
        self.send: Callable[[Any], Any] = base.handle_async_request
        self.enter = self.room.enter

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        import anyio

        await anyio.sleep(seconds)

    def chunks(self, response: Any) -> AsyncIterator[bytes]:
        """Return the body's pieces."""
        return cast(AsyncIterator[bytes], aiter(response.stream))

    async def read(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        """Return the next bytes; None at the end."""
        return await anext(chunks, None)

    async def close(self, copy: Copy) -> None:
        """Close a response, also while this task is being cancelled."""
        import anyio

        with anyio.CancelScope(shield=True):
            await copy.response.aclose()

    def race(self, call: Call) -> "Race":
        """Return a race of copies of that call."""
        return Race(self, call)


class Race:
    """Copies under way together, each in a task; all of them have ended when the race is left."""

    def __init__(self, io: Io, call: Call) -> None:
        import anyio

        self._io, self._call = io, call
        self._group = anyio.create_task_group()
        self._ended: list[Copy] = []
        self._changed = anyio.Event()
        self.running = 0

    async def __aenter__(self) -> "Race":
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._group.cancel_scope.cancel()
        try:
            await self._group.__aexit__(kind, error, trace)
        finally:
            for copy in self._ended:
                await drop(copy, self._io)

    def start(self, copy: Copy) -> None:
        """Send a copy."""
        self.running += 1
        self._group.start_soon(self._run, copy)

    async def _run(self, copy: Copy) -> None:
        try:
            await send(copy, self._call, self._io)
        except Exception as error:
            copy.bug = error
        self._ended.append(copy)
        self._changed.set()

    async def next(self, timeout_s: float | None) -> Copy | None:
        """Return the next copy that is decided; None when the time is up first."""
        import anyio

        with anyio.move_on_after(timeout_s):
            while not self._ended:
                self._changed = anyio.Event()
                await self._changed.wait()
        if not self._ended:
            return None
        self.running -= 1
        return self._ended.pop(0)
