"""Fix 4: only where a request is seen to be stopped in the browser."""

import pytest

from deepkit.fixes.extensions import FIX
from deepkit.records import Evidence, Settings
from tests.fixes.cases import BUSY, chat, evidence, web

BLOCKED = [{"path": "/api/poll", "status": 0, "stale": False, "blocked": True}]


@pytest.mark.parametrize(
    "seen",
    [
        BUSY,
        evidence(web(False, no_extension_ok=False)),
        evidence(web(False, no_extension_ok=False, assets=BLOCKED)),
    ],
)
def test_left_alone(seen: Evidence) -> None:
    """A page that works, or fails without extensions as well: no."""
    assert FIX.check(seen).answer == "no"


def test_not_measured() -> None:
    """Without a look at the page nothing is known of extensions."""
    assert FIX.check(evidence(chat(0, 3, http_503=3))).answer == "cannot_tell"
    assert FIX.check(evidence(web(False))).answer == "cannot_tell"


@pytest.mark.parametrize("control", [True, None])
def test_blocked_requests_are_named(control: bool | None) -> None:
    """A request that never left the browser is named in the verdict and in the steps."""
    seen = evidence(web(False, no_extension_ok=control, assets=BLOCKED))
    verdict = FIX.check(seen)
    assert verdict.answer == "yes"
    assert "/api/poll" in verdict.because
    assert "/api/poll" in FIX.guide(seen).steps[0]


def test_extensions_are_assumed_off() -> None:
    """The browser lies outside the process: a stand-in is named."""
    assert FIX.apply(Settings()).assume == {"no_extensions"}
