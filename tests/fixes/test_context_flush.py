"""Fix 9: the conversation, where a fresh one works."""

from typing import Any

import pytest

from deepkit.fixes.context_flush import FIX
from deepkit.records import Evidence, Observation, Outcome, Settings
from tests.fixes.cases import chat, evidence, saw

FAULTS = ["tool result 3 stands before its call", "message 4 has no reasoning_content"]


def _talk(outcome: Outcome = "fault", **facts: Any) -> Observation:
    return saw(
        "conversation",
        outcome,
        None if outcome == "ok" else "http_400",
        messages=9,
        tokens_estimate=1200,
        **facts,
    )


@pytest.mark.parametrize(
    "seen",
    [
        evidence(chat(0, 3, http_503=3)),
        evidence(_talk("ok"), chat(1, 2, http_503=1)),
        evidence(_talk(fresh_ok=False, problems=FAULTS), chat(0, 2, http_503=2)),
    ],
)
def test_left_alone(seen: Evidence) -> None:
    """One-line questions that fail as well acquit the history."""
    assert FIX.check(seen).answer == "no"


def test_unknown_conversation() -> None:
    """With working one-line questions and no conversation to look at, nothing can be said."""
    assert FIX.check(evidence(chat(3, 3), saw("web", "fault", ok=False))).answer == "cannot_tell"
    assert FIX.check(evidence(_talk())).answer == "cannot_tell"


@pytest.mark.parametrize(
    "seen",
    [
        evidence(_talk(fresh_ok=True, problems=FAULTS), chat(3, 3)),
        evidence(_talk(problems=FAULTS)),
        evidence(
            chat(0, 1, message="The `reasoning_content` in the thinking mode must be passed back", http_400=1)
        ),
        evidence(chat(0, 1, message="This model's maximum context length is 1048576 tokens", http_400=1)),
    ],
)
def test_a_refused_history(seen: Evidence) -> None:
    """A control that works, faults in the messages, or words of the refusal are a yes."""
    assert FIX.check(seen).answer == "yes"


def test_the_faults_are_named() -> None:
    """What is wrong with the messages stands in the verdict and in the first step."""
    seen = evidence(_talk(fresh_ok=True, problems=FAULTS))
    assert FAULTS[0] in FIX.check(seen).because
    assert FAULTS[1] in FIX.guide(seen).steps[0]


def test_what_a_flush_costs() -> None:
    """The price of lost cache hits is read from the bundled tariff."""
    assert any("1/50" in note for note in FIX.guide(evidence()).notes)


@pytest.mark.parametrize(("before", "after"), [("keep", "repair"), ("repair", "repair"), ("fresh", "fresh")])
def test_repair_comes_before_dropping(before: Any, after: str) -> None:
    """A kept history is repaired; one that was dropped already is not brought back."""
    assert FIX.apply(Settings(history=before)).history == after
