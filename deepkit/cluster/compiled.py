"""The kernel as machine code, and what happens while there is none yet.

`python -m deepkit.cluster.compiled` makes the machine code; set-up calls it. Where nobody did, the first
run starts a process that makes it and goes on interpreted until it is there: the same numbers, only
later. Importing this module loads no compiler, and neither does a run.
"""

import os
import subprocess
import sys
from array import array
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from deepkit.cluster.layout import CUT, EVENTS, MOST_EVENTS
from deepkit.cluster.machine import Entry, Program, load
from deepkit.errors import DeepkitError

_HERE = "deepkit.cluster."
CLUSTER = (
    _HERE + "heap", "deepkit.retries.delays", "deepkit.retries.throttles", _HERE + "sampling",
    _HERE + "meters", _HERE + "station", _HERE + "kernel",
)  # fmt: skip
INLINE = frozenset({
    "push", "pop", "push_timer", "begin_service", "exponential", "uniform", "service", "settle_attempt", "release",
    "advance", "grow_areas", "depart", "arrive", "ring_timer", "next_in_line", "succeed", "enqueue", "crowd", "assign",
    "launch", "send", "join", "draw_arrival", "settle",
})  # fmt: skip

FLEET = tuple(
    _HERE + "fleet." + name for name in ("lists", "lengths", "decoding", "jobs", "meters", "layout", "kernel")
)
PROGRAMS = {
    "run": Program("run", CLUSTER, INLINE),
    "run_fleet": Program("run_fleet", (*CLUSTER, *FLEET), INLINE),
}
"""Event loops that can be made into machine code, by the name of their function."""

SLICE = 20_000
"""Events interpreted between two looks whether the machine code has come: about a tenth of a second."""
LONGEST_S = 600.0


_makers: dict[str, subprocess.Popen[bytes] | None] = {}
"""The process that makes a loop's machine code, once it was started; None where that failed."""


def _command(*loops: str) -> dict[str, Any]:
    """Return how the making process is started: this Python, this package, not the present folder's modules."""
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "args": [sys.executable, "-P", "-m", "deepkit.cluster.making", *loops],
        "env": {**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
    }


@cache
def _loaded(loop: str) -> Entry:
    entry = load(PROGRAMS[loop])
    if entry is None:
        raise LookupError(loop)  # so that the next call looks again
    return entry


def ready(loop: str = "run") -> Entry | None:
    """Return an event loop's machine code if it is there, and else have it made in the background.

    Args:
        loop: One of PROGRAMS.

    Returns:
        Its entry, or None: interpret, and ask again later.
    """
    try:
        return _loaded(loop)
    except LookupError:
        if loop not in _makers:
            try:
                _makers[loop] = subprocess.Popen(
                    **_command(loop), stderr=subprocess.DEVNULL, start_new_session=True
                )
            except OSError:
                _makers[loop] = None
        elif (maker := _makers[loop]) is not None and maker.poll() is not None:
            _makers[loop] = None  # it has ended: what it made is there now, or never will be
            return load(PROGRAMS[loop])
        return None


def state(loop: str = "run") -> str:
    """Say how runs are computed now: "ready" (machine code), "making", or "interpreted" (it cannot be made)."""
    if ready(loop) is not None:
        return "ready"
    return "interpreted" if _makers.get(loop) is None else "making"


def prepare(*loops: str) -> None:
    """Make machine code, or read it, and wait until it is there.

    Args:
        *loops: Some of PROGRAMS; none are all.

    Raises:
        DeepkitError: When it cannot be made here; runs are then interpreted.
    """
    loops = loops or tuple(PROGRAMS)
    missing = [loop for loop in loops if load(PROGRAMS[loop]) is None]
    if not missing:
        return
    why = ""
    try:
        makers = [subprocess.Popen(**_command(loop), stderr=subprocess.PIPE, text=True) for loop in missing]
        for maker in makers:  # side by side, a processor each
            why = _reason(maker) or why
    except OSError as error:
        why = str(error)
    if why or any(load(PROGRAMS[loop]) is None for loop in missing):
        raise DeepkitError(
            f"Machine code of the simulator cannot be made here: {why or 'it was not kept'}. "
            "Everything works without, about a hundred times slower; numba has to be installed for this Python"
        )


def _reason(maker: subprocess.Popen[str]) -> str:
    """Wait for a making process; return why it failed, nothing when it did not."""
    try:
        _, told = maker.communicate(timeout=LONGEST_S)
    except subprocess.TimeoutExpired as error:
        maker.kill()
        maker.communicate()
        return str(error)
    said = [line for line in told.splitlines() if line[:1].isalpha()]
    return "" if maker.returncode == 0 else (said or ["no reason given"])[-1]


def run(n: "array[int]", x: "array[float]", loop: str = "run") -> int:
    """Run a compiled event loop on a packed state; see `deepkit.cluster.kernel.run`.

    Args:
        n: The whole numbers of the state; changed in place.
        x: Its floats; changed in place.
        loop: One of PROGRAMS.

    Returns:
        How it ended.
    """
    entry = ready(loop)
    if entry is None:
        prepare(loop)
        entry = _loaded(loop)
    return entry(n.buffer_info()[0], x.buffer_info()[0])


def interpreted(loop: str) -> Callable[["array[int]", "array[float]"], int]:
    """Return an event loop as the plain function that it is."""
    function: Callable[[array[int], array[float]], int] = getattr(
        import_module(PROGRAMS[loop].modules[-1]), loop
    )
    return function


def finish(n: "array[int]", x: "array[float]", loop: str = "run") -> int:
    """Run a packed state to its end: interpreted while there is no machine code, from then on compiled.

    Args:
        n: The whole numbers of the state; changed in place.
        x: Its floats; changed in place.
        loop: One of PROGRAMS.

    Returns:
        How it ended.
    """
    last = n[MOST_EVENTS]
    while (entry := ready(loop)) is None:
        n[MOST_EVENTS] = min(last, n[EVENTS] + SLICE)
        end = interpreted(loop)(n, x)
        if end != CUT or n[EVENTS] >= last:
            n[MOST_EVENTS] = last
            return end
    n[MOST_EVENTS] = last
    return entry(n.buffer_info()[0], x.buffer_info()[0])


if __name__ == "__main__":
    prepare()
