"""The retry laboratory in a real JupyterLab: controls by keyboard, fast drags, narrow cells, both themes."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import watched
from tests.notebooks.serving import IDLE, OURS, lab, run_all

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
DONE = ".dk-stage .dk-picture[data-done='1']"
DRAG = """async () => {
  const input = document.querySelector(".dk-lab [name=load]");
  for (let i = 0; i <= 60; i += 1) {
    input.value = i % (Number(input.max) + 1);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(done));
  }
  return document.querySelector(".dk-first .dk-value").textContent;
}"""


def said(page: Page, words: str) -> None:
    """Wait until the first laboratory says something."""
    page.locator(".dk-stage .dk-said").first.filter(has_text=words).wait_for(timeout=30_000)


def named(page: Page) -> None:
    """Hold that every control of the first laboratory can be found by a name that a screen reader says."""
    first = page.locator(".dk-lab").first
    for role in ("slider", "combobox", "checkbox", "radio", "button"):
        for control in first.get_by_role(role).all():  # type: ignore[arg-type]
            name = control.evaluate("e => e.ariaLabel || (e.labels?.[0] ?? e).textContent.trim()")
            assert name, (role, control.evaluate("e => e.outerHTML"))
    assert first.get_by_role("slider", name="Load").get_attribute("aria-valuetext") == "1.2 × capacity"


def by_keyboard(page: Page) -> None:
    """Hold that arrow keys move a control and the sentence follows, and a drag ends at its last position."""
    load = page.locator(".dk-lab").first.get_by_role("slider", name="Load")
    load.focus()
    page.keyboard.press("ArrowLeft")
    said(page, "at 1.15 times capacity")
    page.keyboard.press("Home")
    said(page, "at 0.1 times capacity")
    words = page.evaluate(DRAG)
    said(page, f"at {words.split()[0]} times capacity")
    assert (
        page.evaluate("document.activeElement.name") == "load"
    )  # what is drawn anew does not take the focus


def other_controls(page: Page) -> None:
    """Hold that a preset moves all controls, that the tournament runs and its winner can be used, and reset."""
    first = page.locator(".dk-lab").first
    first.get_by_role("combobox", name="Situation").select_option("metastable")
    said(page, "the collapse is not")
    assert first.get_by_role("radio", name="Over time").is_checked()
    first.get_by_role("combobox", name="Situation").select_option("rush_hour")
    said(page, "at 1.2 times capacity")
    first.get_by_role("combobox", name="Retry policy").select_option("spam")
    said(page, "immediate retries without end")
    first.get_by_role("button", name="Compare policies").click()
    use = first.get_by_role("button", name="Use ")
    use.wait_for(timeout=60_000)
    winner = use.inner_text().removeprefix("Use ").replace(" ", "_")
    use.click()
    first.locator("pre", has_text=winner).wait_for(state="attached", timeout=30_000)
    first.get_by_role("button", name="Reset").click()
    said(page, "retries after 5, 10 and 30 s at 1.2 times capacity")


def test_by_hand(tmp_path: Path, free_port: int) -> None:
    """Run All fills the page; every control has a name and works; nothing asks for news; nothing goes outside."""
    with lab(tmp_path, free_port) as base, watched(height=2400) as seen:
        run_all(seen.page, base, "retrylab.ipynb")
        seen.page.locator(DONE).first.wait_for(timeout=120_000)
        seen.page.locator(DONE).nth(1).wait_for(timeout=60_000)
        seen.page.wait_for_selector(IDLE, state="attached", timeout=60_000)
        seen.page.screenshot(path=tmp_path / "retrylab.png")
        assert seen.page.locator(".jp-OutputArea-output img[src^='data:image/svg']").count() == 2
        assert not seen.page.locator(".js-plotly-plot").count()
        assert not seen.page.get_by_text("notified about official").count()
        named(seen.page)
        by_keyboard(seen.page)
        other_controls(seen.page)
        assert not seen.outside
        assert not [line for line in seen.complaints if any(word in line for word in OURS)]


def test_narrow_and_dark(tmp_path: Path, free_port: int) -> None:
    """In a narrow cell all stands in one column and nothing sticks out; words are readable on a dark page."""
    with (
        lab(tmp_path, free_port, "JupyterLab Dark") as base,
        watched(width=700, height=2400, dark=True) as seen,
    ):
        run_all(seen.page, base, "retrylab.ipynb")
        seen.page.locator(DONE).first.wait_for(timeout=120_000)
        seen.page.wait_for_selector(IDLE, state="attached", timeout=60_000)
        seen.page.screenshot(path=tmp_path / "narrow.png")
        lefts, wide, inner, colour = seen.page.locator(".dk-lab").first.evaluate(
            """lab => [
              [".dk-first", ".dk-stage", ".dk-more"].map((one) => lab.querySelector(one).getBoundingClientRect().left),
              lab.scrollWidth, lab.clientWidth, getComputedStyle(lab.querySelector(".dk-picture svg")).fill]"""
        )
        assert len(set(lefts)) == 1
        assert wide <= inner
        assert all(
            int(part) > 180
            for part in colour.removeprefix("rgb(").removeprefix("a(").rstrip(")").split(",")[:3]
        )
