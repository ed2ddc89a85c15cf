"""Record the sandbox's chat with mitmproxy and with Playwright: `python tools/record_others.py MITMDUMP`.

MITMDUMP is the program of that name; mitmproxy (https://mitmproxy.org) needs an environment of
its own. The recordings are what `tests/probes/test_har_exporters.py` reads beside files of our own making.
"""

import argparse
import http.client
import json
import socket
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from deepkit.sandbox import open_sandbox

CHROMIUM = "/usr/bin/chromium"
FOLDER = Path(__file__).parent.parent / "tests" / "probes" / "recordings"
SCENARIO = "rush_hour"
QUESTION = {"prompt": "Why is the sky blue?", "model": "m", "stream": True}


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_open(port: int) -> None:
    """Wait until something listens, at most ten seconds."""
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def ask(proxy: int, method: str, url: str, body: bytes | None) -> int:
    """Send one request through the proxy and read the answer."""
    line = http.client.HTTPConnection("127.0.0.1", proxy, timeout=30)
    line.request(method, url, body, {"Content-Type": "application/json", "Host": urlsplit(url).netloc})
    reply = line.getresponse()
    reply.read()
    return reply.status


def through_mitmproxy(program: str, path: Path) -> None:
    """Record the page, the session and one question."""
    port = free_port()
    with TemporaryDirectory() as folder, open_sandbox(SCENARIO) as box:
        words = [program, "-q", "--listen-host", "127.0.0.1", "-p", str(port), "--set", f"hardump={path}"]
        recorder = subprocess.Popen([*words, "--set", f"confdir={folder}"])  # noqa: S603 - the program is the caller's
        try:
            until_open(port)
            base = str(box.target.web_url).rstrip("/")
            for method, where in (
                ("GET", "/"),
                ("GET", "/api/v0/users/current"),
                ("POST", "/api/v0/chat/completion"),
            ):
                body = json.dumps(QUESTION).encode() if method == "POST" else None
                print(f"  {where}: {ask(port, method, base + where, body)}")
        finally:
            recorder.terminate()
            recorder.wait(20)


def through_playwright(path: Path) -> None:
    """Record one question with `record_har_path`."""
    with open_sandbox(SCENARIO) as box, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, args=["--no-proxy-server"]
        )
        context = browser.new_context(record_har_path=str(path))
        page = context.new_page()
        page.goto(str(box.target.web_url))
        page.wait_for_selector("body[data-ready=yes]")
        page.fill("#prompt", QUESTION["prompt"])  # type: ignore[arg-type]
        page.click("#send")
        page.wait_for_selector(".answer[data-done=yes]")
        context.close()
        browser.close()


def main() -> None:
    """Record both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mitmdump")
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    through_mitmproxy(given.mitmdump, given.out / "mitmproxy.har")
    through_playwright(given.out / "playwright.har")


if __name__ == "__main__":
    main()
