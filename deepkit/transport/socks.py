"""The client's half of SOCKS5 (RFC 1928) with user name and password (RFC 1929)."""

from httpcore import AsyncNetworkStream as Stream

from deepkit.transport.failures import FaultError

_REPLIES = {
    1: "general failure", 2: "not allowed by its rules", 3: "network unreachable", 4: "host unreachable",
    5: "connection refused by the host", 6: "expired on the way", 7: "command not supported",
    8: "kind of address not supported",
}  # fmt: skip

_BEHIND = {3: "network_unreachable", 4: "network_unreachable", 5: "connection_refused", 6: "connect_timeout"}
"""Replies that tell of the host behind a proxy which itself does its work (RFC 1928, section 6)."""


async def socks5_connect(pipe: Stream, host: str, port: int, login: tuple[str, str] | None) -> None:
    """Ask a SOCKS5 proxy to connect to a host; the proxy resolves the name.

    Args:
        pipe: Connected to the proxy. The caller bounds the time.
        host: The host's name.
        port: The host's port.
        login: User name and password, if the proxy has one.

    Raises:
        FaultError: proxy_auth or proxy_error, or what the proxy met when it connected to the host
            (connection_refused, network_unreachable, connect_timeout), in the proxy's own words.
    """
    await pipe.write(b"\x05\x02\x00\x02" if login else b"\x05\x01\x00")
    version, method = await _exactly(pipe, 2)
    if version != 5:
        raise FaultError("proxy_error", "what answered does not speak SOCKS5")
    if method == 2 and login:
        await _log_in(pipe, *login)
    elif method != 0:
        raise FaultError("proxy_auth", "the SOCKS proxy wants another login")
    name = host.encode("idna" if not host.isascii() else "ascii")
    if len(name) > 255:
        raise FaultError("bad_address", "the host's name is too long for SOCKS5")
    await pipe.write(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + port.to_bytes(2, "big"))
    _, reply, _, kind = await _exactly(pipe, 4)
    if reply != 0:
        said = f"the SOCKS proxy says: {_REPLIES.get(reply, reply)}"
        raise FaultError(_BEHIND.get(reply, "proxy_error"), said)
    length = {1: 4, 4: 16}.get(kind)
    if length is None:
        length = (await _exactly(pipe, 1))[0]
    await _exactly(pipe, length + 2)


async def _log_in(pipe: Stream, user: str, password: str) -> None:
    name, word = user.encode()[:255], password.encode()[:255]
    await pipe.write(b"\x01" + bytes([len(name)]) + name + bytes([len(word)]) + word)
    if (await _exactly(pipe, 2))[1] != 0:
        raise FaultError("proxy_auth", "the SOCKS proxy refused the login")


async def _exactly(pipe: Stream, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = await pipe.read(size - len(data))
        if not piece:
            raise FaultError("proxy_error", "the SOCKS proxy closed the connection")
        data += piece
    return data
