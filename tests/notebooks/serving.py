"""A throw-away JupyterLab on loopback, and a page that runs all cells of a notebook in it."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from deepkit.cli.lab import config_path
from deepkit.facts import notebook_path

IDLE = ".jp-Notebook-ExecutionIndicator[data-status='idle']"
OURS = ("deepkit", "plotly", "jupyter-widgets", "Error displaying widget", "model not found")
"""Words by which a complaint of the console is one about us."""


@contextmanager
def lab(folder: Path, port: int, theme: str = "JupyterLab Light") -> Iterator[str]:
    """A JupyterLab that reads no settings of the user's, with all notebooks of ours in its folder."""
    for one in notebook_path("walkthrough.ipynb").parent.glob("*.ipynb"):
        shutil.copy(one, folder / one.name)
    looks = folder / ".c/lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
    looks.parent.mkdir(parents=True)
    looks.write_text(f'{{"theme": "{theme}"}}')
    own = {
        "JUPYTER_CONFIG_DIR": f"{folder}/.c",
        "JUPYTER_CONFIG_PATH": config_path(""),
        "JUPYTER_DATA_DIR": f"{folder}/.d",
        "IPYTHONDIR": f"{folder}/.i",
    }
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--allow-root",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **own})
        try:
            base = f"http://127.0.0.1:{port}"
            end = time.monotonic() + 60
            while time.monotonic() < end:
                try:
                    urllib.request.urlopen(f"{base}/api/status", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield base
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()  # its own shutdown hangs now and then; its kernels have ended by then
                server.wait(10)


def run_all(page: Page, base: str, name: str = "walkthrough.ipynb") -> None:
    """Open a notebook and choose Run > Run All Cells, until the kernel has taken the first cell."""
    page.goto(f"{base}/lab/tree/{name}?reset")
    page.wait_for_selector(IDLE, state="attached", timeout=60_000)
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
    page.locator(".jp-StatusBar-TextItem", has_text="| Idle").wait_for(timeout=60_000)
    prompts = page.locator(".jp-InputArea-prompt").filter(has_text=re.compile(r"\[(\*|\d+)\]"))
    begun = prompts.or_(page.locator(".jp-OutputArea-output"))  # cells whose source is folded have no prompt
    for _ in range(6):  # JupyterLab says "idle" a moment before it takes work
        page.keyboard.press("Escape")  # closes a menu that an earlier round left open
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        with contextlib.suppress(PlaywrightTimeout):
            begun.first.wait_for(state="attached", timeout=5_000)
            return
    message = "JupyterLab never began to run the cells"
    raise AssertionError(message)
