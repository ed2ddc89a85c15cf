"""What a new process pays before its first simulated figure, beside what importing httpx costs."""

import statistics
import subprocess
import sys
import time

ROUNDS = 15
FIRST = "from deepkit.cluster import Cluster, simulate; simulate(Cluster(8, 16, 9.0, 1.0), requests=1000)"
COMMANDS = {
    "import httpx": [sys.executable, "-c", "import httpx"],
    "first simulated figure": [sys.executable, "-c", FIRST],
    "deepkit simulate": [sys.executable, "-m", "deepkit", "simulate", "--requests", "1000"],
}


def seconds(command: list[str]) -> float:
    """Return the wall seconds of one run of a new process."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return time.perf_counter() - began


def main() -> None:
    """Print the medians, interleaved, and each over that of importing httpx."""
    found: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            found[name].append(seconds(command))
    base = statistics.median(found["import httpx"])
    for name, values in found.items():
        middle = statistics.median(values)
        print(
            f"  {name:<24} {middle:.3f} s, {middle / base:.2f} x import httpx (deepkit simulate: at most 0.80)"
        )


if __name__ == "__main__":
    main()
