"""64 real clients against a sandbox whose slots and queue are really held.

The clients send through the retrying transport over loopback to a station (`deepkit.sandbox.station`). Each
thinks, asks, tries again as its policy says, and thinks again. What the machine adds is measured meanwhile:
the time to a refusal, what an answer takes beyond its stay at the station, and how late timers ring.
"""

import asyncio
import importlib
import random
import statistics
import threading
import time
from dataclasses import dataclass
from typing import Any

from deepkit.records import Policy
from deepkit.retries import Tally, retrying_async_transport, retrying_transport
from deepkit.sandbox.scenario import Load, Scenario, Site
from deepkit.sandbox.server import Sandbox

POPULATION, THINK_S = 64, 1.2
STATION = Load(servers=8, queue=8, arrival_rate=0.0, service_s=0.25, law="exponential")
BODY = b'{"model":"deepseek-flash","messages":[{"role":"user","content":"ping"}]}'


@dataclass(frozen=True, slots=True)
class Counts:
    """What a population did until the time was up."""

    arrivals: int
    attempts: int
    won: int
    lost: int

    @property
    def attempts_per_request(self) -> float:
        """Attempts sent for each request."""
        return self.attempts / self.arrivals

    @property
    def success(self) -> float:
        """Share of the finished requests that were answered."""
        return self.won / (self.won + self.lost)


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine adds to the times of real clients, as means in seconds.

    Args:
        lateness_s: How much later than asked a client is woken.
        round_trip_s: From sending an attempt that is refused to the beginning of the policy's wait.
        latency_s: What an answer takes beyond its stay at the station.
    """

    lateness_s: float
    round_trip_s: float
    latency_s: float


NO_MACHINE = Machine(0.0, 0.0, 0.0)


class Population:
    """Real clients until the time is up.

    Args:
        box: The sandbox.
        policy: What each does; each has a budget of its own.
        seconds: How long.
        seed: Seed of thinking and jitter.
    """

    def __init__(self, box: Sandbox, policy: Policy, seconds: float, seed: int) -> None:
        assert box.target.key is not None
        self.url = box.target.base_url + "/chat/completions"
        self.headers = {
            "authorization": "Bearer " + box.target.key.reveal(),
            "content-type": "application/json",
        }
        self.policy, self.seconds, self.seed = policy, seconds, seed
        self.tally, self.arrivals, self.finished = Tally(), 0, False
        self.refused_s: list[float] = []
        self.answered_s: list[float] = []
        self.late_s: list[float] = []
        self.stay_s = 0.0
        self.counts = Counts(0, 0, 0, 0)
        self._lock = threading.Lock()

    def arrive(self) -> bool:
        """Count a request that is about to be sent; False when the time is up."""
        with self._lock:
            self.arrivals += not self.finished
            return not self.finished

    def stop(self) -> None:
        """Take the counts: the time is up."""
        with self._lock:
            self.finished, tally = True, self.tally
            self.counts = Counts(self.arrivals, tally.attempts, tally.answered, tally.failed)

    @property
    def machine(self) -> Machine:
        """What the machine added."""
        lateness_s = statistics.fmean(self.late_s) if self.late_s else 0.0
        refused_s = statistics.fmean(self.refused_s) if self.refused_s else 0.0
        latency_s = max(0.0, statistics.fmean(self.answered_s) - self.stay_s) if self.answered_s else 0.0
        return Machine(lateness_s, refused_s + lateness_s, latency_s)

    def think(self, rng: random.Random) -> float:
        """Draw a time to think, in seconds."""
        return rng.expovariate(1.0 / THINK_S)


class Noted:
    """A body that notes when its end has been read."""

    def __init__(self, stream: Any, began: float, times: list[float]) -> None:
        self._stream, self._began, self._times = stream, began, times

    def __iter__(self) -> Any:
        """Give the pieces."""
        yield from self._stream
        self._times.append(time.monotonic() - self._began)

    async def __aiter__(self) -> Any:
        """Give the pieces."""
        async for piece in self._stream:
            yield piece
        self._times.append(time.monotonic() - self._began)

    def close(self) -> None:
        """Close the body."""
        self._stream.close()

    async def aclose(self) -> None:
        """Close the body."""
        await self._stream.aclose()


def base_of(http: Any, population: Population, ssl: Any) -> Any:
    """Return a plain transport, sync and async, that notes how long refusals and answers take."""

    class Body(Noted, http.SyncByteStream, http.AsyncByteStream):  # type: ignore[misc]
        """A body that the library takes for one of its own."""

    def note(response: Any, began: float) -> Any:
        if response.status_code == 503:
            population.refused_s.append(time.monotonic() - began)
        else:
            response.stream = Body(response.stream, began, population.answered_s)
        return response

    class Timed(http.HTTPTransport):  # type: ignore[misc]
        """Notes times."""

        def handle_request(self, request: Any) -> Any:
            began = time.monotonic()
            return note(super().handle_request(request), began)

    class AsyncTimed(http.AsyncHTTPTransport):  # type: ignore[misc]
        """The same, awaited."""

        async def handle_async_request(self, request: Any) -> Any:
            began = time.monotonic()
            return note(await super().handle_async_request(request), began)

    return Timed(verify=ssl), AsyncTimed(verify=ssl)


def by_threads(http: Any, population: Population) -> None:
    """Run the population as threads with sync clients."""
    ssl = http.create_ssl_context()

    def client(number: int) -> None:
        rng = random.Random(f"{population.seed}/{number}")
        transport = retrying_transport(
            population.policy,
            library=http.__name__,
            base=base_of(http, population, ssl)[0],
            tally=population.tally,
            rng=rng,
        )
        with http.Client(transport=transport, timeout=30.0) as one:
            ready.wait()
            while True:
                until = time.monotonic() + population.think(rng)
                over.wait(max(0.0, until - time.monotonic()))
                if not population.arrive():
                    return
                population.late_s.append(time.monotonic() - until)
                one.post(population.url, content=BODY, headers=population.headers)

    ready, over = threading.Barrier(POPULATION + 1), threading.Event()
    threads = [threading.Thread(target=client, args=(number,)) for number in range(POPULATION)]
    for thread in threads:
        thread.start()
    ready.wait()
    time.sleep(population.seconds)
    population.stop()
    over.set()
    for thread in threads:
        thread.join(60)


async def by_tasks(http: Any, population: Population) -> None:
    """Run the population as tasks with async clients."""
    ssl = http.create_ssl_context()

    async def client(number: int) -> None:
        rng = random.Random(f"{population.seed}/{number}")
        transport = retrying_async_transport(
            population.policy,
            library=http.__name__,
            base=base_of(http, population, ssl)[1],
            tally=population.tally,
            rng=rng,
        )
        async with http.AsyncClient(transport=transport, timeout=30.0) as one:
            await started.wait()
            while True:
                until = time.monotonic() + population.think(rng)
                await asyncio.sleep(until - time.monotonic())
                if not population.arrive():
                    return
                population.late_s.append(time.monotonic() - until)
                await one.post(population.url, content=BODY, headers=population.headers)

    started = asyncio.Event()
    tasks = [asyncio.create_task(client(number)) for number in range(POPULATION)]
    await asyncio.sleep(0)
    started.set()
    await asyncio.sleep(population.seconds)
    population.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def measured(policy: Policy, seconds: float, seed: int, library: str, way: str) -> Population:
    """Run 64 real clients against a sandbox of their own.

    Args:
        policy: What they do.
        seconds: How long.
        seed: Seed of the clients and of the sandbox.
        library: "httpx" or "httpx2".
        way: "sync" (threads) or "async" (tasks).

    Returns:
        The population, its counts taken.
    """
    http = importlib.import_module(library)
    scenario = Scenario("station", "", "", (), "api", "", sites={"main": Site("station", load=STATION)})
    with Sandbox(scenario, seed=seed) as box:
        population = Population(box, policy, seconds, seed)
        if way == "sync":
            by_threads(http, population)
        else:
            asyncio.run(by_tasks(http, population))
        station = box._world.sites["main"].station
        assert station is not None
        population.stay_s = station.served_s / station.served
    return population
