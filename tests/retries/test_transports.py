"""The policy in real clients: httpx and httpx2, sync and async, on real sockets."""

import asyncio
import random
import threading
import time
from typing import Any

import httpx
import httpx2
import pytest

from deepkit.errors import UnknownNameError
from deepkit.records import Policy
from deepkit.retries import retrying_async_transport, retrying_transport
from tests.retries.scripted import (
    ANSWER,
    JSON,
    ROLE,
    SSE,
    STARVED,
    STREAM,
    WORD,
    Reply,
    Scripted,
    serving,
    sse,
)

QUICK = Policy("fixed", retries=3, base_s=0.0)
LIBRARIES = {"httpx": httpx, "httpx2": httpx2}
BUSY = Reply(503, (b'{"error":{"message":"busy"}}',))


@pytest.fixture(params=["httpx", "httpx2"])
def library(request: Any) -> str:
    """Each client library."""
    return str(request.param)


@pytest.fixture(params=["sync", "async"])
def way(request: Any) -> str:
    """Each way to call it."""
    return str(request.param)


def ask(way: str, library: str, server: Scripted, policy: Policy = QUICK, **options: Any) -> tuple[Any, Any]:
    """Post a question; return the answer, or the exception, and the transport's tally."""
    http = LIBRARIES[library]
    if way == "sync":
        transport = retrying_transport(policy, library=library, rng=random.Random(1), **options)
        with http.Client(transport=transport, timeout=10) as client:
            try:
                return client.post(server.url, json={"q": 1}), transport.tally
            except http.TransportError as error:
                return error, transport.tally

    async def go() -> tuple[Any, Any]:
        transport = retrying_async_transport(policy, library=library, rng=random.Random(1), **options)
        async with http.AsyncClient(transport=transport, timeout=10) as client:
            try:
                return await client.post(server.url, json={"q": 1}), transport.tally
            except http.TransportError as error:
                return error, transport.tally

    return asyncio.run(go())


CURED = {
    "503": BUSY,
    "500": Reply(500),
    "429": Reply(429, (b"{}",)),
    "blank body": Reply(body=()),
    "blank lines": Reply(body=(b"\n", b"\n \n")),
    "blank stream": Reply(kind=SSE, body=(b": keep-alive\n\n",)),
    "done without a word": Reply(kind=SSE, body=sse()),
    "cut before a word": Reply(kind=SSE, body=sse(ROLE, done=False)),
    "connection cut": Reply(kind=SSE, body=sse(ROLE, done=False), cut=True),
    "no resource": Reply(kind=SSE, body=sse(ROLE, STARVED)),
    "error event": Reply(kind=SSE, body=sse('{"error":{"message":"overloaded"}}')),
    "bare error in a stream": Reply(kind=SSE, body=(b'{"error":{"message":"overloaded"}}\n',)),
    "done without an end": Reply(kind=SSE, body=(b"data: [DONE]",)),
    "old line ends": Reply(kind=SSE, body=(b"data: " + STARVED.encode() + b"\r", b"\r")),
}


@pytest.mark.parametrize("face", list(CURED))
def test_every_face_of_busy_is_tried_again(face: str, library: str, way: str) -> None:
    """Two failures, then an answer: three attempts with the same body, and the answer byte for byte."""
    with serving(CURED[face], CURED[face], STREAM) as server:
        answer, tally = ask(way, library, server)
        assert answer.status_code == 200
        assert answer.content == b"".join(STREAM.body)
        assert server.seen == [server.seen[0]] * 3
        assert (tally.calls, tally.attempts, tally.answered, len(tally.waits)) == (1, 3, 1, 2)
        assert tally.amplification == 3.0


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422])
def test_what_no_attempt_cures_is_handed_over(status: int, library: str, way: str) -> None:
    """One request, and the refusal as it came."""
    with serving(Reply(status, (b'{"error":{"message":"no"}}',))) as server:
        answer, tally = ask(way, library, server)
        assert answer.status_code == status
        assert answer.json() == {"error": {"message": "no"}}
        assert tally.attempts == 1


def test_an_exhausted_quota_is_not_retried(library: str, way: str) -> None:
    """A 429 that says insufficient_quota is handed over after one request."""
    body = b'{"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}}'
    with serving(Reply(429, (body,))) as server:
        answer, tally = ask(way, library, server)
        assert (answer.status_code, tally.attempts) == (429, 1)


def test_an_exhausted_quota_in_a_stream_is_not_retried(library: str, way: str) -> None:
    """An error event that speaks of the quota, in an event or bare, is handed over after one request."""
    error = '{"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}}'
    for body in (sse(ROLE, error), [f"{error}\n\n".encode()]):
        with serving(Reply(kind=SSE, body=body)) as server:
            answer, tally = ask(way, library, server)
            assert (answer.content, tally.attempts) == (b"".join(body), 1)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(kind=SSE, body=sse(ROLE, WORD, done=False), cut=True),
        Reply(kind=SSE, body=sse(ROLE, WORD, STARVED)),
        Reply(
            kind=SSE,
            body=sse(ROLE, '{"choices":[{"delta":{"reasoning_content":"hm"}}]}', done=False),
            cut=True,
        ),
    ],
)
def test_no_replay_once_text_was_shown(reply: Reply, library: str, way: str) -> None:
    """After the first word the rest comes as it is, and its end is the caller's to see."""
    with serving(reply, STREAM) as server:
        answer, tally = ask(way, library, server)
        assert tally.attempts == 1
        assert len(server.seen) == 1
        if reply.cut:
            assert isinstance(answer, Exception)
        else:
            assert answer.content == b"".join(reply.body)


def test_retries_end(library: str, way: str) -> None:
    """After three retries the last refusal is handed over with its body."""
    with serving(BUSY) as server:
        answer, tally = ask(way, library, server)
        assert (answer.status_code, answer.json()["error"]["message"]) == (503, "busy")
        assert (tally.attempts, tally.failed) == (4, 1)


def test_nobody_there(library: str, way: str, free_port: int) -> None:
    """A refused connection is tried again, and then the client's own exception comes through."""

    class Nobody:
        url = f"http://127.0.0.1:{free_port}/chat/completions"

    answer, tally = ask(way, library, Nobody())  # type: ignore[arg-type]
    assert type(answer).__name__ == "ConnectError"
    assert tally.attempts == 4
    assert tally.failures == {"connection_refused": 4}


def test_retry_after_is_obeyed(library: str, way: str) -> None:
    """The next request comes no earlier than the server asked."""
    with serving(Reply(503, headers={"retry-after-ms": "300"}), ANSWER) as server:
        began = time.monotonic()
        answer, tally = ask(way, library, server)
        assert time.monotonic() - began >= 0.3
        assert answer.status_code == 200
        assert 0.3 <= tally.waits[0] <= 0.375 + 1e-9


def test_keep_alives_do_not_outlast_the_deadline(library: str, way: str) -> None:
    """A stream that only ever keeps alive ends at the policy's deadline, though no read times out."""
    filler = Reply(kind=SSE, body=[b": keep-alive\n\n"] * 1000, hold=None)
    slow = SlowReply(filler)
    with serving(slow) as server:
        policy = Policy("fixed", retries=3, base_s=0.0, deadline_s=0.5)
        began = time.monotonic()
        answer, tally = ask(way, library, server, policy)
        assert time.monotonic() - began >= 0.4
        assert type(answer).__name__ == "ReadTimeout"
        assert tally.failures == {"queue_timeout": 1}
        slow.stop.set()


class SlowReply(Reply):
    """A reply whose pieces come 20 ms apart."""

    def __init__(self, reply: Reply) -> None:
        self.stop = threading.Event()
        super().__init__(reply.status, (), reply.kind)
        self.body = Pieces(reply.body, self.stop)  # type: ignore[assignment]


class Pieces:
    """Pieces of a body in time, until told to stop."""

    def __init__(self, body: Any, stop: threading.Event) -> None:
        self.body, self.stop = body, stop

    def __iter__(self) -> Any:
        for piece in self.body:
            if self.stop.wait(0.02):
                return
            yield piece


def test_a_stream_begins_before_it_ends(library: str) -> None:
    """The answer is handed over with its first word, not held until its end."""
    gate = threading.Event()

    class Gated:
        def __iter__(self) -> Any:
            yield from sse(ROLE, WORD, done=False)
            gate.wait(20)
            yield b"data: [DONE]\n\n"

    with serving(Reply(kind=SSE, body=Gated())) as server:  # type: ignore[arg-type]
        http = LIBRARIES[library]
        transport = retrying_transport(QUICK, library=library)
        with (
            http.Client(transport=transport, timeout=10) as client,
            client.stream("POST", server.url, json={}) as answer,
        ):
            lines = answer.iter_lines()
            first = [next(lines) for _ in range(3)]
            assert "pong" in first[2]
            gate.set()
            assert "data: [DONE]" in list(lines)


def test_other_answers_pass_untouched(library: str, way: str) -> None:
    """What is no chat answer is not judged: an empty page stays an empty page."""
    with serving(Reply(200, (), "text/html")) as server:
        answer, tally = ask(way, library, server)
        assert (answer.content, tally.attempts) == (b"", 1)


def test_one_layer_in_another_does_not_multiply(library: str, way: str) -> None:
    """A retrying transport inside a retrying transport sends each attempt once."""
    inner = retrying_transport if way == "sync" else retrying_async_transport
    with serving(BUSY) as server:
        nested = inner(QUICK, library=library)
        _, tally = ask(way, library, server, base=nested)
        assert tally.attempts == len(server.seen) == 4
        assert nested.tally.calls == 0


def test_budget_bounds_many_calls(library: str) -> None:
    """Twenty calls to a server that is down for good: retries stay within ratio x calls + burst."""
    policy = Policy("fixed", retries=5, base_s=0.0, budget_ratio=0.1, budget_burst=3.0)
    with serving(BUSY) as server:
        transport = retrying_transport(policy, library=library)
        with LIBRARIES[library].Client(transport=transport, timeout=10) as client:
            for _ in range(20):
                client.post(server.url, json={})
        assert 20 < len(server.seen) <= 20 + 3 + 2


def test_a_concurrency_limit_is_learnt(library: str) -> None:
    """Eight threads on an account that allows two at once: everyone is answered, and refusals stay few."""
    gate_free = Reply(body=ANSWER.body)
    policy = Policy("full_jitter", retries=30, base_s=0.01, cap_s=0.05)
    with serving(gate_free, limit=2) as server:
        transport = retrying_transport(policy, library=library, rng=random.Random(1))
        statuses: list[int] = []
        with LIBRARIES[library].Client(transport=transport, timeout=20) as client:
            workers = [
                threading.Thread(
                    target=lambda: statuses.extend(
                        client.post(server.url, json={}).status_code for _ in range(5)
                    )
                )
                for _ in range(8)
            ]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(30)
        assert statuses == [200] * 40
        assert transport.concurrency.open == 0
        assert server.refused <= 60


def test_tasks_learn_a_concurrency_limit(library: str) -> None:
    """The same with eight tasks of one event loop: all are answered, the refused wait for their own to end."""

    async def go(server: Scripted) -> tuple[list[int], int]:
        policy = Policy("full_jitter", retries=30, base_s=0.01, cap_s=0.05)
        transport = retrying_async_transport(policy, library=library, rng=random.Random(1))
        async with LIBRARIES[library].AsyncClient(transport=transport, timeout=20) as client:

            async def five() -> list[int]:
                return [(await client.post(server.url, json={})).status_code for _ in range(5)]

            answers = await asyncio.gather(*(five() for _ in range(8)))
        return [status for one in answers for status in one], transport.concurrency.open

    with serving(Reply(body=ANSWER.body), limit=2) as server:
        statuses, still_open = asyncio.run(asyncio.wait_for(go(server), 60))
        assert statuses == [200] * 40
        assert still_open == 0
        assert server.refused <= 60


def test_threads_share_a_transports_budget(library: str) -> None:
    """Six threads on a server that is down: together they spend the burst and what they earned, no more."""
    policy = Policy("fixed", retries=9, base_s=0.0, budget_ratio=0.1, budget_burst=5.0)
    with serving(BUSY) as server:
        transport = retrying_transport(policy, library=library)
        with LIBRARIES[library].Client(transport=transport, timeout=20) as client:
            workers = [
                threading.Thread(target=lambda: [client.post(server.url, json={}) for _ in range(5)])
                for _ in range(6)
            ]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(30)
        assert transport.tally.calls == 30
        assert 30 + 5 <= transport.tally.attempts == len(server.seen) <= 30 + 5 + 3


def test_interrupting_leaves_nothing_open() -> None:
    """A cancelled call gives its place back and closes its connection."""

    async def go() -> int:
        hold = threading.Event()
        with serving(Reply(kind=SSE, hold=hold)) as server:
            transport = retrying_async_transport(QUICK)
            async with httpx.AsyncClient(transport=transport) as client:
                task = asyncio.create_task(client.post(server.url, json={}))
                assert await asyncio.to_thread(server.asked.wait, 10)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            hold.set()
            return int(transport.concurrency.open)

    assert asyncio.run(asyncio.wait_for(go(), 20)) == 0


def test_unknown_library() -> None:
    """A library that is not known is a usage error."""
    with pytest.raises(UnknownNameError, match="did you mean"):
        retrying_transport(QUICK, library="http2x")


def test_json_kind_is_known() -> None:
    """The script's default is what the API sends."""
    assert ANSWER.kind == JSON


def test_a_guard_drops_attempts_here(library: str, way: str) -> None:
    """An adaptive throttle that knows the server refuses everything does not send the question."""
    policy = Policy("fixed", retries=0, guard="adaptive_throttle", guard_level=1.1, guard_window_s=1e6)
    with serving(BUSY) as server:
        if way == "sync":
            transport = retrying_transport(policy, library=library, rng=random.Random(1))
            with LIBRARIES[library].Client(transport=transport) as client:
                for _ in range(60):
                    try:
                        client.post(server.url, json={})
                    except LIBRARIES[library].PoolTimeout:
                        continue
            assert len(server.seen) < 15
            assert transport.tally.calls == 60
        else:
            answer, _ = ask(way, library, server, policy)
            assert answer.status_code == 503
