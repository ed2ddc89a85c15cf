"""A million mutated answers through the real reading path: no unhandled exception, no hang, bounded memory.

`python -m benchmarks fuzz`, or `python -m benchmarks.fuzz RUNS` for another number.
"""

import sys

from benchmarks.fuzzing import fuzz

RUNS = 1_000_000
SUBJECT = "benchmarks.fuzz_answers"


def main(runs: int = RUNS) -> None:
    """Print the figures of all of them."""
    fuzz(SUBJECT, runs, "mutated answers")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else RUNS)
