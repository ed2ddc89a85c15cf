"""Each client's reading of the proxy settings, held against the client itself where it can run."""

import asyncio
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import httpx
import httpx2
import pytest
import requests.utils
from hypothesis import example, given
from hypothesis import strategies as st

from deepkit.transport.proxy_rules import (
    DIRECT,
    Destination,
    SystemProxies,
    curl_skips,
    decisions,
    disagreeing,
    httpx_skips,
    masked,
    requests_skips,
    urllib_skips,
)
from deepkit.transport.system_proxy import read_gsettings, read_registry, read_scutil
from tests.servers import answer, request, serving

P = "http://proxy.test:3128"
HOSTS = ("api.example.test", "example.test", "localhost", "10.1.2.3", "fd00::7", "other.test")
ENTRIES = (
    "*", "example.test", ".example.test", "*.example.test", "api.example.test", "API.Example.Test",
    "example.test:8443", "api.example.test:8443", "ample.test", "test", "localhost", "10.0.0.0/8", "10.1.2.3",
    "10.1.2.3:8443", "10.0.0.0/99", "10.1.2", "fd00::7", "fd00::/8", "http://example.test", "all://other.test",
)  # fmt: skip

places = st.builds(
    Destination, st.sampled_from(["http", "https"]), st.sampled_from(HOSTS), st.sampled_from([None, 8443])
)
lists = st.lists(st.sampled_from(ENTRIES), max_size=4).map(",".join)
spaced = st.tuples(lists, st.sampled_from(["", " "])).map(lambda one: one[0].replace(",", "," + one[1]))


def url_of(place: Destination) -> str:
    host = f"[{place.host}]" if ":" in place.host else place.host
    return f"{place.scheme}://{host}" + (f":{place.port}" if place.port else "")


@contextmanager
def environment(**values: str) -> Iterator[None]:
    with mock.patch.dict(os.environ, values, clear=True):
        yield


@given(places, spaced)
def test_urllib_is_read_as_it_reads(place: Destination, skip: str) -> None:
    """For every host and list, the rule says what the standard library's own function says."""
    host = place.host if ":" not in place.host else f"[{place.host}]"
    whole = place.host if place.port is None or ":" in place.host else f"{host}:{place.port}"
    if ":" in place.host:  # the library takes an address apart at its colons; asked without a port
        place = Destination(place.scheme, place.host)
    with environment(no_proxy=skip) if skip else environment():
        assert urllib_skips(place, skip) == bool(urllib.request.proxy_bypass_environment(whole))


@given(places, spaced)
def test_requests_is_read_as_it_reads(place: Destination, skip: str) -> None:
    """For every host and list, the rule says what requests' own function says."""
    with environment(no_proxy=skip) if skip else environment():
        assert requests_skips(place, skip) == bool(requests.utils.should_bypass_proxies(url_of(place), None))


@given(places, spaced)
def test_httpx2_is_read_as_it_reads(place: Destination, skip: str) -> None:
    """For every host and list, the rule says which way the OpenAI SDK's client (httpx2) really takes."""
    with environment(no_proxy=skip, http_proxy=P, https_proxy=P):
        client = httpx2.Client(verify=False)  # nothing is sent
        direct = client._transport_for_url(httpx2.URL(url_of(place))) is client._transport
    assert httpx_skips(place, skip, ranges=True) == direct


@given(places, spaced)
@example(Destination("http", "api.example.test"), "fd00::/8, *")
def test_httpx_is_read_as_it_reads(place: Destination, skip: str) -> None:
    """The same for httpx; a list that it cannot take is known beforehand."""
    told = decisions(place, {"no_proxy": skip, "http_proxy": P, "https_proxy": P})["httpx"]
    with environment(no_proxy=skip, http_proxy=P, https_proxy=P):
        try:
            client = httpx.Client(verify=False)  # nothing is sent
        except (httpx.InvalidURL, ValueError):
            assert told.startswith("does not start")
            return
        direct = client._transport_for_url(httpx.URL(url_of(place))) is client._transport
    assert told == (DIRECT if direct else P)


CURL = [
    (skip, host)
    for host in ("api.example.test", "example.test", "127.1.2.3")
    for skip in (
        "", "*", "*,x.test", "example.test", ".example.test", "ample.test", "*.example.test", "API.EXAMPLE.TEST",
        "x.test example.test", "example.test:{port}", "127.0.0.0/8", "127.1.2.3", "127.1.2.3:{port}", "127.1.2",
    )
]  # fmt: skip


def test_curl_is_read_as_it_reads() -> None:
    """For hosts and lists of every dialect, the rule says which way the real curl takes on loopback."""
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed here")

    async def body() -> dict[tuple[str, str], str]:
        async def direct(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await request(reader)
            writer.write(answer(200, "direct"))

        async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await request(reader)
            writer.write(answer(200, "proxy"))

        told: dict[tuple[str, str], str] = {}
        async with serving(direct, hosts=("0.0.0.0",)) as port, serving(through) as proxy:
            for skip, host in CURL:
                process = await asyncio.create_subprocess_exec(
                    program, "-q", "-s", "--max-time", "5", "--resolve", f"{host}:{port}:127.0.0.1",
                    f"http://{host}:{port}/", stdout=subprocess.PIPE,
                    env={"http_proxy": f"http://127.0.0.1:{proxy}", "no_proxy": skip.format(port=port)},
                )  # fmt: skip
                out, _ = await process.communicate()
                told[skip, host] = out.decode()
        return told

    for (skip, host), way in asyncio.run(body()).items():
        expected = curl_skips(Destination("http", host, 8123), skip.format(port=8123))
        assert way == ("direct" if expected else "proxy"), (skip, host)


VARIABLES = st.dictionaries(
    st.sampled_from([
        "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
        "Https_Proxy", "REQUEST_METHOD",
    ]),
    st.sampled_from(["", "http://one.test:1", "http://two.test:2"]),
)  # fmt: skip


@given(places, VARIABLES)
def test_the_variables_are_read_as_python_reads_them(place: Destination, variables: dict[str, str]) -> None:
    """Which of several variables counts, in which case of letters, is what the standard library and requests say."""
    with environment(**variables):
        known = urllib.request.getproxies_environment()
        told = requests.utils.get_environ_proxies(url_of(place))
        chosen = requests.utils.select_proxy(url_of(place), told)
    decided = decisions(place, variables)
    if not known.get("no"):
        assert decided["urllib"] == (known.get(place.scheme) or DIRECT)
        assert decided["requests"] == (chosen or DIRECT)


@given(places, VARIABLES, spaced)
def test_no_proxy_anywhere_means_direct_everywhere(
    place: Destination, variables: dict[str, str], skip: str
) -> None:
    """Without a proxy variable every client goes direct; a lone star sends every client direct."""
    assert set(decisions(place, {"no_proxy": skip}).values()) == {DIRECT}
    starred = {k: v for k, v in variables.items() if k.lower() != "no_proxy"} | {"no_proxy": "*"}
    assert set(decisions(place, starred).values()) == {DIRECT}


def test_what_differs_is_a_disagreement() -> None:
    """A range in NO_PROXY splits the clients; one plain proxy does not, though Node and aiohttp ignore it."""
    inside = Destination("https", "10.1.2.3")
    ranged = decisions(inside, {"HTTPS_PROXY": P, "NO_PROXY": "10.0.0.0/8"})
    assert (ranged["requests"], ranged["curl"], ranged["httpx2"]) == (DIRECT, DIRECT, DIRECT)
    assert (ranged["urllib"], ranged["httpx"]) == (P, P)
    assert disagreeing(ranged)
    plain = decisions(Destination("https", "api.example.test"), {"HTTPS_PROXY": P})
    assert not disagreeing(plain)
    assert (plain["aiohttp"], plain["node"], plain["browser"]) == (DIRECT, DIRECT, P)
    switched = decisions(inside, {"HTTPS_PROXY": P, "NODE_USE_ENV_PROXY": "1", "NO_PROXY": "10.1.2.3:443"})
    assert (switched["node"], switched["curl"]) == (DIRECT, P)


def test_browsers_follow_the_system() -> None:
    """Where the system has settings, the environment does not count for a browser; a script is named, not run."""
    place, env = Destination("https", "api.example.test"), {"HTTPS_PROXY": P}
    assert decisions(place, env, SystemProxies("windows"))["browser"] == DIRECT
    own = SystemProxies("macos", {"https": "http://office.test:8080"}, ("*.example.test",))
    assert decisions(place, {}, own)["browser"] == DIRECT
    assert decisions(Destination("https", "x.test"), {}, own)["browser"] == "http://office.test:8080"
    assert decisions(Destination("https", "x.test"), {}, own)["requests"] == "http://office.test:8080"
    assert decisions(Destination("https", "x.test"), {}, own)["curl"] == DIRECT
    assert "PAC" in decisions(place, env, SystemProxies("windows", pac="http://pac.test/p"))["browser"]


SCUTIL = """<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  ExcludeSimpleHostnames : 1
  HTTPEnable : 0
  HTTPSEnable : 1
  HTTPSPort : 8080
  HTTPSProxy : office.test
  ProxyAutoConfigEnable : 0
}
"""
GSETTINGS = """org.gnome.system.proxy autoconfig-url 'http://pac.test/p'
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1']
org.gnome.system.proxy mode '{mode}'
org.gnome.system.proxy.https host 'office.test'
org.gnome.system.proxy.https port 8080
org.gnome.system.proxy.ftp host ''
"""
OFFICE = {"https": "http://office.test:8080"}


def test_the_systems_settings_are_read() -> None:
    """What each system's tool prints becomes the same record; nothing printed is no setting."""
    assert read_scutil(SCUTIL) == SystemProxies("macos", OFFICE, ("*.local", "169.254/16", "<local>"))
    assert read_scutil(SCUTIL.replace("ConfigEnable : 0", "ConfigEnable : 1")).pac == "found by itself"
    ignored = ("localhost", "127.0.0.0/8", "::1")
    assert read_gsettings(GSETTINGS.format(mode="manual")) == SystemProxies("gnome", OFFICE, ignored)
    assert read_gsettings(GSETTINGS.format(mode="auto")) == SystemProxies("gnome", pac="http://pac.test/p")
    assert read_gsettings(GSETTINGS.format(mode="none")) == SystemProxies("gnome")
    one = {"ProxyEnable": 1, "ProxyServer": "office.test:8080", "ProxyOverride": "*.local;<local>"}
    assert read_registry(one) == SystemProxies(
        "windows", {**OFFICE, "http": OFFICE["https"]}, ("*.local", "<local>")
    )
    assert read_registry({"ProxyEnable": 1, "ProxyServer": "https=office.test:8080"}).proxies == OFFICE
    assert read_registry({"ProxyEnable": 0, "ProxyServer": "x:1"}) == SystemProxies("windows")
    assert read_scutil("") == read_gsettings("") == SystemProxies()


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    """Whatever a tool prints and whatever stands in a variable, there is an answer."""
    read_scutil(text)
    read_gsettings(text)
    read_registry({"ProxyEnable": 1, "ProxyServer": text, "ProxyOverride": text})
    assert "s3cret" not in masked(f"http://ann:s3cret@{text}") or "s3cret" in text
    decisions(
        Destination("https", "api.example.test"),
        {"HTTPS_PROXY": text, "NO_PROXY": text, "NODE_USE_ENV_PROXY": "1"},
    )
