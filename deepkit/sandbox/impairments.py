"""Impairments between client and server: a line that loses packets, a firewall that opens and buffers streams."""

import asyncio
import ssl
from random import Random

from deepkit.sandbox.relay import PIECE, Listener, both_ways, connect, hang_up

STALLS = (0.0, 0.2, 0.4, 1.0)
"""Retransmission-like waits, in seconds: none, the least, doubled, a lost connection request."""
WEIGHTS = (0.35, 0.35, 0.2, 0.1)
CUTS = 0.12
"""Share of connections that the line loses for good."""
BUFFER_S = 0.4
"""How long the middlebox collects a stream before it lets anything through, in seconds."""
KEPT = 0.6
"""Share of a collected stream that comes through before the middlebox ends the connection."""


class LossyLine(Listener):
    """Passes connections on, but stalls their exchanges as lost packets do, and cuts some.

    Args:
        port: Where the line leads.
        seed: Seed of the losses.
    """

    def __init__(self, port: int, seed: int) -> None:
        super().__init__()
        self._to, self._rng = port, Random(f"{seed}/line")

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on."""
        cut_after = self._rng.randint(1, 4) if self._rng.random() < CUTS else None
        there, back = await connect(self._to)
        up = asyncio.create_task(self._stalling(reader, back, None))
        try:
            await self._stalling(there, writer, cut_after)
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
            hang_up(back)

    async def _stalling(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut_after: int | None
    ) -> None:
        quiet_since = asyncio.get_running_loop().time()
        passed = 0
        while piece := await reader.read(PIECE):
            now = asyncio.get_running_loop().time()
            if passed == 0 or now - quiet_since > 0.05:  # one loss a burst: what follows queues behind it
                await asyncio.sleep(self._rng.choices(STALLS, WEIGHTS)[0])
            quiet_since = asyncio.get_running_loop().time()
            passed += 1
            if cut_after is not None and passed >= cut_after:
                writer.transport.abort()
                return
            writer.write(piece)
            await writer.drain()


class TlsEnd(Listener):
    """The site's own TLS end: decrypts and passes on to the plain site."""

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        super().__init__(tls)
        self._to = port

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on."""
        await both_ways(reader, writer, self._to)


class Middlebox(Listener):
    """A firewall that opens TLS with a certificate of its own, buffers streams and cuts them short."""

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        super().__init__(tls)
        self._to = port

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on; only event streams suffer."""
        there, back = await connect(self._to)
        up = asyncio.create_task(self._up(reader, back))
        try:
            while piece := await there.read(PIECE):
                if b"text/event-stream" in piece:
                    await self._buffered(piece, there, writer)
                    return
                writer.write(piece)
                await writer.drain()
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
            hang_up(back)

    async def _up(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        while piece := await reader.read(PIECE):
            back.write(piece)
            await back.drain()

    async def _buffered(
        self, first: bytes, there: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        held = bytearray(first)
        try:
            async with asyncio.timeout(BUFFER_S):
                while piece := await there.read(PIECE):
                    held += piece
        except TimeoutError:
            pass
        writer.write(bytes(held[: int(KEPT * len(held))]))
        await writer.drain()
        writer.close()
        await asyncio.sleep(0.05)  # let the bytes out before the connection goes
