"""deepkit doctor and deepkit explain."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepkit.cli._app import JsonOption, ScenarioOption, SeedOption, TargetOption, app, note, put_json
from deepkit.errors import UsageError

if TYPE_CHECKING:
    from deepkit.records import Observation, Surface
    from deepkit.triage import Checkup

MARKS = {
    "ok": "ok     ",
    "fault": "FAULT  ",
    "partial": "partly ",
    "not_checked": "-      ",
    "check_failed": "broken ",
}
MOST_TEXT = 1_000_000
"""Longest text read from stdin, in bytes; an error report is never longer."""


@app.command()
def doctor(
    target: TargetOption = "sandbox",
    scenario: ScenarioOption = None,
    surface: Annotated[str | None, typer.Option(help="What you use: web or api.")] = None,
    as_json: JsonOption = False,
    seed: SeedOption = 0,
    replay: Annotated[Path | None, typer.Option(help="Judge saved evidence instead of measuring.")] = None,
    save: Annotated[Path | None, typer.Option(help="Save the evidence, redacted, for --replay.")] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="RULE", help="Say what the rule with this id means.")
    ] = None,
    list_rules: Annotated[bool, typer.Option("--list-rules", help="List all rules.")] = False,
    conversation: Annotated[
        Path | None,
        typer.Option(help="Your failing conversation: a JSON list of messages, or a request body."),
    ] = None,
    route: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=URL", help="A proxy to compare with; may be given several times."),
    ] = None,
) -> int:
    """Probe, diagnose and rank the fixes. Exit 0 healthy, 1 a cause was found, 2 inconclusive."""
    if explain is not None or list_rules:
        from deepkit.diagnosis import RULES, explain_rule

        if explain is not None:
            print(explain_rule(explain))
        else:
            print("\n".join(f"{rule.id:<28} {rule.says}" for rule in RULES))
        return 0
    from deepkit import triage
    from deepkit.targets import check_target, read_route
    from deepkit.transport.conversations import read_conversation

    if replay is not None:
        from deepkit.evidence import read_evidence

        found = triage.judge(read_evidence(replay))
    else:
        asked_on = _surface(surface)
        routes = [read_route(one) for one in route or ()]
        own = read_conversation(conversation) if conversation is not None else None
        check_target(target, scenario=scenario)
        if not as_json:
            sent = f", your conversation of {len(own.messages)} messages once" if own is not None else ""
            note(f"Checking {target}: at most {triage.CHECKUP_BUDGET.requests} requests{sent}.")
        found = triage.doctor(
            target,
            scenario=scenario,
            surface=asked_on,
            seed=seed,
            routes=routes,
            conversation=own,
            on_observation=None if as_json else _show_observation,
        )
    if save is not None:
        from deepkit.evidence import write_evidence

        write_evidence(found.evidence, save)
    return _tell(found, as_json)


@app.command()
def explain(
    text: Annotated[
        str | None, typer.Argument(help="The error as you saw it, or - to read it from stdin.")
    ] = None,
    har: Annotated[Path | None, typer.Option("--har", help="A HAR file exported from the browser.")] = None,
    surface: Annotated[str | None, typer.Option(help="web, api, third_party or local.")] = None,
    client: Annotated[str | None, typer.Option(help="The program that showed it.")] = None,
    jsonl: Annotated[
        Path | None, typer.Option(help="Many reports, one JSON object a line (- is stdin).")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Say what a pasted error or a HAR file shows, without any network. Exit status as doctor."""
    from deepkit import triage

    if jsonl is not None:
        for report in _reports(jsonl):
            put_json(_explained(report))
        return 0
    pasted = sys.stdin.buffer.read(MOST_TEXT) if text == "-" else text
    return _tell(triage.explain(pasted, har=har, surface=surface, client=client), as_json)


def _surface(name: str | None) -> "Surface | None":
    if name is None:
        return None
    if name == "web":
        return "web"
    if name == "api":
        return "api"
    message = f"--surface is web or api, not {name!r}."
    raise UsageError(message)


def _explained(report: dict[str, Any]) -> dict[str, Any]:
    from deepkit import triage

    status = report.get("http_status")
    found = triage.explain(
        str(report["symptom"]),
        surface=report.get("surface"),
        client=report.get("client"),
        http_status=int(status) if status is not None else None,
    ).as_json()
    return {"id": report["id"], **found} if "id" in report else found


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
            if not line.strip():
                continue
            try:
                report = json.loads(line)
                assert isinstance(report, dict)
                assert "symptom" in report
            except (ValueError, AssertionError, RecursionError):
                message = (
                    f"Line {number} of {path.name} is not a JSON object with a symptom; mend or remove it."
                )
                raise UsageError(message) from None
            yield report


def _show_observation(seen: "Observation") -> None:
    took = f"{seen.elapsed_s:6.2f} s" if seen.elapsed_s is not None else "        "
    note(f"  {MARKS[seen.outcome]} {seen.check:<14} {took}  {seen.reason}")


def _tell(found: "Checkup", as_json: bool) -> int:
    body = found.as_json()
    if as_json:
        put_json(body)
    else:
        from deepkit.cli._prose import in_words

        print(in_words(body))
    return {"healthy": 0, "inconclusive": 2}.get(body["verdict"], 1)
