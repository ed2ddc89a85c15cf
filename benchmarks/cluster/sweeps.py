"""A sweep of a thousand cells through two processes and two threads: the share of both cores it uses.

Processor seconds of this process and its workers over wall seconds times workers, from the first cell
handed over to the last row. On a machine that does something else the share says little by itself:
so two processes that only count, which lose nothing, are measured beside it in the same run.
"""

import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

from deepkit.cluster import Cluster, sweep

WORKERS = 2
POLICIES = ("none", "full_jitter", "guide_ladder", "openai_sdk", "budgeted")
LOADS = tuple(0.5 + 0.05 * step for step in range(20))
SEEDS = tuple(range(10))
REQUESTS = 100_000


def processes() -> Executor:
    """Two processes, begun afresh."""
    return ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn"))


def threads() -> Executor:
    """Two threads: the engine runs without the interpreter's lock."""
    return ThreadPoolExecutor(WORKERS)


def used() -> float:
    """Return the processor seconds of this process and of its children that have ended."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def share(pool: Callable[[], Executor]) -> tuple[float, int]:
    """Return the share of the cores in use, and the cells that were run."""
    began, before = time.perf_counter(), used()
    with pool() as executor:
        table = sweep(
            Cluster(8, 16, 1.0, 1.0), POLICIES, loads=LOADS, seeds=SEEDS, requests=REQUESTS, executor=executor
        )
        wall = time.perf_counter() - began
    return (used() - before) / (wall * WORKERS), len(table.rows)


def count() -> None:
    """Keep one core busy for some processor seconds."""
    began = time.process_time()
    while time.process_time() - began < 4.0:
        pass


def counting() -> float:
    """Return the share of the cores that two processes get which only count."""
    began, before = time.perf_counter(), used()
    with processes() as executor:
        for task in [executor.submit(count) for _ in range(WORKERS)]:
            task.result()
        wall = time.perf_counter() - began
    return (used() - before) / (wall * WORKERS)


def main() -> None:
    """Print the share of the cores for processes and threads, beside that of counting."""
    for pool in (processes, threads):
        (found, cells), most = share(pool), counting()
        print(
            f"  {pool.__name__:<10} {cells} cells, {found:.0%} of {WORKERS} cores (at least 90 %); "
            f"counting alone gets {most:.0%}"
        )


if __name__ == "__main__":
    main()
