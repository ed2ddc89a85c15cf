"""What the fuzzing benchmarks share: mutations, guided by what they reach, in several bounded processes.

A subject is a module with `SEEDS` and `TOKENS` (where mutations begin, and pieces to put in),
`INSTRUMENTED` (packages whose branches guide), and `feed(given)`, which reads one input, raises
when it breaks something, and returns what it came to. With atheris (Linux;
https://github.com/google/atheris) the mutations are guided by the branches that they reach;
without it by the outcomes that they bring about, and the first line printed says which.
"""

import importlib
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

PROCESSES = 2
MOST_BYTES = 4096
"""Longest input."""
MEMORY_MB, HANG_S = 700, 10
"""A process that needs more memory, or as long for one input, has failed."""


class Mutator:
    """Makes new inputs out of old ones, and keeps those that bring about something new.

    Args:
        seeds: The first inputs.
        tokens: Pieces to put in.
        seed: Of the randomness.
    """

    def __init__(self, seeds: tuple[bytes, ...], tokens: tuple[bytes, ...], seed: int) -> None:
        self._corpus, self._tokens = list(seeds), tokens
        self._rng, self._seen = random.Random(seed), set[Any]()

    def next(self) -> bytes:
        """Return a new input."""
        data = bytearray(self._rng.choice(self._corpus))
        for _ in range(self._rng.choice((1, 1, 1, 2, 3, 6))):
            self._rng.choice((self._flip, self._cut, self._put, self._repeat, self._splice))(data)
        return bytes(data[:MOST_BYTES])

    def keep(self, given: bytes, outcome: Hashable) -> None:
        """Keep an input whose outcome was not seen before."""
        if outcome not in self._seen:
            self._seen.add(outcome)
            self._corpus.append(given)

    @property
    def outcomes(self) -> int:
        """How many different outcomes were seen."""
        return len(self._seen)

    def _where(self, data: bytearray) -> int:
        return self._rng.randrange(len(data) + 1)

    def _flip(self, data: bytearray) -> None:
        for _ in range(min(len(data), self._rng.choice((1, 1, 2, 8)))):
            data[self._rng.randrange(len(data))] = self._rng.randrange(256)

    def _cut(self, data: bytearray) -> None:
        at = self._where(data)
        del data[at : at + self._rng.choice((1, 2, 8, 64, 4096))]

    def _put(self, data: bytearray) -> None:
        at = self._where(data)
        data[at:at] = self._rng.choice(self._tokens)

    def _repeat(self, data: bytearray) -> None:
        at = self._where(data)
        piece = data[at : at + self._rng.choice((1, 4, 32, 256))]
        data[at:at] = piece * self._rng.choice((1, 2, 16, 64))

    def _splice(self, data: bytearray) -> None:
        other = self._rng.choice(self._corpus)
        data[self._where(data) :] = other[self._rng.randrange(len(other) + 1) :]


def outcome_guided(subject: str, runs: int, seed: int) -> tuple[int, int]:
    """Feed mutated inputs, guided by their outcomes; returns how many, and how many outcomes.

    Raises:
        AssertionError: With the input that broke something.
    """
    what = importlib.import_module(subject)
    mutator = Mutator(what.SEEDS, what.TOKENS, seed)
    for _ in range(runs):
        given = mutator.next()
        try:
            mutator.keep(given, what.feed(given))
        except Exception as error:
            message = f"{error!r} from the input {given!r}"
            raise AssertionError(message) from error
    return runs, mutator.outcomes


def branch_guided(subject: str, runs: int, seed: int, folder: str) -> None:
    """Feed mutated inputs, guided by the branches they reach; ends the process."""
    import atheris

    spec = importlib.util.find_spec(subject)
    assert spec is not None
    with atheris.instrument_imports(include=_packages(subject)):
        what = importlib.import_module(subject)
    corpus = Path(folder, f"corpus-{seed}")
    corpus.mkdir()
    for number, one in enumerate(what.SEEDS):
        (corpus / str(number)).write_bytes(one)
    words = Path(folder, f"tokens-{seed}")
    spelt = ("".join("\\x" + format(byte, "02x") for byte in one) for one in what.TOKENS)
    words.write_text("".join(f'"{one}"\n' for one in spelt), encoding="ascii")
    options = [f"-runs={runs}", f"-seed={seed}", f"-rss_limit_mb={MEMORY_MB}", f"-timeout={HANG_S}",
               f"-max_len={MOST_BYTES}", f"-dict={words}", f"-artifact_prefix={folder}/"]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], lambda given: what.feed(given) and None)
    atheris.Fuzz()


def _packages(subject: str) -> list[str]:
    """Return what the subject wants instrumented; it stands in a module of its own, which loads nothing."""
    packages: list[str] = importlib.import_module(f"{subject}_seeds").INSTRUMENTED
    return packages


def _children(subject: str, runs: int, folder: str) -> Iterator[tuple[int, int, str]]:
    """Run the processes; yields each one's status, its peak memory in MB and its last words."""
    words = [sys.executable, "-m", "benchmarks.fuzzing", subject, str(runs // PROCESSES), folder]
    logs = [Path(folder, f"log-{number}") for number in range(PROCESSES)]
    started = []
    for number, log in enumerate(logs):
        with log.open("wb") as out:
            started.append(subprocess.Popen([*words, str(number + 1)], stdout=out, stderr=subprocess.STDOUT))
    for child, log in zip(started, logs, strict=True):
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        yield child.returncode, used.ru_maxrss // 1024, log.read_text(encoding="utf-8", errors="replace")


def fuzz(subject: str, runs: int, what: str) -> None:
    """Print how many inputs were read, how fast, and how much memory it took.

    Args:
        subject: The module.
        runs: How many inputs.
        what: What they are, in words.

    Raises:
        SystemExit: When an input broke something.
    """
    guided = importlib.util.find_spec("atheris") is not None
    print(
        f"   guided by {'the branches reached (atheris)' if guided else 'outcomes; atheris is not installed'}"
    )
    began, bad, peak = time.perf_counter(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for status, memory, said in _children(subject, runs, folder):
            peak = max(peak, memory)
            lines = said.strip().splitlines()
            print(f"   {lines[-1] if lines else 'nothing was said'}")
            if status:
                bad += 1
                print("\n".join(lines[-40:]))
    took = time.perf_counter() - began
    print(f"   {runs} {what} in {took:.0f} s ({runs / took:.0f} a second), {bad} of {PROCESSES} processes "
          f"met an error, at most {peak} MB each (bound {MEMORY_MB})")  # fmt: skip
    if bad:
        raise SystemExit(1)


def child(subject: str, runs: int, folder: str, seed: int) -> None:
    """One process's share."""
    if importlib.util.find_spec("atheris") is not None:
        branch_guided(subject, runs, seed, folder)
    else:
        done, outcomes = outcome_guided(subject, runs, seed)
        print(f"{done} inputs, {outcomes} different outcomes")


if __name__ == "__main__":
    child(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
