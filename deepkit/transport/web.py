"""The browser's part of one question to the web chat: page, assets, session, question.

The seam is in docs/design.md, section "How the web chat is asked".
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from time import perf_counter
from urllib.parse import urljoin, urlsplit

from deepkit.records import Settings, Target
from deepkit.transport.completion import chat_on
from deepkit.transport.exchange import Exchange
from deepkit.transport.failures import FaultError
from deepkit.transport.meter import Meter
from deepkit.transport.request import Client, open_client, plain_reader

SESSION_PATH = "/api/v0/users/current"
QUESTION_PATH = "/api/v0/chat/completion"
ASSETS = 12
"""Most assets that are fetched."""
PAGE_BYTES = 2_000_000
BUSY = re.compile(
    r"server is busy|服务器繁忙|search service is busy|busy\. please try|under maintenance", re.IGNORECASE
)

_UNSEEN = re.compile(
    r"<(script|template|style)\b.*?</\1\s*>|<[^>]*\bhidden\b[^>]*>[^<]*", re.DOTALL | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page.

    Args:
        path: Its path.
        status: HTTP status; None when it was not fetched.
        stale: The browser holds another content than the page declares.
        blocked: The browser's blocker stops it.
        code: It is a script or a style, without which the page does not work.
        failure: One of FAILURES, or None.
    """

    path: str
    status: int | None = None
    stale: bool = False
    blocked: bool = False
    code: bool = True
    failure: str | None = None


@dataclass(slots=True)
class Visit:
    """What one visit to the chat page showed.

    Args:
        exchanges: Every request that was sent.
        assets: The page's files.
        page_status: HTTP status of the page.
        session_status: HTTP status of the session check.
        busy_text: The busy words, where the page or the answer has them.
        cookie_bytes: Size of the cookies that were sent.
        failure: One of FAILURES; None when all went well.
        detail: One short line.
        asked: The question was asked (live, without a session, it is not).
        question: The answer to it.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    page_status: int | None = None
    session_status: int | None = None
    busy_text: str = ""
    cookie_bytes: int = 0
    failure: str | None = None
    detail: str = ""
    asked: bool = False
    question: Exchange | None = None

    def fail(self, failure: str | None, detail: str = "") -> "Visit":
        """Keep the first failure."""
        if self.failure is None and failure is not None:
            self.failure, self.detail = failure, detail
        return self


class _Files(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, bool]] = []  # address, declared hash, whether it is code

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        rel = given.get("rel", "").lower().split()
        declared = given.get("integrity") or given.get("data-hash") or ""
        if tag == "script" and given.get("src"):
            self.found.append((given["src"], declared, True))
        elif tag == "link" and "stylesheet" in rel and given.get("href"):
            self.found.append((given["href"], declared, True))
        elif tag == "img" and given.get("src"):
            self.found.append((given["src"], declared, False))


def is_blocked(url: str, patterns: tuple[str, ...]) -> bool:
    """Tell whether a blocker with these patterns stops an address; `*` stands for anything."""
    for pattern in patterns:
        parts = [re.escape(part) for part in pattern.strip("*").split("*")]
        if parts and re.search(".*".join(parts), url, re.IGNORECASE):
            return True
    return False


def same_hash(declared: str, held: str) -> bool:
    """Compare a declared hash with one that is held: SRI form, hexadecimal, or the beginning of it."""
    one, other = _hex(declared), _hex(held)
    short = min(len(one), len(other))
    return short > 0 and one[:short] == other[:short]


def _hex(text: str) -> str:
    first = text.split()[0] if text.split() else ""
    if first.startswith("sha256-"):
        try:
            return base64.b64decode(first[7:], validate=True).hex()
        except ValueError:
            return first
    return first.lower()


async def visit(
    target: Target,
    settings: Settings,
    meter: Meter,
    *,
    prompt: str,
    max_tokens: int,
    deadline_s: float | None = None,
) -> Visit:
    """Load the chat page as the user's browser would, and ask one question there.

    Args:
        target: Its profile is the browser.
        settings: How.
        meter: Counts every request.
        prompt: The question.
        max_tokens: Most output, for the budget.
        deadline_s: Most time for loading the page, and as much again for the question; the settings' total
            unless given.

    Returns:
        What was seen; the first failure on the way ends it.
    """
    seen = Visit()
    if target.web_url is None:
        return seen.fail("bad_address", "the target has no chat page")
    try:
        async with open_client(target, settings, url=target.web_url) as client:
            browser = _Browser(client, target.web_url, meter, seen, deadline_s)
            await browser.load()
            if await browser.has_session():
                await browser.ask(prompt, max_tokens)
    except FaultError as error:
        seen.fail(error.failure, error.detail)
    return seen


class _Browser:
    """Does what the user's browser does, and raises FaultError where the page could not go on."""

    def __init__(self, client: Client, url: str, meter: Meter, seen: Visit, deadline_s: float | None) -> None:
        self.client, self.url, self.profile = client, url, client.target.profile
        self.meter, self.seen, self.deadline_s = meter, seen, deadline_s
        cookie = "; ".join(f"{name}={value}" for name, value in self.profile.cookies.items())
        self.headers: Mapping[str, str] = {"cookie": cookie} if cookie else {}
        bound = deadline_s if deadline_s is not None else client.settings.timeouts.total
        self.ends = perf_counter() + bound
        seen.cookie_bytes = len(cookie.encode())

    def check_allowed(self, url: str, what: str) -> None:
        if is_blocked(url, self.profile.blocked):
            raise FaultError("blocked_by_client", f"{what} is blocked")

    async def get(self, url: str) -> Exchange:
        exchange = await self.client.request(
            self.meter,
            "GET",
            url,
            plain_reader(self.client, PAGE_BYTES),
            headers=self.headers,
            with_key=False,
            deadline_s=max(
                0.05, self.ends - perf_counter()
            ),  # for the page, its files and the session together
        )
        self.seen.exchanges.append(exchange)
        return exchange

    async def load(self) -> None:
        """Load the page and its files."""
        self.check_allowed(self.url, "the page itself")
        exchange = await self.get(self.url)
        self.seen.page_status = exchange.status
        self.note_busy(exchange)
        if exchange.failure:
            raise FaultError(exchange.failure, exchange.detail)
        if exchange.body_kind != "html":
            raise FaultError(
                "empty_body" if exchange.body_kind == "empty" else "wrong_content", "the page is no HTML"
            )
        files = _Files()
        files.feed(exchange.body.decode("utf-8", "replace"))
        for address, declared, code in files.found[:ASSETS]:
            url = urljoin(self.url, address)
            if urlsplit(url)[:2] == urlsplit(self.url)[:2]:
                asset, why = await self.asset(url, declared, code=code)
                self.seen.assets.append(asset)
                if code:
                    self.seen.fail(asset.failure, why)
        if self.seen.failure is not None:
            raise FaultError(self.seen.failure, self.seen.detail)

    async def asset(self, url: str, declared: str, *, code: bool) -> tuple[Asset, str]:
        """Get one file, from the browser's cache where it is there; return it, and why it failed if it did."""
        path = urlsplit(url).path
        if is_blocked(url, self.profile.blocked):
            blocked = Asset(path, blocked=True, code=code, failure="blocked_by_client")
            return blocked, f"{path} is blocked"
        held = self.profile.cached.get(path)
        if held is not None:
            stale = bool(declared) and not same_hash(declared, held)
            why = f"the browser's copy of {path} is not the page's"
            return Asset(path, stale=stale, code=code, failure="stale_page" if stale else None), why
        exchange = await self.get(url)
        own = hashlib.sha256(exchange.body).hexdigest()
        stale = bool(declared) and exchange.ok and not same_hash(declared, own)
        failure = exchange.failure or ("stale_page" if stale else None)
        why = exchange.detail if exchange.failure else f"{path} is not what the page declares"
        return Asset(path, exchange.status, stale, code=code, failure=failure), why

    async def has_session(self) -> bool:
        """Check the session; False when no question can be asked and that is as it should be."""
        url = urljoin(self.url, SESSION_PATH)
        self.check_allowed(url, "the session check")
        exchange = await self.get(url)
        self.seen.session_status = exchange.status
        stranger = self.client.target.live and not self.profile.cookies
        if not stranger:
            self.note_busy(exchange)
            if exchange.failure:
                raise FaultError(exchange.failure, exchange.detail)
        elif exchange.status is None or exchange.body_kind != "json":
            # A stranger's session is refused by design; that the site answers at all is what counts.
            raise FaultError(exchange.failure or "wrong_content", exchange.detail)
        return not stranger

    async def ask(self, prompt: str, max_tokens: int) -> None:
        """Ask the question."""
        url = urljoin(self.url, QUESTION_PATH)
        self.check_allowed(url, "the question")
        self.seen.asked = True
        exchange = await chat_on(
            self.client,
            self.meter,
            {"prompt": prompt, "model": self.client.model, "max_tokens": max_tokens, "stream": True},
            url=url,
            headers=self.headers,
            with_key=False,
            deadline_s=self.deadline_s,
        )
        self.seen.exchanges.append(exchange)
        self.seen.question = exchange
        self.note_busy(exchange)
        self.seen.fail(exchange.failure, exchange.error_message or exchange.detail)

    def note_busy(self, exchange: Exchange) -> None:
        text = f"{exchange.error_message or ''} {exchange.text} {exchange.body[:PAGE_BYTES].decode('utf-8', 'replace')}"
        found = BUSY.search(_visible(text))
        if found and not self.seen.busy_text:
            self.seen.busy_text = found[0]


def _visible(text: str) -> str:
    """Leave out scripts and hidden templates: a page carries its own busy message in its code."""
    return _UNSEEN.sub(" ", text)
