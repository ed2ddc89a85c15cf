"""Record HAR files of the sandbox's chat page with a real Chromium: `python tools/record_har.py`.

The browser is driven over its debugging protocol and the recording written in the words of
Chrome's own exporter (`_error`, `_fromCache`). Blocked requests are blocked by a real extension,
stale files come out of the browser's real cache. Needs the extra "dev" and a Chromium.
"""

import argparse
import contextlib
import http.server
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, sync_playwright

from deepkit.records import Profile
from deepkit.sandbox import open_sandbox
from deepkit.sandbox.web import assets, index

CHROMIUM = "/usr/bin/chromium"
FOLDER = Path(__file__).parent.parent / "data" / "har"
SCENARIOS = ("healthy", "blocked_by_extension", "stale_page")
MOST_TEXT = 4000
"""Longest body that is kept, in characters; scripts and styles are left out altogether."""
ICON, QUESTION = "/favicon.ico", "/api/v0/chat/completion"
SETTLES_S = 30.0
KEPT_HEADERS = frozenset(
    (
        "cache-control",
        "content-length",
        "content-type",
        "cookie",
        "date",
        "eo-cache-status",
        "eo-log-uuid",
        "server",
        "x-ds-trace-id",
    )
)


class Recorder:
    """Collects one page's exchanges from the debugging protocol.

    Args:
        page: The page; recording starts at once.
    """

    def __init__(self, page: Page) -> None:
        self.entries: dict[str, dict[str, Any]] = {}
        self._cdp = page.context.new_cdp_session(page)
        self._cdp.send("Network.enable")
        for name in ("requestWillBeSent", "requestWillBeSentExtraInfo", "responseReceived",
                     "requestServedFromCache", "loadingFinished", "loadingFailed"):  # fmt: skip
            self._cdp.on(f"Network.{name}", getattr(self, f"_{name}"))

    def _entry(self, event: dict[str, Any]) -> dict[str, Any]:
        return self.entries.setdefault(
            event["requestId"], {"headers": {}, "sent": {}, "status": 0, "end": None}
        )

    def _requestWillBeSent(self, event: dict[str, Any]) -> None:  # noqa: N802 (the protocol's name)
        one = self._entry(event)
        one |= {"request": event["request"], "at": event["wallTime"], "start": event["timestamp"]}
        one["kind"] = event.get("type", "Other").lower()

    def _requestWillBeSentExtraInfo(self, event: dict[str, Any]) -> None:  # noqa: N802
        self._entry(event)["sent"] = event["headers"]

    def _responseReceived(self, event: dict[str, Any]) -> None:  # noqa: N802
        one, response = self._entry(event), event["response"]
        one |= {"status": response["status"], "headers": response["headers"], "mime": response["mimeType"]}
        one["first"] = event["timestamp"]
        if response.get("fromDiskCache"):
            one["cached"] = "disk"

    def _requestServedFromCache(self, event: dict[str, Any]) -> None:  # noqa: N802
        self._entry(event)["cached"] = "memory"

    def _loadingFinished(self, event: dict[str, Any]) -> None:  # noqa: N802
        self._entry(event)["end"] = event["timestamp"]

    def _loadingFailed(self, event: dict[str, Any]) -> None:  # noqa: N802
        one = self._entry(event)
        one |= {"end": event["timestamp"], "error": event["errorText"]}

    def settled(self) -> bool:
        """Whether the question, the page's last request, was seen and every request has come to its end."""
        asked = any(QUESTION in one["request"]["url"] for one in self.entries.values() if "request" in one)
        return asked and all(one["end"] is not None for one in self.entries.values())

    def open(self) -> set[str]:
        """Return the addresses of the requests that have not ended."""
        waiting = [one for one in self.entries.values() if one["end"] is None]
        return {one["request"]["url"] for one in waiting if "request" in one}

    def har(self, page: Page) -> dict[str, Any]:
        """Return the recording."""
        version = page.context.browser.version if page.context.browser else self._version()
        rows = [self._row(key, one) for key, one in self.entries.items() if "request" in one]
        return {
            "log": {
                "version": "1.2",
                "creator": {"name": "DeepKit record_har", "version": "1"},
                "browser": {"name": "Chromium", "version": version},
                "comment": "Recorded from DeepKit's own sandbox, not from DeepSeek.",
                "pages": [],
                "entries": sorted(rows, key=lambda row: str(row["startedDateTime"])),
            }
        }

    def _version(self) -> str:
        return str(self._cdp.send("Browser.getVersion")["product"]).rpartition("/")[2]

    def _row(self, key: str, one: dict[str, Any]) -> dict[str, Any]:
        request, start = one["request"], one["start"]
        end = one["end"] or start
        wait = max(0.0, one.get("first", end) - start)
        response: dict[str, Any] = {
            "status": one["status"],
            "statusText": "",
            "httpVersion": "http/1.1" if one["status"] else "",
            "headers": _headers(one["headers"]),
            "cookies": [],
            "content": self._content(key, one),
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        }
        if one.get("error"):
            response["_error"] = one["error"]
        row: dict[str, Any] = {
            "_resourceType": one["kind"],
            "startedDateTime": _iso(one["at"]),
            "time": round(1000 * (end - start), 3),
            "request": {
                "method": request["method"],
                "url": request["url"],
                "httpVersion": "http/1.1",
                "headers": _headers(one["sent"]),
                "queryString": [],
                "cookies": [],
                "headersSize": -1,
                "bodySize": len(request.get("postData", "")),
            },
            "response": response,
            "cache": {},
            "timings": {
                "send": 0,
                "wait": round(1000 * wait, 3),
                "receive": round(1000 * (end - start - wait), 3),
            },
        }
        if one.get("cached"):
            row["_fromCache"] = one["cached"]
        return row

    def _content(self, key: str, one: dict[str, Any]) -> dict[str, Any]:
        content = {"size": int(one["headers"].get("content-length", 0) or 0), "mimeType": one.get("mime", "")}
        if one["status"] and one["kind"] in ("document", "xhr", "fetch"):
            try:
                told = self._cdp.send("Network.getResponseBody", {"requestId": key})
            except Exception:  # the browser keeps no body of some requests
                return content
            content |= {"size": len(told["body"]), "text": told["body"][:MOST_TEXT]}
        return content


def _headers(headers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items() if name.lower() in KEPT_HEADERS]


def _iso(at: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_blocker(folder: Path, patterns: tuple[str, ...]) -> Path:
    """Write a small extension that blocks address patterns; return its folder."""
    folder.mkdir()
    manifest = {
        "manifest_version": 3,
        "name": "Small blocker",
        "version": "1.0",
        "permissions": ["declarativeNetRequest"],
        "host_permissions": ["<all_urls>"],
        "declarative_net_request": {"rule_resources": [{"id": "list", "enabled": True, "path": "list.json"}]},
    }
    rules = [
        {
            "id": number,
            "priority": 1,
            "action": {"type": "block"},
            "condition": {"urlFilter": pattern.strip("*")},
        }
        for number, pattern in enumerate(patterns, 1)
    ]
    folder.joinpath("manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    folder.joinpath("list.json").write_text(json.dumps(rules), encoding="utf-8")
    return folder


@contextmanager
def browser(folder: Path, extension: Path | None = None) -> Iterator[BrowserContext]:
    """Open a Chromium with a profile of its own."""
    switches = ["--no-first-run", "--disable-background-networking", "--no-proxy-server"]
    if extension is not None:
        switches += [f"--disable-extensions-except={extension}", f"--load-extension={extension}"]
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(folder),
            executable_path=CHROMIUM,
            headless=True,
            args=[*switches, "--headless=new"],
            ignore_default_args=["--disable-extensions"],
            chromium_sandbox=False,
        )
        try:
            yield context
        finally:
            context.close()


class _OldRelease(http.server.BaseHTTPRequestHandler):
    """The release of another day: everything may be kept for a year, but for one file that never is."""

    script = "/static/app.0d1fa3c2.js"
    vendor = "/static/vendor.77b0c4e9.js"

    def do_GET(self) -> None:
        """Serve the old page and its files."""
        current = next(path for path in assets() if path.startswith("/static/app."))
        files = {self.script: assets()[current], self.vendor: b"// vendor\n", **assets()}
        body = files.get(self.path, b"")
        if self.path == "/":
            body = old_page(self.script, self.vendor)
        self.send_response(200 if body else 404)
        kind = "text/html" if self.path == "/" else "text/css" if ".css" in self.path else "text/javascript"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        kept = bool(body) and self.path != self.vendor
        self.send_header("Cache-Control", "public, max-age=31536000, immutable" if kept else "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Say nothing."""


def old_page(script: str, vendor: str) -> bytes:
    """Return the page as the old release had it: no declared hashes, two files of its own."""
    lines = []
    for line in index().decode().splitlines():
        if "/static/app." in line:
            lines += [f'<script src="{vendor}"></script>', f'<script src="{script}"></script>']
        else:
            lines.append(line)
    return "\n".join(lines).encode()


def prime(context: BrowserContext, port: int) -> None:
    """Fill the browser's cache from the old release, served on the port that the sandbox will have."""
    http.server.ThreadingHTTPServer.allow_reuse_address = True
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _OldRelease)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_selector("body[data-ready=yes]")
        page.close()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def give_cookies(context: BrowserContext, profile: Profile, url: str) -> None:
    """Put the scenario's cookies into the browser."""
    host = urlsplit(url).hostname or ""
    jar = [{"name": n, "value": v, "domain": host, "path": "/"} for n, v in profile.cookies.items()]
    if jar:
        context.add_cookies(jar)  # type: ignore[arg-type]


def await_blocker(context: BrowserContext, url: str, patterns: tuple[str, ...]) -> None:
    """Wait until the extension blocks: the browser reads its list while the first pages already load."""
    page = context.new_page()
    page.goto(f"{url}{ICON}")  # of the same site, but not the page that asks for what is blocked
    for pattern in patterns:
        address = f"{url}/{pattern.strip('*/')}"
        page.wait_for_function(
            "address => fetch(address, {method: 'HEAD'}).then(() => false, () => true)",
            arg=address,
            polling=50,
        )
    page.close()


def visit(context: BrowserContext, url: str) -> dict[str, Any]:
    """Ask one question on the chat page; return the recording."""
    page = context.new_page()
    recorder = Recorder(page)
    page.goto(url)
    page.wait_for_selector("body[data-ready=yes]")
    page.fill("#prompt", "Why is the sky blue?")
    page.click("#send")
    page.wait_for_selector(".answer[data-done=yes]")
    ends = time.monotonic() + SETTLES_S
    while not recorder.settled():  # the protocol's events lag behind the page
        if time.monotonic() > ends:
            message = f"requests without an end after {SETTLES_S:.0f} s: {sorted(recorder.open())}"
            raise TimeoutError(message)
        page.wait_for_timeout(20)
    found = recorder.har(page)
    print(f"  page says: {page.inner_text('.answer')!r} {page.inner_text('#trouble')!r}")
    page.close()
    return found


def free_port() -> int:
    """Return a port that stays free: below those that systems hand out by themselves."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    message = "no port is free below the system's own range"
    raise OSError(message)


def record(scenario: str, folder: Path) -> dict[str, Any]:
    """Record one scenario; `folder` is for the browser's profile and extension."""
    port = free_port()
    with open_sandbox(scenario) as box:
        profile = box.target.profile
    extension = write_blocker(folder / "blocker", profile.blocked) if profile.blocked else None
    with browser(folder / "profile", extension) as context:
        if scenario == "stale_page":
            prime(context, port)
        with open_sandbox(scenario, port=port) as box:
            assert box.target.web_url is not None
            give_cookies(context, profile, box.target.web_url)
            await_blocker(context, box.target.web_url, profile.blocked)
            return visit(context, box.target.web_url)


def main() -> None:
    """Record what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=SCENARIOS)
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args()
    for scenario in given.scenarios:
        with TemporaryDirectory() as folder:
            found = record(scenario, Path(folder))
        path = given.out / f"{scenario}.har"
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{path.name}: {len(found['log']['entries'])} entries, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
