"""`make bench`: every measurement whose figure stands in the docs. `python -m benchmarks NAME...` runs some."""

import importlib
import platform
import sys
import time

NAMES = (
    "startup",
    "redaction",
    "timing",
    "checkups",
    "cluster.engines",
    "cluster.first_run",
    "cluster.size",
    "cluster.sweeps",
    "cluster.published",
    "cluster.transport",
    "cluster.real_clients",
    "cluster.advice",
    "cluster.advice_worlds",
    "retrylab",
    "har",
    "trials",
    "kills",
    "interrupts",
    "fuzz",
    "fuzz_texts",
)
"""Modules of this folder with a `main()` that prints its figures, quick ones first; a new one needs its line here."""


def run(names: list[str]) -> None:
    """Run the named benchmarks in order."""
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    for name in names:
        started = time.perf_counter()
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
        print(f"   ({time.perf_counter() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    run(sys.argv[1:] or list(NAMES))
