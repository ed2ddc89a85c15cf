"""The one delay function of real calls; the simulator has the same lines in C.

A property test holds the two equal to the last bit (tests/cluster/test_policies.py), so that what was
compared is what is deployed.
"""

from collections.abc import Sequence

from deepkit.records import Policy
from deepkit.retries.arithmetic import log

KINDS: tuple[str, ...] = (
    "none",
    "ladder",
    "fixed",
    "exponential",
    "full_jitter",
    "equal_jitter",
    "decorrelated_jitter",
    "additive_jitter",
    "scaled_jitter",
    "memoryless_jitter",
)
"""Every kind of policy; a kind's place in this row is its number in the simulator."""

NONE, LADDER, FIXED, EXPONENTIAL, FULL, EQUAL, DECORRELATED, ADDITIVE, SCALED, MEMORYLESS = range(len(KINDS))


def grown(base: float, factor: float, cap: float, attempt: int) -> float:
    """Return min(cap, base * factor ** (attempt - 1)) by repeated multiplication, which cannot overflow.

    Args:
        base: First value, in seconds.
        factor: Growth from one attempt to the next.
        cap: Largest value returned, in seconds.
        attempt: The attempt that has just failed, from 1.

    Returns:
        Seconds. Multiplying, unlike `**`, gives the same bits on every platform.
    """
    value = base
    if factor == 1.0:
        return min(value, cap)
    for _ in range(attempt - 1):
        value *= factor
        if value >= cap or value == 0.0:
            break
    return min(value, cap)


def wait(
    kind: int,
    attempt: int,
    previous: float,
    u: float,
    base: float,
    factor: float,
    cap: float,
    jitter: float,
    share: float,
    ladder: Sequence[float],
    first: int,
    steps: int,
) -> float:
    """Return the wait before the next attempt, in seconds.

    Args:
        kind: Number of the policy's kind in KINDS.
        attempt: The attempt that has just failed, from 1.
        previous: The wait before that attempt; 0 for the first.
        u: A uniform draw from [0, 1).
        base: First delay.
        factor: Growth of the exponential kinds.
        cap: Longest delay.
        jitter: Widest addition of additive jitter.
        share: Share that scaled jitter takes off.
        ladder: Where the delays of kind ladder stand; the last repeats.
        first: Place of the first of them.
        steps: How many there are.

    Returns:
        Seconds, at least 0 and at most `cap`. Full, equal and decorrelated jitter follow
        https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ .
    """
    if kind == LADDER:
        return min(ladder[first + min(attempt, steps) - 1], cap) if steps > 0 else 0.0
    if kind == FIXED:
        return min(base, cap)
    if kind == DECORRELATED:
        return min(cap, base + u * (3.0 * max(previous, base) - base))
    if kind == ADDITIVE:
        return min(cap, grown(base, factor, cap, attempt) + u * jitter)
    value = 0.0 if kind == NONE else grown(base, factor, cap, attempt)
    if kind == FULL:
        value *= u
    elif kind == EQUAL:
        value = 0.5 * value + 0.5 * value * u
    elif kind == SCALED:
        value *= 1.0 - share * u
    elif kind == MEMORYLESS:
        value = min(cap, -value * log(1.0 - u))
    return value


def delay(policy: Policy, attempt: int, previous_s: float, u: float) -> float:
    """Return how long a policy waits before the next attempt.

    Args:
        policy: The policy as data.
        attempt: The attempt that has just failed, from 1.
        previous_s: The wait before that attempt, in seconds; 0 for the first.
        u: A uniform draw from [0, 1).

    Returns:
        Seconds to wait, Retry-After and budgets left aside.
    """
    kind = KINDS.index(policy.kind)
    return wait(
        kind,
        attempt,
        previous_s,
        u,
        policy.base_s,
        policy.factor,
        policy.cap_s,
        policy.jitter_s,
        policy.jitter_share,
        policy.ladder_s,
        0,
        len(policy.ladder_s),
    )
