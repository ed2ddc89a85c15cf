"""Reports: whole or not at all, nothing secret, nothing fetched, the foot says how it came about."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from deepkit.errors import ReportError, UsageError
from deepkit.reports import ReportFiles, report, save
from deepkit.reports._write import write_whole
from tests.reports.conftest import KEY, write_notebook


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


def test_figures_are_there_and_packed_once(written: ReportFiles) -> None:
    """The figure's data stand in the page with a still picture before it, plotly.js once and packed."""
    page = texts(written)[".html"]
    assert page.count('id="plotly-packed"') == 1
    figure = re.search(
        r'<figure data-figure.*?<script type="application/json">(.*?)</script>', page, re.DOTALL
    )
    assert figure
    assert json.loads(figure[1])["data"][0]["y"] == [1, 3, 2]
    assert "data:image/svg+xml;base64," in figure[0]


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


class Simple:
    """The smallest view there is."""

    def report_bundle(self) -> dict[str, Any]:
        """One line of HTML."""
        return {"text/plain": f"asked with {KEY}", "text/html": f"<p>asked with {KEY}</p>"}


def test_saving_what_is_shown(tmp_path: Path) -> None:
    """Views are saved as they are, without running anything, redacted like every report."""
    paths = save(
        [("First", Simple()), ("Second", Simple())], out=tmp_path, target="https://10.0.0.7/v1", seed=3
    )
    page = paths[0].read_text()
    assert page.index("First") < page.index("Second")
    assert "asked with" in page
    for path in paths:
        assert KEY not in path.read_text()
        assert "10.0.0.7" not in path.read_text() + path.name
