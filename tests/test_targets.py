"""What the word after --target means, and what is refused before anything starts."""

import threading
from urllib.parse import urlsplit

import pytest

from deepkit.errors import UsageError
from deepkit.facts import providers
from deepkit.records import Budget, Route, Secret, Target
from deepkit.targets import (
    before_the_start,
    case_of,
    check_target,
    live_target,
    open_target,
    read_route,
    with_own,
)
from deepkit.transport.conversations import Conversation
from deepkit.transport.key_travel import withheld
from deepkit.transport.proxy_rules import SystemProxies
from deepkit.triage import doctor

WITH_ADDRESS = [one.name for one in providers() if "{" not in one.base_url]


@pytest.mark.parametrize("name", WITH_ADDRESS)
def test_every_provider_is_a_target(name: str) -> None:
    """Each provider's name gives a target at the provider's own address, without a key unless one is set."""
    target = live_target(name)
    assert target.base_url in {one.base_url for one in providers()}
    assert target.key is None


def test_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """DEEPKIT_API_KEY wins over the provider's own variable; a key never shows in the target's text."""
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-theirs")
    assert live_target("deepseek").key.reveal() == "sk-theirs"  # type: ignore[union-attr]
    monkeypatch.setenv("DEEPKIT_API_KEY", "sk-ours")
    target = live_target("deepseek")
    assert target.key.reveal() == "sk-ours"  # type: ignore[union-attr]
    assert "sk-ours" not in repr(target)


def test_the_address_finds_its_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """A base URL of a known provider brings along what is known of that provider."""
    assert live_target("https://api.deepseek.com/v1").web_url == live_target("deepseek").web_url


def test_other_providers_are_asked_only_when_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that lies in the environment asks nobody; a named provider is asked with the key of its own variable."""
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or")
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-ds")
    assert live_target("deepseek").alternatives == ()
    (named,) = live_target("deepseek", alternatives=["openrouter"]).alternatives
    assert (named.name, named.key) == ("openrouter", Secret("sk-or"))
    told = before_the_start(case_of(live_target("deepseek", alternatives=["openrouter"])), Budget())
    assert "one question each to openrouter" in told[0]
    assert "USD" in told[0]
    for wrong, why in (("openrooter", "openrouter"), ("deepseek", "anyway"), ("siliconflow", "set its key")):
        with pytest.raises(UsageError, match=why):
            live_target("deepseek", alternatives=[wrong])


@pytest.mark.parametrize(
    ("addresses", "sent"),
    [
        (("127.0.0.1", "::1"), True),
        (("172.18.0.3",), True),
        (("10.0.0.7", "fd00::7"), True),
        (("8.8.8.8",), False),
        (("10.0.0.7", "8.8.8.8"), False),
        (("100.64.0.1",), False),
        (("198.18.0.7",), False),
        (("::ffff:8.8.8.8",), False),
        (("::ffff:10.0.0.7", "fe80::1%eth0"), True),
        ((), False),
    ],
)
def test_a_key_goes_in_the_clear_only_where_no_stranger_reads_it(
    addresses: tuple[str, ...], sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads to private addresses alone is local and gets the key; any other is told of, and may be allowed."""
    monkeypatch.setenv("DEEPKIT_API_KEY", "sk-mine")
    monkeypatch.setattr("deepkit.targets.system_lookup", lambda _: addresses)
    target = live_target("http://gateway.test:4000/v1")
    assert (withheld(target, None) == "") is sent
    told = before_the_start(case_of(target), Budget())
    assert len(told) == (1 if sent else 2)
    assert sent or "--send-key-in-clear" in told[1]
    assert not withheld(live_target("http://gateway.test/v1", send_key_in_clear=True), None)
    assert target.fresh_dns == () if sent else target.fresh_dns
    assert target.live is (addresses != ("127.0.0.1", "::1"))


def test_a_proxy_does_not_see_the_key_of_a_private_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the environment's proxy the key of a plain http:// server stays here, and a sentence says so."""
    monkeypatch.setenv("DEEPKIT_API_KEY", "sk-mine")
    monkeypatch.setenv("HTTP_PROXY", OFFICE)
    case = case_of(live_target("http://192.168.7.7:4000/v1"))
    assert case.settings.route == "environment"
    why = before_the_start(case, Budget())[1]
    assert "office.test" in why
    assert "s3cret" not in why
    assert not withheld(case.target, urlsplit("http://127.0.0.1:3128"))
    assert not withheld(live_target("https://192.168.7.7/v1"), urlsplit(OFFICE))


@pytest.mark.parametrize(
    "word",
    [
        "",
        " ",
        "nonsense",
        "ftp://x",
        "http://",
        "https://:80",
        "http://h:99999",
        "http://h:x",
        "http://[::1",
        "//host",
    ],
)
def test_what_is_no_target_is_refused(word: str) -> None:
    """A word that is neither a name nor an address is refused with the names there are."""
    with pytest.raises(UsageError, match="one of: sandbox"):
        check_target(word)


def test_credentials_in_the_address_are_refused() -> None:
    """A password in an address would end up in texts; it is refused without repeating it."""
    with pytest.raises(UsageError) as refused:
        check_target("https://user:hunter2@host/v1")
    assert "hunter2" not in str(refused.value)


def test_scenarios_belong_to_the_sandbox() -> None:
    """A scenario with a live target would promise something false."""
    with pytest.raises(UsageError, match="sandbox"):
        check_target("deepseek", scenario="rush_hour")


def test_an_unknown_scenario_suggests_a_known_one() -> None:
    """A typing error gets the nearest name."""
    with pytest.raises(UsageError, match="rush_hour"), open_target("sandbox", scenario="rush_hours"):
        pass


def test_loopback_is_not_live() -> None:
    """A server on this machine costs nothing and its name is not looked up elsewhere."""
    target = live_target("http://127.0.0.1:11434/v1")
    assert not target.live
    assert target.fresh_dns == ()


def test_routes_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """DEEPKIT_ROUTES names the proxies to compare; one without an address is refused."""
    monkeypatch.setenv("DEEPKIT_ROUTES", "tokyo=http://127.0.0.1:1, office=socks5://127.0.0.1:2")
    assert [route.name for route in live_target("deepseek").routes] == ["tokyo", "office"]
    monkeypatch.setenv("DEEPKIT_ROUTES", "tokyo")
    with pytest.raises(UsageError, match="NAME=http"):
        live_target("deepseek")


def test_a_target_is_used_as_it_is() -> None:
    """A Target given by a program is not touched."""
    target = Target("mine", "http://127.0.0.1:9/v1", live=False)
    with open_target(target) as case:
        assert case.target is target


def test_a_live_target_is_built_once_and_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checking a name builds nothing; a look builds its target once, and never on the loop that measures."""
    threads: list[str] = []

    def told() -> SystemProxies:
        threads.append(threading.current_thread().name)
        return SystemProxies()

    monkeypatch.setattr("deepkit.targets.system_proxy", told)
    check_target("deepseek")
    assert not threads
    assert doctor("deepseek", only={"conversation"}).evidence.requests == 0
    assert len(threads) == 1
    assert not {"deepkit-loop", "MainThread"} & set(threads)


OFFICE = "http://ann:s3cret@office.test:3128"


def test_the_environment_s_proxy_is_the_way_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the official client would go through a proxy, so does a live look; a local server is asked directly."""
    monkeypatch.setenv("HTTPS_PROXY", OFFICE)
    with open_target("deepseek") as case:
        assert (case.settings.route, case.target.routes) == ("environment", (Route("environment", OFFICE),))
    with open_target("http://localhost:8000/v1") as case:
        assert (case.settings.route, case.target.routes) == ("direct", ())
    monkeypatch.setenv("NO_PROXY", "deepseek.com")
    with open_target("deepseek") as case:
        assert (case.settings.route, case.target.routes) == ("direct", ())
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://office.test:1080")
    with open_target("deepseek") as case:
        assert case.target.routes[0].proxy == "socks5://office.test:1080"
    monkeypatch.setenv("HTTPS_PROXY", "http://office.test:port")
    with open_target("deepseek") as case:
        assert case.target.routes == ()


@pytest.mark.parametrize(
    "text", ["", "tokyo", "tokyo=", "=http://h:1", "t=ftp://h:1", "t=http://u:s3cret@h:x"]
)
def test_a_route_without_an_address_is_refused(text: str) -> None:
    """A route needs a name and a proxy's address; the refusal repeats no password."""
    with pytest.raises(UsageError, match="NAME=http://HOST:PORT") as refused:
        read_route(text)
    assert "s3cret" not in str(refused.value)


def test_what_the_user_brings_along() -> None:
    """Routes are added, the conversation and its model are taken over, and everything else stays."""
    plain = live_target("deepseek")
    talk = Conversation(({"role": "user", "content": "hi"},), "deepseek-v4-pro")
    told = with_own(plain, routes=[read_route("tokyo=socks5://h.test:1080")], conversation=talk)
    assert [one.name for one in told.routes] == ["tokyo"]
    assert (told.conversation, told.model) == (talk.messages, "deepseek-v4-pro")
    assert with_own(plain) == plain
