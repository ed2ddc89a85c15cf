"""The hours of a day: published incidents, the size of the fleet, and the peak tariff."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deepkit.facts import incident_starts_by_hour, nodes_by_hour, tariff, tariff_window
from deepkit.views.html import card, esc, label, paragraph
from deepkit.views.picture import line, picture, rect, text

LEFT, RIGHT, TOP, FLOOR = 60.0, 780.0, 26.0, 170.0
STEP = (RIGHT - LEFT) / 24


def working_day(day: datetime | None = None) -> datetime:
    """Return the start of a day on which the peak tariff holds: that day, or the next such one."""
    start = (day or datetime.now(UTC)).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while start.weekday() not in tariff().weekdays or start.date() in tariff().holidays:
        start += timedelta(days=1)
    return start


def hours(zone: str = "UTC", day: datetime | None = None) -> str:
    """Show when DeepSeek was busy, by hour.

    Args:
        zone: IANA name of the reader's zone; its hours stand below the UTC ones.
        day: A day on which tariff and zone are read; today unless given.

    Returns:
        HTML. Bars are incidents that began in an hour, the line is the fleet on the one published day.
    """
    start = working_day(day)
    begun, nodes = list(incident_starts_by_hour()), list(nodes_by_hour())
    peak = [hour for hour in range(24) if tariff_window(start + timedelta(hours=hour)) == "peak"]
    quiet, busy = begun.index(min(begun)), begun.index(max(begun))
    alt = (
        f"Most incidents began at {busy:02d} UTC ({max(begun)}), fewest at {quiet:02d} ({min(begun)}); "
        f"peak tariff in the UTC hours {', '.join(map(str, peak))}."
    )
    shapes = [*_bars(begun, peak), *_line(nodes), *_axis(start, zone)]
    sources = "From DeepSeek's own status page, price list and node count (27 and 28 February 2025); not a forecast."
    said = f"{alt} {sources}"
    return card(
        label("The hours of a day"), picture(shapes, 236, alt), paragraph(esc(said)), anchor="dk-hours"
    )


def _bars(begun: Sequence[int], peak: Sequence[int]) -> Iterator[str]:
    for hour in peak:
        yield rect(LEFT + STEP * hour, TOP, STEP, FLOOR - TOP, "warn", 0.22)
    for hour, count in enumerate(begun):
        tall = (FLOOR - TOP) * count / max(begun)
        yield rect(LEFT + STEP * hour + 5, FLOOR - tall, STEP - 10, tall, "info", 0.8)
    yield text(
        LEFT,
        14,
        f"bars: incidents begun, at most {max(begun)} · line: machines running · shaded: peak tariff",
    )


def _line(nodes: Sequence[float]) -> Iterator[str]:
    way = " ".join(
        f"{LEFT + STEP * (hour + 0.5):.1f},{FLOOR - (FLOOR - TOP) * count / max(nodes):.1f}"
        for hour, count in enumerate(nodes)
    )
    yield f'<polyline points="{way}" fill="none" stroke="var(--bad)" stroke-width="2"/>'


def _axis(start: datetime, zone: str) -> Iterator[str]:
    yield line(LEFT, FLOOR, RIGHT, FLOOR, "soft")
    yield text(8, FLOOR + 18, "UTC")
    for hour in range(0, 24, 2):
        yield text(LEFT + STEP * (hour + 0.5), FLOOR + 18, f"{hour:02d}", anchor="middle")
    if zone != "UTC":
        yield text(8, FLOOR + 38, zone.rsplit("/", 1)[-1])
        for hour in range(0, 24, 2):
            there = (start + timedelta(hours=hour)).astimezone(ZoneInfo(zone)).hour
            yield text(LEFT + STEP * (hour + 0.5), FLOOR + 38, f"{there:02d}", anchor="middle")
