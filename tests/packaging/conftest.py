"""A wheel of this checkout, and environments that have never seen the checkout."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
UV = [sys.executable, "-m", "uv"]
Install = Callable[[str], Path]


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def clean_environment() -> dict[str, str]:
    """This process's environment without what could lead back to the checkout."""
    env = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    env.setdefault("UV_CACHE_DIR", str(ROOT / ".cache" / "uv"))
    return env


@pytest.fixture(scope="session")
def installed(
    wheel: Path, clean_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Install:
    """A function from extras ("" or "[lab]") to the Python of a new environment that holds the wheel with them."""

    def install(extras: str) -> Path:
        home = tmp_path_factory.mktemp("env")
        venv = [*UV, "venv", "--quiet", "--clear", "--python", sys.executable, home]
        subprocess.run(venv, check=True, env=clean_environment, timeout=60)
        python = next(
            path for path in (home / "bin" / "python", home / "Scripts" / "python.exe") if path.exists()
        )
        words = ["pip", "install", "--quiet", "--offline", "--python", python]
        words += ["--constraint", ROOT / "constraints.txt", f"deepkit-jupyter{extras} @ {wheel.as_uri()}"]
        done = subprocess.run(
            [*UV, *words], env=clean_environment, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode and not os.environ.get("CI"):
            pytest.skip("uv's cache does not hold every dependency; `make test` fills it")
        assert done.returncode == 0, done.stderr
        return python

    return install
