"""How long a person waits for nothing, as ratios to `python -c 'import httpx'` in the same run.

A ratio means the same on a slow machine as on a fast one. Processes take turns, so that a
machine that slows down slows all of them, and the fastest run of each counts: what other
programs take is added, never taken away.
"""

import subprocess
import sys
import time

RUNS = 9
BUSY = "Error code: 503 - The server is busy. Please try again later."
PEER = ("-c", "import httpx")
COMMANDS = (
    ("import deepkit", ("-c", "import deepkit"), 0.1),
    ("deepkit --help", ("-m", "deepkit", "--help"), 0.4),
    ("deepkit explain TEXT", ("-m", "deepkit", "explain", BUSY), 1.2),
    ("deepkit doctor, healthy", ("-m", "deepkit", "doctor", "--scenario", "healthy"), 2.5),
)
"""Name, words after the interpreter, and the ratio aimed at."""


def timed(words: tuple[str, ...]) -> float:
    """Return the wall time of one process, in seconds."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *words], check=False, capture_output=True, timeout=60)
    return time.perf_counter() - started


def main() -> None:
    """Print the ratios."""
    seen: dict[tuple[str, ...], list[float]] = {PEER: [], **{words: [] for _, words, _ in COMMANDS}}
    for words in list(seen) * RUNS:
        seen[words].append(timed(words))
    unit = min(seen[PEER])
    print(f"H, import httpx            {unit * 1e3:7.0f} ms")
    for name, words, aim in COMMANDS:
        took = min(seen[words])
        print(f"{name:<24} {took * 1e3:9.0f} ms  {took / unit:5.2f} H (aim: at most {aim} H)")


if __name__ == "__main__":
    main()
