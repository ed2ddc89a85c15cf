"""The timing self-test: errors on loopback, from a process of its own."""

from deepkit.reports.timing import CHUNKS, timing_error


def test_the_error_is_measured() -> None:
    """Every gap is compared, and the median error lies between nothing and the worst one."""
    found = timing_error()
    assert found is not None
    assert found.n >= CHUNKS - 2
    assert 0 < found.median_s <= found.worst_s
    assert found.raw_median_s > 0
