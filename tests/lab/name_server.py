"""A real name server on loopback with one fault."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """A name server for one name.

    Args:
        addresses: Its addresses, IPv4 and IPv6.
        fault: "", "nxdomain", "servfail" or "silent".
        drop: Share of queries that are lost.
    """

    def __init__(self, addresses: tuple[str, ...], fault: str = "", drop: float = 0.0) -> None:
        self._addresses, self._fault, self._drop, self._rng = addresses, fault, drop, Random(7)

    def answer(self, packet: bytes) -> bytes | None:
        """Return the answer to a query."""
        if self._fault == "silent" or self._rng.random() < self._drop:
            return None
        query = dns.message.from_wire(packet)
        reply, asked = dns.message.make_response(query), query.question[0]
        reply.flags |= dns.flags.RA
        wanted = [one for one in self._addresses if (":" in one) == (asked.rdtype == dns.rdatatype.AAAA)]
        if self._fault:
            reply.set_rcode(dns.rcode.SERVFAIL if self._fault == "servfail" else dns.rcode.NXDOMAIN)
        elif wanted and asked.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
            kind = dns.rdatatype.to_text(asked.rdtype)
            reply.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *wanted))
        return reply.to_wire()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, names: NameServer) -> None:
        self._names = names
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        reply = self._names.answer(data)
        if reply is not None:
            self._transport.sendto(reply, addr)


@asynccontextmanager
async def serving_names(names: NameServer) -> AsyncIterator[str]:
    """Serve a name server over UDP; yields "host:port"."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Udp(names), local_addr=("127.0.0.1", 0))
    try:
        host, port = transport.get_extra_info("sockname")[:2]
        yield f"{host}:{port}"
    finally:
        transport.close()
