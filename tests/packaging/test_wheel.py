"""The wheel: it carries the data and the notebooks, and works in an environment that has never seen the checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the tracked files without any network."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("deepkit", "data", "notebooks"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, source]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (built,) = out.glob("*.whl")
    return built


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
def test_it_reports_from_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """Installed alone into an empty environment, `deepkit report` writes a report with all twelve fixes."""
    uv = [sys.executable, "-m", "uv"]
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    env.setdefault("UV_CACHE_DIR", str(ROOT / ".cache" / "uv"))
    home = tmp_path / "env"
    subprocess.run(
        [*uv, "venv", "--quiet", "--python", sys.executable, home], check=True, env=env, timeout=60
    )
    python = next(
        path for path in (home / "bin" / "python", home / "Scripts" / "python.exe") if path.exists()
    )
    pins = ROOT / "constraints.txt"
    install = [*uv, "pip", "install", "--quiet", "--offline", "--python", python, "--constraint", pins, wheel]
    done = subprocess.run(install, env=env, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip("uv's cache does not hold every dependency; `make test` fills it")
    assert done.returncode == 0, done.stderr
    where = subprocess.run(
        [python, "-c", "import deepkit; print(deepkit.__file__)"],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert str(home) in where.stdout
    command = [python, "-m", "deepkit", "report", "--out", tmp_path / "out"]
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    (page,) = (tmp_path / "out").glob("*.html")
    from deepkit.fixes import FIXES

    text = page.read_text(encoding="utf-8")
    assert all(fix.title in text for fix in FIXES)
