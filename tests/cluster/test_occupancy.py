"""A cluster's path over time: the load of the sandbox."""

import subprocess
import sys
from itertools import pairwise

import pytest

from deepkit.cluster import Cluster, occupancy
from deepkit.errors import UsageError
from deepkit.records import Policy

BUSY = Cluster(8, 16, 9.0, 1.0, policy=Policy("full_jitter", retries=5, base_s=1.0))


def test_it_needs_no_arrays() -> None:
    """Following a cluster's load imports neither numpy nor scipy."""
    code = (
        "import sys; from deepkit.cluster import Cluster, occupancy; occupancy(Cluster(2, 2, 1.0, 1.0), 50.0, 1);"
        "assert not {'numpy', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_it_stays_within_the_house_and_time_rises() -> None:
    """At no time are fewer than none or more than servers + queue inside, and each entry is a change."""
    times, present = occupancy(BUSY, 500.0, 3)
    assert times[0] == 0.0
    assert present[0] == 0
    assert all(a <= b for a, b in pairwise(times))
    assert times[-1] < 500.0
    assert min(present) == 0
    assert max(present) == 24
    assert all(a != b for a, b in pairwise(present))


def test_seeds_decide() -> None:
    """One seed, one path; another seed, another path."""
    assert occupancy(BUSY, 100.0, 7) == occupancy(BUSY, 100.0, 7)
    assert occupancy(BUSY, 100.0, 7) != occupancy(BUSY, 100.0, 8)


def test_clients_that_come_back_make_it_fuller() -> None:
    """With the same arrivals, rejected clients that retry keep more requests inside than those that go."""
    gone = Cluster(8, 16, 12.0, 1.0)
    back = Cluster(8, 16, 12.0, 1.0, policy=Policy("fixed", retries=20, base_s=1.0))
    assert _mean(gone) < _mean(back)


def _mean(cluster: Cluster) -> float:
    times, present = occupancy(cluster, 1000.0, 5)
    ends = [*times[1:], 1000.0]
    return sum(n * (b - a) for n, a, b in zip(present, times, ends, strict=True)) / 1000.0


@pytest.mark.parametrize("horizon", [0.0, -1.0, float("nan"), float("inf"), 1e11])
def test_bad_horizons_are_refused(horizon: float) -> None:
    """A horizon that is no positive number, or would never end, is a usage error."""
    with pytest.raises(UsageError):
        occupancy(BUSY, horizon, 1)
