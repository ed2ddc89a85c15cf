"""The bundled facts: incidents, tariff, fleet, models, providers and the guide's claims.

Everything that is known about the world and may go out of date lies in `data/`, each
entry with its source and date; no price, address or model id stands in code. Readers
are cached and return frozen records.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from datetime import date as Day  # noqa: N812 (the records have a field named date)
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from deepkit.vendors import Provider as Provider
from deepkit.vendors import provider as provider
from deepkit.vendors import providers as providers

Window = Literal["peak", "off_peak"]
Holds = Literal["holds", "holds_in_part", "outdated", "contradicted", "cannot_be_told"]
T = TypeVar("T")

_HERE = Path(__file__).resolve().parent


def data_path(*parts: str) -> Path:
    """Return the path of bundled data: `data/` in a checkout, `deepkit/_data` once installed."""
    return _bundled("data", "_data").joinpath(*parts)


def notebook_path(name: str) -> Path:
    """Return the path of a bundled notebook, in a checkout or once installed."""
    return _bundled("notebooks", "_notebooks") / name


def _bundled(checkout: str, installed: str) -> Path:
    inside = _HERE / installed  # only a wheel has it; a checkout's folder stands beside the package
    return inside if inside.is_dir() else _HERE.parent / checkout


@dataclass(frozen=True, slots=True)
class Incident:
    """One published incident; `date` is the day on which the record was read.

    Args:
        start_utc: First impact.
        end_utc: Last impact.
        minutes: Between the two.
        service: What was affected, as published ("API", "Chat", "API+Chat", ...).
        worst_status: degraded, partial or full at its worst; a trailing "~" means no phases were published.
        source: Where it is published.
        date: When it was read.
    """

    start_utc: datetime
    end_utc: datetime
    minutes: float
    service: str
    worst_status: str
    source: str
    date: Day


@dataclass(frozen=True, slots=True)
class FleetSpan:
    """How many inference nodes DeepSeek ran in one span of a UTC day; "24:00" ends the day."""

    start_utc: str
    end_utc: str
    nodes: int
    source: str
    date: Day


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens of one model in one tariff window."""

    model: str
    window: Window
    cache_hit: float
    cache_miss: float
    output: float


@dataclass(frozen=True, slots=True)
class Tariff:
    """DeepSeek's price windows: `peak_utc` on `weekdays` (Monday is 0) except on `holidays`."""

    name: str
    peak_utc: tuple[tuple[str, str], ...]
    weekdays: tuple[int, ...]
    since: datetime
    off_peak_factor: float
    holidays: tuple[Day, ...]
    holidays_source: str
    prices: tuple[Price, ...]
    source: str
    date: Day


@dataclass(frozen=True, slots=True)
class Model:
    """A model id: current, alias (accepted, answered by `replaced_by`) or retired (refused)."""

    id: str
    state: Literal["current", "alias", "retired"]
    note: str
    source: str
    date: Day
    since: Day | None = None
    until: Day | None = None
    replaced_by: str | None = None
    concurrency: int | None = None
    context: int | None = None


@dataclass(frozen=True, slots=True)
class GuideClaim:
    """One claim of the guide, retold, with its verdict and what the verdict rests on."""

    id: str
    title: str
    text: str
    verdict: Holds
    evidence: str
    source: str
    date: Day
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class QuietWindow:
    """A stretch of a day, in the zone asked for, and how quiet it promises to be.

    Args:
        start: Begin, aware.
        end: End, aware.
        peak_hours: Hours of it at the peak tariff.
        incidents: Published incidents that began in these UTC hours, 2024-05 to 2026-09.
        nodes: Mean number of inference nodes DeepSeek ran in these hours on its published day.
    """

    start: datetime
    end: datetime
    peak_hours: int
    incidents: int
    nodes: float


@dataclass(frozen=True, slots=True)
class Odds:
    """How often a kind of reading was right: `right` of `n` labelled reports, and the fitted probability."""

    n: int
    right: int
    probability: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The table of `data/calibration.toml`; `first` by bin of the leading cause, `later` by place in the list."""

    date: Day
    n: int
    how: str
    first: dict[str, Odds]
    later: dict[str, Odds]


def read_toml(name: str, kind: type[T]) -> T:
    """Return a bundled TOML file as a record; for facts whose records stand with the code that uses them."""
    return msgspec.toml.decode(data_path(name).read_bytes(), type=kind)


def _csv(name: str, convert: Callable[[Any], T]) -> tuple[T, ...]:
    with data_path(name).open(encoding="utf-8", newline="") as lines:
        return tuple(convert(row) for row in csv.DictReader(lines))


@cache
def incidents() -> tuple[Incident, ...]:
    """Return the published incidents, oldest first."""
    return _csv("incidents.csv", lambda row: msgspec.convert(row, Incident, strict=False))


@cache
def fleet_day() -> tuple[FleetSpan, ...]:
    """Return the node count by UTC time of the one day that DeepSeek published (27/28 February 2025)."""
    return _csv("fleet_day.csv", lambda row: msgspec.convert(row, FleetSpan, strict=False))


@cache
def tariff() -> Tariff:
    """Return the price windows in force."""
    return read_toml("tariff.toml", Tariff)


@cache
def models() -> tuple[Model, ...]:
    """Return the known model ids of DeepSeek's own API, current ones first."""
    return read_toml("models.toml", dict[str, tuple[Model, ...]])["models"]


@cache
def claims() -> tuple[GuideClaim, ...]:
    """Return every claim of the guide in its order: B1 to B4, 1 to 12, F1, O."""
    return read_toml("claims.toml", dict[str, tuple[GuideClaim, ...]])["claims"]


@cache
def calibration() -> Calibration:
    """Return how often readings of pasted texts were right on labelled reports."""
    return read_toml("calibration.toml", Calibration)


def claim(claim_id: str) -> GuideClaim:
    """Return one claim of the guide by its id, or raise KeyError."""
    return {one.id: one for one in claims()}[claim_id]


def tariff_window(when_utc: datetime) -> Window:
    """Say which of DeepSeek's price windows a time falls in.

    Args:
        when_utc: An aware time in any zone, or a naive one, which is taken as UTC. The windows
            in force now are applied to every time, to those before they began as well.

    Returns:
        "peak" or "off_peak". A window's first minute belongs to it, its last does not.
    """
    when = when_utc.replace(tzinfo=UTC) if when_utc.tzinfo is None else when_utc.astimezone(UTC)
    rules = tariff()
    if when.weekday() not in rules.weekdays or when.date() in rules.holidays:
        return "off_peak"
    now = when.time()
    inside = any(time.fromisoformat(start) <= now < time.fromisoformat(end) for start, end in rules.peak_utc)
    return "peak" if inside else "off_peak"


@cache
def incident_starts_by_hour() -> tuple[int, ...]:
    """Return how many incidents began in each UTC hour, 0 to 23.

    Left out are the two notices of several days and the two without published phases,
    which leaves 96 of the 100.
    """
    counted = [0] * 24
    for one in incidents():
        if one.minutes < 24 * 60 and not one.worst_status.endswith("~"):
            counted[one.start_utc.hour] += 1
    return tuple(counted)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


@cache
def nodes_by_hour() -> tuple[float, ...]:
    """Return the mean number of nodes in each UTC hour of the published day, 0 to 23."""
    spans = [(_minute(one.start_utc), _minute(one.end_utc), one.nodes) for one in fleet_day()]
    return tuple(
        sum(max(0, min(end, 60 * hour + 60) - max(start, 60 * hour)) * n for start, end, n in spans) / 60
        for hour in range(24)
    )


def best_hours(
    length_h: int = 3, *, zone: str = "UTC", day: Day | None = None, top: int = 3
) -> tuple[QuietWindow, ...]:
    """Return the quietest stretches of a day by tariff, incident record and fleet size.

    Fewer peak hours win first, then fewer incidents, then fewer nodes (DeepSeek takes nodes
    away when load is low). These are the bundled facts, not a forecast.

    Args:
        length_h: Length of each stretch, in hours, 1 to 24.
        zone: IANA name of the zone of the answer, such as "Europe/Berlin".
        day: The UTC day to look at; today unless given.
        top: Most stretches to return; they do not overlap.

    Returns:
        The stretches, best first.

    Raises:
        ValueError: When the length or the zone is not usable.
    """
    if not 1 <= length_h <= 24:
        message = f"A stretch of {length_h} hours does not fit a day; give 1 to 24."
        raise ValueError(message)
    local = _zone(zone)
    first = datetime.combine(day or datetime.now(UTC).date(), time(), UTC)
    ranked = sorted(
        (_stretch(first + timedelta(hours=hour), length_h, local) for hour in range(24)),
        key=lambda one: (one.peak_hours, one.incidents, one.nodes, one.start),
    )
    chosen: list[QuietWindow] = []
    for one in ranked:
        if len(chosen) < top and all(one.end <= other.start or other.end <= one.start for other in chosen):
            chosen.append(one)
    return tuple(chosen)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"There is no time zone {name!r}; write it like Europe/Berlin or Asia/Tokyo."
        raise ValueError(message) from error


def _stretch(start: datetime, length_h: int, local: ZoneInfo) -> QuietWindow:
    hours = [start + timedelta(hours=step) for step in range(length_h)]
    return QuietWindow(
        start=start.astimezone(local),
        end=(start + timedelta(hours=length_h)).astimezone(local),
        peak_hours=sum(tariff_window(hour) == "peak" for hour in hours),
        incidents=sum(incident_starts_by_hour()[hour.hour] for hour in hours),
        nodes=sum(nodes_by_hour()[hour.hour] for hour in hours) / length_h,
    )
