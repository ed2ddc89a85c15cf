"""A million mutated answers through the real reading path: no unhandled exception, no hang, bounded memory.

`python -m benchmarks fuzz`, or `python -m benchmarks.fuzz RUNS` for another number. Two processes
share the work. With atheris (Linux; https://github.com/google/atheris) the mutations are guided
by the branches that they reach in h11, httpcore and the transport; without it by the outcomes
that they bring about, and the first line says which.
"""

import asyncio
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RUNS, PROCESSES = 1_000_000, 2
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

    def keep(self, given: bytes, feature: Any) -> None:
        """Keep an input whose outcome was not seen before."""
        if feature not in self._seen:
            self._seen.add(feature)
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


def outcome_guided(runs: int, seed: int) -> tuple[int, int]:
    """Feed mutated answers, guided by their outcomes; returns how many, and how many outcomes.

    Raises:
        AssertionError: With the input that broke something.
    """
    from benchmarks.fuzz_answers import answered, check
    from benchmarks.fuzz_seeds import SEEDS, TOKENS

    mutator = Mutator(SEEDS, TOKENS, seed)

    async def work() -> None:
        for _ in range(runs):
            given, began = mutator.next(), time.perf_counter()
            try:
                told = await answered(given)
                check(told, time.perf_counter() - began)
            except Exception as error:
                message = f"{error!r} from the input {given!r}"
                raise AssertionError(message) from error
            mutator.keep(given, (told.failure, told.status, told.end_reason, told.body_kind, told.detail[:40],
                                 min(told.keep_alives, 3), told.error_message is None))  # fmt: skip

    asyncio.run(work())
    return runs, mutator.outcomes


def branch_guided(runs: int, seed: int, folder: str) -> None:
    """Feed mutated answers, guided by the branches they reach; ends the process."""
    import atheris

    with atheris.instrument_imports(include=["h11", "httpcore", "deepkit.transport"]):
        from benchmarks.fuzz_answers import answered, check
    from benchmarks.fuzz_seeds import SEEDS, TOKENS

    corpus = Path(folder, f"corpus-{seed}")
    corpus.mkdir()
    for number, one in enumerate(SEEDS):
        (corpus / str(number)).write_bytes(one)
    words = Path(folder, f"tokens-{seed}")
    spelt = ("".join("\\x" + format(byte, "02x") for byte in one) for one in TOKENS)
    words.write_text("".join(f'"{one}"\n' for one in spelt), encoding="ascii")
    loop = asyncio.new_event_loop()

    def one(given: bytes) -> None:
        began = time.perf_counter()
        told = loop.run_until_complete(answered(given))
        check(told, time.perf_counter() - began)

    options = [f"-runs={runs}", f"-seed={seed}", f"-rss_limit_mb={MEMORY_MB}", f"-timeout={HANG_S}",
               f"-max_len={MOST_BYTES}", f"-dict={words}", f"-artifact_prefix={folder}/"]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


def _children(runs: int, folder: str) -> Iterator[tuple[int, int, str]]:
    """Run the processes; yields each one's status, its peak memory in MB and its last words."""
    words = [sys.executable, "-m", "benchmarks.fuzz", "child", str(runs // PROCESSES), folder]
    logs = [Path(folder, f"log-{number}") for number in range(PROCESSES)]
    started = []
    for number, log in enumerate(logs):
        with log.open("wb") as out:
            started.append(subprocess.Popen([*words, str(number + 1)], stdout=out, stderr=subprocess.STDOUT))
    for child, log in zip(started, logs, strict=True):
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        yield child.returncode, used.ru_maxrss // 1024, log.read_text(encoding="utf-8", errors="replace")


def main(runs: int = RUNS) -> None:
    """Print how many answers were read, how fast, and how much memory it took.

    Raises:
        SystemExit: When an answer broke something.
    """
    guided = importlib.util.find_spec("atheris") is not None
    print(
        f"   guided by {'the branches reached (atheris)' if guided else 'outcomes; atheris is not installed'}"
    )
    began, bad, peak = time.perf_counter(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for status, memory, said in _children(runs, folder):
            peak = max(peak, memory)
            lines = said.strip().splitlines()
            print(f"   {lines[-1] if lines else 'nothing was said'}")
            if status:
                bad += 1
                print("\n".join(lines[-40:]))
    took = time.perf_counter() - began
    print(
        f"   {runs} mutated answers in {took:.0f} s ({runs / took:.0f} a second), {bad} of {PROCESSES} processes "
        f"met an error, at most {peak} MB each (bound {MEMORY_MB})"
    )
    if bad:
        raise SystemExit(1)


def child(runs: int, folder: str, seed: int) -> None:
    """One process's share."""
    if importlib.util.find_spec("atheris") is not None:
        branch_guided(runs, seed, folder)
    else:
        done, outcomes = outcome_guided(runs, seed)
        print(f"{done} inputs, {outcomes} different outcomes")


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else RUNS)
