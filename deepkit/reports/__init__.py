"""A case, or an executed notebook, as files that are safe to share.

    import deepkit
    from deepkit.reports import save
    path, _ = save(deepkit.doctor("deepseek"))        # one page: the answer, the ticket, the evidence
    case = deepkit.open_report(path)                  # the same case, diagnosed again

Secrets and private names are taken out of everything that is written, and the foot of each report lists what was
removed. A report never replaces another: its name holds the time.
"""

import json
import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deepkit.case_file import case_json, read_case
from deepkit.cases import Case
from deepkit.errors import UsageError
from deepkit.extras import extra
from deepkit.facts import notebook_path
from deepkit.records import Trial
from deepkit.redaction import Redactor
from deepkit.reports._about import About, facts
from deepkit.reports._case_page import case_in, case_page
from deepkit.reports._compare import compared
from deepkit.reports._write import write_new
from deepkit.reports.timing import timing_error

__all__ = ["CASE", "ReportFiles", "open_report", "preview", "report", "save"]

FORMATS = ("html", "ipynb", "md")
CELL_TIMEOUT_S = 300.0
CASE = "application/vnd.deepkit.case+json"
"""Type of an output that holds a notebook's case: {"case": ..., "shown": [...]}; the report's page is made from it."""
MOST_BYTES = 20_000_000


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


def report(
    notebook: Path | str | None = None,
    *,
    target: str = "sandbox",
    scenario: str | None = None,
    out: Path | str = Path("reports"),
    formats: Sequence[str] = FORMATS,
    seed: int = 0,
    timeout_s: float = CELL_TIMEOUT_S,
    baseline: Path | str | None = None,
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
        baseline: An older report to compare the page with.

    Returns:
        The files. A cell that fails ends the run, and the report is written all the same. The page of a notebook that
        holds a case is the page of that case.

    Raises:
        UsageError: When the notebook or the baseline cannot be read or a format is unknown.
        ReportError: When the report cannot be written.
    """
    with extra("lab"):
        from deepkit.reports._execute import execute, read

    _check_formats(formats)
    old = open_report(baseline) if baseline is not None else None
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
    stem = f"{path.stem}-{_called(target, scenario)}"
    about = About(_title(opened), target, scenario, seed, started, 0.0, None, failure)
    return _written(opened, about, Path(out), stem, formats, old)


def save(
    case: Case,
    *,
    shown: Mapping[str, Trial] | None = None,
    out: Path | str = Path("reports"),
    language: str | None = None,
) -> tuple[Path, str]:
    """Write a case as a page, without measuring anything again.

    Args:
        case: The case.
        shown: Demonstrations on made-up troubles, by fix; never part of the case.
        out: Folder for the file.
        language: "en" or "zh"; chosen by the case unless given.

    Returns:
        The path of the file, and the page.

    Raises:
        ReportError: When it cannot be written.
    """
    redactor, now = Redactor(), time.time()
    told = read_case(case_json(case, redactor))
    about = About("", told.evidence.target, told.scenario, 0, told.evidence.at or now, 0.0, None, timed=False)
    foot = facts(about, redactor.removed)
    html = case_page(told, foot, shown=shown or {}, language=language, more="", alarm="")
    name = f"deepkit-{told.kind}-{told.diagnosis.verdict}"
    return write_new(Path(out), name, "html", html, now), html


def preview(case: Case) -> tuple[tuple[str, int], ...]:
    """Return what `save` would take out of a case, without writing anything.

    Args:
        case: The case.

    Returns:
        Pairs of rule and count, most frequent first; `deepkit.redaction.rules` says them in words.
    """
    redactor = Redactor()
    case_json(case, redactor)
    return redactor.removed


def open_report(path: Path | str) -> Case:
    """Read the case out of a report that somebody sent.

    Args:
        path: A page that `save` or `deepkit report` wrote, or the JSON that it lets one download.

    Returns:
        The case, diagnosed again from its evidence by this version of DeepKit.

    Raises:
        UsageError: When it holds no case.
    """
    path = Path(path)
    try:
        with path.open("rb") as source:
            raw = source.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise ValueError("it is too large")
        text = raw.decode()
        return read_case(json.loads(text) if text.lstrip().startswith("{") else case_in(text))
    except (OSError, ValueError, TypeError, RecursionError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem).splitlines()[0][:120]
        message = f"{path.name} is no report with a case inside ({reason})."
        raise UsageError(message) from None


def _written(
    notebook: Mapping[str, Any], about: About, out: Path, stem: str, formats: Sequence[str], old: Case | None
) -> ReportFiles:
    with extra("lab"):
        from deepkit.reports._content import parts

    with ThreadPoolExecutor(1) as pool:  # alone on the machine, now that the notebook is done
        timing = pool.submit(timing_error).result()
    redactor = Redactor()
    redacted = list(parts(notebook, redactor))
    held = redactor.redact_tree(_held(notebook))
    failure = redactor.redact(about.failure).text if about.failure else None
    about = replace(about, timing=timing, took_s=time.time() - about.started, failure=failure)
    about = replace(about, title=redactor.redact(about.title).text, target=redactor.redact(about.target).text)
    foot = facts(about, redactor.removed)
    texts = {name: _form(name, redacted, about, foot, held, old) for name in formats}
    paths = tuple(write_new(out, stem, name, text, about.started) for name, text in texts.items())
    return ReportFiles(paths, failure is not None, failure, redactor.removed, about.took_s)


def _form(
    name: str,
    redacted: Sequence[Any],
    about: About,
    foot: Sequence[tuple[str, str]],
    held: Any,
    old: Case | None,
) -> str:
    from deepkit.reports._others import as_markdown, as_notebook
    from deepkit.reports._page import page

    if name != "html":
        return as_notebook(redacted, foot) if name == "ipynb" else as_markdown(redacted, foot)
    if held is None:
        return page(redacted, about, foot)
    case = read_case(held["case"])
    shown = {one.fix: one for one in read_case({**held["case"], "trials": held["shown"]}).trials}
    alarm = f"A cell failed: {about.failure}. What ran before it is complete." if about.failure else ""
    more = compared(old, case) if old is not None else ""
    return case_page(case, foot, shown=shown, language=None, more=more, alarm=alarm)


def _held(notebook: Mapping[str, Any]) -> Any:
    """Return the last case that an output of the notebook holds, or None."""
    outputs = [out for cell in notebook["cells"] for out in cell.get("outputs", ())]
    found = [out["data"][CASE] for out in outputs if CASE in (out.get("data") or {})]
    return found[-1] if found else None


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


def _called(target: str, scenario: str | None) -> str:
    """Return a name without anything private: a custom address is only called "custom"."""
    return scenario or (target if re.fullmatch(r"[\w-]{1,40}", target) else "custom")
