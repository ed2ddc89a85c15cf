"""The guided notebook in a real JupyterLab: the answer first, by keyboard, in both themes, and again without a kernel."""

import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page

from deepkit.facts import notebook_path
from deepkit.reports import open_report
from deepkit.reports._execute import execute, read
from tests.browser import Watched, watched
from tests.notebooks.serving import IDLE, OURS, lab, run_all

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
HEADLINE = "DeepSeek's servers are full."
KILL = """async () => { const x = (document.cookie.match(/_xsrf=([^;]+)/) || [])[1] || '';
  for (const s of await (await fetch('/api/sessions')).json())
    await fetch('/api/sessions/' + s.id, {method: 'DELETE', headers: {'X-XSRFToken': x}}); }"""
MOST_STOPS = 25


def answer(page: Page, words: str = HEADLINE) -> None:
    """Hold that the answer is there and on the screen, where the reader left off or not."""
    place = page.locator(".dk-headline", has_text=words).first
    place.wait_for(timeout=60_000)
    box, size = place.bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    assert 0 <= box["y"] <= size["height"] - 40


def ended(page: Page) -> None:
    """Wait until every cell has ended."""
    page.locator("text=Demonstrated on made-up troubles").first.wait_for(state="attached", timeout=100_000)
    page.locator(".jp-StatusBar-TextItem", has_text="| Idle").wait_for(timeout=100_000)


def silent(seen: Watched) -> None:
    """Hold that nothing left the machine and nothing of ours complained."""
    assert not seen.outside
    assert not [line for line in seen.complaints if any(word in line for word in OURS)]


def stops(page: Page) -> int:
    """Count how often Tab is pressed from Diagnose to Download report."""
    page.get_by_role("button", name="Diagnose").focus()
    for pressed in range(1, 60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Download report":
            return pressed
    return 60


def test_run_all_by_keyboard_and_reopened(tmp_path: Path, free_port: int) -> None:
    """Run All ends at the answer; a paste and a report by keyboard alone; reopened with a new kernel all of it stands."""
    with lab(tmp_path, free_port) as base, watched(width=1400, height=900) as seen:
        page = seen.page
        run_all(page, base)
        answer(page)
        ended(page)
        answer(page)
        page.screenshot(path=tmp_path / "lab.png")
        assert stops(page) <= MOST_STOPS
        page.keyboard.press("Enter")
        page.locator("a", has_text="Saved as").wait_for(timeout=30_000)
        saved = list((tmp_path / "reports").glob("*.html"))
        assert len(saved) == 1
        assert open_report(saved[0]).kind == "practice"
        page.get_by_label("What does it say?").fill("Error code: 402 - Insufficient Balance")
        page.locator(".dk-old", has_text="You changed an answer").first.wait_for(timeout=30_000)
        page.get_by_role("button", name="Diagnose").focus()
        page.keyboard.press("Enter")
        answer(page, "no credit")
        assert not page.locator(".dk-practice").count()
        page.keyboard.press("Escape")
        page.keyboard.press("Control+s")
        page.locator(".jp-mod-dirty").wait_for(state="detached", timeout=30_000)
        page.evaluate(KILL)
        page.goto(f"{base}/lab/tree/walkthrough.ipynb?reset")
        page.wait_for_selector(IDLE, state="attached", timeout=60_000)
        page.locator(".dk-headline", has_text="no credit").first.wait_for(timeout=30_000)
        assert page.get_by_text("Error displaying widget").count() <= 1
        silent(seen)


@pytest.mark.parametrize(("width", "dark"), [(500, True), (2200, False)], ids=["narrow-dark", "wide-light"])
def test_every_width_and_theme(tmp_path: Path, free_port: int, width: int, dark: bool) -> None:
    """Nothing sticks out of its cell, words are readable on the theme's ground, and the answer is on the screen."""
    theme = "JupyterLab Dark" if dark else "JupyterLab Light"
    with lab(tmp_path, free_port, theme) as base, watched(width=width, height=1000, dark=not dark) as seen:
        run_all(seen.page, base)
        answer(seen.page)
        ended(seen.page)
        if width < 700:
            seen.page.keyboard.press("Control+b")  # without the list of files, as on a small screen
        seen.page.screenshot(path=tmp_path / "page.png")
        sizes = seen.page.locator(".dk").evaluate_all(
            "all => all.map((one) => [one.scrollWidth, one.clientWidth])"
        )
        assert all(wide <= inner for wide, inner in sizes)
        ink = seen.page.locator(".dk-headline").first.evaluate("one => getComputedStyle(one).color")
        light = sum(int(part) for part in ink.removeprefix("rgb(").removesuffix(")").split(",")) > 3 * 128
        assert light is dark  # the theme of JupyterLab counts, not that of the system
        silent(seen)


def test_a_stranger_sees_the_same_without_trust(tmp_path: Path, free_port: int) -> None:
    """An executed notebook of somebody else's, not trusted: the answer and the table stand, pictures as images."""
    book = read(notebook_path("walkthrough.ipynb"))
    assert execute(book, tmp_path, {"DEEPKIT_SCENARIO": "rush_hour"}, 100) is None
    executed = tmp_path / "executed.ipynb"
    nbformat.write(book, executed)  # by another hand than this user's: JupyterLab does not trust it
    with lab(tmp_path, free_port) as base, watched(width=1400, height=900) as seen:
        shutil.copy(executed, tmp_path / "stranger.ipynb")
        seen.page.goto(f"{base}/lab/tree/stranger.ipynb?reset")
        seen.page.wait_for_selector(IDLE, state="attached", timeout=60_000)
        seen.page.locator("b", has_text=HEADLINE).first.wait_for(timeout=30_000)
        assert seen.page.get_by_text("Nothing here says anything about DeepSeek today").count()
        assert not seen.page.locator(".jp-OutputArea-output svg").count()
        assert seen.page.locator(".jp-OutputArea-output img").first.evaluate("one => one.alt.length") > 20
        silent(seen)
