"""The engine beside itself as a native program, a plain C loop and SimPy, on one retry model, in one run, on one core.

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
from deepkit.cluster.engine import Run
from deepkit.cluster.engine.layout import Result, Snapshot
from deepkit.cluster.engine.module import WASM, Instance
from deepkit.cluster.engine.parameters import described
from deepkit.records import Policy

POLICY = Policy("full_jitter", retries=5, base_s=1.0, cap_s=30.0)
ROUNDS = 9
REQUESTS, SIMPY_REQUESTS = 2_000_000, 20_000
LOADS = (0.8, 1.0, 1.2)
NAMES = ("events", "attempts", "blocked", "successes", "failed", "seconds")
HERE = Path(__file__).parent


def program(command: list[str]) -> dict[str, float]:
    """Run one of the C programs once."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return dict(zip(NAMES, map(float, done.stdout.split()), strict=False))


def plain_loop(binary: Path, cluster: Cluster, seed: int) -> dict[str, float]:
    """Run the plain C loop once."""
    words = [REQUESTS, seed, cluster.servers, cluster.queue, cluster.arrival_rate]
    return program([str(binary), *map(str, [*words, POLICY.retries, POLICY.base_s, POLICY.cap_s])])


def engine(given: bytes) -> dict[str, float]:
    """Run the engine's module once."""
    instance = Instance(given)
    began = time.process_time()
    address = instance.call("run", 1024)
    took = time.process_time() - began
    (result,) = instance.read(Result, address, 1)
    end = instance.read(Snapshot, result.snapshots_at, result.snapshots)[-1]
    return {**{name: float(getattr(end, name)) for name in NAMES[:-1]}, "seconds": took}


def compared(folder: Path, load: float) -> tuple[float, float, float]:
    """Print one load's rounds; return time over native and over the plain loop, and speed over SimPy."""
    cluster = Cluster(8, 16, 8 * load, 1.0)
    rows = []
    for seed in range(1, ROUNDS + 1):
        given = described(cluster, POLICY, Run(seed=seed, requests=REQUESTS))
        (folder / "input").write_bytes(given)
        ours = engine(given)
        native = program([str(folder / "native"), str(folder / "input")])
        assert all(ours[name] == native[name] for name in NAMES[:-1]), (
            "a native program gives the same numbers"
        )
        peer = plain_loop(folder / "peer", cluster, seed)
        slow = simpy_peer.run(SIMPY_REQUESTS, seed, 8, 16, 8 * load, POLICY, cluster.round_trip_s)
        rows.append((ours, native, peer, slow))
    shares = [statistics.fmean(row[i]["blocked"] / row[i]["attempts"] for row in rows) for i in (0, 2, 3)]
    print(f"  load {load}: blocked {shares[0]:.4f}, plain loop {shares[1]:.4f}, SimPy {shares[2]:.4f}")
    speed = statistics.median(ours["events"] / ours["seconds"] for ours, *_ in rows) / 1e6
    to_native, to_plain = (
        statistics.median(row[0]["seconds"] / row[i]["seconds"] for row in rows) for i in (1, 2)
    )
    to_simpy = statistics.median(
        (row[3]["seconds"] / SIMPY_REQUESTS) / (row[0]["seconds"] / REQUESTS) for row in rows
    )
    print(
        f"  load {load}: {speed:.1f} million events/s; {to_native:.2f} x the time of the same loop in native code "
        f"(at most 1.30), {to_plain:.2f} x that of a plain C loop; {to_simpy:.0f} x SimPy (at least 75)"
    )
    return to_native, to_plain, to_simpy


def main() -> None:
    """Build the C programs and print the ratios."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        print("no C compiler here: nothing to compare with")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flags = ["-O2", "-std=gnu11", "-ffp-contract=off", "-fno-math-errno", "-w", "-I", str(WASM.parent)]
        for source in ("native", "peer"):
            command = [compiler, *flags, "-o", str(folder / source), str(HERE / f"{source}.c"), "-lm"]
            subprocess.run(command, check=True, timeout=120)
        ratios = [compared(folder, load) for load in LOADS]
    native, plain, simpy = zip(*ratios, strict=True)
    print(
        f"worst of {len(LOADS)} loads: {max(native):.2f} x native, {max(plain):.2f} x a plain C loop, "
        f"{min(simpy):.0f} x SimPy"
    )


if __name__ == "__main__":
    main()
