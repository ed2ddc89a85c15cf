"""The report in a real browser with the network off: nothing is asked for, nothing complains, the answer comes first."""

import re
from pathlib import Path

import pytest

from deepkit.reports import ReportFiles, open_report, save
from tests.browser import watched
from tests.views.cases import measured, pasted, trial

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with a trial and a demonstration."""
    case = measured().with_trial(trial("aggregators", "wwlwwwtww"), "yours")
    shown = {"hard_refresh": trial("hard_refresh", "wwwwwww")}
    return save(case, shown=shown, out=tmp_path_factory.mktemp("page"))[0]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_opens_offline(page: Path, written: ReportFiles, dark: bool) -> None:
    """With the network off no request is made and the console stays silent, in both themes and of any notebook."""
    with watched(dark=dark, offline=True) as seen:
        for one in (page, written.paths[0]):
            seen.page.goto(one.as_uri())
            paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert paper == ("rgb(18, 22, 29)" if dark else "rgb(244, 246, 249)")
            assert not seen.page.locator("img.dk-still").count()
        assert not seen.asked
        assert not seen.complaints
        seen.page.goto(page.as_uri())
        assert seen.page.get_by_role("heading", level=1).count() == 1


def test_the_answer_comes_first_on_a_telephone(page: Path, written: ReportFiles) -> None:
    """At 390 pixels the headline and the first step are on the first screen, and nothing is wider than it."""
    with watched(width=390, height=800, offline=True) as seen:
        seen.page.goto(page.as_uri())
        for place in (".dk-headline", "ol li b"):
            box = seen.page.locator(place).first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] < 800
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
        seen.page.goto(written.paths[0].as_uri())
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_at_most_three_printed_pages_before_the_appendix(page: Path) -> None:
    """The answer, the ticket and the table fit on three pages."""
    with watched(offline=True) as seen:
        seen.page.goto(page.as_uri())
        seen.page.evaluate("document.querySelector('.dk-appendix').remove()")
        printed = seen.page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= 3


def test_rows_open_cards_and_the_data_can_be_saved(page: Path, tmp_path: Path) -> None:
    """A row's link opens its folded card; the data that the button saves open to the same case."""
    with watched(offline=True) as seen:
        seen.page.goto(page.as_uri())
        seen.page.get_by_text("fixes that do not fit").click()
        seen.page.locator('a[href="#dk-region_routing"]').click()
        assert seen.page.locator("#dk-region_routing details").first.get_attribute("open") is not None
        with seen.page.expect_download() as loaded:
            seen.page.get_by_role("button", name="Download the data").click()
        loaded.value.save_as(tmp_path / "case.json")
    assert open_report(tmp_path / "case.json") == open_report(page)


def test_a_chinese_case_is_a_chinese_page(tmp_path: Path) -> None:
    """The page says its language."""
    path, _ = save(pasted("chinese"), out=tmp_path)
    with watched(offline=True) as seen:
        seen.page.goto(path.as_uri())
        assert seen.page.evaluate("document.documentElement.lang") == "zh"
