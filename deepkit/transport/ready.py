"""Waiting on a socket, with the stamp taken in the loop's own callback.

asyncio's `sock_recv` and `sock_connect` wake a task when the socket is ready, and only that task
could look at the clock: on a quiet machine 0.1 to 0.2 ms later (docs/timing.md). Here the callback
itself reads and stamps; the task may then come when it comes.
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


async def _told(
    watch: Callable[[int, Callable[[], None]], None], leave: Callable[[int], bool], sock: socket.socket,
    attempt: Callable[[], tuple[bytes, float] | None],
) -> tuple[bytes, float]:  # fmt: skip
    """Wait until `attempt`, called whenever the socket is ready, gives a result."""
    future: asyncio.Future[tuple[bytes, float]] = asyncio.get_running_loop().create_future()
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

    async def take(self, size: int) -> tuple[bytes, float]:
        """Read what there is, or wait for it.

        Args:
            size: Most bytes.

        Returns:
            The bytes (none at the end), and perf_counter's reading when they had been read.

        Raises:
            OSError: When the connection broke.
        """

        def attempt() -> tuple[bytes, float] | None:
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
            return await _told(self._loop.add_reader, self._loop.remove_reader, self._sock, attempt)
        except NotImplementedError:  # Windows' own loop watches no sockets
            return await self._loop.sock_recv(self._sock, size), perf_counter()
        finally:
            self._waited = perf_counter()


async def connected(sock: socket.socket, address: str, port: int) -> float:
    """Connect a non-blocking socket.

    Args:
        sock: Of the address's family.
        address: IPv4 or IPv6.
        port: The port.

    Returns:
        perf_counter's reading when the connection stood.

    Raises:
        OSError: When it does not.
    """
    loop = asyncio.get_running_loop()
    if "%" in address:  # a link-local address with its interface: asyncio knows how to write it
        await loop.sock_connect(sock, (address, port))
        return perf_counter()
    code = sock.connect_ex((address, port))
    if code == 0:
        return perf_counter()
    if code not in _PENDING:
        raise OSError(code, os.strerror(code))
    with contextlib.suppress(OSError):  # on the same machine it stands before anybody can wait for it
        sock.getpeername()
        return perf_counter()

    def attempt() -> tuple[bytes, float] | None:
        failed = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failed:
            raise OSError(failed, os.strerror(failed))
        return b"", perf_counter()

    try:
        return (await _told(loop.add_writer, loop.remove_writer, sock, attempt))[1]
    except NotImplementedError:
        await loop.sock_connect(sock, (address, port))
        return perf_counter()
