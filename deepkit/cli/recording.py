"""deepkit watch and deepkit history."""

import time
from pathlib import Path
from typing import Annotated

import typer

from deepkit.cli._app import JsonOption, ScenarioOption, SeedOption, TargetOption, app, note, put_json

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DatabaseOption = Annotated[
    str | None, typer.Option("--database", help="SQLAlchemy address; your own SQLite file unless given.")
]


@app.command()
def watch(
    target: TargetOption = "sandbox",
    scenario: ScenarioOption = None,
    every: Annotated[float, typer.Option(min=1.0, help="Seconds from look to look.")] = 300.0,
    count: Annotated[int, typer.Option(min=1, max=100_000, help="Looks to take.")] = 12,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
    seed: SeedOption = 0,
) -> int:
    """Look at a target again and again and keep the results for the history."""
    from deepkit.history import entries_of, open_history
    from deepkit.records import Budget
    from deepkit.targets import check_target
    from deepkit.triage import doctor

    check_target(target, scenario=scenario)
    looks = {"chat.stream", "web"}
    if not as_json:
        note(
            f"Looking at {target} {count} times, every {every:g} s, at most 12 requests a look. Stop with Ctrl+C."
        )
    stored = 0
    with open_history(database) as store:
        for number in range(count):
            if number:
                time.sleep(every)
            found = doctor(
                target, scenario=scenario, budget=Budget(requests=12), only=looks, seed=seed + number
            )
            entries = entries_of(found.evidence)
            stored += store.add(entries)
            for entry in entries if not as_json else ():
                print(f"{entry.surface}: {'answered' if entry.ok else entry.failure or 'failed'}", flush=True)
    if as_json:
        put_json({"looks": count, "stored": stored})
    return 0


@app.command()
def history(
    database: DatabaseOption = None,
    import_: Annotated[
        Path | None, typer.Option("--import", help="Add the entries of an exported file.")
    ] = None,
    export: Annotated[Path | None, typer.Option(help="Write all entries to a .csv or .jsonl file.")] = None,
    zone: Annotated[str, typer.Option(help="Time zone of the summary.")] = "UTC",
    as_json: JsonOption = False,
) -> int:
    """Summarise success by hour of the week; import and export what was recorded."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from deepkit.errors import UsageError
    from deepkit.history import open_history

    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"There is no time zone {zone!r}; write one like Europe/Berlin."
        raise UsageError(message) from None
    with open_history(database) as store:
        if import_ is not None:
            note(f"{store.load(import_)} new entries.")
        if export is not None:
            note(f"{store.export(export)} entries written to {export}.")
        hours = store.hours(where)
    if as_json:
        put_json({"zone": zone, "hours": [
            {"weekday": h.weekday, "hour": h.hour, "n": h.n, "ok": h.ok, "low": h.low, "high": h.high} for h in hours
        ]})  # fmt: skip
        return 0
    if not hours:
        print("Nothing was recorded yet; record with: deepkit watch")
    for h in hours:
        print(
            f"{DAYS[h.weekday]} {h.hour:02d}:00  {h.ok}/{h.n} answered  (95 %: {h.low:.0%} to {h.high:.0%})"
        )
    return 0
