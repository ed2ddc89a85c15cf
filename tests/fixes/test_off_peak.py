"""Fix 6: an hour matters only to full servers, and the guide's hour is the wrong one."""

from datetime import UTC, date, datetime

import pytest

from deepkit.facts import best_hours
from deepkit.fixes.off_peak import FIX
from deepkit.records import Settings
from tests.fixes.cases import chat, evidence, saw


@pytest.mark.parametrize(
    "failure", ["http_429", "http_402", "http_401", "http_400", "connect_timeout", "tls_untrusted"]
)
def test_left_alone(failure: str) -> None:
    """An account's own limit, a refusal or a broken line is the same at every hour."""
    assert FIX.check(evidence(chat(0, 3, **{failure: 3}))).answer == "no"


def test_not_asked() -> None:
    """Without a question nothing shows that the servers are full."""
    assert FIX.check(evidence(saw("status", "fault", indicator="full_outage"))).answer == "cannot_tell"


@pytest.mark.parametrize(
    "failure", ["http_503", "empty_body", "queue_timeout", "insufficient_system_resource"]
)
def test_full_servers(failure: str) -> None:
    """Overload is a yes that names the quietest hours of the record."""
    verdict = FIX.check(evidence(chat(1, 4, **{failure: 3})))
    quiet = best_hours(3, day=date(2026, 10, 27))[0]
    assert verdict.answer == "yes"
    assert f"{quiet.start:%H:%M}-{quiet.end:%H:%M} UTC" in verdict.because


def test_silent_streams_alone_do_not_blame_the_hour() -> None:
    """A stream that falls silent may have been cut on the way; with busy answers beside it the servers are full."""
    assert FIX.check(evidence(chat(1, 4, stream_silent=3))).answer == "cannot_tell"
    assert FIX.check(evidence(chat(0, 4, stream_silent=1, http_503=3))).answer == "yes"


@pytest.mark.parametrize(("hour", "word"), [(2, "inside"), (7, "inside"), (5, "outside"), (20, "outside")])
def test_the_tariff_at_the_time_of_the_look(hour: int, word: str) -> None:
    """The verdict says whether the look fell into the peak tariff (a Tuesday)."""
    at = datetime(2026, 10, 27, hour, 30, tzinfo=UTC).timestamp()
    because = FIX.check(evidence(chat(0, 3, http_503=3), at=at)).because
    assert f"{hour:02}:30 UTC" in because
    assert word in because


def test_the_claim_is_contradicted() -> None:
    """The reality check says so, with the count behind it."""
    assert FIX.claim.verdict == "contradicted"
    assert "22 of 96" in FIX.claim.reality


def test_the_hour_is_assumed() -> None:
    """The hour lies outside the process: a stand-in is named."""
    assert FIX.apply(Settings()).assume == {"quiet_hour"}
