"""Fix 3: only where an empty profile is seen to work."""

import pytest

from deepkit.fixes.hard_refresh import FIX
from deepkit.records import Evidence, Settings
from tests.fixes.cases import BUSY, chat, evidence, web

STALE = [{"path": "/app.js", "status": 200, "stale": True, "blocked": False}]


@pytest.mark.parametrize(
    "seen",
    [
        BUSY,
        evidence(web(False, clean_ok=False, no_extension_ok=False)),
        evidence(web(False, clean_ok=True, no_extension_ok=True)),
        evidence(web(False, clean_ok=False, assets=STALE)),
    ],
)
def test_left_alone(seen: Evidence) -> None:
    """A page that works, fails in an empty profile too, or works without extensions: no."""
    assert FIX.check(seen).answer == "no"


def test_not_measured() -> None:
    """The API says nothing about the browser, and a failing page without its control decides nothing."""
    assert FIX.check(evidence(chat(0, 3, http_503=3))).answer == "cannot_tell"
    assert FIX.check(evidence(web(False))).answer == "cannot_tell"


def test_an_empty_profile_works() -> None:
    """The control that works is a yes, with what was seen."""
    seen = evidence(
        web(False, clean_ok=True, no_extension_ok=False, assets=STALE, cookie_bytes=9000, session_status=401)
    )
    verdict = FIX.check(seen)
    assert verdict.answer == "yes"
    for words in ("/app.js", "9000 bytes", "401"):
        assert words in verdict.because
        assert words in FIX.guide(seen, browser="firefox").steps[0]


def test_signs_alone_are_enough_for_a_try() -> None:
    """Stale assets without a control (a HAR file) are worth a try."""
    assert FIX.check(evidence(web(False, assets=STALE))).answer == "yes"


def test_the_profile_is_assumed_clean() -> None:
    """The browser lies outside the process: a stand-in is named."""
    assert FIX.apply(Settings()).assume == {"clean_profile"}
