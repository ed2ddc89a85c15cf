"""The compiled engine beside a plain C loop and SimPy, on one retry model, in one run, on one core.

Rounds are interleaved and processor time is counted, so that other work on the machine spoils
neither side; the median ratio of the rounds is the figure.
"""

import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.cluster import simpy_peer
from deepkit.cluster import Cluster
from deepkit.cluster import layout as at
from deepkit.cluster.compiled import prepare, run
from deepkit.cluster.packing import packed
from deepkit.records import Policy

POLICY = Policy("full_jitter", retries=5, base_s=1.0, cap_s=30.0)
ROUNDS = 9
REQUESTS, SIMPY_REQUESTS = 2_000_000, 20_000
LOADS = (0.8, 1.0, 1.2)


def c_loop(binary: str, cluster: Cluster, requests: int, seed: int) -> dict[str, float]:
    """Run the C loop once."""
    words = [requests, seed, cluster.servers, cluster.queue, cluster.arrival_rate]
    words += [POLICY.retries, POLICY.base_s, POLICY.cap_s]
    done = subprocess.run([binary, *map(str, words)], check=True, capture_output=True, text=True, timeout=300)
    names = ("events", "attempts", "blocked", "answered", "failed", "seconds")
    return dict(zip(names, map(float, done.stdout.split()), strict=False))


def engine(cluster: Cluster, requests: int, seed: int) -> dict[str, float]:
    """Run the compiled engine once."""
    n, x = packed(cluster, POLICY, seed=seed, requests=requests, room=1024)
    began = time.process_time()
    end = run(n, x)
    took = time.process_time() - began
    assert end == at.DONE
    places = {"events": at.EVENTS, "attempts": at.ATTEMPTS, "blocked": at.BLOCKED, "answered": at.SUCCESSES}
    return {**{name: float(n[place]) for name, place in places.items()}, "seconds": took}


def compared(binary: str, load: float) -> tuple[float, float]:
    """Print one load's rounds; return time over C's and speed over SimPy's, per request."""
    cluster = Cluster(8, 16, 8 * load, 1.0)
    rows = []
    for seed in range(1, ROUNDS + 1):
        ours = engine(cluster, REQUESTS, seed)
        peer = c_loop(binary, cluster, REQUESTS, seed)
        slow = simpy_peer.run(SIMPY_REQUESTS, seed, 8, 16, 8 * load, POLICY, cluster.round_trip_s)
        rows.append((ours, peer, slow))
    for name in ("blocked",):
        shares = [statistics.fmean(row[i][name] / row[i]["attempts"] for row in rows) for i in range(3)]
        print(f"  load {load}: {name} {shares[0]:.4f}, C {shares[1]:.4f}, SimPy {shares[2]:.4f}")
    ratios = sorted(ours["seconds"] / peer["seconds"] for ours, peer, _ in rows)
    to_c = statistics.median(ratios)
    to_simpy = statistics.median(
        (slow["seconds"] / SIMPY_REQUESTS) / (ours["seconds"] / REQUESTS) for ours, _, slow in rows
    )
    speed = statistics.median(ours["events"] / ours["seconds"] for ours, _, _ in rows) / 1e6
    figures = f"{to_c:.2f} x the time of C ({ratios[0]:.2f} to {ratios[-1]:.2f}, at most 1.00); {to_simpy:.0f} x SimPy"
    print(f"  load {load}: {speed:.1f} million events/s; {figures}")
    return to_c, to_simpy


def main() -> None:
    """Build the peer and print the ratios."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        print("no C compiler here: nothing to compare with")
        return
    prepare()
    with tempfile.TemporaryDirectory() as folder:
        binary = str(Path(folder) / "peer")
        source = str(Path(__file__).with_name("peer.c"))
        subprocess.run([compiler, "-O2", "-o", binary, source, "-lm"], check=True, timeout=120)
        ratios = [compared(binary, load) for load in LOADS]
    print(
        f"worst of {len(LOADS)} loads: {max(r[0] for r in ratios):.2f} x C, {min(r[1] for r in ratios):.0f} x SimPy"
    )


if __name__ == "__main__":
    main()
