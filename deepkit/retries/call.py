"""One call of a retrying transport, without input or output: what it may do next, and what is counted."""

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from deepkit.records import Policy
from deepkit.retries.budget import Bucket, Budget
from deepkit.retries.check import checked
from deepkit.retries.presets import policy_named
from deepkit.retries.response_classifier import ResponseClassifier, classifier_for
from deepkit.retries.retrier import Retrier
from deepkit.retries.retryability import parse_retry_after
from deepkit.retries.throttles import Throttle

MARK = "deepkit.retrying"
"""Extension of a request that a retrying transport is already responsible for."""
SDK_COUNT = b"x-stainless-retry-count"
"""Header in which the OpenAI and Anthropic SDKs tell which of their own attempts this is."""
MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_WAITS = 100_000
"""Waits kept in a tally at most."""


class Tally:
    """Counts of one transport, or of several that share it. Safe between threads."""

    def __init__(self) -> None:
        self.calls = self.attempts = self.answered = self.failed = self.stacked = 0
        self.hedges = self.hedges_held_back = 0
        self.waits: list[float] = []
        self.failures: Counter[str] = Counter()
        self._lock = threading.Lock()

    def call(self, *, stacked: bool) -> None:
        """Count a call; `stacked` when another layer is already retrying it."""
        with self._lock:
            self.calls += 1
            self.stacked += stacked

    def attempt(self) -> None:
        """Count a request that is sent."""
        with self._lock:
            self.attempts += 1

    def hedge(self, *, sent: bool) -> None:
        """Count a second copy that is sent, or held back by the budget."""
        with self._lock:
            self.hedges += sent
            self.hedges_held_back += not sent

    def lost(self, name: str | None) -> None:
        """Count a copy that failed while the other went on."""
        with self._lock:
            self.failures[name or "unknown"] += 1

    def failure(self, name: str, wait_s: float | None) -> None:
        """Count a failed attempt, and the wait that follows; None ends the call."""
        with self._lock:
            self.failures[name] += 1
            if wait_s is None:
                self.failed += 1
            elif len(self.waits) < MAX_WAITS:
                self.waits.append(wait_s)

    def answer(self) -> None:
        """Count a call that was answered."""
        with self._lock:
            self.answered += 1

    @property
    def amplification(self) -> float:
        """Requests sent for each call."""
        return self.attempts / self.calls if self.calls else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        names = ("calls", "attempts", "answered", "failed", "stacked", "hedges", "amplification")
        with self._lock:
            counts = {name: getattr(self, name) for name in names}
            return {**counts, "waited_s": sum(self.waits), "failures": dict(self.failures)}


class Shared:
    """What all calls of a transport share.

    Args:
        policy: The policy or its name.
        base: The transport that sends; None is the library's own.
        budget: A shared budget; None makes one when the policy has one.
        tally: Counts; None makes new ones.
        rng: Source of the jitter; None is seeded by the system.
    """

    def __init__(
        self,
        policy: Policy | str = "budgeted",
        *,
        base: Any = None,
        budget: Budget | None = None,
        tally: Tally | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.policy = policy_named(policy) if isinstance(policy, str) else checked(policy)
        if budget is None and self.policy.budget_ratio is not None:
            budget = Bucket(self.policy.budget_ratio, self.policy.budget_burst)
        self.budget, self.base = budget, base
        self.tally = tally or Tally()
        self.rng = rng or random.Random()
        self.throttle = Throttle(self.policy, self.rng) if self.policy.guard != "none" else None


class Call:
    """Decisions about one call.

    Args:
        shared: What it shares with other calls.
        request: The request, of httpx or httpx2.
        stacked: Another layer is already trying it again.
    """

    def __init__(self, shared: Shared, request: Any, *, stacked: bool) -> None:
        self.tally, self.request = shared.tally, request
        self.began = time.monotonic()
        self.retrier = Retrier(shared.policy, shared.rng, shared.budget, shared.throttle)
        self.deadline_s = shared.policy.deadline_s
        self.chat = request.url.raw_path.partition(b"?")[0].rstrip(b"/").endswith(b"/completions")
        self.tally.call(stacked=stacked)
        request.extensions = {**request.extensions, MARK: True}
        if self.chat:
            request.headers["accept-encoding"] = "identity"  # a compressed body cannot be read as it comes

    @property
    def elapsed_s(self) -> float:
        """Time since the call began."""
        return time.monotonic() - self.began

    @property
    def left_s(self) -> float | None:
        """Time left of the policy's deadline; None without one."""
        return None if self.deadline_s is None else max(0.0, self.deadline_s - self.elapsed_s)

    @property
    def late(self) -> bool:
        """The policy's deadline has passed."""
        return self.deadline_s is not None and self.left_s == 0.0

    def classifier(self, response: Any) -> ResponseClassifier:
        """Return the classifier of a response."""
        kind = encoding = b""
        for name, value in response.headers.raw:
            lower = name.lower()
            if lower == b"content-type":
                kind = value
            elif lower == b"content-encoding":
                encoding = value
        one = classifier_for(response.status_code, kind.decode("ascii", "replace"), chat=self.chat)
        if response.status_code < 400 and encoding not in (b"", b"identity"):
            one.decided = True
        return one

    def after(self, failure: str | None, headers: Mapping[str, str], message: str) -> float | None:
        """Take note of an attempt's end.

        Args:
            failure: How it failed, one of FAILURES; None is an answer.
            headers: Headers of the response.
            message: Text of an error body.

        Returns:
            The wait before the next attempt, in seconds; None to hand over what came: an answer, or a
            failure that is not tried again.
        """
        if failure is None:
            self.tally.answer()
            if self.retrier.throttle is not None:
                self.retrier.throttle.record(answered=True)
            return None
        asked = parse_retry_after(headers, time.time()) if headers else None
        wait_s = self.retrier.next_delay(
            failure, retry_after_s=asked, elapsed_s=self.elapsed_s, error=message
        )
        self.tally.failure(failure, wait_s)
        return wait_s


def call_for(shared: Shared, request: Any, replayable: type) -> Call | None:
    """Begin a call.

    Args:
        shared: What it shares with other calls.
        request: The request, of httpx or httpx2.
        replayable: The library's class of bodies that are held in memory.

    Returns:
        The call; None when the request is not to be tried again here: another transport does so already, or
        its body cannot be sent twice or is too large.
    """
    if MARK in request.extensions or not isinstance(request.stream, replayable):
        return None
    stacked = False
    for name, value in request.headers.raw:  # looking names up one by one costs more than one pass
        lower = name.lower()
        if lower == SDK_COUNT:
            stacked = value not in (b"", b"0")
        elif lower == b"content-length" and not (value.isdigit() and int(value) <= MAX_BODY_BYTES):
            return None
    return Call(shared, request, stacked=stacked)
