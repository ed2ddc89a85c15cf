"""The text is read from stdin when it is given as "-". Exit status as of doctor; 0 with --jsonl.

A text needs nothing but Python itself.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deepkit.cli._parser import Parser, add_json, add_words, put_json
from deepkit.errors import UsageError

MOST_TEXT = 1_000_000
"""Longest text read from stdin, in bytes; an error report is never longer."""


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    parser.add_argument("text", nargs="?", metavar="TEXT", help="the error as you saw it, or -")
    parser.add_argument("--har", type=Path, metavar="FILE", help="a HAR file exported from the browser")
    parser.add_argument("--surface", metavar="S", help="web, api, third_party or local")
    parser.add_argument("--client", metavar="C", help="the program that showed it")
    parser.add_argument(
        "--jsonl", type=Path, metavar="FILE", help="many reports, one JSON object a line (- is stdin)"
    )
    add_json(parser)
    add_words(parser)


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    from deepkit import triage
    from deepkit.cli._answer import tell

    if options.jsonl is not None:
        for report in _reports(options.jsonl):
            put_json(_explained(report))
        return 0
    pasted = sys.stdin.buffer.read(MOST_TEXT) if options.text == "-" else options.text
    found = triage.explain(
        pasted, har=options.har, surface=options.surface, client=options.client, language=options.lang
    )
    return tell(found, as_json=options.as_json, long=options.long, language=options.lang)


def _explained(report: dict[str, Any]) -> dict[str, Any]:
    from deepkit import triage
    from deepkit.answers import document

    status = report.get("http_status")
    found = triage.explain(
        str(report["symptom"]),
        surface=report.get("surface"),
        client=report.get("client"),
        http_status=int(status) if status is not None else None,
    )
    told = document(found)
    return {"id": report["id"], **told} if "id" in report else told


def _reports(path: Path) -> Iterator[dict[str, Any]]:
    try:
        source = sys.stdin if str(path) == "-" else path.open(encoding="utf-8-sig", errors="replace")
    except OSError as problem:
        message = f"{path.name} cannot be read ({problem.strerror}); give a file with one JSON object a line."
        raise UsageError(message) from None
    with source:
        number = 0
        while line := source.readline(MOST_TEXT):
            number += 1
            if line.strip():
                yield _report(line, f"Line {number} of {path.name}")


def _report(line: str, where: str) -> dict[str, Any]:
    try:
        report = json.loads(line)
    except (ValueError, RecursionError):
        report = None
    if not isinstance(report, dict) or "symptom" not in report:
        message = f"{where} is not a JSON object with a symptom; mend or remove it."
        raise UsageError(message)
    return report
