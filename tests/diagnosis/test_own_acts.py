"""What DeepKit itself did, and what may stand between, is never taken for a fault of the user's or the provider's."""

from typing import Any

import pytest
from hypothesis import given

from deepkit.causes import BY_NAME
from deepkit.checks import DnsSystem
from deepkit.diagnosis import diagnose
from deepkit.diagnosis.reachability import end_to_end
from deepkit.records import Evidence, Observation, Settings
from tests.diagnosis.evidence import evidences
from tests.observed import observed

PLAIN = observed("http", status=200, plain_http=True)
TLS = observed("tls", verified=True)
FAR_END = {"stream_cut", "empty_response_under_load"}


def asked(*failures: str, ok: int = 0, check: str = "chat.stream", **facts: Any) -> Observation:
    """Some questions, with how they failed."""
    counted = {name: failures.count(name) for name in failures}
    n = len(failures) + ok
    facts = {"key_sent": True} | facts
    outcome: Any = "ok" if ok == n else "fault"
    return observed(check, outcome, next(iter(failures), None), n=n, ok=ok, failures=counted, **facts)


def first(*seen: Observation, target: str = "custom", **settings: Any) -> tuple[str, str, str]:
    """The verdict, its state, and whose fault it is."""
    found = diagnose(Evidence(seen, target=target, settings=Settings(**settings)))
    state = found.accusations[0].state if found.accusations else ""
    return found.verdict, state, found.whose


@given(evidences())
def test_the_far_end_is_accused_for_sure_only_where_nothing_stands_between(evidence: Evidence) -> None:
    """Cut and empty answers prove the provider's fault over verified TLS, or where another way shows the same."""
    for one in diagnose(evidence).accusations:
        if one.cause in FAR_END and one.state == "SHOWN" and not end_to_end(evidence):
            assert evidence.get("routes") is not None
        if one.state == "SHOWN" and one.whose == "between":
            assert BY_NAME[one.cause].layer == "account"  # a gateway's own key, by the refusal's words


@pytest.mark.parametrize("failure", ["stream_cut", "stream_silent", "empty_body"])
def test_what_a_relay_can_do_is_not_the_provider_s(failure: str) -> None:
    """Answers that break off over plain HTTP may have been cut on the way; TLS to the end, or another way, tells."""
    seen = asked(failure, failure)
    assert first(PLAIN, seen)[1:] == ("LIKELY", "between")
    assert first(TLS, seen)[1:] == ("SHOWN", "provider")
    elsewhere = observed("routes", routes=[{"name": "tokyo", "n": 1, "ok": 0, "failure": failure}])
    assert first(PLAIN, elsewhere, seen)[1:] == ("SHOWN", "provider")


def test_a_key_that_was_taken_out_on_the_way_is_nobody_s_fault_but_the_way_s() -> None:
    """The key was sent and the server says that none came: something between took it."""
    gone = "You didn't provide an API key. You need to provide your API key in an Authorization header."
    seen = asked("http_401", "http_401", error_message=gone, error_type="invalid_request_error")
    assert first(PLAIN, seen) == ("auth_failed", "LIKELY", "between")
    refused = asked("http_401", error_message="Authentication Fails", error_type="authentication_error")
    assert first(PLAIN, refused) == ("auth_failed", "SHOWN", "account")
    bare = asked("http_401", error_message="no")
    assert first(PLAIN, bare) == ("auth_failed", "LIKELY", "between")


def test_a_gateway_s_key_is_not_the_user_s() -> None:
    """A refusal that names a key with another end than the one that was sent is about the gateway's own key."""
    seen = asked("http_401", error_message="Your api key: ****wxyz is invalid", other_key=True)
    assert first(PLAIN, seen) == ("auth_failed", "SHOWN", "between")


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (asked("http_400", error_message="No connected db.", error_type="no_db_connection"), "auth_failed"),
        (asked("http_403", error_message="Invalid authentication credentials", status=403), "auth_failed"),
        (
            asked("http_500", error_message="litellm.InternalServerError: Cannot connect to host a.test:443"),
            "upstream_provider_fault",
        ),
    ],
)
def test_gateways_are_read_in_their_own_words(seen: Observation, verdict: str) -> None:
    """A gateway's refusal of a key, and its own lack of a connection, are what they say; /models need not exist."""
    missing = observed("http", "fault", "http_404", status=404, plain_http=True)
    assert first(missing, seen)[:2] == (verdict, "LIKELY")


@pytest.mark.parametrize("status", [401, 403])
def test_what_carried_no_key_says_nothing_about_one(status: int) -> None:
    """A refusal of a request that carried no key blames neither key nor sender."""
    name = f"http_{status}"
    seen = asked(name, name, key_sent=False, status=status, error_message="Not authenticated")
    assert first(PLAIN, seen)[0] == "inconclusive"


def test_nothing_listens_on_this_machine() -> None:
    """A refusal by loopback is the user's own server that is not running, and starting it is what to do."""
    row = {"address": "127.0.0.1:9", "family": 4, "failure": "connection_refused"}
    seen = observed("tcp", "fault", "connection_refused", connects=[row])
    literal = Observation("dns.system", "not_checked", facts=DnsSystem(needed=False))
    assert first(literal, seen) == ("connection_refused", "SHOWN", "you")
    assert first(seen) == ("connection_refused", "LIKELY", "you")  # of a name: a stale lookup leads here too
    found = diagnose(Evidence((literal, seen), target="custom"))
    assert found.next_check is not None
    assert "start the server" in found.next_check
    far = observed("tcp", "fault", "connection_refused", connects=[{**row, "address": "203.0.113.7:443"}])
    assert first(far)[2] == "network"


@pytest.mark.parametrize(
    ("bare", "blocked", "cause", "state"),
    [
        (False, True, "browser_state", "SHOWN"),
        (True, True, "browser_extension_block", "SHOWN"),
        (True, False, "browser_extension_block", "LIKELY"),
        (None, True, "browser_extension_block", "LIKELY"),
        (None, False, "browser_state", "LIKELY"),
    ],
)
def test_a_control_proves_what_it_alone_differs_in(
    bare: bool | None, blocked: bool, cause: str, state: str
) -> None:
    """An empty profile has no extensions either: alone it does not tell the two apart."""
    assets = [{"path": "/a.js", "blocked": blocked}]
    seen = observed("web", "fault", "blocked_by_client", ok=False, clean_ok=True, no_extension_ok=bare,
                    assets=assets)  # fmt: skip
    assert first(seen, surface="web")[:2] == (cause, state)


def test_a_slow_name_server_is_no_loss() -> None:
    """Where not one datagram came back the name server was slow or silent; some that came and some that did not are loss."""
    assert first(observed("path", "partial", n=20, udp_sent=8, udp_lost=8))[0] == "inconclusive"
    assert first(observed("path", "partial", n=20, udp_sent=8, udp_lost=5))[:2] == ("packet_loss", "LIKELY")


def test_healthy_says_what_is_odd_and_what_was_not_looked_at() -> None:
    """A clock that is off, slow answers, a slow lookup, and a question that was not asked are told all the same."""
    well = asked(ok=3, answer_s=3.4)
    clock = observed("local_net", clock_offset_s=-172_799.0, clock_bound_s=0.5)
    lookup = observed("dns.system", elapsed_s=4.6, addresses=["203.0.113.7"])
    unasked = observed("chat.plain", "not_checked", reason="the budget of this run is spent")
    found = diagnose(Evidence((clock, lookup, well, unasked), target="custom"))
    assert found.verdict == "healthy"
    told = " ".join(found.notes)
    for words in ("2.0 days behind", "3.4 s", "4.6 s", "Not looked at: unstreamed answers"):
        assert words in told
    assert diagnose(Evidence((asked(ok=3, answer_s=0.4),), target="custom")).notes == ()


def test_a_stream_that_the_server_does_not_offer_is_said_so() -> None:
    """Where only streamed questions fail on the server, the sentence says that the plain one works."""
    seen = (asked("http_5xx", "http_5xx", status=501), asked(ok=1, check="chat.plain"))
    found = diagnose(Evidence((PLAIN, *seen), target="custom"))
    assert found.verdict == "server_error"
    assert "without streaming" in found.accusations[0].evidence_for[0]
