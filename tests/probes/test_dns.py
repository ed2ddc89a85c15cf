"""Names: each server of this machine, search domains, hosts files, waits; all on loopback."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import deepkit.probes._context as shared
from deepkit.checks import DnsServers, DnsSystem, Wait
from deepkit.diagnosis import diagnose
from deepkit.probes import probe_async
from deepkit.probes._stalls import LOOKUPS, mechanism
from deepkit.records import Evidence, Observation, Settings, Timeouts
from deepkit.transport.configured import Configured, configured
from tests.transport.kit import FAST, run, target
from tests.transport.name_server import names, says


def test_each_configured_server_is_asked_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two servers, one of them silent: each stands there with its own answer, its time to live and its failure."""

    async def body() -> Evidence:
        async with names(says("127.0.0.7", ttl=42)) as good, names(lambda _: None) as silent:
            monkeypatch.setattr(shared, "configured", lambda: Configured((good, silent), ("a.test",), 1))
            whom = replace(target(1, live=True), base_url="https://api.example.test")
            return await probe_async(whom, FAST, only=("dns.servers",))

    told = run(body()).get("dns.servers")
    assert told is not None
    assert told.outcome == "partial"
    assert isinstance(told.facts, DnsServers)
    first, second = told.facts.servers
    assert (first.addresses, first.ttl_s, first.failure) == (("127.0.0.7",), 42, None)
    assert (second.addresses, second.failure) == ((), "dns_timeout")
    assert second.elapsed_s is not None
    assert second.elapsed_s >= FAST.timeouts.connect
    assert told.facts.search_addresses == ()  # two dots are enough, so no search domain is tried
    assert "a.test" not in repr(told)


def test_a_search_domain_that_answers_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a name has too few dots, the search domain's own answer is written down, its name is not."""

    async def body() -> Evidence:
        async with names(says("127.0.0.9")) as wild, names(says("127.0.0.7")) as fresh:
            monkeypatch.setattr(shared, "configured", lambda: Configured((wild,), ("corp.test",), 5))
            whom = replace(target(1, live=True, fresh_dns=(fresh,)), base_url="https://api.example.test")
            return await probe_async(whom, FAST, only=("dns.servers", "dns.fresh"))

    told = run(body())
    assert told.facts(DnsServers).search_addresses == ("127.0.0.9",)
    assert "corp" not in repr(told)
    system = Observation("dns.system", "ok", facts=DnsSystem(addresses=("127.0.0.9",), elapsed_s=0.01))
    found = diagnose(Evidence((system, *told.observations), "custom"))
    assert [(one.cause, one.state) for one in found.accusations if one.cause == "dns_stale"] == [
        ("dns_stale", "LIKELY")
    ]


@pytest.mark.parametrize(
    ("elapsed_s", "state"), [(0.02, "RULED_OUT"), (5.02, "LIKELY"), (10.04, "LIKELY"), (2.5, "RULED_OUT")]
)
def test_a_slow_lookup_is_named_by_its_size_only(elapsed_s: float, state: str) -> None:
    """5 and 10 s are a silent name server's; another wait names nobody. An address that came late is no proof of health."""
    waited = mechanism(elapsed_s, LOOKUPS)
    facts = DnsSystem(
        addresses=("203.0.113.7",),
        elapsed_s=elapsed_s,
        waited_for=waited if waited is not Wait.UNKNOWN else None,
    )
    found = diagnose(Evidence((Observation("dns.system", "ok", facts=facts),), "custom"))
    assert [one.state for one in found.accusations if one.cause == "dns_failure"] == [state]


def test_the_lookup_may_take_as_long_as_a_silent_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A live look waits for the system's lookup past 5 s, so that the wait is measured and not cut off."""
    asked: list[float] = []

    async def addresses(_host: str, _target: object, *, timeout_s: float) -> shared.Answer:
        asked.append(timeout_s)
        return shared.Answer("system", ("1.1.1.1",), elapsed_s=5.02)

    monkeypatch.setattr(shared, "configured", Configured)
    monkeypatch.setattr(shared, "system_addresses", addresses)
    whom = replace(target(1, live=True), base_url="https://api.example.test")
    told = run(probe_async(whom, Settings(timeouts=Timeouts(connect=5.0)), only=("dns.system",)))
    seen = told.get("dns.system")
    assert seen is not None
    assert seen.outcome == "partial"
    assert told.facts(DnsSystem).waited_for is Wait.SILENT_NAME_SERVER
    assert min(asked) > 5.5


@pytest.mark.parametrize(
    ("text", "servers", "search", "ndots"),
    [
        ("nameserver 192.0.2.1\nnameserver 2001:db8::1\n", ("192.0.2.1", "2001:db8::1"), (), 1),
        (
            "nameserver 192.0.2.1\nsearch a.test b.test\noptions ndots:5\n",
            ("192.0.2.1",),
            ("a.test", "b.test"),
            5,
        ),
        ("# nothing\n", (), (), 1),
        ("nameserver 127.0.0.53\n", ("127.0.0.53", "192.0.2.9"), (), 1),
        ("nameserver not-an-address\n", (), (), 1),
    ],
)
def test_the_machine_s_settings_are_read(
    text: str, servers: tuple[str, ...], search: tuple[str, ...], ndots: int, tmp_path: Path
) -> None:
    """Servers in their order, those behind a local stub too, search domains and ndots; nothing from a broken file."""
    path, behind = tmp_path / "resolv.conf", tmp_path / "behind.conf"
    path.write_text(text)
    behind.write_text("nameserver 192.0.2.9\n")
    assert configured(path, behind) == Configured(servers, search, ndots)
    assert configured(tmp_path / "none", behind).servers == ()


@given(st.integers(0, 6), st.integers(0, 15), st.lists(st.sampled_from(["a.test", "b.test"]), max_size=3))
def test_what_is_asked_before_the_name(dots: int, ndots: int, search: list[str]) -> None:
    """A search domain goes first exactly when the name has fewer dots than ndots; a name with a dot at its end never."""
    host = ".".join(["x"] * (dots + 1))
    before = Configured((), tuple(search), ndots).tried_before(host)
    assert before == (tuple(f"{host}.{one}" for one in search) if dots < ndots else ())
    assert Configured((), tuple(search), ndots).tried_before(host + ".") == ()
