"""How much memory ten million requests take, by load: each run in a process of its own, its peak told by the system."""

import json
import resource
import subprocess
import sys

REQUESTS = 10_000_000
CASES = {
    "load 0.8, 16 places": (8, 16, 6.4, "full_jitter"),
    "load 1.2, 16 places, retries": (8, 16, 9.6, "full_jitter"),
    "load 1.2, endless queue": (8, 10_000_000, 9.6, "none"),
    "load 5, endless queue": (8, 10_000_000, 40.0, "none"),
}
"""The last two pile up until the end: two and eight million requests are in the house at once."""


def measured(servers: int, queue: int, rate: float, policy: str) -> None:
    """Run one case and print its peak memory and what came out, as JSON."""
    from deepkit.cluster import Cluster, simulate

    outcome = simulate(Cluster(servers, queue, rate, 1.0), policy, requests=REQUESTS, seed=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"peak": peak, "events": outcome.events, "requests": outcome.requests}))


def main() -> None:
    """Print the peak memory of each case."""
    worst = 0.0
    for name, case in CASES.items():
        command = [sys.executable, "-m", "benchmarks.cluster.size", *map(str, case)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
        told = json.loads(done.stdout)
        worst = max(worst, told["peak"])
        print(f"  {name:<30} {told['peak'] / 1e6:6.0f} MB for {told['requests']:,} requests")
    print(f"worst of {len(CASES)}: {worst / 1e6:.0f} MB (at most 200)")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measured(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
    else:
        main()
