"""Machine code of the kernels: where it is kept, and how it is read without a compiler.

Making it takes numba and some seconds and is done by `deepkit.cluster.making`, in a process of its own.
Reading it takes llvmlite alone and a fifth of a second. A file holds a line of JSON (the entry, the
functions it needs, a digest of the code) and the object code; its name holds a digest of the sources,
the compiler and the processor, so that nobody ever meets code that was made for something else.
"""

import ctypes
import ctypes.util
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import platformdirs

Entry = Callable[[int, int], int]
"""A kernel as machine code: addresses of its whole numbers and floats in, how it ended out."""

KEPT = 24
"""Files of machine code kept; older ones, of other versions, are removed."""


@dataclass(frozen=True, slots=True)
class Program:
    """A kernel that can be made into machine code.

    Args:
        loop: Name of the function that is its entry, `loop(n, x)`.
        modules: Modules whose functions it is made of. No two of these bear the same name.
        inline: Functions written into their callers.
        constants: Names of a module that are fixed for this program, and their values: what they
            rule out is left out of the machine code.
    """

    loop: str
    modules: tuple[str, ...]
    inline: frozenset[str] = frozenset()
    constants: tuple[tuple[str, Any], ...] = field(default=())


@cache
def binding() -> Any:
    """Return llvmlite's binding, ready for this processor."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache
def place(program: Program) -> Path:
    """Return the file that holds, or is to hold, a program's machine code on this machine."""
    llvm = binding()
    made_by = [sys.version, version("numba"), version("llvmlite"), llvm.get_process_triple()]
    made_for = [llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    digest = hashlib.sha256(json.dumps([made_by, made_for, repr(program.constants)]).encode())
    root = Path(__file__).parents[2]
    here = "deepkit.cluster."
    others = (here + name for name in ("layout", "rng", "making", "machine", "compiled"))
    for module in (*program.modules, *others):
        digest.update((root / (module.replace(".", os.sep) + ".py")).read_bytes())
    return folder() / f"{program.loop}-{digest.hexdigest()[:20]}.code"


@cache
def folder() -> Path:
    """Return a folder for machine code that can be written to.

    Returns:
        One below the user's cache folder; below the system's temporary folder when that is read-only.
    """
    for path in (Path(platformdirs.user_cache_dir("deepkit")), _own_temporary()):
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                return path
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="deepkit-"))


def _own_temporary() -> Path:
    """Return the user's folder below the temporary one, if nobody else could have put code there."""
    who = os.getuid() if hasattr(os, "getuid") else "user"
    path = Path(tempfile.gettempdir()) / f"deepkit-{who}"
    if path.exists() and hasattr(os, "getuid"):
        found = path.lstat()
        mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
        if not mine:
            return Path(tempfile.mkdtemp(prefix="deepkit-"))
    return path


def store(program: Program, entry: str, needs: list[str], code: bytes) -> None:
    """Keep machine code, whole or not at all, and remove the oldest of many.

    Args:
        program: What it was made of.
        entry: Name of its function.
        needs: Functions of the mathematics library that it calls.
        code: The object code.
    """
    target = place(program)
    head = {"entry": entry, "needs": needs, "sha256": hashlib.sha256(code).hexdigest()}
    handle, name = tempfile.mkstemp(dir=target.parent, prefix="part-")
    with os.fdopen(handle, "wb") as file:
        file.write(json.dumps(head).encode() + b"\n" + code)
    try:
        Path(name).replace(target)
    except OSError:  # another process reads the same file just now, and Windows minds
        Path(name).unlink(missing_ok=True)
    kept = sorted(target.parent.glob("*.code"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in kept[KEPT:]:
        old.unlink(missing_ok=True)


@cache
def _symbols() -> ctypes.CDLL:
    return ctypes.CDLL(ctypes.util.find_library("m") or ctypes.util.find_library("ucrtbase"))


def load(program: Program) -> Entry | None:
    """Read a program's machine code.

    Args:
        program: The kernel.

    Returns:
        Its entry, or None when it was not made yet, or what lies there is damaged.
    """
    try:
        line, _, code = place(program).read_bytes().partition(b"\n")
        head = json.loads(line)
        if hashlib.sha256(code).hexdigest() != head["sha256"]:
            return None
    except (OSError, ValueError, KeyError):
        return None
    llvm = binding()
    for name in head["needs"]:
        if llvm.address_of_symbol(name) is None:
            llvm.add_symbol(name, ctypes.cast(getattr(_symbols(), name), ctypes.c_void_p).value)
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    signature = ctypes.CFUNCTYPE(
        ctypes.c_int32, ctypes.POINTER(ctypes.c_int64), ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
    )
    function = signature(engine.get_function_address(head["entry"]))

    def entry(n_at: int, x_at: int, _alive: Any = engine) -> int:
        ended, trouble = ctypes.c_int64(), ctypes.c_void_p()
        if function(ctypes.byref(ended), ctypes.byref(trouble), n_at, x_at) != 0:
            raise ArithmeticError("The kernel came upon a number it cannot compute with")
        return ended.value

    return entry
