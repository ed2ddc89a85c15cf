"""A real name server on loopback with one fault."""

from random import Random

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
