"""An executed notebook as a report that is safe to share: one HTML page, a clean notebook, Markdown.

    from pathlib import Path
    from deepkit.reports import report
    files = report(target="sandbox", scenario="rush_hour", out=Path("reports"))

Secrets and private names are taken out of everything that is written, and the foot of
each report lists what was removed.
"""

import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from deepkit.errors import UsageError
from deepkit.extras import extra
from deepkit.facts import notebook_path
from deepkit.redaction import Redactor
from deepkit.reports._about import About, facts
from deepkit.reports._write import write_whole
from deepkit.reports.timing import timing_error

__all__ = ["ReportFiles", "preview", "report", "save"]

FORMATS = ("html", "ipynb", "md")
CELL_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """What was written.

    Args:
        paths: The files, in the order of the formats asked for.
        failed: Whether a cell failed; the report shows which one and why.
        failure: What it said, in one line.
        removed: What was taken out: pairs of rule and count.
        took_s: How long it took, in seconds.
    """

    paths: tuple[Path, ...]
    failed: bool
    failure: str | None
    removed: tuple[tuple[str, int], ...]
    took_s: float


class Shows(Protocol):
    """Anything that can show itself in a report."""

    def report_bundle(self) -> dict[str, Any]:
        """Return the view by media type."""
        ...


def report(
    notebook: Path | str | None = None,
    *,
    target: str = "sandbox",
    scenario: str | None = None,
    out: Path | str = Path("reports"),
    formats: Sequence[str] = FORMATS,
    seed: int = 0,
    timeout_s: float = CELL_TIMEOUT_S,
) -> ReportFiles:
    """Execute a notebook and write the redacted report.

    Args:
        notebook: The notebook; the guided one unless given.
        target: Whom to ask: "sandbox", "deepseek", a provider's name or a base URL.
        scenario: The sandbox's scenario; "rush_hour" unless named.
        out: Folder for the files.
        formats: Any of html, ipynb, md.
        seed: Seed of everything random.
        timeout_s: Longest time for one cell, in seconds.

    Returns:
        The files. A cell that fails ends the run, and the report is written all the same.

    Raises:
        UsageError: When the notebook cannot be read or a format is unknown.
        ReportError: When the report cannot be written.
    """
    with extra("lab"):
        from deepkit.reports._execute import execute, read

    _check_formats(formats)
    scenario = (scenario or "rush_hour") if target == "sandbox" else scenario
    path = Path(notebook) if notebook is not None else notebook_path("walkthrough.ipynb")
    opened, started = read(path), time.time()
    settings = {
        "DEEPKIT_REPORT": "1",
        "DEEPKIT_TARGET": target,
        "DEEPKIT_SCENARIO": scenario or "",
        "DEEPKIT_SEED": str(seed),
    }
    failure = execute(opened, path.resolve().parent, settings, timeout_s)
    stem = _stem(path.stem, target, scenario)
    about = About(_title(opened), target, scenario, seed, started, 0.0, None, failure)
    return _written(opened, about, Path(out), stem, formats)


def save(
    views: Sequence[tuple[str, Shows]],
    /,
    *,
    target: str = "sandbox",
    scenario: str | None = None,
    seed: int = 0,
    out: Path | str = Path("reports"),
    formats: Sequence[str] = FORMATS,
) -> tuple[Path, ...]:
    """Write what a notebook shows now as a report, without running anything again.

    Args:
        views: Pairs of title and view, in the order of the page.
        target: Whom was asked.
        scenario: The practice case, if any.
        seed: Seed of everything random.
        out: Folder for the files.
        formats: Any of html, ipynb, md.

    Returns:
        The paths of the files.

    Raises:
        ReportError: When the report cannot be written.
    """
    _check_formats(formats)
    started = time.time()
    opened = _cells(views)
    about = About(_title(opened), target, scenario, seed, started, 0.0, None)
    return _written(opened, about, Path(out), _stem("saved", target, scenario), formats).paths


def preview(views: Sequence[tuple[str, Shows]], /) -> tuple[tuple[str, int], ...]:
    """Return what `save` would take out of these views, without writing anything.

    Args:
        views: Pairs of title and view, as for `save`.

    Returns:
        Pairs of rule and count, most frequent first; `deepkit.redaction.rules` says them in words.
    """
    from deepkit.reports._content import parts  # its sanitiser is a library of the extra

    redactor = Redactor()
    for _ in parts(_cells(views), redactor):
        pass
    return redactor.removed


def _cells(views: Sequence[tuple[str, Shows]]) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "source": "# What DeepKit found"}]
    for title, view in views:
        shown = {"output_type": "display_data", "data": view.report_bundle()}
        cells.append({"cell_type": "markdown", "source": f"## {title}"})
        cells.append({"cell_type": "code", "source": "", "outputs": [shown], "execution_count": None})
    return {"cells": cells}


def _written(
    notebook: Mapping[str, Any], about: About, out: Path, stem: str, formats: Sequence[str]
) -> ReportFiles:
    with extra("lab"):
        from deepkit.reports._content import parts

    with ThreadPoolExecutor(1) as pool:  # alone on the machine, now that the notebook is done
        timing = pool.submit(timing_error).result()
    redactor = Redactor()
    redacted = list(parts(notebook, redactor))
    failure = redactor.redact(about.failure).text if about.failure else None
    about = replace(about, timing=timing, took_s=time.time() - about.started, failure=failure)
    about = replace(about, title=redactor.redact(about.title).text, target=redactor.redact(about.target).text)
    foot = facts(about, redactor.removed)
    texts: dict[str, str] = {}
    for name in formats:
        texts[name] = _form(name, redacted, about, foot)
    paths = tuple(write_whole(out / f"{stem}.{name}", text) for name, text in texts.items())
    return ReportFiles(paths, failure is not None, failure, redactor.removed, about.took_s)


def _form(name: str, redacted: Sequence[Any], about: About, foot: Sequence[tuple[str, str]]) -> str:
    if name == "html":
        from deepkit.reports._page import page

        return page(redacted, about, foot)
    from deepkit.reports._others import as_markdown, as_notebook

    return as_notebook(redacted, foot) if name == "ipynb" else as_markdown(redacted, foot)


def _check_formats(formats: Sequence[str]) -> None:
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        message = f"A report is written as {', '.join(FORMATS)}, not as {', '.join(unknown) or 'nothing'}."
        raise UsageError(message)


def _title(notebook: Mapping[str, Any]) -> str:
    for cell in notebook["cells"]:
        found = (
            re.search(r"^#\s+(.+)$", str(cell["source"]), re.MULTILINE)
            if cell["cell_type"] == "markdown"
            else None
        )
        if found:
            return found[1].strip()
    return "DeepKit report"


def _stem(name: str, target: str, scenario: str | None) -> str:
    """Return a file name without anything private: a custom address is only called "custom"."""
    asked = scenario or (target if re.fullmatch(r"[\w-]{1,40}", target) else "custom")
    return re.sub(r"[^\w-]+", "-", f"{name}-{asked}")
