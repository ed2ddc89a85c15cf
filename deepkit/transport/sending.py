"""One HTTP attempt, from the user's settings to an Exchange."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore
import msgspec

from deepkit.records import Settings, Target
from deepkit.transport.bodies import json_of, kept_headers, note_block_page, note_error, read_body
from deepkit.transport.exchange import Exchange, Ledger
from deepkit.transport.failures import FaultError, detail_of, failure_of, failure_of_status
from deepkit.transport.meter import Meter
from deepkit.transport.resolve import literal
from deepkit.transport.wire import Wire, open_pool

LIMIT_BYTES = 1_000_000
"""Longest body that is read unless told otherwise."""
AGENT = "deepkit/0.1"

Headers = dict[bytes | str, bytes | str]

Read = Callable[[httpcore.Response, Ledger], Awaitable[str | None]]
"""Reads an answer, writes it down, and returns its failure."""


class Line:
    """An open way to one target; requests on it, one at a time, share connections.

    Args:
        target: Whom to ask.
        settings: How.
        base: The address that the pool was opened for.
        wire: The way.
        pool: httpcore's pool over it.
    """

    def __init__(
        self,
        target: Target,
        settings: Settings,
        base: SplitResult,
        wire: Wire,
        pool: httpcore.AsyncConnectionPool,
    ) -> None:
        self.target, self.settings = target, settings
        self._base, self._wire, self._pool = base, wire, pool

    @property
    def secret(self) -> str | None:
        """The key's text, for taking it out of messages."""
        return self.target.key.reveal() if self.target.key else None

    @property
    def model(self) -> str:
        """The model to ask for; "listed" is resolved by `ask`, a single attempt takes the target's."""
        wanted = self.settings.model
        return wanted if wanted and wanted != "listed" else self.target.model

    def url_of(self, path_or_url: str) -> str:
        """Return the full address of a path below the API's base."""
        if "://" in path_or_url:
            return path_or_url
        return self.target.base_url.rstrip("/") + "/" + path_or_url.lstrip("/")

    def _headers(self, url: str, extra: Mapping[str, str] | None, *, with_key: bool) -> Headers:
        headers: Headers = {
            "accept": "*/*",
            "accept-encoding": "identity",
            "user-agent": AGENT,
        }
        headers.update(dict((extra or {}).items()))
        if with_key and self.target.key is not None and may_carry_key(url, self.target.base_url):
            key = self.target.key.reveal().strip()
            if not key.isascii() or not key.isprintable():
                raise FaultError("unknown", "the key holds characters that no header can carry")
            headers["authorization"] = f"Bearer {key}"
        return headers

    async def attempt(
        self,
        meter: Meter,
        method: str,
        path_or_url: str,
        read: Read,
        *,
        payload: Any = None,
        headers: Mapping[str, str] | None = None,
        with_key: bool = True,
        deadline_s: float | None = None,
        tokens: int = 0,
    ) -> Exchange:
        """Send one request and let `read` read the answer.

        Args:
            meter: Counts it, or refuses.
            method: HTTP method.
            path_or_url: Below the API's base, or a full address.
            read: Reads the answer.
            payload: Sent as JSON.
            headers: Beside the usual ones.
            with_key: Send the key, if the address is the API's own.
            deadline_s: Most time for all of it; the settings' total unless given.
            tokens: Most output tokens it can cost.

        Returns:
            The exchange; whatever went wrong is inside it.
        """
        if not await meter.take(tokens):
            return Exchange("budget_spent", "the budget of this run is spent")
        ledger = self._wire.patience.ledger = Ledger()
        limits = self.settings.timeouts
        self._wire.patience.read_s = limits.first_byte
        bound, failure, detail = deadline_s if deadline_s is not None else limits.total, None, ""
        sent: Headers = {}
        try:
            async with asyncio.timeout(bound) as clock:
                ledger.stage = "send"
                url = self.url_of(path_or_url)
                sent = self._headers(url, headers, with_key=with_key)
                failure = await self._exchange(method, url, read, payload, sent)
        except Exception as error:
            failure = failure_of(error, ledger.stage)
            detail = detail_of(error, secret=self.secret)
            ledger.put(end_reason="error")
            if failure in ("closed_early", "read_timeout") and ledger.first_bytes not in (b"", b"HTTP/"):
                failure = "not_http"
            if clock.expired():
                failure, detail = self._overdue(ledger), f"not over after {bound:g} s ({ledger.stage})"
                ledger.put(end_reason="deadline")
        finally:
            self._wire.read_kernel()
        if sent and ledger.stage in ("send", "read"):
            ledger.put(key_sent="authorization" in sent)
        ledger.stamp("end_s")
        return ledger.close(failure, detail)

    def _overdue(self, ledger: Ledger) -> str:
        if ledger.stage in ("dns", "connect", "proxy", "tls"):
            return failure_of(TimeoutError(), ledger.stage)
        return "deadline" if "headers_s" in ledger.fields else "read_timeout"

    async def _exchange(
        self, method: str, url: str, read: Read, payload: Any, headers: Headers
    ) -> str | None:
        ledger, limits = self._wire.ledger, self.settings.timeouts
        content = None
        if payload is not None:
            content = msgspec.json.encode(payload)
            headers = {"content-type": "application/json", **headers}
        bounds = {"connect": limits.connect, "write": limits.idle, "read": None, "pool": limits.connect}
        async with self._pool.stream(
            method, url, headers=headers, content=content, extensions={"timeout": bounds}
        ) as reply:
            ledger.stage = "read"
            ledger.stamp("headers_s", ledger.last_read)
            ledger.put(status=reply.status, headers=kept_headers(reply))
            self._wire.patience.read_s = limits.idle
            return await read(reply, ledger)


def may_carry_key(url: str, base_url: str) -> bool:
    """Tell whether the key may go to an address: the API's own host, and never in the clear over the internet."""
    asked, own = urlsplit(url), urlsplit(base_url)
    if (asked.scheme, asked.hostname, asked.port) != (own.scheme, own.hostname, own.port):
        return False
    if asked.scheme == "https":
        return True
    import ipaddress

    host = literal(asked.hostname or "")
    return asked.hostname == "localhost" or (host is not None and ipaddress.ip_address(host).is_private)


def checked_base(url: str) -> SplitResult:
    """Split an address, or say what is wrong with it.

    Raises:
        FaultError: bad_address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FaultError("bad_address", f"the address cannot be read: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise FaultError("bad_address", "the address is no http:// or https:// address with a host")
    return parts


@asynccontextmanager
async def open_line(target: Target, settings: Settings, *, url: str | None = None) -> AsyncIterator[Line]:
    """Open a line to a target; nothing is sent yet, and at the end every socket is closed.

    Args:
        target: Whom to ask; `settings.assume` is applied to it here.
        settings: How.
        url: The address to speak to; the API's base unless given.

    Yields:
        The line.

    Raises:
        FaultError: bad_address.
    """
    actual = target.under(settings)
    base = checked_base(url or actual.base_url)
    wire = Wire(actual, settings)
    async with open_pool(wire, tls=base.scheme == "https") as pool:
        yield Line(actual, settings, base, wire, pool)


def plain_reader(line: Line, limit_bytes: int) -> Read:
    """Return a reader of ordinary answers: status, body, error message, block page."""

    async def read(reply: httpcore.Response, ledger: Ledger) -> str | None:
        body = await read_body(reply, ledger, limit_bytes)
        ledger.put(end_reason="close")
        failure = failure_of_status(reply.status)
        if note_block_page(ledger):
            return "block_page"
        if failure:
            note_error(ledger, json_of(body), secret=line.secret)
        return failure

    return read


async def send(
    target: Target,
    settings: Settings,
    meter: Meter,
    method: str,
    path_or_url: str,
    *,
    json: Any = None,
    headers: Mapping[str, str] | None = None,
    with_key: bool = True,
    deadline_s: float | None = None,
    limit_bytes: int = LIMIT_BYTES,
) -> Exchange:
    """Send one request over a connection of its own.

    Args:
        target: Whom to ask.
        settings: How: route, resolver, family, trust, timeouts.
        meter: Counts it, or refuses with "budget_spent".
        method: HTTP method.
        path_or_url: Below the API's base, or a full address.
        json: Sent as the body.
        headers: Beside the usual ones.
        with_key: Send the key, if the address is the API's own.
        deadline_s: Most time for all of it; the settings' total unless given.
        limit_bytes: Longest body that is read.

    Returns:
        The exchange; the network's failures are values inside it. Redirects are not followed.
    """
    url = path_or_url if "://" in path_or_url else None
    try:
        async with open_line(target, settings, url=url) as line:
            return await line.attempt(
                meter,
                method,
                path_or_url,
                plain_reader(line, limit_bytes),
                payload=json,
                headers=headers,
                with_key=with_key,
                deadline_s=deadline_s,
            )
    except FaultError as error:
        return Exchange(error.failure, error.detail)


def joined(base: str, path: str) -> str:
    """Return an address relative to a page."""
    return urljoin(base, path)
