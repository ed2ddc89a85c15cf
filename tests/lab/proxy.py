"""A forward proxy with one fault."""

import asyncio

from deepkit.sandbox.bodies import block_page
from deepkit.sandbox.proxies import origin_form
from deepkit.sandbox.relay import Listener, both_ways

GEO = block_page("Example").body


class Proxy(Listener):
    """Passes requests on to one port, or does what its kind says.

    Args:
        kind: good, auth (407), bad (502), geo (a block page behind it), silent or reset.
        port: Where it leads.
    """

    def __init__(self, kind: str, port: int) -> None:
        super().__init__()
        self._kind, self._to = kind, port

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request."""
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        tunnel = head.startswith(b"CONNECT ")
        if self._kind == "good":
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await both_ways(reader, writer, self._to, b"" if tunnel else origin_form(head))
        elif self._kind == "silent":
            await asyncio.Event().wait()
        elif self._kind == "auth":
            challenge = b'Proxy-Authenticate: Basic realm="office"\r\n'
            writer.write(self._page(407, b"Proxy Authentication Required", challenge))
        elif self._kind == "bad":
            writer.write(self._page(502, b"<html><title>502 Bad Gateway</title>squid</html>"))
        elif self._kind == "geo":
            writer.write(self._page(403, GEO))
        if self._kind != "reset":
            await writer.drain()

    @staticmethod
    def _page(status: int, content: bytes, more: bytes = b"") -> bytes:
        head = f"HTTP/1.1 {status} Any\r\nContent-Type: text/html\r\nContent-Length: {len(content)}\r\n"
        return head.encode() + more + b"Connection: close\r\n\r\n" + content
