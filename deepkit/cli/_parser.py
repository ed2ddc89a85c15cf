"""What the commands share: their parser, the options that several have, and the way out (redaction/gate.py)."""

import argparse
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from deepkit.errors import UsageError
from deepkit.redaction.gate import note, put_json, say

__all__ = [
    "Parser",
    "add_json",
    "add_seed",
    "add_target",
    "add_words",
    "note",
    "put_json",
    "real",
    "say",
    "whole",
]

if TYPE_CHECKING:
    from deepkit.records import Budget
    from deepkit.targets import Case


class Parser(argparse.ArgumentParser):
    """Reads the words of one command; a wrong word is a UsageError, so that it ends in one line.

    Args:
        command: The command's name.
        says: What it does, in a sentence.
        details: What else its help tells.
    """

    def __init__(self, command: str, says: str, details: str = "") -> None:
        about = f"{says}\n\n{details.strip()}".strip()
        super().__init__(
            prog=f"deepkit {command}",
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def read(self, words: Sequence[str]) -> argparse.Namespace | None:
        """Return what the words say, or None when they asked for the help, which is printed then."""
        try:
            return self.parse_args(words)
        except SystemExit:  # argparse leaves after --help; whoever called us may not want to
            return None

    def print_help(self, file: Any = None) -> None:
        """Print the help on stdout."""
        del file  # argparse's own way to name another place; nobody here does
        say(self.format_help().rstrip("\n"), own=True)

    def error(self, message: str) -> NoReturn:
        """Refuse a wrong call."""
        raise UsageError(f"{message.removeprefix('argument ')}; try: {self.prog} --help")


def add_target(parser: Parser) -> None:
    """Add --target and --scenario."""
    parser.add_argument(
        "-t",
        "--target",
        default="sandbox",
        help="sandbox (unless given), deepseek, a provider's name, or a base URL",
    )
    parser.add_argument("-s", "--scenario", help="the sandbox's scenario; rush_hour unless given")


def add_consent(parser: Parser) -> None:
    """Add what a user may allow for one run: other providers, and a key in the clear."""
    parser.add_argument(
        "--alternatives",
        type=lambda text: tuple(filter(None, map(str.strip, text.split(",")))),
        default=(),
        metavar="NAME,...",
        help="other providers to ask one question each, with the keys of their own variables",
    )
    parser.add_argument(
        "--send-key-in-clear",
        action="store_true",
        help="send the key although anybody on the way could read it (http:// beyond your own network)",
    )


def opened(options: argparse.Namespace, budget: "Budget") -> "Case | None":
    """Read the target that the options name, and say on stderr who will be asked; None for the sandbox.

    Raises:
        UsageError: When it cannot be used.
    """
    from deepkit.targets import before_the_start, case_of, check_target, live_target

    check_target(options.target, scenario=options.scenario)
    if options.target == "sandbox":
        if options.alternatives:
            message = "--alternatives belongs to a live target; the sandbox has its own."
            raise UsageError(message)
        return None
    clear = options.send_key_in_clear
    case = case_of(live_target(options.target, alternatives=options.alternatives, send_key_in_clear=clear))
    lines = before_the_start(case, budget)
    for line in lines[1:] if options.as_json else lines:  # that a key stays here is said in any case
        note(line)
    return case


def add_json(parser: Parser) -> None:
    """Add --json."""
    parser.add_argument(
        "--json", action="store_true", dest="as_json", help="print one JSON object and nothing else"
    )


def add_words(parser: Parser) -> None:
    """Let the person choose how much is told, and in which language."""
    parser.add_argument("--long", action="store_true", help="tell all that was found")
    parser.add_argument("--lang", choices=("en", "zh"), help="the language of the answer")


def add_seed(parser: Parser) -> None:
    """Add --seed."""
    parser.add_argument("--seed", type=whole(), default=0, help="seed of everything that is random")


def whole(least: int | None = None, most: int | None = None) -> Callable[[str], int]:
    """Return a reader of whole numbers within limits, both included."""
    return lambda text: _within(_number(text, int, "a whole number"), least, most)


def real(least: float | None = None, most: float | None = None) -> Callable[[str], float]:
    """Return a reader of finite numbers within limits, both included."""
    return lambda text: _within(_number(text, float, "a number"), least, most)


def _number(text: str, kind: Callable[[str], Any], name: str) -> Any:
    try:
        value = kind(text)
        if math.isfinite(value):
            return value
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError(f"{text[:40]!r} is not {name}")


def _within(value: Any, least: float | None, most: float | None) -> Any:
    if (least is not None and value < least) or (most is not None and value > most):
        limits = f"at least {least:g}" if most is None else f"between {least:g} and {most:g}"
        raise argparse.ArgumentTypeError(f"{value} is not {limits}")
    return value
