"""The guided notebook: no logic in its cells, nothing stored, and it runs from start to end on the sandbox."""

import ast
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from deepkit.facts import notebook_path
from deepkit.fixes import FIXES
from deepkit.reports import ReportFiles, report

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
    """A cell imports, assigns a call's result, or calls; at most twelve lines; each is explained before it."""
    for cell in cells(path):
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        assert len(source.splitlines()) <= 12
        for node in compile(
            source, path.name, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        ).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                continue
            assert isinstance(node, ast.Assign | ast.Expr), f"logic in a cell: {source}"
            assert is_call(node.value), f"logic in a cell: {source}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_nothing_is_stored(path: Path) -> None:
    """Notebooks are kept without outputs, counts or widget state."""
    for cell in cells(path):
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert "widgets" not in json.loads(path.read_text())["metadata"]


def test_every_fix_has_its_cell_in_the_guides_order() -> None:
    """The notebook shows all fixes there are, in their order, each under a heading with its number."""
    whole = "\n".join("".join(cell["source"]) for cell in cells(notebook_path("walkthrough.ipynb")))
    assert re.findall(r'guide\.fix\("(\w+)"\)', whole) == [one.key for one in FIXES]
    assert re.findall(r"### Fix (\d+)", whole) == [str(one.number) for one in FIXES]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReportFiles, float]:
    """The notebook executed on the sandbox's rush hour, and how long it took."""
    started = time.monotonic()
    files = report(out=tmp_path_factory.mktemp("walkthrough"), seed=0, timeout_s=100)
    return files, time.monotonic() - started


@pytest.mark.slow
def test_run_all_needs_no_input(run: tuple[ReportFiles, float]) -> None:
    """Run All with no input works, names the true cause, and ends within 90 seconds."""
    files, took = run
    assert not files.failed, files.failure
    assert took < 90
    assert "Verdict: server overloaded" in files.paths[2].read_text()


@pytest.mark.slow
def test_twelve_fixes_are_measured(run: tuple[ReportFiles, float]) -> None:
    """All twelve show a trial with both arms asked, at least ten helped, and the results differ."""
    text = run[0].paths[2].read_text()
    arms = re.findall(r"^(without|with) the fix\s+(\d+) of (\d+) .*$", text, re.MULTILINE)
    assert len(arms) == 24
    assert all(int(asked) >= 3 for _, _, asked in arms)
    assert len(re.findall(r"Tried in (?:your case|the practice\s+case)[^:]*:\s+helped", text)) >= 10
    assert len({(good, asked) for arm, good, asked in arms if arm == "without"}) >= 3


@pytest.mark.slow
def test_the_page_says_where_each_trial_ran(run: tuple[ReportFiles, float]) -> None:
    """Each trial names its case: the user's own where the fix fits it, a practice case elsewhere."""
    page = run[0].paths[0].read_text()
    assert page.count("Tried in your case (rush hour)") >= 2
    assert page.count("Tried in the practice case") >= 6
