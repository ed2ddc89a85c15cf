"""How long a person waits for nothing: `import deepkit` and `deepkit --help`, as whole processes."""

import statistics
import subprocess
import sys
import time

RUNS = 15


def timed(*words: str) -> float:
    """Return the median wall time of a process, in seconds."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, capture_output=True, timeout=60)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> None:
    """Print the figures; the empty interpreter is the peer to subtract."""
    empty = timed("-c", "pass")
    print(f"empty interpreter        {empty * 1e3:7.1f} ms")
    print(
        f"import deepkit           {(timed('-c', 'import deepkit') - empty) * 1e3:7.1f} ms more (at most 100)"
    )
    print(f"deepkit --help, process  {timed('-m', 'deepkit', '--help') * 1e3:7.1f} ms (at most 400)")


if __name__ == "__main__":
    main()
