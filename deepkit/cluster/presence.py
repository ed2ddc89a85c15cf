"""How many requests are in a cluster over time: the load of the sandbox."""

from deepkit.cluster.engine import CUT, Run, run
from deepkit.cluster.model import Cluster
from deepkit.errors import UsageError
from deepkit.retries.check import number

MOST_EVENTS = 5_000_000


def occupancy(cluster: Cluster, horizon_s: float, seed: int) -> tuple[list[float], list[int]]:
    """Return how many requests are in the cluster over time.

    Args:
        cluster: The cluster; its policy is what its clients do after a rejection.
        horizon_s: Length of the run, in seconds.
        seed: Seed; the same seed gives the same path on every platform.

    Returns:
        The times (s, rising, from 0) of the changes, and the number in service and queue from then on.

    Raises:
        UsageError: When the horizon is not a positive number or would take millions of events.
    """
    number("horizon_s", horizon_s, 1e-9, 1e12)
    expected = horizon_s * cluster.most_arrivals
    if expected > MOST_EVENTS:
        raise UsageError(
            f"{horizon_s:g} s hold about {expected:.3g} requests, too many to keep; shorten the horizon"
        )
    room = int(2.5 * expected) + 64
    trail = run(
        cluster,
        cluster.policy,
        Run(seed=seed, horizon_s=horizon_s, changes=room, most_events=4 * MOST_EVENTS),
    )
    if trail.end == CUT:
        raise UsageError("The cluster's clients retry without end; give the policy a delay or fewer retries")
    return [0.0, *(one.when for one in trail.changes)], [0, *(one.present for one in trail.changes)]
