"""What each exporter does in its own way, in files of our own making and in recordings of the sandbox.

The peculiarities are those of the exporters' own sources: Chromium's front_end/models/har/Log.ts,
Firefox's devtools/client/netmonitor/src/har/har-builder.js, WebKit's HARBuilder.js, mitmproxy's
addons/savehar.py; Charles marks every response with `_charlesStatus`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from deepkit.checks import Har
from deepkit.diagnosis import diagnose
from deepkit.probes.har import read_har
from deepkit.probes.har.wordings import browser_rule, failure_in
from deepkit.records import FAILURES, Evidence, Settings
from tests.probes.recorded import facts_of

RECORDINGS = Path(__file__).parent / "recordings"
CHAT = "https://chat.deepseek.com"
ASK = f"{CHAT}/api/v0/chat/completion"
ANSWER = 'data: {"v":"Hello"}\n\nevent: finish\ndata: {}\n\n'


def exchange(url: str, status: int = 200, text: str = "", **more: Any) -> dict[str, Any]:
    """One exchange; `request` and `response` in `more` add fields."""
    response = {"status": status, "headers": [], "content": {"text": text}} | more.pop("response", {})
    request = {"method": "POST", "url": url, "headers": []} | more.pop("request", {})
    return {"startedDateTime": "2026-05-01T10:00:00Z", "request": request, "response": response, **more}


def facts(*some: dict[str, Any]) -> Har:
    """The facts of a recording."""
    return facts_of(json.dumps({"log": {"creator": {"name": "X"}, "entries": list(some)}}).encode())


def first(*some: dict[str, Any]) -> tuple[str, str | None]:
    """The verdict and the state of its cause."""
    raw = json.dumps({"log": {"entries": list(some)}}).encode()
    found = diagnose(Evidence((read_har(raw),), settings=Settings(surface="web")))
    return found.verdict, found.accusations[0].state if found.accusations else None


@pytest.mark.parametrize(
    ("cached", "worker"),
    [
        ({"_fromCache": "memory"}, False),
        ({"_fromCache": "disk"}, False),
        ({"cache": {"afterRequest": None}}, False),
        ({"_fetchType": "Memory Cache"}, False),
        ({"_fetchType": "Disk Cache"}, False),
        ({"_fetchType": "Service Worker"}, True),
        ({"response": {"_fetchedViaServiceWorker": True}}, True),
    ],
    ids=[
        "chrome-memory",
        "chrome-disk",
        "firefox",
        "safari-memory",
        "safari-disk",
        "safari-worker",
        "chrome-worker",
    ],
)
def test_caches_and_workers(cached: dict[str, Any], *, worker: bool) -> None:
    """Who answered instead of the server is told apart in each browser's words."""
    found = facts(exchange(f"{CHAT}/static/a.0011aabb.js", **cached), exchange(ASK, 200, ANSWER, cache={}))
    assert (found.from_cache, found.service_worker) == ((0, 1) if worker else (1, 0))


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        ("net::ERR_NAME_NOT_RESOLVED", "dns_nxdomain"),
        ("net::ERR_INTERNET_DISCONNECTED", "network_unreachable"),
        ("net::ERR_CONNECTION_REFUSED", "connection_refused"),
        ("net::ERR_CONNECTION_TIMED_OUT", "connect_timeout"),
        ("net::ERR_CONNECTION_RESET", "connection_reset"),
        ("net::ERR_NETWORK_CHANGED", "connection_reset"),
        ("net::ERR_HTTP2_PROTOCOL_ERROR", "connection_reset"),
        ("net::ERR_QUIC_PROTOCOL_ERROR.QUIC_NETWORK_IDLE_TIMEOUT", "connection_reset"),
        ("net::ERR_CERT_AUTHORITY_INVALID", "tls_untrusted"),
        ("net::ERR_CERT_DATE_INVALID", "tls_expired"),
        ("net::ERR_CERT_COMMON_NAME_INVALID", "tls_hostname"),
        ("net::ERR_SSL_PROTOCOL_ERROR", "tls_handshake"),
        ("net::ERR_TUNNEL_CONNECTION_FAILED", "proxy_refused"),
        ("net::ERR_PROXY_AUTH_UNSUPPORTED", "proxy_auth"),
        ("net::ERR_TOO_MANY_REDIRECTS", "redirected"),
        ("net::ERR_ABORTED", "interrupted"),
        ("net::ERR_BLOCKED_BY_CLIENT", "blocked_by_client"),
        ("net::ERR_FAILED", "unknown"),
        ("NS_ERROR_UNKNOWN_HOST", "dns_nxdomain"),
        ("NS_BINDING_ABORTED", "interrupted"),
        ("SEC_ERROR_UNKNOWN_ISSUER", "tls_untrusted"),
        ("A server with the specified hostname could not be found.", "dns_nxdomain"),
        ("The Internet connection appears to be offline.", "network_unreachable"),
        ("The network connection was lost.", "connection_reset"),
        ("Could not connect to the server.", "connection_refused"),
        ("The request timed out.", "connect_timeout"),
        ("The certificate for this server is invalid.", "tls_untrusted"),
        ("cancelled", "interrupted"),
        ("Blocked by content blocker", "blocked_by_client"),
        ("Client disconnected.", "interrupted"),
        ("server disconnected", "connection_reset"),
        ("[Errno 111] Connect call failed ('127.0.0.1', 9)", "connection_refused"),
        ("Multiple exceptions: [Errno 60] Connect call failed ('198.51.100.7', 80)", "connect_timeout"),
        ("The client does not trust the proxy's certificate", "tls_untrusted"),
        ("_charlesStatus EXCEPTION", "interrupted"),
        ("", "unknown"),
    ],
)
def test_names_of_failures(error: str, failure: str) -> None:
    """The browsers' and proxies' own words for "no answer" become one name of the closed set."""
    assert failure_in(0, error) == failure
    assert failure in FAILURES


@pytest.mark.parametrize(
    ("error", "rule"),
    [
        ("net::ERR_BLOCKED_BY_ORB", "orb"),
        ("net::ERR_BLOCKED_BY_CSP", "csp"),
        ("net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin", "cors"),
        ("Origin https://a.example is not allowed by Access-Control-Allow-Origin.", "cors"),
        ("net::ERR_BLOCKED_BY_ADMINISTRATOR", "administrator"),
        ("mixed-content", "mixed_content"),
        ("net::ERR_BLOCKED_BY_CLIENT", None),
        ("net::ERR_CONNECTION_RESET", None),
    ],
)
def test_the_browsers_own_rules(error: str, rule: str | None) -> None:
    """What a browser's own rules refuse is told apart from what an extension stops."""
    assert browser_rule(error) == rule
    if rule:
        found = facts(exchange(ASK, 0, response={"_error": error}))
        assert found.refused == {rule: 1}
        assert found.blocked == ()


def test_an_answer_that_breaks_off() -> None:
    """A protocol error after a 200 is a cut answer, before any answer a broken connection."""
    for error in (
        "net::ERR_HTTP2_PROTOCOL_ERROR",
        "net::ERR_INCOMPLETE_CHUNKED_ENCODING",
        "net::ERR_CONNECTION_RESET",
    ):
        assert failure_in(200, error) == "stream_cut"
        assert first(exchange(ASK, 200, ANSWER[:20], response={"_error": error}))[0] == "stream_cut"


def test_charles_marks_the_response() -> None:
    """`_charlesStatus` stands in the response; COMPLETE is no error, EXCEPTION an exchange that was broken off."""
    whole = exchange(ASK, 200, ANSWER, response={"_charlesStatus": "COMPLETE"})
    broken = exchange(f"{CHAT}/x", 200, response={"_charlesStatus": "EXCEPTION"})
    assert facts(whole).ok is True
    assert facts(whole, broken).aborted == 1


def test_statuses_of_any_type() -> None:
    """A status as text or with a point is a status; anything else is none."""
    assert facts(exchange(ASK, "503")).statuses == {"503": 1}  # type: ignore[arg-type]
    assert facts(exchange(ASK, 429.0)).statuses == {"429": 1}  # type: ignore[arg-type]
    for odd in (None, True, "busy", -1, 10**30, [], float(2**80)):
        assert facts(exchange(ASK, odd)).statuses == {}  # type: ignore[arg-type]


def test_the_streams_own_times() -> None:
    """Chrome's event times give the first event and the longest gap; times of another clock are left out."""
    times = [1777629602.5, 1777629603.0, 1777629609.0]
    events = [{"time": at, "eventName": "", "data": "secret"} for at in times]
    question = facts(exchange(ASK, 200, ANSWER, _eventSourceMessages=events)).chat[0]
    assert (question.first_event_s, question.gap_max_s) == (2.5, 6.0)
    strange = [{"time": 1234.5}, {"time": "x"}, {}, {"time": True}]
    assert facts(exchange(ASK, 200, ANSWER, _eventSourceMessages=strange)).chat[0].first_event_s is None
    frames = [{"type": "send", "time": 1777629600.5}, {"type": "receive", "time": 1777629601.0}]
    assert facts(exchange(ASK, 101, _webSocketMessages=frames)).chat[0].first_event_s == 1.0


@pytest.mark.parametrize("odd", [-1, None, True, "7", 1e12, 1e300])
def test_times_that_nobody_waits(odd: Any) -> None:
    """What is no time, or longer than anybody waits, was not measured; the question's other facts stay."""
    asked = facts(exchange(ASK, 200, ANSWER, time=odd, timings={"wait": odd, "receive": 20})).chat[0]
    assert (asked.total_s, asked.wait_s, asked.receive_s, asked.status) == (None, None, 0.02, 200)


def test_cookies_that_were_left_out() -> None:
    """Chrome exports no cookies unless told to: then their size is unknown, not zero."""
    assert facts(exchange(ASK, 200, ANSWER)).cookie_bytes is None
    with_cookies = {"headers": [{"name": "Cookie", "value": "a=1"}]}
    assert facts(exchange(ASK, 200, ANSWER, request=with_cookies)).cookie_bytes == 3


def test_a_way_to_the_login_page() -> None:
    """A redirect to the login page is the account's matter, unless the question was answered."""
    sent = exchange(f"{CHAT}/", 302, response={"redirectURL": "/sign_in"})
    assert facts(sent).login_redirect is True
    assert first(sent)[0] == "auth_failed"
    assert first(sent, exchange(ASK, 200, ANSWER))[0] == "healthy"


def test_a_portal() -> None:
    """A redirect into the own network, or status 511, is a network's login page in DeepSeek's place."""
    inward = exchange(
        "http://chat.deepseek.com/", 302, response={"redirectURL": "http://192.168.1.1/login?x=1"}
    )
    assert first(inward)[0] == "captive_portal"
    assert first(exchange(f"{CHAT}/", 511))[0] == "captive_portal"


def test_a_wrong_clock() -> None:
    """The server's Date header beside the recording's own time tells how wrong the user's clock is."""
    dated = {"headers": [{"name": "Date", "value": "Sat, 02 May 2026 10:00:00 GMT"}]}
    found = facts(exchange(ASK, 200, ANSWER, timings={"wait": 500}, response=dated))
    assert found.clock_offset_s == pytest.approx(-86_400, abs=1)
    assert facts(exchange(ASK, 200, ANSWER, timings={"wait": -1}, response=dated)).clock_offset_s is None


def test_a_page_without_a_question_proves_nothing() -> None:
    """Where nothing failed and nothing was asked, the recording is told to be of no use, not healthy."""
    seen = read_har(json.dumps({"log": {"entries": [exchange(f"{CHAT}/")]}}).encode())
    assert seen.outcome == "partial"
    found = diagnose(Evidence((seen,), settings=Settings(surface="web")))
    assert found.verdict == "inconclusive"
    assert found.next_check is not None
    assert "no question was recorded" in found.next_check


@pytest.mark.parametrize("name", ["mitmproxy", "playwright"])
def test_real_recordings_of_the_busy_sandbox(name: str) -> None:
    """What mitmproxy and Playwright really write leads to the cause (made by tools/record_others.py)."""
    seen, found = read_har(RECORDINGS / f"{name}.har"), facts_of(RECORDINGS / f"{name}.har")
    assert found.exporter is not None
    assert found.exporter.lower().startswith(name)
    assert found.chat[0].busy
    assert diagnose(Evidence((seen,), settings=Settings(surface="web"))).verdict == "server_overloaded"
