"""The engine in C, run as the WebAssembly module that lies beside its sources."""

from deepkit.cluster.engine.layout import CUT, DONE, NO_ROOM, Change, Snapshot
from deepkit.cluster.engine.module import Trail, run
from deepkit.cluster.engine.parameters import Run

__all__ = ["CUT", "DONE", "NO_ROOM", "Change", "Run", "Snapshot", "Trail", "run"]
