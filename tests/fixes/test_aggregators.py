"""Fix 8: a switch, where another answers and where a switch can cure it."""

import pytest

from deepkit.fixes.aggregators import FIX
from deepkit.records import Evidence, Observation, Settings
from tests.fixes.cases import chat, evidence, saw


def _others(**first_token_s: float | None) -> Observation:
    rows = [
        {
            "name": name,
            "ok": time is not None,
            "failure": None if time is not None else "http_402",
            "first_token_s": time,
        }
        for name, time in first_token_s.items()
    ]
    return saw("alternatives", alternatives=rows)


@pytest.mark.parametrize(
    "seen",
    [
        evidence(chat(0, 3, http_400=3), _others(openrouter=0.4)),
        evidence(chat(0, 3, http_422=3), _others(openrouter=0.4)),
        evidence(chat(0, 3, http_503=3), _others(openrouter=None, poe=None)),
        evidence(chat(3, 3), _others(openrouter=0.4), saw("status", "fault")),
    ],
)
def test_left_alone(seen: Evidence) -> None:
    """A refused request travels along, a dead alternative bridges nothing, a working provider needs none."""
    assert FIX.check(seen).answer == "no"


def test_nobody_else_was_asked() -> None:
    """Without a measured alternative nothing is said and nothing changes."""
    seen = evidence(chat(0, 3, http_503=3))
    assert FIX.check(seen).answer == "cannot_tell"
    assert FIX.apply(Settings(failover=("mine",)), seen).failover == ("mine",)


@pytest.mark.parametrize("failure", ["http_503", "empty_body", "http_402", "http_500", "stream_cut"])
def test_the_fastest_that_answers_comes_first(failure: str) -> None:
    """Those that answered are chained, the fastest first; the others are left out."""
    seen = evidence(chat(0, 3, **{failure: 3}), _others(slow=2.0, dead=None, quick=0.3))
    assert FIX.check(seen).answer == "yes"
    assert all(words in FIX.check(seen).because for words in ("quick", "0.30 s"))
    assert FIX.apply(Settings(), seen).failover == ("quick", "slow")


def test_perplexity_is_not_suggested() -> None:
    """A provider without a DeepSeek model is named only to say that it has none."""
    guide = FIX.guide(evidence())
    assert "Perplexity" not in " ".join(guide.steps)
    assert "OPENROUTER_API_KEY" in " ".join(guide.steps)
    assert any("Perplexity" in note for note in guide.notes)
