"""Nothing is measured; exit status 0."""

import argparse
from typing import TYPE_CHECKING

from deepkit.cli._parser import Parser, add_json, put_json, say

if TYPE_CHECKING:
    from deepkit.fixes import Fix


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    parser.add_argument("key", nargs="?", metavar="KEY", help="one of the twelve, by its key")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    from deepkit.fixes import FIXES, fix

    if options.key is not None:
        return _show(fix(options.key), as_json=options.as_json)
    if options.as_json:
        put_json([{"number": one.number, "key": one.key, "title": one.title} for one in FIXES], own=True)
    else:
        say("\n".join(f"{one.number:>2} {one.key:<19} {one.title}" for one in FIXES), own=True)
    return 0


def _show(one: "Fix", *, as_json: bool) -> int:
    from deepkit.records import Evidence

    guide = one.guide(Evidence())
    if as_json:
        put_json({
            "number": one.number, "key": one.key, "title": one.title, "promise": one.claim.promise,
            "verdict": one.claim.verdict, "reality": one.claim.reality, "source": one.claim.source,
            "date": one.claim.date, "steps": guide.steps, "commands": guide.commands, "notes": guide.notes,
        })  # fmt: skip
        return 0
    say(f"{one.number}. {one.title}\n\nThe guide claims: {one.claim.promise}", own=True)
    say(f"What is known ({one.claim.verdict}): {one.claim.reality}", own=True)
    say(f"Source: {one.claim.source} ({one.claim.date})\n\nSteps ({guide.system}):", own=True)
    say("\n".join(f"  {n}. {step}" for n, step in enumerate(guide.steps, 1)), own=True)
    for line in guide.commands:
        say(f"  $ {' '.join(line)}", own=True)
    for text in guide.notes:
        say(f"  Note: {text}", own=True)
    return 0
