"""Grids of policies, loads and seeds through any `concurrent.futures.Executor`.

The same table comes out of threads, processes, Dask, ipyparallel and loky, bit for bit: a cell is
decided by its cluster, policy and seed alone. A journal keeps finished cells, so that an
interrupted sweep goes on where it stopped, and a killed worker loses nothing.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice, product
from pathlib import Path
from typing import Any

from deepkit.cluster.contest import named
from deepkit.cluster.model import Cluster
from deepkit.errors import UsageError
from deepkit.extras import extra
from deepkit.records import Policy
from deepkit.retries.check import number

MOST_CELLS = 1_000_000
AHEAD = 32
"""Tasks handed to the executor at once; the rest wait here, so that cancelling is quick."""
CHUNK = 4
"""Cells in one task."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One run to make: policy by name, load over capacity, seed."""

    name: str
    policy: Policy
    load: float
    seed: int


@dataclass(frozen=True, slots=True)
class Table:
    """What a sweep found.

    Args:
        rows: One mapping a finished cell, in the order of the grid: "policy", "load", "seed" and the
            figures of `Outcome`.
        errors: One mapping a cell that failed: "policy", "load", "seed", "error".
        missing: Cells that were not run because the sweep was cancelled.
    """

    rows: tuple[Mapping[str, Any], ...]
    errors: tuple[Mapping[str, Any], ...]
    missing: int

    def frame(self) -> Any:
        """Return the rows as a pandas DataFrame."""
        with extra("lab"):
            import pandas as pd

        return pd.DataFrame(list(self.rows))


def run_cells(cluster: Cluster, requests: int, cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """Run some cells; what a worker does. No exception crosses to the caller, since not all of them pickle."""
    from deepkit.cluster.simulation import simulate

    rows = []
    for cell in cells:
        key = {"policy": cell.name, "load": cell.load, "seed": cell.seed}
        try:
            outcome = simulate(cluster.at_load(cell.load), cell.policy, requests=requests, seed=cell.seed)
            figures = outcome.as_json()
            figures.pop("events_per_s")  # the only figure that depends on the machine
            rows.append({**key, **figures})
        except Exception as error:
            rows.append({**key, "error": f"{type(error).__name__}: {error}"})
    return rows


def sweep(
    cluster: Cluster,
    policies: Mapping[str, Policy] | Sequence[str] | None = None,
    *,
    loads: Sequence[float] = (0.6, 0.8, 0.9, 1.0, 1.1, 1.3),
    seeds: Sequence[int] = (0, 1, 2, 3),
    requests: int = 20_000,
    executor: Executor | None = None,
    journal: str | os.PathLike[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Table:
    """Run a grid of policies, loads and seeds.

    Args:
        cluster: The cluster; its arrival rate, or its closed population, is set by the load.
        policies: Policies by name, or names of presets; None is the shortlist.
        loads: New work over capacity.
        seeds: Seeds of the runs.
        requests: New requests of each run.
        executor: Runs the cells; None runs them here, one after the other. It is not shut down.
        journal: File for finished cells; cells found in it are not run again.
        progress: Called with finished and all cells after each task.
        cancelled: Asked between tasks; True ends the sweep with what is finished.

    Returns:
        The table, in the order of the grid whatever the order of finishing.

    Raises:
        UsageError: When the grid is empty or too large, a load is no positive number, or the journal
            belongs to another sweep.
    """
    grid = _grid(named(policies), loads, seeds)
    number("requests", requests, 100, 1_000_000_000)
    book = Journal(journal, cluster, requests, grid) if journal is not None else None
    found: dict[int, dict[str, Any]] = book.read() if book else {}
    todo = [place for place in range(len(grid)) if place not in found]
    chunks = [todo[i : i + CHUNK] for i in range(0, len(todo), CHUNK)]
    source = _through(executor, cluster, requests, grid, chunks, cancelled) if executor else _here(
        cluster, requests, grid, chunks, cancelled
    )  # fmt: skip
    for places, rows in source:
        for place, row in zip(places, rows, strict=True):
            found[place] = row
            if book:
                book.write(place, row)
        if progress:
            progress(len(found), len(grid))
    ordered = [found[place] for place in sorted(found)]
    good = tuple(row for row in ordered if "error" not in row)
    bad = tuple(row for row in ordered if "error" in row)
    return Table(good, bad, len(grid) - len(found))


def _grid(policies: Mapping[str, Policy], loads: Sequence[float], seeds: Sequence[int]) -> list[Cell]:
    for load in loads:
        number("a load", load, 1e-6, 1e6)
    grid = [Cell(name, policies[name], load, seed) for name, load, seed in product(policies, loads, seeds)]
    if not 1 <= len(grid) <= MOST_CELLS:
        raise UsageError(f"The grid has {len(grid)} cells; give 1 to {MOST_CELLS}")
    return grid


Finished = Iterator[tuple[list[int], list[dict[str, Any]]]]


def _here(
    cluster: Cluster, requests: int, grid: Sequence[Cell], chunks: Sequence[list[int]],
    cancelled: Callable[[], bool] | None,
) -> Finished:  # fmt: skip
    for chunk in chunks:
        if cancelled and cancelled():
            return
        yield chunk, run_cells(cluster, requests, [grid[place] for place in chunk])


def _through(
    executor: Executor, cluster: Cluster, requests: int, grid: Sequence[Cell], chunks: Sequence[list[int]],
    cancelled: Callable[[], bool] | None,
) -> Finished:  # fmt: skip
    """Keep the executor busy; what is lost with a worker is run here."""
    waiting = iter(chunks)
    open_: dict[Future[list[dict[str, Any]]], list[int]] = {}
    lost: list[list[int]] = []
    try:
        while True:
            while len(open_) < AHEAD and (chunk := next(waiting, None)) is not None:
                try:
                    task = executor.submit(run_cells, cluster, requests, [grid[place] for place in chunk])
                except (BrokenExecutor, RuntimeError):
                    lost += [chunk, *waiting]
                    break
                open_[task] = chunk
            if not open_ or (cancelled and cancelled()):
                break
            finished, _ = wait(list(open_), timeout=0.2, return_when=FIRST_COMPLETED)
            for task in finished:
                chunk = open_.pop(task)
                rows = _result(task)
                if rows is None:
                    lost.append(chunk)
                else:
                    yield chunk, rows
    finally:
        for task in open_:
            cancel = getattr(task, "cancel", None)  # not every executor's futures can be cancelled
            if cancel is not None:
                cancel()
    yield from _here(cluster, requests, grid, lost, cancelled)


def _result(task: "Future[list[dict[str, Any]]]") -> list[dict[str, Any]] | None:
    """Return a task's rows; None when they were lost, with their worker or on the way."""
    try:
        return task.result()
    except (Exception, CancelledError):
        return None


class Journal:
    """Finished cells in a file of JSON lines, one a cell.

    Args:
        path: The file; its first line names the sweep.
        cluster: The cluster of the sweep.
        requests: Requests of each run.
        grid: Its cells.
    """

    def __init__(
        self, path: str | os.PathLike[str], cluster: Cluster, requests: int, grid: Sequence[Cell]
    ) -> None:
        self.path = Path(path)
        told = json.dumps([asdict(cluster), requests, [asdict(cell) for cell in grid]], sort_keys=True)
        self.mark = sha256(told.encode()).hexdigest()

    def read(self) -> dict[int, dict[str, Any]]:
        """Return the finished cells by their places, and begin the file when there is none.

        Raises:
            UsageError: When the file is of another sweep, or cannot be read or written.
        """
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
            if not lines:
                self.path.write_text(json.dumps({"sweep": self.mark}) + "\n", encoding="utf-8")
                return {}
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"The journal {self.path} cannot be used: {error}") from error
        if _line(lines[0]).get("sweep") != self.mark:
            raise UsageError(f"{self.path} is the journal of another sweep; name another file")
        found = {}
        for line in islice(lines, 1, None):
            entry = _line(line)  # a line cut by a crash is no entry
            if isinstance(entry.get("row"), dict) and "error" not in entry["row"]:
                found[int(entry["place"])] = entry["row"]
        return found

    def write(self, place: int, row: Mapping[str, Any]) -> None:
        """Append a finished cell."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps({"place": place, "row": row}))


def _line(text: str) -> dict[str, Any]:
    try:
        entry = json.loads(text)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
