"""Each trouble as its user meets it, over plain HTTP."""

import asyncio
import json
import re
import time
from collections.abc import Callable

import httpx
import pytest

from deepkit.records import Target
from tests.sandbox.conftest import client, question

MANY = 2000


def ask(target: Target, **fields) -> httpx.Response:
    """One plain question."""
    with client(target) as asking:
        return asking.post("/chat/completions", json=question(target, **fields))


def other_way(target: Target, name: str) -> httpx.Response:
    """The same question after an outside change."""
    return ask(target.stand_ins[name])


def until_both(ask_once: Callable[[], httpx.Response], refusal: int) -> httpx.Response:
    """Ask until one was answered and one refused, as the load comes and goes; returns the refusal."""
    seen: dict[int, httpx.Response] = {}
    for _ in range(MANY):
        answer = ask_once()
        seen[answer.status_code] = answer
        if seen.keys() == {200, refusal}:
            return seen[refusal]
    raise AssertionError(seen)


def test_rush_hour_refuses_some_and_answers_some(opened) -> None:
    """A refusal is a 503 with DeepSeek's body; test_load holds their share."""
    box = opened("rush_hour")
    with client(box.target) as asking:
        body = question(box.target, max_tokens=1)
        refused = until_both(lambda: asking.post("/chat/completions", json=body), 503)
    error = refused.json()["error"]
    assert error["type"] == error["code"] == "service_unavailable_error"
    assert error["message"].startswith("Service is too busy.")


def test_the_queue_sends_filler_and_hangs_up(opened) -> None:
    """Keep-alive comments flow, no token comes, and the connection ends without the end of its answer."""
    target = opened("keepalive_queue").target
    cut = 0
    with client(target) as asking:
        for stream, filler in ((True, ": keep-alive"), (False, "")) * 2:
            lines: list[str] = []
            try:
                with asking.stream(
                    "POST", "/chat/completions", json=question(target, stream=stream)
                ) as answer:
                    assert answer.status_code == 200
                    lines += answer.iter_lines()
            except httpx.RemoteProtocolError:
                cut += 1
                assert lines.count(filler) >= 5
                assert not any(line.startswith(("data", "{")) for line in lines)
    assert cut == 3  # of four in a row exactly three


@pytest.mark.parametrize("stream", [True, False])
def test_blank_200(opened, stream: bool) -> None:
    """Of four answers three are a success without a byte; the other one is whole."""
    target = opened("blank_200").target
    answers = [ask(target, stream=stream) for _ in range(8)]
    assert {one.status_code for one in answers} == {200}
    assert sum(one.content == b"" for one in answers) == 6
    assert other_way(target, "quiet_hour").content


def test_silent_stream(opened) -> None:
    """The stream stops in its reasoning: no finish reason, no [DONE], no close within the client's patience."""
    target = opened("silent_stream").target
    silent = 0
    with client(target, timeout=0.5) as asking:
        for _ in range(4):
            text = ""
            try:
                with asking.stream("POST", "/chat/completions", json=question(target, stream=True)) as answer:
                    for piece in answer.iter_text():
                        text += piece
            except httpx.ReadTimeout:
                silent += 1
                assert "reasoning_content" in text
                assert "[DONE]" not in text
                assert '"finish_reason":"' not in text
    assert silent == 3


def test_no_resource(opened) -> None:
    """The finish reason says what HTTP does not."""
    target = opened("no_resource").target
    found = [ask(target).json()["choices"][0] for _ in range(4)]
    reasons = sorted(one["finish_reason"] for one in found)
    assert reasons == ["insufficient_system_resource"] * 3 + ["stop"]
    assert all(bool(one["message"]["content"]) == (one["finish_reason"] == "stop") for one in found)


def test_concurrency_429(opened) -> None:
    """The body names the limit in force and a number above it; a topped-up account is never refused."""
    target = opened("concurrency_429").target
    error = until_both(lambda: ask(target, max_tokens=1), 429).json()["error"]
    assert error["type"] == "rate_limit_error"
    assert re.search(r"concurrency is 5, .* limit of 4", error["message"])
    assert {other_way(target, "topped_up").status_code for _ in range(10)} == {200}


def test_no_balance(opened) -> None:
    """402 each time, the balance says why, and credit cures it."""
    target = opened("no_balance").target
    answer = ask(target)
    assert (answer.status_code, answer.json()["error"]["message"]) == (402, "Insufficient Balance")
    assert answer.json()["error"]["type"] == "unknown_error"
    with client(target) as asking:
        balance = asking.get("/user/balance").json()
    assert balance["is_available"] is False
    assert other_way(target, "topped_up").status_code == 200


def test_bad_key(opened) -> None:
    """401 with the key's last four characters and nothing more of it; a working key cures it."""
    target = opened("bad_key").target
    answer = ask(target)
    assert target.key is not None
    key = target.key.reveal()
    assert answer.status_code == 401
    assert f"****{key[-4:]} is invalid (request_id: " in answer.json()["error"]["message"]
    assert key[:-4] not in answer.text
    assert other_way(target, "working_key").status_code == 200


def test_retired_model(opened) -> None:
    """The refusal names what is taken, and the list has it."""
    target = opened("retired_model").target
    answer = ask(target)
    assert answer.status_code == 400
    assert "but you passed deepseek-chat" in answer.json()["error"]["message"]
    assert ask(target, model="deepseek-flash").status_code == 200


@pytest.mark.parametrize("name", ["context_too_long", "broken_history"])
def test_one_conversation_fails_and_a_new_one_works(opened, name: str) -> None:
    """The conversation is refused each time, with its own message; a line of one's own is not."""
    target = opened(name).target
    says = {
        "context_too_long": "maximum context length is 4096",
        "broken_history": "insufficient tool messages",
    }
    for _ in range(2):
        answer = ask(target)
        assert answer.status_code == 400
        said = answer.json()["error"]["message"]
        assert says[name] in said or "reasoning_content" in said
    fresh = question(target) | {"messages": [{"role": "user", "content": "Hello?"}]}
    with client(target) as asking:
        assert asking.post("/chat/completions", json=fresh).status_code == 200


def test_the_provider_is_down_and_the_aggregator_is_not(opened) -> None:
    """Everything at the provider is the web server's own 500 page; the alternative answers with its own ids."""
    box = opened("official_down_aggregator_up")
    with client(box.target) as asking:
        for answer in (asking.get("/models"), asking.get("/"), ask(box.target)):
            assert answer.status_code == 500
            assert "<center>openresty</center>" in answer.text
    (other,) = box.target.alternatives
    assert other.model.startswith("deepseek/")
    assert ask(other).status_code == 200
    with httpx.Client(trust_env=False) as plain:
        page = plain.get(f"{box.target.status_url}/summary/active").json()["data"]
    assert {one["status"] for one in page["page"]["components"]} == {"full_outage"}
    assert page["active_changes"][0]["updates"][0]["component_changes"]


def test_status_and_history(opened) -> None:
    """The chat is degraded, the API operational; the change list holds the incident by its time."""
    target = opened("web_busy_api_fine").target
    with httpx.Client(trust_env=False) as plain:
        parts = plain.get(f"{target.status_url}/summary/active").json()["data"]["page"]["components"]
        change = f"{target.status_url}/change/list"
        now = plain.get(change, params={"start_at_seconds": 0, "end_at_seconds": int(time.time())}).json()
        long_ago = plain.get(change, params={"start_at_seconds": 0, "end_at_seconds": 9}).json()
    states = {one["name"]: one["status"] for one in parts}
    assert (states["Chatservice"], states["V4.1 Flash API"]) == ("degraded", "operational")
    assert len(now["data"]["items"]) == 1
    assert long_ago["data"]["items"] == []


def test_many_at_once_are_answered(opened) -> None:
    """Forty streams at once come to their ends: the sandbox is no bottleneck of its own."""
    target = opened("healthy").target
    assert target.key is not None
    bearer = {"Authorization": f"Bearer {target.key.reveal()}"}

    async def crowd() -> list[str]:
        async with httpx.AsyncClient(
            base_url=target.base_url, headers=bearer, trust_env=False, timeout=20
        ) as asking:
            body = question(target, stream=True)
            answers = await asyncio.gather(*(asking.post("/chat/completions", json=body) for _ in range(40)))
        return [one.text for one in answers]

    texts = asyncio.run(crowd())
    assert all(text.endswith("data: [DONE]\n\n") for text in texts)
    assert len({json.loads(text.split("\n")[0][6:])["id"] for text in texts}) == 40
