"""Fix 12: the line, where it is measured to stall."""

import re
from typing import Any

import pytest

from deepkit.fixes.connection_quality import FIX, fitting
from deepkit.records import Evidence, Settings, Timeouts
from tests.fixes.cases import BUSY, chat, evidence, saw


def _path(outcome: Any = "ok", **facts: Any) -> Evidence:
    usual = {
        "n": 20,
        "rtt_median_s": 0.05,
        "rtt_p90_s": 0.06,
        "rtt_max_s": 0.08,
        "udp_sent": 20,
        "udp_lost": 0,
    }
    return evidence(saw("path", outcome, None, **{**usual, **facts}), chat(0, 3, http_503=3))


@pytest.mark.parametrize("seen", [BUSY, _path(), _path(rtt_median_s=0.4, rtt_p90_s=0.5)])
def test_left_alone(seen: Evidence) -> None:
    """A steady line is acquitted with its round trip, be it long."""
    verdict = FIX.check(seen)
    assert verdict.answer == "no"
    assert re.search(r"\d+ ms", verdict.because)


def test_not_measured() -> None:
    """Timeouts alone say nothing of the line."""
    assert FIX.check(evidence(chat(0, 3, read_timeout=3))).answer == "cannot_tell"
    rows = [{"address": "a", "failure": "connect_timeout"}, {"address": "b", "failure": None}]
    assert FIX.check(evidence(saw("tcp", "partial", connects=rows))).answer == "cannot_tell"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"udp_lost": 5}, "5 of 20"),
        ({"stalls": [{"size_s": 1.01, "mechanism": "lost_first_packet"}]}, "1.0 s"),
        ({"rtt_p90_s": 1.2}, "1200 ms"),
        ({"retransmits": 7}, "7 segments"),
    ],
)
def test_a_stalling_line(facts: dict[str, Any], words: str) -> None:
    """Loss, stalls and spread are a yes with the numbers, in the verdict and in the steps."""
    seen = _path("fault", **facts)
    assert FIX.check(seen).answer == "yes"
    assert words in FIX.check(seen).because
    assert words in FIX.guide(seen, system="linux").steps[0]


def test_timeouts_fit_the_path_and_never_shrink() -> None:
    """Connect leaves room for two lost requests and four slow round trips; nothing becomes shorter."""
    old = Timeouts(connect=0.5, first_byte=2.0, idle=1.0, total=3.0)
    fit = fitting(old, _path(rtt_p90_s=1.6, rtt_max_s=2.4))
    assert (fit.connect, fit.idle) == (7.0, 24.0)
    assert fit.total >= fit.connect + fit.idle
    for name in ("connect", "first_byte", "idle", "total"):
        assert getattr(fitting(Timeouts(60, 60, 60, 60), _path()), name) >= 60
    assert fitting(old, evidence()).connect == 4.0


def test_a_better_line_is_assumed() -> None:
    """The line lies outside the process: a stand-in is named beside the timeouts."""
    assert FIX.apply(Settings()).assume == {"better_line"}
