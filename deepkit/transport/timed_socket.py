"""Waiting on a socket, with the stamp taken in the loop's own callback.

`sock_recv` and `sock_connect` of asyncio, and `wait_readable` of anyio, wake a task when the socket is
ready, and only that task could look at the clock: on a quiet machine 0.1 to 0.2 ms later (docs/timing.md).
Here the callback itself reads and stamps; the task may then come when it comes.
"""

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Callable
from time import perf_counter

_PENDING = {errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, 10035}
TURN_S = 0.01
"""After so long without a wait the loop gets its turn: a flood must not stop the clock."""

Stamped = tuple[bytes, float]
"""What was read, and perf_counter's reading when it had been read."""


async def _when_ready(
    watch: Callable[[int, Callable[[], None]], None],
    leave: Callable[[int], bool],
    sock: socket.socket,
    attempt: Callable[[], Stamped | None],
) -> Stamped:
    """Wait until `attempt`, called whenever the socket is ready, gives a result."""
    future: asyncio.Future[Stamped] = asyncio.get_running_loop().create_future()
    descriptor = sock.fileno()

    def ready() -> None:
        if future.done():
            return
        try:
            result = attempt()
        except OSError as error:
            future.set_exception(error)
        else:
            if result is not None:
                future.set_result(result)

    watch(descriptor, ready)
    try:
        return await future
    finally:
        leave(descriptor)


class Receiver:
    """Reads one socket.

    Args:
        sock: Connected and non-blocking.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._loop = sock, asyncio.get_running_loop()
        self._waited = perf_counter()

    async def take(self, size: int) -> Stamped:
        """Read up to so many bytes, or wait for them; none at the end.

        Raises:
            OSError: When the connection broke.
        """

        def attempt() -> Stamped | None:
            try:
                return self._sock.recv(size), perf_counter()
            except (BlockingIOError, InterruptedError):
                return None

        if perf_counter() - self._waited > TURN_S:
            await asyncio.sleep(0)
            self._waited = perf_counter()
        found = attempt()
        if found is not None:
            return found
        try:
            return await _when_ready(self._loop.add_reader, self._loop.remove_reader, self._sock, attempt)
        except NotImplementedError:  # Windows' own loop watches no sockets
            return await self._loop.sock_recv(self._sock, size), perf_counter()
        finally:
            self._waited = perf_counter()


async def connected(sock: socket.socket, address: str, port: int) -> float:
    """Connect a non-blocking socket of the address's family.

    Returns:
        perf_counter's reading when the connection stood.

    Raises:
        OSError: When it does not.
    """
    loop = asyncio.get_running_loop()

    def attempt() -> Stamped | None:
        failed = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failed:
            raise OSError(failed, os.strerror(failed))
        return b"", perf_counter()

    # A link-local address with its interface is asyncio's to write, and Windows' own loop watches no sockets.
    with contextlib.suppress(NotImplementedError):
        if "%" not in address:
            code = sock.connect_ex((address, port))
            if code and code not in _PENDING:
                raise OSError(code, os.strerror(code))
            with contextlib.suppress(OSError):  # on the same machine it stands before anybody can wait for it
                sock.getpeername()
                return perf_counter()
            return (await _when_ready(loop.add_writer, loop.remove_writer, sock, attempt))[1]
    await loop.sock_connect(sock, (address, port))
    return perf_counter()
