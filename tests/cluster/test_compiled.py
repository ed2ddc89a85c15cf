"""Machine code: made once, read without a compiler, and the same numbers while there is none."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deepkit.cluster import Cluster, compiled, machine, simulate
from deepkit.cluster import layout as at
from deepkit.cluster.packing import packed
from deepkit.errors import DeepkitError
from deepkit.records import Policy
from deepkit.retries import POLICIES

BUSY = Cluster(8, 16, 11.0, 1.0, patience_s=3.0, priorities=(0.2, 0.8), load=((50.0, 2.0), (90.0, 0.5)))
KERNEL = compiled.PROGRAMS["run"]


@pytest.fixture(scope="module", autouse=True)
def prepared() -> None:
    """These tests compare with machine code."""
    compiled.prepare()


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Forget the folder and the file names before and after."""
    for name in ("folder", "place"):
        getattr(machine, name).cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    for name in ("folder", "place"):
        getattr(machine, name).cache_clear()


@pytest.mark.parametrize("after", [0, 1, 3, 10**9])
@pytest.mark.parametrize("policy", ["none", "full_jitter", "budgeted"])
def test_it_may_come_at_any_time(after: int, policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is interpreted until the machine code comes, and then goes on in it, has the same numbers."""
    real, asked = compiled.ready, iter(range(after))
    monkeypatch.setattr(compiled, "SLICE", 700)
    options: dict[str, Any] = {"seed": 4, "requests": 2000, "snap_every": 100, "snaps": 30}
    truth = packed(BUSY, POLICIES[policy], **options)
    assert compiled.finish(*truth) == at.DONE
    monkeypatch.setattr(
        compiled, "ready", lambda loop="run": None if next(asked, None) is not None else real(loop)
    )
    again = packed(BUSY, POLICIES[policy], **options)
    assert compiled.finish(*again) == at.DONE
    assert again == truth


def test_cut_and_crowded_runs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is cut short, and one that needs larger arrays, end alike with and without machine code."""
    endless = Policy("fixed", retries=1_000_000, base_s=0.0)
    spam = (replace(BUSY, patience_s=None, round_trip_s=0.0, arrival_rate=40.0), endless, 100)
    crowd = (replace(BUSY, queue=10_000_000, patience_s=None, load=()), None, 9000)
    kept = [replace(simulate(c, p, requests=r), events_per_s=0.0) for c, p, r in (spam, crowd)]
    assert "Cut short" in kept[0].note
    entry, nothing = compiled.ready(), iter([None] * 5)
    monkeypatch.setattr(compiled, "ready", lambda loop="run": next(nothing, entry))
    again = [replace(simulate(c, p, requests=r), events_per_s=0.0) for c, p, r in (spam, crowd)]
    assert [one.as_json() for one in again] == [one.as_json() for one in kept]


def test_a_run_loads_no_compiler() -> None:
    """With machine code made, a new process simulates without importing numba."""
    code = (
        "import sys; from deepkit.cluster import Cluster, compiled, simulate;"
        "simulate(Cluster(8, 16, 9.0, 1.0), requests=1000);"
        "assert compiled.state() == 'ready' and 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("harm", ["cut", "changed", "empty", "no head"])
def test_damaged_code_is_not_run(harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is cut short or changed counts as none."""
    good = machine.place(KERNEL).read_bytes()
    head, _, code = good.partition(b"\n")
    bad = {
        "cut": good[:-100],
        "changed": head + b"\n" + code[:5000] + bytes([code[5000] ^ 1]) + code[5001:],
        "empty": b"",
        "no head": code,
    }
    file = tmp_path / "kernel.code"
    monkeypatch.setattr(machine, "place", lambda program: file)
    file.write_bytes(good)
    assert machine.load(KERNEL) is not None
    file.write_bytes(bad[harm])
    assert machine.load(KERNEL) is None


def test_other_sources_or_processors_have_other_names(apart: pytest.MonkeyPatch) -> None:
    """Code made for something else is never met: constants and processor are in the file's name."""
    here = machine.place(KERNEL)
    assert machine.place(replace(KERNEL, constants=(("ANY", 1),))) != here
    machine.place.cache_clear()
    apart.setattr(machine.binding(), "get_host_cpu_name", lambda: "another")
    assert machine.place(KERNEL) != here


def test_only_some_files_are_kept(apart: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Storing removes the oldest beyond a number, and leaves no part of a file."""
    apart.setattr(machine.platformdirs, "user_cache_dir", lambda name: str(tmp_path))
    for number in range(machine.KEPT + 5):
        machine.store(replace(KERNEL, loop=f"k{number}"), "run", [], b"code")
    left = sorted(path.suffix for path in tmp_path.iterdir())
    assert left == [".code"] * machine.KEPT


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners of files are of POSIX")
def test_a_read_only_home(apart: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the user's cache folder cannot be made, a temporary one of the user alone takes the code."""
    blocker, temporary = tmp_path / "file", tmp_path / "tmp"
    blocker.write_text("not a folder")
    temporary.mkdir()
    apart.setattr(machine.platformdirs, "user_cache_dir", lambda name: str(blocker))
    apart.setattr(machine.tempfile, "tempdir", str(temporary))
    own = temporary / f"deepkit-{os.getuid()}"
    assert machine.folder() == own
    assert own.stat().st_mode & 0o077 == 0
    machine.folder.cache_clear()
    own.chmod(0o777)  # anybody could have put code there
    assert machine.folder() != own


def test_no_compiler_is_said_and_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where machine code cannot be made, `prepare` says why and runs go on interpreted."""
    broken = {"args": [sys.executable, "-c", "raise SystemExit('no numba here')"]}
    monkeypatch.setattr(compiled, "load", lambda program: None)
    monkeypatch.setattr(compiled, "_command", lambda *loops: broken)
    makers: dict[str, subprocess.Popen[bytes] | None] = {}
    monkeypatch.setattr(compiled, "_makers", makers)
    monkeypatch.setattr(compiled, "_loaded", compiled._loaded.__wrapped__)
    with pytest.raises(DeepkitError, match="no numba here"):
        compiled.prepare()
    first = simulate(BUSY, requests=500)
    assert "run" in makers
    if (maker := makers["run"]) is not None:
        maker.wait(60)
    assert compiled.state() == "interpreted"
    monkeypatch.undo()
    assert replace(simulate(BUSY, requests=500), events_per_s=0.0) == replace(first, events_per_s=0.0)


@pytest.mark.slow
def test_two_at_once_make_it_once(tmp_path: Path) -> None:
    """Two processes with an empty cache both end well, and one whole file is there, which both could load."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "deepkit.cluster.compiled"]

    def make(_: int) -> int:
        return subprocess.run(command, env=environment, timeout=110, check=False).returncode

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(make, range(2))) == [0, 0]
    files = [path for path in tmp_path.rglob("*") if path.is_file() and "deepkit" in str(path)]
    assert sorted(path.suffix for path in files) == [".code"] * len(compiled.PROGRAMS)
    shutil.rmtree(tmp_path)
