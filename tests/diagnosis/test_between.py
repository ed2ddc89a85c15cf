"""A way that works and does not do its work: what a proxy met behind it, and streams that are held back."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.diagnosis import diagnose
from deepkit.records import Evidence, Observation, Outcome, Settings
from deepkit.schema import as_json
from tests.observed import facts_of, observed

OFFICE = Settings(route="office")


def chat(check: str, n: int, ok: int = 0, **failures: int) -> Observation:
    """Some questions and how they failed."""
    outcome: Outcome = "ok" if ok == n else "partial" if ok else "fault"
    failure = next(iter(failures), None)
    return observed(check, outcome, failure, n=n, ok=ok, failures=failures, keep_alives=0)


def states(*seen: Observation, settings: Settings = OFFICE) -> dict[str, str]:
    """The state of each cause."""
    return {one.cause: one.state for one in diagnose(Evidence(seen, settings=settings)).accusations}


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        ("connection_refused", "connection_refused"),
        ("connect_timeout", "connect_timeout"),
        ("network_unreachable", "connect_timeout"),
    ],
)
@given(n=st.integers(1, 6))
def test_the_proxy_is_not_blamed_for_what_it_met(failure: str, cause: str, n: int) -> None:
    """When every request met the same failure behind a proxy, the way behind it is accused, never the proxy."""
    found = states(Observation("http", "fault", failure), chat("chat.stream", n, **{failure: n}))
    assert found[cause] == "LIKELY"
    assert "proxy_fault" not in found


@given(n=st.integers(2, 6), ok=st.integers(1, 6))
def test_a_proxy_that_gets_through_now_and_then_is_no_wall(n: int, ok: int) -> None:
    """One answer that came through a proxy takes its word back."""
    seen = chat("chat.stream", n + ok, ok, connection_refused=n)
    found = states(observed("http", status=401), seen)
    assert found.get("connection_refused") in (None, "POSSIBLE")


@given(n=st.integers(2, 6), failure=st.sampled_from(["read_timeout", "deadline"]))
def test_streams_held_back_are_told_from_a_queue(n: int, failure: str) -> None:
    """No streamed answer in time while the whole one comes is LIKELY a read timeout, and never SHOWN."""
    streamed, whole = chat("chat.stream", n, **{failure: n}), chat("chat.plain", 1, 1)
    assert states(streamed, whole)["read_timeout"] == "LIKELY"
    alive = replace(streamed, facts=facts_of("chat.stream", {**as_json(streamed.facts), "keep_alives": 3}))
    for other in ((alive, whole), (streamed, chat("chat.plain", 1, **{failure: 1})), (streamed,)):
        assert states(*other).get("read_timeout") != "LIKELY"


def path(**facts: Any) -> Observation:
    """A line of which twenty round trips were taken."""
    return observed("path", "partial", n=20, failed=0, **facts)


@given(again=st.integers(1, 60))
def test_segments_sent_again_that_held_nothing_up_accuse_nobody(again: int) -> None:
    """Retransmits without a stall and without a lost datagram were late, not lost: POSSIBLE at most."""
    assert states(path(retransmits=again)).get("packet_loss") in ("RULED_OUT", "POSSIBLE")
