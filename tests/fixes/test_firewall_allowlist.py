"""Fix 11: the path, where something on it is seen to interfere."""

import pytest

from deepkit.fixes.firewall_allowlist import FIX
from deepkit.records import Evidence, Observation, Settings
from tests.fixes.cases import BUSY, chat, evidence, saw

PLAIN = saw("chat.plain", n=1, ok=1, failures={})


@pytest.mark.parametrize(
    "seen", [BUSY, evidence(chat(0, 3, http_402=3)), evidence(chat(0, 3, empty_body=3), PLAIN)]
)
def test_left_alone(seen: Evidence) -> None:
    """Where the API's own answers come through, the firewall is not the cause."""
    assert FIX.check(seen).answer == "no"


@pytest.mark.parametrize(
    "seen",
    [
        evidence(saw("dns.system", "fault", "dns_timeout")),
        evidence(saw("tcp", "fault", "connect_timeout", connects=[])),
        evidence(chat(0, 3, stream_cut=3)),
        evidence(chat(0, 3, stream_silent=3), saw("chat.plain", "fault", "http_503", n=1, ok=0)),
    ],
)
def test_what_could_be_the_servers_doing(seen: Evidence) -> None:
    """A silent address or a cut stream alone accuses nobody on the way."""
    assert FIX.check(seen).answer == "cannot_tell"


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (saw("tls", "fault", "tls_untrusted", verified=False, issuer="Corp Inspection", trusted_by_system=True),
         "Corp Inspection"),
        (saw("tls", "fault", "tls_untrusted", verified=False, issuer="Nobody", trusted_by_system=False), "Nobody"),
        (saw("http", "fault", "block_page", status=403, body_kind="html", block_page="fortinet"), "fortinet"),
        (saw("tcp", "fault", "connection_reset", connects=[]), "connection_reset"),
        (saw("proxy", "fault", "proxy_auth", failure="proxy_auth"), "proxy_auth"),
        (chat(0, 2, connection_reset=2), "2 connection_reset"),
    ],
)  # fmt: skip
def test_something_on_the_way(seen: Observation, words: str) -> None:
    """A foreign certificate, a block page, a reset and a failing proxy are a yes that names them."""
    verdict = FIX.check(evidence(seen))
    assert verdict.answer == "yes"
    assert words in verdict.because


def test_streams_cut_while_plain_answers_pass() -> None:
    """The unstreamed control that works turns a cut stream into a yes."""
    assert FIX.check(evidence(chat(0, 3, stream_cut=3), PLAIN)).answer == "yes"


def test_trust_and_allow_list() -> None:
    """The machine's own store counts, and the hosts are taken as allowed."""
    after = FIX.apply(Settings())
    assert (after.trust, after.assume) == ("system", {"allowlisted"})


@pytest.mark.parametrize("system", ["windows", "macos", "linux"])
def test_the_request_names_hosts_and_port(system: str) -> None:
    """The firewall team gets host names from the bundled list, the port, and and a note on certificate checks."""
    guide = FIX.guide(evidence(), system=system)
    assert "443" in guide.steps[0]
    assert "api.deepseek.com" in guide.steps[0]
    assert any("certificate" in note for note in guide.notes)


def test_a_refused_connection_is_no_filter() -> None:
    """Where no question reached the API because nothing listens, the firewall is not the cause."""
    seen = evidence(saw("http", "ok", status=401), chat(0, 3, connection_refused=3))
    assert FIX.check(seen).answer == "no"
