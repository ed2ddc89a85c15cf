"""The guided notebook: no logic in its cells, nothing stored, and it runs from start to end on the sandbox."""

import ast
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from deepkit.answers import answer_for
from deepkit.facts import notebook_path
from deepkit.fixes import FIXES
from deepkit.reports import ReportFiles, open_report, report
from deepkit.widgets.walkthrough import PHASES

NOTEBOOKS = sorted(notebook_path("walkthrough.ipynb").parent.glob("*.ipynb"))


def cells(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook."""
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def is_call(node: ast.expr) -> bool:
    """A call, or one that is awaited, whose arguments are names, attributes and constants."""
    node = node.value if isinstance(node, ast.Await) else node
    plain = (ast.Name, ast.Attribute, ast.Constant)
    return isinstance(node, ast.Call) and all(
        isinstance(one, plain) for one in (*node.args, *(key.value for key in node.keywords))
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_cells_hold_no_logic(path: Path) -> None:
    """A cell imports, assigns a call's result, or calls; a parameters cell assigns texts; at most twelve lines."""
    for cell in cells(path):
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        assert len(source.splitlines()) <= 12
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        for node in compile(source, path.name, "exec", flags).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                continue
            assert isinstance(node, ast.Assign | ast.Expr), f"logic in a cell: {source}"
            if "parameters" in cell["metadata"].get("tags", ()):
                assert isinstance(node.value, ast.Constant)
            else:
                assert is_call(node.value), f"logic in a cell: {source}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_nothing_is_stored(path: Path) -> None:
    """Notebooks are kept without outputs, counts or widget state."""
    for cell in cells(path):
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert "widgets" not in json.loads(path.read_text())["metadata"]


def test_every_fix_has_its_phase_in_the_guides_order() -> None:
    """The notebook shows the guide's phases in their order, and the phases hold every fix once."""
    whole = "\n".join("".join(cell["source"]) for cell in cells(notebook_path("walkthrough.ipynb")))
    assert re.findall(r'guide\.phase\("(\w+)"\)', whole) == list(PHASES)
    assert sorted(key for keys in PHASES.values() for key in keys) == sorted(one.key for one in FIXES)


def test_papermill_finds_its_parameters() -> None:
    """The walkthrough and the live notebook have one cell of parameters, each taken by the next."""
    for name in ("walkthrough.ipynb", "live.ipynb"):
        book = cells(notebook_path(name))
        tagged = [n for n, cell in enumerate(book) if "parameters" in cell["metadata"].get("tags", ())]
        assert len(tagged) == 1
        names = re.findall(r"^(\w+) = ", "".join(book[tagged[0]]["source"]), re.MULTILINE)
        following = "".join(book[tagged[0] + 1]["source"])
        assert all(re.search(rf"\b{name}\b", following) for name in names)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ReportFiles:
    """The notebook executed on the sandbox's rush hour."""
    return report(out=tmp_path_factory.mktemp("walkthrough"), seed=0, timeout_s=100)


@pytest.mark.slow
def test_run_all_needs_no_input(run: ReportFiles) -> None:
    """Run All with no input works, and names the true cause on every form of the report."""
    assert not run.failed, run.failure
    for path in run.paths:
        text = unescape(path.read_text(encoding="utf-8"))
        assert "DeepSeek's servers are full." in text
        assert "Nothing here says anything about DeepSeek today" in text


@pytest.mark.slow
def test_twelve_fixes_are_demonstrated_and_none_is_counted_as_the_case(run: ReportFiles) -> None:
    """All twelve are demonstrated, at least ten of them work, and the case itself holds no trial."""
    page = run.paths[0].read_text(encoding="utf-8")
    good, of = (
        int(one) for one in re.search(r"Demonstrated on made-up troubles: (\d+) of (\d+)", page).groups()
    )  # type: ignore[union-attr]
    assert of == 12
    assert good >= 10
    assert page.count('class="dk-frame"') == 12
    assert not open_report(run.paths[0]).trials


@pytest.mark.slow
@pytest.mark.parametrize("name", ["live", "gallery"])
def test_companions_run(tmp_path: Path, name: str) -> None:
    """The companion notebooks run from start to end; a report's own target wins over the one written in them."""
    files = report(
        notebook_path(f"{name}.ipynb"), scenario="stale_dns", out=tmp_path, formats=("html",), timeout_s=100
    )
    assert not files.failed, files.failure
    page = files.paths[0].read_text(encoding="utf-8")
    assert "stale_dns" in page


@pytest.mark.slow
def test_a_colleague_gets_the_same_answer(run: ReportFiles) -> None:
    """The case inside the report is diagnosed again to the same answer, of a practice case."""
    case = open_report(run.paths[0])
    assert case.kind == "practice"
    assert answer_for(case).headline in unescape(run.paths[0].read_text(encoding="utf-8"))
