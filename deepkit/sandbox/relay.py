"""TCP servers that relay bytes; the impairments, the proxies and the middlebox are made of them."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Coroutine, Iterable
from typing import Any

PIECE = 16 * 1024
CONNECT_S = 5.0


class Listener:
    """A TCP server whose connections all end when it stops.

    Args:
        tls: Server-side TLS, if it speaks that.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.port = 0

    async def start(self, listening: socket.socket) -> None:
        """Serve a socket that is bound already."""
        self.port = listening.getsockname()[1]
        self._server = await asyncio.start_server(self._enter, sock=listening)

    async def stop(self) -> None:
        """Close the listening end and every connection."""
        if self._server is not None:
            await deaf(self._server.sockets)
            self._server.close()
        while self._tasks:  # a task that was just being woken up may take a second word
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=0.2)
        await turns()  # the transports that were given up close their sockets

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection; it is closed afterwards."""
        raise NotImplementedError

    def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._served(reader, writer))
        self._tasks.add(task)

        def ended(done: asyncio.Task[None]) -> None:  # also when it was cancelled before its first step
            self._tasks.discard(done)
            if done.cancelled():
                writer.transport.abort()

        task.add_done_callback(ended)

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # TLS is made here and not in the server, so that a half-made handshake ends with this task.
            if self._tls is not None:
                await writer.start_tls(self._tls, ssl_handshake_timeout=CONNECT_S)
            await self.handle(reader, writer)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # a peer that leaves
        finally:
            hang_up(writer)


async def turns() -> None:
    """Let everything that is due happen."""
    for _ in range(5):
        await asyncio.sleep(0)


async def deaf(listening: Iterable[socket.socket]) -> None:
    """Accept no more, and let what was accepted reach its task.

    A server that is closed between the two loses the connection without closing its socket
    (CPython 3.11, asyncio/selector_events.py, _accept_connection2).
    """
    for one in listening:
        with contextlib.suppress(NotImplementedError, OSError, ValueError):  # other loops do not have the gap
            asyncio.get_running_loop().remove_reader(one.fileno())
    await turns()


def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close without waiting for a peer that may be gone."""
    with contextlib.suppress(OSError, RuntimeError):
        if writer.transport.get_extra_info("sslcontext") is not None:
            writer.transport.abort()  # a TLS peer may never answer the farewell
        else:
            writer.close()


async def connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection to one of the sandbox's own ports."""
    async with asyncio.timeout(CONNECT_S):
        return await asyncio.open_connection("127.0.0.1", port)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until the source ends, then tell the other end."""
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def both_ways(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, first: bytes = b""
) -> None:
    """Join a connection with one of the sandbox's ports until the server's side ends.

    Args:
        reader: The client's bytes.
        writer: Towards the client.
        port: The sandbox's port.
        first: What to send there first.
    """
    there, back = await connect(port)
    try:
        back.write(first)
        await _race(pump(reader, back), pump(there, writer))
    finally:
        hang_up(back)


async def _race(up: Coroutine[Any, Any, None], down: Coroutine[Any, Any, None]) -> None:
    """Run both directions; the answer's end, or a client that broke off, ends the whole."""
    tasks = [asyncio.create_task(up), asyncio.create_task(down)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[0] in done and tasks[0].exception() is None:
            await asyncio.wait([tasks[1]])  # the client has said all; the answer may still come
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
