"""A small authoritative DNS server on loopback, over UDP and TCP."""

import asyncio
import struct
from collections.abc import Mapping
from random import Random
from typing import Any, cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

TTL_S = 60
ZONE = "deepseek.test."
HOSTS = ("api", "chat", "status")


class NameServer:
    """Answers for the sandbox's zone; every other name does not exist.

    Args:
        addresses: IPv4 address by full name, with a final dot.
        drop: Share of UDP queries that get no answer.
        seed: Seed of the dropping.
    """

    def __init__(self, addresses: Mapping[str, str], *, drop: float = 0.0, seed: int = 0) -> None:
        self._addresses, self._drop, self._rng = addresses, drop, Random(seed)
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._busy: set[asyncio.Task[Any]] = set()
        self.address = ""

    async def start(self, host: str = "127.0.0.1") -> None:
        """Listen on one free port, UDP and TCP alike."""
        self._tcp = await asyncio.start_server(self._serve, host, 0)
        port = self._tcp.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Udp(self), local_addr=(host, port))
        self.address = f"{host}:{port}"

    async def stop(self) -> None:
        """Close both."""
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
        for task in list(self._busy):
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)

    def lost(self) -> bool:
        """Whether the next datagram is lost."""
        return self._rng.random() < self._drop

    def answer(self, packet: bytes) -> bytes | None:
        """Return the answer to a query, or None when it is none."""
        try:
            query = dns.message.from_wire(packet)
        except dns.exception.DNSException:
            return None
        if not query.question or query.flags & dns.flags.QR:
            return None
        asked, reply = query.question[0], dns.message.make_response(query)
        reply.flags |= dns.flags.AA | dns.flags.RA
        address = self._addresses.get(asked.name.to_text().lower())
        if address is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif asked.rdtype == dns.rdatatype.A:
            reply.answer.append(dns.rrset.from_text(asked.name, TTL_S, "IN", "A", address))
        return reply.to_wire()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        try:
            while True:
                (size,) = struct.unpack("!H", await asyncio.wait_for(reader.readexactly(2), 10))
                reply = self.answer(await asyncio.wait_for(reader.readexactly(size), 10))
                if reply is None:
                    break
                writer.write(struct.pack("!H", len(reply)) + reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._busy.discard(task)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(
            asyncio.DatagramTransport, transport
        )  # the selector loop's class is no subclass

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        reply = None if self._server.lost() else self._server.answer(data)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)
