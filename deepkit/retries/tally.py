"""What a transport did: calls, attempts, waits; plots read it."""

import threading
from collections import Counter
from typing import Any


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
            elif len(self.waits) < 100_000:
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
        with self._lock:
            return {
                "calls": self.calls,
                "attempts": self.attempts,
                "answered": self.answered,
                "failed": self.failed,
                "stacked": self.stacked,
                "hedges": self.hedges,
                "amplification": self.amplification,
                "waited_s": sum(self.waits),
                "failures": dict(self.failures),
            }
