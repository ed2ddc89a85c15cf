"""When a call is tried again, and when not."""

import random
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.records import FAILURES, Policy
from deepkit.retries import RETRYABLE, Bucket, Retrier, parse_retry_after, retryable
from deepkit.retries.throttles import Throttle

POLICY = Policy("full_jitter", retries=4, base_s=1.0, cap_s=20.0)
NOW = 1_800_000_000.0


def retrier(policy: Policy = POLICY, seed: int = 1) -> Retrier:
    """A retrier with a seeded source of chance."""
    return Retrier(policy, random.Random(seed))


def test_every_name_is_a_failure() -> None:
    """What is retried is part of the closed set."""
    assert RETRYABLE <= FAILURES


@pytest.mark.parametrize("failure", ["http_400", "http_401", "http_402", "http_403", "http_404",
                                     "http_422", "block_page", "tls_untrusted", "budget_spent", "interrupted", "unknown"])  # fmt: skip
def test_what_another_attempt_cannot_cure(failure: str) -> None:
    """Mistakes, refusals and an empty account are never retried."""
    assert not retryable(failure)
    assert retrier().next_delay(failure, elapsed_s=0.0) is None


@pytest.mark.parametrize("failure", ["empty_body", "insufficient_system_resource", "stream_silent", "stream_cut",
                                     "http_503", "http_500", "http_502", "http_504", "http_429",
                                     "connection_refused", "connect_timeout", "read_timeout"])  # fmt: skip
def test_what_may_pass(failure: str) -> None:
    """DeepSeek's faces of busy and passing failures are retried, but not once text was shown."""
    assert retrier().next_delay(failure, elapsed_s=0.0) is not None
    assert retrier().next_delay(failure, elapsed_s=0.0, shown=True) is None


@pytest.mark.parametrize("error", ["insufficient_quota", "You exceeded your current quota, please check your plan",
                                   "Insufficient Balance", "Content Exists Risk"])  # fmt: skip
def test_an_exhausted_quota_is_final_as_429_too(error: str) -> None:
    """The words of the error go before its status."""
    assert not retryable("http_429", error)
    assert retryable("http_429", "Too many concurrent requests")


def test_success_and_none_stop() -> None:
    """A success is not retried; the policy none retries nothing."""
    assert retrier().next_delay(None, elapsed_s=0.0) is None
    assert retrier(Policy(retries=9)).next_delay("http_503", elapsed_s=0.0) is None


def test_retries_are_counted() -> None:
    """Four retries are four retries, and a new call begins anew."""
    one = retrier()
    for _ in range(2):
        given_delays = [one.next_delay("http_503", elapsed_s=0.0) for _ in range(6)]
        assert [wait is not None for wait in given_delays] == [True] * 4 + [False] * 2
        one.begin()


def test_no_wait_beyond_the_deadline() -> None:
    """A retry that could only begin after the deadline is not waited for."""
    one = retrier(Policy("fixed", retries=9, base_s=5.0, deadline_s=60.0))
    assert one.next_delay("http_503", elapsed_s=54.9) == 5.0
    assert one.next_delay("http_503", elapsed_s=55.0) is None


@given(st.floats(0.0, 600.0), st.integers(0, 10_000))
def test_retry_after_is_a_floor_with_jitter_upwards(asked: float, seed: int) -> None:
    """Nobody comes back before the server asked, and nobody much later than a quarter more."""
    wait = retrier(seed=seed).next_delay("http_503", retry_after_s=asked, elapsed_s=0.0)
    assert wait is not None
    assert asked <= wait <= max(1.25 * asked, asked + 1.0) + 1.0


def test_a_herd_is_spread() -> None:
    """Twenty clients told 600 s come back over minutes, not together."""
    waits = [
        retrier(seed=seed).next_delay("http_503", retry_after_s=600.0, elapsed_s=0.0) for seed in range(20)
    ]
    assert all(wait is not None for wait in waits)
    assert max(w for w in waits if w) - min(w for w in waits if w) > 60.0


def test_retry_after_has_bounds() -> None:
    """Beyond the cap or the deadline the call ends; a policy may be blind to it."""
    assert retrier().next_delay("http_503", retry_after_s=601.0, elapsed_s=0.0) is None
    short = Policy("fixed", retries=3, base_s=1.0, deadline_s=30.0)
    assert retrier(short).next_delay("http_503", retry_after_s=30.0, elapsed_s=0.0) is None
    blind = Policy("fixed", retries=3, base_s=1.0, honour_retry_after=False)
    assert retrier(blind).next_delay("http_503", retry_after_s=3600.0, elapsed_s=0.0) == 1.0


@pytest.mark.parametrize(("headers", "seconds"), [
    ({"Retry-After": "5"}, 5.0), ({"retry-after": "0.5"}, 0.5), ({"RETRY-AFTER": " 7 "}, 7.0),
    ({"retry-after-ms": "250", "retry-after": "9"}, 0.25), ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
    ({"Retry-After": "0"}, 0.0), ({}, None), ({"Retry-After": ""}, None), ({"Retry-After": "soon"}, None),
    ({"Retry-After": "-3"}, None), ({"Retry-After": "nan"}, None), ({"Retry-After": "inf"}, None),
    ({"Retry-After": "1e999"}, None), ({"Retry-After": "Wed, 99 Foo 2026 99:99:99 GMT"}, None),
    ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, None),
])  # fmt: skip
def test_reading_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    """Milliseconds before seconds, broken seconds too; what is not finite, not to come or not readable is None."""
    assert parse_retry_after(headers, NOW) == seconds


def test_reading_a_date() -> None:
    """An HTTP date is turned into seconds from now."""
    when = datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=90)
    assert parse_retry_after({"Retry-After": format_datetime(when, usegmt=True)}, NOW) == 90.0


@given(st.text(max_size=40))
def test_any_header_is_survived(text: str) -> None:
    """Whatever stands in the header, the answer is None or a finite number of seconds from 0 on."""
    value = parse_retry_after({"Retry-After": text}, NOW)
    assert value is None or 0.0 <= value < float("inf")


def test_a_budget_bounds_the_retries_of_many_calls() -> None:
    """However badly the server does, retries stay below ratio x calls + burst."""
    policy = Policy("fixed", retries=5, base_s=0.0, budget_ratio=0.1, budget_burst=5.0)
    bucket = Bucket(0.1, 5.0)
    retries = 0
    for call in range(1000):
        one = Retrier(policy, random.Random(call), bucket)
        while one.next_delay("http_503", elapsed_s=0.0) is not None:
            retries += 1
    assert 95 <= retries <= 0.1 * 1000 + 5


def test_a_tenth_of_a_retry_is_earned_by_each_call() -> None:
    """An empty bucket of ratio 0.1 allows a retry after ten calls and none after nine, for ever."""
    bucket = Bucket(0.1, 1.0)
    assert bucket.spend()
    for _ in range(100):
        for _ in range(9):
            bucket.earn()
        assert not bucket.spend()
        bucket.earn()
        assert bucket.spend()


def test_a_bucket_is_shared_by_threads() -> None:
    """No token is spent twice."""
    bucket, spent = Bucket(0.0, 100.0), []
    threads = [
        threading.Thread(target=lambda: spent.extend(bucket.spend() for _ in range(50))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sum(spent) == 100


def test_importing_is_light() -> None:
    """`import deepkit.retries` loads no numpy, no numba, no HTTP client and no event loop."""
    code = "import sys, deepkit.retries; assert not {'numpy', 'numba', 'httpx', 'httpx2', 'anyio', 'asyncio'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


BARE = """
import sys
sys.path.insert(0, sys.argv[1])
from deepkit import retries
from deepkit.errors import UsageError

assert list(retries.policy_delays(retries.POLICIES["guide_ladder"])) == [5.0, 10.0, 30.0]
assert set(retries.tenacity_options(retries.POLICIES["budgeted"])) >= {"retry", "wait", "stop"}
assert retries.retryable("http_503") and retries.parse_retry_after({"retry-after": "5"}, 0.0) == 5.0
assert retries.retry_layers(object()) == () and retries.Tally().calls == 0
try:
    retries.retrying_transport()
except UsageError as error:
    assert str(error) == "httpx is not installed here: pip install httpx"
else:
    raise AssertionError
"""


def test_policies_need_the_standard_library_alone() -> None:
    """Without any installed package all works but the transports, and those name what is missing in one sentence."""
    root = str(Path(__file__).parents[2])
    subprocess.run([sys.executable, "-I", "-S", "-c", BARE, root], check=True, timeout=60)


class Clock:
    """A clock that stands still until moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The present."""
        return self.now


def guard(kind: str, clock: Clock, **options: float) -> Throttle:
    """A guard on that clock."""
    return Throttle(Policy("fixed", retries=3, base_s=0.0, guard=kind, **options), random.Random(1), clock)


def test_a_breaker_stops_retries_and_forgets_in_time() -> None:
    """After many failures no retries; once the window has faded and answers come, again."""
    clock = Clock()
    one = guard("breaker", clock, guard_level=0.1, guard_window_s=60.0)
    for _ in range(30):
        one.record(answered=False)
    assert not one.may_retry()
    clock.now += 600.0
    for _ in range(30):
        one.record(answered=True)
    assert one.may_retry()


def test_a_grpc_throttle_counts_tokens() -> None:
    """Ten tokens: retries stop at five failures, and come back after enough answers."""
    one = guard("grpc_throttle", Clock(), guard_level=0.5, guard_tokens=10.0)
    for _ in range(5):
        assert one.may_retry()
        one.record(answered=False)
    assert not one.may_retry()
    one.record(answered=True)
    assert one.may_retry()


def test_an_adaptive_throttle_drops_what_would_be_refused() -> None:
    """With nothing accepted almost everything is dropped here; with all accepted nothing."""
    sick, well = (
        guard("adaptive_throttle", Clock(), guard_level=2.0),
        guard("adaptive_throttle", Clock(), guard_level=2.0),
    )
    dropped = sum(sick.admit(None) is None for _ in range(1000))
    assert dropped > 950
    for _ in range(1000):
        assert well.admit(None) == 0.0
        well.record(answered=True)


def test_an_adaptive_throttle_forgets_after_a_silent_window() -> None:
    """What failed before a whole window without an attempt drops nothing any more, as the rule's window has it."""
    clock = Clock()
    one = guard("adaptive_throttle", clock, guard_level=2.0)
    for _ in range(1000):
        one.admit(None)
    clock.now += one.policy.guard_window_s
    assert one.admit(None) == 0.0


def test_a_paced_client_keeps_its_rate() -> None:
    """At ten attempts a second the waits are tenths of a second; a rejection halves the rate once."""
    clock = Clock()
    one = guard("aimd", clock, guard_level=1.0, guard_tokens=10.0)
    assert [one.admit(None) for _ in range(3)] == pytest.approx([0.0, 0.1, 0.2])
    clock.now += 10.0
    for _ in range(5):
        one.record(answered=False)
    assert [one.admit(None) for _ in range(3)] == pytest.approx([0.0, 0.2, 0.4])
    clock.now += 10.0
    assert one.admit(0.0) is None


def test_a_guard_is_asked_before_a_retry() -> None:
    """A retrier whose guard says no stops, whatever is left of its retries."""
    shared = guard("breaker", Clock(), guard_level=0.1)
    for _ in range(20):
        shared.record(answered=False)
    one = Retrier(Policy("fixed", retries=9, guard="breaker"), random.Random(1), throttle=shared)
    assert one.next_delay("http_503", elapsed_s=0.0) is None
