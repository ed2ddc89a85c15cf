"""The line of the real-network tier: what it is told is what it does, packet by packet."""

from hypothesis import given
from hypothesis import strategies as st

from tests.lab.link import PAUSE_S, Direction

SIZES = st.lists(st.integers(40, 1500), min_size=1, max_size=60)
TIMES = st.floats(0.0, 0.4)


@given(
    sizes=SIZES, delay=TIMES, jitter=TIMES, swell=TIMES, pauses=st.floats(0.0, 1.0), step=st.floats(0.0, 0.5)
)
def test_packets_keep_their_order_and_their_bounds(
    sizes: list[int], delay: float, jitter: float, swell: float, pauses: float, step: float
) -> None:
    """None comes before its delay or ahead of an earlier one, none is lost, and none is later than all there is."""
    direction = Direction(delay_s=delay, jitter_s=jitter, swell_s=swell, pauses=pauses)
    sent = [at * step for at in range(len(sizes))]
    came = [direction.due(size, now) for size, now in zip(sizes, sent, strict=True)]
    known = [one for one in came if one is not None]
    assert len(known) == len(sizes)
    assert known == sorted(known)
    most = delay + jitter + swell + PAUSE_S
    assert all(now + delay <= due <= now + most + 1e-9 for now, due in zip(sent, known, strict=True))


@given(sizes=SIZES, largest=st.integers(40, 1500))
def test_only_long_packets_vanish(sizes: list[int], largest: int) -> None:
    """A line that swallows long packets swallows each of them and no other."""
    direction = Direction(largest=largest)
    assert [direction.due(size, 0.0) is None for size in sizes] == [size > largest for size in sizes]


def test_a_lossy_line_loses_its_share() -> None:
    """Of many packets a quarter is lost, within four standard errors."""
    direction, n = Direction(drop=0.25), 20_000
    lost = sum(direction.due(100, 0.0) is None for _ in range(n))
    assert abs(lost - n / 4) < 4 * (n * 0.25 * 0.75) ** 0.5
