"""The history: what is stored comes back, in any order, once."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepkit.checks import ChatStream
from deepkit.errors import UsageError
from deepkit.history import Entry, entries_of, open_history
from deepkit.records import Evidence, Observation

MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
ENTRIES = st.lists(
    st.builds(
        Entry,
        at=st.floats(1e9, 2e9),
        target=st.sampled_from(["deepseek", "openrouter"]),
        surface=st.sampled_from(["api", "web"]),
        ok=st.booleans(),
        failure=st.sampled_from([None, "http_503"]),
        first_token_s=st.none() | st.floats(0, 100),
        total_s=st.none() | st.floats(0, 100),
    ),
    max_size=20,
    unique_by=lambda e: (e.at, e.target, e.surface),
)


def address(folder: Path) -> str:
    """A new SQLite database's address."""
    return f"sqlite:///{folder / 'h.sqlite3'}"


@settings(max_examples=20, deadline=None)
@given(entries=ENTRIES)
def test_what_goes_in_comes_out_once(entries: list[Entry]) -> None:
    """Adding is idempotent, and an export read into an empty store gives the same store."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with open_history(address(folder)) as store:
            assert store.add(entries) == len(entries)
            assert store.add(entries) == 0
            kept = list(store.entries())
            assert kept == sorted(entries, key=lambda e: e.at) or {*kept} == {*entries}
            for ending in ("csv", "jsonl"):
                store.export(folder / f"out.{ending}")
                with open_history(f"sqlite:///{folder / ending}.db") as other:
                    other.load(folder / f"out.{ending}")
                    assert {*other.entries()} == {*entries}


def test_hours_follow_the_time_zone(tmp_path: Path) -> None:
    """The same moment falls into the hour that the reader's clock shows."""
    with open_history(address(tmp_path)) as store:
        store.add(
            [
                Entry(MONDAY_NOON, "deepseek", "api", ok=True),
                Entry(MONDAY_NOON + 1, "deepseek", "api", ok=False),
            ]
        )
        (utc,) = store.hours()
        (tokyo,) = store.hours(ZoneInfo("Asia/Tokyo"))
    assert (utc.weekday, utc.hour, utc.n, utc.ok) == (0, 12, 2, 1)
    assert tokyo.hour == 21
    assert utc.low < 0.5 < utc.high


def test_a_checkup_becomes_entries() -> None:
    """A measured surface gives one entry, an unmeasured one none."""
    seen = Observation("chat.stream", "fault", "http_503", ChatStream(answer_s=0.5, end_s=2.0), at=5.0)
    skipped = Observation("web", "not_checked", reason="no page is known")
    assert entries_of(Evidence((seen, skipped), target="deepseek")) == (
        Entry(5.0, "deepseek", "api", ok=False, failure="http_503", first_token_s=0.5, total_s=2.0),
    )


@pytest.mark.parametrize("content", ["", "no,columns\n1,2\n", "\x00\x01", '{"at": "x"}'])
def test_a_foreign_file_is_refused(tmp_path: Path, content: str) -> None:
    """A file that is no export adds nothing and says how to get one (an empty one is an empty export)."""
    path = tmp_path / "x.csv"
    path.write_text(content)
    with open_history(address(tmp_path)) as store:
        if content:
            with pytest.raises(UsageError, match="deepkit history --export"):
                store.load(path)
        else:
            assert store.load(path) == 0
        assert list(store.entries()) == []


def test_an_unusable_address_is_a_usage_error() -> None:
    """A database address that names nothing known is one clear sentence."""
    with pytest.raises(UsageError, match="cannot be opened"), open_history("nosuch://x"):
        pass


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A throw-away PostgreSQL server on a socket of its own; skipped where there is none."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    initdb = shutil.which("initdb") or (str(programs[-1] / "initdb") if programs else None)
    if initdb is None:
        pytest.skip("PostgreSQL is not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    import os

    as_other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        data = folder / "data"
        binaries = Path(initdb).resolve().parent
        calls = {"cwd": folder, "check": True, "stdout": subprocess.DEVNULL, "timeout": 60}
        subprocess.run([*as_other, binaries / "initdb", "-D", data, "-A", "trust", "-U", "deepkit"], **calls)
        control = [*as_other, binaries / "pg_ctl", "-D", data, "-w"]
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
        subprocess.run([*control, "-l", folder / "log", "-o", options, "start"], **calls)
        try:
            yield f"postgresql+psycopg://deepkit@/postgres?host={folder}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **calls)


def test_postgresql_keeps_the_same(postgres: str) -> None:
    """A team's PostgreSQL keeps what SQLite keeps."""
    entry = Entry(MONDAY_NOON, "deepseek", "api", ok=True, first_token_s=0.5)
    with open_history(postgres) as store:
        assert store.add([entry]) == 1
        assert store.add([entry]) == 0
        assert list(store.entries()) == [entry]
