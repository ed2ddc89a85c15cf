"""Listening ends that pass bytes on; the lines, the proxies and the middlebox are made of them."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Coroutine
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
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports that were given up close their sockets

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection; it is closed afterwards."""
        raise NotImplementedError

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if (
                self._tls is not None
            ):  # here and not in the server, so that a half-made handshake ends with us
                await writer.start_tls(self._tls, ssl_handshake_timeout=CONNECT_S)
            await self.handle(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # a peer that leaves
        finally:
            self._tasks.discard(task)
            hang_up(writer)


def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close without waiting for a peer that may be gone."""
    with contextlib.suppress(OSError, RuntimeError):
        if writer.transport.get_extra_info("sslcontext") is not None:
            writer.transport.abort()  # a TLS peer may never answer the farewell
        else:
            writer.close()


async def connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection to one of the sandbox's own ports."""
    return await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), CONNECT_S)


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
