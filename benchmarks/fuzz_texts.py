"""A hundred thousand mutated HAR files, pasted texts and reports: no unhandled exception, no hang, bounded memory.

`python -m benchmarks fuzz_texts`, or `python -m benchmarks.fuzz_texts RUNS` for another number. Read by
the HAR reader, by `explain` and by the redaction, whose laws are held too: the planted key
vanishes, and redacting twice changes nothing.
"""

import sys

from benchmarks.fuzzing import fuzz

RUNS = 100_000
SUBJECT = "benchmarks.fuzz_readers"


def main(runs: int = RUNS) -> None:
    """Print the figures of all of them."""
    fuzz(SUBJECT, runs, "mutated HAR files and texts")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else RUNS)
