"""The kernels as machine code: the same functions, handed to numba.

Only this module imports numba. Machine code is kept in the user's cache folder under a name
that holds a digest of the sources, so that a new version never meets old code. Each kernel is
prepared when it is first needed, so that one never waits for the other.
"""

import hashlib
import math
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numba
import numpy as np
import platformdirs
from numba import njit, types
from numba.extending import intrinsic

from deepkit.cluster import heap, kernel, layout, meters, rng, sampling, station
from deepkit.cluster.fleet import decoding, jobs, lengths, lists
from deepkit.cluster.fleet import kernel as fleet_kernel
from deepkit.cluster.fleet import layout as fleet_layout
from deepkit.cluster.fleet import meters as fleet_meters
from deepkit.cluster.layout import EDGES, INTS, WORDS
from deepkit.retries import delays, guards

U9, U11, U24, U40, U3, ONE = (np.uint64(bits) for bits in (9, 11, 24, 40, 3, 1))
LOW_BYTE = np.uint64(255)
OPTIONS: Any = {"nogil": True, "error_model": "numpy"}
INLINE = {
    "push", "pop", "push_timer", "begin_service", "exponential", "uniform", "service", "settle_attempt", "release",
    "advance", "grow_areas", "depart", "arrive", "ring_timer", "next_in_line", "succeed", "enqueue", "crowd", "assign",
    "launch", "send", "join", "draw_arrival",
    "settle",
}  # fmt: skip
"""Functions written into their callers: measured to be worth a third of the speed."""
CLUSTER = (heap, delays, guards, sampling, meters, station, kernel)
KERNELS: dict[str, tuple[ModuleType, ...]] = {
    "run": (*CLUSTER, rng, layout),
    "run_fleet": (
        *CLUSTER,
        rng,
        layout,
        lists,
        lengths,
        decoding,
        jobs,
        fleet_meters,
        fleet_layout,
        fleet_kernel,
    ),
}
"""The modules of each kernel by the name of its loop. No two functions among them bear the same name."""


def _fill_uniform(n: Any, x: Any, words: int, start: int, stop: int) -> None:
    a, b, c = np.uint64(n[words]), np.uint64(n[words + 1]), np.uint64(n[words + 2])
    counter = np.uint64(n[words + 3])
    for place in range(start, stop):
        word = a + b + counter
        a = b ^ (b >> U11)
        b = c + (c << U3)
        c = ((c << U24) | (c >> U40)) + word
        counter += ONE
        x[place] = np.float64(np.int64(word >> U11)) * rng.TO_UNIT
    n[words], n[words + 1], n[words + 2] = np.int64(a), np.int64(b), np.int64(c)
    n[words + 3] = np.int64(counter)


def _fill_exponential(n: Any, x: Any, words: int, start: int, stop: int) -> None:
    a, b, c = np.uint64(n[words]), np.uint64(n[words + 1]), np.uint64(n[words + 2])
    counter = np.uint64(n[words + 3])
    place, far, inside, low, high, wedge = start, 0.0, True, 0.0, 0.0, 0.0
    while place < stop:
        word = a + b + counter
        a = b ^ (b >> U11)
        b = c + (c << U3)
        c = ((c << U24) | (c >> U40)) + word
        counter += ONE
        unit = np.float64(np.int64(word >> U11)) * rng.TO_UNIT
        if not inside:  # this word decides about the wedge of the last one
            inside = True
            if low + unit * (high - low) < math.exp(-wedge):
                x[place] = far + wedge
                place, far = place + 1, 0.0
            continue
        edge = EDGES + np.int64(word & LOW_BYTE)
        draw = unit * x[edge]
        if draw < x[edge + 1]:
            x[place] = far + draw
            place, far = place + 1, 0.0
        elif edge == EDGES:
            far += x[edge + 1]
        else:
            inside, wedge, low, high = False, draw, x[edge + 257], x[edge + 258]
    n[words], n[words + 1], n[words + 2] = np.int64(a), np.int64(b), np.int64(c)
    n[words + 3] = np.int64(counter)


def arrays(state: tuple[list[int], list[float]]) -> tuple[Any, Any]:
    """Turn a packed state into arrays for the compiled kernel."""
    whole, floats = state
    for place in range(WORDS, INTS):
        whole[place] -= (whole[place] >> 63) << 64  # 64 bits without a sign into 64 bits with one
    return np.array(whole, dtype=np.int64), np.array(floats, dtype=np.float64)


def cache_folder(loop: str = "run") -> Path:
    """Return a folder for machine code that can be written to.

    Args:
        loop: Name of the kernel's loop in KERNELS.

    Returns:
        One below the user's cache folder, or below the system's temporary folder when the first is read-only.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for module in KERNELS[loop]:
        digest.update(Path(str(module.__file__)).read_bytes())
    digest.update(Path(__file__).read_bytes())
    name = f"kernel-{loop}-{digest.hexdigest()[:16]}"
    folder = Path(platformdirs.user_cache_dir("deepkit")) / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="deepkit-"))


def _compile(
    modules: Sequence[ModuleType], given: dict[str, Callable[..., Any]], loop: str
) -> Callable[[int, int], int]:
    """Give every function of the modules to numba, with each other's machine code in place of its name."""
    known: dict[str, Any] = dict(given)
    scopes = []
    for module in modules:
        scope = dict(vars(module))
        scopes.append(scope)
        for name, value in vars(module).items():
            if isinstance(value, FunctionType) and value.__module__ == module.__name__ and name not in given:
                copy = FunctionType(value.__code__, scope, name, value.__defaults__)
                copy.__module__, copy.__qualname__ = module.__name__, value.__qualname__
                known[name] = njit(forceinline=name in INLINE, **OPTIONS)(copy)
    for scope in scopes:  # only now, since a function may call one that stands below it
        scope.update(known)
    entry = FunctionType(_entry.__code__, {**globals(), "run": known[loop]}, "_entry")
    entry.__module__ = __name__
    compiled: Callable[[int, int], int] = njit("int64(int64,int64)", cache=True, **OPTIONS)(entry)
    return compiled


numba_pointer: Any = types.CPointer


def _pointer_to(kind: Any) -> Any:
    @intrinsic
    def pointer(_context: Any, address: Any) -> Any:
        """Turn an address into a pointer, in machine code."""
        target: Any = numba_pointer(kind)

        def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
            return builder.inttoptr(given[0], context.get_value_type(target))

        return target(address), generate

    return pointer


_whole_at, _floats_at = _pointer_to(types.int64), _pointer_to(types.float64)


def _entry(n_at: int, x_at: int) -> int:
    # Bare pointers, not arrays: no counts of references, no bounds to wrap around, half the machine code.
    return run(_whole_at(n_at), _floats_at(x_at))


@cache
def _built(loop: str) -> Callable[[int, int], int]:
    """Compile a kernel, or read its machine code from the cache."""
    fills = {
        "fill_uniform": njit(**OPTIONS)(_fill_uniform),
        "fill_exponential": njit(**OPTIONS)(_fill_exponential),
    }
    settings: Any = numba.config
    before, settings.CACHE_DIR = settings.CACHE_DIR, str(cache_folder(loop))
    try:
        code = [module for module in KERNELS[loop] if module is not rng]
        return _compile(code, fills, loop)
    finally:
        settings.CACHE_DIR = before  # other people's code keeps its own place


def prepare(loop: str = "run") -> None:
    """Compile a kernel or read its machine code, so that the first run need not."""
    _built(loop)


def run(n: Any, x: Any, loop: str = "run") -> int:
    """Run a compiled event loop on the arrays of a packed state; see `deepkit.cluster.kernel.run`."""
    return _built(loop)(n.ctypes.data, x.ctypes.data)
