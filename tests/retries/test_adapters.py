"""The policy for code that retries by other means, the shared budget, and stacked layers."""

import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import httpx2
import openai
import pytest
import tenacity
from hypothesis import given, settings
from hypothesis import strategies as st

from deepkit.errors import UsageError
from deepkit.records import Policy
from deepkit.retries import (
    POLICIES,
    Bucket,
    FileBucket,
    amplification,
    policy_delays,
    retry_layers,
    retrying_async_transport,
    retrying_transport,
    tenacity_options,
)
from tests.retries.scripted import STREAM, Reply, serving

FAST = Policy("fixed", retries=3, base_s=0.001)


def test_plain_delays() -> None:
    """The guide's ladder as plain numbers; a deadline ends them; none has none."""
    assert list(policy_delays(POLICIES["guide_ladder"])) == [5.0, 10.0, 30.0]
    assert list(policy_delays(Policy("fixed", retries=9, base_s=2.0, deadline_s=5.0))) == [2.0, 2.0]
    assert list(policy_delays(POLICIES["none"])) == []
    full = list(policy_delays(POLICIES["full_jitter"], random.Random(1)))
    assert full == list(policy_delays(POLICIES["full_jitter"], random.Random(1)))
    assert all(wait <= 2.0**n for n, wait in enumerate(full))


def post(url: str) -> str:
    """Post with httpx and raise for a status."""
    with httpx.Client() as client:
        return client.post(url, json={}).raise_for_status().text


@pytest.mark.parametrize(("status", "attempts"), [(503, 4), (429, 4), (402, 1), (400, 1)])
def test_tenacity_obeys(status: int, attempts: int) -> None:
    """Tenacity's own loop with our rules sends as many attempts as the policy says, and raises the real error."""
    with serving(Reply(status)) as server:
        asking = tenacity.retry(**tenacity_options(FAST, random.Random(1)))(post)
        with pytest.raises(httpx.HTTPStatusError):
            asking(server.url)
        assert len(server.seen) == attempts


def test_tenacity_honours_retry_after_and_succeeds() -> None:
    """The wait comes from the server's header, and the answer in the end is the function's."""
    waits: list[float] = []
    with serving(Reply(503, headers={"retry-after-ms": "40"}), Reply(body=(b"fine",))) as server:
        asking = tenacity.retry(
            **tenacity_options(FAST, random.Random(1)),
            before_sleep=lambda state: waits.append(state.next_action.sleep),
        )(post)
        assert asking(server.url) == "fine"
    assert 0.04 <= waits[0] <= 0.051


def test_tenacity_leaves_bugs_alone() -> None:
    """An exception that is no failure of the network is not retried."""
    calls = []

    @tenacity.retry(**tenacity_options(FAST))
    def broken() -> None:
        calls.append(1)
        raise KeyError("bug")

    with pytest.raises(KeyError):
        broken()
    assert len(calls) == 1


def test_file_budget_between_processes(tmp_path: Path) -> None:
    """Four processes and threads spend one budget: exactly its tokens, no more."""
    path = tmp_path / "budget"
    bucket = FileBucket(path, 0.1, 50.0)
    code = (
        "import sys; from deepkit.retries import FileBucket; b = FileBucket(sys.argv[1], 0.1, 50.0);"
        "print(sum(b.spend() for _ in range(40)))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    spent = sum(int(one.communicate(timeout=60)[0]) for one in running)
    assert spent == 50
    assert bucket.tokens < 1.0
    for _ in range(11):
        bucket.earn()
    assert bucket.spend()


@pytest.mark.skipif(sys.platform == "win32", reason="locks the file as POSIX does")
def test_a_stopped_holder_stops_nobody(tmp_path: Path) -> None:
    """While another process sits on the lock, no retry is allowed and no call waits for long; afterwards all is well."""
    import fcntl

    path = tmp_path / "budget"
    bucket = FileBucket(path, 1.0, 5.0)
    with path.open("r+b") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        bucket.earn()
        assert not bucket.spend()
        assert bucket.tokens == 0.0
        with pytest.raises(UsageError, match="another process holds it"):
            FileBucket(path, 1.0, 5.0)
    assert bucket.spend()
    assert bucket.tokens == 4.0


@given(st.lists(st.booleans(), max_size=30), st.floats(0.0, 3.0), st.floats(0.0, 6.0))
@settings(max_examples=40)
def test_both_buckets_are_one(acts: list[bool], ratio: float, burst: float) -> None:
    """In a file or in memory, the same earnings and spendings leave the same tokens, never below 0 or above burst."""
    with tempfile.TemporaryDirectory() as folder:
        here, there = Bucket(ratio, burst), FileBucket(Path(folder) / "budget", ratio, burst)
        for earns in acts:
            if earns:
                here.earn()
                there.earn()
            else:
                assert here.spend() == there.spend()
            assert here.tokens == there.tokens
            assert 0.0 <= here.tokens <= burst


def test_file_budget_in_a_transport(tmp_path: Path) -> None:
    """A transport takes the shared budget."""
    budget = FileBucket(tmp_path / "budget", 0.0, 2.0)
    with serving(Reply(503)) as server:
        transport = retrying_transport(Policy("fixed", retries=9, base_s=0.0), budget=budget)
        with httpx.Client(transport=transport) as client:
            client.post(server.url, json={})
            client.post(server.url, json={})
        assert len(server.seen) == 2 + 2


def test_file_budget_refuses_other_files(tmp_path: Path) -> None:
    """A file that is something else is neither read as a budget nor changed."""
    other = tmp_path / "letter"
    other.write_text("dear reader, this is no budget")
    with pytest.raises(UsageError):
        FileBucket(other, 0.1, 5.0)
    assert other.read_text() == "dear reader, this is no budget"
    with pytest.raises(UsageError):
        FileBucket(tmp_path / "no" / "folder", 0.1, 5.0)


def test_stacked_layers_are_found() -> None:
    """The SDK's own retries and a transport's multiply; with the SDK's switched off only ours are left."""
    http = httpx2.Client(transport=retrying_transport(FAST, library="httpx2"))
    stacked = openai.OpenAI(api_key="sk-none", http_client=http)
    assert [layer.attempts for layer in retry_layers(stacked)] == [3, 4]
    assert amplification(stacked) == 12
    alone = openai.OpenAI(api_key="sk-none", http_client=http, max_retries=0)
    assert amplification(alone) == 4
    http.close()


def test_a_second_copy_counts_as_a_request() -> None:
    """With hedging each attempt may be two requests, and a policy of one attempt is a layer as well."""
    hedged = Policy("fixed", retries=3, base_s=0.001, hedge_after_s=1.0)
    assert amplification(retrying_async_transport(hedged)) == 8
    assert amplification(retrying_async_transport(Policy(hedge_after_s=1.0))) == 2
    assert amplification(retrying_transport(Policy())) == 1


def test_a_decorated_function_is_a_layer() -> None:
    """Tenacity's stop_after_attempt is found on the function it decorates; a plain client has no layer."""

    @tenacity.retry(stop=tenacity.stop_after_attempt(5))
    def asked() -> None:
        """Nothing."""

    assert amplification(asked) == 5
    with httpx.Client() as client:
        assert retry_layers(client) == ()


class Holder:
    """Something that keeps a client under the names that a framework uses."""

    def __init__(self, **kept: Any) -> None:
        vars(self).update(kept)


@pytest.mark.parametrize(
    "hold",
    [
        lambda sdk: Holder(
            client=Holder(_client=sdk), root_client=sdk, max_retries=2
        ),  # langchain-deepseek 1.1
        lambda sdk: Holder(model=Holder(client=sdk)),  # pydantic-ai 2.38, an Agent
        lambda sdk: Holder(client=sdk),  # pydantic-ai's model and provider, instructor 1.17
    ],
    ids=["ChatDeepSeek", "Agent", "provider"],
)
def test_a_framework_s_objects_are_seen_through(hold: Callable[[Any], Any]) -> None:
    """What holds a client has that client's layers, each counted once."""
    with httpx2.Client(transport=retrying_transport(FAST, library="httpx2")) as http:
        sdk = openai.OpenAI(api_key="sk-none", http_client=http)
        assert [one.attempts for one in retry_layers(hold(sdk))] == [3, 4]


@pytest.mark.parametrize(("made_for", "used_in"), [("httpx", httpx2), ("httpx2", httpx)])
def test_the_wrong_library_is_told_in_a_sentence(made_for: str, used_in: Any) -> None:
    """A transport in a client of the other library says which one it needs; the SDK's error carries that."""
    with (
        used_in.Client(transport=retrying_transport(FAST, library=made_for)) as http,
        pytest.raises(UsageError, match=f"library='{used_in.__name__}'"),
    ):
        http.get("http://127.0.0.1:9/")


def test_a_circle_ends() -> None:
    """A client that wraps itself does not hang the search."""

    class Circle:
        _client: Any = None

    circle = Circle()
    circle._client = circle
    assert retry_layers(circle) == ()


def test_the_openai_sdk_through_the_transport() -> None:
    """The unmodified SDK streams an answer through busy, blank and cut ones, and the true count is told."""
    script = (
        Reply(503),
        Reply(body=(b"\n",)),
        Reply(kind=STREAM.kind, body=STREAM.body[:1], cut=True),
        STREAM,
    )
    with serving(*script) as server:
        transport = retrying_transport(FAST, library="httpx2")
        base = server.url.removesuffix("/chat/completions")
        with httpx2.Client(transport=transport, timeout=10) as http:
            client = openai.OpenAI(api_key="sk-none", base_url=base, http_client=http, max_retries=0)
            stream = client.chat.completions.create(
                model="deepseek-flash", messages=[{"role": "user", "content": "ping"}], stream=True
            )
            text = "".join(part.choices[0].delta.content or "" for part in stream)
        assert text == "pong"
        assert transport.tally.attempts == 4
        assert transport.tally.stacked == 0


def test_an_sdk_that_retries_too_is_noticed() -> None:
    """With the SDK's retries left on, calls that are its second attempts are counted as stacked."""
    with serving(Reply(503)) as server:
        transport = retrying_transport(Policy("fixed", retries=1, base_s=0.0), library="httpx2")
        base = server.url.removesuffix("/chat/completions")
        with httpx2.Client(transport=transport, timeout=10) as http:
            client = openai.OpenAI(api_key="sk-none", base_url=base, http_client=http, max_retries=1)
            with pytest.raises(openai.InternalServerError):
                client.chat.completions.create(model="m", messages=[{"role": "user", "content": "ping"}])
        assert len(server.seen) == 4
        assert (transport.tally.calls, transport.tally.stacked) == (2, 1)
