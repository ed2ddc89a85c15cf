"""Names to addresses: the stand-in resolver, single servers, DNS over HTTPS; failures by name."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
import trustme

from deepkit.records import Target
from deepkit.transport import send
from deepkit.transport.resolve import addresses_for, ask_server, literal, system_addresses
from tests.servers import always, answer, request, serving
from tests.transport.kit import FAST, meter, run, target
from tests.transport.name_server import Reply, names, says


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (says("127.0.0.7", "127.0.0.8", ttl=42), None),
        (says(), "dns_nxdomain"),
        (says(code=dns.rcode.NXDOMAIN), "dns_nxdomain"),
        (says(code=dns.rcode.SERVFAIL), "dns_error"),
        (lambda _: None, "dns_timeout"),
    ],
)
def test_a_server_is_asked(reply: Reply, failure: str | None) -> None:
    """Addresses with their time to live, or the failure by name, within the time given."""

    async def body() -> Any:
        async with names(reply) as server:
            return await ask_server(server, "api.example", timeout_s=0.5)

    told = run(body())
    assert told.failure == failure
    assert told.elapsed_s < 2.0
    if failure is None:
        assert (sorted(told.addresses), told.ttl_s) == (["127.0.0.7", "127.0.0.8"], 42)


def test_one_lost_datagram_is_no_fault() -> None:
    """The first question of each kind is lost; the second is answered."""
    seen: set[int] = set()

    def once_deaf(question: dns.message.Message) -> dns.message.Message | None:
        kind = int(question.question[0].rdtype)
        if kind not in seen:
            seen.add(kind)
            return None
        return says("127.0.0.7")(question)

    async def body() -> Any:
        async with names(once_deaf) as server:
            return await ask_server(server, "api.example", timeout_s=1.0)

    assert run(body()).addresses == ("127.0.0.7",)


def test_system_and_fresh_differ() -> None:
    """The setting chooses whose answer is used; the request then goes there."""

    async def body() -> None:
        async with (
            serving(always(answer(200, "{}")), hosts=("127.0.0.7",)) as port,
            names(says("127.0.0.66")) as stale,
            names(says("127.0.0.7")) as right,
        ):
            whom = target(1, system_dns=stale, fresh_dns=(right,))
            whom = replace(whom, base_url=f"http://api.example:{port}")
            old = await send(whom, FAST, meter(), "GET", "/")
            new = await send(whom, replace(FAST, resolver="fresh"), meter(), "GET", "/")
            assert (old.failure, new.failure) == ("connection_refused", None)
            assert new.address == f"127.0.0.7:{port}"

    run(body())


def test_the_first_good_fresh_answer_counts() -> None:
    """A dead or lying-silent server among the fresh ones does not spoil the others' answer."""

    async def body() -> Any:
        async with names(lambda _: None) as deaf, names(says("127.0.0.7")) as right:
            whom = Target("x", "http://api.example", fresh_dns=(deaf, right))
            return await addresses_for("api.example", whom, replace(FAST, resolver="fresh"), timeout_s=8.0)

    told = run(body())
    assert (told.addresses, told.elapsed_s < 4.0) == (("127.0.0.7",), True)


def test_dns_over_https(tmp_path: Path) -> None:
    """An https:// server is asked with a DNS message in a POST; its failures have names too."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def resolver(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, headers, wire = await request(reader)
        assert headers["content-type"] == "application/dns-message"
        told = says("127.0.0.7")(dns.message.from_wire(wire))
        assert told is not None
        writer.write(answer(200, told.to_wire(), "application/dns-message"))
        await writer.drain()

    async def body() -> None:
        file = str(tmp_path / "ca.pem")
        async with serving(resolver, tls=context) as port:
            server = f"https://127.0.0.1:{port}/dns-query"
            told = await ask_server(server, "api.example", timeout_s=15.0, ca_file=file)
            assert told.addresses == ("127.0.0.7",)
            assert (await ask_server(server, "api.example", timeout_s=15.0)).failure == "tls_untrusted"
        async with serving(always(answer(500, "")), tls=context) as port:
            server = f"https://127.0.0.1:{port}/dns-query"
            assert (
                await ask_server(server, "x.example", timeout_s=15.0, ca_file=file)
            ).failure == "dns_error"

    run(body())


def test_numbers_are_not_looked_up() -> None:
    """An address needs no resolver, not even a dead one."""
    told = run(system_addresses("127.0.0.1", Target("x", "", system_dns="127.0.0.1:1"), timeout_s=0.2))
    assert told.addresses == ("127.0.0.1",)
    assert literal("[::1]") == "::1"
    assert literal("localhost") is None


def test_the_real_system_is_asked() -> None:
    """Without a stand-in the machine's own resolver answers."""
    told = run(system_addresses("localhost", Target("x", ""), timeout_s=5.0))
    assert set(told.addresses) & {"127.0.0.1", "::1"}
