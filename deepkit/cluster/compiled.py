"""The kernel as machine code, and what happens while there is none yet.

`python -m deepkit.cluster.compiled` makes the machine code; set-up calls it. Where nobody did, the first
run starts a process that makes it and goes on interpreted until it is there: the same numbers, only
later. Importing this module loads no compiler, and neither does a run.
"""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from deepkit.cluster import kernel
from deepkit.cluster.layout import CUT, EVENTS, INTS, MOST_EVENTS, WORDS
from deepkit.cluster.machine import Entry, Program, load
from deepkit.errors import DeepkitError

_HERE = "deepkit.cluster."
_MODULES = (
    _HERE + "heap", "deepkit.retries.delays", "deepkit.retries.guards", _HERE + "sampling",
    _HERE + "meters", _HERE + "station", _HERE + "kernel",
)  # fmt: skip
_INLINE = frozenset({
    "push", "pop", "push_timer", "begin_service", "exponential", "uniform", "service", "settle_attempt", "release",
    "advance", "grow_areas", "depart", "arrive", "ring_timer", "next_in_line", "succeed", "enqueue", "crowd", "assign",
    "launch", "send", "join", "draw_arrival", "settle",
})  # fmt: skip

PROGRAMS = {"kernel": Program("kernel", _MODULES, _INLINE)}
"""What can be made into machine code, by name."""

SLICE = 20_000
"""Events interpreted between two looks whether the machine code has come: about a tenth of a second."""
LONGEST_S = 600.0


_process: subprocess.Popen[bytes] | None = None
_failed = False


def _command() -> dict[str, Any]:
    """Return how the making process is started: this Python, this package, not the present folder's modules."""
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "args": [sys.executable, "-P", "-m", "deepkit.cluster.making"],
        "env": {**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
    }


@cache
def _loaded(name: str) -> Entry:
    entry = load(PROGRAMS[name])
    if entry is None:
        raise LookupError(name)  # so that the next call looks again
    return entry


def ready(name: str = "kernel") -> Entry | None:
    """Return a program's machine code if it is there, and else have it made in the background.

    Args:
        name: One of PROGRAMS.

    Returns:
        Its entry, or None: interpret, and ask again later.
    """
    global _process, _failed
    try:
        return _loaded(name)
    except LookupError:
        if _process is None and not _failed:
            try:
                _process = subprocess.Popen(**_command(), stderr=subprocess.DEVNULL, start_new_session=True)
            except OSError:
                _failed = True
        elif _process is not None and _process.poll() is not None:
            _process, _failed = None, True
        return None


def state() -> str:
    """Say how runs are computed now: "ready" (machine code), "making", or "interpreted" (it cannot be made)."""
    if ready() is not None:
        return "ready"
    return "interpreted" if _failed else "making"


def prepare() -> None:
    """Make the machine code, or read it, and wait until it is there.

    Raises:
        DeepkitError: When it cannot be made here; runs are then interpreted.
    """
    if all(load(program) is not None for program in PROGRAMS.values()):
        return
    try:
        done = subprocess.run(**_command(), stderr=subprocess.PIPE, text=True, timeout=LONGEST_S, check=False)
        why = "" if done.returncode == 0 else done.stderr.strip().rpartition("\n")[2]
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    if why or any(load(program) is None for program in PROGRAMS.values()):
        raise DeepkitError(
            f"Machine code of the simulator cannot be made here: {why or 'it was not kept'}. "
            "Everything works without, about a hundred times slower; numba has to be installed for this Python"
        )


def arrays(packed: tuple[list[int], list[float]]) -> tuple[Any, Any]:
    """Turn a packed state into arrays for the compiled kernel."""
    import numpy as np

    whole, floats = packed
    for word in range(WORDS, INTS):
        whole[word] -= (whole[word] >> 63) << 64  # 64 bits without a sign into 64 bits with one
    return np.array(whole, dtype=np.int64), np.array(floats, dtype=np.float64)


def run(n: Any, x: Any) -> int:
    """Run the compiled event loop on the arrays of a packed state; see `deepkit.cluster.kernel.run`."""
    entry = ready()
    if entry is None:
        prepare()
        entry = _loaded("kernel")
    return entry(n.ctypes.data, x.ctypes.data)


def run_packed(packed: tuple[list[int], list[float]]) -> tuple[int, Any, Any]:
    """Run a packed state to its end: interpreted while there is no machine code, from then on compiled.

    Args:
        packed: Whole numbers and floats from `deepkit.cluster.packing`.

    Returns:
        How the run ended, and its whole numbers and floats as arrays.
    """
    n, x = packed
    last = n[MOST_EVENTS]
    while (entry := ready()) is None:
        n[MOST_EVENTS] = min(last, n[EVENTS] + SLICE)
        end = kernel.run(n, x)
        if end != CUT or n[EVENTS] >= last:
            n[MOST_EVENTS] = last
            return end, *arrays(packed)
    n[MOST_EVENTS] = last
    whole, floats = arrays(packed)
    return entry(whole.ctypes.data, floats.ctypes.data), whole, floats


if __name__ == "__main__":
    prepare()
