"""Nothing leaves DeepKit but through the gate: who prints, who writes, and how files are written."""

import ast
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deepkit.history import Entry, open_history
from deepkit.redaction import files
from deepkit.redaction.files import make_private, write_whole

PACKAGE = Path(__file__).parent.parent / "deepkit"
GATES = {"redaction/gate.py", "redaction/files.py"}
ALLOWED = {
    "reports/timing.py": "the figures of its own child process, read by its parent",
    "sandbox/authority.py": "certificates of the practice server, in a folder of its own that goes away",
    "cluster/sweeping.py": "a journal of simulated figures, appended to",
    "retries/budget.py": "a counter shared by processes",
    "cli/__init__.py": "closes stderr when its reader has gone",
    "cli/lab.py": "flushes before the process becomes JupyterLab",
}
"""Modules that write something of their own, with the reason; none writes what came from outside."""


def _writes(tree: ast.AST) -> list[str]:
    """The calls of a module that print or write."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdout", "sys.stderr"):
            found.append(ast.unparse(node))
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        modes = [ast.literal_eval(one) for one in node.args if isinstance(one, ast.Constant)] + [
            one.value.value
            for one in node.keywords
            if one.arg == "mode" and isinstance(one.value, ast.Constant)
        ]
        mode = next((one for one in modes if isinstance(one, str) and len(one) <= 3), "r")
        opens = name.rpartition(".")[2] in ("open", "fdopen") and set(mode) & set("wax+")
        if (
            name == "print"
            or name.startswith("traceback.print")
            or name.endswith((".write_text", ".write_bytes"))
            or opens
            or name in ("os.write", "os.open")
        ):
            found.append(name)
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_only_the_gate_prints_and_writes(path: Path) -> None:
    """No module but the gate prints or opens a file to write, except for those that are named with a reason."""
    name = str(path.relative_to(PACKAGE))
    if name not in GATES and name not in ALLOWED:
        assert _writes(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_every_exception_is_needed(name: str) -> None:
    """A module that is named as an exception still is one."""
    assert _writes(ast.parse((PACKAGE / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("nameless", [True, False])
def test_a_file_is_for_its_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nameless: bool
) -> None:
    """Whatever the umask and the mode of an older file, the file is readable and writable for its user alone."""
    if not nameless:
        monkeypatch.setattr(files, "_without_name", lambda *_: False)
    path = tmp_path / "evidence.json"
    path.write_text("old")
    path.chmod(0o666)
    before = os.umask(0)
    try:
        write_whole(path, "new")
    finally:
        os.umask(before)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["evidence.json"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """A link planted under the file's name, or under the old name of its partial file, is never written through."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name in ("out.json", "out.json.part"):
        (tmp_path / name).symlink_to(victim)
    write_whole(tmp_path / "out.json", "new")
    assert victim.read_text() == "precious"
    assert not (tmp_path / "out.json").is_symlink()
    (tmp_path / "db").symlink_to(tmp_path / "nowhere")
    make_private(tmp_path / "db")
    assert not (tmp_path / "nowhere").exists()


def test_a_new_file_overwrites_nothing(tmp_path: Path) -> None:
    """Asked for a new file, an existing one stays as it is."""
    (tmp_path / "a").write_text("old")
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "a", "new", new=True)
    assert (tmp_path / "a").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from deepkit.redaction import files
if sys.argv[2] == "named":
    files._without_name = lambda *_: False
real = os.fdopen
class Dying:
    def __init__(self, file): self.file = file
    def __enter__(self): return self
    def __exit__(self, *_): return False
    def write(self, data):
        self.file.write(data[:10]); self.file.flush(); os.kill(os.getpid(), signal.SIGKILL)
    def flush(self): pass
files.os.fdopen = lambda *a: Dying(real(*a))
files.write_whole(Path(sys.argv[1]), "x" * 1000)
"""


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="Linux alone can write without a name")
@pytest.mark.parametrize("how", ["nameless", "named"])
def test_nothing_is_left_of_a_killed_process(tmp_path: Path, how: str) -> None:
    """A process killed in the middle leaves nothing; where files have names from the start, the next one clears up."""
    path = tmp_path / "report.html"
    path.write_text("old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), how], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    if how == "named":
        assert len(list(tmp_path.iterdir())) == 2
        write_whole(path, "new")
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


def test_a_living_process_keeps_its_file(tmp_path: Path) -> None:
    """What another process that runs is writing is left alone."""
    path = tmp_path / "a"
    other = tmp_path / f"{files._stem(path).replace(str(os.getpid()), str(os.getppid()))}0{files._ENDING}"
    other.write_text("half")
    write_whole(path, "x")
    assert other.exists()


def test_the_history_is_private_and_its_cells_do_not_calculate(tmp_path: Path) -> None:
    """The database and an export are for their user alone; a cell like a formula is quoted, and comes back as it was."""
    name = '=HYPERLINK("http://x.example","go")'
    with open_history(f"sqlite:///{tmp_path / 'h.sqlite3'}") as store:
        store.add([Entry(1.0, name, "api", True), Entry(2.0, "deepseek", "api", False, "-x")])
        store.export(tmp_path / "h.csv")
        before = list(store.entries())
    text = (tmp_path / "h.csv").read_text()
    assert not [
        cell
        for line in text.splitlines()
        for cell in line.split(",")
        if cell.lstrip('"')[:1] in "=+@" and cell
    ]
    assert {stat.S_IMODE((tmp_path / one).stat().st_mode) for one in ("h.sqlite3", "h.csv")} == {0o600}
    with open_history(f"sqlite:///{tmp_path / 'again.sqlite3'}") as store:
        store.load(tmp_path / "h.csv")
        assert list(store.entries()) == before
