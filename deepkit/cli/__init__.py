"""The command line: one command a public verb, each in a module of its own kind.

Exit status 64 and one line on stderr for a wrong call; with `--json` stdout carries one
JSON object and nothing else. docs/command-line.md is the reference.
"""

import gc
import sys

from deepkit.cli import checkups, fixing, recording, reporting, serving, simulating  # noqa: F401 (order of the help)
from deepkit.cli._app import app
from deepkit.errors import DeepkitError, UsageError

__all__ = ["app", "main"]

EX_USAGE = 64
EX_SOFTWARE = 70
GARBAGE = 50_000
"""New objects after which Python looks for unreachable ones; its own 700 cost a tenth of a check-up's start."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status.

    Args:
        arguments: The words after the program's name; the process's own unless given.
    """
    gc.set_threshold(GARBAGE)  # what a command loads lives as long as the command: looking through it is idle
    sys.exit(status(arguments))


def status(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    try:
        result = app(args=arguments, prog_name="deepkit", standalone_mode=False)
    except UsageError as problem:
        return _complain(str(problem), EX_USAGE)
    except DeepkitError as problem:
        return _complain(str(problem), EX_SOFTWARE)
    except KeyboardInterrupt:
        return _complain("Stopped; nothing is left running.", 130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; there is nobody to tell
        return 0
    except Exception as problem:  # typer brings its own copy of click's exceptions, so go by shape
        if hasattr(problem, "format_message") and hasattr(problem, "exit_code"):
            return _complain(f"{problem.format_message()} Try: deepkit --help", EX_USAGE)
        if type(problem).__name__ == "Abort":
            return _complain("Stopped; nothing is left running.", 130)
        raise
    return result if isinstance(result, int) else 0


def _complain(sentence: str, code: int) -> int:
    line = " ".join(sentence.split())
    print(f"deepkit: {line}", file=sys.stderr)
    return code
