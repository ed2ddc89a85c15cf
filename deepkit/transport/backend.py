"""Everything below HTTP: resolver, raced connects, proxy and TLS, seen stage by stage.

Built on httpcore's public network backend (docs: network backends): httpcore does HTTP, this
does the rest, because httpcore and httpx fold name resolution, the race and the proxy into one
step that cannot be told apart.
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
from deepkit.records import Settings, Target
from deepkit.transport.connect import of_family, race
from deepkit.transport.exchange import Ledger, TlsFacts
from deepkit.transport.failures import FaultError
from deepkit.transport.key_travel import is_private
from deepkit.transport.resolve import addresses_for, system_addresses
from deepkit.transport.socks import socks5_connect
from deepkit.transport.stream import Observer, SocketStream
from deepkit.transport.tcp_info import tcp_info
from deepkit.transport.trust import context_for

KEPT_S = 60.0
"""How long an idle connection of one client is kept, in seconds."""


class Backend(httpcore.AsyncNetworkBackend, Observer):
    """Connects the way the settings say and writes down each stage.

    Args:
        target: Gives resolvers and routes.
        settings: Gives route, resolver, family and timeouts.
    """

    def __init__(self, target: Target, settings: Settings) -> None:
        super().__init__(settings.timeouts.first_byte)
        self.target, self.settings = target, settings
        self.proxy = proxy_of(target, settings.route)
        self.tunnel = False  # whether the proxy has to open one, or gets requests in absolute form
        self._sockets: list[socket.socket] = []

    def begin(self) -> Ledger:
        """Begin a request: from now on it is written into the ledger returned."""
        self.ledger, self.read_s = Ledger(), self.settings.timeouts.first_byte
        self.ledger.stage = "send"
        return self.ledger

    def headers_came(self) -> None:
        """Note that an answer has begun."""
        self.ledger.stage, self.read_s = "read", self.settings.timeouts.idle
        self.ledger.stamp("headers_s", self.ledger.last_read)

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
        if self.target.private and not via_proxy:
            _stay_private(host, answer.addresses)
        addresses = of_family(answer.addresses, "any" if via_proxy else self.settings.family)
        sock, address, stood = await race(addresses, port, timeout_s=bound, seen=ledger.exchange.connects)
        self._sockets.append(sock)
        ledger.stamp("connect_s", stood)
        ledger.exchange.address = address
        ledger.stage = "proxy" if self.tunnel else "send"
        return SocketStream(sock, self)

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
        self.ledger.exchange.tls = tls_facts(talk)
        self.ledger.stage = "send"

    def closes(self, sock: socket.socket) -> None:
        """Ask the system about a connection while it can still tell."""
        if sock.fileno() >= 0:
            self.ledger.exchange.tcp = tcp_info(sock)

    def read_tcp_info(self) -> None:
        """Write down what the system says of the newest connection."""
        if self._sockets:
            self.closes(self._sockets[-1])

    def close(self) -> None:
        """Close every socket there is."""
        for sock in self._sockets:
            sock.close()


def _stay_private(host: str, addresses: Iterable[str]) -> None:
    """Refuse to follow a name out of the private network, in which the key may travel in the clear.

    Raises:
        FaultError: dns_error.
    """
    outside = [one for one in addresses if not is_private(one)]
    if outside:
        raise FaultError("dns_error", f"{host} led to this network only and now leads to {outside[0]}")


def proxy_of(target: Target, route: str) -> SplitResult | None:
    """Return the proxy of a named route; None for a direct route.

    Raises:
        UnknownNameError: When the target has no such route.
    """
    proxies = {"direct": None} | {one.name: one.proxy for one in target.routes}
    if route not in proxies:
        raise UnknownNameError("route", route, list(proxies))
    return urlsplit(proxy) if (proxy := proxies[route]) else None


def login_of(proxy: SplitResult) -> tuple[str, str] | None:
    """Return the user name and password of a proxy's address, decoded."""
    return (unquote(proxy.username), unquote(proxy.password or "")) if proxy.username else None


def tls_facts(talk: ssl.SSLObject) -> TlsFacts:
    """Read what a finished, verified handshake says."""
    certificate: Any = talk.getpeercert() or {}
    ends = certificate.get("notAfter")
    return TlsFacts(
        _name(certificate.get("issuer")),
        _name(certificate.get("subject")),
        talk.selected_alpn_protocol(),
        talk.version(),
        certificate.get("issuer") == certificate.get("subject") if certificate else None,
        float(ssl.cert_time_to_seconds(ends)) if ends else None,
    )


def _name(parts: Any) -> str:
    fields = dict(pair for group in parts or () for pair in group)
    return str(fields.get("organizationName") or fields.get("commonName") or "")


@asynccontextmanager
async def open_pool(backend: Backend, *, tls: bool) -> AsyncIterator[httpcore.AsyncConnectionPool]:
    """Open httpcore's pool over a backend; every socket is closed at the end, whatever happened.

    Args:
        backend: Makes the connections.
        tls: Whether the origin speaks TLS; only then are roots loaded.

    Yields:
        The pool.
    """
    await checkpoint()  # loads anyio's backend, which would otherwise be timed as name resolution
    proxy = backend.proxy
    backend.tunnel = proxy is not None and (tls or proxy.scheme == "socks5")
    pool = _pool(backend, context_for(backend.target, backend.settings) if tls else None)
    try:
        yield pool
    finally:
        with contextlib.suppress(Exception):  # in the middle of a failure it may complain; the sockets count
            await pool.aclose()
        backend.close()


def _pool(backend: Backend, context: ssl.SSLContext | None) -> httpcore.AsyncConnectionPool:
    proxy = backend.proxy
    more: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": 2,
        "keepalive_expiry": KEPT_S,
        "network_backend": backend,
    }
    if proxy is None or proxy.scheme == "socks5":
        return httpcore.AsyncConnectionPool(**more)
    host = f"[{proxy.hostname}]" if ":" in (proxy.hostname or "") else proxy.hostname or ""
    secure = proxy.scheme == "https"
    return httpcore.AsyncHTTPProxy(
        f"{proxy.scheme}://{host}:{proxy.port or (443 if secure else 80)}",
        proxy_auth=login_of(proxy),
        proxy_ssl_context=context_for(backend.target, backend.settings) if secure else None,
        **more,
    )
