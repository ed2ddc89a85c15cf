"""Refuses policies that could not be run, with the field and what it should be."""

import math

from deepkit.errors import UnknownNameError, UsageError
from deepkit.records import Policy
from deepkit.retries.delays import KINDS
from deepkit.retries.throttles import GUARDS

MOST_RETRIES = 1_000_000
LONGEST_S = 1e9


def number(name: str, value: float, low: float, high: float) -> None:
    """Raise UsageError unless low <= value <= high; NaN is never accepted.

    Args:
        name: What the number is, for the message.
        value: The number.
        low: Least value accepted.
        high: Greatest value accepted.

    Raises:
        UsageError: When it is not a number in that range.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{name} is {value!r}; give a number from {low:g} to {high:g}")
    if math.isnan(value) or not low <= value <= high:
        raise UsageError(f"{name} is {value!r}; give a number from {low:g} to {high:g}")


def checked(policy: Policy) -> Policy:
    """Return the policy unchanged when it can be run.

    Args:
        policy: What somebody wrote.

    Returns:
        The same policy.

    Raises:
        UnknownNameError: When its kind is not one of KINDS.
        UsageError: When a number in it is negative, NaN, infinite or absurdly large.
    """
    if policy.kind not in KINDS:
        raise UnknownNameError("kind of retry policy", str(policy.kind), KINDS)
    if isinstance(policy.retries, bool) or not isinstance(policy.retries, int):
        raise UsageError(f"retries is {policy.retries!r}; give a whole number from 0 to {MOST_RETRIES}")
    number("retries", policy.retries, 0, MOST_RETRIES)
    for name in ("base_s", "cap_s", "jitter_s", "retry_after_cap_s"):
        number(name, getattr(policy, name), 0.0, LONGEST_S)
    number("factor", policy.factor, 1.0, 1000.0)
    number("jitter_share", policy.jitter_share, 0.0, 1.0)
    number("budget_burst", policy.budget_burst, 0.0, LONGEST_S)
    if policy.deadline_s is not None:
        number("deadline_s", policy.deadline_s, 0.0, LONGEST_S)
    if policy.budget_ratio is not None:
        number("budget_ratio", policy.budget_ratio, 0.0, 1000.0)
    if policy.guard not in GUARDS:
        raise UnknownNameError("guard", str(policy.guard), GUARDS)
    for name in ("guard_level", "guard_window_s", "guard_tokens"):
        number(name, getattr(policy, name), 1e-6, LONGEST_S)
    if policy.hedge_after_s is not None:
        number("hedge_after_s", policy.hedge_after_s, 0.0, LONGEST_S)
    if policy.kind == "ladder" and not policy.ladder_s:
        raise UsageError("A ladder needs its delays; give ladder_s, for example (5.0, 10.0, 30.0)")
    for step in policy.ladder_s:
        number("a step of ladder_s", step, 0.0, LONGEST_S)
    return policy
