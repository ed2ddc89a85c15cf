"""What stands at the foot of every report: versions, seed, case, time, timing error, what was removed."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from deepkit.redaction.rules import removed_words
from deepkit.reports.timing import TimingError

PACKAGES = ("deepkit-jupyter", "plotly", "ipywidgets", "httpcore", "nbclient")


@dataclass(frozen=True, slots=True)
class About:
    """Facts about one report.

    Args:
        title: The report's title.
        target: Whom was asked.
        scenario: The practice case, if any.
        seed: Seed of everything random.
        started: When it began, Unix seconds.
        took_s: How long it took, in seconds.
        timing: This machine's timing error, where measured.
        failure: The first line of what a failed cell said, or None.
        timed: Whether the timing error was asked for.
    """

    title: str
    target: str
    scenario: str | None
    seed: int
    started: float
    took_s: float
    timing: TimingError | None
    failure: str | None = None
    timed: bool = True


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def timing_words(timing: TimingError | None) -> str:
    """Say how exact the times are."""
    if timing is None:
        return "not measured: the self-test did not finish"
    ms = [1000 * value for value in (timing.median_s, timing.worst_s, timing.raw_median_s)]
    return (
        f"a gap between two chunks is wrong by {ms[0]:.2f} ms in the median and {ms[1]:.2f} ms at worst "
        f"({timing.n} gaps on loopback); a bare socket is wrong by {ms[2]:.2f} ms"
    )


def facts(about: About, removed: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    """Return the foot as pairs of name and words."""
    when = datetime.fromtimestamp(about.started, UTC)
    local = when.astimezone()
    system = f"{platform.system()} {platform.machine()}"
    machine = f"Python {platform.python_version()}, {system}, {os.cpu_count()} processors"
    rows = [
        ("Case", f"{about.target}, {about.scenario}" if about.scenario else about.target),
        ("Seed", str(about.seed)),
        ("Time", f"{when:%Y-%m-%d %H:%M:%S} UTC ({local:%H:%M %Z}), took {about.took_s:.0f} s"),
        ("Timing error here", timing_words(about.timing)),
        ("Versions", ", ".join(f"{name} {_version(name)}" for name in PACKAGES)),
        ("Machine", machine),
        ("Removed before writing", removed_words(removed)),
    ]
    return [row for row in rows if row[0] != "Timing error here" or about.timed]
