"""The WebAssembly module: loaded once, with a memory of its own for each run.

`make engine` builds engine.wasm from the C sources beside it; a test holds the two together.
"""

import atexit
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepkit.cluster.engine.layout import NO_ROOM, PACKING, Change, Result, Snapshot
from deepkit.cluster.engine.parameters import Run, described
from deepkit.errors import UsageError
from deepkit.extras import extra

if TYPE_CHECKING:
    import wasmtime

    from deepkit.cluster.model import Cluster
    from deepkit.records import Policy

WASM = Path(__file__).with_name("engine.wasm")
ROOMS = (*(1 << bits for bits in range(10, 20, 2)), *(1 << bits for bits in range(20, 25)))
"""Requests in the cluster that a run has room for; where they are too few, it begins anew with the next."""


@dataclass(frozen=True, slots=True)
class Trail:
    """What a run left behind.

    Args:
        end: DONE, or CUT when it ended at its most events.
        snapshots: The snapshots, in order of time; the last is that of the end.
        changes: The trace, where one was wished for.
        took_s: Seconds of real time that the event loop took.
    """

    end: int
    snapshots: tuple[Snapshot, ...]
    changes: tuple[Change, ...]
    took_s: float


@cache
def _compiled() -> "tuple[wasmtime.Engine, wasmtime.Module]":
    with extra("simulate"):
        import wasmtime

    atexit.register(_compiled.cache_clear)  # wasmtime cannot free them any later
    config = wasmtime.Config()
    config.parallel_compilation = (
        False  # no threads that a forked worker would miss; it takes a hundredth of a second
    )
    engine = wasmtime.Engine(config)
    return engine, wasmtime.Module.from_file(engine, str(WASM))


class Instance:
    """The module with a memory of its own; one thread at a time may use it.

    Args:
        given: Input, of `deepkit.cluster.engine.parameters.described`.
    """

    def __init__(self, given: bytes) -> None:
        engine, module = _compiled()
        import wasmtime

        self._store = wasmtime.Store(engine)
        self._exports: Any = wasmtime.Instance(self._store, module, []).exports(self._store)
        place = self.call("input", len(given))
        self.memory.write(self._store, given, place)

    @property
    def memory(self) -> Any:
        """The module's memory."""
        return self._exports["memory"]

    def call(self, name: str, *numbers: float) -> Any:
        """Call one of the module's functions."""
        return self._exports[name](self._store, *numbers)

    def read(self, kind: Any, address: int, count: int) -> tuple[Any, ...]:
        """Return structs that stand at an address of the memory."""
        layout = PACKING[kind]
        found = self.memory.read(self._store, address, address + count * layout.size)
        return tuple(map(kind._make, layout.iter_unpack(found)))


def run(cluster: "Cluster", policy: "Policy", wanted: Run) -> Trail:
    """Run a cluster.

    Args:
        cluster: The cluster; its own policy is not used.
        policy: What its clients do.
        wanted: How long, with which seed, and what is to be kept.

    Returns:
        What happened; the same on every platform.

    Raises:
        UsageError: When more requests pile up than fit into memory.
    """
    given = described(cluster, policy, wanted)
    for room in ROOMS:
        instance = Instance(given)
        began = time.perf_counter()
        address = instance.call("run", room)
        took = time.perf_counter() - began
        (result,) = instance.read(Result, address, 1)
        if result.end != NO_ROOM:
            snapshots = instance.read(Snapshot, result.snapshots_at, result.snapshots)
            changes = instance.read(Change, result.changes_at, result.changes)
            return Trail(result.end, snapshots, changes, took)
        del instance  # its memory, before a larger one is made
    raise UsageError(
        f"Millions of requests pile up: the load is {cluster.utilisation:.3g} times what the servers can do; "
        "lower arrival_rate, shorten the queue or give clients some patience"
    )
