"""The way to one target: resolver, raced connects, proxy and TLS, seen stage by stage.

Built on httpcore's public network backend (docs: network backends): httpcore does HTTP, this
does everything below it, because httpcore and httpx fold name resolution, the race and the
proxy into one step that cannot be told apart.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import httpcore
from anyio.lowlevel import checkpoint

from deepkit.errors import UnknownNameError
from deepkit.records import Route, Settings, Target
from deepkit.transport.connect import of_family, race
from deepkit.transport.exchange import Ledger, TlsFacts
from deepkit.transport.failures import FaultError
from deepkit.transport.kernel import kernel_of
from deepkit.transport.resolve import addresses_for, system_addresses
from deepkit.transport.socks import socks5_connect
from deepkit.transport.stream import Patience, SocketStream, TlsWatcher
from deepkit.transport.trust import context_for

KEPT_S = 60.0
"""How long an idle connection of one line is kept, in seconds."""


class Wire(httpcore.AsyncNetworkBackend, TlsWatcher):
    """Connects the way the settings say and writes down each stage.

    Args:
        target: Gives resolvers and routes.
        settings: Gives route, resolver, family and timeouts.
    """

    def __init__(self, target: Target, settings: Settings) -> None:
        self.target, self.settings = target, settings
        self.proxy = proxy_of(target, settings.route)
        self.patience = Patience(Ledger(), settings.timeouts.first_byte)
        self.tunnel = False  # whether the proxy has to open one, or is spoken to in absolute form
        self._sockets: list[socket.socket] = []

    @property
    def ledger(self) -> Ledger:
        """Where the running attempt is written down."""
        return self.patience.ledger

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, race, and open the SOCKS tunnel where there is one."""
        bound = timeout or self.settings.timeouts.connect
        if self.proxy and self.proxy.scheme == "socks5":
            stream = await self._connect(self.proxy.hostname or "", self.proxy.port or 1080, bound)
            async with asyncio.timeout(bound):
                await socks5_connect(stream, host, port, login_of(self.proxy))
            self.ledger.stamp("proxy_s")
            self.ledger.stage = "send"
            return stream
        return await self._connect(host, port, bound)

    async def _connect(self, host: str, port: int, bound: float) -> SocketStream:
        ledger, via_proxy = self.ledger, self.proxy is not None
        ledger.stage = "proxy" if via_proxy else "dns"
        ledger.begin()
        if via_proxy:  # the proxy is the user's own; its name is looked up as their machine does
            answer = await system_addresses(host, self.target, timeout_s=bound)
        else:
            answer = await addresses_for(host, self.target, self.settings, timeout_s=bound)
        if answer.failure:
            raise FaultError("proxy_error" if via_proxy else answer.failure, answer.detail)
        ledger.stamp("dns_s")
        ledger.stage = "proxy" if via_proxy else "connect"
        family = "any" if via_proxy else self.settings.family
        sock, address = await race(
            of_family(answer.addresses, family),
            port,
            timeout_s=bound,
            seen=ledger.connects,
            on_stand=lambda at: ledger.stamp("connect_s", at),
        )
        self._sockets.append(sock)
        ledger.put(address=address)
        ledger.stage = "proxy" if self.tunnel else "send"
        return SocketStream(sock, self.patience, self)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: no target is on a Unix socket."""
        raise FaultError("bad_address", f"{path}, {timeout}, {socket_options}: not a network address")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def tls_begins(self, host: str) -> None:
        """Note the stage: the tunnel stands, unless it is the proxy itself that speaks TLS."""
        if self.proxy and host == self.proxy.hostname and self.proxy.scheme == "https":
            return
        if self.proxy and self.proxy.scheme != "socks5":
            self.ledger.stamp("proxy_s")
        self.ledger.stage = "tls"

    def tls_stands(self, talk: ssl.SSLObject) -> None:
        """Note what the handshake says."""
        if self.ledger.stage != "tls":
            return
        self.ledger.stamp("tls_s")
        self.ledger.put(tls=tls_facts(talk))
        self.ledger.stage = "send"

    def closes(self, sock: socket.socket) -> None:
        """Ask the kernel about a connection while it can still tell."""
        if sock.fileno() >= 0:
            self.ledger.put(kernel=kernel_of(sock))

    def read_kernel(self) -> None:
        """Write down what the kernel says of the newest connection."""
        if self._sockets:
            self.closes(self._sockets[-1])

    def close(self) -> None:
        """Close every socket there is."""
        for sock in self._sockets:
            sock.close()


def proxy_of(target: Target, route: str) -> SplitResult | None:
    """Return the proxy of a named route; None is the direct way.

    Raises:
        UnknownNameError: When the target has no such route.
    """
    named: dict[str, Route] = {one.name: one for one in target.routes}
    if route == "direct" and "direct" not in named:
        return None
    if route not in named:
        raise UnknownNameError("route", route, ["direct", *named])
    return urlsplit(proxy) if (proxy := named[route].proxy) else None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def login_of(proxy: SplitResult) -> tuple[str, str] | None:
    """Return the user name and password of a proxy's address, decoded."""
    return (unquote(proxy.username), unquote(proxy.password or "")) if proxy.username else None


def tls_facts(talk: ssl.SSLObject) -> TlsFacts:
    """Read what a finished, verified handshake says."""
    certificate: Any = talk.getpeercert() or {}
    issuer, subject = _name(certificate.get("issuer")), _name(certificate.get("subject"))
    ends = certificate.get("notAfter")
    return TlsFacts(
        issuer,
        subject,
        talk.selected_alpn_protocol(),
        talk.version(),
        certificate.get("issuer") == certificate.get("subject") if certificate else None,
        float(ssl.cert_time_to_seconds(ends)) if ends else None,
    )


def _name(parts: Any) -> str:
    fields = dict(pair for group in parts or () for pair in group)
    return str(fields.get("organizationName") or fields.get("commonName") or "")


@asynccontextmanager
async def open_pool(wire: Wire, *, tls: bool) -> AsyncIterator[httpcore.AsyncConnectionPool]:
    """Open httpcore's pool over a wire; every socket is closed at the end, whatever happened.

    Args:
        wire: The way.
        tls: Whether the origin speaks TLS; only then are roots loaded.

    Yields:
        The pool.
    """
    await checkpoint()  # loads anyio's backend, which would otherwise be timed as name resolution
    context = context_for(wire.target, wire.settings) if tls else None
    proxy = wire.proxy
    wire.tunnel = proxy is not None and (tls or proxy.scheme == "socks5")
    pool: httpcore.AsyncConnectionPool
    if proxy is None or proxy.scheme == "socks5":
        pool = httpcore.AsyncConnectionPool(
            ssl_context=context, max_connections=2, keepalive_expiry=KEPT_S, network_backend=wire
        )
    else:
        port = proxy.port or (443 if proxy.scheme == "https" else 80)
        pool = httpcore.AsyncHTTPProxy(
            f"{proxy.scheme}://{_bracketed(proxy.hostname or '')}:{port}",
            proxy_auth=login_of(proxy),
            ssl_context=context,
            proxy_ssl_context=context_for(wire.target, wire.settings) if proxy.scheme == "https" else None,
            max_connections=2,
            keepalive_expiry=KEPT_S,
            network_backend=wire,
        )
    try:
        yield pool
    finally:
        with contextlib.suppress(
            Exception
        ):  # a pool in the middle of a failure may complain; the sockets count
            await pool.aclose()
        wire.close()
