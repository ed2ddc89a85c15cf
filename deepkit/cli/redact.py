"""The copy lies beside the file, which stays as it is. Exit status 0.

A text, a log and JSON need nothing but Python itself.
"""

import argparse
from pathlib import Path

from deepkit.cli._parser import Parser, add_json, put_json, say


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a HAR file, a notebook, a log, any text")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    from deepkit.redaction.documents import redact_file
    from deepkit.redaction.rules import removed_words

    copy = redact_file(options.file)
    if options.as_json:
        put_json({"path": str(copy.path), "kind": copy.kind, "removed": dict(copy.removed)}, own=True)
        return 0
    say(str(copy.path), own=True)
    say(f"Removed: {removed_words(copy.removed)}.", own=True)
    say("Read the copy before you share it: no rule finds everything.", own=True)
    return 0
