"""A small authoritative DNS server on loopback, over UDP and TCP."""

import asyncio
import socket
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

from deepkit.sandbox.relay import Listener

TTL_S = 60
IDLE_S = 10.0
PORT_TRIES = 20
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
        self._tcp = _Tcp(self)
        self.address = ""

    async def start(self, host: str = "127.0.0.1") -> None:
        """Listen on one free port, UDP and TCP alike."""
        udp, tcp = _pair(host)
        await self._tcp.start(tcp)
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Udp(self), sock=udp)
        self.address = f"{host}:{self._tcp.port}"

    async def stop(self) -> None:
        """Close both."""
        if self._udp is not None:
            self._udp.close()
        await self._tcp.stop()

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


def _pair(host: str) -> tuple[socket.socket, socket.socket]:
    """Bind one free port twice; a port that is free for TCP may be taken for UDP."""
    for left in reversed(range(PORT_TRIES)):
        tcp, udp = socket.create_server((host, 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
            if not left:
                raise
        else:
            tcp.setblocking(False)
            udp.setblocking(False)
            return udp, tcp
    raise AssertionError("PORT_TRIES is at least one")


class _Tcp(Listener):
    def __init__(self, server: NameServer) -> None:
        super().__init__()
        self._names = server

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(IDLE_S):
                (size,) = struct.unpack("!H", await reader.readexactly(2))
                reply = self._names.answer(await reader.readexactly(size))
            if reply is None:
                return
            writer.write(struct.pack("!H", len(reply)) + reply)
            await writer.drain()


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
