"""The order of the fixes for a case."""

import itertools

import pytest

from deepkit.causes import BY_NAME, CAUSES
from deepkit.fixes import FIXES, fixes_for
from deepkit.records import Accusation, Diagnosis, Evidence, State
from tests.fixes.cases import BUSY, HEALTHY, chat, evidence, saw

PASTED = evidence(saw("text", "fault", "http_503", http_status=503))


def _diagnosis(cause: str, state: State = "SHOWN") -> Diagnosis:
    return Diagnosis(cause, BY_NAME[cause].whose, (Accusation(cause, state),))


@pytest.mark.parametrize("cause", [one.name for one in CAUSES])
def test_all_fixes_in_one_order(cause: str) -> None:
    """Every fix appears once; yes before cannot_tell before no, then the cause's order, then the guide's."""
    for seen in (Evidence(), HEALTHY, BUSY, PASTED):
        ranked = fixes_for(_diagnosis(cause), seen)
        assert sorted(one.number for one, _ in ranked) == [one.number for one in FIXES]
        order = {key: place for place, key in enumerate(BY_NAME[cause].fixes)}
        places = [
            (("yes", "cannot_tell", "no").index(str(verdict.answer)), order.get(one.key, 99), one.number)
            for one, verdict in ranked
        ]
        assert all(first < second for first, second in itertools.pairwise(places))


def test_the_healthy_are_told_no() -> None:
    """A healthy diagnosis with healthy evidence recommends nothing."""
    assert {verdict.answer for _, verdict in fixes_for(Diagnosis("healthy", "nobody"), HEALTHY)} == {"no"}


@pytest.mark.parametrize("state", ["SHOWN", "LIKELY"])
def test_a_pasted_text_is_served(state: State) -> None:
    """What the text shows is enough for the first two fixes of its cause, and for no more."""
    ranked = fixes_for(_diagnosis("server_overloaded", state), PASTED)
    assert [one.key for one, verdict in ranked if verdict.answer == "yes"] == ["backoff", "off_peak"]


@pytest.mark.parametrize("state", ["POSSIBLE", "INSUFFICIENT"])
def test_a_mere_possibility_promotes_nothing(state: State) -> None:
    """Without a likely cause the fixes say that they cannot tell."""
    ranked = fixes_for(_diagnosis("server_overloaded", state), PASTED)
    assert not [one for one, verdict in ranked if verdict.answer == "yes"]


def test_a_measured_no_stands() -> None:
    """The diagnosis does not overrule what the evidence says against a fix."""
    seen = evidence(chat(0, 3, http_402=3))
    answers = {one.key: verdict.answer for one, verdict in fixes_for(_diagnosis("server_overloaded"), seen)}
    assert answers["backoff"] == "no"


def test_other_causes_order_the_rest() -> None:
    """Fixes of a second accused cause come before those of none."""
    both = Diagnosis(
        "rate_limited", "account", (Accusation("rate_limited", "SHOWN"), Accusation("dns_stale", "POSSIBLE"))
    )
    keys = [one.key for one, _ in fixes_for(both, Evidence())]
    assert keys[:3] == ["priority_tier", "backoff", "dns_tcp_reset"]
