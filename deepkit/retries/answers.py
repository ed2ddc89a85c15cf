"""The answers that were seen: how many, how they failed, in which order, and since when they all fail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from deepkit.checks import ChatPlain, ChatStream
from deepkit.records import Evidence
from deepkit.retries.retryability import retryable

RECENT_S = 3600.0
"""Age up to which an answer of the history still tells of the present load, in seconds."""
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Seen:
    """Answers as they were counted."""

    n: int
    passing: int
    final: int
    order: tuple[bool, ...]
    latencies: tuple[float, ...]
    lasted_s: float


def counted(evidence: Evidence, history: Iterable[Any] = ()) -> Seen:
    """Count the answers of a check-up and of recent entries of the history.

    Args:
        evidence: Observations; `chat.stream` and `chat.plain` are used.
        history: Entries with `at`, `ok`, `failure`, `total_s` and `surface`, as `deepkit.history` keeps them;
            those of the API from the last hour before the evidence count.
    """
    n = passing = final = 0
    order: list[bool] = []
    latencies: list[float] = []
    history = _recent(evidence, history)
    for entry in history:
        if entry.ok or retryable(entry.failure):
            n, passing = n + 1, passing + (not entry.ok)
            order.append(not entry.ok)
            latencies += [entry.total_s] if entry.ok and entry.total_s is not None else []
    streamed, whole = evidence.facts(ChatStream), evidence.facts(ChatPlain)
    for chat in (streamed, whole):
        words = f"{chat.error_type or ''} {chat.error_message or ''}"
        n += chat.n or 0
        for failure, count in chat.failures.items():
            if retryable(failure, words):
                passing += count
            else:
                final += count
        if chat is streamed:  # the plain question goes beside these, not after them
            told = chat.sequence
            order += [failure is not None for failure in told if failure is None or retryable(failure, words)]
        took = chat.latencies_s or (chat.end_s,)
        latencies += [one for one in took if one is not None and 1e-3 < one < 1e4]
    kept = tuple(order[-MOST_KEPT:])
    return Seen(n, passing, final, kept, tuple(latencies[-MOST_KEPT:]), _lasted(evidence, history, kept))


def _lasted(evidence: Evidence, history: Sequence[Any], order: Sequence[bool]) -> float:
    """Return for how long everything has failed: since the first failure after the last answer."""
    failing = next((place for place, failed in enumerate(reversed(order)) if not failed), len(order))
    streamed = evidence.get("chat.stream")
    took_s = (streamed.elapsed_s if streamed is not None else None) or 0.0
    asked = len(evidence.facts(ChatStream).sequence)
    if failing <= asked or evidence.at is None:
        return took_s * (min(failing, asked) / asked if asked else 0.0)
    before = [one.at for one in history if one.ok or retryable(one.failure)]
    return float(evidence.at - before[max(0, len(before) - (failing - asked))]) + took_s if before else took_s


def _recent(evidence: Evidence, history: Iterable[Any]) -> list[Any]:
    found = sorted((one for one in history if one.surface == "api"), key=lambda one: float(one.at))
    if not found:
        return []
    now = evidence.at if evidence.at is not None else found[-1].at
    return [one for one in found if now - RECENT_S <= one.at < now or (one.at == now and evidence.at is None)]
