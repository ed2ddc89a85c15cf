"""Real servers on loopback with one fault each; every one ends with its context."""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from tests.lab.replies import Face, Reply

DRIP_S = 0.15
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers HTTP as a face says."""

    def __init__(self, face: Face) -> None:
        self._face, self._asked = face, {"stream": 0, "plain": 0}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests until one ends the connection."""
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = head.split("\r\n")
            fields = {
                name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines[1:])
            }
            content = await reader.readexactly(int(fields.get("content-length", 0)))
            if not await perform(self.choose(lines[0], fields, content), writer):
                return

    def choose(self, first: str, fields: Mapping[str, str], content: bytes) -> Reply:
        """Return the answer to one request."""
        face, path = self._face, first.split(" ")[1] if first.count(" ") > 1 else ""
        if face.every is not None:
            return face.every
        if path.endswith("/user/balance"):
            return face.balance
        if path.endswith("/chat/completions"):
            asked = json.loads(content)
            if face.history is not None and len(asked["messages"]) > 1:
                return face.history
            kind = "stream" if asked.get("stream") else "plain"
            turns = face.stream if kind == "stream" else face.plain
            self._asked[kind] += 1
            return turns[(self._asked[kind] - 1) % len(turns)]
        return face.models if "authorization" in fields else face.bare


async def perform(reply: Reply, writer: asyncio.StreamWriter) -> bool:
    """Do an answer's steps; returns whether the connection goes on."""
    for step in reply.steps:
        if isinstance(step, bytes):
            writer.write(step)
            await writer.drain()
        elif isinstance(step, float):
            await asyncio.sleep(step)
        elif step == "drip":
            while True:
                writer.write(reply.drip)
                await writer.drain()
                await asyncio.sleep(DRIP_S)
        elif step == "hang":
            await asyncio.Event().wait()
        elif step == "reset":
            reset(writer)
            return False
        else:
            return False
    return True


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a TCP reset."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset as soon as the first bytes have come: a filter that read the server's name."""
    await reader.read(1)
    reset(writer)


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close as soon as the first bytes have come."""
    await reader.read(1)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take everything and never say a word."""
    while await reader.read(65536):
        pass
    await asyncio.Event().wait()


async def greeting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak another protocol."""
    writer.write(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    await writer.drain()
    await asyncio.sleep(2)


HANDLERS: dict[str, Handler] = {"reset": resetting, "close": closing, "silent": silent, "ssh": greeting}


@asynccontextmanager
async def serving(
    handler: Handler,
    *,
    tls: ssl.SSLContext | None = None,
    hosts: tuple[str, ...] = ("127.0.0.1",),
    port: int = 0,
) -> AsyncIterator[int]:
    """Serve a handler on one port of one or two addresses; all connections end with the context."""
    tasks: set[asyncio.Task[Any]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(OSError, EOFError, ValueError, asyncio.CancelledError):
                await handler(reader, writer)
                if writer.get_extra_info("sslcontext") is None and writer.can_write_eof():
                    writer.write_eof()
                    await asyncio.sleep(0.05)
        finally:
            writer.transport.abort() if tls else writer.close()
            tasks.discard(task)

    sockets = bound(hosts, port)
    servers = [await asyncio.start_server(one, sock=sock, ssl=tls, backlog=256) for sock in sockets]
    try:
        yield sockets[0].getsockname()[1]
    finally:
        for server in servers:
            server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def bound(hosts: tuple[str, ...], wanted: int = 0) -> list[socket.socket]:
    """Return listening sockets on the same port of each address, a free one unless one is wanted."""
    for _ in range(50):
        opened: list[socket.socket] = []
        try:
            for host in hosts:
                port = opened[0].getsockname()[1] if opened else wanted
                family = socket.AF_INET6 if ":" in host else socket.AF_INET
                opened.append(socket.create_server((host, port), family=family, backlog=256))
                opened[-1].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            for sock in opened:
                sock.close()
            continue
        return opened
    message = f"no port is free on all of {hosts}"
    raise OSError(message)


@contextmanager
def black_hole(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port that answers no SYN: a listener whose backlog is full (Linux)."""
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
def refused() -> Iterator[int]:
    """A port that is held, but where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
