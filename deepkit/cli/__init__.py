"""The command line: one command a module, imported when it is called.

Exit status 64 and one line on stderr for a wrong call; with `--json` stdout carries one
JSON object and nothing else. docs/command-line.md is the reference.

The standard library's argparse reads the words: `deepkit explain` has to run where nothing
is installed, and a command line library costs more time than the whole explanation.
"""

import atexit
import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from deepkit import __version__
from deepkit.errors import DeepkitError, UnknownNameError, UsageError
from deepkit.redaction.gate import note, say

__all__ = ["COMMANDS", "main", "status"]

EX_USAGE = 64
EX_SOFTWARE = 70
EX_INTERRUPTED = 130
GARBAGE = 50_000
"""New objects after which Python looks for unreachable ones; its own 700 cost a tenth of a check-up's start."""

ABOUT = "Finds out whose fault it is when DeepSeek says the server is busy, and proves which fix helps."
COMMANDS = {
    "doctor": ("doctor", "Probe, diagnose and rank the fixes."),
    "explain": ("explain", "Say what a pasted error or a HAR file shows, without any network."),
    "fixes": ("fixes", "List the twelve fixes, or show one in full with its reality check and steps."),
    "try": ("trial", "Try one fix in randomised pairs."),
    "watch": ("watch", "Look at a target again and again and keep the results for the history."),
    "history": ("history", "Summarise success by hour of the week; import and export what was recorded."),
    "report": ("report", "Execute the notebook and write the redacted report."),
    "redact": ("redact", "Write a copy of a file without secrets and private names."),
    "sandbox": ("sandbox", "Serve a look-alike DeepSeek on loopback until stopped."),
    "lab": ("lab", "Open JupyterLab on the guided notebook."),
    "app": ("app", "Serve the guided notebook as a page without code."),
    "simulate": ("simulate", "Run a retry policy against an inference cluster under load."),
}
"""Every command with its module and what it does. A module has `add_options(parser)` and `run(options)`."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status.

    Args:
        arguments: The words after the program's name; the process's own unless given.
    """
    gc.set_threshold(GARBAGE)  # what a command loads lives as long as the command: looking through it is idle
    code = status(arguments)
    if code == EX_INTERRUPTED:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> NoReturn:
    """Leave with this status: after an interrupt in the middle of an import Python would end by the signal instead."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    atexit._run_exitfuncs()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def status(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except UsageError as problem:
        return _complain(str(problem), EX_USAGE)
    except DeepkitError as problem:
        return _complain(str(problem), EX_SOFTWARE)
    except KeyboardInterrupt:
        return _complain("Stopped; nothing is left running.", EX_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; there is nobody to tell
        return 0
    except Exception as problem:  # 1 says that a cause was found: a bug of ours must not say so
        return _crashed(problem)


def _run(words: list[str]) -> int:
    name = words[0] if words else ""
    if name in ("-h", "--help"):
        say(_overview(), own=True)
        return 0
    if name == "--version":
        say(f"deepkit {__version__}", own=True)
        return 0
    if not name or name.startswith("-"):
        message = (
            f"{name or 'Nothing'} is not a command; try: deepkit doctor, or deepkit --help for all of them"
        )
        raise UsageError(message)
    if name not in COMMANDS:
        raise UnknownNameError("command", name, COMMANDS)
    from deepkit.cli._parser import Parser
    from deepkit.extras import extra

    module, says = COMMANDS[name]
    command = import_module(f"deepkit.cli.{module}")
    parser = Parser(name, says, command.__doc__ or "")
    command.add_options(parser)
    options = parser.read(words[1:])
    if options is None:
        return 0
    with extra("core"):  # from a source tree with nothing installed, only what explains a text is there
        return int(command.run(options))


def _overview() -> str:
    commands = [f"  {name:<9} {says}" for name, (_, says) in COMMANDS.items()]
    return "\n".join([
        "Usage: deepkit COMMAND [OPTIONS]", "", ABOUT, "", "Commands:", *commands, "",
        "  -h, --help  of deepkit or of one command; --version prints the version",
    ])  # fmt: skip


def _crashed(problem: Exception) -> int:
    import traceback
    from pathlib import Path

    if os.environ.get("DEEPKIT_DEBUG"):
        note("".join(traceback.format_exception(problem)))
    *_, last = traceback.extract_tb(problem.__traceback__) or [None]
    where = f" in {Path(last.filename).name}, line {last.lineno}" if last else ""
    sentence = f"DeepKit itself broke ({type(problem).__name__}{where}); set DEEPKIT_DEBUG=1 and report the traceback."
    return _complain(sentence, EX_SOFTWARE)


def _complain(sentence: str, code: int) -> int:
    note(f"deepkit: {' '.join(sentence.split())}")
    return code
