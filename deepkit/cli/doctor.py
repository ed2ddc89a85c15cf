"""Exit status: 0 healthy, 1 a cause was found, 2 inconclusive.

With --explain RULE or --list-rules nothing is measured.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from deepkit.cli._parser import (
    Parser,
    add_consent,
    add_json,
    add_seed,
    add_target,
    add_words,
    note,
    opened,
    say,
)
from deepkit.cli._places import check_file

if TYPE_CHECKING:
    from deepkit.cases import Case
    from deepkit.records import Observation

MARKS = {
    "ok": "ok     ",
    "fault": "FAULT  ",
    "partial": "partly ",
    "not_checked": "-      ",
    "check_failed": "broken ",
}


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    add_target(parser)
    parser.add_argument("--surface", metavar="web|api", help="what you use")
    add_json(parser)
    add_words(parser)
    add_seed(parser)
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="judge saved evidence instead of measuring"
    )
    parser.add_argument("--save", type=Path, metavar="FILE", help="save the evidence, redacted, for --replay")
    parser.add_argument("--explain", metavar="RULE", help="say what the rule with this id means")
    parser.add_argument("--list-rules", action="store_true", help="list all rules")
    parser.add_argument(
        "--conversation",
        type=Path,
        metavar="FILE",
        help="your failing conversation: a JSON list of messages, or a request body",
    )
    parser.add_argument(
        "--route",
        action="append",
        default=[],
        metavar="NAME=URL",
        help="a proxy to compare with; may be given several times",
    )
    add_consent(parser)


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    if options.explain is not None or options.list_rules:
        return _tell_rules(options.explain)
    from deepkit.cli._answer import tell

    if options.save is not None:
        check_file(options.save, "--save")
    found = _replayed(options.replay) if options.replay is not None else _measured(options)
    code = tell(
        found, as_json=options.as_json, long=options.long, language=options.lang
    )  # first of all: what was found is not lost by a full disk
    if options.save is not None:
        _save(found, options.save)
    return code


def _save(found: "Case", path: Path) -> None:
    from deepkit.errors import PlaceError
    from deepkit.evidence import write_evidence

    try:
        write_evidence(found.evidence, path)
    except OSError as problem:
        message = (
            f"--save: the evidence was not written to {path} ({problem.strerror or type(problem).__name__})."
        )
        raise PlaceError(message) from None


def _tell_rules(rule: str | None) -> int:
    from deepkit.diagnosis import RULES, explain_rule

    listed = "\n".join(f"{one.id:<28} {one.says}" for one in RULES)
    say(explain_rule(rule) if rule is not None else listed, own=True)
    return 0


def _replayed(path: Path) -> "Case":
    from deepkit.evidence import read_evidence
    from deepkit.triage import judge

    return judge(read_evidence(path))


def _measured(options: argparse.Namespace) -> "Case":
    from deepkit import triage
    from deepkit.errors import UsageError
    from deepkit.targets import read_route
    from deepkit.transport.conversations import read_conversation

    if options.surface not in (None, "web", "api"):
        message = f"--surface is web or api, not {options.surface!r}."
        raise UsageError(message)
    routes = [read_route(one) for one in options.route]
    own = read_conversation(options.conversation) if options.conversation is not None else None
    case = opened(options, triage.CHECKUP_BUDGET)
    if not options.as_json:
        sent = f", your conversation of {len(own.messages)} messages once" if own is not None else ""
        note(f"Checking {options.target}: at most {triage.CHECKUP_BUDGET.requests} requests{sent}.")
    return triage.doctor(
        case.target if case else options.target,
        scenario=options.scenario,
        settings=case.settings if case else None,
        surface=options.surface,
        seed=options.seed,
        routes=routes,
        conversation=own,
        on_observation=None if options.as_json else _show,
    )


def _show(seen: "Observation") -> None:
    took = f"{seen.elapsed_s:6.2f} s" if seen.elapsed_s is not None else "        "
    note(f"  {MARKS[seen.outcome]} {seen.check:<14} {took}  {seen.reason}")
