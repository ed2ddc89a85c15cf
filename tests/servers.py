"""Small real servers on loopback with one fault each, and the bytes that they send."""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
BACKLOG = 256
LINGER_S = 1.0
"""How long a finished connection waits for the client to close it: closing over unread bytes would reset it."""


@asynccontextmanager
async def serving(
    handler: Handler,
    *,
    tls: ssl.SSLContext | None = None,
    hosts: tuple[str, ...] = ("127.0.0.1",),
    port: int = 0,
) -> AsyncIterator[int]:
    """Serve a handler on one port of one or two addresses; every connection ends with the context."""
    tasks: set[asyncio.Task[Any]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
                await handler(reader, writer)
                await _finish(reader, writer)
        finally:
            writer.transport.abort()
            tasks.discard(task)

    sockets = bound(hosts, port)
    servers = [await asyncio.start_server(one, sock=sock, ssl=tls, backlog=BACKLOG) for sock in sockets]
    try:
        yield sockets[0].getsockname()[1]
    finally:
        await _turns(5)  # a connection that has just been accepted becomes a task first
        for server in servers:
            server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _turns(3)


async def _finish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """End a plain connection as a server does that has said everything."""
    if writer.is_closing() or not writer.can_write_eof():
        return
    writer.write_eof()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while await reader.read(65536):
                pass


async def _turns(n: int) -> None:
    for _ in range(n):
        await asyncio.sleep(0)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        self._answer = answer
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        reply = self._answer(data)
        if reply is not None:
            self._transport.sendto(reply, addr)


@asynccontextmanager
async def serving_datagrams(answer: Callable[[bytes], bytes | None]) -> AsyncIterator[str]:
    """Answer datagrams, or leave them unanswered; yields "host:port"."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Udp(answer), local_addr=("127.0.0.1", 0))
    try:
        yield "{}:{}".format(*transport.get_extra_info("sockname"))
    finally:
        transport.close()
        await asyncio.sleep(0)


def bound(hosts: tuple[str, ...], wanted: int = 0) -> list[socket.socket]:
    """Return listening sockets on the same port of each address, a free one unless one is wanted."""
    for _ in range(50):
        opened: list[socket.socket] = []
        try:
            for host in hosts:
                port = opened[0].getsockname()[1] if opened else wanted
                family = socket.AF_INET6 if ":" in host else socket.AF_INET
                opened.append(socket.create_server((host, port), family=family, backlog=BACKLOG))
                opened[-1].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            for sock in opened:
                sock.close()
            continue
        return opened
    message = f"no port is free on all of {hosts}"
    raise OSError(message)


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a TCP reset."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def black_hole(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port that answers no SYN: a listener whose backlog is full drops every further one (Linux)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(family))
        listener.bind((host, port))
        listener.listen(0)
        taken = listener.getsockname()[1]
        for _ in range(4):
            filler = stack.enter_context(socket.socket(family))
            filler.setblocking(False)
            filler.connect_ex((host, taken))
        yield taken


@contextmanager
def refused_port() -> Iterator[int]:
    """A port that is held, but where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


async def request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    """Read one request: first line, headers, body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return head[0], headers, body


def always(reply: bytes) -> Handler:
    """A handler that answers every request on a connection with the same bytes."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await request(reader)
            writer.write(reply)
            await writer.drain()

    return handler


def script(*steps: bytes | float | str) -> Handler:
    """A handler that reads one request, then writes bytes, waits seconds, or ends: "reset", "hang"."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        for step in steps:
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            elif isinstance(step, float):
                await asyncio.sleep(step)
            elif step == "hang":
                await asyncio.Event().wait()
            elif step == "reset":
                reset(writer)
                return

    return handler


def answer(status: int, body: bytes | str = b"", kind: str = "application/json", **headers: str) -> bytes:
    """A whole HTTP answer."""
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
STREAM_END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One piece of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(value: Any) -> bytes:
    """One server-sent event; what is not bytes is sent as JSON."""
    raw = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    return b"data: " + raw + b"\n\n"


def delta(
    text: str | None = None, *, reasoning: str | None = None, finish: str | None = None, **more: Any
) -> bytes:
    """One chunk of a chat stream; without any content it names the role, as a stream's first one does."""
    given = {"content": text, "reasoning_content": reasoning}
    said = {name: value for name, value in given.items() if value is not None}
    role = {"role": "assistant"} if not said and finish is None else {}
    choice = {"index": 0, "delta": said or role, "finish_reason": finish}
    return event({"object": "chat.completion.chunk", "model": "m", "choices": [choice], **more})


DONE = event(b"[DONE]")
WORDS = (delta(), delta("po"), delta("ng"))


def stream(*events: bytes) -> bytes:
    """A whole streamed answer."""
    return STREAM_HEAD + b"".join(chunk(one) for one in events) + STREAM_END


GOOD = stream(*WORDS, delta("", finish="stop"), DONE)
