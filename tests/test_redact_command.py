"""`deepkit redact FILE`: a clean copy beside the file, which stays as it is."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from deepkit.cli import status
from deepkit.redaction import documents
from deepkit.redaction.documents import pieces, redact_file

KEY = "sk-0123456789abcdef0123456789abcdef"
PLAIN = "velvetHammerplain"
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3).decode()


def _har(**answer: Any) -> dict[str, Any]:
    content = {"mimeType": "application/json", **answer}
    request = {
        "url": f"https://chat.deepseek.com/api?token={KEY}",
        "headers": [{"name": "Authorization", "value": f"Bearer {PLAIN}"}, {"name": "x-trace-id", "value": "0af7651916cd43dd8448eb211c80319c"}],
        "cookies": [{"name": "sid", "value": "cookiemonster77"}],
    }  # fmt: skip
    return {
        "log": {"creator": {"name": "x"}, "entries": [{"request": request, "response": {"content": content}}]}
    }


def test_a_har_loses_what_its_requests_carried(tmp_path: Path) -> None:
    """Keys, cookies and Authorization of a recording are gone wherever they are said back; ids and structure stay."""
    body = json.dumps({"message": f"bad {PLAIN[::-1]} / {PLAIN} / cookiemonster77"})
    path = tmp_path / "a.har"
    path.write_text(json.dumps(_har(text=body)))
    copy = redact_file(path)
    text = copy.path.read_text()
    assert copy.kind == "har"
    assert copy.path.name == "a.redacted.har"
    assert not [one for one in (KEY, PLAIN, PLAIN[::-1], PLAIN[:8], "cookiemonster77") if one in text]
    assert "0af7651916cd43dd8448eb211c80319c" in text
    assert set(json.loads(text)["log"]["entries"][0]["request"]) == {"url", "headers", "cookies"}
    assert path.read_text() == json.dumps(_har(text=body))


def test_bodies_are_cut_before_they_are_redacted(tmp_path: Path) -> None:
    """A long body keeps its beginning, a packed one nothing."""
    path = tmp_path / "a.har"
    path.write_text(json.dumps([_har(text="busy " * 100_000), _har(text="AAAA", encoding="base64")][0]))
    assert len(redact_file(path).path.read_text()) < documents.BODY + 5_000
    path.write_text(json.dumps(_har(text="QUFBQUFBQUFBQUFBQUFBQQ==", encoding="base64")))
    assert "QUFBQUFB" not in redact_file(path).path.read_text()


def test_a_notebook_keeps_its_pictures(tmp_path: Path) -> None:
    """Sources and outputs are redacted, pictures stay whole."""
    shown = {
        "output_type": "display_data",
        "data": {"image/png": PIXEL, "text/plain": f"key {KEY}"},
        "metadata": {},
    }
    cells = [
        {
            "cell_type": "code",
            "source": [f"k = '{KEY}'\n", "x"],
            "outputs": [shown],
            "metadata": {},
            "execution_count": 1,
        }
    ]
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    copy = redact_file(path)
    book = json.loads(copy.path.read_text())
    assert copy.kind == "notebook"
    assert KEY not in copy.path.read_text()
    assert book["cells"][0]["outputs"][0]["data"]["image/png"] == PIXEL


def test_a_log_is_redacted_in_pieces_with_one_numbering(tmp_path: Path) -> None:
    """A long log keeps its lines, and an address its stand-in from the first line to the last."""
    line = "2026-01-01 10:20:30 host 10.0.0.7 said busy\n"
    path = tmp_path / "a.log"
    path.write_text(line * 3_000 + f"api_key={KEY}\n")
    text = redact_file(path).path.read_text()
    assert text.count("host ip-1 said busy") == 3_000
    assert KEY not in text
    assert "".join(pieces(line * 3_000)) == line * 3_000


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A second copy gets a name of its own."""
    path = tmp_path / "a.log"
    path.write_text("x")
    assert [redact_file(path).path.name for _ in range(2)] == ["a.redacted.log", "a.redacted-2.log"]


def test_the_command_tells_what_went(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the copy's path and the list of what was removed; with --json one object; a missing file is status 64."""
    path = tmp_path / "a.log"
    path.write_text(f"Authorization: Bearer {KEY} from 10.0.0.7")
    assert status(["redact", str(path)]) == 0
    told = capsys.readouterr().out
    assert str(tmp_path / "a.redacted.log") in told
    assert "1 × network addresses" in told
    assert status(["redact", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == {"header": 1, "ip": 1}
    assert status(["redact", str(tmp_path / "none")]) == 64
