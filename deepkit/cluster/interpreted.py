"""The kernel without a compiler: the load of the sandbox, a few thousand events at a time."""

from deepkit.cluster.kernel import run
from deepkit.cluster.layout import DONE, TRACE_AT, TRACE_WHAT, TRACED
from deepkit.cluster.model import Cluster
from deepkit.cluster.packing import packed
from deepkit.errors import UsageError
from deepkit.retries.check import number

MOST_EVENTS = 5_000_000


def occupancy(cluster: Cluster, horizon_s: float, seed: int) -> tuple[list[float], list[int]]:
    """Return how many requests are in the cluster over time.

    Args:
        cluster: The cluster; its policy is what its clients do after a rejection.
        horizon_s: Length of the run, in seconds.
        seed: Seed; the same seed gives the same path, here and compiled.

    Returns:
        The times (s, rising, from 0) of the changes, and the number in service and queue from then on.

    Raises:
        UsageError: When the horizon is not a positive number or would take millions of events.
    """
    number("horizon_s", horizon_s, 1e-9, 1e12)
    expected = horizon_s * cluster.most_arrivals
    if expected > MOST_EVENTS:
        raise UsageError(
            f"{horizon_s:g} s hold about {expected:.3g} requests, too many to interpret; shorten the horizon"
        )
    trace, room = int(2.5 * expected) + 64, 1024
    while True:
        state = packed(cluster, cluster.policy, seed=seed, horizon_s=horizon_s, room=room, trace=trace)
        n, x = state[0].tolist(), state[1].tolist()  # the interpreter is faster on lists
        if run(n, x) == DONE:
            at, of, length = n[TRACE_AT], n[TRACE_WHAT], n[TRACED]
            return [0.0, *x[at : at + length]], [0, *n[of : of + length]]
        trace, room = 2 * trace, 2 * room
        if trace > 4 * MOST_EVENTS:
            raise UsageError(
                "The cluster's clients retry without end; give the policy a delay or fewer retries"
            )
