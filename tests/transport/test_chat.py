"""One chat attempt against servers with one fault each: every failure by its name, every deadline kept."""

from itertools import pairwise

import msgspec
import pytest

from deepkit.records import FAILURES, Settings, Timeouts
from deepkit.transport import Exchange, chat
from tests.servers import (
    DONE,
    GOOD,
    STREAM_END,
    STREAM_HEAD,
    Handler,
    always,
    answer,
    chunk,
    delta,
    script,
    serving,
    stream,
)
from tests.transport.kit import FAST, KEY, meter, run, target

ASK = ({"role": "user", "content": "ping"},)
WHOLE = {
    "choices": [{"message": {"content": "pong"}, "finish_reason": "stop"}],
    "usage": {"completion_tokens": 1},
}


def asked(handler: Handler, *, settings: Settings = FAST, streamed: bool = True) -> Exchange:
    async def body() -> Exchange:
        async with serving(handler) as port:
            return await chat(target(port), settings, meter(), ASK, stream=streamed)

    told = run(body())
    assert told.end_s is not None
    assert told.failure is None or told.failure in FAILURES
    assert KEY not in repr(told)
    return told


KEEP = b": keep-alive\n\n"
STREAMS = {
    "a proper answer": ((GOOD,), None, "done"),
    "a finish reason is an end, [DONE] or not": ((stream(delta("x", finish="stop")),), None, "finish"),
    "a cut stream": ((STREAM_HEAD, chunk(delta("x"))), "stream_cut", "close"),
    "a closed stream without finish": ((stream(delta("x")),), "stream_cut", "close"),
    "a reset in the middle": ((STREAM_HEAD, chunk(delta("x")), 0.05, "reset"), "stream_cut", "close"),
    "a stream that goes silent": ((STREAM_HEAD, chunk(delta("x")), "hang"), "stream_silent", "silence"),
    "silence after the headers": ((STREAM_HEAD, "hang"), "stream_silent", "silence"),
    "headers, then torn off": ((STREAM_HEAD,), "stream_cut", "close"),
    "an empty 200": ((stream(),), "empty_body", "close"),
    "done without a word": ((stream(delta(), DONE),), "empty_body", "done"),
    "filler, then closed": ((stream(KEEP, KEEP, KEEP),), "queue_timeout", "close"),
    "no resources": ((stream(delta("x", finish="insufficient_system_resource"), DONE),),
                     "insufficient_system_resource", "done"),
    "an error inside a 200": ((stream(b'data: {"error": {"message": "busy", "type": "t"}}\n\n'),),
                              "stream_error", "error"),
    "a raw error inside a 200": ((stream(b'{"error": {"message": "busy", "type": "t"}}\n'),), "stream_error", "error"),
    "reasoning cut by the token limit": ((stream(delta(reasoning="hm", finish="length"), DONE),), None, "done"),
    "a line without end": ((STREAM_HEAD, *[chunk(b"x" * 65536)] * 6), "too_large", "error"),
    "no answer at all": (("hang",), "read_timeout", "error"),
    "closed without a byte": ((), "closed_early", "error"),
    "reset without a byte": (("reset",), "connection_reset", "error"),
    "no HTTP": ((b"SSH-2.0-OpenSSH_9.2\r\n",), "not_http", "error"),
    "endless headers": ((b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000,), "too_large", "error"),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_streams(name: str) -> None:
    """Each way in which a stream can end has its own failure and its own end."""
    steps, failure, ended = STREAMS[name]
    told = asked(script(*steps))
    assert (told.failure, told.end_reason) == (failure, ended)


def test_endless_filler_ends_at_the_deadline() -> None:
    """Keep-alives reset every read timeout; only a total deadline ends them, and it names the queue."""
    steps = [part for _ in range(100) for part in (chunk(KEEP), 0.05)]
    told = asked(script(STREAM_HEAD, *steps))
    assert (told.failure, told.end_reason) == ("queue_timeout", "deadline")
    assert told.keep_alives > 3


def test_an_endless_answer_ends_at_the_deadline() -> None:
    """A server that drips text for ever is ended by the total, not by a read timeout."""
    steps = [part for _ in range(100) for part in (chunk(delta("x")), 0.05)]
    told = asked(script(STREAM_HEAD, *steps))
    assert (told.failure, told.end_reason) == ("deadline", "deadline")
    assert told.text_chars > 3
    assert len(told.gaps) > 3


def test_stamps_come_in_order_and_apart() -> None:
    """Headers, filler, role, reasoning, answer and end are six moments, each read off the socket."""
    told = asked(
        script(
            STREAM_HEAD, 0.06, chunk(KEEP), 0.06, chunk(delta()), 0.06, chunk(delta(reasoning="hm")), 0.06,
            chunk(delta("pong", finish="stop")), 0.06, chunk(DONE), STREAM_END,
        )
    )  # fmt: skip
    assert told.ok
    stamps = [told.dns_s, told.connect_s, told.headers_s, told.keep_alive_s, told.role_s, told.reasoning_s,
              told.answer_s, told.end_s]  # fmt: skip
    known = [stamp for stamp in stamps if stamp is not None]
    assert known == sorted(known)
    assert len(known) == len(stamps)
    assert all(0.05 <= b - a < 0.4 for a, b in pairwise(known[2:]))


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_the_split_on_the_wire_does_not_matter(size: int) -> None:
    """An answer cut into pieces of any size, characters and line ends cut in two, reads the same."""
    whole = KEEP + delta() + delta("服务器") + delta("😀", finish="stop") + DONE
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    told = asked(script(stream(*pieces)))
    assert (told.failure, told.text, told.keep_alives, told.end_reason) == (None, "服务器😀", 1, "done")


STATUSES = [
    (400, "http_400"), (401, "http_401"), (402, "http_402"), (404, "http_404"), (413, "http_413"),
    (422, "http_422"), (429, "http_429"), (418, "http_4xx"), (500, "http_500"), (502, "http_502"),
    (503, "http_503"), (504, "http_504"), (529, "http_5xx"), (302, "redirected"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "failure"), STATUSES)
def test_statuses(status: int, failure: str) -> None:
    """Every refusal keeps its status, its message and its type."""
    told = asked(always(answer(status, '{"error": {"message": "Service is too busy.", "type": "t"}}')))
    assert (told.failure, told.status, told.error_message, told.error_type) == (
        failure, status, "Service is too busy.", "t",
    )  # fmt: skip


WHOLES = {
    "a proper answer": (answer(200, msgspec.json.encode(WHOLE)), None),
    "blank lines before it": (answer(200, b"\n\n\n" + msgspec.json.encode(WHOLE)), None),
    "a blank 200": (answer(200, ""), "empty_body"),
    "half a JSON": (answer(200, b'{"choices": [{"mess'), "bad_body"),
    "another JSON": (answer(200, b'{"hello": 1}'), "bad_body"),
    "no answer inside": (answer(200, b'{"choices": []}'), "empty_body"),
    "an error in a 200": (answer(200, b'{"code": 50508, "message": "busy", "data": null}'), "stream_error"),
    "a web page": (answer(200, "<!doctype html><title>Welcome</title>", "text/html"), "wrong_content"),
    "a challenge": (answer(403, "<html><title>Just a moment...</title>", "text/html"), "block_page"),
    "a body cut short": (answer(200, msgspec.json.encode(WHOLE))[:-10], "stream_cut"),
    "too much": (answer(200, b'"' + b"x" * 1_100_000), "too_large"),
    "an unknown packing": (answer(200, b"zz", content_encoding="br"), "bad_body"),
    "a broken packing": (answer(200, b"zz", content_encoding="gzip"), "bad_body"),
}


@pytest.mark.parametrize("name", WHOLES)
@pytest.mark.parametrize("streamed", [True, False])
def test_whole_answers(name: str, *, streamed: bool) -> None:
    """An unstreamed answer is judged by what it holds, whether a stream was asked for or not."""
    reply, failure = WHOLES[name]
    told = asked(script(reply), streamed=streamed)
    assert told.failure == failure
    if failure is None:
        assert (told.text, told.finish_reason, told.usage) == ("pong", "stop", {"completion_tokens": 1})


def test_filler_before_a_whole_answer() -> None:
    """Blank lines are counted as keep-alives; a body of nothing else is a queue that ended."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    filler = [part for _ in range(3) for part in (chunk(b"\n"), 0.02)]
    told = asked(script(head, *filler, chunk(msgspec.json.encode(WHOLE)), STREAM_END), streamed=False)
    assert (told.failure, told.keep_alives) == (None, 3)
    assert asked(script(head, *filler, STREAM_END), streamed=False).failure == "queue_timeout"


def test_a_bomb_is_not_unpacked() -> None:
    """A packed answer that was not asked for is unpacked up to the bound and no further."""
    import gzip

    bomb = gzip.compress(b"0" * 50_000_000)
    assert asked(script(answer(200, bomb, content_encoding="gzip"))).failure == "too_large"


def test_the_true_token_count_replaces_the_reserved_one() -> None:
    """A request reserves its most output; the server's count takes its place, so the budget is not wasted."""

    async def body() -> int:
        used = meter()
        reply = stream(
            delta("x", finish="stop"), b'data: {"choices": [], "usage": {"completion_tokens": 3}}\n\n', DONE
        )
        async with serving(script(reply)) as port:
            told = await chat(target(port), FAST, used, ASK, max_tokens=50)
            assert told.ok
        return used.tokens

    assert run(body()) == 3


def test_a_spent_budget_sends_nothing() -> None:
    """Once the requests or the tokens are spent, no byte leaves."""

    async def body() -> None:
        came = 0

        async def counting(reader, writer):  # type: ignore[no-untyped-def]
            nonlocal came
            came += 1
            await always(GOOD)(reader, writer)

        async with serving(counting) as port:
            small = meter(requests=1)
            assert (await chat(target(port), FAST, small, ASK)).ok
            assert (await chat(target(port), FAST, small, ASK)).failure == "budget_spent"
            assert (
                await chat(target(port), FAST, meter(tokens=5), ASK, max_tokens=8)
            ).failure == "budget_spent"
            assert (came, small.requests) == (1, 1)

    run(body())


def test_patience_is_by_phase() -> None:
    """A slow start within first_byte is no failure, even when idle is short."""
    patient = Settings(timeouts=Timeouts(connect=0.4, first_byte=1.0, idle=0.2, total=1.5))
    assert asked(script(0.4, GOOD), settings=patient).ok
    assert (
        asked(script(STREAM_HEAD, chunk(delta("x")), 0.4, STREAM_END), settings=patient).failure
        == "stream_silent"
    )
