"""The load behind a site."""

from random import Random

import pytest

from deepkit.sandbox.load import Occupancy, share_of_hour
from deepkit.sandbox.scenario import scenarios

SITES = {
    f"{one.name}.{name}": site.load for one in scenarios() for name, site in one.sites.items() if site.load
}


def refused(name: str, seed: int) -> float:
    """Share of moments at which a request would be refused."""
    load = SITES[name]
    path, rng = Occupancy(load, seed), Random(0)
    full = load.servers + load.queue
    return sum(path.number(rng.uniform(0, load.horizon_s)) >= full for _ in range(2000)) / 2000


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_shares_of_refusals(seed: int) -> None:
    """A busy site refuses most, a quiet one hardly any, whatever the seed."""
    assert 0.55 < refused("rush_hour.main", seed) < 0.75
    assert 0.60 < refused("saturated_region.main", seed) < 0.85
    assert 0.60 < refused("busy_by_day.main", seed) < 0.80
    assert refused("rush_hour.quiet", seed) < 0.05
    assert refused("busy_by_day.quiet", seed) < 0.15


def test_refusals_come_in_runs_that_a_backoff_outlasts() -> None:
    """In the rush hour seven tries with full jitter (0.1 s doubling to 1 s) pass four times in five or more."""
    path, rng = Occupancy(SITES["rush_hour.main"], 0), Random(0)
    full = path.load.servers + path.load.queue

    def passes() -> bool:
        at = rng.uniform(0, path.load.horizon_s)
        for retry in range(7):
            if path.number(at) < full:
                return True
            at += rng.uniform(0, min(1.0, 0.1 * 2**retry))
        return False

    assert sum(passes() for _ in range(1000)) > 800


def test_a_turn_comes_when_enough_have_left() -> None:
    """The wait is positive, grows with those ahead, and ends at a departure."""
    path = Occupancy(SITES["rush_hour.main"], 0)
    for at in (0.0, 7.3, 31.0, 59.9):
        one, two = path.turn(at, 1), path.turn(at, 2)
        assert 0 < one <= two
    assert path.number(5.0) == path.number(65.0)  # the path begins again at its horizon


def test_the_hours_share_is_the_published_fleets() -> None:
    """At 08:00 UTC the whole fleet ran, at 20:00 UTC a quarter of it (68 of 278 nodes)."""
    assert share_of_hour(8) == 1.0
    assert share_of_hour(20) == pytest.approx(68 / 278)
    assert share_of_hour(None) == 1.0
