"""The exit status is Voila's. The page has the form, the answer and the fixes, and no code."""

import argparse
import os
import sys
from pathlib import Path

from deepkit.cli._parser import Parser, note
from deepkit.cli.lab import add_page, become, has_display, notebook_folder
from deepkit.extras import require

PORT = 8866
"""Voila's own."""


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    add_page(parser, PORT, "the page")


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    require("voila", extra="lab")
    notebook = notebook_folder(Path.cwd()) / "walkthrough.ipynb"
    command = [sys.executable, "-m", "voila", str(notebook), f"--port={options.port}", "--Voila.ip=127.0.0.1"]
    if not (has_display() if options.browser is None else options.browser):
        command.append("--no-browser")
        note(f"No display was found; open http://127.0.0.1:{options.port}/ in a browser.")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        note("Running as root: the page is served to this machine only.")
    return become(command)
