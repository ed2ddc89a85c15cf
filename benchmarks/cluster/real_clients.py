"""64 real clients and the same 64 simulated: do attempts for each request and success agree?

The real ones are in `benchmarks.cluster.population`. The simulator runs the same closed population for the
same time from the same start, many times; a real run is held against the spread of those runs, since it is
one of them if the simulator is right. What the machine adds to times is measured in the same run and told to
the simulator.
"""

import math
import statistics
import sys
from dataclasses import replace

from benchmarks.cluster.population import (
    NO_MACHINE,
    POPULATION,
    STATION,
    THINK_S,
    Counts,
    Machine,
    Population,
    measured,
)
from deepkit.cluster import Cluster
from deepkit.cluster.engine import Run, run
from deepkit.records import Policy

RUNS = 400
"""Simulated runs that a real one is held against."""
SECONDS = 20.0
BUSY_S = 0.05
"""When the machine adds more than this to an answer, a fifth of a service, it is too busy to compare on."""
POLICIES = {
    "none": Policy(),
    "full_jitter": Policy("full_jitter", retries=4, base_s=0.1, cap_s=1.0),
    "guide_ladder / 50": Policy("ladder", retries=3, ladder_s=(0.1, 0.2, 0.6)),
    "budgeted": Policy("full_jitter", retries=4, base_s=0.1, cap_s=1.0, budget_ratio=0.2, budget_burst=2.0),
    "hedged": Policy("full_jitter", retries=2, base_s=0.2, cap_s=1.0, hedge_after_s=0.5),
}
"""The policies compared, in the station's compressed time."""


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
        end = run(cluster, policy, Run(seed=seed, horizon_s=seconds)).snapshots[-1]
        found.append(Counts(end.arrivals, end.attempts, end.successes, end.failed))
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
        hedges = policy.hedge_after_s is not None  # async clients only
        for library, way in (("httpx", "async" if hedges else "sync"), ("httpx2", "async")):
            real = measured(policy, seconds, place, library, way)
            print(f"  {name:<18} {library:<6} {way:<6} {compared(policy, real, seconds)}", flush=True)


def compared(policy: Policy, real: Population, seconds: float) -> str:
    """Return a row's figures: the real ones, in brackets the simulated interval and the distance in spreads."""
    added = f"{real.counts.arrivals:>8} {1000 * real.machine.latency_s:>4.0f} ms"
    if real.machine.latency_s > BUSY_S:
        return f"{added}  not compared: the machine is too busy"
    runs = simulated(policy, seconds, real.machine)
    cells = []
    for what in ("attempts_per_request", "success"):
        value = getattr(real.counts, what)
        mean, spread, off = distance(value, [getattr(one, what) for one in runs])
        cells.append(f"{value:.3f} ({mean - 1.96 * spread:.3f} to {mean + 1.96 * spread:.3f}, {off:+.1f})")
    return f"{added}  {'  '.join(cells)}"


if __name__ == "__main__":
    main()
