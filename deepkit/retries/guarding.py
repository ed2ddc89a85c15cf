"""A guard at work: shared by all calls of a client, safe between threads."""

import random
import threading
import time
from collections.abc import Callable

from deepkit.records import Policy
from deepkit.retries.guards import GUARDS, drop_chance, fresh, heard, may_retry, send_time


class Guard:
    """Holds a client back beyond one call; `deepkit.retries.guards` says how each kind does.

    Args:
        policy: The policy that names the guard.
        rng: Source of chance.
        clock: Gives the present in seconds.
    """

    def __init__(
        self, policy: Policy, rng: random.Random, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.policy, self._rng, self._clock = policy, rng, clock
        self.kind = GUARDS.index(policy.guard)
        self._state = fresh(self.kind, policy.guard_tokens)
        self._state[2] = clock()
        self._lock = threading.Lock()

    def admit(self, left_s: float | None) -> float | None:
        """Ask to send an attempt.

        Args:
            left_s: Time left to the call; None is no limit.

        Returns:
            Seconds to wait first, or None when the attempt is to be dropped here.
        """
        policy, now = self.policy, self._clock()
        with self._lock:
            chance = drop_chance(self.kind, policy.guard_level, policy.guard_window_s, self._state, 0, now)
            if chance > 0.0 and self._rng.random() < chance:
                return None
            latest = float("inf") if left_s is None else now + left_s
            when = send_time(self.kind, self._state, 0, now, latest)
        return when - now if when < latest and when - now <= 1.0 else None

    def may_retry(self) -> bool:
        """Say whether retries are allowed now."""
        with self._lock:
            return may_retry(self.kind, self.policy.guard_level, self.policy.guard_tokens, self._state, 0)

    def heard(self, *, answered: bool) -> None:
        """Take note of how an attempt ended."""
        policy = self.policy
        with self._lock:
            heard(
                self.kind, answered, policy.guard_level, policy.guard_window_s, policy.guard_tokens, self._state, 0,
                self._clock(),
            )  # fmt: skip
