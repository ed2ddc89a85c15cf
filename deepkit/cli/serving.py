"""deepkit sandbox and deepkit lab."""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from deepkit.cli._app import JsonOption, SeedOption, app, note, put_json


@app.command()
def sandbox(
    scenario: Annotated[
        str, typer.Option("--scenario", "-s", help="Which trouble to look like.")
    ] = "rush_hour",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the API; 0 takes a free one.")] = 0,
    as_json: JsonOption = False,
    listing: Annotated[bool, typer.Option("--list", help="List the scenarios and stop.")] = False,
    seed: SeedOption = 0,
) -> int:
    """Serve a look-alike DeepSeek on loopback until stopped; the first line gives the addresses."""
    from deepkit.sandbox import open_sandbox, scenarios

    if listing:
        rows = [
            {"name": s.name, "title": s.title, "cause": s.cause, "fixes": list(s.fixes)} for s in scenarios()
        ]
        if as_json:
            put_json(rows)
        else:
            print("\n".join(f"{r['name']:<30} {r['cause']:<26} {', '.join(r['fixes'])}" for r in rows))
        return 0
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), lambda *_: stop.set())
    with open_sandbox(scenario, port=port, seed=seed) as box:
        if as_json:
            put_json(box.info())
        else:
            info = box.info()
            print(
                f"{info['base_url']}  web {info['web_url']}  status {info['status_url']}  key {info['api_key']}"
            )
            sys.stdout.flush()
            note("Stop it with Ctrl+C.")
        while not stop.wait(0.5):
            pass
    return 0


@app.command()
def lab(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of JupyterLab.")] = 8888,
    browser: Annotated[
        bool | None, typer.Option(help="Open a browser window (where there is a display).")
    ] = None,
) -> int:
    """Open JupyterLab on the guided notebook. The exit status is JupyterLab's."""
    folder = notebook_folder(Path.cwd())
    command = [
        sys.executable, "-m", "jupyter", "lab", str(folder / "walkthrough.ipynb"),
        f"--port={port}", "--ip=127.0.0.1", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None",
    ]  # fmt: skip
    if not (_has_display() if browser is None else browser):
        command.append("--no-browser")
        note("No display was found; open the address that JupyterLab prints below.")
        if os.environ.get("SSH_CONNECTION"):
            note(
                f"From your own machine: ssh -L {port}:127.0.0.1:{port} THIS_HOST, then open the address there."
            )
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
        note("Running as root: JupyterLab listens on this machine only.")
    os.environ["JUPYTER_CONFIG_PATH"] = config_path(os.environ.get("JUPYTER_CONFIG_PATH", ""))
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(sys.executable, command)  # noqa: S606 (JupyterLab takes this process over: signals and status are its own)
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


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and not os.environ.get("CI")
