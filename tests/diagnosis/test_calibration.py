"""Probabilities: only where labelled reports stand behind them, and never more than one in sum."""

import pytest

from deepkit.diagnosis import LADDER, diagnose
from deepkit.diagnosis._calibrate import LEAST, bin_of
from deepkit.facts import calibration
from deepkit.probes.text import read_text
from deepkit.records import Accusation, Evidence
from tests.diagnosis.corpus import CASES, Case
from tests.observed import observed


@pytest.mark.parametrize("case", CASES[::7], ids=lambda case: f"{case[0]}-{case[1][:40]}")
def test_a_text_alone_gets_probabilities(case: Case) -> None:
    """A reading says how often its like was right where enough of them are labelled; else none says anything."""
    _, text, known = case
    found = diagnose(Evidence((read_text(text, **known),))).accusations
    if not found:
        return
    counted = calibration().first.get(bin_of(found))
    chances = [one.probability for one in found]
    if counted is None or counted.n < LEAST:
        assert set(chances) == {None}
    else:
        assert all(chance is not None and 0 <= chance <= 1 for chance in chances)
        assert sum(chance or 0.0 for chance in chances) <= 1.0 + 1e-9


def test_a_measurement_beside_the_text_takes_them_away() -> None:
    """The table was fitted on texts alone: once something was measured, nothing is promised."""
    text = read_text("余额不够了", surface="api")
    alone = diagnose(Evidence((text,))).accusations[0]
    measured = observed("dns.system", addresses=["203.0.113.9"])
    both = diagnose(Evidence((text, measured))).accusations
    assert isinstance(alone, Accusation)
    assert alone.probability is not None
    assert all(one.probability is None for one in both)
    assert all(one.probability is None for one in diagnose(Evidence((measured,))).accusations)


def test_a_stronger_state_promises_no_less() -> None:
    """SHOWN is right at least as often as LIKELY, LIKELY as POSSIBLE, and the table says of how many."""
    table = calibration()
    chances = [table.first[state].probability for state in LADDER if state in table.first]
    assert chances == sorted(chances, reverse=True)
    assert table.n == sum(odds.n for name, odds in table.first.items() if "/" not in name)
    for name, odds in (*table.first.items(), *table.later.items()):
        assert 0 <= odds.right <= odds.n, name
        assert 0 < odds.probability < 1, name
