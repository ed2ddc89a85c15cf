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

from deepkit.records import Profile, Settings, Target
from deepkit.transport.chat import chat_on
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
            browser = _Browser(client, target.web_url, target.profile, meter, seen, deadline_s)
            if await browser.page() and await browser.session(live=target.live):
                await browser.ask(prompt, max_tokens)
    except FaultError as error:
        seen.fail(error.failure, error.detail)
    return seen


class _Browser:
    def __init__(
        self, client: Client, url: str, profile: Profile, meter: Meter, seen: Visit, deadline_s: float | None
    ) -> None:
        self.client, self.url, self.profile = client, url, profile
        self.meter, self.seen, self.deadline_s = meter, seen, deadline_s
        cookie = "; ".join(f"{name}={value}" for name, value in profile.cookies.items())
        self.headers: Mapping[str, str] = {"cookie": cookie} if cookie else {}
        bound = deadline_s if deadline_s is not None else client.settings.timeouts.total
        self.ends = perf_counter() + bound
        seen.cookie_bytes = len(cookie.encode())

    def left_s(self) -> float:
        """What the page, its files and the session check may still take together."""
        return max(0.05, self.ends - perf_counter())

    async def get(self, url: str) -> Exchange:
        told = await self.client.request(
            self.meter,
            "GET",
            url,
            plain_reader(self.client, PAGE_BYTES),
            headers=self.headers,
            with_key=False,
            deadline_s=self.left_s(),
        )
        self.seen.exchanges.append(told)
        return told

    def stopped(self, url: str) -> bool:
        return is_blocked(url, self.profile.blocked)

    async def page(self) -> bool:
        """Load the page and its files; False when it cannot work."""
        if self.stopped(self.url):
            self.seen.fail("blocked_by_client", "the page itself is blocked")
            return False
        told = await self.get(self.url)
        self.seen.page_status = told.status
        text = told.body.decode("utf-8", "replace")
        self.note_busy(told)
        if told.failure:
            self.seen.fail(told.failure, told.detail)
            return False
        if told.body_kind != "html":
            self.seen.fail(
                "wrong_content" if told.body_kind != "empty" else "empty_body", "the page is no HTML"
            )
            return False
        files = _Files()
        files.feed(text)
        own = urlsplit(self.url)
        for address, declared, code in files.found[:ASSETS]:
            url = urljoin(self.url, address)
            if urlsplit(url)[:2] == own[:2]:
                await self.asset(url, declared, code=code)
        return self.seen.failure is None

    async def asset(self, url: str, declared: str, *, code: bool) -> None:
        path = urlsplit(url).path
        if self.stopped(url):
            self.seen.assets.append(Asset(path, blocked=True, code=code, failure="blocked_by_client"))
            if code:
                self.seen.fail("blocked_by_client", f"{path} is blocked")
            return
        held = self.profile.cached.get(path)
        if held is not None:
            stale = bool(declared) and not same_hash(declared, held)
            self.seen.assets.append(
                Asset(path, stale=stale, code=code, failure="stale_page" if stale else None)
            )
            if stale and code:
                self.seen.fail("stale_page", f"the browser's copy of {path} is not the page's")
            return
        told = await self.get(url)
        stale = bool(declared) and told.ok and not same_hash(declared, hashlib.sha256(told.body).hexdigest())
        self.seen.assets.append(Asset(path, told.status, stale, code=code, failure=told.failure))
        if told.failure and code:
            self.seen.fail(told.failure, told.detail)
        elif stale and code:
            self.seen.fail("stale_page", f"{path} is not what the page declares")

    async def session(self, *, live: bool) -> bool:
        """Check the session; False when no question can be asked."""
        url = urljoin(self.url, SESSION_PATH)
        if self.stopped(url):
            self.seen.fail("blocked_by_client", "the session check is blocked")
            return False
        told = await self.get(url)
        self.seen.session_status = told.status
        if live and not self.profile.cookies:
            # A stranger's session is refused by design; that the site answers at all is what counts.
            answered = told.status is not None and told.body_kind == "json"
            self.seen.fail(None if answered else told.failure or "wrong_content", told.detail)
            return False
        self.note_busy(told)
        self.seen.fail(told.failure, told.detail)
        return told.failure is None

    async def ask(self, prompt: str, max_tokens: int) -> None:
        """Ask the question."""
        url = urljoin(self.url, QUESTION_PATH)
        if self.stopped(url):
            self.seen.fail("blocked_by_client", "the question is blocked")
            return
        self.seen.asked = True
        body = {"prompt": prompt, "model": self.client.model, "max_tokens": max_tokens, "stream": True}
        told = await chat_on(
            self.client,
            self.meter,
            (),
            max_tokens=max_tokens,
            deadline_s=self.deadline_s,
            url=url,
            payload=body,
            headers=self.headers,
            with_key=False,
        )
        self.seen.exchanges.append(told)
        self.seen.question = told
        self.note_busy(told)
        self.seen.fail(told.failure, told.error_message or told.detail)

    def note_busy(self, told: Exchange) -> None:
        text = f"{told.error_message or ''} {told.text} {told.body[:PAGE_BYTES].decode('utf-8', 'replace')}"
        found = BUSY.search(_visible(text))
        if found and not self.seen.busy_text:
            self.seen.busy_text = found[0]


def _visible(text: str) -> str:
    """Leave out scripts and hidden templates: a page carries its own busy message in its code."""
    return _UNSEEN.sub(" ", text)
