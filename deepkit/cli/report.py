"""Exit status 0, or 1 when a cell failed; the report is written all the same."""

import argparse
from pathlib import Path

from deepkit.cli._parser import Parser, add_seed, add_target, note, say
from deepkit.cli._places import check_folder
from deepkit.errors import UsageError
from deepkit.extras import require

FORMATS = ("html", "ipynb", "md")


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    parser.add_argument(
        "notebook",
        nargs="?",
        type=Path,
        metavar="NOTEBOOK",
        help="a notebook, or one of ours by name: walkthrough (unless given), live, gallery, retrylab",
    )
    add_target(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="folder for the report; reports unless given",
    )
    parser.add_argument(
        "--format",
        dest="formats",
        default=",".join(FORMATS),
        metavar="F",
        help="any of html,ipynb,md; all unless given",
    )
    parser.add_argument(
        "--baseline", type=Path, metavar="OLD", help="an older report (HTML or JSON) to compare the page with"
    )
    add_seed(parser)


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    wanted = tuple(name.strip() for name in options.formats.split(",") if name.strip())
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        message = f"--format takes {', '.join(FORMATS)}, not {', '.join(unknown) or 'nothing'}."
        raise UsageError(message)
    from deepkit import reports
    from deepkit.targets import before_the_start, case_of, check_target, live_target
    from deepkit.triage import CHECKUP_BUDGET

    require("nbclient", extra="lab")
    check_target(options.target, scenario=options.scenario)
    check_folder(options.out, "--out")
    notebook = _found(options.notebook) if options.notebook is not None else None
    if options.target != "sandbox":
        for line in before_the_start(case_of(live_target(options.target)), CHECKUP_BUDGET):
            note(line)
    note("Running the notebook; this takes a minute or so.")
    files = reports.report(
        notebook,
        target=options.target,
        scenario=options.scenario,
        out=options.out,
        formats=wanted,
        seed=options.seed,
        baseline=options.baseline,
    )
    for path in files.paths:
        say(str(path), own=True)
    if files.failed:
        note("A cell failed; the report shows which one and why.")
        return 1
    return 0


def _found(notebook: Path) -> Path:
    """Return the notebook meant: a file, or one of ours by its name."""
    from deepkit.facts import notebook_path

    if notebook.is_file():
        return notebook
    ours = notebook_path(f"{notebook.name}.ipynb")
    if notebook.name == str(notebook) and ours.is_file():
        return ours
    names = ", ".join(sorted(path.stem for path in ours.parent.glob("*.ipynb")))
    message = f"There is no notebook at {notebook}; give the path of an .ipynb file, or one of {names}."
    raise UsageError(message)
