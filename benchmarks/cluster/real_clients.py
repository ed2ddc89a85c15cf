"""64 real clients and the same 64 simulated: do attempts for each request and success agree?

The clients send through the retrying transport over loopback to a sandbox whose slots and queue are really
held (`deepkit.sandbox.station`). Each thinks, asks, tries again as its policy says, and thinks again. The
simulator runs the same closed population for the same time from the same start, many times; a real run is
held against the spread of those runs, since it is one of them if the simulator is right.

What the machine adds is measured in the same run and told to the simulator: the time to a refusal, what an
answer takes beyond its stay at the station, and how late timers ring.
"""

import asyncio
import importlib
import math
import random
import statistics
import sys
import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from deepkit.cluster import Cluster
from deepkit.cluster import layout as at
from deepkit.cluster.engine import finished
from deepkit.records import Policy
from deepkit.retries import Tally, retrying_async_transport, retrying_transport
from deepkit.sandbox.box import Sandbox
from deepkit.sandbox.scenario import Load, Scenario, Site

POPULATION, THINK_S = 64, 1.2
STATION = Load(servers=8, queue=8, arrival_rate=0.0, service_s=0.25, law="exponential")
RUNS = 400
"""Simulated runs that a real one is held against."""
SECONDS = 20.0
POLICIES = {
    "none": Policy(),
    "full_jitter": Policy("full_jitter", retries=4, base_s=0.1, cap_s=1.0),
    "guide_ladder / 50": Policy("ladder", retries=3, ladder_s=(0.1, 0.2, 0.6)),
    "budgeted": Policy("full_jitter", retries=4, base_s=0.1, cap_s=1.0, budget_ratio=0.2, budget_burst=2.0),
    "hedged": Policy("full_jitter", retries=2, base_s=0.2, cap_s=1.0, hedge_after_s=0.5),
}
"""The policies compared, in the station's compressed time."""
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


def simulated(
    policy: Policy, seconds: float, machine: Machine = NO_MACHINE, runs: int = RUNS
) -> list[Counts]:
    """Run the same population in the simulator, from the same start for the same time.

    Args:
        policy: What the clients do.
        seconds: How long.
        machine: What the machine adds to times.
        runs: How many runs, with seeds from 0.
    """
    cluster = Cluster(
        STATION.servers, STATION.queue, service_s=STATION.service_s, population=POPULATION,
        think_s=THINK_S + machine.latency_s + machine.lateness_s, round_trip_s=machine.round_trip_s,
    )  # fmt: skip
    if policy.hedge_after_s is not None:  # an answer that is on its way does not stop a second copy
        policy = replace(policy, hedge_after_s=max(0.0, policy.hedge_after_s - machine.latency_s))
    found = []
    for seed in range(runs):
        _, n, _ = finished(cluster, policy, seed=seed, horizon_s=seconds)
        found.append(
            Counts(int(n[at.ARRIVALS]), int(n[at.ATTEMPTS]), int(n[at.SUCCESSES]), int(n[at.FAILED]))
        )
    return found


def distance(real: float, runs: list[float]) -> tuple[float, float, float]:
    """Return the simulated mean, its spread from run to run, and how many spreads the real value is off."""
    mean, spread = statistics.fmean(runs), statistics.stdev(runs)
    return mean, spread, (real - mean) / (spread * math.sqrt(1 + 1 / len(runs))) if spread else 0.0


def main() -> None:
    """Print the table: real and simulated with the 95 % interval of a single run, and the distance in spreads."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].replace(".", "").isdigit() else SECONDS
    print(f"  {POPULATION} clients, {STATION.servers} slots, {STATION.queue} places, {seconds:g} s each")
    print(
        f"  {'policy':<18} {'clients':<13} {'requests':>8} {'added':>7}  attempts a request           success"
    )
    for place, (name, policy) in enumerate(POLICIES.items()):
        for library, way in (("httpx", "sync"), ("httpx2", "async")):
            real = measured(policy, seconds, place, library, way)
            runs = simulated(policy, seconds, real.machine)
            cells = []
            for what in ("attempts_per_request", "success"):
                value = getattr(real.counts, what)
                mean, spread, off = distance(value, [getattr(one, what) for one in runs])
                cells.append(
                    f"{value:.3f} ({mean - 1.96 * spread:.3f} to {mean + 1.96 * spread:.3f}, {off:+.1f})"
                )
            print(
                f"  {name:<18} {library:<6} {way:<6} {real.counts.arrivals:>8}  {'  '.join(cells)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
