"""What holds all calls of a client back together: breakers, throttles and adaptive rates (a policy's `guard`).

Each kind keeps WIDTH numbers in a flat list, from `at` on. The simulator has the same lines in C; a property
test holds the two equal to the last bit, so that what was compared is what is deployed.

- breaker: no retries while the share of failed attempts is above `level`
  (https://brooker.co.za/blog/2022/02/28/retries.html).
- grpc_throttle: a failure takes a token, a success gives `level`; retries only above half of `tokens`
  (https://github.com/grpc/proposal/blob/master/A6-client-retries.md).
- adaptive_throttle: an attempt is dropped here with probability (requests - K accepts) / (requests + 1),
  K = `level` (https://sre.google/sre-book/handling-overload/). Inside a window older attempts count for less
  (exponentially) instead of until its end; after a window without an attempt all are forgotten, as in that rule.
- aimd: attempts are paced at a rate that grows by `level` a second for each second of answers and is
  halved by a rejection (Chiu and Jain 1989, doi 10.1016/0169-7552(89)90019-6).
- cubic: the same with the cubic growth of RFC 9438 back to the rate of the last rejection, beta 0.7 and
  C 0.4, as in botocore's adaptive mode.
"""

import math
import random
import threading
import time
from collections.abc import Callable, MutableSequence

from deepkit.records import Policy
from deepkit.retries.arithmetic import cube_root, exp

GUARDS: tuple[str, ...] = ("none", "breaker", "grpc_throttle", "adaptive_throttle", "aimd", "cubic")
"""Every guard; its place is its number in the simulator."""

BREAKER, GRPC, ADAPTIVE, AIMD, CUBIC = range(1, len(GUARDS))
WIDTH = 6
LEAST_RATE = 0.5
"""Attempts a second that a paced client may always send, as in botocore."""
AHEAD_S = 1.0
"""How far ahead a paced attempt may keep its place, and how long one fall of the rate stands for all rejections."""
SMALL_SAMPLE = 10.0
"""Attempts before a breaker may open: a first failure is not a share of one."""
BETA, CUBE = 0.7, 0.4


def fresh(kind: int, tokens: float) -> list[float]:
    """Return the numbers of a guard that has seen nothing: counts, tokens or a rate, and times."""
    state = [0.0] * WIDTH
    if kind in (GRPC, AIMD, CUBIC):
        state[0] = tokens
    if kind == CUBIC:
        state[4] = tokens
    return state


def faded(g: MutableSequence[float], at: int, now: float, window: float) -> None:
    """Let old counts fade, so that they cover about one window; a window without an attempt leaves nothing."""
    passed = now - g[at + 2]
    if passed > 0.0:
        share = exp(-passed / window) if passed < window else 0.0
        g[at] *= share
        g[at + 1] *= share
        g[at + 2] = now


def drop_chance(
    kind: int, level: float, window: float, g: MutableSequence[float], at: int, now: float
) -> float:
    """Return the probability with which an attempt is dropped here instead of sent, and count the attempt."""
    if kind != ADAPTIVE:
        return 0.0
    faded(g, at, now, window)
    chance = max(0.0, (g[at] - level * g[at + 1]) / (g[at] + 1.0))
    g[at] += 1.0
    return chance


def send_time(kind: int, g: MutableSequence[float], at: int, now: float, latest: float) -> float:
    """Return when an attempt may be sent at the present rate, and keep that place for it.

    A place at `latest` or after it is told, but not kept; nor is one more than AHEAD_S away, since
    the rate may have fallen by then.
    """
    if kind != AIMD and kind != CUBIC:
        return now
    when = max(now, g[at + 3])
    if when >= latest or when > now + AHEAD_S:
        return max(when, latest)
    g[at + 3] = when + 1.0 / g[at]
    return when


def may_retry(kind: int, level: float, tokens: float, g: MutableSequence[float], at: int) -> bool:
    """Say whether the guard allows retries now."""
    if kind == BREAKER:
        return g[at] < SMALL_SAMPLE or g[at + 1] <= level * g[at]
    if kind == GRPC:
        return g[at] > tokens / 2.0
    return True


def heard(
    kind: int,
    answered: bool,
    level: float,
    window: float,
    tokens: float,
    g: MutableSequence[float],
    at: int,
    now: float,
) -> None:
    """Take note of how an attempt ended.

    Args:
        kind: Number of the guard in GUARDS.
        answered: It was answered; False is a failure that may pass.
        level: The policy's guard_level.
        window: Its guard_window_s.
        tokens: Its guard_tokens.
        g: Where the guard's numbers stand.
        at: Place of the first of them.
        now: The present, in seconds.
    """
    if kind == BREAKER:
        faded(g, at, now, window)
        g[at] += 1.0
        g[at + 1] += 0.0 if answered else 1.0
    elif kind == GRPC:
        g[at] = min(tokens, g[at] + level) if answered else max(0.0, g[at] - 1.0)
    elif kind == ADAPTIVE:
        g[at + 1] += 1.0 if answered else 0.0
    elif kind == AIMD:
        aimd(answered, level, g, at, now)
    elif kind == CUBIC:
        cubic(answered, g, at, now)


def aimd(answered: bool, level: float, g: MutableSequence[float], at: int, now: float) -> None:
    """Let a rate grow by a constant a second, and halve it at most once in AHEAD_S."""
    if answered:
        g[at] += level / g[at]
    elif now >= g[at + 5] + AHEAD_S:
        g[at] = max(LEAST_RATE, g[at] / 2.0)
        g[at + 5] = now


def cubic(answered: bool, g: MutableSequence[float], at: int, now: float) -> None:
    """Move a rate along the cubic of RFC 9438, section 4.2."""
    if answered:
        root = cube_root(g[at + 4] * (1.0 - BETA) / CUBE)
        passed = now - g[at + 5] - root
        g[at] = max(g[at], CUBE * passed * passed * passed + g[at + 4])
    elif now >= g[at + 5] + AHEAD_S:
        g[at + 4] = g[at]
        g[at + 5] = now
        g[at] = max(LEAST_RATE, BETA * g[at])


class Throttle:
    """A policy's guard, shared by all calls of a client; safe between threads.

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
            left_s: Time left to the call, in seconds; None is no limit.

        Returns:
            Seconds to wait first, or None when the attempt is to be dropped here.
        """
        policy, now = self.policy, self._clock()
        with self._lock:
            chance = drop_chance(self.kind, policy.guard_level, policy.guard_window_s, self._state, 0, now)
            if chance > 0.0 and self._rng.random() < chance:
                return None
            latest = math.inf if left_s is None else now + left_s
            when = send_time(self.kind, self._state, 0, now, latest)
        return when - now if when < latest and when - now <= AHEAD_S else None

    def may_retry(self) -> bool:
        """Say whether retries are allowed now."""
        with self._lock:
            return may_retry(self.kind, self.policy.guard_level, self.policy.guard_tokens, self._state, 0)

    def record(self, *, answered: bool) -> None:
        """Take note of how an attempt ended."""
        policy = self.policy
        with self._lock:
            heard(
                self.kind, answered, policy.guard_level, policy.guard_window_s, policy.guard_tokens, self._state, 0,
                self._clock(),
            )  # fmt: skip
