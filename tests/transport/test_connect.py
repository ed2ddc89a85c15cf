"""Below HTTP: resolving, racing, TLS and proxies, each failure by its own name and stage."""

import asyncio
import ssl
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import trustme

from deepkit.records import Route, Settings, Target
from deepkit.transport import Exchange, connect, send
from deepkit.transport.connect import interleaved, race
from deepkit.transport.exchange import Connect
from deepkit.transport.handshake import handshake
from tests.servers import Handler, always, answer, black_hole, refused_port, request, script, serving
from tests.transport.kit import FAST, KEY, meter, run, target

OK = answer(200, "{}")


async def got(whom: Target, settings: Settings = FAST, path: str = "/models") -> Exchange:
    told = await send(whom, settings, meter(), "GET", path)
    assert KEY not in repr(told)
    return told


def in_order(*stamps: float | None) -> bool:
    """All stamps are there, and each is later than the one before."""
    known = [one for one in stamps if one is not None]
    return len(known) == len(stamps) and all(a < b for a, b in pairwise(known))


class Roots:
    """A throw-away authority and contexts made from it."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA(organization_name="Example Authority")
        self.file = str(folder / "ca.pem")
        self.authority.cert_pem.write_to_path(self.file)

    def context(self, *names: str, **more: Any) -> ssl.SSLContext:
        """A server's context with a certificate for these names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*(names or ("127.0.0.1",)), **more).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Roots:
    """An authority for the module."""
    return Roots(tmp_path_factory.mktemp("roots"))


def test_refused() -> None:
    """A port where nobody listens is refused at once."""
    with refused_port() as port:
        told = run(got(target(port)))
    assert (told.failure, told.connects[0].failure, told.headers_s) == (
        "connection_refused",
        "connection_refused",
        None,
    )


def test_black_hole() -> None:
    """A port that answers nothing ends at the connect timeout, and says so of the address."""
    with black_hole() as port:
        told = run(got(target(port)))
    assert (told.failure, told.connects[0].failure) == ("connect_timeout", "connect_timeout")
    assert told.connect_s is None


def test_the_total_ends_a_connect_too() -> None:
    """A deadline shorter than the connect timeout names the stage that it ended."""
    hasty = replace(FAST, timeouts=replace(FAST.timeouts, connect=5.0, total=0.3))
    with black_hole() as port:
        told = run(got(target(port), hasty))
    assert (told.failure, told.end_reason) == ("connect_timeout", "deadline")


@pytest.mark.timeout(30)
def test_a_dead_first_address_costs_the_delay() -> None:
    """The race goes on to the next address after the delay, not after all of the time; each is accounted for."""

    async def body() -> list[Connect]:
        seen: list[Connect] = []
        async with serving(always(OK), hosts=("127.0.0.2",), port=port):
            sock, place, _ = await race(["127.0.0.1", "127.0.0.2"], port, timeout_s=60.0, seen=seen)
            sock.close()
            assert place == f"127.0.0.2:{port}"
        return seen

    with black_hole() as port:
        seen = run(body())
    assert [(one.address, one.failure, one.connect_s is None) for one in seen] == [
        (f"127.0.0.2:{port}", None, False),
        (f"127.0.0.1:{port}", None, True),
    ]


@pytest.mark.timeout(30)
def test_a_refused_first_address_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a refusal the next address is tried at once, however long the delay is."""
    monkeypatch.setattr(connect, "ATTEMPT_DELAY_S", 60.0)

    async def body() -> None:
        async with serving(always(OK), hosts=("127.0.0.2",), port=port):
            sock, *_ = await race(["127.0.0.1", "127.0.0.2"], port, timeout_s=90.0, seen=[])
            sock.close()

    with refused_port() as port:
        run(body())


def test_a_cancelled_race_leaves_nothing() -> None:
    """An interrupted connect closes every socket it had opened."""

    async def body() -> None:
        task = asyncio.create_task(race(["127.0.0.1", "127.0.0.1"], port, timeout_s=5.0, seen=[]))
        for _ in range(3):  # the first attempt is on its way then
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with black_hole() as port:
        run(body())


def test_families_take_turns() -> None:
    """The first address's family leads, then they alternate."""
    assert interleaved(["::1", "::2", "1.1.1.1", "2.2.2.2"]) == ["::1", "1.1.1.1", "::2", "2.2.2.2"]


def test_a_missing_family_is_said() -> None:
    """IPv6 only, against a host that has none: unreachable, without an attempt."""
    with refused_port() as port:
        told = run(got(target(port), replace(FAST, family="ipv6")))
    assert (told.failure, told.connects) == ("network_unreachable", [])


def test_bad_addresses() -> None:
    """An address that is none is a value too, and nothing is sent."""
    for url in ("", "foo", "ftp://x", "http://", "http://x:99999", "https://:443"):
        told = run(got(replace(target(1), base_url=url)))
        assert told.failure == "bad_address", url


def test_tls_is_verified(roots: Roots) -> None:
    """With the right roots it works, and the handshake's facts and stamps are there."""

    async def body() -> Exchange:
        async with serving(always(OK), tls=roots.context()) as port:
            return await got(target(port, tls=True, ca_file=roots.file))

    told = run(body())
    assert told.ok
    assert told.tls is not None
    assert (told.tls.issuer, told.tls.version) == ("Example Authority", "TLSv1.3")
    assert in_order(told.connect_s, told.tls_s, told.headers_s)


def test_tls_refusals(roots: Roots) -> None:
    """Unknown roots, another name and an expired certificate are three failures; the key is never sent."""
    import datetime

    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    cases = [
        (roots.context(), None, "tls_untrusted"),
        (roots.context("other.example"), roots.file, "tls_hostname"),
        (
            roots.context("127.0.0.1", not_before=past, not_after=past + datetime.timedelta(9)),
            roots.file,
            "tls_expired",
        ),
    ]

    async def body() -> None:
        for context, file, failure in cases:
            heard = bytearray()

            async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
                heard.extend(await reader.read())  # noqa: B023

            async with serving(listen, tls=context) as port:
                told = await got(target(port, tls=True, ca_file=file))
                assert told.failure == failure
                assert not heard

    run(body())


def test_system_trust_is_in_addition(roots: Roots) -> None:
    """The stand-in for the machine's store counts under "system" only, and adds to the rest."""

    async def body() -> None:
        async with serving(always(OK), tls=roots.context()) as port:
            whom = target(port, tls=True, system_ca_file=roots.file)
            assert (await got(whom)).failure == "tls_untrusted"
            assert (await got(whom, replace(FAST, trust="system"))).ok

    run(body())


def test_a_blind_handshake_names_who_answers(roots: Roots) -> None:
    """After a refusal the second look reads the issuer and sends nothing."""

    async def body() -> Exchange:
        async with serving(always(OK), tls=roots.context()) as port:
            return await handshake(target(port, tls=True), FAST, verify=False)

    told = run(body())
    assert told.tls is not None
    assert (told.failure, told.tls.issuer, told.tls.self_signed) == (None, "Example Authority", False)


def test_tls_to_a_plain_port() -> None:
    """A server that answers a hello in plain HTTP is no TLS server; one that says nothing fails the handshake."""

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async def body() -> None:
        async with serving(plain) as port:
            assert (await got(target(port, tls=True))).failure == "not_tls"
        async with serving(always(OK)) as port:
            assert (await got(target(port, tls=True))).failure == "tls_handshake"

    run(body())


def test_plain_http_to_a_tls_port(roots: Roots) -> None:
    """A TLS server answers plain HTTP with an alert, or not at all: never as HTTP."""

    async def body() -> Exchange:
        async with serving(always(OK), tls=roots.context()) as port:
            return await got(target(port))

    assert run(body()).failure in ("not_http", "closed_early", "connection_reset")


def proxied(port: int, proxy: str) -> tuple[Target, Settings]:
    whom = target(port, routes=(Route("via", proxy),))
    return whom, replace(FAST, route="via")


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


def tunnel(port: int, *, login: str = "") -> Handler:
    """A forward proxy: CONNECT for https, absolute form for http."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, headers, _ = await request(reader)
        if login and headers.get("proxy-authorization") != login:
            writer.write(answer(407, ""))
            await writer.drain()
            return
        there, back = await asyncio.open_connection("127.0.0.1", port)
        if line.startswith("CONNECT"):
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            assert line.startswith("GET http://127.0.0.1:")
            back.write(b"GET /models HTTP/1.1\r\nhost: x\r\n\r\n")
        both = [asyncio.create_task(_pipe(reader, back)), asyncio.create_task(_pipe(there, writer))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            back.transport.abort()
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    return handler


@pytest.mark.parametrize("login", [("", ""), ("ann:s3cret@", "Basic YW5uOnMzY3JldA==")])
def test_proxies_work(roots: Roots, login: tuple[str, str]) -> None:
    """Over an HTTP proxy, with and without a login, to plain and TLS origins; the tunnel has its own stamp."""

    async def body() -> None:
        async with serving(always(OK)) as port, serving(tunnel(port, login=login[1])) as proxy:
            whom, settings = proxied(port, f"http://{login[0]}127.0.0.1:{proxy}")
            assert (await got(whom, settings)).ok
        async with (
            serving(always(OK), tls=roots.context()) as port,
            serving(tunnel(port, login=login[1])) as proxy,
        ):
            whom, settings = proxied(port, f"http://{login[0]}127.0.0.1:{proxy}")
            whom = replace(whom, base_url=f"https://127.0.0.1:{port}", ca_file=roots.file)
            told = await got(whom, settings)
            assert told.ok
            assert in_order(told.connect_s, told.proxy_s, told.tls_s)
            assert "s3cret" not in repr(told)

    run(body())


def test_proxy_failures(roots: Roots) -> None:
    """What goes wrong before the tunnel stands is the proxy's fault, never the API's."""
    cases: list[tuple[Handler, str]] = [
        (script(answer(407, "")), "proxy_auth"),
        (script(answer(502, "")), "proxy_error"),
        (script("hang"), "proxy_error"),
        (script("reset"), "proxy_error"),
        (script(), "proxy_error"),
        (script(b"SSH-2.0-x\r\n"), "proxy_error"),
    ]

    async def body() -> None:
        for handler, failure in cases:
            async with serving(handler) as proxy:
                whom, settings = proxied(1, f"http://127.0.0.1:{proxy}")
                told = await got(replace(whom, base_url="https://127.0.0.1:1"), settings)
                assert told.failure == failure

    run(body())
    with refused_port() as proxy:
        for scheme in ("http", "socks5"):
            assert run(got(*proxied(1, f"{scheme}://127.0.0.1:{proxy}"))).failure == "proxy_refused"


def socks(port: int, reply: int = 0, *, method: int = 0) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count = (await reader.readexactly(2))[1]
        await reader.readexactly(count)
        writer.write(bytes([5, method]))
        if method == 2:
            user = await reader.readexactly((await reader.readexactly(2))[1])
            word = await reader.readexactly((await reader.readexactly(1))[0])
            writer.write(bytes([1, 0 if (user, word) == (b"ann", b"s3cret") else 1]))
        elif method:
            return
        head = await reader.readexactly(5)
        assert head[:4] == b"\x05\x01\x00\x03"
        assert (await reader.readexactly(head[4] + 2))[:-2] == b"127.0.0.1"
        writer.write(bytes([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        await writer.drain()
        if not reply:
            await always(OK)(reader, writer)

    return handler


def test_socks() -> None:
    """SOCKS5 with and without a login works; its refusals are its own, what it met behind it is the server's."""
    cases = [
        (0, 0, "", None), (0, 2, "ann:s3cret@", None), (0, 2, "ann:wrong@", "proxy_auth"),
        (0, 2, "", "proxy_auth"), (0, 255, "", "proxy_auth"), (1, 0, "", "proxy_error"), (2, 0, "", "proxy_error"),
        (3, 0, "", "network_unreachable"), (4, 0, "", "network_unreachable"),
        (5, 0, "", "connection_refused"), (6, 0, "", "connect_timeout"), (9, 0, "", "proxy_error"),
    ]  # fmt: skip

    async def body() -> None:
        for reply, method, login, failure in cases:
            async with serving(socks(1, reply, method=method)) as proxy:
                told = await got(*proxied(1, f"socks5://{login}127.0.0.1:{proxy}"))
                assert told.failure == failure, (reply, method, login)
                assert "s3cret" not in repr(told)

    run(body())


def test_the_key_goes_to_its_own_host_only() -> None:
    """A full address of another place gets no key, and the exchange says so; secret headers are not kept."""
    heard: list[dict[str, str]] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await request(reader))[1])
        writer.write(answer(200, "{}", set_cookie="a=b", authorization="x"))
        await writer.drain()

    async def body() -> None:
        async with serving(handler) as port, serving(handler) as other:
            told = await got(target(port))
            assert told.ok
            assert set(told.headers) <= {"content-type", "content-length"}
            elsewhere = await got(target(port), path=f"http://127.0.0.1:{other}/status")
            with refused_port() as dead:
                unsent = await got(target(dead))
            assert (told.key_sent, elsewhere.key_sent, unsent.key_sent) == (True, False, None)

    run(body())
    assert heard[0]["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in heard[1]
    assert heard[0]["accept-encoding"] == "identity"


def test_a_key_that_no_header_can_carry() -> None:
    """Line breaks and letters beyond ASCII in a key are a value, not a crash, and are not repeated."""
    from deepkit.records import Secret

    async def body() -> None:
        async with serving(always(OK)) as port:
            for text in ("sk-a\nb", "sk-ключ"):
                told = await got(target(port, key=Secret(text)))
                assert told.failure == "unknown"
                assert text not in repr(told)

    run(body())


def test_a_body_is_bounded() -> None:
    """More than the limit is refused, and no more than the limit is kept."""

    async def body() -> Exchange:
        async with serving(always(answer(200, b"x" * 5000))) as port:
            return await send(target(port), FAST, meter(), "GET", "/", limit_bytes=1000)

    told = run(body())
    assert (told.failure, len(told.body)) == ("too_large", 1000)
