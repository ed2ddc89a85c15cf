"""Single layers against small servers and given answers: addresses, keys, pages, proxies, local models."""

import asyncio
import json
import ssl
import time
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import trustme

from deepkit.checks import Certificate, Concurrency, Indicator, StatusPage, Tls, Wait
from deepkit.diagnosis import diagnose
from deepkit.probes import http, local, probe_async, tcp
from deepkit.probes._context import Context
from deepkit.probes._questions import concurrency_of
from deepkit.probes._stalls import mechanism, stalls
from deepkit.probes.account import key_shape
from deepkit.probes.dns import in_hosts_file
from deepkit.probes.path import spread
from deepkit.probes.status import read_page
from deepkit.records import Evidence, Observation, Route, Secret, Settings, Target
from deepkit.schema import as_json
from deepkit.transport.connect import ATTEMPT_DELAY_S
from deepkit.transport.proxy_rules import masked
from tests.servers import GOOD, Handler, always, answer, black_hole, refused_port, request, serving
from tests.transport.kit import FAST, meter, run, target


async def seen(check: str, whom: Target, settings: Settings = FAST) -> Observation:
    told = (await probe_async(whom, settings, only=(check,))).get(check)
    assert told is not None
    return told


def look(
    check: str, handler: Handler, *, tls: ssl.SSLContext | None = None, https: bool = False
) -> Observation:
    async def body() -> Observation:
        async with serving(handler, tls=tls) as port:
            return await seen(check, target(port, tls=https))

    return run(body())


HTML = "<!doctype html><title>Welcome</title>"
FRONTS = [
    (answer(401, '{"error": {"message": "no"}}'), "ok", None),
    (answer(200, '{"data": []}'), "ok", None),
    (answer(200, HTML, "text/html"), "fault", "wrong_content"),
    (answer(404, "{}"), "fault", "http_404"),
    (answer(404, HTML, "text/html"), "fault", "wrong_content"),
    (answer(302, "", location="https://login.example/?user=ann"), "fault", "redirected"),
    (answer(403, "<html><title>Just a moment...</title>", "text/html"), "fault", "block_page"),
    (answer(503, "{}"), "fault", "http_503"),
    (answer(200, ""), "fault", "empty_body"),
    (b"SSH-2.0-x\r\n", "fault", "not_http"),
]


@pytest.mark.parametrize(("reply", "outcome", "failure"), FRONTS)
def test_the_front_door(reply: bytes, outcome: str, failure: str | None) -> None:
    """An API that wants a key is well; everything else that answers in its place has a name."""
    told = look("http", always(reply))
    assert (told.outcome, told.failure) == (outcome, failure)
    assert "ann" not in repr(told)


def server_context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA(organization_name="Example Gateway").issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_plain_http_to_a_tls_port_is_named(tmp_path: Path) -> None:
    """http:// on a port that speaks TLS: the check says which scheme is right."""
    told = look("http", always(answer(200, "{}")), tls=server_context(tmp_path))
    assert (told.failure, told.facts.tls_on_port) == ("not_http", True)
    assert "https://" in told.reason


def test_tls_to_a_plain_port_is_named() -> None:
    """https:// on a port that speaks plain HTTP: the check says which scheme is right, and sends no key."""
    heard: list[dict[str, str]] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await request(reader))[1])
        writer.write(answer(200, "{}"))
        await writer.drain()

    told = look("tls", handler, https=True)
    assert (told.failure, told.facts.plain_on_port) == ("not_tls", True)
    assert heard
    assert not any("authorization" in one for one in heard)


def test_an_unknown_issuer_is_named(tmp_path: Path) -> None:
    """A refused certificate: the issuer is read in a second look, and the machine's store does not know it."""
    told = look("tls", always(answer(200, "{}")), tls=server_context(tmp_path), https=True)
    assert (told.outcome, told.failure) == ("fault", "tls_untrusted")
    assert (told.facts.issuer, told.facts.verified, told.facts.trusted_by_system) == (
        "Example Gateway", False, False,
    )  # fmt: skip


def test_bad_base_addresses_are_a_fault() -> None:
    """An address that is none is a named fault of the checks that need it, never a crash."""
    for url in ("not a url", "http://", "https://x:0"):
        told = run(seen("http", replace(target(1), base_url=url)))
        assert (told.outcome, told.failure) == ("fault", "bad_address")


@pytest.mark.parametrize(
    ("text", "shape"),
    [(None, "missing"), ("", "blank"), ("  ", "blank"), ('"sk-1"', "quotes"), ("“sk-1”", "quotes"),
     ("sk-1\n", "spaces"), ("sk 1", "spaces"), ("sk-\u200b1", "spaces"), ("sk-1", "ok")],
)  # fmt: skip
def test_key_shapes(text: str | None, shape: str) -> None:
    """What is wrong with a key's text is seen without sending it."""
    assert key_shape(None if text is None else Secret(text)) == shape


def test_an_odd_key_is_not_sent() -> None:
    """A key with quotes is reported, and no request carries it to the account's pages."""
    heard: list[str] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await request(reader))[0])

    async def body() -> Observation:
        async with serving(handler) as port:
            return await seen("key", target(port, key=Secret("'sk-1'")))

    told = run(body())
    assert (told.outcome, told.facts.key_shape, heard) == ("fault", "quotes", [])


def test_a_provider_without_a_balance_page() -> None:
    """Where /user/balance does not exist the model list tells whether the key is taken."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            line, _, _ = await request(reader)
            writer.write(answer(404, "{}") if "balance" in line else answer(200, '{"data": [{"id": "m"}]}'))
            await writer.drain()

    async def body() -> Any:
        async with serving(handler) as port:
            return await probe_async(target(port), FAST, only=("key", "balance", "models"))

    told = {one.check: one for one in run(body()).observations}
    assert [told[name].outcome for name in ("key", "balance", "models")] == ["ok", "not_checked", "partial"]
    assert told["models"].facts.listed is False


def page(**states: str) -> dict[str, Any]:
    rows = [{"component_id": name, "name": name, "status": state} for name, state in states.items()]
    return {"data": {"page": {"components": rows}, "active_changes": []}}


def test_status_pages() -> None:
    """The worst component counts, by name; an unreadable page is None and never healthy."""
    told = read_page(page(API="operational", Chat="partial_outage"))
    assert told == StatusPage(
        indicator=Indicator.PARTIAL_OUTAGE,
        components={"API": Indicator.OPERATIONAL, "Chat": Indicator.PARTIAL_OUTAGE},
    )
    bare = {"data": {"page": {"components": [{"component_id": "1", "name": "API"}]}, "active_changes": [
        {"title": "故障 Outage", "updates": [
            {"at_seconds": 2, "component_changes": [{"component_id": "1", "status": "degraded"}]},
            {"at_seconds": 1, "component_changes": [{"component_id": "1", "status": "full_outage"}]}]}]}}  # fmt: skip
    assert read_page(bare) == StatusPage(
        indicator=Indicator.DEGRADED, components={"API": Indicator.DEGRADED}, incident="故障 Outage"
    )
    assert read_page({"components": [{"name": "API", "status": "major_outage"}]}) is not None
    for odd in (None, [], {}, {"data": {}}, {"data": {"page": {}}}, {"data": {"page": {"components": [1]}}}):
        assert read_page(odd) is None


@pytest.mark.parametrize(
    "reply", [answer(404, "{}"), answer(200, HTML, "text/html"), answer(200, '{"data": 1}')]
)
def test_an_unreadable_status_page_is_unknown(reply: bytes) -> None:
    """What cannot be read says nothing about the service."""

    async def body() -> Observation:
        async with serving(always(reply)) as port:
            return await seen("status", target(port, status_url=f"http://127.0.0.1:{port}/summary"))

    told = run(body())
    assert (told.outcome, told.facts.indicator) == ("partial", "unknown")


def test_a_dead_proxy_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that refuses is a fault of its own, and its login is in no fact."""
    with refused_port() as port:
        monkeypatch.setenv("http_proxy", f"http://ann:s3cret@127.0.0.1:{port}")
        with refused_port() as other:
            told = run(seen("proxy", target(other)))
    assert (told.outcome, told.failure) == ("fault", "proxy_refused")
    assert "s3cret" not in repr(told)
    assert masked("http://ann:s3cret@proxy.example:3128") == "http://***@proxy.example:3128"


def test_a_proxy_route_that_refuses_a_login() -> None:
    """The route in use is examined by a request through it."""

    async def body() -> Observation:
        async with serving(always(answer(407, ""))) as port:
            whom = target(1, routes=(Route("office", f"http://127.0.0.1:{port}"),))
            whom = replace(whom, base_url="https://127.0.0.1:1")
            return await seen("proxy", whom, replace(FAST, route="office"))

    assert run(body()).failure == "proxy_auth"


def test_one_dead_address_of_two() -> None:
    """Every address is tried by itself: one black hole makes it partial and hides nothing."""

    async def body(port: int) -> Observation:
        from tests.transport.name_server import names, says

        async with (
            serving(always(GOOD), hosts=("127.0.0.7",), port=port),
            names(says("127.0.0.1", "127.0.0.7")) as server,
        ):
            whom = replace(target(port, system_dns=server), base_url=f"http://api.example:{port}")
            return await seen("tcp", whom)

    with black_hole() as port:
        told = run(body(port))
    assert (told.outcome, told.failure, told.facts.address) == (
        "partial",
        "connect_timeout",
        f"127.0.0.7:{port}",
    )
    assert told.facts.race_winner == f"127.0.0.7:{port}"


def test_a_race_names_what_a_dead_first_address_costs() -> None:
    """A dead address that stands first costs the delay of Happy Eyeballs at every connect; one behind costs nothing."""

    async def body(port: int) -> list[tuple[str, float] | None]:
        async with serving(always(GOOD), hosts=("127.0.0.7",), port=port):
            context = Context(target(port), FAST, meter(), time.perf_counter() + 5)
            dead, good = "127.0.0.1", "127.0.0.7"
            return [await tcp.race_all(context, order) for order in ([dead, good], [good, dead], [good])]

    with black_hole() as port:
        first, behind, alone = run(body(port))
    assert first is not None
    assert behind is not None
    assert first[0] == behind[0] == f"127.0.0.7:{port}"
    assert first[1] >= ATTEMPT_DELAY_S > behind[1]
    assert alone is None


OLLAMA = {
    "/v1/models": '{"data": [{"id": "deepseek-r1:8b", "owned_by": "library"}]}',
    "/api/version": '{"version": "0.9"}',
}


@pytest.mark.parametrize(
    ("paths", "kind", "state"),
    [
        (OLLAMA, "ollama", "ready"),
        ({"/v1/models": '{"data": [{"id": "m", "owned_by": "vllm"}]}'}, "vllm", "ready"),
        ({"/v1/models": '{"data": [{"id": "m", "owned_by": "llamacpp"}]}'}, "llamacpp", "ready"),
        ({"/v1/models": '{"data": [{"id": "m", "owned_by": "organization_owner"}]}'}, "lmstudio", "ready"),
        ({"/v1/models": (503, '{"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}')},
         "llamacpp", "loading"),
    ],
)  # fmt: skip
def test_local_servers(paths: dict[str, Any], kind: str, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model server is known by its answers; a 503 while it loads is no overload."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, _, _ = await request(reader)
        found = paths.get(line.split()[1], (404, "{}"))
        status, text = found if isinstance(found, tuple) else (200, found)
        writer.write(answer(status, text))
        await writer.drain()

    async def body() -> Observation:
        async with serving(handler) as port:
            with refused_port() as dead:
                monkeypatch.setattr(local, "PORTS", (dead, port))
                return await seen("local", target(1))

    servers = run(body()).facts.servers
    assert [(one.kind, one.state) for one in servers] == [(kind, state)]


def test_hosts_files(tmp_path: Path) -> None:
    """A name in the hosts file counts, a comment and another name do not."""
    file = tmp_path / "hosts"
    file.write_text(
        "127.0.0.1 localhost\n# 1.2.3.4 api.example\n1.2.3.4\tAPI.example.org x # y\n", encoding="utf-8"
    )
    assert in_hosts_file("api.example.org", file)
    assert not in_hosts_file("api.example", file)
    assert not in_hosts_file("y", file)
    assert not in_hosts_file("x", tmp_path / "missing")


def test_stalls_name_their_mechanism() -> None:
    """Only what stands out by a retransmission's wait is a stall; its size names the mechanism."""
    found = stalls([0.03] * 10, [0.235, 1.04, 3.05])
    assert [round(one.size_s, 3) for one in found] == [0.235, 1.04, 3.05]
    assert all(one.mechanism.is_loss for one in found)
    assert stalls([0.4, 0.5, 0.45], []) == ()  # far away is not bad
    assert stalls([], []) == ()
    assert mechanism(7.0) is Wait.UNKNOWN


def test_a_connect_waits_a_second_for_its_first_packet() -> None:
    """A shorter stall of a bare connect is a line that paused, not one that lost."""
    paused, lost = stalls([0.03] * 8 + [0.24, 1.04], [])
    assert (paused.mechanism, lost.mechanism) == (Wait.UNKNOWN, Wait.LOST_FIRST_PACKET)


def test_round_trips_are_summed_up() -> None:
    """Median, 90th percentile, largest, and jitter as the mean step between neighbours."""
    told = spread([0.1, 0.3, 0.2])
    assert (told.rtt_median_s, told.rtt_p90_s, told.rtt_max_s, told.jitter_s) == pytest.approx(
        (0.2, 0.3, 0.3, 0.15)
    )


def _swallows_long_hellos(port: int) -> Handler:
    """A box that passes connections on, and drops a first message of more than one packet."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(16_384)
        if len(first) > 1400:
            await asyncio.Event().wait()
        there, back = await asyncio.open_connection("127.0.0.1", port)
        back.write(first)
        try:
            while data := await there.read(65_536):
                writer.write(data)
                await writer.drain()
                more = await reader.read(65_536)
                if not more:
                    return
                back.write(more)
        finally:
            back.transport.abort()

    return handler


@pytest.mark.parametrize("swallowed", [False, True])
def test_long_first_messages(tmp_path: Path, *, swallowed: bool) -> None:
    """Short and long ClientHellos are sent in pairs; a box that drops the long ones is seen, a server takes both."""

    async def body() -> Observation:
        async with serving(always(answer(200, "{}")), tls=server_context(tmp_path)) as port:
            if not swallowed:
                return await seen("tls", target(port, tls=True))
            async with serving(_swallows_long_hellos(port)) as box:
                return await seen("tls", target(box, tls=True))

    told = run(body()).facts
    assert (told.hello_pairs, told.small_hello_ok) == (3, 3)
    assert told.large_hello_ok == (0 if swallowed else 3)


def _refuses_tls_13(port: int) -> Handler:
    """An old filter: it cuts a first message that offers TLS 1.3 (RFC 8446, section 4.2.1) and passes others on."""
    through = _swallows_long_hellos(port)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(16_384)
        at = first.find(b"\x00\x2b")
        if at > 0 and b"\x03\x04" in first[at : at + 12]:
            return
        again = asyncio.StreamReader()
        again.feed_data(first)
        feed = asyncio.create_task(_feed(reader, again))
        try:
            await through(again, writer)
        finally:
            feed.cancel()
            await asyncio.gather(feed, return_exceptions=True)

    return handler


async def _feed(source: asyncio.StreamReader, into: asyncio.StreamReader) -> None:
    while data := await source.read(65_536):
        into.feed_data(data)
    into.feed_eof()


def test_a_filter_that_knows_no_tls_13(tmp_path: Path) -> None:
    """A handshake that is cut with TLS 1.3 and passes with 1.2 is told from one that never passes."""

    async def body() -> tuple[Observation, Observation]:
        async def cut(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            await reader.read(16_384)

        async with (
            serving(always(answer(200, "{}")), tls=server_context(tmp_path)) as port,
            serving(_refuses_tls_13(port)) as box,
            serving(cut) as other,
        ):
            return await seen("tls", target(box, tls=True)), await seen("tls", target(other, tls=True))

    old, never = run(body())
    assert (old.outcome, old.facts.older_version_ok) == ("fault", True)
    assert (never.outcome, never.facts.older_version_ok) == ("fault", False)


@pytest.mark.parametrize("complete", [False, True])
def test_the_chain_is_read_whole(tmp_path: Path, *, complete: bool) -> None:
    """Every certificate that was sent is there with its issuer, in a refused handshake as in a genuine one."""
    root = trustme.CA(organization_name="Example Root")
    between = root.create_child_ca()
    issued = between.issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with issued.private_key_and_cert_chain_pem.tempfile(dir=str(tmp_path)) as both:
        text = Path(both).read_text()
    parts = text.split("-----BEGIN CERTIFICATE-----")
    file = tmp_path / "server.pem"
    file.write_text("-----BEGIN CERTIFICATE-----".join(parts if complete else parts[:2]))
    context.load_cert_chain(str(file))
    roots = tmp_path / "root.pem"
    root.cert_pem.write_to_path(str(roots))

    async def body() -> Observation:
        async with serving(always(answer(200, "{}")), tls=context) as port:
            return await seen("tls", target(port, tls=True, ca_file=str(roots)))

    told = run(body())
    assert told.outcome == ("ok" if complete else "fault")
    assert len(told.facts.chain) == (2 if complete else 1)
    assert told.facts.chain[0].not_after == told.facts.not_after
    if complete:
        assert told.facts.chain[1].issuer == "Example Root"


def test_a_server_that_forgets_its_intermediate() -> None:
    """A public issuer, one certificate and no chain: the server's set-up is likelier than somebody in between."""
    facts = Tls(verified=False, issuer="DigiCert Inc", self_signed=False, trusted_by_system=False)
    links = (Certificate("api.example.test", "DigiCert Inc", 2e9),)

    def states(chain: tuple[Certificate, ...]) -> dict[str, str]:
        one = Observation("tls", "fault", "tls_untrusted", replace(facts, chain=chain))
        return {a.cause: a.state for a in diagnose(Evidence((one,), "custom")).accusations}

    assert states(links) == {"tls_failure": "LIKELY", "tls_intercepted": "POSSIBLE"}
    assert states(links * 2) == {"tls_intercepted": "LIKELY"}


def test_the_clock_is_compared_within_a_bound() -> None:
    """The offset from the server's Date header is right within the bound that is told beside it."""
    shift = -7200

    async def dated(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(answer(401, "{}", date=formatdate(time.time() + shift, usegmt=True)))

    told = look("local_net", dated).facts
    assert abs(told.clock_offset_s + shift) <= told.clock_bound_s < 1.5


@pytest.mark.parametrize(
    ("reply", "portal"),
    [
        (answer(302, "", location="http://login.hotel.example/"), True),
        (answer(511, HTML, "text/html"), True),
        (answer(301, "", location="https://127.0.0.1/"), False),
        (answer(404, "{}"), False),
        (None, None),
    ],
)
def test_a_portal_answers_in_plain_http(
    reply: bytes | None, portal: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a login page https fails and plain HTTP leads to a stranger; silence is not a portal."""

    async def body() -> Observation:
        async with serving(always(reply or b"")) as port:
            with refused_port() as dead:
                monkeypatch.setattr(http, "PLAIN_PORT", port if reply else dead)
                return await seen("http", target(dead, tls=True, live=True))

    told = run(body())
    assert (told.outcome, told.facts.captive_portal) == ("fault", portal)


def test_the_limit_is_read_from_the_refusal() -> None:
    """The account's own limit stands in a 429's words and nowhere else; other words name none."""
    said = (
        "Too many requests. Your current concurrency is 31, which exceeds your concurrency limit of 30 based on your "
        "remaining balance."
    )
    assert concurrency_of(said) == Concurrency(now=31, limit=30)
    assert concurrency_of("Rate limit reached for requests") is None


def test_every_currency_is_told() -> None:
    """An account may hold several currencies: each stands there with what was granted and what was paid."""
    rows = [
        {
            "currency": "CNY",
            "total_balance": "110.00",
            "granted_balance": "10.00",
            "topped_up_balance": "100.00",
        },
        {
            "currency": "USD",
            "total_balance": "0.50",
            "granted_balance": "0.00",
            "topped_up_balance": "0.50",
            "x": 1,
        },
    ]
    reply = answer(200, json.dumps({"is_available": True, "balance_infos": rows}))
    told = look("balance", always(reply)).facts
    assert [one.currency for one in told.balances] == ["CNY", "USD"]
    assert as_json(told.balances[0]) == rows[0]
    assert (told.total, told.currency) == (110.0, "CNY")
