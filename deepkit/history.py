"""What was measured before, kept in a database: SQLite by default, any SQLAlchemy address for a team.

The history answers the one question that a single look cannot: at which hours of the
week does it fail for *you*? Only numbers and names of failures are kept: no texts, no
keys, no addresses.
"""

import csv
import io
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepkit.checks import ChatStream, Web
from deepkit.errors import HistoryError, UsageError
from deepkit.extras import extra
from deepkit.records import Evidence
from deepkit.redaction.files import make_private, write_whole
from deepkit.statistics import wilson

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet calculates a cell that begins so: it is written behind a quote (OWASP, "CSV Injection")."""
COLUMNS = ("at", "target", "surface", "ok", "failure", "first_token_s", "total_s")
AT_ONCE = 400
"""Entries whose presence is asked for in one query; SQLite's least bound of parameters is 999."""
LAST_MOMENT = 253_402_214_400.0
"""The last day of the year 9999, in Unix seconds: no calendar in any zone goes further."""
LONGEST_S = 1e6
"""A question that took longer is a wrong number, in seconds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One question to a target: when, whom, how it ended. Times in seconds, `at` in Unix seconds."""

    at: float
    target: str
    surface: str
    ok: bool
    failure: str | None = None
    first_token_s: float | None = None
    total_s: float | None = None


@dataclass(frozen=True, slots=True)
class Hour:
    """Success within one hour of the week; weekday 0 is Monday."""

    weekday: int
    hour: int
    n: int
    ok: int
    low: float
    high: float


def default_address() -> str:
    """Return the database address used when none is named: a file in the user's own data folder."""
    with extra("history"):
        from platformdirs import user_data_path

    folder = user_data_path("deepkit", ensure_exists=True)
    return f"sqlite:///{folder / 'history.sqlite3'}"


def entries_of(evidence: Evidence) -> tuple[Entry, ...]:
    """Return one entry for each surface that a check-up asked."""
    found = []
    api, web = evidence.facts(ChatStream), evidence.facts(Web)
    surfaces = ((api, "api", (api.answer_s, api.end_s)), (web, "web", (web.first_token_s, None)))
    for facts, surface, times in surfaces:
        seen = evidence.get(facts.check)
        if seen is None or not seen.made:
            continue
        at = seen.at if seen.at is not None else evidence.at or time.time()
        found.append(Entry(at, evidence.target, surface, seen.outcome == "ok", seen.failure, *times))
    return tuple(found)


class History:
    """A store of entries.

    Args:
        address: An SQLAlchemy database address; the user's own SQLite file unless given.

    Raises:
        UsageError: When the address cannot be used.
    """

    def __init__(self, address: str | None = None) -> None:
        self._engine, self._table = _open(address or default_address())

    def add(self, entries: Iterable[Entry]) -> int:
        """Store entries; those already there are left alone. Return how many were new.

        Raises:
            HistoryError: When it cannot be written; nothing of it is stored then.
        """
        with _told("written to"), self._engine.begin() as connection:
            fresh = {(one.at, one.target, one.surface): asdict(_sensible(one)) for one in entries}
            t, keys = self._table, list(fresh)
            for some in (keys[at : at + AT_ONCE] for at in range(0, len(keys), AT_ONCE)):
                query = t.select().with_only_columns(t.c.at, t.c.target, t.c.surface)
                times = [key[0] for key in some]
                for row in connection.execute(query.where(t.c.at.in_(times))):
                    fresh.pop(tuple(row), None)
            if fresh:
                connection.execute(t.insert(), list(fresh.values()))
        return len(fresh)

    def check_writable(self) -> None:
        """Find out whether the store is whole and entries can be stored, without storing one.

        Raises:
            HistoryError: When they cannot.
        """
        with _told("written to"), self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                health = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
                if health != "ok":
                    message = "the file is damaged"
                    raise ValueError(message)
            connection.execute(self._table.insert(), asdict(Entry(0.0, "", "", ok=True)))
            connection.rollback()

    def entries(self, target: str | None = None) -> Iterator[Entry]:
        """Yield entries in time order, of one target or of all.

        Raises:
            HistoryError: When it cannot be read.
        """
        at = self._table.c.at
        query = self._table.select().where(at >= 0.0, at <= LAST_MOMENT).order_by(at)
        if target is not None:
            query = query.where(self._table.c.target == target)
        with _told("read"), self._engine.connect() as connection:
            for row in connection.execute(query):
                yield Entry(**{name: row._mapping[name] for name in COLUMNS})

    def hours(self, zone: tzinfo = UTC, target: str | None = None) -> tuple[Hour, ...]:
        """Summarise success by hour of the week in a time zone, with Wilson 95 % intervals."""
        counts: dict[tuple[int, int], list[int]] = {}
        for entry in self.entries(target):
            when = datetime.fromtimestamp(entry.at, zone)
            cell = counts.setdefault((when.weekday(), when.hour), [0, 0])
            cell[0] += 1
            cell[1] += entry.ok
        return tuple(
            Hour(day, hour, n, ok, *wilson(ok, n)) for (day, hour), (n, ok) in sorted(counts.items())
        )

    def export(self, path: Path) -> int:
        """Write all entries as CSV or, by the file's ending, JSON lines. Return how many."""
        rows = [asdict(entry) for entry in self.entries()]
        out = io.StringIO(newline="")
        if path.suffix == ".jsonl":
            out.writelines(json.dumps(row) + "\n" for row in rows)
        else:
            writer = csv.DictWriter(out, COLUMNS)
            writer.writeheader()
            writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
        write_whole(path, out.getvalue())
        return len(rows)

    def load(self, path: Path) -> int:
        """Add the entries of an exported file. Return how many were new."""
        return self.add(_read(path))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


@contextmanager
def open_history(address: str | None = None) -> Iterator[History]:
    """Open a history and close it again."""
    store = History(address)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _told(doing: str) -> Iterator[None]:
    """Turn the database's errors into one sentence."""
    import sqlalchemy as sa

    try:
        yield
    except (sa.exc.SQLAlchemyError, ValueError, TypeError, OSError) as problem:
        raise HistoryError(_sentence(doing, problem)) from None


def _sentence(doing: str, problem: Exception) -> str:
    original = getattr(problem, "orig", None) or problem
    reason = str(original).strip().splitlines()[0][:120] if str(original).strip() else type(original).__name__
    return f"The history cannot be {doing} ({reason}); it is as it was. Name another with --database."


def _sensible(entry: Entry) -> Entry:
    """Return an entry whose numbers a calendar and a clock can have.

    Raises:
        ValueError: When they are not; NaN and infinity are none.
    """
    if not 0.0 <= entry.at <= LAST_MOMENT:
        message = f"the time {entry.at!r} is none"
        raise ValueError(message)
    for took in (entry.first_token_s, entry.total_s):
        if took is not None and not 0.0 <= took <= LONGEST_S:
            message = f"the duration {took!r} is none"
            raise ValueError(message)
    return entry


def _open(address: str) -> "tuple[Engine, Table]":
    with extra("history"):
        import sqlalchemy as sa

    meta = sa.MetaData()
    table = sa.Table(
        "entries",
        meta,
        sa.Column("at", sa.Float, primary_key=True),
        sa.Column("target", sa.String(100), primary_key=True),
        sa.Column("surface", sa.String(10), primary_key=True),
        sa.Column("ok", sa.Boolean, nullable=False),
        sa.Column("failure", sa.String(40)),
        sa.Column("first_token_s", sa.Float),
        sa.Column("total_s", sa.Float),
    )
    try:
        engine = sa.create_engine(address)
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if file and file != ":memory:" and not file.startswith("file:"):
            make_private(Path(file))
        meta.create_all(engine)
        there = {one["name"] for one in sa.inspect(engine).get_columns("entries")}
    except (sa.exc.SQLAlchemyError, ImportError, OSError) as problem:
        kind = type(problem).__name__
        message = f"The history database cannot be opened ({kind}); check its address and that it runs."
        raise UsageError(message) from None
    if there != set(COLUMNS):
        engine.dispose()
        message = "This history has another form; a newer DeepKit made it. Use that one, or name another --database."
        raise HistoryError(message)
    return engine, table


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _text(cell: Any) -> str:
    """Undo `_cell`."""
    text = str(cell)
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _read(path: Path) -> Iterator[Entry]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            rows: Iterable[dict[str, Any]]
            if path.suffix == ".jsonl":
                rows = map(json.loads, source)
            else:
                rows = csv.DictReader(source)
                if not {"at", "target", "surface", "ok"} <= set(rows.fieldnames or COLUMNS):
                    raise ValueError("its columns are others")
            for row in rows:
                yield _entry(row)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        message = (
            f"{path.name} is not an exported history ({problem}); export one with: deepkit history --export"
        )
        raise UsageError(message) from None


def _entry(row: dict[str, Any]) -> Entry:
    def number(value: Any) -> float | None:
        return None if value in (None, "") else float(value)

    return _sensible(Entry(
        float(row["at"]), _text(row["target"]), _text(row["surface"]), str(row["ok"]).lower() in ("true", "1"),
        _text(row.get("failure") or "") or None, number(row.get("first_token_s")), number(row.get("total_s")),
    ))  # fmt: skip
