"""The exact curve that stands beside simulated dots: the textbook's formulas, and silence where there are none."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.cluster import Cluster, exact_waits
from deepkit.errors import UsageError
from tests.cluster import exact


@given(
    c=st.integers(1, 60),
    queue=st.integers(1, 200),
    load=st.floats(0.05, 3.0),
    service=st.floats(0.01, 100.0),
)
def test_bounded_queues(c: int, queue: int, load: float, service: float) -> None:
    """M/M/c/K: the wait of those let in, in units of the service time."""
    (wait,) = exact_waits(Cluster(c, queue, 1.0, service), [load])
    assert wait == pytest.approx(exact.bounded(c, c + queue, load * c)[2] * service, rel=1e-6, abs=1e-12)


@given(c=st.integers(1, 60), load=st.floats(0.05, 0.98))
def test_erlang_c_is_the_endless_queue(c: int, load: float) -> None:
    """With ten million places the wait is Erlang C's."""
    (wait,) = exact_waits(Cluster(c, 10_000_000, 1.0, 1.0), [load])
    assert wait == pytest.approx(exact.erlang_c(c, load * c) / (c - load * c), rel=1e-6, abs=1e-12)


@given(c=st.integers(1, 40), load=st.floats(0.3, 2.0), patience=st.floats(0.2, 5.0))
def test_erlang_a(c: int, load: float, patience: float) -> None:
    """Impatient clients: the mean wait is patience times the share that leaves."""
    (wait,) = exact_waits(Cluster(c, 10_000_000, 1.0, 1.0, patience_s=patience), [load])
    assert wait == pytest.approx(patience * exact.erlang_a(c, load * c, 1 / patience)[0], rel=1e-6, abs=1e-12)


def test_silence_where_nothing_is_known() -> None:
    """Other laws, timeouts, outages and queues that grow for ever have no exact wait here: None, never a guess."""
    plain = Cluster(4, 10, 1.0, 1.0)
    unknown = (
        replace(plain, service_law="lognormal"),
        replace(plain, timeout_s=5.0),
        replace(plain, capacity=((1.0, 0),)),
        replace(plain, reject_s=0.1),
        replace(plain, priorities=(0.5, 0.5)),
    )
    assert all(exact_waits(one, [0.5]) == (None,) for one in unknown)
    assert exact_waits(replace(plain, queue=10_000_000), [0.5, 1.5])[1] is None
    assert exact_waits(plain, [0.5])[0] is not None


@pytest.mark.parametrize("load", [0.0, -1.0, math.nan, math.inf])
def test_bad_loads(load: float) -> None:
    """A load that is no positive number is a usage error."""
    with pytest.raises(UsageError, match="load"):
        exact_waits(Cluster(1, 1, 1.0, 1.0), [load])
