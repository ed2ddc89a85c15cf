"""What the bundled facts say of hours: tariff windows, incidents, nodes, and the quietest stretches of a day."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from datetime import date as Day  # noqa: N812 (as in the records)
from functools import cache

from deepkit.facts.records import QuietWindow, Window
from deepkit.facts.tables import fleet_day, incidents, tariff


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
    local = zone_named(zone)
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


def zone_named(name: str) -> tzinfo:
    """Return a time zone.

    Args:
        name: Its IANA name, such as "Europe/Berlin"; UTC needs no database of zones.

    Returns:
        The zone.

    Raises:
        ValueError: When there is none of that name on this machine.
    """
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"There is no time zone {name!r}; write it like Europe/Berlin or Asia/Tokyo."
        raise ValueError(message) from error


def _stretch(start: datetime, length_h: int, local: tzinfo) -> QuietWindow:
    hours = [start + timedelta(hours=step) for step in range(length_h)]
    return QuietWindow(
        start=start.astimezone(local),
        end=(start + timedelta(hours=length_h)).astimezone(local),
        peak_hours=sum(tariff_window(hour) == "peak" for hour in hours),
        incidents=sum(incident_starts_by_hour()[hour.hour] for hour in hours),
        nodes=sum(nodes_by_hour()[hour.hour] for hour in hours) / length_h,
    )
