"""A socket as httpcore wants it, plain or with TLS, that stamps every read."""

import asyncio
import contextlib
import select
import socket
import ssl
from time import perf_counter
from typing import Any

import httpcore

from deepkit.transport.exchange import Ledger
from deepkit.transport.timed_socket import Receiver

CHUNK = 64 * 1024


class Observer:
    """What a stream reports to: where its stamps go, how long its reads may take, who hears of TLS.

    Args:
        read_s: How long a read may take, in seconds; changed as the answer goes on.
    """

    def __init__(self, read_s: float) -> None:
        self.ledger, self.read_s = Ledger(), read_s

    def tls_begins(self, host: str) -> None:
        """A handshake with this host begins."""

    def tls_stands(self, talk: ssl.SSLObject) -> None:
        """The handshake has ended well."""

    def closes(self, sock: socket.socket) -> None:
        """A connection is about to be closed."""


class SocketStream(httpcore.AsyncNetworkStream):
    """A connected, non-blocking socket.

    The standard streams buffer, and stamp a chunk only once a task has been woken for it;
    here the stamp is taken when `recv` returns, before anything is decrypted or decoded.

    Args:
        sock: Owned from now on.
        observer: Told of everything.
    """

    def __init__(self, sock: socket.socket, observer: Observer) -> None:
        self._sock, self._observer = sock, observer
        self._loop, self._receiver = asyncio.get_running_loop(), Receiver(sock)
        self._tls: ssl.SSLObject | None = None
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._came = perf_counter()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Read; the bound is the observer's, which knows whether the headers have come."""
        ledger, bound = self._observer.ledger, self._observer.read_s
        if ledger.halt_at is not None:
            bound = min(bound, ledger.halt_at - perf_counter())
            if bound <= 0:
                raise httpcore.ReadError("enough was read")
        try:
            async with asyncio.timeout(bound):
                data = await self._read(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout("nothing came") from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        ledger.last_read = self._came
        ledger.first_bytes = ledger.first_bytes or data[:5]
        return data

    async def _read(self, max_bytes: int) -> bytes:
        if self._tls is None:
            data, self._came = await self._receiver.take(max_bytes)
            return data
        while True:
            try:
                return self._tls.read(max_bytes)
            except ssl.SSLWantReadError:
                await self._flush()
                await self._more()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    async def _more(self) -> None:
        data, self._came = await self._receiver.take(CHUNK)
        if data:
            self._in.write(data)
        else:
            self._in.write_eof()

    async def _flush(self) -> None:
        if self._out.pending:
            await self._loop.sock_sendall(self._sock, self._out.read())

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        try:
            async with asyncio.timeout(timeout):
                if self._tls is None:
                    await self._loop.sock_sendall(self._sock, buffer)
                elif buffer:
                    self._tls.write(buffer)
                    await self._flush()
        except TimeoutError as error:
            raise httpcore.WriteTimeout("nothing was taken") from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        """Close at once; what is on its way is dropped."""
        self._observer.closes(self._sock)
        self._sock.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Do the handshake on this socket."""
        if self._tls is not None:
            raise httpcore.UnsupportedProtocol("TLS inside TLS is not supported; use an http:// proxy")
        self._observer.tls_begins(server_hostname or "")
        try:
            async with asyncio.timeout(timeout):
                await self._handshake(ssl_context, server_hostname)
        except BaseException:
            await self.aclose()
            raise
        return self

    async def _handshake(self, context: ssl.SSLContext, name: str | None) -> None:
        talk = context.wrap_bio(self._in, self._out, server_hostname=name)
        while True:
            try:
                talk.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._flush()
                await self._more()
            except ssl.SSLError:
                with contextlib.suppress(OSError):  # the alert is a courtesy
                    await self._flush()
                raise
        await self._flush()
        self._tls = talk
        self._observer.tls_stands(talk)

    def get_extra_info(self, info: str) -> Any:
        """Answer what httpcore asks for."""
        if info == "ssl_object":
            return self._tls
        if info == "socket":
            return self._sock
        if info == "is_readable":
            return self._sock.fileno() < 0 or is_readable(self._sock)
        return None


def is_readable(sock: socket.socket) -> bool:
    """Tell whether bytes or the end wait on a socket; an idle connection with either is finished."""
    if not hasattr(select, "poll"):  # Windows; elsewhere select() refuses descriptors above 1023
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
