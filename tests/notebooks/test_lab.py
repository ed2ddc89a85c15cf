"""The guided notebook in a real JupyterLab: Run All works, buttons work, and nothing leaves the machine."""

from pathlib import Path

import pytest

from tests.browser import watched
from tests.notebooks.serving import IDLE, OURS, lab, run_all

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def test_run_all_and_by_hand(tmp_path: Path, free_port: int) -> None:
    """Run All fills the page; a fix can be tried again by hand; a report is saved; nothing goes outside."""
    with lab(tmp_path, free_port) as base, watched(height=2400) as seen:
        page = seen.page
        run_all(page, base)
        shown = page.locator(".jp-OutputArea-output")
        shown.filter(has_text="Worth doing first in this case").first.wait_for(timeout=100_000)
        page.get_by_role("button", name="Save report").wait_for(timeout=100_000)
        page.wait_for_selector(IDLE, state="attached", timeout=100_000)
        page.screenshot(path=tmp_path / "lab.png")
        assert page.locator(".js-plotly-plot").count() >= 4
        assert not page.get_by_text("Error displaying widget").count()
        page.get_by_role("button", name="Try fix 3", exact=True).click()
        page.get_by_role("button", name="Try fix 3", exact=True).and_(
            page.locator(":not([disabled])")
        ).wait_for(timeout=60_000)
        page.get_by_role("button", name="Save report").click()
        shown.filter(has_text="Saved, with secrets removed").first.wait_for(timeout=60_000)
        saved = sorted((tmp_path / "reports").glob("saved-rush_hour.*"))
        assert [one.suffix for one in saved] == [".html", ".ipynb", ".md"]
        assert not seen.outside
        assert not [line for line in seen.complaints if any(word in line for word in OURS)]
