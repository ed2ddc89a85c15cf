"""The one delay function."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.errors import UnknownNameError, UsageError
from deepkit.records import Policy
from deepkit.retries import KINDS, POLICIES, checked, delay, policy_named

UNIT = st.floats(0.0, 1.0, exclude_max=True)
SECONDS = st.floats(0.0, 1e6)


@given(st.sampled_from(KINDS), st.integers(1, 5000), SECONDS, UNIT, SECONDS, SECONDS)
def test_a_delay_is_never_negative_nor_above_its_cap(
    kind: str, attempt: int, previous: float, u: float, base: float, cap: float
) -> None:
    """0 <= delay <= cap for every kind, attempt and draw; no attempt overflows."""
    policy = Policy(kind, retries=5, base_s=base, cap_s=cap, ladder_s=(1.0, base))
    assert 0.0 <= delay(policy, attempt, previous, u) <= cap


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 5.0), (2, 10.0), (3, 30.0), (4, 30.0), (99, 30.0)])
def test_the_guides_ladder(attempt: int, seconds: float) -> None:
    """5, 10, 30 seconds, and the last step repeats."""
    assert delay(POLICIES["guide_ladder"], attempt, 0.0, 0.7) == seconds


@given(st.integers(1, 12), UNIT)
def test_jitters_follow_their_formulas(attempt: int, u: float) -> None:
    """V = min(cap, b 2^(n-1)): full u v, equal v/2 + u v/2, scaled v (1 - u/4), additive min(cap, v + u)."""
    v = min(30.0, 2.0 ** (attempt - 1))

    def of(kind: str) -> float:
        return delay(Policy(kind, retries=20, base_s=1.0, cap_s=30.0), attempt, 0.0, u)

    assert of("exponential") == v
    assert of("full_jitter") == pytest.approx(u * v)
    assert of("equal_jitter") == pytest.approx(v / 2 + u * v / 2)
    assert of("scaled_jitter") == pytest.approx(v * (1 - 0.25 * u))
    assert of("additive_jitter") == pytest.approx(min(30.0, v + u))
    assert of("memoryless_jitter") == pytest.approx(min(30.0, -v * math.log(1 - u)), abs=1e-9)


@given(UNIT, st.floats(0.0, 1000.0))
def test_decorrelated_jitter(u: float, previous: float) -> None:
    """min(cap, U(base, 3 x previous)), where the first previous counts as the base."""
    policy = Policy("decorrelated_jitter", retries=9, base_s=5.0, cap_s=2000.0)
    top = 3 * max(previous, 5.0)
    assert delay(policy, 3, previous, u) == pytest.approx(min(2000.0, 5.0 + u * (top - 5.0)))


def test_what_the_libraries_do() -> None:
    """Presets reproduce the documented delays: openai 0.5 x U(0.75, 1), stamina 0.1 + U(0, 1) below 5, urllib3 0."""
    assert delay(POLICIES["openai_sdk"], 1, 0.0, 0.0) == 0.5
    assert delay(POLICIES["openai_sdk"], 2, 0.0, 0.999999) == pytest.approx(0.75, abs=1e-5)
    assert delay(POLICIES["litellm"], 2, 0.0, 0.999999) == pytest.approx(1.75, abs=1e-5)
    assert delay(POLICIES["stamina"], 9, 0.0, 0.5) == 5.0
    assert delay(POLICIES["urllib3"], 7, 0.0, 0.5) == 0.0
    assert POLICIES["openai_sdk"].retries == 2
    assert POLICIES["stamina"].retries == 9


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_preset_can_be_run(name: str) -> None:
    """A preset passes its own check and is found by name, with other retries when asked."""
    assert checked(POLICIES[name]) is POLICIES[name]
    assert policy_named(name, retries=7).retries == 7


@pytest.mark.parametrize(
    "bad",
    [
        Policy("fixed", retries=-1), Policy("fixed", retries=10**9), Policy("fixed", retries=1.5),  # type: ignore[arg-type]
        Policy("fixed", base_s=math.nan), Policy("fixed", base_s=-1.0), Policy("fixed", cap_s=math.inf),
        Policy("fixed", factor=0.5), Policy("fixed", jitter_share=2.0), Policy("fixed", deadline_s=math.nan),
        Policy("ladder"), Policy("ladder", ladder_s=(1.0, -1.0)), Policy("fixed", budget_ratio=-0.1),
        Policy("fixed", budget_burst=math.inf), Policy("fixed", base_s=True),
    ],
)  # fmt: skip
def test_bad_policies_are_refused(bad: Policy) -> None:
    """A policy that could not be run says which field is wrong."""
    with pytest.raises(UsageError):
        checked(bad)


def test_unknown_kinds_and_names() -> None:
    """A misspelt kind or name is a usage error that suggests the close one."""
    with pytest.raises(UnknownNameError, match="full_jitter"):
        checked(Policy("fulljitter"))
    with pytest.raises(UnknownNameError, match="guide_ladder"):
        policy_named("guide-ladder")
