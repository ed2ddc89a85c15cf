"""The timing self-test: small, plausible errors on loopback, from a process of its own."""

from deepkit.reports.timing import CHUNKS, timing_error


def test_the_error_is_measured_and_small() -> None:
    """Every gap is compared; the median error is positive and far below the gaps themselves."""
    found = timing_error()
    assert found is not None
    assert found.n >= CHUNKS - 2
    assert 0 < found.median_s < 0.02
    assert found.median_s <= found.worst_s
    assert 0 < found.raw_median_s < 0.02
