"""Recordings as the different exporters write them, and what is read out of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from deepkit.diagnosis import diagnose
from deepkit.errors import UsageError
from deepkit.probes.har import read_har
from deepkit.records import Evidence, Settings
from tests.probes.recorded import facts_of

CHAT = "https://chat.deepseek.com"
ASK = f"{CHAT}/api/v0/chat/completion"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0LXBheWxvYWQ.c2lnbmF0dXJl"
ANSWER = 'data: {"v":"Hello"}\n\ndata: {"v":" there"}\n\nevent: finish\ndata: {}\n\n'
BUSY = 'data: {"type":"error","content":"The server is busy. Please try again later."}\n\n'


def entry(url: str, status: int = 200, text: str = "", method: str = "GET", **more: Any) -> dict[str, Any]:
    """One exchange; `response` and `request` in `more` add the exporter's own fields."""
    response = {
        "status": status,
        "statusText": "",
        "headers": [],
        "content": {"text": text, "size": len(text)},
    }
    request = {
        "method": method,
        "url": url,
        "headers": [{"name": "Authorization", "value": f"Bearer {TOKEN}"}],
    }
    return {
        "startedDateTime": "2026-05-01T10:00:00Z",
        "time": 120.5,
        "request": request | more.pop("request", {}),
        "response": response | more.pop("response", {}),
        "cache": {},
        "timings": {"wait": 100.0, "receive": 20.0},
        **more,
    }


def har(*entries: dict[str, Any], creator: str = "WebInspector") -> bytes:
    """A recording's bytes."""
    log = {"version": "1.2", "creator": {"name": creator, "version": "1"}, "entries": list(entries)}
    return json.dumps({"log": log}).encode()


def verdict(*entries: dict[str, Any]) -> tuple[str, str | None]:
    """The verdict of a recording and the state of its first cause."""
    found = diagnose(Evidence((read_har(har(*entries)),), settings=Settings(surface="web")))
    return found.verdict, found.accusations[0].state if found.accusations else None


@pytest.mark.parametrize(
    "blocked",
    [
        entry(ASK, 0, method="POST", response={"_error": "net::ERR_BLOCKED_BY_CLIENT"}),
        entry(ASK, -1, method="POST", response={"_failureText": "net::ERR_BLOCKED_BY_CLIENT"}),
        entry(ASK, 0, method="POST", response={"_error": "Blocked by content blocker"}),
        entry(ASK, 0, method="POST", response={"statusText": "Blocked by content blocker"}),
        entry(ASK, 0, method="POST", _blocked=True),
    ],
    ids=["chrome", "playwright", "safari", "safari-status", "marked"],
)
def test_blocked_requests(blocked: dict[str, Any]) -> None:
    """A question that the browser itself stopped shows an extension, in every dialect."""
    assert verdict(entry(f"{CHAT}/"), blocked) == ("browser_extension_block", "SHOWN")


def test_developer_tools_are_no_extension() -> None:
    """A request stopped by the developer tools' own rule is told as that, and an extension is not proven."""
    stopped = entry(ASK, 0, method="POST", response={"_error": "net::ERR_BLOCKED_BY_CLIENT.Inspector"})
    assert facts_of(har(stopped)).blocked[0].by == "devtools"
    assert verdict(stopped) == ("browser_extension_block", "LIKELY")


def test_a_blocked_script_is_not_shown_when_the_question_got_through() -> None:
    """Who blocks a counter on DeepSeek's own host is not to blame for a busy server."""
    counter = entry(
        f"{CHAT}/static/analytics.1a2b3c4d.js", 0, response={"_error": "net::ERR_BLOCKED_BY_CLIENT"}
    )
    assert verdict(counter, entry(ASK, 503, '{"message":"busy"}', "POST"))[0] == "server_overloaded"
    assert verdict(counter) == ("browser_extension_block", "LIKELY")


def test_blocked_analytics_accuse_nobody() -> None:
    """A blocked counter on another host does not matter when the chat was answered."""
    other = entry("https://stats.example.com/t.js", 0, response={"_error": "net::ERR_BLOCKED_BY_CLIENT"})
    assert verdict(entry(ASK, 200, ANSWER, "POST"), other)[0] == "healthy"


@pytest.mark.parametrize(
    ("entries", "cause"),
    [
        ([entry(ASK, 200, BUSY, "POST")], "server_overloaded"),
        ([entry(ASK, 503, '{"message":"busy"}', "POST")], "server_overloaded"),
        ([entry(ASK, 500, "", "POST")], "server_error"),
        ([entry(ASK, 429, "", "POST")], "rate_limited"),
        (
            [entry(f"{CHAT}/static/main.1f2e3d4c.js", 404), entry(f"{CHAT}/", 200, _fromCache="disk")],
            "browser_state",
        ),
        ([entry(f"{CHAT}/", 400, "<h1>Request Header Or Cookie Too Large</h1>")], "browser_state"),
        ([entry(f"{CHAT}/api/v0/users/current", 200, '{"code":40003,"msg":"INVALID_TOKEN"}')], "auth_failed"),
        ([entry(f"{CHAT}/", 403, "<title>Just a moment...</title>")], "firewall_or_geo_block"),
        ([entry(ASK, 0, "", "POST", response={"_error": "net::ERR_NAME_NOT_RESOLVED"})], "dns_failure"),
        (
            [entry(ASK, 0, "", "POST", response={"_error": "net::ERR_CERT_AUTHORITY_INVALID"})],
            "tls_intercepted",
        ),
        (
            [
                entry(
                    ASK,
                    -1,
                    "",
                    "POST",
                    _charlesStatus="FAILED",
                    response={"_error": "Connection reset by peer"},
                )
            ],
            "connection_reset",
        ),
        (
            [
                entry(
                    ASK,
                    0,
                    "",
                    "POST",
                    response={"_error": "[Errno 61] Connect call failed: connection refused"},
                )
            ],
            "connection_refused",
        ),
        ([entry(ASK, 200, "\n\n\n\n", "POST")], "empty_response_under_load"),
        ([entry(ASK, 200, ": keep-alive\n\n" * 20, "POST")], "server_overloaded"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_causes(entries: list[dict[str, Any]], cause: str) -> None:
    """Each kind of failure in a recording leads to its cause."""
    assert verdict(*entries)[0] == cause


def test_old_files_and_an_old_login_are_one_old_profile() -> None:
    """A refused login beside files that the server no longer has is the browser's state, not the account."""
    old = entry(f"{CHAT}/static/main.1f2e3d4c.js", 404)
    refused = entry(f"{CHAT}/api/v0/users/current", 401, '{"code":40003,"msg":"invalid token"}')
    assert verdict(old, refused, entry(ASK, 401, "", "POST")) == ("browser_state", "LIKELY")
    assert verdict(refused, entry(ASK, 401, "", "POST"))[0] == "auth_failed"


def test_aborted_is_no_fault() -> None:
    """A request that the page itself gave up accuses nobody."""
    given_up = entry(f"{CHAT}/api/v0/hif", 0, response={"_error": "net::ERR_ABORTED"})
    raw = har(given_up, entry(ASK, 200, ANSWER, "POST"))
    assert read_har(raw).outcome == "ok"
    assert facts_of(raw).aborted == 1


def test_timings_and_cache() -> None:
    """Waiting and receiving are in seconds; cache and service worker are counted; -1 is "not measured"."""
    cached = entry(
        f"{CHAT}/static/a.0011aabb.js", _fromCache="memory", response={"_fetchedViaServiceWorker": True}
    )
    asked = entry(ASK, 200, ANSWER, "POST") | {"timings": {"wait": 1500, "receive": -1}}
    found = facts_of(har(cached, asked))
    assert found.chat[0].wait_s == 1.5
    assert found.chat[0].receive_s is None
    assert found.chat[0].events == 3
    assert found.chat[0].finished is True
    assert (found.from_cache, found.service_worker) == (1, 1)


def test_recording_without_deepseek() -> None:
    """A sound recording of something else is not checked: it does not contain the question."""
    raw = har(entry("https://example.com/"), entry("https://api-deepseek.com/v1/chat/completions", 0))
    seen = read_har(raw)
    assert seen.outcome == "not_checked"
    assert "does not contain it" in seen.reason
    assert facts_of(raw).look_alikes == ("api-deepseek.com",)
    assert diagnose(Evidence((seen,))).verdict == "inconclusive"


def test_sandbox_on_loopback_counts() -> None:
    """A recording of a chat on this machine is read like DeepSeek's own."""
    assert (
        verdict(entry("http://127.0.0.1:8123/api/v0/chat/completion", 200, BUSY, "POST"))[0]
        == "server_overloaded"
    )


def test_secrets_are_dropped() -> None:
    """Tokens, cookies, queries and the conversation's text are not kept."""
    sent = {
        "headers": [
            {"name": "Cookie", "value": "ds_session=topsecret1"},
            {"name": "Authorization", "value": f"Bearer {TOKEN}"},
        ]
    }
    asked = entry(f"{ASK}?token=topsecret2", 200, ANSWER.replace("Hello", "topsecret3"), "POST", request=sent)
    asked["request"]["url"] = f"{ASK}?token=topsecret2"
    kept = repr(read_har(har(asked)))
    assert "topsecret" not in kept
    assert TOKEN not in kept


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b'{"log":{"entries":[{"request":', "ends in the middle"),
        (b"<html>", "not valid JSON"),
        (b'{"log":[1,2]}', "not a HAR"),
        (b'{"entries":[]}', "not a HAR"),
        (b"[]", "not a HAR"),
        (b'"text"', "not a HAR"),
        (b"PK\x03\x04", "compressed"),
        (b"\xff\xfe\x00\x01\x02", "not"),
        (b"[" * 100_000, "HAR"),
    ],
    ids=["empty", "blank", "cut", "html", "list", "no-log", "array", "string", "zip", "binary", "deep"],
)
def test_unreadable_files_say_why_in_one_sentence(raw: bytes, says: str) -> None:
    """Each broken file is a usage error of one line that names the trouble and the way out."""
    with pytest.raises(UsageError, match=says) as caught:
        read_har(raw)
    assert "\n" not in str(caught.value)
    assert ";" in str(caught.value)


def test_paths(tmp_path: Path) -> None:
    """Missing files, folders and files beyond the limit are usage errors."""
    with pytest.raises(UsageError, match="cannot be read"):
        read_har(tmp_path / "none.har")
    with pytest.raises(UsageError, match="folder"):
        read_har(tmp_path)
    large = tmp_path / "large.har"
    large.write_bytes(har(entry(ASK, 200, ANSWER, "POST")))
    with pytest.raises(UsageError, match="larger"):
        read_har(large, max_bytes=100)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks(encoding: str) -> None:
    """A mark at the beginning does not matter."""
    raw = har(entry(ASK, 200, BUSY, "POST")).decode().encode(encoding)
    assert facts_of(raw).busy_text


def test_odd_entries_are_counted_not_fatal() -> None:
    """Entries without request, response or sense are counted; the others are read."""
    raw: list[Any] = [
        7, None, {}, {"request": None}, {"request": {"url": 5}}, {"request": {"url": "http://[::bad"}},
        {"request": {"url": ASK, "method": "POST"}}, {"request": {"url": ASK, "headers": "x"}, "response": {"status": "200", "content": None}},
        {"request": {"url": ASK, "method": "POST"}, "response": {"status": 200, "headers": [{"name": 1}], "content": {"text": 4}}, "timings": "x"},
        entry(ASK, 200, BUSY, "POST"),
    ]  # fmt: skip
    found = facts_of(json.dumps({"log": {"entries": raw}}).encode())
    assert found.busy_text
    assert (found.entries, found.bad_entries) == (10, 5)


def test_a_refused_request_with_few_cookies_is_not_their_fault() -> None:
    """A 400 is blamed on cookies only when they are large or the server says so."""
    small = {"headers": [{"name": "Cookie", "value": "a=1"}]}
    large = {"headers": [{"name": "Cookie", "value": "a=" + "x" * 9000}]}
    assert facts_of(har(entry(ASK, 400, "", "POST", request=small))).oversized_cookies is False
    assert facts_of(har(entry(ASK, 400, "", "POST", request=large))).oversized_cookies is True
