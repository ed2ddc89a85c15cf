"""Sweeps: one table, whoever computes it, whatever happens on the way."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from deepkit.cluster import Cluster, Table, sweep
from deepkit.errors import UsageError

HOUSE = Cluster(8, 16, 1.0, 1.0)
GRID: dict[str, Any] = {
    "policies": ["none", "full_jitter"],
    "loads": (0.8, 1.2),
    "seeds": (1, 2, 3),
    "requests": 2000,
}


@pytest.fixture(scope="module")
def truth() -> Table:
    """The table computed here."""
    return sweep(HOUSE, **GRID)


@contextmanager
def threads() -> Iterator[Executor]:
    """Two threads."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


@contextmanager
def processes() -> Iterator[Executor]:
    """Two processes."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@contextmanager
def loky() -> Iterator[Executor]:
    """Two processes of loky."""
    from loky import ProcessPoolExecutor as LokyExecutor

    with LokyExecutor(2) as pool:
        yield pool


@contextmanager
def dask() -> Iterator[Executor]:
    """A Dask cluster of two worker processes on loopback."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
        client.get_executor() as pool,
    ):
        yield pool


@contextmanager
def ipyparallel() -> Iterator[Executor]:
    """An ipyparallel cluster of two engines on loopback."""
    import ipyparallel as ipp

    with ipp.Cluster(n=2, controller_ip="127.0.0.1", log_level=40) as client:
        yield client.load_balanced_view().executor


@pytest.mark.parametrize("engine", [threads, processes])
def test_one_table_bit_for_bit(engine: Callable[[], Any], truth: Table) -> None:
    """Threads and processes give the table that was computed here."""
    with engine() as pool:
        assert sweep(HOUSE, executor=pool, **GRID) == truth


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # their own, not ours
@pytest.mark.parametrize("engine", [loky, dask, ipyparallel])
def test_other_engines_too(engine: Callable[[], Any], truth: Table) -> None:
    """loky, a Dask cluster of two workers and ipyparallel, all for real, give the same table."""
    with engine() as pool:
        assert sweep(HOUSE, executor=pool, **GRID) == truth


def test_the_grid_is_whole_and_in_order(truth: Table) -> None:
    """Every cell is there once, policies before loads before seeds."""
    keys = [(row["policy"], row["load"], row["seed"]) for row in truth.rows]
    assert keys == [(p, load, s) for p in ("none", "full_jitter") for load in (0.8, 1.2) for s in (1, 2, 3)]
    assert truth.missing == 0
    assert truth.errors == ()
    assert list(truth.frame()["blocked"]) == [row["blocked"] for row in truth.rows]


def test_a_killed_worker_loses_nothing(truth: Table) -> None:
    """Workers killed in the middle: the table is whole all the same."""
    pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
    killed = threading.Event()

    def kill(finished: int, of: int) -> None:
        if not killed.is_set():
            killed.set()
            for worker in list(pool._processes.values()):
                os.kill(worker.pid, signal.SIGTERM)

    try:
        assert sweep(HOUSE, executor=pool, progress=kill, **GRID) == truth
    finally:
        pool.shutdown(cancel_futures=True)
    assert killed.is_set()


def test_cancel_and_go_on(tmp_path: Path, truth: Table) -> None:
    """A cancelled sweep returns what is finished; with its journal the next one runs only the rest."""
    journal, steps = tmp_path / "sweep.jsonl", []
    first = sweep(
        HOUSE,
        journal=journal,
        progress=lambda done, of: steps.append(done),
        cancelled=lambda: bool(steps),
        **GRID,
    )
    assert 0 < len(first.rows) < 12
    assert first.missing == 12 - len(first.rows)
    with journal.open("a") as file:
        file.write('\n{"place": 11, "ro')  # a crash in the middle of a line
    again: list[int] = []
    assert sweep(HOUSE, journal=journal, progress=lambda done, of: again.append(done), **GRID) == truth
    assert again[0] > len(first.rows)
    assert sweep(HOUSE, journal=journal, progress=lambda done, of: pytest.fail("ran again"), **GRID) == truth


def test_a_journal_of_another_sweep_is_refused(tmp_path: Path) -> None:
    """Other seeds, other journal."""
    journal = tmp_path / "sweep.jsonl"
    sweep(HOUSE, journal=journal, **{**GRID, "seeds": (1,)})
    with pytest.raises(UsageError, match="another"):
        sweep(HOUSE, journal=journal, **GRID)


class Stubborn(Executor):
    """An executor whose futures cannot be cancelled, and whose every third task fails on the way."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Run at once."""
        self.count += 1
        future: Future[Any] = Future()
        future.cancel = None  # type: ignore[method-assign, assignment]
        if self.count % 3 == 0:
            future.set_exception(RuntimeError("lost on the way"))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def test_poor_executors_are_survived(truth: Table) -> None:
    """No cancel, results lost on the way: the cells are run here and the table is whole."""
    assert sweep(HOUSE, executor=Stubborn(), **GRID) == truth


def test_failing_cells_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that raises, even what does not pickle, becomes a row of errors and spoils no other."""
    from deepkit.cluster import simulation

    real = simulation.simulate

    class UnpicklableError(Exception):
        def __init__(self) -> None:
            super().__init__("no")
            self.lock = threading.Lock()

    def sometimes(cluster: Cluster, policy: Any, *, requests: int, seed: int) -> Any:
        if seed == 2:
            raise UnpicklableError
        return real(cluster, policy, requests=requests, seed=seed)

    monkeypatch.setattr(simulation, "simulate", sometimes)
    table = sweep(HOUSE, **GRID)
    assert len(table.rows) == 8
    assert [row["seed"] for row in table.errors] == [2, 2, 2, 2]
    assert "UnpicklableError" in table.errors[0]["error"]


@pytest.mark.parametrize(
    "bad", [{"loads": ()}, {"loads": (0.0,)}, {"loads": (float("nan"),)}, {"requests": 1}]
)
def test_bad_grids(bad: dict[str, Any]) -> None:
    """Empty grids and loads that are no positive numbers are usage errors."""
    with pytest.raises(UsageError):
        sweep(HOUSE, **{**GRID, **bad})
