"""One call of a retrying transport, without input or output: what it may do next."""

import random
import time
from collections.abc import Mapping
from typing import Any

from deepkit.records import Policy
from deepkit.retries.copies import Copy
from deepkit.retries.guarding import Guard
from deepkit.retries.judge import FINAL_WORDS, parse_retry_after, retryable
from deepkit.retries.judging import Judge, judge_for
from deepkit.retries.retrier import Budget, Retrier
from deepkit.retries.tally import Tally

MARK = "deepkit.retrying"
"""Extension of a request that a retrying transport is already responsible for."""
SDK_COUNT = b"x-stainless-retry-count"
"""Header in which the OpenAI and Anthropic SDKs tell which of their own attempts this is."""
MOST_BODY = 32 * 1024 * 1024


class Call:
    """Decisions about one call.

    Args:
        policy: The policy.
        rng: Source of the jitter.
        budget: The budget, shared with other calls, or None.
        guard: The guard, shared with other calls, or None.
        tally: Counts.
        request: The request, of httpx or httpx2.
        stacked: Another layer is already trying it again.
    """

    def __init__(
        self, policy: Policy, rng: random.Random, budget: Budget | None, guard: Guard | None, tally: Tally,
        request: Any, *, stacked: bool,
    ) -> None:  # fmt: skip
        self.tally, self.request = tally, request
        self.began = time.monotonic()
        self.retrier = Retrier(policy, rng, budget, guard)
        self.hedge_after_s = policy.hedge_after_s
        self.chat = request.url.raw_path.partition(b"?")[0].rstrip(b"/").endswith(b"/completions")
        tally.call(stacked=stacked)
        request.extensions = {**request.extensions, MARK: True}
        if self.chat:
            request.headers["accept-encoding"] = "identity"  # what is compressed cannot be judged as it comes

    @property
    def elapsed_s(self) -> float:
        """Time since the call began."""
        return time.monotonic() - self.began

    @property
    def left_s(self) -> float | None:
        """Time left of the policy's deadline; None without one."""
        deadline = self.retrier.policy.deadline_s
        return None if deadline is None else max(0.0, deadline - self.elapsed_s)

    @property
    def late(self) -> bool:
        """The policy's deadline has passed."""
        return self.retrier.policy.deadline_s is not None and self.left_s == 0.0

    def judge(self, response: Any) -> Judge:
        """Return the judge of an answer."""
        kind = encoding = b""
        for name, value in response.headers.raw:
            lower = name.lower()
            if lower == b"content-type":
                kind = value
            elif lower == b"content-encoding":
                encoding = value
        one = judge_for(response.status_code, kind.decode("ascii", "replace"), chat=self.chat)
        if response.status_code < 400 and encoding not in (b"", b"identity"):
            one.decided = True
        return one

    def admit(self) -> float | None:
        """Return how long the guard makes the next attempt wait; None when it is to be dropped here."""
        guard = self.retrier.guard
        return 0.0 if guard is None else guard.admit(self.left_s)

    @property
    def first_s(self) -> float | None:
        """How long an attempt's first copy is alone, in seconds."""
        after_s, left_s = self.hedge_after_s, self.left_s
        return after_s if after_s is None or left_s is None else min(after_s, left_s)

    def hedge(self) -> bool:
        """Take a token of the budget for a second copy, or say no."""
        budget = self.retrier.budget
        allowed = budget is None or budget.spend()
        self.tally.hedge(sent=allowed)
        return allowed

    def passing(self, copy: Copy) -> bool:
        """Say whether a copy has failed in a way that another one may not."""
        return copy.bug is None and not self._refused(copy) and retryable(copy.failure, copy.error)

    def after(self, copy: Copy) -> float | None:
        """Take note of an attempt's end.

        Args:
            copy: Its copy that counts.

        Returns:
            The wait before the next attempt; None to hand over what came: an answer, or a failure
            that is not tried again.
        """
        failure = copy.failure
        if failure is None:
            self.tally.answer()
            if self.retrier.guard is not None:
                self.retrier.guard.heard(answered=True)
            return None
        if self._refused(copy):
            return self._after("unknown", {}, "")
        return self._after(failure, {} if copy.response is None else copy.response.headers, copy.error)

    def _refused(self, copy: Copy) -> bool:
        """The server says that no retry is wanted, as the SDKs understand it."""
        return copy.response is not None and copy.response.headers.get("x-should-retry") == "false"

    def _after(self, failure: str, headers: Mapping[str, str], error: str) -> float | None:
        asked = parse_retry_after(headers, time.time()) if headers else None
        wait_s = self.retrier.next_delay(failure, retry_after_s=asked, elapsed_s=self.elapsed_s, error=error)
        self.tally.failure(failure, wait_s)
        return wait_s


def ours(request: Any) -> tuple[bool, bool]:
    """Look at a request before anything is made of it.

    Args:
        request: The request, of httpx or httpx2.

    Returns:
        Whether it is to be tried again here: no other transport does so already, and its body is held in
        memory, and small. And whether a layer above is already trying it again.
    """
    if MARK in request.extensions:
        return False, False
    if type(request.stream).__name__ != "ByteStream" and not hasattr(request, "_content"):
        return False, False
    stacked = False
    for name, value in request.headers.raw:  # looking names up one by one costs more than one pass
        lower = name.lower()
        if lower == SDK_COUNT:
            stacked = value not in (b"", b"0")
        elif lower == b"content-length" and not (value.isdigit() and int(value) <= MOST_BODY):
            return False, False
    return True, stacked


def crowded(judge: Judge) -> bool:
    """Say whether an answer means that too many of one's own requests are open at once."""
    return judge.status == 429 and not any(word in judge.error.lower() for word in FINAL_WORDS)
