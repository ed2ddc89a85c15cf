"""The laws of the fault lab on a real network: namespaces, packet filter, servers, proxies, gateways, lines."""

from pathlib import Path

import pytest

from tests.lab import netns
from tests.lab.network_namespaces import CASES, Outcome, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SLACK_S = 0.2
"""By how much a check-up may outlive its deadline, beside the time for which the machine held it up."""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """Every case, run once; the namespaces are gone afterwards."""
    if lacks := netns.missing():
        pytest.skip(f"the real-network tier lacks: {lacks}")
    return {one.case.name: one for one in run()}


def told(one: Outcome) -> str:
    """A line that lets a miss be understood."""
    accused = [f"{c['state']} {c['cause']} {c['for'][:1]}" for c in one.checkup["causes"][:3]]
    held = one.checkup.get("held_s", "not measured")
    return f"{one.case.name}: {one.case.cause}, but {one.checkup['verdict']} {accused}; held up: {held} s"


def test_the_true_cause_is_the_verdict(outcomes: dict[str, Outcome]) -> None:
    """In at least 95 of 100 cases the true cause stands first."""
    misses = [told(one) for one in outcomes.values() if not one.right]
    assert len(misses) <= 0.05 * len(CASES), "\n".join(misses)


def test_nothing_is_wrongly_shown_on_a_real_network(outcomes: dict[str, Outcome]) -> None:
    """No case has a cause called SHOWN that is not there."""
    assert [told(one) for one in outcomes.values() if one.wrong_shown] == []


def test_no_check_up_outlives_its_deadline_on_a_real_network(outcomes: dict[str, Outcome]) -> None:
    """Whatever is wrong, a check-up is over at most 0.2 s late."""
    assert {name: one.overrun_s for name, one in outcomes.items() if one.overrun_s > SLACK_S} == {}


def test_nothing_is_left_behind(outcomes: dict[str, Outcome]) -> None:
    """No namespace and no resolver file of this process remains."""
    assert outcomes
    left = [one.name for folder in ("/run/netns", "/etc/netns") for one in _own(Path(folder))]
    assert left == []


def _own(folder: Path) -> list[Path]:
    import os

    return list(folder.glob(f"dklab-{os.getpid()}-*")) if folder.is_dir() else []
