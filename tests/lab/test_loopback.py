"""The laws of the fault lab on loopback, without any right that a user does not have."""

from collections import Counter

import pytest

from deepkit.causes import BY_NAME
from tests.lab.loopback import HANGS, PAIRS, SINGLE, Result, run, wrongly_shown
from tests.lab.withheld import one_less, withhold

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

WANTED = 0.95
"""Least share of scenarios whose true cause stands first."""
SLACK_S = 0.2
"""By how much a check-up may outlive its deadline, beside the time for which the machine held this program up."""
NAMES = [one.name for one in (*SINGLE, *PAIRS, *HANGS)]


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    """Every scenario, run once."""
    return {one.scenario.name: one for one in run((*SINGLE, *PAIRS, *HANGS))}


def told(one: Result) -> str:
    """A line that lets a miss be understood."""
    accused = [f"{a.state} {a.cause} {a.rules}" for a in one.diagnosis.accusations[:3]]
    return f"{one.scenario.name}: {one.scenario.cause} {one.scenario.also}, but {one.first}: {accused}; held up: {one.held_s:.2f} s"


def test_the_lab_is_large_and_labelled() -> None:
    """At least 100 single faults, 15 pairs, each name once, each label a known cause, most causes met."""
    assert len(SINGLE) >= 100
    assert len(PAIRS) >= 15
    assert max(Counter(NAMES).values()) == 1
    labels = {one.cause for one in SINGLE} | {cause for one in PAIRS for cause in one.truth}
    assert labels <= {*BY_NAME, "healthy"}
    assert len(labels) >= 25


def test_the_true_cause_stands_first(results: dict[str, Result]) -> None:
    """In at least 95 of 100 scenarios the true cause stands first; where all is well, the verdict is healthy."""
    misses = [one for one in (results[s.name] for s in SINGLE) if not one.right]
    assert len(misses) <= (1 - WANTED) * len(SINGLE), "\n".join(map(told, misses))


def test_the_healthy_are_called_healthy(results: dict[str, Result]) -> None:
    """Nobody who is well is told of a fault."""
    well = [results[one.name] for one in SINGLE if one.cause == "healthy"]
    assert [told(one) for one in well if one.diagnosis.verdict != "healthy"] == []


def test_nothing_is_wrongly_shown(results: dict[str, Result]) -> None:
    """No scenario has a cause called SHOWN that is not there."""
    assert [told(one) for one in results.values() if one.wrong_shown and one.scenario.family != "hangs"] == []


def test_less_evidence_never_shows_a_wrong_cause(results: dict[str, Result]) -> None:
    """Take away any one check, absent or broken: still nothing is SHOWN that is not there."""
    wrong = [
        f"{one.scenario.name} without {check}: {shown}"
        for one in (results[s.name] for s in (*SINGLE, *PAIRS))
        for check, left in one_less(one.evidence)
        if (shown := wrongly_shown(one.scenario, left))
    ]
    assert wrong == []


def test_withheld_evidence_leaves_it_open(results: dict[str, Result]) -> None:
    """Without what a SHOWN cause rests on nothing is SHOWN, nobody is called well, and a withheld check comes next."""
    taken = {s.name: withhold(results[s.name].evidence, s.cause) for s in SINGLE}
    decided = {name: one for name, one in taken.items() if one is not None}
    assert len(decided) >= 100
    open_ = {name: one for name, one in decided.items() if not (one.well and one.right_next)}
    assert {
        name: (sorted(one.gone), one.left.verdict, one.left.next_check) for name, one in open_.items()
    } == {}


def test_two_troubles_are_both_among_the_first_three(results: dict[str, Result]) -> None:
    """Where two faults can be seen at once, both stand among the first three."""
    pairs = [results[one.name] for one in PAIRS]
    missed = [told(one) for one in pairs if not one.both]
    assert missed == []


def test_no_probe_outlives_its_deadline(results: dict[str, Result]) -> None:
    """The check-up and each check end at most 0.2 s late, plus the time for which the machine held the program up."""
    late = {
        n: (one.overrun_s, one.lag_s) for n, one in results.items() if one.overrun_s > SLACK_S + one.lag_s
    }
    assert late == {}
    bitten = [results[one.name] for one in HANGS if results[one.name].took_s >= one.deadline_s - 0.5]
    assert len(bitten) >= len(HANGS) // 2, "the deadline ended hardly any check-up: the law was not tried"
