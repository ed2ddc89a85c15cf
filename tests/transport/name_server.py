"""A DNS server on loopback that answers as it is told."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import dns.message
import dns.rcode
import dns.rrset

from tests.servers import serving_datagrams

Reply = Callable[[dns.message.Message], "dns.message.Message | None"]


def names(reply: Reply) -> AbstractAsyncContextManager[str]:
    """A DNS server on loopback; gives "host:port"."""

    def answered(packet: bytes) -> bytes | None:
        told = reply(dns.message.from_wire(packet))
        return None if told is None else told.to_wire()

    return serving_datagrams(answered)


def says(*addresses: str, ttl: int = 60, code: int = dns.rcode.NOERROR) -> Reply:
    """Answers every A question so, and every other with nothing."""

    def reply(question: dns.message.Message) -> dns.message.Message:
        told = dns.message.make_response(question)
        told.set_rcode(dns.rcode.Rcode(code))
        asked = question.question[0]
        if asked.rdtype == 1 and addresses:
            told.answer.append(dns.rrset.from_text(asked.name, ttl, "IN", "A", *addresses))
        return told

    return reply
