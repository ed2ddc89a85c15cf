"""The ways to the server: names, proxies, TLS, a bad line."""

import asyncio
import random
import socket
import ssl
import time
from urllib.parse import urlsplit

import dns.flags
import dns.message
import dns.query
import dns.rcode
import httpx
import pytest

from deepkit.records import Target
from tests.sandbox.conftest import client, question

NAME = "api.deepseek.test."


def lookup(
    server: str | None, name: str = NAME, kind: str = "A", *, tcp: bool = False
) -> dns.message.Message:
    """Ask one of the sandbox's name servers."""
    assert server is not None
    host, _, port = server.rpartition(":")
    send = dns.query.tcp if tcp else dns.query.udp
    return send(dns.message.make_query(name, kind), host, port=int(port), timeout=2)


def address(answer: dns.message.Message) -> str:
    """The one address in an answer."""
    return answer.answer[0][0].to_text()


@pytest.mark.parametrize("tcp", [False, True])
def test_the_stale_record(opened, tcp: bool) -> None:
    """The system's server gives a dead address, the fresh ones the right one, over UDP and TCP alike."""
    target = opened("stale_dns").target
    dead, right = (
        address(lookup(target.system_dns, tcp=tcp)),
        {address(lookup(one, tcp=tcp)) for one in target.fresh_dns},
    )
    port = urlsplit(target.base_url).port
    assert right == {"127.0.0.1"}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((dead, port), timeout=2)
    with socket.create_connection(("127.0.0.1", port), timeout=2):
        pass


def test_name_server_manners(opened) -> None:
    """Unknown names do not exist, other types are empty, case does not matter, nonsense gets no answer."""
    target = opened("healthy").target
    assert lookup(target.system_dns, "nowhere.test.").rcode() == dns.rcode.NXDOMAIN
    six = lookup(target.system_dns, kind="AAAA")
    assert (six.rcode(), list(six.answer)) == (dns.rcode.NOERROR, [])
    assert address(lookup(target.system_dns, "API.DeepSeek.Test.")) == "127.0.0.1"
    host, _, port = str(target.system_dns).rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.settimeout(0.2)
        plain.sendto(b"nonsense", (host, int(port)))
        with pytest.raises(TimeoutError):
            plain.recv(512)
    assert address(lookup(target.system_dns)) == "127.0.0.1"


def through(target: Target, region: str, **options) -> httpx.Response:
    """One question through a regional proxy."""
    proxy = next(one.proxy for one in target.routes if one.name == region)
    with client(target, proxy=proxy, **options) as asking:
        return asking.post("/chat/completions", json=question(target))


def test_regions_lead_to_different_entrances(opened) -> None:
    """Singapore has room, Tokyo is full, Frankfurt gets a block page; each route has a region and a zone."""
    target = opened("saturated_region").target
    assert through(target, "singapore").status_code == 200
    assert through(target, "tokyo").status_code == 503
    blocked = through(target, "frankfurt")
    assert blocked.status_code == 403
    assert "EdgeOne" in blocked.text
    assert {one.region: one.time_zone for one in target.routes}["Tokyo"] == "Asia/Tokyo"


def tunnel(proxy: str, where: str) -> bytes:
    """What a proxy says to CONNECT."""
    parts = urlsplit(proxy)
    with socket.create_connection((parts.hostname, parts.port), timeout=2) as plain:
        plain.sendall(f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\n\r\n".encode())
        said = plain.recv(4096)
        if b" 200 " in said:
            plain.sendall(b"GET /models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            while piece := plain.recv(4096):
                said += piece
        return said


def test_proxies_tunnel_and_reach_the_sandbox_only(opened) -> None:
    """CONNECT opens a tunnel to the API; any other port, even an open one, is refused."""
    box = opened("healthy")
    proxy = box.info()["proxies"]["tokyo"]
    host = urlsplit(box.target.base_url).netloc
    assert b"HTTP/1.1 401" in tunnel(proxy, host)
    with socket.create_server(("127.0.0.1", 0)) as strange:
        port = strange.getsockname()[1]
        assert b"502 Bad Gateway" in tunnel(proxy, f"127.0.0.1:{port}")
    assert b"502 Bad Gateway" in tunnel(proxy, "no port at all")


def test_a_stream_passes_a_proxy_piece_by_piece(opened) -> None:
    """A proxy that leads to a healthy entrance does not buffer: pieces come well before the end."""
    target = opened("healthy").target
    stamps = []
    with client(target, proxy=target.routes[0].proxy) as asking:
        body = question(target, stream=True)
        with asking.stream("POST", "/chat/completions", json=body) as answer:
            stamps += [time.monotonic() for line in answer.iter_lines() if line]
    assert stamps[-1] - stamps[0] > 0.04


def over_tls(target: Target, roots: str | None, *, stream: bool = False) -> httpx.Response:
    """One question over TLS to the address behind the name, trusting these roots only."""
    context = ssl.create_default_context(cafile=roots)
    parts = urlsplit(target.base_url)
    assert parts.hostname is not None
    asked = {"headers": {"Host": parts.netloc}, "extensions": {"sni_hostname": parts.hostname}}
    with client(target, verify=context) as asking:
        url = f"https://127.0.0.1:{parts.port}/chat/completions"
        return asking.post(url, json=question(target, stream=stream), **asked)


def test_the_firewalls_certificate(opened) -> None:
    """The public roots refuse it, the machine's store takes it, and its issuer is the company's gateway."""
    target = opened("firewall").target
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        over_tls(target, target.ca_file)
    assert over_tls(target, target.system_ca_file).status_code == 200
    der = ssl.get_server_certificate(("127.0.0.1", urlsplit(target.base_url).port))
    from cryptography import x509

    assert (
        "Example Company Web Gateway" in x509.load_pem_x509_certificate(der.encode()).issuer.rfc4514_string()
    )


def test_the_firewall_buffers_and_cuts_streams(opened) -> None:
    """Through the middlebox a stream ends before its end; past it, allow-listed, it is whole."""
    target = opened("firewall").target
    with pytest.raises(httpx.RemoteProtocolError):
        over_tls(target, target.system_ca_file, stream=True)
    past = target.stand_ins["allowlisted"]
    assert over_tls(past, past.ca_file, stream=True).text.endswith("data: [DONE]\n\n")


def test_the_lossy_line_stalls_and_loses(opened) -> None:
    """Exchanges stall by the sizes of retransmissions, some connections die, and datagrams really vanish."""
    target = opened("lossy_line").target
    assert target.key is not None
    bearer = {"Authorization": f"Bearer {target.key.reveal()}"}

    async def once(base_url: str) -> float | None:
        async with httpx.AsyncClient(headers=bearer, trust_env=False, timeout=5) as asking:
            began = time.monotonic()
            try:
                await asking.get(f"{base_url}/models")
            except httpx.HTTPError:
                return None
            return time.monotonic() - began

    async def many(base_url: str) -> list[float | None]:
        return await asyncio.gather(*(once(base_url) for _ in range(40)))

    took = asyncio.run(many(target.base_url))
    whole = [one for one in took if one is not None]
    assert 1 <= took.count(None) <= 14
    assert sum(one > 0.19 for one in whole) > 0.4 * len(whole)
    better = asyncio.run(many(target.stand_ins["better_line"].base_url))
    assert None not in better
    assert _unanswered(target.system_dns) > 3
    assert _unanswered(target.stand_ins["better_line"].system_dns) == 0


def _unanswered(server: str | None) -> int:
    """How many of 30 queries get no answer within 50 ms after the last."""
    assert server is not None
    host, _, port = server.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.settimeout(0.3)
        numbers = random.Random(0).sample(range(65536), 30)
        for number in numbers:
            query = dns.message.make_query(NAME, "A", id=number)
            plain.sendto(query.to_wire(), (host, int(port)))
        seen = set()
        try:
            while len(seen) < 30:
                seen.add(dns.message.from_wire(plain.recv(512)).id)
        except TimeoutError:
            pass
    return 30 - len(seen)
