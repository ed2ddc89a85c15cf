"""The house of docs/design.md: every module has a row, and imports only point down."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "deepkit"
ROWS = (
    {"cli", "aio", "magics"},
    {"widgets"},
    {"reports", "plots"},
    {"case_file"},
    {"triage", "trials", "views", "history"},
    {"answers", "targets", "evidence"},
    {"probes", "diagnosis", "fixes", "sandbox"},
    {"transport", "cluster"},
    {"retries", "hardware"},
    {"signals", "cases", "redaction"},
    {"records", "causes", "facts", "loops", "svg", "statistics", "sse"},
    {"extras"},
    {"checks", "errors", "display", "vendors", "secret"},
    {"schema"},
)
ROW_OF = {name: number for number, row in enumerate(ROWS) for name in row}
FILES = sorted(PACKAGE.rglob("*.py"))


def owner(path: Path) -> str:
    """The row name a file belongs to: its top-level module or folder."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Every deepkit module named by an import anywhere in the file, hidden or typing-only ones too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write absolute imports"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] == "deepkit"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    """A module imports only rows below its own, or its own folder; families of equals stay strangers."""
    me = owner(path)
    if me in {"__init__", "__main__"}:
        return
    assert me in ROW_OF, f"{me} has no row: add it to ROWS here and to the house in docs/design.md"
    for name in imports(path):
        parts = name.split(".")
        assert len(parts) > 1, f"{path}: import the module you need, not the package"
        other = parts[1]
        assert other in ROW_OF or other == "__version__", f"{path}: import {name} from the module it lives in"
        if other in ROW_OF and other != me:
            assert ROW_OF[other] > ROW_OF[me], (
                f"{me} may not import {other}: it stands in the same row or above"
            )


@pytest.mark.parametrize("family", ["fixes", "probes"])
def test_equals_do_not_know_each_other(family: str) -> None:
    """A fix imports no other fix and a probe no other probe; private modules (_x.py) are what they share."""
    for path in (PACKAGE / family).glob("[!_]*.py"):
        for name in imports(path):
            parts = name.split(".")
            if len(parts) > 2 and parts[1] == family:
                assert (
                    parts[2].startswith("_")
                    or not (PACKAGE / family / f"{parts[2]}.py").exists()
                    or (parts[2] == path.stem)
                ), f"{path.name} imports its sibling {parts[2]}"


def test_modules_stay_small() -> None:
    """No module exceeds 400 lines; a family grows by files, not by length."""
    long = {str(p.relative_to(PACKAGE)): n for p in FILES if (n := len(p.read_text().splitlines())) > 400}
    assert not long
