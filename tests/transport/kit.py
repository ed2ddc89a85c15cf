"""Small real servers with one fault each, and a runner that finds what is left behind."""

import asyncio
import contextlib
import socket
import ssl
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from deepkit.records import Budget, Secret, Settings, Target, Timeouts
from deepkit.transport import Meter

T = TypeVar("T")
KEY = "sk-0123456789abcdef0123456789abcdef"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

FAST = Settings(timeouts=Timeouts(connect=0.4, first_byte=0.4, idle=0.4, total=0.9))
SETTLE_S = 3.0
SLACK_S = 0.2
"""By how much a deadline may be outlived."""


def run(work: Coroutine[Any, Any, T], *, count: bool = True) -> T:
    """Run a test's body; no task and no descriptor may outlive it.

    `count=False` leaves the descriptors alone, for servers in this process that close in their own time.
    """

    async def watched() -> T:
        result = await work
        await asyncio.sleep(0)
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert not left, f"left running: {left}"
        return result

    before = _descriptors()
    result = asyncio.run(watched())
    ends = time.monotonic() + SETTLE_S  # a sandbox in another thread notices the end a moment later
    while count and _descriptors() > before:
        assert time.monotonic() < ends, "a socket was left open"
        time.sleep(0.01)
    return result


def _descriptors() -> int:
    folder = Path("/proc/self/fd")
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def target(port: int, *, tls: bool = False, **more: Any) -> Target:
    """A target on loopback."""
    scheme = "https" if tls else "http"
    given = {"name": "test", "key": Secret(KEY), "model": "deepseek-flash", "live": False, **more}
    return Target(base_url=f"{scheme}://127.0.0.1:{port}", **given)


def meter(requests: int = 100, tokens: int = 10_000) -> Meter:
    """A meter with room."""
    return Meter(Budget(requests, tokens))


@asynccontextmanager
async def serving(
    handler: Handler, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[int]:
    """Serve connections with a handler; yields the port and ends every connection at the end."""
    tasks: set[asyncio.Task[Any]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await handler(reader, writer)
        finally:
            writer.transport.abort()
            tasks.discard(task)

    server = await asyncio.start_server(one, host, port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        await _turns(5)  # a connection that has just been accepted becomes a task first
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _turns(3)


async def _turns(n: int) -> None:
    for _ in range(n):
        await asyncio.sleep(0)


async def request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    """Read one request: first line, headers, body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return head[0], headers, body


def answer(status: int, body: bytes | str = b"", kind: str = "application/json", **headers: str) -> bytes:
    """A whole HTTP answer."""
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


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


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a TCP reset."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
STREAM_END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One piece of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def delta(text: str = "", *, reasoning: str = "", finish: str | None = None, **more: Any) -> bytes:
    """One chunk of a chat stream, as a server-sent event."""
    said: dict[str, Any] = {}
    if text:
        said["content"] = text
    if reasoning:
        said["reasoning_content"] = reasoning
    choice = {"index": 0, "delta": said or {"role": "assistant"}, "finish_reason": finish}
    body = {"object": "chat.completion.chunk", "model": "m", "choices": [choice], **more}
    return b"data: " + msgspec.json.encode(body) + b"\n\n"


DONE = b"data: [DONE]\n\n"


def stream(*events: bytes) -> bytes:
    """A whole streamed answer."""
    return STREAM_HEAD + b"".join(chunk(one) for one in events) + STREAM_END


GOOD = stream(delta(), delta("po"), delta("ng", finish="stop"), DONE)


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that accepts nothing: a listener whose backlog is full drops every further SYN (Linux)."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port


@contextmanager
def refused_port() -> Iterator[int]:
    """A port that is held, but where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
