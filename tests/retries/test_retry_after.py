"""Retry-After over its whole domain: a floor, spread upwards, within cap and deadline."""

import math
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.records import FAILURES, Policy
from deepkit.retries import KINDS, RETRYABLE, Retrier, parse_retry_after

NOW = 1_800_000_000.0
SECONDS = st.one_of(st.floats(0.0, 1e9, allow_nan=False), st.integers(0, 10**9).map(float))
POLICY = st.builds(
    Policy,
    kind=st.sampled_from([kind for kind in KINDS if kind != "none"]),
    retries=st.integers(1, 20),
    base_s=st.floats(0.0, 100.0),
    cap_s=st.floats(0.0, 1000.0),
    ladder_s=st.lists(st.floats(0.0, 100.0), min_size=1, max_size=4).map(tuple),
    deadline_s=st.none() | st.floats(0.0, 5000.0),
    jitter_s=st.floats(0.0, 10.0),
    jitter_share=st.floats(0.0, 1.0),
    retry_after_cap_s=st.floats(0.0, 1e6),
)


@given(POLICY, SECONDS, st.floats(0.0, 5000.0), st.integers(0, 10_000))
def test_every_policy_keeps_the_floor(policy: Policy, asked: float, elapsed_s: float, seed: int) -> None:
    """Never earlier than asked; later by no more than the policy's own wait or its spread; within cap and deadline."""
    wait_s = Retrier(policy, random.Random(seed)).next_delay(
        "http_503", retry_after_s=asked, elapsed_s=elapsed_s
    )
    if wait_s is None:
        over = asked > policy.retry_after_cap_s
        assert over or policy.deadline_s is not None
        return
    spread = max(policy.base_s, policy.jitter_share * asked)
    assert asked <= wait_s <= max(policy.cap_s, asked + spread)
    assert asked <= policy.retry_after_cap_s
    assert policy.deadline_s is None or elapsed_s + wait_s < policy.deadline_s


@given(POLICY, SECONDS, st.integers(0, 10_000))
def test_no_wait_is_refused_that_would_fit(policy: Policy, asked: float, seed: int) -> None:
    """Within the cap, and without a deadline, the call always goes on."""
    free = Policy(**{name: getattr(policy, name) for name in Policy.__slots__ if name != "deadline_s"})
    wait_s = Retrier(free, random.Random(seed)).next_delay("http_503", retry_after_s=asked, elapsed_s=0.0)
    assert (wait_s is None) == (asked > policy.retry_after_cap_s)


@given(st.floats(0.1, 600.0), st.floats(0.01, 1.0))
def test_clients_told_one_number_are_spread(asked: float, share: float) -> None:
    """Fifty clients come back over most of the spread, and none of them together."""
    policy = Policy("fixed", retries=1, base_s=0.0, cap_s=0.0, jitter_share=share)
    waits = [
        Retrier(policy, random.Random(seed)).next_delay("http_503", retry_after_s=asked, elapsed_s=0.0)
        for seed in range(50)
    ]
    later = sorted((wait or 0.0) - asked for wait in waits)
    assert len(set(later)) == 50
    assert later[0] < 0.2 * share * asked
    assert later[-1] > 0.8 * share * asked


@pytest.mark.parametrize("failure", sorted(FAILURES - RETRYABLE))
@given(POLICY, SECONDS)
def test_asking_to_come_back_cures_nothing_final(failure: str, policy: Policy, asked: float) -> None:
    """400, 401, 402, a block page and all else that stays: no Retry-After makes a retry of them."""
    assert Retrier(policy, random.Random(1)).next_delay(failure, retry_after_s=asked, elapsed_s=0.0) is None


@given(
    POLICY, SECONDS, st.sampled_from(["insufficient_quota", "Insufficient Balance", "Content Exists Risk"])
)
def test_nor_an_exhausted_quota(policy: Policy, asked: float, words: str) -> None:
    """The words of a 429 go before its Retry-After."""
    one = Retrier(policy, random.Random(1))
    assert one.next_delay("http_429", retry_after_s=asked, elapsed_s=0.0, error=words) is None


@given(SECONDS)
def test_seconds_are_read_as_written(asked: float) -> None:
    """Whole, broken, in exponents or in milliseconds: what was written is what is read."""
    assert parse_retry_after({"Retry-After": repr(asked)}, NOW) == asked
    read = parse_retry_after({"retry-after-ms": repr(asked), "retry-after": "1"}, NOW)
    assert read == pytest.approx(asked / 1000.0)


@given(st.integers(-(10**6), 10**8))
def test_dates_are_read_as_seconds_from_now(ahead: int) -> None:
    """An HTTP date to come is the time until then; one that has passed says nothing."""
    when = format_datetime(datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=ahead), usegmt=True)
    assert parse_retry_after({"Retry-After": when}, NOW) == (float(ahead) if ahead >= 0 else None)


@given(st.floats(), st.floats())
def test_no_number_breaks_it(milliseconds: float, seconds: float) -> None:
    """NaN, infinities, negative zero and the largest floats: None or a finite time from 0 on."""
    headers = {"Retry-After-Ms": repr(milliseconds), "Retry-After": repr(seconds)}
    value = parse_retry_after(headers, NOW)
    assert value is None or (math.isfinite(value) and value >= 0.0)
