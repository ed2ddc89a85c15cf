"""Simulated worlds in which pairs are asked: what happens to each pair, however the order falls.

Each process is an endless stream of pairs; the order within a pair is drawn at random, as in a real trial.
"""

import math
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

SPREAD = 0.4
"""Standard deviation of the logarithm of a time to first token."""


class Pair(NamedTuple):
    """One pair: was it answered without and with the fix, and time with it over time without."""

    before_ok: bool
    after_ok: bool
    ratio: float | None = None


Process = Callable[[random.Random], Iterator[Pair]]


def steady(before: float, after: float, ratio: float | None = None) -> Process:
    """Each question is answered with a chance of its own; `ratio` is the median of times, None measures none."""

    def pairs(rng: random.Random) -> Iterator[Pair]:
        while True:
            share = None if ratio is None else ratio * math.exp(rng.gauss(0, SPREAD * math.sqrt(2)))
            yield Pair(rng.random() < before, rng.random() < after, share)

    return pairs


def _useless(chances: Callable[[random.Random], Iterator[tuple[float, float]]]) -> Process:
    """A fix that does nothing: the chances belong to the first and the second question, whichever arm they are."""

    def pairs(rng: random.Random) -> Iterator[Pair]:
        for first, second in chances(rng):
            one, other = rng.random() < first, rng.random() < second
            yield Pair(one, other) if rng.random() < 0.5 else Pair(other, one)

    return pairs


def outage(longest: int = 40) -> Process:
    """An outage with 70 % failures ends by itself, maybe within a pair; then 2 % fail."""

    def chances(rng: random.Random) -> Iterator[tuple[float, float]]:
        ends, asked = rng.randrange(2 * longest), 0
        while True:
            yield (0.98 if asked >= ends else 0.3), (0.98 if asked + 1 >= ends else 0.3)
            asked += 2

    return _useless(chances)


def bursts() -> Process:
    """Failures come in bursts of ten questions on average, in which nothing is answered."""

    def chances(rng: random.Random) -> Iterator[tuple[float, float]]:
        bad = False
        while True:
            pair = []
            for _ in range(2):
                bad = rng.random() < (0.9 if bad else 0.1)
                pair.append(0.0 if bad else 0.95)
            yield pair[0], pair[1]

    return _useless(chances)


def crowded() -> Process:
    """One request at a time is allowed, and the first of a pair is often still counted: the second fails more."""
    return _useless(lambda rng: iter(lambda: (0.9, 0.5), None))


def carried_over() -> Process:
    """What failed before makes the next question fail more: a penalty that a request leaves behind."""

    def pairs(rng: random.Random) -> Iterator[Pair]:
        ok = True
        while True:
            one = rng.random() < (0.9 if ok else 0.3)
            ok = rng.random() < (0.9 if one else 0.3)
            yield Pair(one, ok) if rng.random() < 0.5 else Pair(ok, one)

    return pairs


def drift(gain: float, over: int = 48) -> Process:
    """The share that is answered climbs from 10 % to 90 % (less the gain), and the fix's gain from 0 to `gain`."""

    def pairs(rng: random.Random) -> Iterator[Pair]:
        n = 0
        while True:
            n += 1
            part = min(1.0, n / over)
            before = 0.1 + (0.8 - gain) * part
            yield Pair(rng.random() < before, rng.random() < before + gain * part)

    return pairs
