"""A policy for code that retries by other means: tenacity, or a loop of one's own."""

import random
import time
from collections.abc import Iterator
from typing import Any

from deepkit.records import Policy
from deepkit.retries.check import checked
from deepkit.retries.delays import delay
from deepkit.retries.response_classifier import failure_of_exception, failure_of_status
from deepkit.retries.retrier import Retrier
from deepkit.retries.retryability import parse_retry_after, retryable


def policy_delays(policy: Policy, rng: random.Random | None = None) -> Iterator[float]:
    """Yield the waits between the attempts of one call.

    Args:
        policy: The policy; its deadline bounds the sum of the waits.
        rng: Source of the jitter; None is seeded by the system.

    Yields:
        Seconds, one wait for each retry.
    """
    checked(policy)
    rng = rng or random.Random()
    previous = total = 0.0
    retries = 0 if policy.kind == "none" else policy.retries
    for attempt in range(1, retries + 1):
        previous = delay(policy, attempt, previous, rng.random())
        total += previous
        if policy.deadline_s is not None and total >= policy.deadline_s:
            return
        yield previous


def failure_named(error: BaseException) -> tuple[str, dict[str, str], str]:
    """Return an exception's failure name, the answer's headers and its words, as far as it carries them.

    Args:
        error: An exception of httpx, httpx2, requests, or the OpenAI and Anthropic SDKs.
    """
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", None) or getattr(response, "status_code", None)
    headers = {
        str(name): str(value) for name, value in dict(getattr(response, "headers", None) or {}).items()
    }
    words = f"{getattr(error, 'code', '') or ''} {getattr(error, 'body', '') or ''} {error}"
    if isinstance(status, int) and status >= 400:
        return failure_of_status(status), headers, words
    cause = error.__cause__
    named = failure_of_exception(error) if isinstance(error, Exception) else "interrupted"
    if named == "unknown" and type(error).__name__ in ("APIConnectionError", "APITimeoutError"):
        named = failure_of_exception(cause) if isinstance(cause, Exception) else "connection_refused"
    if named == "unknown" and isinstance(error, ConnectionError | TimeoutError):
        named = "read_timeout" if isinstance(error, TimeoutError) else "connection_reset"
    return named, headers, words


class TenacityRules:
    """A policy in tenacity's terms: give its three methods to `tenacity.retry`.

    `@retry(**tenacity_options(policy))` does. tenacity itself is not imported.

    Args:
        policy: The policy.
        rng: Source of the jitter; None is seeded by the system.
    """

    def __init__(self, policy: Policy, rng: random.Random | None = None) -> None:
        self.policy = checked(policy)
        self._rng = rng or random.Random()

    def retry(self, state: Any) -> bool:
        """Say whether the attempt's exception is worth another one."""
        error = state.outcome.exception()
        if error is None:
            return False
        failure, _, words = failure_named(error)
        return retryable(failure, words)

    def wait(self, state: Any) -> float:
        """Return the wait before the next attempt, the server's Retry-After honoured."""
        failure, headers, words = failure_named(state.outcome.exception())
        retrier: Retrier | None = getattr(state, "deepkit", None)
        if retrier is None:
            retrier = state.deepkit = Retrier(self.policy, self._rng)
        asked = parse_retry_after(headers, time.time())
        elapsed_s = state.seconds_since_start or 0.0
        wait_s = retrier.next_delay(failure, retry_after_s=asked, elapsed_s=elapsed_s, error=words)
        state.deepkit_stop = wait_s is None
        return wait_s or 0.0

    def stop(self, state: Any) -> bool:
        """Say whether the policy allows no more attempts."""
        return bool(getattr(state, "deepkit_stop", False))


def tenacity_options(policy: Policy, rng: random.Random | None = None) -> dict[str, Any]:
    """Return the arguments with which `tenacity.retry` obeys a policy.

    Args:
        policy: The policy.
        rng: Source of the jitter; None is seeded by the system.

    Returns:
        `retry`, `wait` and `stop`, and `reraise`, so that callers see the real exception.
    """
    rules = TenacityRules(policy, rng)
    return {"retry": rules.retry, "wait": rules.wait, "stop": rules.stop, "reraise": True}
