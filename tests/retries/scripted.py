"""A server on loopback that answers by a script: one entry for each request."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

JSON = "application/json"
SSE = "text/event-stream"


@dataclass
class Reply:
    """One answer; `body` in pieces, `cut` closes the connection without its end, `hold` waits for an event first.

    `until` says when: before the "headers" or before the "body". `hang` waits after the body until the client leaves.
    """

    status: int = 200
    body: Sequence[bytes] = (b"{}",)
    kind: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hold: threading.Event | None = None
    until: str = "body"
    hang: bool = False


def sse(*events: str, done: bool = True) -> list[bytes]:
    """Server-sent events, each in a piece of its own."""
    pieces = [f"data: {event}\n\n".encode() for event in events]
    return [*pieces, b"data: [DONE]\n\n"] if done else pieces


WORD = '{"choices":[{"delta":{"content":"pong"}}]}'
ROLE = '{"choices":[{"delta":{"role":"assistant","content":""}}]}'
STARVED = '{"choices":[{"delta":{},"finish_reason":"insufficient_system_resource"}]}'
ANSWER = Reply(body=(b'{"choices":[{"message":{"content":"pong"}}]}',))
STREAM = Reply(kind=SSE, body=sse(ROLE, WORD))


class Scripted(socketserver.ThreadingTCPServer):
    """The server; `seen` holds the requests' bodies, `most` how many were open at once."""

    allow_reuse_address = True
    daemon_threads = True
    scheme = "http"

    def __init__(self, replies: Sequence[Reply], limit: int | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies, self.limit = list(replies), limit
        self.seen: list[bytes] = []
        self.open = self.most = self.refused = 0
        self.lock = threading.Lock()
        self.asked = threading.Event()
        self.twice = threading.Event()
        self.left = threading.Semaphore(0)
        """Released once for each client that left while its answer hung."""

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves early is part of the script."""

    @property
    def url(self) -> str:
        """Address of the chat endpoint."""
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}/chat/completions"


class Handler(socketserver.StreamRequestHandler):
    """One connection, one request."""

    server: Scripted

    def handle(self) -> None:
        """Read a request and give its reply."""
        length = 0
        while (line := self.rfile.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = self.rfile.read(length)
        with self.server.lock:
            self.server.seen.append(body)
            self.server.open += 1
            self.server.asked.set()
            if len(self.server.seen) == 2:
                self.server.twice.set()
            full = self.server.limit is not None and self.server.open > self.server.limit
            self.server.refused += full
            self.server.most = max(self.server.most, self.server.open)
            reply = self.server.replies[min(len(self.server.seen), len(self.server.replies)) - 1]
            if full:
                reply = Reply(429, (b'{"error":{"message":"too many concurrent requests"}}',))
        try:
            self.send(reply)
        finally:
            with self.server.lock:
                self.server.open -= 1

    def send(self, reply: Reply) -> None:
        """Write a reply in chunks."""
        if reply.hang and reply.until == "headers":
            self.hang()
            return
        lines = [f"HTTP/1.1 {reply.status} X", f"content-type: {reply.kind}", "transfer-encoding: chunked",
                 "connection: close", *(f"{name}: {value}" for name, value in reply.headers.items())]  # fmt: skip
        if reply.hold is not None and reply.until == "headers":
            reply.hold.wait(20)
        self.wfile.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        self.wfile.flush()
        if reply.hold is not None and reply.until == "body":
            reply.hold.wait(20)
        for piece in reply.body:
            if piece:
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                self.wfile.flush()
        if reply.hang:
            self.hang()
        elif reply.cut:
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self.wfile.write(b"0\r\n\r\n")

    def hang(self) -> None:
        """Wait until the client closes its connection, and count that."""
        self.connection.settimeout(20)
        with suppress(ConnectionError):  # a reset is a close, too
            if self.connection.recv(1) != b"":
                return
        self.server.left.release()


@contextmanager
def serving(
    *replies: Reply, limit: int | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Scripted]:
    """Serve a script; its last reply repeats."""
    server = Scripted(replies, limit)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
