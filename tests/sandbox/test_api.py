"""The API where all is well, and what it refuses."""

import json
import re
from typing import Any

import httpx
import pytest

from deepkit.sandbox.bodies import OVERLOADED
from tests.sandbox.conftest import client, question


def events(text: str) -> list[dict]:
    """The JSON events of a stream."""
    lines = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_an_answer_in_one_piece(opened, prefix: str) -> None:
    """Both paths answer with text, reasoning (thinking is on by default) and token counts that add up."""
    target = opened("healthy").target
    with client(target) as asking:
        found = asking.post(f"{prefix}/chat/completions", json=question(target)).json()
    message, usage = found["choices"][0]["message"], found["usage"]
    assert message["role"] == "assistant"
    assert message["content"]
    assert message["reasoning_content"]
    assert found["choices"][0]["finish_reason"] == "stop"
    assert usage["prompt_tokens"] == usage["prompt_cache_hit_tokens"] + usage["prompt_cache_miss_tokens"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert 0 < usage["completion_tokens_details"]["reasoning_tokens"] < usage["completion_tokens"]


def test_a_stream_has_its_parts_in_order(opened) -> None:
    """Role, then reasoning, then text, then the finish reason, then usage, then [DONE]."""
    target = opened("healthy").target
    with client(target) as asking:
        body = question(target, stream=True, stream_options={"include_usage": True})
        found = events(asking.post("/chat/completions", json=body).text)
    assert found[0]["choices"][0]["delta"]["role"] == "assistant"
    assert not found[0]["choices"][0]["delta"]["content"]
    deltas = [one["choices"][0]["delta"] for one in found[1:-2]]
    kinds = ["reasoning" if one.get("reasoning_content") else "text" for one in deltas]
    assert kinds == sorted(kinds)  # "reasoning" before "text"
    assert set(kinds) == {"reasoning", "text"}
    assert found[-2]["choices"][0]["finish_reason"] == "stop"
    assert found[-1]["choices"] == []
    assert found[-1]["usage"]["completion_tokens"] == len(deltas)


def test_thinking_can_be_switched_off(opened) -> None:
    """Without thinking there is no reasoning and no count of it; without include_usage no usage chunk."""
    target = opened("healthy").target
    off = {"thinking": {"type": "disabled"}}
    with client(target) as asking:
        plain = asking.post("/chat/completions", json=question(target, **off)).json()
        found = events(asking.post("/chat/completions", json=question(target, stream=True, **off)).text)
    assert "reasoning_content" not in plain["choices"][0]["message"]
    assert "completion_tokens_details" not in plain["usage"]
    assert not any(one["choices"][0]["delta"].get("reasoning_content") for one in found)
    assert not any(one.get("usage") for one in found)


def test_a_repeated_prefix_is_a_cache_hit(opened) -> None:
    """The same beginning a second time costs less; a conversation that goes on from it as well."""
    target = opened("healthy").target
    first = [{"role": "user", "content": "A long beginning. " * 60}]
    more = [*first, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "And?"}]
    with client(target) as asking:

        def hits(messages: list) -> int:
            body = question(target) | {"messages": messages}
            return asking.post("/chat/completions", json=body).json()["usage"]["prompt_cache_hit_tokens"]

        assert [hits(first), hits(first) > 0, hits(more) > 0] == [0, True, True]


def test_max_tokens_bounds_the_output(opened) -> None:
    """An answer that is cut says so, and has no more tokens than asked for."""
    target = opened("healthy").target
    with client(target) as asking:
        found = asking.post("/chat/completions", json=question(target, max_tokens=8)).json()
    assert found["choices"][0]["finish_reason"] == "length"
    assert found["usage"]["completion_tokens"] == 8


def test_headers_are_those_of_the_gateway(opened) -> None:
    """Every answer, refused ones included, has the gateway's marks and neither a request id nor Retry-After."""
    target = opened("healthy").target
    with client(target) as asking, httpx.Client(base_url=target.base_url, trust_env=False) as stranger:
        answers = [
            asking.get("/models"),
            asking.post("/chat/completions", json=question(target)),
            asking.options("/chat/completions"),
            stranger.get("/models"),
            stranger.get("/nowhere"),
        ]
    assert [one.status_code for one in answers] == [200, 200, 204, 401, 404]
    for one in answers:
        assert one.headers["server"] == "openresty"
        assert re.fullmatch(r"[0-9a-f]{32}", one.headers["x-ds-trace-id"])
        assert {"eo-log-uuid", "eo-cache-status", "strict-transport-security", "date"} <= set(one.headers)
        assert not {"x-request-id", "retry-after"} & set(one.headers)
    assert len({one.headers["x-ds-trace-id"] for one in answers}) == len(answers)


def test_models_and_balance(opened) -> None:
    """The list holds the current ids only; the balance's amounts are text."""
    target = opened("healthy").target
    with client(target) as asking:
        ids = [one["id"] for one in asking.get("/v1/models").json()["data"]]
        balance = asking.get("/user/balance").json()
    assert ids == ["deepseek-flash", "deepseek-v4-pro"]
    assert balance["is_available"] is True
    assert isinstance(balance["balance_infos"][0]["total_balance"], str)


TOOL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"model": "deepseek-chat"}, "The supported API model names are deepseek-flash or deepseek-v4-pro, but you"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "Failed to deserialize the JSON body"),
        ({"thinking": {"type": "maybe"}}, "unknown variant `maybe`"),
        ({"max_tokens": 0}, "Invalid max_tokens"),
        ({"messages": []}, "Empty input messages"),
        ({"messages": [{"role": "tool", "tool_call_id": "c1", "content": "x"}]}, "must be a response to a preceding"),
        (
            {"messages": [{"role": "assistant", "content": "", "tool_calls": [TOOL]}], "thinking": {"type": "disabled"}},
            "insufficient tool messages",
        ),
        (
            {"messages": [{"role": "assistant", "content": "", "tool_calls": [TOOL]},
                          {"role": "tool", "tool_call_id": "c1", "content": "x"}]},
            "The `reasoning_content` in the thinking mode must be passed back to the API.",
        ),
        ({"messages": [{"role": "user", "content": "x" * 4_000_000}]}, "maximum context length is 1048576 tokens"),
    ],
)  # fmt: skip
def test_a_wrong_request_gets_its_own_400(opened, change: dict, says: str) -> None:
    """Each kind of wrong request is refused with 400, the usual code, and the message that names it."""
    target = opened("healthy").target
    with client(target) as asking:
        answer = asking.post("/chat/completions", json=question(target) | change)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert says in error["message"]
    assert (error["type"], error["code"], error["param"]) == (
        "invalid_request_error",
        "invalid_request_error",
        None,
    )


def test_a_whole_tool_round_is_taken(opened) -> None:
    """A history whose call is answered and whose reasoning is kept passes."""
    target = opened("healthy").target
    messages = [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "", "reasoning_content": "Ask.", "tool_calls": [TOOL]},
        {"role": "tool", "tool_call_id": "c1", "content": "Rain"},
    ]
    with client(target) as asking:
        assert (
            asking.post("/chat/completions", json=question(target) | {"messages": messages}).status_code
            == 200
        )


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"messages": 5}'])
def test_no_body_breaks_it(opened, body: bytes) -> None:
    """Whatever is sent is answered with a 400 in the API's shape."""
    target = opened("healthy").target
    with client(target) as asking:
        answer = asking.post("/chat/completions", content=body)
    assert answer.status_code == 400
    assert "Failed to deserialize" in answer.json()["error"]["message"]


def test_a_huge_body_gets_the_web_servers_413(opened) -> None:
    """A body beyond the limit is not read to its end."""
    target = opened("healthy").target
    with client(target) as asking:
        answer = asking.post("/chat/completions", content=b" " * (9 * 1024 * 1024))
    assert answer.status_code == 413
    assert "413 Request Entity Too Large" in answer.text


def test_the_words_of_overload() -> None:
    """The 503's message is the observed one, word for word: rules and users search for it."""
    assert OVERLOADED == (
        "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers."
    )


BOOK = {
    "type": "function",
    "function": {
        "name": "book",
        "parameters": {
            "type": "object",
            "required": ["seats", "row", "guests", "kind"],
            "properties": {
                "seats": {"type": "integer", "minimum": 2},
                "row": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "guests": {"type": "array", "items": {"$ref": "#/$defs/Guest"}},
                "kind": {"enum": ["aisle", "window"]},
                "note": {"type": "string"},
            },
            "$defs": {
                "Guest": {
                    "type": "object",
                    "required": ["self"],
                    "properties": {"self": {"$ref": "#/$defs/Guest"}},
                }
            },
        },
    },
}


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "book"}}])
def test_a_tool_that_is_demanded_is_called(opened, choice: object) -> None:
    """Whole and streamed, the call names the tool, its arguments fit the schema, and the answer can be continued."""
    target = opened("healthy").target
    with client(target) as asking:
        asked = question(target, tools=[BOOK], tool_choice=choice)
        whole = asking.post("/chat/completions", json=asked).json()["choices"][0]
        pieces = events(asking.post("/chat/completions", json={**asked, "stream": True}).text)
        call = whole["message"]["tool_calls"][0]
        history = [
            *asked["messages"],
            whole["message"],
            {"role": "tool", "tool_call_id": call["id"], "content": "ok"},
        ]
        after = asking.post("/chat/completions", json=question(target, tools=[BOOK], messages=history)).json()
    arguments = json.loads(call["function"]["arguments"])
    assert whole["finish_reason"] == "tool_calls"
    assert (arguments["seats"], arguments["row"], arguments["kind"]) == (2, "sandbox", "aisle")
    assert len(arguments["guests"]) == 1
    streamed = [
        one["choices"][0]["delta"]["tool_calls"][0]
        for one in pieces
        if "tool_calls" in one["choices"][0]["delta"]
    ]
    assert json.loads("".join(one["function"]["arguments"] for one in streamed)) == arguments
    assert pieces[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert after["choices"][0]["message"]["content"]


def test_a_tool_that_is_only_offered_is_not_called(opened) -> None:
    """Nobody's program runs with arguments that the sandbox made up, unless it demands so."""
    target = opened("healthy").target
    with client(target) as asking:
        found = asking.post("/chat/completions", json=question(target, tools=[BOOK])).json()
    assert "tool_calls" not in found["choices"][0]["message"]


def test_a_json_object_is_one(opened) -> None:
    """With response_format json_object the text is JSON; a type that DeepSeek has not is refused in its words."""
    target = opened("healthy").target
    with client(target) as asking:
        asked = question(target, response_format={"type": "json_object"})
        found = asking.post("/chat/completions", json=asked).json()
        refused = asking.post(
            "/chat/completions", json=question(target, response_format={"type": "json_schema"})
        )
    assert isinstance(json.loads(found["choices"][0]["message"]["content"]), dict)
    assert refused.status_code == 400
    assert "unavailable" in refused.json()["error"]["message"]


@pytest.mark.parametrize(("n", "status"), [(1, 200), (3, 200), (0, 200), (9, 400), ("2", 400), (True, 400)])
def test_as_many_choices_as_asked_for(opened, n: Any, status: int) -> None:
    """As many choices come, each whole, streamed or not; an impossible n is refused."""
    target = opened("healthy").target
    with client(target) as asking:
        whole = asking.post("/chat/completions", json=question(target, n=n))
        pieces = asking.post("/chat/completions", json=question(target, n=n, stream=True))
    assert whole.status_code == pieces.status_code == status
    if status == 200:
        count = n or 1
        assert [one["index"] for one in whole.json()["choices"]] == list(range(count))
        assert len({one["choices"][0]["index"] for one in events(pieces.text)}) == count
