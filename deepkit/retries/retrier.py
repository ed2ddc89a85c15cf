"""One call's decisions: retry or stop, and after how long."""

import random
from functools import lru_cache

from deepkit.records import Policy
from deepkit.retries.budget import Bucket, Budget
from deepkit.retries.check import checked
from deepkit.retries.delays import delay
from deepkit.retries.retryability import retryable
from deepkit.retries.throttles import Throttle


@lru_cache(maxsize=64)
def passed(policy: Policy) -> Policy:
    """Check a policy once; a client makes a retrier for every call."""
    return checked(policy)


class Retrier:
    """Decides about the retries of one call at a time.

    Args:
        policy: The policy as data.
        rng: Source of the jitter; give a seeded one for reproducible runs.
        budget: Shared with other calls; None makes one of its own when the policy has a budget.
        throttle: Shared with other calls; None makes one of its own when the policy has a guard.

    Raises:
        UsageError: When the policy cannot be run.
    """

    def __init__(
        self,
        policy: Policy,
        rng: random.Random,
        budget: Budget | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        self.policy = passed(policy)
        self.throttle = throttle or (Throttle(policy, rng) if policy.guard != "none" else None)
        self._rng = rng
        if budget is None and policy.budget_ratio is not None:
            budget = Bucket(policy.budget_ratio, policy.budget_burst)
        self.budget = budget
        self.begin()

    def begin(self) -> None:
        """Begin a new call: the count starts again and the budget earns its share."""
        self.attempts = 1
        self._previous = 0.0
        if self.budget is not None:
            self.budget.earn()

    def next_delay(
        self,
        failure: str | None,
        *,
        retry_after_s: float | None = None,
        elapsed_s: float,
        shown: bool = False,
        error: str = "",
    ) -> float | None:
        """Say how long to wait before the next attempt.

        Args:
            failure: How the attempt ended, one of FAILURES; None is success.
            retry_after_s: What the server asked for, from `parse_retry_after`.
            elapsed_s: Time since the call began, waits included.
            shown: Text of the answer was already shown.
            error: Type and message of the error body, where known.

        Returns:
            Seconds to wait, or None to stop: success, not worth a retry, no retries left, the
            deadline would pass before the next attempt, the throttle says no, or the budget is spent.
        """
        policy = self.policy
        if self.throttle is not None:
            self.throttle.record(answered=not retryable(failure, error))
        if not retryable(failure, error, shown=shown):
            return None
        if policy.kind == "none" or self.attempts > policy.retries:
            return None
        own = delay(policy, self.attempts, self._previous, self._rng.random())
        wait_s = own
        if policy.honour_retry_after and retry_after_s is not None:
            if retry_after_s > policy.retry_after_cap_s:
                return None
            # Spread upwards only: a herd told the same number must not come back together, nor early.
            spread = max(policy.base_s, policy.jitter_share * retry_after_s)
            wait_s = max(own, retry_after_s + self._rng.random() * spread)
        if policy.deadline_s is not None and elapsed_s + wait_s >= policy.deadline_s:
            return None
        if self.throttle is not None and not self.throttle.may_retry():
            return None
        if self.budget is not None and not self.budget.spend():
            return None
        self.attempts += 1
        self._previous = own
        return wait_s
