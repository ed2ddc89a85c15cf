"""Statistics against published reference cases, and the laws they keep."""

import math
import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.statistics import (
    adjusted_e_values,
    e_value_above,
    effective_size,
    fisher_exact,
    hodges_lehmann,
    mean_interval,
    mean_run,
    median_interval,
    median_place,
    median_sequence,
    newcombe,
    share_interval,
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


@pytest.mark.parametrize("wins", range(13))
@pytest.mark.parametrize("losses", [0, 1, 3, 8])
def test_both_sides_of_the_e_value_average_to_the_beta_mixture(wins: int, losses: int) -> None:
    """The two directions together are the mixture of Beta(1/2, 1/2): 2^n B(a + 1/2, b + 1/2) / pi, in closed form."""
    n = wins + losses
    beta = math.lgamma(wins + 0.5) + math.lgamma(losses + 0.5) - math.lgamma(n + 1)
    both = (e_value_above(wins, losses, n) + e_value_above(losses, wins, n)) / 2
    assert both == pytest.approx(math.exp(n * math.log(2) + beta - math.log(math.pi)), rel=1e-9)


@pytest.mark.parametrize(
    ("wins", "e"), [(0, 1.0), (3, 2.5), (5, 7.9), (6, 14.4), (7, 26.8), (8, 50.3), (10, 180.4)]
)
def test_all_in_favour(wins: int, e: float) -> None:
    """With every pair in favour the mixture gives C(2b, b) / 2^b, and one direction nearly twice that."""
    both = (e_value_above(wins, 0, wins) + e_value_above(0, wins, wins)) / 2
    assert both == pytest.approx(math.comb(2 * wins, wins) / 2**wins)
    assert both == pytest.approx(e, abs=0.05)


@pytest.mark.parametrize("mean", [-0.5, -0.1, 0.0, 0.25, 0.7])
@pytest.mark.parametrize("ties", [0.0, 0.3])
def test_the_e_value_is_a_fair_game(mean: float, ties: float) -> None:
    """Where wins less losses come to `mean` a pair, the next pair leaves the e-value unchanged on average."""
    differ = (1 - abs(mean)) * (1 - ties) + abs(mean)
    win, loss = (differ + mean) / 2, (differ - mean) / 2
    for wins in range(0, 20, 3):
        for losses in range(0, 20, 3):
            n = wins + losses + 2
            ahead = (
                win * e_value_above(wins + 1, losses, n + 1, mean)
                + loss * e_value_above(wins, losses + 1, n + 1, mean)
                + (1 - differ) * e_value_above(wins, losses, n + 1, mean)
            )
            assert ahead == pytest.approx(e_value_above(wins, losses, n, mean))


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_the_interval_is_what_the_e_value_leaves(wins: int, losses: int, ties: int) -> None:
    """Inside, no mean is excluded; just outside, each is; what was seen lies inside; swapping the arms mirrors it."""
    n = wins + losses + ties
    low, high = mean_interval(wins, losses, n, 50)
    assert -1 <= low <= high <= 1
    assert not n or low <= (wins - losses) / n <= high
    assert mean_interval(losses, wins, n, 50) == pytest.approx((-high, -low))
    for end, side in ((low, (wins, losses)), (-high, (losses, wins))):
        assert e_value_above(*side, n, min(0.999, end + 1e-6)) < 50
        assert end == -1 or e_value_above(*side, n, end - 1e-6) >= 50 - 1e-3


def test_the_interval_holds_at_every_look() -> None:
    """A share that changes on the way: its mean so far lies inside at every look in 96 % of 400 runs or more."""
    rng, held = random.Random(4), 0
    for _ in range(400):
        ok, total, inside = 0, 0.0, True
        for n in range(1, 61):
            share = 0.2 + 0.6 * (n > 20) - 0.3 * (n > 40)
            ok, total = ok + (rng.random() < share), total + share
            low, high = share_interval(ok, n, 50)
            inside &= low <= total / n <= high
        held += inside
    assert held >= 384


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=7))
def test_adjusted_e_values_close_the_family(values: list[float]) -> None:
    """Each is the least average over all sets of claims that hold it, and not below its share of the family."""
    adjusted = adjusted_e_values(values)
    places = range(len(values))
    for place, value in zip(places, adjusted, strict=True):
        sets = [s for size in places for s in combinations(places, size + 1) if place in s]
        assert value == pytest.approx(min(sum(values[i] for i in s) / len(s) for s in sets))
        assert value >= values[place] / len(values) * (1 - 1e-9)


def test_hodges_and_lehmann() -> None:
    """Depression scores of nine patients (Hollander and Wolfe 1973, table 3.1): the 6th and 40th of 45 means."""
    first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    found = hodges_lehmann([a - b for a, b in zip(first, second, strict=True)])
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.46, 0.010, 0.786), abs=5e-5)
    assert hodges_lehmann([]) is None
    few = hodges_lehmann([1.0, 2.0, 4.0])
    assert few is not None
    assert (few.value, few.low, few.high) == (2.25, None, None)


@given(st.lists(st.floats(-50, 50), min_size=6, max_size=25), st.floats(-9, 9))
def test_hodges_and_lehmann_shift_and_mirror(values: list[float], shift: float) -> None:
    """A shift moves estimate and interval along; a change of sign mirrors them."""
    plain, moved = hodges_lehmann(values), hodges_lehmann([one + shift for one in values])
    mirrored = hodges_lehmann([-one for one in values])
    assert plain is not None
    assert moved is not None
    assert mirrored is not None
    assert moved.value == pytest.approx(plain.value + shift, abs=1e-6)
    assert mirrored.value == pytest.approx(-plain.value, abs=1e-6)
    assert (mirrored.low, mirrored.high) == (-(plain.high or 0.0), -(plain.low or 0.0))


def test_the_median_holds_at_every_look() -> None:
    """The confidence sequence of a median holds it at every look in 96 % of 300 runs or more; five values give none."""
    rng, held = random.Random(6), 0
    for _ in range(300):
        values, inside = list[float](), True
        for _ in range(40):
            values.append(rng.expovariate(1.0))
            ends = median_sequence(values, 50)
            inside &= ends is None or ends[0] <= math.log(2) <= ends[1]
        held += inside
    assert held >= 288
    assert median_sequence([1.0] * 5, 50) is None


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
