"""Exit status 0. deepkit watch records."""

import argparse
from pathlib import Path

from deepkit.cli._parser import Parser, add_json, note, put_json, say
from deepkit.cli._places import check_file
from deepkit.cli.watch import add_database

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    add_database(parser)
    parser.add_argument(
        "--import", type=Path, dest="import_", metavar="FILE", help="add the entries of an exported file"
    )
    parser.add_argument(
        "--export", type=Path, metavar="FILE", help="write all entries to a .csv or .jsonl file"
    )
    parser.add_argument(
        "--zone", default="UTC", metavar="Z", help="time zone of the summary; UTC unless given"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    from deepkit.errors import UsageError
    from deepkit.facts import zone_named
    from deepkit.history import open_history

    try:
        where = zone_named(options.zone)
    except ValueError as problem:
        raise UsageError(str(problem)) from None
    if options.export is not None:
        check_file(options.export, "--export")
    with open_history(options.database) as store:
        if options.import_ is not None:
            note(f"{store.load(options.import_)} new entries.")
        if options.export is not None:
            note(f"{store.export(options.export)} entries written to {options.export}.")
        hours = store.hours(where)
    if options.as_json:
        put_json({"zone": options.zone, "hours": [
            {"weekday": h.weekday, "hour": h.hour, "n": h.n, "ok": h.ok, "low": h.low, "high": h.high} for h in hours
        ]})  # fmt: skip
        return 0
    if not hours:
        say("Nothing was recorded yet; record with: deepkit watch")
    for h in hours:
        say(f"{DAYS[h.weekday]} {h.hour:02d}:00  {h.ok}/{h.n} answered  (95 %: {h.low:.0%} to {h.high:.0%})")
    return 0
