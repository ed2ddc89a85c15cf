"""Fix 10: money, where the account is what ran out."""

import pytest

from deepkit.fixes.priority_tier import FIX, limit_in
from deepkit.records import Evidence, Settings
from tests.fixes.cases import BUSY, chat, evidence, saw

FULL = (
    "Too many requests. Your current concurrency is 26, which exceeds your concurrency limit of 25 based on your "
    "remaining balance."
)


@pytest.mark.parametrize(
    "seen", [BUSY, evidence(chat(0, 3, empty_body=3)), evidence(chat(0, 3, connect_timeout=3))]
)
def test_left_alone(seen: Evidence) -> None:
    """Full servers and broken lines are not bought off."""
    assert FIX.check(seen).answer == "no"


def test_no_key() -> None:
    """Without balance and answer nothing is known of the account."""
    assert FIX.check(evidence(saw("status", "fault"))).answer == "cannot_tell"


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (evidence(saw("balance", "fault", is_available=False, total=0.0, currency="USD")), "0.00 USD"),
        (evidence(chat(0, 3, message="Insufficient Balance", http_402=3)), "credit"),
        (evidence(saw("key", "fault", "http_402", status=402)), "credit"),
        (evidence(chat(1, 4, message=FULL, http_429=3)), "25"),
    ],
)
def test_the_account_ran_out(seen: Evidence, words: str) -> None:
    """No credit, or the account's own limit, is a yes with the number that the server named."""
    verdict = FIX.check(seen)
    assert verdict.answer == "yes"
    assert words in verdict.because


def test_the_limit_is_read_from_the_body() -> None:
    """The limit in force stands nowhere else."""
    assert limit_in(FULL.lower()) == 25
    assert limit_in("rate limit reached for tpm") is None


def test_the_top_up_is_assumed() -> None:
    """The account lies outside the process: a stand-in is named."""
    assert FIX.apply(Settings()).assume == {"topped_up"}
