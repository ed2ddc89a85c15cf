"""Cutting a sync request off while its thread waits for the network.

A thread that waits in `recv` hears nothing but the end of its connection. So the connections of a
transport that hedges are watched: each notes for which copy it is being used, and a copy that has lost
has its socket shut down, which wakes its thread. A transport without httpcore's connections (a mock, a
WSGI application) and HTTP/2, whose connection others share, are not cut; there the loser is closed as
soon as it has something to read, or its timeout is over.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

from deepkit.retries.copies import Copy

_here = threading.local()
_lock = threading.Lock()
"""Held while a copy's connection is cut or given back: what was given back may serve another call."""


class Line:
    """A network stream of httpcore that notes the copy it is used for."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, *args: Any, **named: Any) -> bytes:
        """Read as the stream does."""
        self._note()
        data: bytes = self._stream.read(*args, **named)
        return data

    def write(self, *args: Any, **named: Any) -> None:
        """Write as the stream does."""
        self._note()
        self._stream.write(*args, **named)

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def start_tls(self, *args: Any, **named: Any) -> "Line":
        """Begin TLS on the stream."""
        return Line(self._stream.start_tls(*args, **named))

    def get_extra_info(self, info: str) -> Any:
        """Return what the stream knows of itself."""
        return self._stream.get_extra_info(info)

    def _note(self) -> None:
        copy: Copy | None = getattr(_here, "copy", None)
        if copy is not None:
            copy.line = self


class Backend:
    """A network backend of httpcore whose connections are lines."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def connect_tcp(self, *args: Any, **named: Any) -> Line:
        """Connect as the backend does."""
        return Line(self._backend.connect_tcp(*args, **named))

    def connect_unix_socket(self, *args: Any, **named: Any) -> Line:
        """Connect as the backend does."""
        return Line(self._backend.connect_unix_socket(*args, **named))

    def sleep(self, seconds: float) -> None:
        """Sleep as the backend does."""
        self._backend.sleep(seconds)


def watch(transport: Any) -> bool:
    """Watch the connections that a transport of httpx or httpx2 opens from now on.

    Args:
        transport: The transport.

    Returns:
        False when it has none of httpcore's connections.
    """
    pool = getattr(transport, "_pool", None)
    backend = getattr(pool, "_network_backend", None)  # httpx takes none itself; httpcore's pools do
    if pool is None or backend is None:
        return False
    if not isinstance(backend, Backend):
        pool._network_backend = Backend(backend)
    return True


@contextlib.contextmanager
def watched(copy: Copy) -> Iterator[None]:
    """Note this thread's connection in the copy."""
    _here.copy = copy
    try:
        yield
    finally:
        _here.copy = None


def cut(copy: Copy) -> None:
    """End the connection of a copy that is still on its way."""
    with _lock:
        line = copy.line
        if line is None:
            return
        tls = line.get_extra_info("ssl_object")
        if tls is not None and tls.selected_alpn_protocol() == "h2":
            return
        with contextlib.suppress(OSError):
            # Not SSLSocket.shutdown, which would forget its TLS under the reading thread's feet.
            socket.socket.shutdown(line.get_extra_info("socket"), socket.SHUT_RDWR)


def release(copy: Copy) -> None:
    """Note that a copy's connection may be another's from now on."""
    with _lock:
        copy.line = None
