"""Exit status 0. What was recorded: deepkit history."""

import argparse
import time

from deepkit.cli._parser import (
    Parser,
    add_consent,
    add_json,
    add_seed,
    add_target,
    note,
    opened,
    put_json,
    real,
    say,
    whole,
)
from deepkit.extras import require

CHECKS = {"chat.stream", "web"}
MOST_REQUESTS = 12
"""Requests that one look may send."""


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    add_target(parser)
    parser.add_argument(
        "--every",
        type=real(1),
        default=300.0,
        metavar="S",
        help="seconds from look to look; 300 unless given",
    )
    parser.add_argument(
        "--count", type=whole(1, 100_000), default=12, metavar="N", help="looks to take; 12 unless given"
    )
    add_database(parser)
    add_consent(parser)
    add_json(parser)
    add_seed(parser)


def add_database(parser: Parser) -> None:
    """Add --database."""
    parser.add_argument(
        "--database", metavar="URL", help="SQLAlchemy address; your own SQLite file unless given"
    )


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    from deepkit.history import entries_of, open_history
    from deepkit.probes import DEADLINE_S
    from deepkit.records import Budget
    from deepkit.triage import doctor

    require("sqlalchemy", extra="history")
    budget = Budget(requests=MOST_REQUESTS)
    case = opened(options, budget)
    most_s = (options.count - 1) * options.every + options.count * DEADLINE_S
    if not options.as_json:
        note(
            f"Looking at {options.target} {options.count} times, {options.every:g} s apart, at most "
            f"{MOST_REQUESTS} requests a look; over in at most {most_s / 60:.0f} minutes. Stop with Ctrl+C."
        )
    stored = 0
    with open_history(options.database) as store:
        store.check_writable()
        for number in range(options.count):
            if number:
                time.sleep(options.every)
            if not options.as_json:
                note(f"Look {number + 1} of {options.count}.")
            found = doctor(
                case.target if case else options.target,
                scenario=options.scenario,
                settings=case.settings if case else None,
                budget=budget,
                only=CHECKS,
                seed=options.seed + number,
            )
            entries = entries_of(found.evidence)
            for entry in entries if not options.as_json else ():
                say(f"{entry.surface}: {'answered' if entry.ok else entry.failure or 'failed'}")
            stored += store.add(entries)
    if options.as_json:
        put_json({"looks": options.count, "stored": stored})
    return 0
