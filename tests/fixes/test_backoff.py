"""Fix 5: waiting, where the failure passes by itself and nowhere else."""

import pytest

from deepkit.fixes.backoff import FIX, NEARBY, SHARED
from deepkit.records import FAILURES, Settings
from deepkit.retries import checked, retryable
from deepkit.retries.waiting import WHAT, no_use
from tests.fixes.cases import BUSY, chat, evidence, saw

FINAL = ("http_400", "http_401", "http_402", "http_403", "http_404", "http_413", "http_422", "block_page",
         "tls_expired", "tls_untrusted", "dns_nxdomain", "proxy_auth", "connection_refused",
         "connect_timeout")  # fmt: skip
PASSING = ("http_503", "http_500", "http_502", "http_504", "http_429", "empty_body", "stream_cut", "stream_silent",
           "insufficient_system_resource", "queue_timeout", "read_timeout")  # fmt: skip


@pytest.mark.parametrize("failure", FINAL)
def test_left_alone(failure: str) -> None:
    """What another attempt meets again is a no that says what happened, in words where there are some."""
    verdict = FIX.check(evidence(chat(0, 3, **{failure: 3})))
    assert verdict.answer == "no"
    assert verdict.because == no_use({failure: 3})
    assert verdict.because.startswith("Waiting will not help: ")
    assert WHAT.get(failure, failure) in verdict.because
    assert "3 times" in verdict.because


def test_the_commonest_reason_is_named() -> None:
    """The sentence is the plain one, and names the failure that does not pass even beside passing ones."""
    assert no_use({"connection_refused": 7}) == (
        "Waiting will not help: the connection was refused 7 times, for a reason that does not pass."
    )
    said = no_use({"http_503": 2, "http_402": 3})
    assert said is not None
    assert "no balance left 3 times" in said
    assert no_use({"http_503": 3, "http_402": 3}) is None
    assert no_use({}) is None


def test_an_exhausted_quota_does_not_pass() -> None:
    """A 429 whose words say that the quota is used up is not waited for."""
    seen = evidence(chat(0, 3, message="You exceeded your current quota", http_429=3))
    assert FIX.check(seen).answer == "no"


@pytest.mark.parametrize("failure", PASSING)
def test_passing_failures(failure: str) -> None:
    """Every face of overload, and an account's own 429, is worth waiting for."""
    verdict = FIX.check(evidence(chat(1, 4, **{failure: 3})))
    assert verdict.answer == "yes"
    assert f"3 {failure}" in verdict.because
    assert "1 of 4" in verdict.because


@pytest.mark.parametrize("failure", sorted(FAILURES))
def test_yes_only_for_what_the_retrier_would_retry(failure: str) -> None:
    """The advice never promises what the retry policy itself refuses to do."""
    if FIX.check(evidence(chat(0, 3, **{failure: 3}))).answer == "yes":
        assert retryable(failure)


def test_the_majority_decides() -> None:
    """One passing failure among many final ones is no reason to wait."""
    assert FIX.check(evidence(chat(0, 5, http_402=4, http_503=1))).answer == "no"
    assert FIX.check(evidence(chat(0, 5, http_402=1, http_503=4))).answer == "yes"


def test_not_asked() -> None:
    """A look that asked no question cannot tell."""
    assert (
        FIX.check(evidence(saw("dns.system", "fault", "dns_timeout", addresses=[]))).answer == "cannot_tell"
    )


def test_policies_can_be_run_and_bound_the_load() -> None:
    """Both policies are valid, jittered, capped, within a deadline and within a budget."""
    for policy in (SHARED, NEARBY):
        assert checked(policy) == policy
        assert policy.kind == "full_jitter"
        assert policy.deadline_s is not None
        assert policy.budget_ratio is not None
        assert policy.honour_retry_after


def test_a_fleet_is_given_more_time_than_a_server_at_hand() -> None:
    """Only a fast refusal on this machine gets the short policy; nothing measured gets the polite one."""
    assert FIX.apply(Settings()).policy == SHARED
    assert FIX.apply(Settings(), BUSY).policy == SHARED
    assert FIX.apply(Settings(), evidence(chat(1, 6, at="127.0.0.1:8080", http_503=5))).policy == NEARBY
