"""Fix 1: another route only where it was measured to be better."""

from typing import Any

import pytest

from deepkit.fixes.region_routing import FIX
from deepkit.records import Evidence, Settings
from tests.fixes.cases import BUSY, chat, evidence, saw


def _routes(direct: int, tokyo: int, **more: Any) -> Evidence:
    rows = [
        {"name": "direct", "n": 4, "ok": direct, "failure": None, "first_token_s": 0.5},
        {"name": "berlin", "n": 4, "ok": 0, "failure": "http_503"},
        {"name": "tokyo", "n": 4, "ok": tokyo, "first_token_s": 0.9, **more},
    ]
    return evidence(chat(direct, 4, http_503=4 - direct), saw("routes", "partial", None, routes=rows))


@pytest.mark.parametrize(
    "seen", [_routes(4, 4), _routes(2, 2), _routes(0, 0), _routes(3, 1), evidence(chat(0, 3, http_402=3))]
)
def test_left_alone(seen: Evidence) -> None:
    """No better route, or a refusal that is the same from everywhere: no."""
    assert FIX.check(seen).answer == "no"


def test_unknown_without_routes() -> None:
    """Without a second route nothing can be said and nothing is changed."""
    seen = evidence(chat(0, 3, http_503=3))
    assert FIX.check(seen).answer == "cannot_tell"
    assert FIX.apply(Settings(), seen) == Settings()


def test_the_better_route_is_taken() -> None:
    """A route that answers where the direct one does not is named with both counts, and applied."""
    verdict = FIX.check(_routes(0, 4))
    assert verdict.answer == "yes"
    assert all(words in verdict.because for words in ("tokyo", "4 of 4", "direct", "0 of 4"))
    assert FIX.apply(Settings(), _routes(0, 4)).route == "tokyo"
    assert FIX.apply(Settings(), _routes(2, 1)).route == "direct"


def _few(direct: int, tokyo: int, answers: int) -> Evidence:
    rows = [{"name": "direct", "n": 2, "ok": direct}, {"name": "tokyo", "n": 2, "ok": tokyo}]
    return evidence(chat(answers, 7, http_503=7 - answers), saw("routes", "partial", None, routes=rows))


@pytest.mark.parametrize("seen", [_few(1, 2, 5), _few(1, 2, 2), _few(0, 1, 0), _few(0, 2, 3)])
def test_two_questions_are_easily_better_by_chance(seen: Evidence) -> None:
    """Two answers of two are no reason to move away from a way that answers now and then, nor one of two from none."""
    assert FIX.check(seen).answer == "cannot_tell"


def test_all_against_nothing_is_a_reason() -> None:
    """An exit that answers everything where the way in use answers nothing is worth taking."""
    assert FIX.check(_few(0, 2, 0)).answer == "yes"


def test_a_block_page_is_named() -> None:
    """A route that meets a block page says so."""
    assert "edgeone" in FIX.check(_routes(3, 0, block_page="edgeone")).because


def test_speed_breaks_ties() -> None:
    """Of equally good routes the faster one is taken."""
    rows = [{"name": "direct", "n": 2, "ok": 0}] + [
        {"name": name, "n": 2, "ok": 2, "first_token_s": time}
        for name, time in (("a", 0.9), ("b", 0.3), ("c", None))
    ]
    assert FIX.apply(Settings(), evidence(saw("routes", "partial", None, routes=rows))).route == "b"


def test_busy_with_routes_that_all_work() -> None:
    """Where every route answers the same, leaving through another is not advised."""
    assert FIX.check(BUSY).answer == "no"
