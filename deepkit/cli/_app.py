"""The application object and what several commands share."""

import json
import sys
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="deepkit",
    help="Finds out whose fault it is when DeepSeek says the server is busy, and proves which fix helps.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

TargetOption = Annotated[
    str, typer.Option("--target", "-t", help="sandbox, deepseek, a provider's name, or a base URL.")
]
ScenarioOption = Annotated[
    str | None, typer.Option("--scenario", "-s", help="The sandbox's scenario (rush_hour unless named).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of everything that is random.")]


def put_json(value: Any) -> None:
    """Print one JSON value on a line of its own."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str, allow_nan=False) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Say something to the person at the terminal without touching stdout."""
    print(text, file=sys.stderr, flush=True)
