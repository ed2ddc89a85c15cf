"""A 200 MB HAR file: how long and how much memory it takes to read, beside haralyzer on the same file.

`python -m benchmarks har`. haralyzer (https://github.com/haralyzer/haralyzer) gets an environment of its own in
.cache/haralyzer. Both run as whole processes, in turns; each answers how many exchanges there are
and what DeepSeek answered. Time is the process's own (user and system) and the clock's.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

MEGABYTES, ROUNDS = 200, 3
BOUND_S, BOUND_TIMES, BOUND_RATIO = 3.0, 1.5, 10.0
"""Most seconds, most memory of the whole process in times the file's size, least ratio to haralyzer."""
ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "haralyzer"
OURS = """
import sys, time
began = time.perf_counter()
from deepkit.probes.har import read_har
loaded = time.perf_counter()
seen = read_har(sys.argv[1])
print(seen.facts.entries, seen.facts.chat[-1].status, time.perf_counter() - loaded, end=" ")
"""
THEIRS = """
import json, sys, time
from haralyzer import HarParser
loaded = time.perf_counter()
with open(sys.argv[1], encoding="utf-8") as file:
    parser = HarParser(json.load(file))
n, status = 0, None
for page in parser.pages:
    for entry in page.entries:
        n += 1
        if "deepseek" in entry.request.url:
            status = entry.response.status
print(n, status, time.perf_counter() - loaded, end=" ")
"""
PEAK = """
with open("/proc/self/status") as told:
    print(next(line.split()[1] for line in told if line.startswith("VmHWM")))
"""
"""The process's own peak; the system's account of a child begins with what its parent held."""


def _haralyzer() -> str | None:
    """Return the interpreter that has haralyzer, or None where it cannot be installed."""
    python = CACHE / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(CACHE)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "haralyzer==2.4.0"]
    return str(python) if subprocess.run(install, check=False, capture_output=True).returncode == 0 else None


def _run(python: str, program: str, path: Path) -> tuple[tuple[float, ...], str]:
    """Return wall and processor seconds, those of the reading alone, peak memory in MB; and what was said."""
    began = time.perf_counter()
    command = [python, "-c", program + PEAK, str(path)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None
    said = child.stdout.read().split()
    _, status, used = os.wait4(child.pid, 0)
    took, child.returncode = time.perf_counter() - began, os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{python} ended with {child.returncode}")
    return (took, used.ru_utime + used.ru_stime, float(said[2]), float(said[3]) / 1000), " ".join(said[:2])


def main(megabytes: int = MEGABYTES) -> None:
    """Print the figures.

    Raises:
        SystemExit: When a bound is missed, or the two disagree.
    """
    from benchmarks.har_file import write

    theirs = _haralyzer()
    if theirs is None:
        print("   haralyzer cannot be installed here: the ratio is not measured")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large.har")
        for plain in (False, True):
            n = write(path, megabytes, ascii_only=plain)
            signs = "ASCII only (no ratio is asked for)" if plain else "with the signs of a chat page"
            print(f"   {path.stat().st_size / 1e6:.0f} MB, {n} exchanges, {signs}")
            _compare(path, theirs, 0 if plain or megabytes < MEGABYTES else BOUND_RATIO)


def _compare(path: Path, theirs: str | None, bound: float) -> None:
    rounds: dict[str, list[tuple[float, ...]]] = {"deepkit": [], "haralyzer": []}
    said = set()
    for _ in range(ROUNDS):
        for name, python, program in (("deepkit", sys.executable, OURS), ("haralyzer", theirs, THEIRS)):
            if python:
                figures, words = _run(python, program, path)
                rounds[name].append(figures)
                said.add(words)
    if len(said) != 1:
        raise SystemExit(f"the two read different things: {said}")
    ours, peer = ([median(column) for column in zip(*some, strict=True)] for some in rounds.values())
    for name, figures in (("deepkit", ours), ("haralyzer", peer)):
        if figures:
            wall, cpu, reading, memory = figures
            print(
                f"   {name:<10} {wall:6.2f} s, processor {cpu:6.2f} s, reading alone {reading:6.2f} s, {memory:5.0f} MB"
            )
    times = ours[3] / (path.stat().st_size / 1e6)
    print(f"   bounds: {BOUND_S:g} s; memory {times:.2f} times the file's size (bound {BOUND_TIMES:g})")
    if ours[0] > BOUND_S or times > BOUND_TIMES:
        raise SystemExit("a bound is missed")
    if peer:
        wall, cpu, reading, memory = (one / other for one, other in zip(peer, ours, strict=True))
        print(
            f"   haralyzer takes {wall:.1f} times as long ({cpu:.1f} times the processor time), the reading alone"
        )
        print(f"   {reading:.1f} times (bound {bound:g}), and {memory:.0f} times the memory")
        if reading < bound:
            raise SystemExit("the ratio is missed")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else MEGABYTES)
