"""What a new process pays before its first simulated figure: with machine code made, and on a new machine."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 9
FIRST = """
import time
wall, cpu = time.perf_counter(), time.process_time()
from deepkit.cluster import Cluster, simulate
imported = time.process_time() - cpu
simulate(Cluster(8, 16, 9.0, 1.0), "full_jitter", requests=1000)
print(imported, time.process_time() - cpu - imported, time.perf_counter() - wall)
"""


def rounds(environment: dict[str, str], count: int) -> list[tuple[float, ...]]:
    """Return processor seconds of import and first call, and wall seconds of both, for so many new processes."""
    found = []
    for _ in range(count):
        done = subprocess.run(
            [sys.executable, "-c", FIRST],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
        found.append(tuple(map(float, done.stdout.split())))
    return found


def made(environment: dict[str, str]) -> float:
    """Return the seconds that set-up takes to make the machine code."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "deepkit.cluster.compiled"]
    subprocess.run(command, env=environment, check=True, timeout=600)
    return time.perf_counter() - began


def told(name: str, found: list[tuple[float, ...]]) -> None:
    """Print medians and the slowest."""
    imported, first, wall = (statistics.median(column) for column in zip(*found, strict=True))
    slowest = max(row[1] for row in found)
    print(
        f"  {name}: import {imported:.2f} s, first call {first:.2f} s of the processor (slowest {slowest:.2f}, at most "
        f"1.00); {wall:.2f} s by the clock together"
    )


def main() -> None:
    """Print the first call's cost on a new machine, the time that set-up takes, and the cost afterwards."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "XDG_CACHE_HOME": home, "HOME": home}
        told("nothing made yet", rounds(environment, 1))
        print(f"  set-up makes it, or waits for it, in {made(environment):.1f} s")
        told("machine code made", rounds(environment, ROUNDS))


if __name__ == "__main__":
    main()
