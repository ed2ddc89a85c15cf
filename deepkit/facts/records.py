"""Records of the bundled facts, one class an entry of a file in `data/`."""

from dataclasses import dataclass
from datetime import date as Day  # noqa: N812 (the records have a field named date)
from datetime import datetime
from typing import Literal

Window = Literal["peak", "off_peak"]
Holds = Literal["holds", "holds_in_part", "outdated", "contradicted", "cannot_be_told"]


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
