"""Fixes for somebody without network or key: a pasted text, an exported recording."""

from typing import Any

import pytest

from deepkit.fixes import fix, fixes_for
from deepkit.probes.text import read_text
from deepkit.records import Accusation, Diagnosis, Evidence, Observation
from tests.fixes.cases import evidence, saw

LIMIT = "Too many requests. Your current concurrency is 6, which exceeds your concurrency limit of 5"
HISTORY = "400 The `reasoning_content` in the thinking mode must be passed back to the API."


def _recording(**facts: Any) -> Observation:
    return saw("har", "fault", None, deepseek=9, chat=[{"status": 503, "failure": "http_503"}], **facts)


@pytest.mark.parametrize(
    ("key", "text", "status", "answer"),
    [
        ("backoff", "Insufficient Balance", 402, "no"),
        ("backoff", "Authentication Fails, Your api key: ****abcd is invalid", 401, "no"),
        ("region_routing", "Insufficient Balance", 402, "no"),
        ("off_peak", "Insufficient Balance", 402, "no"),
        ("priority_tier", "Insufficient Balance", 402, "yes"),
        ("context_flush", HISTORY, 400, "yes"),
        ("backoff", "The server is busy. Please try again later.", 503, "cannot_tell"),
    ],
)
def test_a_pasted_text(key: str, text: str, status: int, answer: str) -> None:
    """A text decides only what it names itself: refusals by their status, a history by its words."""
    seen = Evidence((read_text(text, http_status=status),))
    assert fix(key).check(seen).answer == answer


def test_the_limit_in_a_pasted_text_is_read() -> None:
    """The concurrency limit of a pasted 429 stands in the steps."""
    seen = Evidence((read_text(LIMIT, http_status=429),))
    assert "5 " in fix("priority_tier").guide(seen).steps[0]


def test_a_recorded_block_is_the_extensions() -> None:
    """A request that the recording shows as stopped is named; a full server in it is no extension's doing."""
    stopped = evidence(_recording(blocked=[{"path": "/api/v0/chat/completion", "kind": "chat"}]))
    assert fix("extensions").check(stopped).answer == "yes"
    assert "/api/v0/chat/completion" in fix("extensions").check(stopped).because
    full = evidence(_recording(blocked=[], failures={"http_503": 1}))
    assert fix("extensions").check(full).answer == "no"
    assert fix("hard_refresh").check(full).answer == "no"
    assert fix("backoff").check(full).answer == "yes"


@pytest.mark.parametrize(
    "facts",
    [
        {"stale_assets": [{"path": "/static/app.1234abcd.js", "status": 404}]},
        {"cookie_bytes": 9500, "oversized_cookies": True},
        {"session_status": 401},
    ],
)
def test_recorded_browser_state(facts: dict[str, Any]) -> None:
    """Files that the server no longer has, refused cookies and a refused session speak for a clean profile."""
    assert fix("hard_refresh").check(evidence(_recording(failures={}, **facts))).answer == "yes"


def test_the_remedy_comes_first_for_a_text() -> None:
    """With a shown cause, the cause's first fix leads the list."""
    shown = Diagnosis("server_overloaded", "provider", (Accusation("server_overloaded", "SHOWN"),))
    seen = Evidence((read_text("The server is busy. Please try again later.", http_status=503),))
    one, verdict = fixes_for(shown, seen)[0]
    assert (one.key, verdict.answer) == ("backoff", "yes")
