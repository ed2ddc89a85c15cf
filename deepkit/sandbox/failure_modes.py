"""The failure modes of overload on the wire: what a question meets once it was accepted.

Compressed time: what takes the real service ten minutes (a queue that is closed) or one (a blank
answer) takes under a second here; the constants below are the scale.
"""

import asyncio
from collections.abc import AsyncIterator
from random import Random

from starlette.responses import Response, StreamingResponse

from deepkit.sandbox.answer import Answer
from deepkit.sandbox.bodies import Refusal, block_page, overloaded, page, trace
from deepkit.sandbox.site import Decision
from deepkit.sandbox.station import Served

CHUNK_S = 0.008
"""Time between two chunks."""
FILLER_S = 0.05
"""Time between two keep-alives."""
QUEUE_CLOSE_S = 0.7
"""When a request whose inference has not begun is closed; ten minutes in the world."""
BLANK_S = 0.06
"""When the blank answer comes; about a minute in the world."""
SILENCE_S = 120.0
"""How long a silent stream keeps its socket open, unless the client leaves."""


class CutError(Exception):
    """Ends a connection without the end of its answer."""


def refused(body: Refusal, rng: Random) -> Response:
    """Return an error as an HTTP answer."""
    return dress(Response(body.body, body.status, media_type=None), body.content_type, rng)


def dress(response: Response, content_type: str, rng: Random) -> Response:
    """Put the API's headers on an answer."""
    kept = [(name, value) for name, value in response.raw_headers if name == b"content-length"]
    ours = [("Content-Type", content_type), *trace(rng)]
    response.raw_headers = [*kept, *((name.encode(), value.encode()) for name, value in ours)]
    return response


def respond(decision: Decision, answer: Answer, rng: Random) -> Response:
    """Return the HTTP answer that a decision means.

    Args:
        decision: What becomes of the question.
        answer: What the model would say.
        rng: Source of trace ids.
    """
    if decision.face == "full":
        return refused(overloaded(), rng)
    if decision.face == "down":
        return refused(page(500, "Internal Server Error"), rng)
    if decision.face == "blocked":
        return refused(block_page("this network"), rng)
    if decision.place is not None:
        kind = "text/event-stream; charset=utf-8" if answer.question.stream else "application/json"
        return dress(Served(decision.place, answer), kind, rng)
    if answer.question.stream:
        return dress(StreamingResponse(_stream(decision, answer)), "text/event-stream; charset=utf-8", rng)
    if decision.face == "blank":
        return dress(StreamingResponse(_blank()), "application/json", rng)
    return dress(StreamingResponse(_plain(decision, answer)), "application/json", rng)


async def _stream(decision: Decision, answer: Answer) -> AsyncIterator[bytes]:
    async for filler in _queue(decision, b": keep-alive\n\n"):
        yield filler
    if decision.face == "blank":
        await asyncio.sleep(BLANK_S)
        return
    await asyncio.sleep(CHUNK_S)
    yield answer.role()
    thoughts = list(answer.thoughts())
    for piece in thoughts[:3] if decision.face == "silent" else thoughts:
        await asyncio.sleep(CHUNK_S)
        yield piece
    if decision.face == "silent":
        await asyncio.sleep(SILENCE_S)
        raise CutError
    if decision.face != "no_resource":
        for piece in answer.words():
            await asyncio.sleep(CHUNK_S)
            yield piece
    for piece in answer.end("insufficient_system_resource" if decision.face == "no_resource" else None):
        yield piece


async def _plain(decision: Decision, answer: Answer) -> AsyncIterator[bytes]:
    async for filler in _queue(decision, b"\n"):
        yield filler
    await asyncio.sleep(CHUNK_S * (len(answer.reasoning) + len(answer.text)))
    if decision.face == "silent":
        await asyncio.sleep(SILENCE_S)
        raise CutError
    yield answer.whole("insufficient_system_resource" if decision.face == "no_resource" else None)


async def _queue(decision: Decision, filler: bytes) -> AsyncIterator[bytes]:
    """Send filler while the request waits for its turn; without one in time the server hangs up."""
    waited, patience = 0.0, QUEUE_CLOSE_S if decision.face == "keepalive" else decision.wait_s
    while waited < patience:
        yield filler
        step = min(FILLER_S, patience - waited)
        await asyncio.sleep(step)
        waited += step
    if decision.face == "keepalive":
        raise CutError


async def _blank() -> AsyncIterator[bytes]:
    await asyncio.sleep(BLANK_S)
    yield b""
