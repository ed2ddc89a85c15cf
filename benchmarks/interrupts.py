"""Ctrl+C at random moments of every long command and of notebook cells: how soon it stops, and what it leaves.

`python -m benchmarks interrupts`, or `python -m benchmarks.interrupts TIMES` for another number of moments each.
"""

import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

TIMES = 50
STOPS_S = 0.5
"""Within which it has to stop, in seconds."""
LINE = "Stopped; nothing is left running."
COMMANDS: dict[str, tuple[tuple[str, ...], float]] = {
    "doctor": (("doctor", "--scenario", "silent_stream"), 1.5),
    "try": (("try", "backoff", "--scenario", "rush_hour"), 3.0),
    "report": (("report",), 12.0),
}
"""Commands, and until when after their first line they are interrupted, in seconds."""
CELLS: dict[str, tuple[str, float]] = {
    "cell, plain call": ("deepkit.doctor(scenario='silent_stream')", 0.8),
    "cell, awaited": ("await deepkit.aio.doctor(scenario='silent_stream')", 0.8),
    "cell, all trials": ("await guide.try_all()", 6.0),
}
BEFORE = """
import threading, deepkit, deepkit.aio
from deepkit.widgets.walkthrough import Walkthrough
guide = Walkthrough("sandbox", "rush_hour")
guide.intake()
"""
BEGINS = "begins"
THREADS = "print(sorted(one.name for one in threading.enumerate() if one.name.startswith('deepkit')))"


@dataclass(frozen=True)
class Ending:
    """How something ended that was interrupted: after how many seconds, and what was wrong with it."""

    took_s: float
    wrong: tuple[str, ...] = ()


def _command(words: tuple[str, ...], after_s: float) -> Ending:
    """Run a command, interrupt its process group as a terminal does, and look at what is left."""
    with tempfile.TemporaryDirectory() as folder:
        scratch, log = Path(folder, "tmp"), Path(folder, "log")
        scratch.mkdir()
        env = {**os.environ, "TMPDIR": str(scratch)}
        with log.open("wb") as out, heeded():
            child = subprocess.Popen(
                [sys.executable, "-m", "deepkit", *words, *(("--out", folder) if words == ("report",) else ())],
                stdout=subprocess.DEVNULL, stderr=out, env=env, start_new_session=True,
            )  # fmt: skip
        while not log.stat().st_size and child.poll() is None:
            time.sleep(0.005)  # the first line says that it has begun
        time.sleep(after_s)
        if child.poll() is not None:
            return Ending(0.0, ("it had ended",))
        began = time.perf_counter()
        os.killpg(child.pid, signal.SIGINT)
        code = child.wait(60)
        took_s = time.perf_counter() - began
        said = log.read_text(encoding="utf-8", errors="replace").splitlines()
        wrong = {
            f"status {code}": code != 130,
            "no line": said.count(f"deepkit: {LINE}") != 1,
            "a traceback": any("Traceback" in line for line in said),
            "a folder": any(scratch.iterdir()),
            "a child": _marked(str(scratch)),
        }
        return Ending(took_s, tuple(name for name, there in wrong.items() if there))


def _marked(scratch: str) -> bool:
    """Tell whether any process was started with this folder for temporary files (Linux)."""
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if scratch.encode() in environ.read_bytes():
                return True
        except OSError:
            continue
    return False


class Kernel:
    """A kernel of its own, whose cells are interrupted.

    Args:
        manager: jupyter_client's.
    """

    def __init__(self, manager: Any) -> None:
        self._manager, self._client = manager, manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(60)
        self.run(BEFORE)

    def close(self) -> None:
        """End the kernel, and close every socket to it."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._client.context.destroy(linger=0)
        self._manager.context.destroy(linger=0)

    def run(self, code: str, after_s: float | None = None) -> tuple[list[str], float]:
        """Run a cell, interrupted so many seconds after it began; return what it showed, and how long it then took.

        Before its first line runs an interrupt is the kernel's own affair, so that line says that it begins.
        """
        request = self._client.execute(f"print({BEGINS!r}, flush=True)\n{code}")
        began, sent, shown = math.inf, 0.0, list[str]()
        while True:
            if after_s is not None and not sent and time.perf_counter() - began >= after_s:
                sent = time.perf_counter()
                self._manager.interrupt_kernel()
            try:
                told = self._client.get_iopub_msg(timeout=0.01)
            except Empty:
                continue
            if told["parent_header"].get("msg_id") != request:
                continue
            content = told["content"]
            if told["msg_type"] == "error":
                shown.append("\n".join(content["traceback"]))
            elif told["msg_type"] == "stream":
                if began == math.inf:
                    began = time.perf_counter()
                shown.append(content["text"].removeprefix(f"{BEGINS}\n"))
            elif content.get("execution_state") == "idle":
                return shown, time.perf_counter() - sent if sent else 0.0

    def interrupted(self, code: str, after_s: float) -> Ending:
        """Interrupt a cell and look at what is left."""
        shown, took_s = self.run(code, after_s)
        if not took_s:
            return Ending(0.0, ("it had ended",))
        threads = "".join(self.run(THREADS)[0]).removeprefix(BEGINS).strip()
        wrong = {
            f"shown: {shown!r}"[:300]: shown[-1:] != [LINE],
            f"threads: {threads}": threads not in ("[]", "['deepkit-loop']"),
        }
        return Ending(took_s, tuple(name for name, there in wrong.items() if there))


@contextmanager
def kernel() -> Iterator[Kernel]:
    """Start a kernel and end it."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name="python3")
    with heeded():
        manager.start_kernel(stderr=subprocess.DEVNULL)
    cells = Kernel(manager)
    try:
        yield cells
    finally:
        cells.close()


@contextmanager
def heeded() -> Iterator[None]:
    """Let children heed interrupts: whatever a shell starts in the background ignores them, and so do its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def command(name: str, after_s: float) -> Ending:
    """Interrupt one of `COMMANDS` so many seconds after its first line."""
    return _command(COMMANDS[name][0], after_s)


def _print(name: str, endings: list[Ending]) -> bool:
    ran = [one for one in endings if one.wrong != ("it had ended",)]
    late = [one.took_s for one in ran if one.took_s > STOPS_S]
    bad = [one for one in ran if one.wrong]
    longest = max((one.took_s for one in ran), default=0.0)
    print(f"   {name:<17} {len(ran)} interrupted ({len(endings) - len(ran)} had ended), {len(bad)} ended badly, "
          f"{len(late)} took longer than {STOPS_S} s, longest {longest:.2f} s", flush=True)  # fmt: skip
    for one in bad[:5]:
        print(f"      {', '.join(one.wrong)}")
    return not bad and not late


def main(times: int = TIMES) -> None:
    """Print how all of them ended.

    Raises:
        SystemExit: When one of them left something, or took too long.
    """
    rng, well = random.Random(0), True

    def moments(until_s: float, interrupt: Callable[[float], Ending]) -> list[Ending]:
        return [interrupt(rng.uniform(0, until_s)) for _ in range(times)]

    for name, (_, until_s) in COMMANDS.items():
        well &= _print(name, moments(until_s, lambda at, name=name: command(name, at)))  # type: ignore[misc]
    for name, (code, until_s) in CELLS.items():
        with kernel() as cells:
            well &= _print(name, moments(until_s, lambda at, code=code: cells.interrupted(code, at)))  # type: ignore[misc]
    if not well:
        raise SystemExit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else TIMES)
