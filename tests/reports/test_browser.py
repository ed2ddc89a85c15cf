"""The report in a real browser with the network off: nothing is asked for, nothing complains, all is drawn."""

from pathlib import Path

import pytest

from deepkit.checks import ChatStream
from deepkit.plots import latency
from deepkit.records import Evidence, Observation
from deepkit.reports import ReportFiles, save
from deepkit.widgets import FigureView
from tests.browser import watched

pytestmark = pytest.mark.browser
DRAWN = "document.documentElement.dataset.figures"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_opens_offline_and_draws(written: ReportFiles, tmp_path: Path, dark: bool) -> None:
    """With the network off the figure is drawn, no request is made and the console stays silent, in both themes."""
    with watched(dark=dark, offline=True) as seen:
        seen.page.goto(written.paths[0].as_uri())
        seen.page.wait_for_function(DRAWN, timeout=30_000)
        assert seen.page.evaluate(DRAWN) == "drawn"
        assert seen.page.locator("figure .main-svg").count() >= 1
        assert seen.page.locator("figure img:visible").count() == 0
        paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        seen.page.screenshot(path=tmp_path / "report.png", full_page=True)
        assert not seen.asked
        assert not seen.complaints
    assert paper == ("rgb(20, 24, 31)" if dark else "rgb(255, 255, 255)")


def test_an_old_browser_keeps_the_still_pictures(tmp_path: Path) -> None:
    """Where plotly.js cannot be unpacked the still picture is shown instead."""
    look = Evidence(
        (Observation("chat.stream", "ok", facts=ChatStream(headers_s=0.1, answer_s=0.4, end_s=1.0)),)
    )
    page = save([("Times", FigureView(latency(look)))], out=tmp_path, formats=("html",))[0]
    with watched(offline=True) as seen:
        seen.page.add_init_script("delete globalThis.DecompressionStream")
        seen.page.goto(page.as_uri())
        seen.page.wait_for_function(DRAWN, timeout=30_000)
        assert seen.page.evaluate(DRAWN) == "still"
        assert seen.page.locator("figure img:visible").count() == 1
        assert seen.page.locator("figure img").first.evaluate("one => one.naturalWidth") > 100


def test_narrow_screens_do_not_scroll_sideways(written: ReportFiles) -> None:
    """On a telephone the page is no wider than the screen."""
    with watched(width=390, height=800, offline=True) as seen:
        seen.page.goto(written.paths[0].as_uri())
        seen.page.wait_for_function(DRAWN, timeout=30_000)
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
