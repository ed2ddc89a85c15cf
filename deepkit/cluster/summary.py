"""From a run's snapshots to figures with standard errors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from deepkit.cluster.engine import Snapshot
from deepkit.cluster.model import Cluster

NAN = float("nan")
MEMORIES = 4.0
FEWEST_BATCHES = 9
"""With fewer batches than this the error itself is a guess."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run showed.

    Args:
        values: Figures by name.
        errors: Their standard errors.
        seconds: Simulated time that was counted.
        stable: Nothing piled up.
        correlated: Batches are too short beside the clients' waits, so that the errors are too small.
    """

    values: dict[str, float]
    errors: dict[str, float]
    seconds: float
    stable: bool
    correlated: bool


def ratio(above: Sequence[float], below: Sequence[float]) -> tuple[float, float]:
    """Return the ratio of two sums over batches and its standard error.

    Args:
        above: The numerator's share in each batch.
        below: The denominator's.

    Returns:
        Ratio and standard error of the ratio estimator (Law, Simulation Modeling and Analysis,
        5th edition, section 9.5.3); NaN where nothing was counted.
    """
    total = math.fsum(below)
    if total == 0.0:
        return NAN, NAN
    value = math.fsum(above) / total
    batches = len(below)
    if batches < 2:
        return value, NAN
    left = math.fsum((a - value * b) ** 2 for a, b in zip(above, below, strict=True))
    return value, math.sqrt(left * batches / (batches - 1)) / total


def differences(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Return what happened between each two neighbouring snapshots."""
    return [
        Snapshot._make(after - before for before, after in zip(*pair, strict=True))
        for pair in pairwise(snapshots)
    ]


def joined(batches: Sequence[Snapshot], least_s: float) -> list[Snapshot]:
    """Join neighbouring batches until each lasts so long, but leave FEWEST_BATCHES of them."""
    if not batches:
        return []
    seconds = math.fsum(batch.now for batch in batches) / len(batches)
    size = max(1, min(math.ceil(least_s / seconds), len(batches) // FEWEST_BATCHES))
    groups = [batches[i : i + size] for i in range(0, len(batches) - size + 1, size)]
    groups[-1] = batches[(len(groups) - 1) * size :]
    return [Snapshot._make(sum(column) for column in zip(*group, strict=True)) for group in groups]


def figures(snapshots: Sequence[Snapshot], warm_up: int, cluster: Cluster, memory_s: float = 0.0) -> Figures:
    """Turn snapshots into figures.

    Args:
        snapshots: Counts and sums since the beginning, in order of time.
        warm_up: Snapshots that are not counted.
        cluster: The cluster they are from.
        memory_s: How long a client's waits carry the load of one moment on, in seconds. A batch must last
            MEMORIES of them, or neighbouring batches tell the same and the errors are too small.

    Returns:
        The figures over all batches after the warm-up.
    """
    batches = differences(snapshots[min(warm_up, len(snapshots) - 2) :])
    batches = joined([batch for batch in batches if batch.now > 0.0], MEMORIES * memory_s)

    def column(*names: str) -> list[float]:
        return [float(sum(getattr(batch, name) for name in names)) for batch in batches]

    time, done = column("now"), column("successes", "failed")
    attempts, accepted, waiting = column("attempts"), column("accepted"), column("waiting_area")
    pairs = {
        "blocked": (column("blocked"), attempts),
        "wait_probability": (column("waited"), accepted),
        "mean_wait": (waiting, accepted),
        "success": (column("successes"), done),
        "attempts_per_request": (attempts, column("arrivals")),
        "goodput": (column("successes"), time),
        "time_to_success": (column("success_time"), column("successes")),
        "offered": (attempts, time),
        "utilisation": (column("busy_area"), [cluster.servers * passed for passed in time]),
        "queue_length": (waiting, time),
        "abandoned": (column("left"), accepted),
    }
    found = {name: ratio(*pair) for name, pair in pairs.items()}
    arrived = math.fsum(column("arrivals"))
    piled = arrived - math.fsum(done)
    allowed = 0.02 * arrived + 6.0 * math.sqrt(arrived) + cluster.servers
    return Figures(
        {name: value for name, (value, _) in found.items()},
        {name: error for name, (_, error) in found.items()},
        math.fsum(time),
        piled <= allowed or cluster.population is not None,  # a closed population cannot pile up
        math.fsum(time) < MEMORIES * memory_s * len(time),
    )
