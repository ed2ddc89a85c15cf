"""One HTTP request, from the user's settings to an Exchange."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypedDict, Unpack
from urllib.parse import SplitResult, urlsplit

import httpcore
import msgspec

from deepkit.records import Settings, Target
from deepkit.transport.backend import Backend, open_pool
from deepkit.transport.bodies import json_of, kept_headers, note_block_page, note_error, read_body
from deepkit.transport.exchange import Exchange, Ledger
from deepkit.transport.failures import FaultError, detail_of, failure_of, failure_of_status
from deepkit.transport.key_travel import is_own_server, withheld
from deepkit.transport.meter import Meter

LIMIT_BYTES = 1_000_000
"""Longest body that is read unless told otherwise."""
AGENT = "deepkit/0.1"

Headers = dict[bytes | str, bytes | str]
Read = Callable[[httpcore.Response, Ledger], Awaitable[str | None]]
"""Reads an answer, writes it down, and returns its failure."""


class Options(TypedDict, total=False):
    """What may be said of any request.

    Args:
        headers: Beside the usual ones.
        with_key: Send the key, if the address is the API's own; it is sent unless this is False.
        deadline_s: Most time for all of it; the settings' total unless given.
    """

    headers: Mapping[str, str] | None
    with_key: bool
    deadline_s: float | None


class Client:
    """Sends requests to one target, one at a time, over shared connections.

    Args:
        target: Whom to ask.
        settings: How.
        backend: Makes the connections.
        pool: httpcore's pool over it.
    """

    def __init__(
        self, target: Target, settings: Settings, backend: Backend, pool: httpcore.AsyncConnectionPool
    ) -> None:
        self.target, self.settings = target, settings
        self._backend, self._pool = backend, pool

    @property
    def secret(self) -> str | None:
        """The key's text, for taking it out of messages."""
        return self.target.key.reveal() if self.target.key else None

    @property
    def model(self) -> str:
        """The model to ask for; "listed" is resolved by `ask`, a single request takes the target's."""
        wanted = self.settings.model
        return wanted if wanted and wanted != "listed" else self.target.model

    async def request(
        self,
        meter: Meter,
        method: str,
        path_or_url: str,
        read: Read,
        *,
        json: Any = None,
        tokens: int = 0,
        **options: Unpack[Options],
    ) -> Exchange:
        """Send one request and let `read` read the answer; redirects are not followed.

        Args:
            meter: Counts it, or refuses with "budget_spent".
            method: HTTP method.
            path_or_url: Below the API's base, or a full address.
            read: Reads the answer.
            json: Sent as the body.
            tokens: Most output tokens it can cost.
            options: See `Options`.

        Returns:
            The exchange; whatever went wrong is inside it.
        """
        if not await meter.take(tokens):
            return Exchange("budget_spent", "the budget of this run is spent")
        limits, given_s = self.settings.timeouts, options.get("deadline_s")
        bound = limits.total if given_s is None else given_s
        ledger = self._backend.begin()
        exchange, failure, detail = ledger.exchange, None, ""
        sent: Headers = {}
        timeouts = {"connect": limits.connect, "write": limits.idle, "read": None, "pool": limits.connect}
        try:
            async with asyncio.timeout(bound) as clock:
                url = self._url(path_or_url)
                sent = self._headers(url, options, has_body=json is not None)
                async with self._pool.stream(
                    method,
                    url,
                    headers=sent,
                    content=None if json is None else msgspec.json.encode(json),
                    extensions={"timeout": timeouts},
                ) as reply:
                    self._backend.headers_came()
                    exchange.status, exchange.headers = reply.status, kept_headers(reply)
                    failure = await read(reply, ledger)
        except Exception as error:
            exchange.end_reason = "deadline" if clock.expired() else "error"
            if clock.expired():
                failure, detail = _overdue(ledger), f"not over after {bound:g} s ({ledger.stage})"
            else:
                failure, detail = _failed(error, ledger), detail_of(error, secret=self.secret)
        finally:
            self._backend.read_tcp_info()
        if sent and ledger.stage in ("send", "read"):
            exchange.key_sent = "authorization" in sent
        return ledger.close(failure, detail)

    def _url(self, path_or_url: str) -> str:
        if "://" in path_or_url:
            return path_or_url
        return self.target.base_url.rstrip("/") + "/" + path_or_url.lstrip("/")

    def _headers(self, url: str, options: Options, *, has_body: bool) -> Headers:
        headers: Headers = {"content-type": "application/json"} if has_body else {}
        headers |= {"accept": "*/*", "accept-encoding": "identity", "user-agent": AGENT}
        headers |= dict((options.get("headers") or {}).items())
        with_key = options.get("with_key", True)
        if with_key and self._may_carry_key(url):
            key = (self.secret or "").strip()
            if not key.isascii() or not key.isprintable():
                raise FaultError("unknown", "the key holds characters that no header can carry")
            headers["authorization"] = f"Bearer {key}"
        return headers

    def _may_carry_key(self, url: str) -> bool:
        known = self.target.key is not None and is_own_server(url, self.target)
        return known and not withheld(self.target, self._backend.proxy)


def _failed(error: Exception, ledger: Ledger) -> str:
    failure = failure_of(error, ledger.stage)
    spoke_http = ledger.first_bytes in (b"", b"HTTP/")
    return "not_http" if failure in ("closed_early", "read_timeout") and not spoke_http else failure


def _overdue(ledger: Ledger) -> str:
    if ledger.stage in ("dns", "connect", "proxy", "tls"):
        return failure_of(TimeoutError(), ledger.stage)
    return "read_timeout" if ledger.exchange.headers_s is None else "deadline"


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
async def open_client(target: Target, settings: Settings, *, url: str | None = None) -> AsyncIterator[Client]:
    """Open a client for a target; nothing is sent yet, and at the end every socket is closed.

    Args:
        target: Whom to ask.
        settings: How.
        url: The address to speak to; the API's base unless given.

    Yields:
        The client.

    Raises:
        FaultError: bad_address.
    """
    base = checked_base(url or target.base_url)
    backend = Backend(target, settings)
    async with open_pool(backend, tls=base.scheme == "https") as pool:
        yield Client(target, settings, backend, pool)


def plain_reader(client: Client, limit_bytes: int) -> Read:
    """Return a reader of ordinary answers: status, body, error message, block page."""

    async def read(reply: httpcore.Response, ledger: Ledger) -> str | None:
        body = await read_body(reply, ledger, limit_bytes)
        ledger.exchange.end_reason = "close"
        failure = failure_of_status(reply.status)
        if note_block_page(ledger.exchange):
            return "block_page"
        if failure:
            note_error(ledger.exchange, json_of(body), secret=client.secret)
        return failure

    return read


async def send(
    target: Target,
    settings: Settings,
    meter: Meter,
    method: str,
    path_or_url: str,
    *,
    limit_bytes: int = LIMIT_BYTES,
    **options: Unpack[Options],
) -> Exchange:
    """Send one request without a body over a connection of its own.

    Args:
        target: Whom to ask.
        settings: How: route, resolver, family, trust, timeouts.
        meter: Counts it, or refuses with "budget_spent".
        method: HTTP method.
        path_or_url: Below the API's base, or a full address.
        limit_bytes: Longest body that is read.
        options: See `Options`.

    Returns:
        The exchange; the network's failures are values inside it.
    """
    url = path_or_url if "://" in path_or_url else None
    try:
        async with open_client(target, settings, url=url) as client:
            return await client.request(
                meter, method, path_or_url, plain_reader(client, limit_bytes), **options
            )
    except FaultError as error:
        return Exchange(error.failure, error.detail)
