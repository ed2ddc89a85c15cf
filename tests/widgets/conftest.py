"""Small real records for views, and a look that a browser would send."""

import pytest

from deepkit.records import Accusation, Diagnosis, Evidence, Sample, Trial
from tests.observed import observed


@pytest.fixture
def evidence() -> Evidence:
    """Evidence of an overloaded server."""
    chat = {
        "n": 4, "ok": 1, "failures": {"http_503": 3}, "status": 503, "headers_s": 0.05, "answer_s": 0.3, "end_s": 0.9,
        "error_message": "The server is overloaded <b>or</b> not ready yet.", "address": "127.0.0.1:443",
    }  # fmt: skip
    return Evidence(
        (
            observed("tcp", connects=[{"address": "127.0.0.1:443", "connect_s": 0.001}]),
            observed("http", status=401, body_kind="json"),
            observed("chat.stream", "fault", "http_503", "3 of 4 questions were refused with 503.", **chat),
        ),
        target="sandbox",
        requests=9,
        elapsed_s=2.2,
    )


@pytest.fixture
def diagnosis() -> Diagnosis:
    """What that evidence means."""
    return Diagnosis(
        "server_overloaded",
        "provider",
        (
            Accusation(
                "server_overloaded",
                "SHOWN",
                ("503 with <i>DeepSeek's</i> own body",),
                ("one question worked",),
            ),
            Accusation("dns_failure", "RULED_OUT", (), ("the name was found",)),
        ),
        next_check="status",
    )


@pytest.fixture
def trial() -> Trial:
    """A trial in which the fix helped."""
    samples = tuple(
        one
        for pair in range(8)
        for one in (
            Sample(
                "before",
                pair < 2,
                None if pair < 2 else "http_503",
                0.3 if pair < 2 else None,
                0.4,
                pair=pair,
            ),
            Sample("after", True, None, 0.35, 1.1, 3, 0.5, pair=pair),
        )
    )
    before = {
        "n": 8,
        "ok": 2,
        "success": 0.25,
        "success_low": 0.07,
        "success_high": 0.59,
        "first_token_s": 0.3,
    }
    after = {"n": 8, "ok": 8, "success": 1.0, "success_low": 0.68, "success_high": 1.0, "first_token_s": 0.35}
    return Trial("backoff", "helped", "2 of 8 became 8 of 8.", 8, 32, before, after, samples, 26.8, 7)
