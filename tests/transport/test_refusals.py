"""Answers that would never end are refused by name, early, and without being kept; so are a thousand mutated ones."""

import asyncio
import resource
import ssl
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from benchmarks.fuzzing import outcome_guided
from deepkit.records import Route, Settings, Timeouts
from deepkit.transport import Exchange, chat, send
from deepkit.transport.resolve import Answer, ask_server
from tests.servers import STREAM_HEAD, Handler, chunk, delta, request, script, serving
from tests.transport.kit import meter, run, target

PATIENT = Settings(timeouts=Timeouts(connect=1.0, first_byte=2.0, idle=2.0, total=10.0))
MB = 1_000_000
GB = 1000 * MB
IN_FLIGHT = 24 * MB
"""What a server can have sent before it notices: the client's bound and both ends' buffers."""
PIECE = 256 * 1024
JSON_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def pouring(first: bytes, pieces: Iterator[bytes], sent: list[int]) -> Handler:
    """A server that answers one request with pieces until they or the client's patience end."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(first)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            sent.append(len(piece))
            if sum(sent) % (16 * PIECE) < PIECE:
                await asyncio.sleep(0)

    return handler


def repeated(piece: bytes, total: int) -> Iterator[bytes]:
    """The piece, until it would be so many bytes."""
    return (piece for _ in range(total // len(piece)))


def bomb(unpacked: int) -> Iterator[bytes]:
    """A gzip file of zeros: one block, packed once, said again and again."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    block = 16 * MB
    yield packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(block)) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(unpacked // block):
        yield again


LONG = b"x" * PIECE
SIZED = JSON_HEAD + f"content-length: {10 * GB}\r\n\r\n".encode()
UNSIZED = JSON_HEAD + b"\r\n"
SSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
FLOODS = {
    "a body of 10 GB": (SIZED, lambda: repeated(LONG, 10 * GB)),
    "a body of 10 GB that names no length": (UNSIZED, lambda: repeated(LONG, 10 * GB)),
    "a body of 10 GB in chunks": (
        JSON_HEAD + b"transfer-encoding: chunked\r\n\r\n",
        lambda: repeated(chunk(LONG), 10 * GB),
    ),
    "a stream of 10 GB": (STREAM_HEAD, lambda: repeated(chunk(delta("x") * 1000), 10 * GB)),
    "a stream of 10 GB of keep-alives": (SSE, lambda: repeated(b": keep-alive\n\n" * 10_000, 10 * GB)),
    "a line of 1 GB": (SSE + b"data: ", lambda: repeated(LONG, GB)),
    "a header line of 1 GB": (JSON_HEAD + b"x-long: ", lambda: repeated(LONG, GB)),
    "a status line of 1 GB": (b"HTTP/1.1 200 ", lambda: repeated(LONG, GB)),
    "a chunk's size of 1 GB": (STREAM_HEAD + b"1;", lambda: repeated(LONG, GB)),
    "a million headers": (JSON_HEAD, lambda: repeated(b"x-one: 1\r\n" * 10_000, GB)),
    "a bomb of 10 GB": (JSON_HEAD + b"content-encoding: gzip\r\n\r\n", lambda: bomb(10 * GB)),
    "a bomb of 10 GB in a stream": (SSE[:-2] + b"content-encoding: gzip\r\n\r\n", lambda: bomb(10 * GB)),
}


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("name", FLOODS)
def test_floods_are_refused(name: str, *, streamed: bool) -> None:
    """Whatever would not end is named too_large, long before it has come and without growing the process."""
    first, pieces = FLOODS[name]
    sent: list[int] = []

    async def body() -> Exchange:
        async with serving(pouring(first, pieces(), sent)) as port:
            if streamed:
                return await chat(target(port), PATIENT, meter(), [{"role": "user", "content": "x"}])
            return await send(target(port), PATIENT, meter(), "GET", "/models")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = run(body())
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert told.failure == "too_large", told.detail
    assert sum(sent) < IN_FLIGHT
    assert grown_mb < 150


def test_endless_interim_answers_end_at_the_deadline() -> None:
    """A server that says "100 Continue" for ever keeps no deadline from passing."""
    hasty = Settings(timeouts=Timeouts(connect=1.0, first_byte=1.0, idle=1.0, total=0.6))
    sent: list[int] = []

    async def body() -> Exchange:
        flood = repeated(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, 10 * GB)
        async with serving(pouring(b"", flood, sent)) as port:
            return await chat(target(port), hasty, meter(), [{"role": "user", "content": "x"}])

    told = run(body())
    assert told.failure == "read_timeout"
    assert told.end_s is not None
    assert told.end_s < 10.0  # the flood would last for minutes


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_answers_break_nothing(seed: int) -> None:
    """Answers with bytes changed, cut, repeated and spliced end in a failure of the closed set, in time."""
    done, outcomes = outcome_guided("benchmarks.fuzz_answers", 1500, seed)
    assert done == 1500
    assert outcomes > 40  # else the mutations reach nothing


def zlib_bomb(unpacked: int) -> Iterator[bytes]:
    """The same bomb without gzip's envelope."""
    packer = zlib.compressobj(9)
    yield packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(16 * MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(unpacked // (16 * MB)):
        yield again


UNASKED = {
    "a bomb in deflate": ("deflate", "too_large"),
    "a bomb in brotli": ("br", "bad_body"),
    "a bomb in zstd": ("zstd", "bad_body"),
    "a bomb in two layers": ("gzip, gzip", "bad_body"),
}


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("name", UNASKED)
def test_packings_are_refused_by_name(name: str, *, streamed: bool) -> None:
    """A packing that was not asked for is unpacked within the bound or named, never unpacked whole."""
    coding, failure = UNASKED[name]
    head = JSON_HEAD + f"content-encoding: {coding}\r\n\r\n".encode()
    sent: list[int] = []

    async def body() -> Exchange:
        async with serving(pouring(head, zlib_bomb(10 * GB), sent)) as port:
            if streamed:
                return await chat(target(port), PATIENT, meter(), [{"role": "user", "content": "x"}])
            return await send(target(port), PATIENT, meter(), "GET", "/models")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = run(body())
    assert told.failure == failure, told.detail
    assert sum(sent) < IN_FLIGHT
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 150


LIES = {
    "a length that is never reached": (
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\nabc",
        "closed_early",
    ),
    "a length that says less": (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}" + b"x" * 100_000, None),
    "two lengths": (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}x", "not_http"),
    "a negative length": (b"HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}", "not_http"),
    "a length beyond all bounds": (
        b"HTTP/1.1 200 OK\r\ncontent-length: " + b"9" * 40 + b"\r\n\r\n{}",
        "not_http",
    ),
    "a chunk that is no number": (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        "not_http",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_lies_about_the_length_are_named(name: str) -> None:
    """What an answer says of its own length and does not keep is a failure with a name, or ignored where harmless."""
    raw, failure = LIES[name]
    told: Exchange | None = None

    async def body() -> Exchange:
        async with serving(pouring(raw, iter(()), [])) as port:
            return await send(target(port), PATIENT, meter(), "GET", "/models")

    told = run(body())
    assert told.failure == failure, (told.failure, told.detail)


@pytest.mark.parametrize("streamed", [True, False])
def test_a_redirect_is_named_and_not_followed(*, streamed: bool) -> None:
    """An answer that points at itself for ever costs one request."""
    asked = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while (await request(reader))[0]:
            asked += 1
            writer.write(b"HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()

    async def body() -> Exchange:
        async with serving(handler) as port:
            if streamed:
                return await chat(target(port), PATIENT, meter(), [{"role": "user", "content": "x"}])
            return await send(target(port), PATIENT, meter(), "GET", "/models")

    assert run(body()).failure == "redirected"
    assert asked == 1


@pytest.mark.parametrize("reply", [b"x-one: 1\r\n" * 10_000, b"x" * PIECE], ids=["headers", "line"])
def test_a_proxy_that_never_stops_is_named(reply: bytes) -> None:
    """A proxy's answer to CONNECT is bounded as well, and the fault is the proxy's."""
    sent: list[int] = []

    async def body() -> Exchange:
        async with serving(pouring(b"HTTP/1.1 200 OK\r\nx: ", repeated(reply, GB), sent)) as port:
            whom = replace(
                target(1), base_url="https://127.0.0.1:1", routes=(Route("via", f"http://127.0.0.1:{port}"),)
            )
            return await send(whom, replace(PATIENT, route="via"), meter(), "GET", "/models")

    told = run(body())
    assert told.failure in ("proxy_error", "too_large"), told.detail
    assert sum(sent) < IN_FLIGHT


@pytest.mark.parametrize("head", [SIZED, UNSIZED], ids=["sized", "unsized"])
def test_a_resolver_that_never_stops_is_named(head: bytes, tmp_path: Path) -> None:
    """An endless answer over DNS-over-HTTPS is refused at the size of a DNS message."""
    sent: list[int] = []
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    async def body() -> Answer:
        async with serving(pouring(head, repeated(LONG, 10 * GB), sent), tls=context) as port:
            server = f"https://127.0.0.1:{port}/dns-query"
            return await ask_server(server, "a.example", timeout_s=3.0, ca_file=str(tmp_path / "ca.pem"))

    told = run(body())
    assert told.failure == "dns_error", told.detail
    assert sum(sent) < IN_FLIGHT


@pytest.mark.parametrize(
    "step", ["hang", "reset", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["silence", "reset", "no TLS"]
)
def test_a_resolver_that_gives_up_the_handshake_leaves_no_socket(step: bytes | str) -> None:
    """Where DNS-over-HTTPS never gets as far as TLS, the answer has a failure and `run` finds nothing left open."""

    async def body() -> Answer:
        async with serving(script(step)) as port:
            return await ask_server(f"https://127.0.0.1:{port}/dns-query", "a.example", timeout_s=0.5)

    assert run(body()).failure
