"""The wheel: it carries the data and the notebooks, and works in an environment that has never seen the checkout."""

import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, Install


def test_it_is_complete(wheel: Path) -> None:
    """Every bundled file and every notebook of the checkout is in the wheel, under the distribution's own name."""
    assert wheel.name.startswith("deepkit_jupyter-")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    for folder, inside in (("data", "_data"), ("notebooks", "_notebooks")):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and ".ipynb_checkpoints" not in path.parts and path.name != ".gitkeep":
                assert f"deepkit/{inside}/{path.relative_to(ROOT / folder).as_posix()}" in names
    assert "deepkit/py.typed" in names


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_it_reports_from_an_empty_environment(
    installed: Install, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    """Installed with [lab] into an empty environment, `deepkit report` writes a report with all twelve fixes."""
    python = installed("[lab]")
    command = [python, "-m", "deepkit", "report", "--out", tmp_path / "out"]
    done = subprocess.run(
        command, cwd=tmp_path, env=clean_environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    (page,) = (tmp_path / "out").glob("*.html")
    from deepkit.fixes import FIXES

    text = page.read_text(encoding="utf-8")
    assert all(fix.title in text for fix in FIXES)
