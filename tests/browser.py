"""A real Chromium for tests: its own network switched off, every request and console line written down."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright

QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
]


@dataclass(slots=True)
class Watched:
    """A page, the requests that left for anything but loopback, and what the console complained of."""

    page: Page
    outside: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def chromium() -> str:
    """Where Chromium is; a machine without one skips the test."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("there is no Chromium here")
    return found


@contextmanager
def watched(
    *, dark: bool = False, width: int = 1280, height: int = 1500, offline: bool = False
) -> Iterator[Watched]:
    """Open a page and watch it."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=QUIET)
        try:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                offline=offline,
            )
            seen = Watched(context.new_page())

            def request(url: str) -> None:
                parts = urlsplit(url)
                if parts.scheme in ("http", "https", "ws", "wss"):
                    seen.asked.append(url)
                    if parts.hostname != "127.0.0.1":
                        seen.outside.append(url)

            seen.page.on("request", lambda one: request(one.url))
            seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
            seen.page.on(
                "console",
                lambda line: seen.complaints.append(line.text) if line.type in ("error", "warning") else None,
            )
            yield seen
        finally:
            browser.close()
