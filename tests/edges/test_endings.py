"""Nothing hangs and nothing is lost late: bounds, places for results, the history's troubles, crashes."""

import asyncio
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from deepkit.cli import status
from deepkit.errors import HistoryError, UsageError
from deepkit.history import Entry, open_history
from deepkit.records import Evidence, Timeouts
from deepkit.trials import OUT_OF_TIME, try_fix_async
from tests.servers import request, serving
from tests.transport.kit import FAST, run, target

NOON = 1.79e9
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def test_a_trial_on_a_server_that_never_answers_ends_within_its_time() -> None:
    """However long the retries of one question would take, the trial ends when its time is over, and says so."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        await asyncio.Event().wait()

    async def body() -> Any:
        async with serving(silent) as port:
            patient = Timeouts(connect=60.0, first_byte=60.0, idle=60.0, total=60.0)
            settings = FAST.__class__(timeouts=patient)
            async with asyncio.timeout(30):  # far more than the bound, far less than one question
                return await try_fix_async(
                    "backoff", target(port), settings=settings, evidence=Evidence(), total_s=0.5
                )

    found = run(body(), count=False)
    assert (found.verdict, found.pairs) == ("inconclusive", 0)
    assert found.because.startswith(OUT_OF_TIME)


def test_what_is_decided_by_then_stands() -> None:
    """A trial that was decided before its time was over says what it found."""
    found = asyncio.run(try_fix_async("official_api", "sandbox", scenario="web_busy_api_fine", pairs=9))
    assert OUT_OF_TIME not in found.because


def _bad_places(folder: Path) -> dict[str, Path]:
    (folder / "file").write_text("")
    (folder / "folder").mkdir()
    return {
        "missing": folder / "no" / "e.json",
        "a folder": folder / "folder",
        "below a file": folder / "file" / "e",
    }


@pytest.mark.parametrize("kind", ["missing", "a folder", "below a file"])
@pytest.mark.parametrize("words", [["doctor", "--save"], ["history", "--export"]])
def test_where_results_go_is_looked_at_first(
    kind: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A place that cannot be written to is named before anything is measured, in one line."""
    place = _bad_places(tmp_path)[kind]
    before = sorted(tmp_path.rglob("*"))
    assert status([*words, str(place)]) == 70
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert words[1] in err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_does_not_lose_the_result(capsys: pytest.CaptureFixture[str], tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """When the file cannot be written after all, the result has been printed and the reason is named."""

    def full(*_: object) -> None:
        with Path("/dev/full").open("wb", buffering=0) as device:
            device.write(b"x")

    monkeypatch.setattr("deepkit.evidence.write_evidence", full)
    code = status(["doctor", "--scenario", "no_balance", "--json", "--save", str(tmp_path / "e.json")])
    out, err = capsys.readouterr()
    assert code == 70
    assert json.loads(out)["verdict"] == "insufficient_balance"
    assert "No space left" in err


def test_a_crash_is_never_taken_for_a_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bug of DeepKit's own ends with 70 and one sentence; 1 would say that a cause was found."""
    monkeypatch.setattr("deepkit.triage.explain", lambda *_, **__: 1 / 0)
    monkeypatch.delenv("DEEPKIT_DEBUG", raising=False)
    assert status(["explain", "busy"]) == 70
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "ZeroDivisionError" in err
    monkeypatch.setenv("DEEPKIT_DEBUG", "1")
    assert status(["explain", "busy"]) == 70
    assert "Traceback" in capsys.readouterr().err


def kept(folder: Path) -> Path:
    """A history with many entries."""
    path = folder / "h.sqlite3"
    with open_history(f"sqlite:///{path}") as store:
        store.add([Entry(NOON + n, "deepseek", "api", ok=bool(n % 3)) for n in range(2_000)])
    return path


def damaged(path: Path) -> None:
    """Overwrite the middle of the file."""
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 8_192] = b"\xff" * 8_192
    path.write_bytes(raw)


def from_the_future(path: Path) -> None:
    """Add a column that must be filled."""
    with sqlite3.connect(path) as base:
        base.execute("ALTER TABLE entries ADD COLUMN mood TEXT NOT NULL DEFAULT 'good'")


def read_only(path: Path) -> None:
    """Take the right to write away, from the folder too: SQLite needs a journal beside the file."""
    path.chmod(0o444)
    path.parent.chmod(0o555)


TROUBLES = (damaged, from_the_future) if AS_ROOT else (damaged, from_the_future, read_only)
"""The superuser may write anything, so that for it no file is read-only."""


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_history_in_trouble_is_one_sentence_and_stays_as_it_is(
    trouble: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Damage, a newer form and a file that must not be written end in one line, and no byte of it changes."""
    path = kept(tmp_path)
    trouble(path)
    before = path.read_bytes()
    try:
        words = ["--scenario", "healthy", "--count", "1", "--database", f"sqlite:///{path}"]
        codes = {status(["watch", *words, "--json"])}
        if trouble is not read_only:
            codes.add(status(["history", "--database", f"sqlite:///{path}"]))
    finally:
        tmp_path.chmod(0o755)
    assert codes <= {64, 70}
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert all(line.startswith("deepkit: ") for line in err.splitlines())
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("at", "took"),
    [("nan", ""), ("1e300", ""), ("inf", ""), ("-5", ""), ("1790000000", "nan"), ("1790000000", "1e300")],
)
def test_numbers_that_are_none_are_not_taken_in(at: str, took: str, tmp_path: Path) -> None:
    """An import with a time or duration that cannot be is refused whole."""
    path = kept(tmp_path)
    odd = tmp_path / "odd.csv"
    odd.write_text(
        f"at,target,surface,ok,failure,first_token_s,total_s\n5,x,api,1,,,\n{at},x,api,1,,{took},\n"
    )
    with open_history(f"sqlite:///{path}") as store:
        with pytest.raises(UsageError, match="not an exported history"):
            store.load(odd)
        assert len(list(store.entries())) == 2_000


def test_adding_does_not_read_what_is_there(tmp_path: Path) -> None:
    """Adding asks the index for the new moments alone: the work does not grow with the history."""
    import sqlalchemy as sa

    with open_history(f"sqlite:///{kept(tmp_path)}") as store:
        fetched: list[int] = []
        real = sa.engine.CursorResult.__iter__

        def counting(result: Any) -> Any:
            rows = list(real(result))
            fetched.append(len(rows))
            return iter(rows)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sa.engine.CursorResult, "__iter__", counting)
            assert store.add([Entry(NOON + n, "deepseek", "api", ok=True) for n in range(1_990, 2_010)]) == 10
        assert sum(fetched) == 10


def test_a_full_database_says_so(tmp_path: Path) -> None:
    """A database that may not grow refuses new entries in one sentence, and keeps the old ones."""
    import sqlalchemy as sa

    path = kept(tmp_path)
    before = path.read_bytes()
    with open_history(f"sqlite:///{path}") as store:

        @sa.event.listens_for(store._engine, "connect")
        def _bounded(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA max_page_count = 1")

        store._engine.dispose()
        with pytest.raises(HistoryError, match="full"):
            store.add([Entry(n, "x" * 90, "api", ok=True) for n in range(5_000)])
    assert path.read_bytes() == before
