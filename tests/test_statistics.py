"""Statistics against published reference cases, and the laws they keep."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.statistics import (
    effective_size,
    fisher_exact,
    mean_run,
    median_interval,
    median_place,
    newcombe,
    newcombe_paired,
    pair_e_value,
    student_t_95,
    wilson,
)


@pytest.mark.parametrize(
    ("ok", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_agrees_with_newcombe_1998(ok: int, n: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857, table of single proportions."""
    assert wilson(ok, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_independent(table: tuple[int, int, int, int], low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 873, method 10."""
    assert newcombe(*table) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("table", "low", "high"), [((14, 5, 0, 22), 0.0115, 0.2265), ((59, 6, 16, 80), -0.1186, -0.0046)]
)
def test_newcombe_paired(table: tuple[int, int, int, int], low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 2635, square and add."""
    assert newcombe_paired(*table) == pytest.approx((low, high), abs=5e-5)


def test_intervals_hold_everywhere() -> None:
    """Limits are ordered, within range, contain the estimate, and mirror when the groups are swapped."""
    for n in (0, 1, 2, 5, 30):
        for ok in range(n + 1):
            low, high = wilson(ok, n)
            assert 0 <= low <= high <= 1
            assert not n or low <= ok / n <= high
            for other in range(6):
                a, b = newcombe(ok, n, other, 5)
                assert -1 <= a <= b <= 1
                assert newcombe(other, 5, ok, n) == pytest.approx((-b, -a))
    for both, first, second, neither in [
        (0, 0, 0, 0),
        (3, 0, 0, 0),
        (0, 9, 0, 0),
        (4, 1, 2, 3),
        (1, 2, 3, 40),
    ]:
        a, b = newcombe_paired(both, first, second, neither)
        assert -1 <= a <= b <= 1
        assert newcombe_paired(both, second, first, neither) == pytest.approx((-b, -a))


@pytest.mark.parametrize(
    ("wins", "e"), [(0, 1.0), (3, 2.5), (5, 7.9), (6, 14.4), (7, 26.8), (8, 50.3), (10, 180.4)]
)
def test_all_in_favour(wins: int, e: float) -> None:
    """With every pair in favour the e-value is C(2b, b) / 2^b; seven decide, six do not."""
    assert pair_e_value(wins, 0) == pytest.approx(math.comb(2 * wins, wins) / 2**wins)
    assert pair_e_value(wins, 0) == pytest.approx(e, abs=0.05)
    assert pair_e_value(wins, 3) == pytest.approx(pair_e_value(3, wins))


def test_the_e_value_is_a_fair_game() -> None:
    """Under no effect the next pair leaves the e-value unchanged on average, which is what allows peeking."""
    for wins in range(20):
        for losses in range(20):
            ahead = (pair_e_value(wins + 1, losses) + pair_e_value(wins, losses + 1)) / 2
            assert ahead == pytest.approx(pair_e_value(wins, losses))


@pytest.mark.parametrize(
    ("table", "chance"),
    [
        ((4, 4, 0, 4), 1 / 70),
        ((3, 4, 1, 4), 17 / 70),
        ((2, 4, 2, 4), 53 / 70),
        ((5, 5, 0, 5), 0.0079 / 2),
        ((4, 5, 0, 5), 0.0476 / 2),
        ((8, 10, 2, 10), 0.0230 / 2),
        ((9, 10, 3, 10), 0.0198 / 2),
        ((10, 20, 4, 20), 0.0958 / 2),
    ],
)
def test_fisher(table: tuple[int, int, int, int], chance: float) -> None:
    """The lady tasting tea (Fisher 1935, chapter 2), and groups of one size, where two sides are twice one."""
    assert fisher_exact(*table) == pytest.approx(chance, abs=3e-5)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_fisher_is_a_probability(ok: int, bad: int, other_ok: int, other_bad: int) -> None:
    """At least so many here, or at least one more than the rest there, is certain; nothing is above 1."""
    here = fisher_exact(ok, ok + bad, other_ok, other_ok + other_bad)
    assert 0.0 < here <= 1.0
    more = fisher_exact(other_ok + 1, other_ok + other_bad, ok - 1, ok + bad) if ok and other_bad else 0.0
    assert here + more == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("df", "t"),
    [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (5, 2.5706), (6, 2.4469), (7, 2.3646), (8, 2.3060),
     (9, 2.2622), (10, 2.2281), (11, 2.2010), (20, 2.0860), (30, 2.0423), (60, 2.0003), (120, 1.9799)],
)  # fmt: skip
def test_student(df: int, t: float) -> None:
    """Published quantiles of Student's t (Abramowitz and Stegun, table 26.10; NIST handbook, 1.3.6.7.2)."""
    assert student_t_95(df) == pytest.approx(t, abs=5e-5)


@pytest.mark.parametrize(
    ("n", "place", "held"),
    [(6, 1, 0.969), (7, 1, 0.984), (9, 2, 0.961), (10, 2, 0.979), (12, 3, 0.961), (15, 4, 0.965), (17, 5, 0.951),
     (20, 6, 0.959)],
)  # fmt: skip
def test_places_of_the_median_interval(n: int, place: int, held: float) -> None:
    """The place is the innermost pair of order statistics that holds the median with 95 % (binomial tail sums)."""
    assert median_place(n) == place
    assert 1 - 2 * sum(math.comb(n, k) for k in range(place)) / 2**n == pytest.approx(held, abs=5e-4)
    assert 2 * sum(math.comb(n, k) for k in range(place + 1)) / 2**n > 0.05


def test_runs_of_failures() -> None:
    """Mean length of uninterrupted failures; unknown without an order or a failure."""
    found = mean_run([True, True, False, True, False])
    assert found is not None
    assert found.value == 1.5
    assert found.low is not None
    assert found.low <= 1.5
    assert mean_run([False, False]) is None
    assert mean_run([]) is None


@pytest.mark.parametrize("q", [0.2, 0.5, 0.8])
def test_the_interval_of_runs_covers(q: float) -> None:
    """Runs that go on with chance q have mean 1/(1 - q): the 95 % interval holds it in 90 % of 300 samples or more."""
    rng, held = random.Random(3), 0
    for _ in range(300):
        order = [True]
        for _ in range(120):
            order.append(rng.random() < (q if order[-1] else 0.5))
        found = mean_run(order)
        assert found is not None
        held += (found.low or 0.0) <= 1 / (1 - q) <= (found.high or math.inf)
    assert held >= 270


def test_failures_in_runs_are_worth_less() -> None:
    """Independent answers are worth about their number, a long outage a fraction of it, never more than n."""
    rng = random.Random(5)
    independent = [rng.random() < 0.5 for _ in range(400)]
    assert effective_size(independent, 400) == pytest.approx(400, rel=0.2)
    assert effective_size([True] * 50 + [False] * 50, 100) < 15
    assert effective_size([True, False] * 50, 100) == 100
    assert effective_size([True], 7) == 7


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 60))
def test_worth_is_bounded(order: list[bool], n: int) -> None:
    """Whatever the order, n answers are worth between 1 and n, or n when nothing is known."""
    assert min(1.0, n) <= effective_size(order, n) <= max(1.0, n)


def test_the_median_interval_covers() -> None:
    """The exact interval holds the true median in 95 % of samples or more; six values give their range, five none."""
    rng, held = random.Random(2), 0
    for _ in range(500):
        found = median_interval([rng.expovariate(1.0) for _ in range(25)])
        assert found is not None
        held += (found.low or 0.0) <= math.log(2) <= (found.high or 0.0)
    assert held >= 470
    six = median_interval([3.0, 1.0, 2.0, 6.0, 5.0, 4.0])
    assert six is not None
    assert (six.value, six.low, six.high) == (3.5, 1.0, 6.0)
    few = median_interval([2.0] * 5)
    assert few is not None
    assert (few.low, few.high) == (None, None)
    assert median_interval([]) is None
