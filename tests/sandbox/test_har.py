"""The recordings that come with the package, and the tool that makes them."""

import getpass
import importlib.util
import json
import socket
from pathlib import Path

import pytest

from deepkit.facts import data_path

ROOT = Path(__file__).parent.parent.parent
FILES = sorted(data_path("har").glob("*.har"))


def entries(path: Path) -> list[dict]:
    """The recorded exchanges."""
    found: list[dict] = json.loads(path.read_text(encoding="utf-8"))["log"]["entries"]
    return found


def test_there_is_one_for_each_trouble_of_the_browser() -> None:
    """Blocked, stale, and healthy as the control."""
    assert [one.stem for one in FILES] == ["blocked_by_extension", "healthy", "stale_page"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recording_is_small_and_names_nobody(path: Path) -> None:
    """No path, user or host of the machine it was made on; loopback addresses only; under 60 kB."""
    text = path.read_text(encoding="utf-8")
    assert len(text) < 60_000
    for word in (str(ROOT), str(Path.home()), socket.gethostname(), "/tmp/", "/home/", "sk-"):
        assert word not in text, word
    assert len(getpass.getuser()) < 5 or getpass.getuser() not in text
    assert all(one["request"]["url"].startswith("http://127.0.0.1:") for one in entries(path))


def test_what_they_show() -> None:
    """The blocker's requests never left; the stale page came out of the cache, lost a file and its session."""
    blocked, healthy, stale = (entries(path) for path in FILES)
    assert {one["response"]["_error"] for one in blocked if not one["response"]["status"]} == {
        "net::ERR_BLOCKED_BY_CLIENT"
    }
    assert all(200 <= one["response"]["status"] < 300 for one in healthy)
    assert stale[0]["_fromCache"] == "disk"
    statuses = {one["request"]["url"].split("/", 3)[3]: one["response"]["status"] for one in stale}
    assert statuses["static/vendor.77b0c4e9.js"] == 404
    assert statuses["api/v0/users/current"] == statuses["api/v0/chat/completion"] == 401


@pytest.mark.browser
def test_the_tool_records_a_real_extension(tmp_path: Path) -> None:
    """Run again, the tool finds the same requests blocked: the recording can be made anew by anybody."""
    spec = importlib.util.spec_from_file_location("record_har", ROOT / "tools" / "record_har.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    if not Path(tool.CHROMIUM).exists():
        pytest.skip(f"no Chromium at {tool.CHROMIUM}; make test installs it")
    found = tool.record("blocked_by_extension", tmp_path)["log"]["entries"]

    def stopped(rows: list[dict]) -> set[str]:
        return {one["request"]["url"].split("/", 3)[3] for one in rows if not one["response"]["status"]}

    assert stopped(found) == stopped(entries(data_path("har", "blocked_by_extension.har")))
