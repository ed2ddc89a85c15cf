"""The fleet's engine beside the plain cluster's, per event, in one run, on one core.

Both are asked for the same number of requests in flight and the same relation of load to capacity, and for the
small plain cluster of `benchmarks.cluster.engines` as well. Rounds are interleaved and processor time is
counted; the median ratio of the rounds is the figure. An event is a turn of the event loop: a point in time at
which something changes. Steps of a decode unit in which nothing changes are no events.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from deepkit.cluster import Cluster, Fleet, fleet_named, published_day
from deepkit.cluster import layout as at
from deepkit.cluster.compiled import prepare, run
from deepkit.cluster.fleet import layout as fl
from deepkit.cluster.fleet.packing import packed_fleet
from deepkit.cluster.packing import packed
from deepkit.records import Policy

POLICY = Policy("full_jitter", retries=5, base_s=1.0, cap_s=30.0)
ROUNDS = 5
REQUESTS = 400_000


def timed(pack: Callable[[int], Any], loop: str, room: int) -> tuple[float, Any, Any]:
    """Return processor time in seconds for each event, and the arrays; with larger arrays until all fits."""
    while True:
        n, x = pack(room)
        began = time.process_time()
        end = run(n, x, loop)
        took = time.process_time() - began
        if end != at.NO_ROOM:
            return took / float(n[at.EVENTS]), n, x
        room *= 2


def plain(servers: int, load: float, seed: int) -> float:
    """Return the plain engine's time for each event."""
    cluster = Cluster(servers, 2 * servers, servers * load, 1.0)
    return timed(lambda room: packed(cluster, POLICY, seed=seed, requests=REQUESTS, room=room), "run", 4096)[
        0
    ]


def compared(name: str, fleet: Fleet) -> None:
    """Print one fleet's rounds."""
    fleet = replace(fleet, load=(), capacity=())
    rows = []
    for seed in range(1, ROUNDS + 1):
        ours, n, x = timed(
            lambda room, seed=seed: packed_fleet(fleet, POLICY, seed=seed, requests=REQUESTS, room=room),  # type: ignore[misc]
            "run_fleet",
            4096,
        )
        streams = x[fl.AREA_STREAMS] / x[at.NOW]
        rows.append((ours, plain(round(streams), fleet.utilisation, seed), plain(8, fleet.utilisation, seed)))
    alike = statistics.median(ours / peer for ours, peer, _ in rows)
    small = statistics.median(ours / peer for ours, _, peer in rows)
    speed = 1e-6 / statistics.median(row[0] for row in rows)
    per_request = float(n[at.EVENTS]) / REQUESTS
    print(
        f"  {name}: {streams:.0f} streams on {fleet.units} units at load {fleet.utilisation:.2f}, "
        f"{speed:.1f} million events/s, {per_request:.1f} events a request, {n[fl.STEPS] / n[at.EVENTS]:.1f} steps "
        f"an event; time over the plain engine's: {alike:.2f} (as many in flight; at most 3), {small:.2f} (8 servers)"
    )


def main() -> None:
    """Prepare both kernels and print the ratios."""
    prepare()
    prepare("run_fleet")
    compared("two nodes of H200  ", fleet_named("two_h200_nodes"))
    compared("a two-hundredth    ", published_day(0.004))
    compared("deepseek_noon, 1/20", fleet_named("deepseek_noon"))
    compared("deepseek_rush, 1/20", fleet_named("deepseek_rush"))


if __name__ == "__main__":
    main()
