"""Forward proxies as regions: CONNECT and absolute-form requests, each leading to its own entrance."""

import asyncio
from urllib.parse import urlsplit

from deepkit.sandbox.bodies import block_page
from deepkit.sandbox.relay import Listener, both_ways

HEAD_S = 10.0
REGIONS: dict[str, tuple[str, str]] = {
    "singapore": ("Singapore", "Asia/Singapore"),
    "tokyo": ("Tokyo", "Asia/Tokyo"),
    "frankfurt": ("Frankfurt", "Europe/Berlin"),
}
"""Display name and time zone of each regional proxy."""


class RegionalProxy(Listener):
    """One proxy. Whatever of the sandbox's main site is asked through it goes to this region's entrance.

    Args:
        region: Key of REGIONS.
        main: Port of the main site, which stands for the provider's name everywhere.
        entrance: Port of the site that this region's way leads to; None is the edge's block page.
        others: The sandbox's other ports that it will reach; anything else is refused.
    """

    def __init__(
        self, region: str, main: frozenset[int], entrance: int | None, others: frozenset[int]
    ) -> None:
        super().__init__()
        self._region, self._main, self._entrance, self._others = region, main, entrance, others

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request; a plain one closes the connection after its answer."""
        async with asyncio.timeout(HEAD_S):
            head = await reader.readuntil(b"\r\n\r\n")
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        method, address = words[0], words[1] if len(words) == 3 else ""
        port = _port(f"//{address}") if method == "CONNECT" else _port(address, 80)
        if port is None or port not in self._main | self._others:
            writer.write(_plain(502, "Bad Gateway", b"This proxy reaches the sandbox only."))
        elif port in self._others:
            await self._lead(method, head, port, reader, writer)
        elif self._entrance is None:
            await self._refuse(method, reader, writer)
        else:
            await self._lead(method, head, self._entrance, reader, writer)
        await writer.drain()

    async def _lead(
        self, method: str, head: bytes, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await both_ways(reader, writer, port)
        else:
            await both_ways(reader, writer, port, origin_form(head))

    async def _refuse(self, method: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        page = block_page(REGIONS[self._region][0])
        if method == "CONNECT":  # the tunnel opens; it is the edge behind it that refuses the exit
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            async with asyncio.timeout(HEAD_S):
                await reader.readuntil(b"\r\n\r\n")
        writer.write(_plain(403, "Forbidden", page.body, "text/html"))


def origin_form(head: bytes) -> bytes:
    """Return a proxy request's head as the server wants it: path only, one answer a connection."""
    first, _, rest = head.partition(b"\r\n")
    method, address, version = first.split(b" ", 2)
    parts = urlsplit(address.decode("latin-1"))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = [
        line
        for line in rest.split(b"\r\n")
        if line
        and line.split(b":")[0].lower() not in (b"proxy-connection", b"proxy-authorization", b"connection")
    ]
    return b"\r\n".join(
        [b" ".join((method, path.encode("latin-1"), version)), *kept, b"Connection: close", b"", b""]
    )


def _port(address: str, default: int | None = None) -> int | None:
    try:
        return urlsplit(address).port or default
    except ValueError:
        return None


def _plain(status: int, reason: str, body: bytes, kind: str = "text/plain") -> bytes:
    head = (
        f"HTTP/1.1 {status} {reason}\r\nServer: openresty\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
