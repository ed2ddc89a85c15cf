"""The same retry model in SimPy, written as its documentation writes such models."""

import random
import time

import simpy

from deepkit.records import Policy
from deepkit.retries import delay


def run(
    requests: int, seed: int, servers: int, queue: int, rate: float, policy: Policy, round_trip_s: float
) -> dict[str, float]:
    """Run the model once.

    Returns:
        Attempts, blocked attempts, answered and failed requests, and the processor's seconds.
    """
    rng = random.Random(seed)
    env = simpy.Environment()
    station = simpy.Resource(env, capacity=servers)
    counts = {"attempts": 0, "blocked": 0, "answered": 0, "failed": 0}
    done = env.event()

    def client() -> "simpy.events.ProcessGenerator":
        for attempt in range(1, policy.retries + 2):
            counts["attempts"] += 1
            if station.count < servers or len(station.queue) < queue:
                with station.request() as turn:
                    yield turn
                    yield env.timeout(rng.expovariate(1.0))
                counts["answered"] += 1
                return
            counts["blocked"] += 1
            if attempt <= policy.retries:
                yield env.timeout(round_trip_s + delay(policy, attempt, 0.0, rng.random()))
        counts["failed"] += 1

    def source() -> "simpy.events.ProcessGenerator":
        for _ in range(requests):
            yield env.timeout(rng.expovariate(rate))
            env.process(client())
        done.succeed()

    env.process(source())
    began = time.process_time()
    env.run(until=done)
    return {**counts, "seconds": time.process_time() - began}
