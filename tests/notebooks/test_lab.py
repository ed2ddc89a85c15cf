"""The guided notebook in a real JupyterLab: Run All works, buttons work, and nothing leaves the machine."""

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

import pytest
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from deepkit.facts import notebook_path
from tests.browser import watched

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
IDLE = ".jp-Notebook-ExecutionIndicator[data-status='idle']"
OURS = ("deepkit", "plotly", "jupyter-widgets", "Error displaying widget", "model not found")


@contextmanager
def lab(folder: Path, port: int) -> Iterator[str]:
    """A throw-away JupyterLab on loopback that reads no settings of the user's."""
    shutil.copy(notebook_path("walkthrough.ipynb"), folder / "walkthrough.ipynb")
    own = {
        "JUPYTER_CONFIG_DIR": f"{folder}/.c",
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
            server.wait(30)


def run_all(page: Page, base: str) -> None:
    """Open the notebook and choose Run > Run All Cells, until the kernel has taken the first cell."""
    page.goto(f"{base}/lab/tree/walkthrough.ipynb?reset")
    page.wait_for_selector(IDLE, state="attached", timeout=60_000)
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
    page.locator(".jp-StatusBar-TextItem", has_text="| Idle").wait_for(timeout=60_000)
    begun = page.locator(".jp-InputArea-prompt").filter(has_text=re.compile(r"\[(\*|\d+)\]"))
    for _ in range(6):  # JupyterLab says "idle" a moment before it takes work
        page.keyboard.press("Escape")  # closes a menu that an earlier round left open
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        with contextlib.suppress(PlaywrightTimeout):
            begun.first.wait_for(state="attached", timeout=5_000)
            return
    message = "JupyterLab never began to run the cells"
    raise AssertionError(message)


def test_run_all_and_by_hand(tmp_path: Path, free_port: int) -> None:
    """Run All fills the page; a fix can be tried again by hand; a report is saved; nothing goes outside."""
    with lab(tmp_path, free_port) as base, watched(height=2400) as seen:
        page = seen.page
        run_all(page, base)
        shown = page.locator(".jp-OutputArea-output")
        shown.filter(has_text="Worth doing first in this case").first.wait_for(timeout=100_000)
        page.get_by_role("button", name="Save report").wait_for(timeout=100_000)
        page.wait_for_selector(IDLE, state="attached", timeout=100_000)
        page.screenshot(path=tmp_path / "lab.png")
        assert page.locator(".js-plotly-plot").count() >= 4
        assert not page.get_by_text("Error displaying widget").count()
        page.get_by_role("button", name="Try fix 3", exact=True).click()
        page.get_by_role("button", name="Try fix 3", exact=True).and_(
            page.locator(":not([disabled])")
        ).wait_for(timeout=60_000)
        page.get_by_role("button", name="Save report").click()
        shown.filter(has_text="Saved, with secrets removed").first.wait_for(timeout=60_000)
        saved = sorted((tmp_path / "reports").glob("saved-rush_hour.*"))
        assert [one.suffix for one in saved] == [".html", ".ipynb", ".md"]
        assert not seen.outside
        assert not [line for line in seen.complaints if any(word in line for word in OURS)]
