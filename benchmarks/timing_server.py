"""The other end of `benchmarks.timing`: streams chunks that carry their own sending time, from its own process.

Prints its ports as one JSON line, serves until its standard input closes. Blocking sockets and
threads, because they are the least that can be between the stamp and the wire.
"""

import contextlib
import json
import socket
import ssl
import sys
import threading
import time

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
CHUNKS, FIRST_S, EVERY_S = 50, 0.05, 0.01
"""How many chunks, how long after the headers the first comes, and the pause between two, in seconds."""
DIGITS = 16
"""Length of a stamp: nanoseconds of the system-wide monotonic clock."""


def chunk(text: str) -> bytes:
    """One piece of a chunked body."""
    return f"{len(text):x}\r\n{text}\r\n".encode()


def event(stamp: int) -> bytes:
    """One chat chunk whose text is the moment just before it is sent."""
    choice = {"index": 0, "delta": {"content": f"{stamp:0{DIGITS}d}"}, "finish_reason": None}
    return chunk("data: " + json.dumps({"model": "m", "choices": [choice]}) + "\n\n")


def stream(sock: socket.socket) -> None:
    """Send one answer, pausing on absolute times so that lateness does not add up."""
    sock.sendall(HEAD)
    due = time.monotonic() + FIRST_S
    for _ in range(CHUNKS):
        time.sleep(max(0.0, due - time.monotonic()))
        sock.sendall(event(time.monotonic_ns()))
        due += EVERY_S
    sock.sendall(chunk("data: [DONE]\n\n") + b"0\r\n\r\n")


def serve(sock: socket.socket) -> None:
    """Read one request and answer it: a POST is streamed, anything else gets an empty list."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    asked = b""
    while b"\r\n\r\n" not in asked:
        more = sock.recv(65536)
        if not more:
            return
        asked += more
    if asked.startswith(b"POST"):
        stream(sock)
    else:
        sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]")


def accepting(listener: socket.socket, context: ssl.SSLContext | None) -> None:
    """Give every connection a thread."""

    def one(sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            if context is None:
                serve(sock)
            else:
                with context.wrap_socket(sock, server_side=True) as talk:
                    serve(talk)

    while True:
        threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()


def main() -> None:
    """Listen plain and with TLS; the two arguments are the certificate's chain and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    ports = []
    for one in (None, context):
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        ports.append(listener.getsockname()[1])
        threading.Thread(target=accepting, args=(listener, one), daemon=True).start()
    print(json.dumps(ports), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
