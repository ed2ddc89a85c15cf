"""Slots that really serve and places that really wait: the sandbox's server as a queueing station.

`deepkit.cluster` computes such a station; here each request holds its slot in real time, so that real
clients can be compared with the simulated ones. A slot's next service begins when the last one was due,
not when a timer got round to it: the machine's own delays do not take away capacity.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from heapq import heapify, heappop, heappush
from random import Random
from typing import Any

from starlette.responses import StreamingResponse

from deepkit.sandbox.answer import Answer
from deepkit.sandbox.scenario import Load

PHASES = {"exponential": 1, "erlang": 9}
"""Phases of the laws of service that a station knows; "deterministic" is the third."""


class Place:
    """One request's place: in a slot once `due` is known, over when that has come."""

    def __init__(self, station: "Station", number: int) -> None:
        self._station, self.number = station, number
        self.entered = time.monotonic()
        self.due: float | None = None
        self.called = asyncio.Event()

    async def served(self) -> None:
        """Return when the service is over."""
        while self.due is None:
            await self.called.wait()
        await asyncio.sleep(max(0.0, self.due - time.monotonic()))
        self._station.settle(time.monotonic())

    def leave(self) -> None:
        """Give the place up, served or not; more than once does no harm."""
        self._station.leave(self)


class Station:
    """The station.

    Args:
        load: Its servers, queue, mean service time and law; the arrivals are the clients' own.
        seed: Seed of the service times, drawn in the order in which services begin.
    """

    def __init__(self, load: Load, seed: int) -> None:
        self.load = load
        self._rng = Random(f"{seed}/station")
        self._serving: list[tuple[float, int, Place]] = []
        self._waiting: deque[Place] = deque()
        self._count = 0
        self.served, self.served_s = 0, 0.0
        """Services ended, and the time from their requests' arrivals to their ends."""

    def enter(self) -> Place | None:
        """Take a slot or a place in the queue; None when all are taken."""
        now = time.monotonic()
        self.settle(now)
        if len(self._serving) >= self.load.servers and len(self._waiting) >= self.load.queue:
            return None
        self._count += 1
        place = Place(self, self._count)
        if len(self._serving) < self.load.servers:
            self._begin(place, now)
        else:
            self._waiting.append(place)
        return place

    def settle(self, now: float) -> None:
        """End all services that are due, and begin those of the next in line."""
        while self._serving and self._serving[0][0] <= now:
            due, _, place = heappop(self._serving)
            self.served, self.served_s = self.served + 1, self.served_s + due - place.entered
            self._next(due)

    def leave(self, place: Place) -> None:
        """Let a client go whose service is not over: the next in line takes its slot."""
        now = time.monotonic()
        self.settle(now)
        if place.due is None and place in self._waiting:
            self._waiting.remove(place)
        elif any(place is one for _, _, one in self._serving):
            self._serving = [row for row in self._serving if row[2] is not place]
            heapify(self._serving)
            self._next(now)

    def _next(self, at: float) -> None:
        if self._waiting:
            self._begin(self._waiting.popleft(), at)

    def _begin(self, place: Place, at: float) -> None:
        place.due = at + self._service_s()
        heappush(self._serving, (place.due, place.number, place))
        place.called.set()

    def _service_s(self) -> float:
        mean, phases = self.load.service_s, PHASES.get(self.load.law)
        if phases is None:
            return mean
        return sum(self._rng.expovariate(phases / mean) for _ in range(phases))


class Served(StreamingResponse):
    """An answer that comes whole when its service is over; the place is given back however it ends."""

    def __init__(self, place: Place, answer: Answer) -> None:
        super().__init__(_served(place, answer))
        self._place = place

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._place.leave()


async def _served(place: Place, answer: Answer) -> AsyncIterator[bytes]:
    await place.served()
    if not answer.question.stream:
        yield answer.whole(None)
        return
    yield b"".join([answer.role(), *answer.thoughts(), *answer.words(), *answer.end(None)])
