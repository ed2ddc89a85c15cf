"""deepkit report."""

from pathlib import Path
from typing import Annotated

import typer

from deepkit.cli._app import ScenarioOption, SeedOption, TargetOption, app, note
from deepkit.errors import UsageError

FORMATS = ("html", "ipynb", "md")


@app.command()
def report(
    notebook: Annotated[
        Path | None, typer.Argument(help="A notebook, or one of ours by name: walkthrough, retrylab.")
    ] = None,
    target: TargetOption = "sandbox",
    scenario: ScenarioOption = None,
    out: Annotated[Path, typer.Option(help="Folder for the report.")] = Path("reports"),
    formats: Annotated[str, typer.Option("--format", help="Any of html,ipynb,md.")] = "html,ipynb,md",
    seed: SeedOption = 0,
) -> int:
    """Execute the notebook and write the redacted report. Exit 0, or 1 when a cell failed."""
    wanted = tuple(name.strip() for name in formats.split(",") if name.strip())
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        message = f"--format takes {', '.join(FORMATS)}, not {', '.join(unknown) or 'nothing'}."
        raise UsageError(message)
    from deepkit import reports
    from deepkit.targets import check_target

    check_target(target, scenario=scenario)
    notebook = _found(notebook) if notebook is not None else None
    note("Running the notebook; this takes a minute or so.")
    files = reports.report(notebook, target=target, scenario=scenario, out=out, formats=wanted, seed=seed)
    for path in files.paths:
        print(path)
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
