"""`deepkit doctor --json` in every scenario, as a whole process: is the true cause first, and how soon.

Python's compiled modules are kept in a folder of their own, as an installed package has them;
without one, this checkout is compiled anew by every process (0.3 s).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from deepkit.sandbox import scenarios

RUNS = 9
HEALTHY_S, SLOWEST_S = 1.5, 5.0


def doctor(name: str, compiled: str) -> tuple[dict[str, Any], float]:
    """Run one check-up; returns its JSON and the process's wall time in seconds."""
    words = [sys.executable, "-m", "deepkit", "doctor", "--scenario", name, "--json"]
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    around = {**inherited, "PYTHONPYCACHEPREFIX": compiled}
    started = time.perf_counter()
    done = subprocess.run(words, capture_output=True, timeout=60, check=False, env=around)
    return json.loads(done.stdout), time.perf_counter() - started


def main() -> None:
    """Print one line a scenario, then the sums."""
    right, slowest = 0, 0.0
    with tempfile.TemporaryDirectory() as compiled:
        doctor("healthy", compiled)
        for one in scenarios():
            body, took = doctor(one.name, compiled)
            right += body["verdict"] == one.cause
            slowest = max(slowest, took)
            mark = "" if body["verdict"] == one.cause else f"   WRONG, it is {one.cause}"
            print(f"{one.name:<28} {took:5.2f} s  {body['requests']:>3} requests  {body['verdict']}{mark}")
        healthy = sorted(doctor("healthy", compiled)[1] for _ in range(RUNS))
    print(f"{right} of {len(scenarios())} right, slowest {slowest:.2f} s (at most {SLOWEST_S:g})")
    print(
        f"healthy, {RUNS} processes: median {statistics.median(healthy):.2f} s, least {healthy[0]:.2f}, "
        f"most {healthy[-1]:.2f} (at most {HEALTHY_S:g})"
    )


if __name__ == "__main__":
    main()
