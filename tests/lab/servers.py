"""Real servers on loopback with one fault each; every one ends with its context."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress

from tests.lab.replies import Behaviour, Reply
from tests.servers import Handler, request, reset

DRIP_S = 0.15


class Server:
    """Answers HTTP as a behaviour says."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour, self._asked = behaviour, {"stream": 0, "plain": 0}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests until one ends the connection."""
        with suppress(ValueError):  # it was asked in another protocol
            while await perform(self.choose(*await request(reader)), writer):
                pass

    def choose(self, first: str, fields: Mapping[str, str], content: bytes) -> Reply:
        """Return the answer to one request."""
        behaviour, path = self._behaviour, first.split(" ")[1] if first.count(" ") > 1 else ""
        if behaviour.every is not None:
            return behaviour.every
        if path.endswith("/user/balance"):
            return behaviour.balance
        if path.endswith("/chat/completions"):
            asked = json.loads(content)
            if behaviour.history is not None and len(asked["messages"]) > 1:
                return behaviour.history
            kind = "stream" if asked.get("stream") else "plain"
            turns = behaviour.stream if kind == "stream" else behaviour.plain
            self._asked[kind] += 1
            return turns[(self._asked[kind] - 1) % len(turns)]
        return behaviour.models if "authorization" in fields else behaviour.bare


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
