"""`deepkit doctor --json` in every scenario, as a whole process: is the true cause first, and how soon."""

import json
import subprocess
import sys
import time

from deepkit.sandbox import scenarios


def main() -> None:
    """Print one line a scenario, then the sum."""
    right, slowest = 0, 0.0
    for one in scenarios():
        started = time.perf_counter()
        words = [sys.executable, "-m", "deepkit", "doctor", "--scenario", one.name, "--json"]
        done = subprocess.run(words, capture_output=True, timeout=60, check=False)
        took = time.perf_counter() - started
        body = json.loads(done.stdout)
        right += body["verdict"] == one.cause
        slowest = max(slowest, took)
        mark = "" if body["verdict"] == one.cause else f"   WRONG, it is {one.cause}"
        print(f"{one.name:<28} {took:5.2f} s  {body['requests']:>3} requests  {body['verdict']}{mark}")
    print(f"{right} of {len(scenarios())} right, slowest {slowest:.2f} s (at most 5)")


if __name__ == "__main__":
    main()
