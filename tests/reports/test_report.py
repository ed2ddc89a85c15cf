"""Reports: whole or not at all, nothing secret, nothing fetched, the foot says how it came about."""

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import pytest

from deepkit.answers import answer_for
from deepkit.errors import ReportError, UsageError
from deepkit.reports import ReportFiles, open_report, report, save
from deepkit.reports._compare import compared
from deepkit.reports._write import write_whole
from deepkit.triage import explain
from deepkit.views.html import plain
from tests.reports.conftest import KEY, write_notebook
from tests.views.cases import measured, pasted, trial


def texts(written: ReportFiles) -> dict[str, str]:
    """The forms by their ending."""
    return {path.suffix: path.read_text(encoding="utf-8") for path in written.paths}


def test_all_forms_are_written(written: ReportFiles) -> None:
    """A report in three forms: the page below 3 MB, a valid notebook, Markdown; no cell failed."""
    assert [path.suffix for path in written.paths] == [".html", ".ipynb", ".md"]
    assert not written.failed
    assert written.paths[0].stat().st_size < 3_000_000
    nbformat.validate(nbformat.reads(texts(written)[".ipynb"], as_version=4))


@pytest.mark.parametrize("suffix", [".html", ".ipynb", ".md"])
def test_nothing_secret_in_any_form(written: ReportFiles, suffix: str) -> None:
    """Key, private address and user name are gone from sources, outputs and figures; the foot counts them."""
    text = texts(written)[suffix]
    for secret in (KEY, KEY[3:], "192.168.7.9", "10.1.2.3", "/home/ada"):
        assert secret not in text
    assert "API keys" in text
    assert {"key", "ip", "home"} <= {rule for rule, _ in written.removed}


@pytest.mark.parametrize("suffix", [".html", ".ipynb", ".md"])
def test_the_foot_says_how_it_came_about(written: ReportFiles, suffix: str) -> None:
    """Versions, seed, case, time and the measured timing error stand at the foot of every form."""
    foot = texts(written)[suffix].split("About this report")[1]
    for words in ("Seed", "sandbox, rush_hour", "UTC", "plotly", "Python 3", "gaps on loopback"):
        assert words in foot


def test_parameters_reach_the_kernel(written: ReportFiles) -> None:
    """Target, scenario and seed are given in the environment."""
    assert "sandbox rush_hour 5" in texts(written)[".md"]


def test_the_page_fetches_nothing(written: ReportFiles) -> None:
    """No element of the page names a remote address to load, and its policy would forbid it."""
    page = texts(written)[".html"]
    assert "default-src 'none'" in page
    body = re.sub(r'<script type="text/plain".*?</script>', "", page, flags=re.DOTALL)
    assert not re.search(r"<(?:script|img|link|iframe|source)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//", body)
    assert "<script>fetch" not in body
    assert "<b onclick" not in body
    assert "alert(1)</script>" not in body


def test_figures_are_drawn_without_a_script(written: ReportFiles) -> None:
    """A plotly figure of a notebook is a still picture in the page; nothing of plotly is carried."""
    page = texts(written)[".html"]
    assert "data:image/svg+xml;base64," in page
    assert "plotly.js" not in page
    assert len(page) < 100_000


def test_the_notebook_is_light(written: ReportFiles) -> None:
    """The notebook form holds no widget state, no widget views and no plotly data, but the pictures."""
    book = json.loads(texts(written)[".ipynb"])
    kinds = {
        kind for cell in book["cells"] for out in cell.get("outputs", []) for kind in out.get("data", {})
    }
    assert kinds <= {"text/plain", "text/html", "image/svg+xml"}
    assert "image/svg+xml" in kinds
    assert "widgets" not in book["metadata"]


def test_a_page_without_figures_carries_no_plotly(tmp_path: Path) -> None:
    """A report that draws nothing interactive stays small."""
    plain = write_notebook(tmp_path / "plain.ipynb", (("markdown", "# Only words"),))
    files = report(plain, out=tmp_path, formats=("html",))
    assert files.paths[0].stat().st_size < 30_000
    assert "<title>Only words</title>" in files.paths[0].read_text()


def test_a_failing_cell_still_gives_a_report(tmp_path: Path) -> None:
    """A cell that raises ends the run: the report shows the traceback, says what was not reached, and is failed."""
    cells = (
        ("code", "print('before')"),
        ("code", f"raise ValueError('refused {KEY}')"),
        ("code", "print('after')"),
    )
    files = report(write_notebook(tmp_path / "bad.ipynb", cells), out=tmp_path / "out")
    assert files.failed
    assert str(files.failure).startswith("ValueError: refused")
    for text in texts(files).values():
        assert "before" in text
        assert "ValueError" in text
        assert KEY not in text
    assert "not reached" in texts(files)[".html"]
    assert 'class="alarm"' in texts(files)[".html"]


def test_a_cell_that_hangs_is_ended(tmp_path: Path) -> None:
    """A cell that never ends is stopped at its deadline, and the report says so."""
    files = report(
        write_notebook(tmp_path / "slow.ipynb", (("code", "while True: pass"),)),
        out=tmp_path,
        formats=("md",),
        timeout_s=2,
    )
    assert files.failed
    assert "did not end within 2 s" in str(files.failure)


@pytest.mark.parametrize(
    "content", [None, "", "{", '{"cells": 3}', '{"nbformat": 4, "cells": [{"cell_type": "x"}]}']
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, content: str | None) -> None:
    """A missing or broken notebook gives one sentence, and nothing is written."""
    path = tmp_path / "x.ipynb"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError) as told:
        report(path, out=tmp_path / "out")
    assert "\n" not in str(told.value)
    assert not (tmp_path / "out").exists()


def test_unknown_formats_are_refused(tmp_path: Path) -> None:
    """A format that is none is refused before anything runs."""
    with pytest.raises(UsageError, match="pdf"):
        report(tmp_path / "none.ipynb", formats=("html", "pdf"))


def test_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk refuses half-way, the old file stays as it was and no half-written one is left."""
    path = tmp_path / "r.html"
    write_whole(path, "old")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ReportError, match="No space left"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["r.html"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """An output folder that cannot be created gives one sentence with what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="--out"):
        write_whole(tmp_path / "file" / "r.html", "x")


@pytest.mark.parametrize("name", ["balance", "hostile", "chinese"])
def test_a_saved_case_is_the_case(tmp_path: Path, name: str) -> None:
    """A page bears the case's stamp and kind, nothing breaks out of it, and it opens to the same answer."""
    case = pasted(name)
    path, page = save(case, out=tmp_path)
    assert path.read_text(encoding="utf-8") == page
    assert escape(case.stamp) in page
    assert "<script>alert" not in page
    assert answer_for(open_report(path)) == answer_for(case)
    assert "Run All" not in page


def test_measured_trials_travel_with_the_case(tmp_path: Path) -> None:
    """What was tried in the case is judged again from its samples; what was only demonstrated is no part of it."""
    case = measured().with_trial(trial("aggregators", "wwwwwww"), "yours")
    path, page = save(case, shown={"backoff": trial("backoff", "wwwwwww")}, out=tmp_path)
    found = open_report(path)
    assert [(one.fix, one.verdict) for one in found.trials] == [("aggregators", "helped")]
    assert "Demonstrated on made-up troubles" in page
    forged = page.replace('"verdict":"helped"', '"verdict":"worse"').replace(
        '"verdict": "helped"', '"verdict": "worse"'
    )
    path.write_text(forged, encoding="utf-8")
    assert open_report(path).trials[0].verdict == "helped"


def test_a_trial_of_nothing_travels_too(tmp_path: Path) -> None:
    """A fix that could not be switched on and off here has no samples, and the report opens all the same."""
    case = measured().with_trial(trial("backoff", ""), "yours")
    found = open_report(save(case, out=tmp_path)[0])
    assert [(one.fix, one.samples) for one in found.trials] == [("backoff", ())]


def test_a_report_never_replaces_another(tmp_path: Path) -> None:
    """Two of the same second are two files."""
    case = measured()
    paths = {save(case, out=tmp_path)[0] for _ in range(3)}
    assert len(paths) == len(list(tmp_path.iterdir())) == 3


def test_nothing_secret_in_a_saved_case(tmp_path: Path) -> None:
    """Keys and private addresses of a pasted text are gone from the page and from the data inside."""
    case = explain(f"Error code: 401 - invalid key {KEY} at http://192.168.7.9:8080/v1 in /home/ada/x.py")
    page = save(case, out=tmp_path)[1]
    for secret in (KEY, KEY[3:], "192.168.7.9", "/home/ada"):
        assert secret not in page


@pytest.mark.parametrize(
    "content", ["", "{}", "<html></html>", '{"kind": "deepkit-case", "schema": 99}', None]
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: str | None) -> None:
    """A file without a case gives one sentence."""
    path = tmp_path / "x.html"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=r"x\.html is no report"):
        open_report(path)


def test_a_case_of_two_kinds_is_refused(tmp_path: Path) -> None:
    """A practice case that claims to be somebody's own is not opened."""
    path, page = save(measured("rush_hour"), out=tmp_path)
    path.write_text(page.replace('"case": "practice"', '"case": "yours"'), encoding="utf-8")
    with pytest.raises(UsageError, match="contradict"):
        open_report(path)


def test_two_cases_side_by_side() -> None:
    """A comparison names both stamps, both verdicts and every fix that either tried."""
    old, new = pasted("balance"), measured().with_trial(trial("backoff", "wwwwwww"), "yours")
    words = plain(compared(old, new))
    for one in (
        old.stamp,
        new.stamp,
        answer_for(old).headline,
        answer_for(new).headline,
        "7 wins",
        "not tried",
    ):
        assert one in words
