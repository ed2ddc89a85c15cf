"""Two writers of one history, killed again and again: what was committed stays, and the file opens.

`python -m benchmarks kills`, or `python -m benchmarks.kills ROUNDS` for another number; a round kills both writers.
"""

import contextlib
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deepkit.errors import DeepkitError
from deepkit.history import Entry, open_history

ROUNDS = 100
LONGEST_S = 0.4
"""How long a writer lives at most, in seconds, once it has written for the first time."""


def write(address: str, name: str) -> None:
    """Store entry after entry, each with a line on stdout once it is committed, until killed."""
    number = 0
    while True:
        with contextlib.suppress(DeepkitError), open_history(address) as store:
            while True:
                store.add([Entry(1e9 + number, name, "api", ok=True)])
                print(number, flush=True)
                number += 1


def _round(address: str, number: int, rng: random.Random) -> dict[str, list[int]]:
    """Let two writers write, kill both, and return what each says that it committed."""
    words = [sys.executable, "-m", "benchmarks.kills", "write", address]
    names = [f"{number}-{which}" for which in ("a", "b")]
    told: dict[str, list[int]] = {}
    writers = [subprocess.Popen([*words, name], stdout=subprocess.PIPE, text=True) for name in names]
    firsts = [writer.stdout.readline() for writer in writers if writer.stdout is not None]
    time.sleep(rng.uniform(0, LONGEST_S))
    for writer in rng.sample(writers, 2):
        writer.kill()
    for name, writer, first in zip(names, writers, firsts, strict=True):
        rest = writer.communicate()[0]
        whole = (first + rest).rpartition("\n")[0]
        told[name] = [int(line) for line in whole.splitlines()]
    return told


def main(rounds: int = ROUNDS) -> None:
    """Print how many kills there were, and what was lost.

    Raises:
        SystemExit: When a committed entry is gone, or the file does not open.
    """
    rng, committed, lost, closed = random.Random(0), 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder, 'h.sqlite3')}"
        with open_history(address):
            pass
        for number in range(rounds):
            told = _round(address, number, rng)
            try:
                with open_history(address) as store:
                    store.check_writable()
                    for name, numbers in told.items():
                        kept = {one.at - 1e9 for one in store.entries(name)}
                        committed += len(numbers)
                        lost += sum(one not in kept for one in numbers)
            except DeepkitError as problem:
                closed += 1
                print(f"   round {number}: {problem}")
    print(
        f"   {2 * rounds} writers killed, {committed} entries committed, {lost} lost, {closed} times not usable"
    )
    if lost or closed:
        raise SystemExit(1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(*sys.argv[2:4])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)
