"""Makes machine code of the kernels: the same Python functions, handed to numba.

`python -m deepkit.cluster.making NAME...` is a process of its own, started by `deepkit.cluster.compiled`:
nobody's notebook imports a compiler, and several processes that want the same code make it once. Only
this module imports numba. numba finds the types and writes each function down without optimising it;
all of them together are then optimised once, which takes half the time and leaves only the entry.
"""

import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FunctionType
from typing import Any

os.environ["NUMBA_OPT"] = "0"  # read when numba is imported

import numba
import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from deepkit.cluster import machine, rng
from deepkit.cluster.kernel import run  # a type for `_entry`; each program brings its own
from deepkit.cluster.layout import EDGES
from deepkit.cluster.machine import Program

U9, U11, U24, U40, U3, ONE = (np.uint64(bits) for bits in (9, 11, 24, 40, 3, 1))
LOW_BYTE = np.uint64(255)
OPTIONS: Any = {
    "nogil": True, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True,
}  # fmt: skip
LONGEST_S = 300.0
"""Seconds after which another process's lock is taken for left behind."""


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


def translated(program: Program) -> tuple[str, str]:
    """Give every function of a program to numba, with each other's code in place of its name.

    Args:
        program: The kernel.

    Returns:
        LLVM's intermediate code, not optimised, and the name of the entry in it.
    """
    known: dict[str, Any] = {
        "fill_uniform": njit(**OPTIONS)(_fill_uniform),
        "fill_exponential": njit(**OPTIONS)(_fill_exponential),
    }
    scopes = []
    for module in map(import_module, program.modules):
        scope = {**vars(module), **dict(program.constants)}
        scopes.append(scope)
        for name, value in vars(module).items():
            if isinstance(value, FunctionType) and value.__module__ == module.__name__ and name not in known:
                copy = FunctionType(value.__code__, scope, name, value.__defaults__)
                copy.__module__, copy.__qualname__ = module.__name__, value.__qualname__
                known[name] = njit(forceinline=name in program.inline, **OPTIONS)(copy)
    for scope in scopes:  # only now, since a function may call one that stands below it
        scope.update(known)
    entry = FunctionType(_entry.__code__, {**globals(), "run": known[program.loop]}, "_entry")
    entry.__module__ = __name__
    compiled: Any = njit("int64(int64,int64)", **OPTIONS)(entry)
    (signature,) = compiled.signatures
    return compiled.inspect_llvm(signature), compiled.overloads[signature].fndesc.llvm_func_name


def made(program: Program) -> tuple[str, list[str], bytes]:
    """Make a program's machine code for this processor.

    Args:
        program: The kernel.

    Returns:
        Name of the entry, the functions it needs from outside, and the object code.
    """
    code, entry = translated(program)
    llvm = machine.binding()
    module = llvm.parse_assembly(code)
    for function in module.functions:
        if not function.is_declaration and function.name != entry:
            function.linkage = "internal"  # so that what nobody calls any more goes away
    target = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3, jit=True
    )
    module.data_layout = str(target.target_data)
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    builder = llvm.create_pass_builder(target, tuning)
    builder.getModulePassManager().run(module, builder)
    last = llvm.create_new_module_pass_manager()
    last.add_global_dead_code_eliminate_pass()
    last.run(module, builder)
    needs = [one.name for one in module.functions if one.is_declaration and not one.name.startswith("llvm.")]
    return entry, needs, target.emit_object(module)


@contextmanager
def _alone(program: Program) -> Iterator[None]:
    """Wait until no other process makes the same code."""
    lock = machine.place(program).with_suffix(".lock")
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            try:
                old = time.time() - lock.stat().st_mtime > LONGEST_S
            except OSError:
                continue
            if old:
                lock.unlink(missing_ok=True)
            else:
                time.sleep(0.05)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def make(program: Program) -> None:
    """Make a program's machine code and keep it, unless another process has just done so.

    Args:
        program: The kernel.

    Raises:
        RuntimeError: When the code needs a function that a process without numba does not have.
    """
    with _alone(program):
        if machine.load(program) is not None:
            return
        entry, needs, code = made(program)
        strange = [name for name in needs if not hasattr(math, name)]
        if strange:
            raise RuntimeError(f"numba {numba.__version__} leaves calls of {strange} in the code")
        machine.store(program, entry, needs, code)


if __name__ == "__main__":
    from deepkit.cluster.compiled import PROGRAMS

    for chosen in sys.argv[1:] or PROGRAMS:
        make(PROGRAMS[chosen])
