"""A second copy when nothing has come in time: real sockets, both libraries, async clients."""

import asyncio
import json
import random
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import httpx2
import openai
import pytest
import trustme

from deepkit import plots, svg
from deepkit.errors import UsageError
from deepkit.records import Policy
from deepkit.retries import retrying_async_transport, retrying_transport
from tests.retries.scripted import ANSWER, ROLE, SSE, STREAM, WORD, Reply, Scripted, serving, sse

LIBRARIES = {"httpx": httpx, "httpx2": httpx2}
HEDGED = Policy("fixed", retries=2, base_s=0.0, hedge_after_s=0.03)
HANGS = {
    "before the headers": Reply(hang=True, until="headers"),
    "after the headers": Reply(kind=SSE, body=(), hang=True),
    "after a keep-alive": Reply(kind=SSE, body=(b": keep-alive\n\n",), hang=True),
    "after the role": Reply(kind=SSE, body=sse(ROLE, done=False), hang=True),
}
SLOW = HANGS["before the headers"]
NO_ROOTS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: reading the roots for every client takes longer than the tests of plain HTTP themselves."""


@pytest.fixture(params=["httpx", "httpx2"])
def library(request: Any) -> str:
    """Each client library."""
    return str(request.param)


def ask(
    library: str, url: str, policy: Policy = HEDGED, *, prepare: Any = None, **options: Any
) -> tuple[Any, Any]:
    """Post a question; return the answer or exception, and the transport."""
    http, verify = LIBRARIES[library], options.pop("verify", NO_ROOTS)

    async def go() -> tuple[Any, Any]:
        base = options.pop("base", None) or http.AsyncHTTPTransport(verify=verify)
        transport = retrying_async_transport(
            policy, library=library, rng=random.Random(1), base=base, **options
        )
        if prepare:
            prepare(transport)
        async with http.AsyncClient(transport=transport, timeout=10) as client:
            try:
                return await client.post(url, json={"q": 1}), transport
            except http.TransportError as error:
                return error, transport
            finally:
                assert len(asyncio.all_tasks()) == 2  # this one, and the one that waits for it

    return asyncio.run(asyncio.wait_for(go(), 30))


def test_a_sync_client_says_that_it_cannot(library: str) -> None:
    """A sync transport refuses a policy that hedges, and names the transport that can."""
    with pytest.raises(UsageError, match="retrying_async_transport"):
        retrying_transport(HEDGED, library=library)


@pytest.mark.parametrize("where", list(HANGS))
def test_the_second_copy_wins(where: str, library: str) -> None:
    """Wherever the first copy hangs before a word, the second's bytes are handed over and the first is closed."""
    with serving(HANGS[where], STREAM) as server:
        answer, transport = ask(library, server.url)
        assert answer.content == b"".join(STREAM.body)
        assert server.left.acquire(timeout=10)
        assert server.seen == [server.seen[0]] * 2
        tally = transport.tally
        assert (tally.calls, tally.attempts, tally.answered, tally.hedges) == (1, 2, 1, 1)
        assert (tally.waits, dict(tally.failures)) == ([], {})
        assert transport.concurrency.open == 0


def test_the_plot_reads_the_tally() -> None:
    """The figure carries the transport's own counts, second copies among them."""
    with serving(SLOW, STREAM) as server:
        _, transport = ask("httpx", server.url)
    counts = transport.tally.as_json()
    figure = plots.client_calls(counts)
    drawn = dict(zip(figure.data[0].y, figure.data[0].x, strict=True))
    assert drawn == {
        "calls": 1, "requests sent": 2, "second copies": 1, "calls answered": 1, "calls failed": 0,
    }  # fmt: skip
    assert "1 calls sent 2 requests (2.00 requests a call" in figure.layout.meta["alt"]
    assert svg.drawable(json.loads(figure.to_json()))


def test_the_first_copy_may_still_win(library: str) -> None:
    """The first answers once the second is on its way: its bytes count, and the second is closed."""
    with serving(Reply(body=ANSWER.body, until="headers"), SLOW) as server:
        server.replies[0].hold = server.twice
        answer, transport = ask(library, server.url)
        assert answer.content == b"".join(ANSWER.body)
        assert server.left.acquire(timeout=10)
        assert (transport.tally.attempts, transport.concurrency.open) == (2, 0)


def test_a_copy_that_fails_leaves_the_field_to_the_other(library: str) -> None:
    """A 503 of the second copy is not the attempt's end while the first goes on."""
    seen: list[Any] = []
    with serving(Reply(kind=SSE, body=STREAM.body), Reply(503)) as server:
        server.replies[0].hold = Once(lambda: bool(seen[0].tally.failures))  # type: ignore[assignment]
        answer, transport = ask(library, server.url, prepare=seen.append)
        assert answer.content == b"".join(STREAM.body)
        assert (transport.tally.attempts, transport.tally.failures) == (2, {"http_503": 1})


class Once:
    """Waits like an event until something is so."""

    def __init__(self, so: Callable[[], bool]) -> None:
        self.so = so

    def wait(self, timeout_s: float) -> bool:
        """Wait until it is so."""
        until = time.monotonic() + timeout_s
        while not self.so() and time.monotonic() < until:
            time.sleep(0.002)
        return self.so()


def test_an_attempt_fails_when_all_its_copies_have(library: str) -> None:
    """Both copies are refused, then the next attempt is answered."""
    with serving(Reply(503, until="headers"), Reply(503), STREAM) as server:
        server.replies[0].hold = server.twice
        answer, transport = ask(library, server.url)
        assert answer.content == b"".join(STREAM.body)
        assert (transport.tally.attempts, len(transport.tally.waits)) == (3, 1)
        assert transport.concurrency.open == 0


def test_a_refusal_that_no_copy_cures_ends_the_race(library: str) -> None:
    """The second copy hears 402: that is the answer, and the first is closed."""
    with serving(SLOW, Reply(402)) as server:
        answer, _ = ask(library, server.url)
        assert answer.status_code == 402
        assert server.left.acquire(timeout=10)


def test_no_second_copy_once_a_word_was_shown(library: str) -> None:
    """With the first word the race is over: no task is left that could send another copy."""

    async def go(server: Scripted) -> Any:
        transport = retrying_async_transport(replace(HEDGED, hedge_after_s=30.0), library=library)
        async with (
            LIBRARIES[library].AsyncClient(transport=transport, timeout=10) as client,
            client.stream("POST", server.url, json={}) as answer,
        ):
            lines = answer.aiter_lines()
            assert any(["pong" in await anext(lines) for _ in range(3)])
            assert len(asyncio.all_tasks()) == 2
        return transport

    with serving(Reply(kind=SSE, body=sse(ROLE, WORD, done=False), hang=True)) as server:
        transport = asyncio.run(asyncio.wait_for(go(server), 30))
        assert server.left.acquire(timeout=10)
        assert (len(server.seen), transport.tally.attempts, transport.concurrency.open) == (1, 1, 0)


def test_an_answer_in_time_needs_no_second_copy(library: str) -> None:
    """With time enough one request is sent."""
    with serving(STREAM) as server:
        answer, transport = ask(library, server.url, replace(HEDGED, hedge_after_s=30.0))
        assert answer.content == b"".join(STREAM.body)
        assert (transport.tally.attempts, transport.tally.hedges) == (1, 0)


def _full(transport: Any) -> None:
    transport.concurrency.limit = 1.0


@pytest.mark.parametrize(
    ("changes", "prepare"),
    [({"budget_ratio": 0.0, "budget_burst": 0.0}, None), ({}, _full)],
    ids=["no token left", "at the limit"],
)
def test_hedges_are_held_back(
    changes: dict[str, float], prepare: Callable[[Any], None] | None, library: str
) -> None:
    """Without a token, or at the limit of open requests, no second copy is sent; the deadline ends the call."""
    policy = replace(HEDGED, deadline_s=0.3, **changes)
    with serving(SLOW) as server:
        answer, transport = ask(library, server.url, policy, prepare=prepare)
        assert type(answer).__name__ == "ReadTimeout"
        assert transport.tally.failures == {"queue_timeout": 1}
        assert server.left.acquire(timeout=10)
        assert (len(server.seen), transport.tally.hedges, transport.concurrency.open) == (1, 0, 0)


def test_a_loser_on_tls_is_cut_off(library: str) -> None:
    """The same over TLS: the loser's connection is closed while it waits for its first byte."""
    authority = trustme.CA()
    there, here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(there)
    authority.configure_trust(here)
    with serving(SLOW, ANSWER, tls=there) as server:
        answer, _ = ask(library, server.url, verify=here)
        assert answer.content == b"".join(ANSWER.body)
        assert server.left.acquire(timeout=10)


def test_a_bug_in_the_base_comes_through(library: str) -> None:
    """An exception that is not the network's is raised to the caller, and nothing stays open."""
    http = LIBRARIES[library]

    def broken(_: Any) -> Any:
        raise KeyError("bug")

    seen: list[Any] = []
    with pytest.raises(KeyError):
        ask(library, "http://127.0.0.1/x", base=http.MockTransport(broken), prepare=seen.append)
    assert seen[0].concurrency.open == 0


def test_cancelling_leaves_nothing_open(library: str) -> None:
    """A cancelled task while both copies hang: both connections are closed, both places given back."""

    async def go() -> int:
        before = asyncio.all_tasks()
        with serving(SLOW) as server:
            transport = retrying_async_transport(HEDGED, library=library)
            async with LIBRARIES[library].AsyncClient(transport=transport, timeout=20) as client:
                task = asyncio.create_task(client.post(server.url, json={}))
                assert await asyncio.to_thread(server.twice.wait, 10)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert await asyncio.to_thread(both_left, server)
                assert asyncio.all_tasks() == before
            return int(transport.concurrency.open)

    assert asyncio.run(asyncio.wait_for(go(), 30)) == 0


def both_left(server: Scripted) -> bool:
    """Say whether two clients have left within ten seconds."""
    return server.left.acquire(timeout=10) and server.left.acquire(timeout=10)


def test_the_openai_sdk_is_hedged() -> None:
    """The unmodified SDK streams the second copy's answer; the first was closed."""

    async def go(base: str) -> list[Any]:
        transport = retrying_async_transport(HEDGED, library="httpx2")
        async with httpx2.AsyncClient(transport=transport, timeout=10) as http:
            client = openai.AsyncOpenAI(api_key="sk-none", base_url=base, http_client=http, max_retries=0)
            asked = [{"role": "user", "content": "ping"}]
            stream: Any = await client.chat.completions.create(
                model="deepseek-flash",
                messages=asked,  # type: ignore[arg-type]
                stream=True,
            )
            return [part async for part in stream]

    with serving(SLOW, STREAM) as server:
        parts = asyncio.run(go(server.url.removesuffix("/chat/completions")))
        assert "".join(part.choices[0].delta.content or "" for part in parts) == "pong"
        assert server.left.acquire(timeout=10)
