"""The exit status is JupyterLab's."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from deepkit.cli._parser import Parser, note, whole
from deepkit.extras import require

PORT = 8888
"""JupyterLab's own."""


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    add_page(parser, PORT, "JupyterLab")


def add_page(parser: Parser, port: int, of: str) -> None:
    """Add what a command that serves a page takes.

    Args:
        parser: The command's.
        port: The port unless another is given.
        of: Who listens there.
    """
    parser.add_argument(
        "--port", type=whole(0, 65535), default=port, metavar="P", help=f"port of {of}; {port} unless given"
    )
    parser.add_argument(
        "--browser",
        action=argparse.BooleanOptionalAction,
        help="open a browser window; where there is a display unless given",
    )


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    require("jupyterlab", extra="lab")
    port, browser = options.port, options.browser
    folder = notebook_folder(Path.cwd())
    command = [
        sys.executable, "-m", "jupyter", "lab", str(folder / "walkthrough.ipynb"),
        f"--port={port}", "--ip=127.0.0.1", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None",
        "--LabApp.default_url=/lab/tree/walkthrough.ipynb",
    ]  # fmt: skip
    if not (has_display() if browser is None else browser):
        command.append("--no-browser")
        note(
            "No display was found; the address of the guide is the one with a token, which JupyterLab prints below."
        )
        if os.environ.get("SSH_CONNECTION"):
            note(
                f"From your own machine: ssh -L {port}:127.0.0.1:{port} THIS_HOST, then open the address there."
            )
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
        note("Running as root: JupyterLab listens on this machine only.")
    os.environ["JUPYTER_CONFIG_PATH"] = config_path(os.environ.get("JUPYTER_CONFIG_PATH", ""))
    return become(command)


def become(command: list[str]) -> int:
    """Let another program take this process over, with its signals; elsewhere wait for it and return its status."""
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 (our own words, no shell)
    import subprocess

    return subprocess.call(command)  # noqa: S603 (our own words, no shell)


def config_path(before: str) -> str:
    """Return JUPYTER_CONFIG_PATH with our folder in it, whose defaults spare the question about news.

    JupyterLab asks it whatever `news_url` says; a default in labconfig answers it, and settings of
    the user's own still win (https://jupyterlab.readthedocs.io/en/stable/user/announcements.html).
    """
    ours = str(Path(__file__).parent / "jupyter")
    return os.pathsep.join([before, ours] if before else [ours])


def notebook_folder(here: Path) -> Path:
    """Return the folder of the notebooks; from a wheel, copies that the user may change."""
    from deepkit.facts import notebook_path

    source = notebook_path("walkthrough.ipynb")
    if source.parent.parent.joinpath("pyproject.toml").exists():
        return source.parent
    folder = here / "deepkit-notebooks"
    folder.mkdir(exist_ok=True)
    for one in source.parent.glob("*.ipynb"):
        if not (folder / one.name).exists():  # a user's own changes are never overwritten
            shutil.copyfile(one, folder / one.name)
    return folder


def has_display() -> bool:
    """Tell whether a browser window can be opened here."""
    if sys.platform in ("win32", "darwin"):
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and not os.environ.get("CI")
