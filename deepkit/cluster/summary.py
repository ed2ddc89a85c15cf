"""From the kernel's snapshots to figures with standard errors."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepkit.cluster import layout as at
from deepkit.cluster.layout import Floats, Whole
from deepkit.cluster.model import Cluster

NAN = float("nan")
SUM = {name: at.COUNTERS + getattr(at, name) for name in (
    "NOW", "SUCCESS_SUM", "AREA_WAITING", "AREA_BUSY", "AREA_INFLIGHT")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """Values and their standard errors by name, the counted seconds, and whether nothing piled up."""

    values: dict[str, float]
    errors: dict[str, float]
    seconds: float
    stable: bool


def snapshots(n: Whole, x: Floats) -> Any:
    """Return a run's snapshots, one row each: the counters, then the sums."""
    first = n[at.SNAP_ROWS]
    return np.array(x[first : first + n[at.SNAPS] * at.ROW]).reshape(-1, at.ROW)


def ratio(above: Any, below: Any) -> tuple[float, float]:
    """Return the ratio of two sums over batches and its standard error.

    Args:
        above: The numerator's share in each batch.
        below: The denominator's.

    Returns:
        Ratio and standard error of the ratio estimator (Law, Simulation Modeling and Analysis,
        5th edition, section 9.5.3); NaN where nothing was counted.
    """
    total = float(below.sum())
    if total == 0.0:
        return NAN, NAN
    value = float(above.sum()) / total
    batches = len(below)
    if batches < 2:
        return value, NAN
    left = above - value * below
    return value, math.sqrt(float((left * left).sum()) * batches / (batches - 1)) / total


def figures(rows: Any, warm_up: int, cluster: Cluster) -> Figures:
    """Turn snapshots into figures.

    Args:
        rows: One row a snapshot: counters, then sums, since the beginning.
        warm_up: Rows that are not counted.
        cluster: The cluster they are from.

    Returns:
        The figures over all rows after the warm-up.
    """
    batches = np.diff(rows[min(warm_up, len(rows) - 2) :], axis=0)
    batches = batches[batches[:, SUM["NOW"]] > 0]
    column = batches.T
    time = column[SUM["NOW"]]
    done = column[at.SUCCESSES] + column[at.FAILED]
    left = column[at.ABANDONED] + column[at.TIMED_OUT]
    pairs = {
        "blocked": (column[at.BLOCKED], column[at.ATTEMPTS]),
        "wait_probability": (column[at.WAITED], column[at.ACCEPTED]),
        "mean_wait": (column[SUM["AREA_WAITING"]], column[at.ACCEPTED]),
        "success": (column[at.SUCCESSES], done),
        "attempts_per_request": (column[at.ATTEMPTS], column[at.ARRIVALS]),
        "goodput": (column[at.SUCCESSES], time),
        "time_to_success": (column[SUM["SUCCESS_SUM"]], column[at.SUCCESSES]),
        "offered": (column[at.ATTEMPTS], time),
        "utilisation": (column[SUM["AREA_BUSY"]], time * cluster.servers),
        "queue_length": (column[SUM["AREA_WAITING"]], time),
        "abandoned": (left, column[at.ACCEPTED]),
    }
    found = {name: ratio(*pair) for name, pair in pairs.items()}
    arrived, finished = float(column[at.ARRIVALS].sum()), float(done.sum())
    piled = arrived - finished
    allowed = 0.02 * arrived + 6.0 * math.sqrt(arrived) + cluster.servers
    return Figures(
        {name: value for name, (value, _) in found.items()},
        {name: error for name, (_, error) in found.items()},
        float(time.sum()),
        piled <= allowed or cluster.population is not None,  # a closed population cannot pile up
    )
