"""Servers that send what no server should: each answer is read in bounds or named, and nothing breaks or is blamed."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepkit.checks import Balance, ChatPlain, ChatStream, Facts, Http, Key, Models, StatusPage
from deepkit.evidence import read_evidence, write_evidence
from deepkit.probes import probe_async
from deepkit.probes.account import balance_facts
from deepkit.probes.status import read_page
from deepkit.records import Budget, Evidence, Observation
from deepkit.schema import as_json
from deepkit.transport import Meter
from tests.servers import DONE, Handler, answer, delta, request, serving, stream
from tests.test_checks import JSON, deep
from tests.transport.kit import FAST, KEY, run, target
from tests.transport.name_server import names, says

CHECKS = ("key", "balance", "models", "chat.stream", "chat.plain", "status", "http")


def nested(levels: int) -> str:
    """Write a deeply nested object; no encoder goes so deep."""
    return '{"a":' * levels + "7" + "}" * levels


def api(*, usage: str = "null", balance: str = "{}", models: str = "{}", error: str = "") -> Handler:
    """An API that answers each path with the given JSON; with an error it refuses the questions."""
    whole = f'{{"choices":[{{"message":{{"content":"pong"}},"finish_reason":"stop"}}],"usage":{usage}}}'
    end = f'data: {{"choices":[],"usage":{usage}}}\n\n'.encode()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            line, _, body = await request(reader)
            if "balance" in line:
                reply = answer(200, balance)
            elif "models" in line or "summary" in line:
                reply = answer(200, models, x_ds_trace_id="t" * 400, server="s" * 400)
            elif error:
                reply = answer(503, error)
            elif json.loads(body)["stream"]:
                reply = stream(delta("pong", finish="stop"), end, DONE)
            else:
                reply = answer(200, whole)
            writer.write(reply)
            await writer.drain()

    return handler


def look(handler: Handler, meter: Meter | None = None) -> Evidence:
    """Make the checks that read what the server says."""

    async def body() -> Evidence:
        async with serving(handler) as port:
            whom = target(port, status_url=f"http://127.0.0.1:{port}/summary")
            return await probe_async(whom, FAST, only=CHECKS, meter=meter)

    return run(body())


HOSTILE: list[tuple[dict[str, str], type[Facts], str]] = [
    ({"usage": '{"completion_tokens": ' + nested(900) + "}"}, ChatStream, "usage"),
    ({"usage": '{"completion_tokens": 1000000000000000000}'}, ChatPlain, "usage"),
    ({"usage": '{"completion_tokens": -5}'}, ChatStream, "usage"),
    ({"balance": '{"is_available": true, "balance_infos": [{"total_balance": "NaN"}]}'}, Balance, "balances"),
    (
        {"balance": '{"is_available": true, "balance_infos": [{"total_balance": "1e999"}]}'},
        Balance,
        "balances",
    ),
    ({"balance": '{"is_available": true, "balance_infos": 7}'}, Balance, "balances"),
    ({"balance": '{"is_available": [], "balance_infos": [{"total_balance": []}]}'}, Balance, "is_available"),
    ({"balance": f'{{"is_available": {nested(900)}}}'}, Balance, "is_available"),
    ({"models": json.dumps({"data": [{"id": "x" * 4_800}] * 20 + [{"id": "m"}]})}, Models, "ids"),
    ({"models": '{"data": [{"id": "m"}]}'}, Http, "server"),
]


@pytest.mark.parametrize(("odd", "kind", "name"), HOSTILE)
def test_odd_values_are_named(odd: dict[str, str], kind: type[Facts], name: str, tmp_path: Any) -> None:
    """What cannot be read is named, no check breaks, and what was seen can be written and read back."""
    told = look(api(**odd))
    assert name in told.facts(kind).unreadable
    assert not [one for one in told.observations if one.outcome == "check_failed"]
    assert told.facts(ChatStream).ok == told.facts(ChatStream).n == 6
    text = json.dumps(as_json(told), allow_nan=False)
    assert "x" * 300 not in text
    write_evidence(told, tmp_path / "e.json")
    assert [one.check for one in read_evidence(tmp_path / "e.json").observations] == [*_in_order(told)]


def _in_order(told: Evidence) -> list[str]:
    return [one.check for one in told.observations]


@pytest.mark.parametrize(
    "error",
    [
        f'{{"error": {{"message": {nested(900)}, "type": {nested(900)}}}}}',
        '{"error": {"message": 7, "type": []}}',
    ],
)
def test_odd_errors_keep_their_status(error: str) -> None:
    """However an error body is nested, the failure is the status's."""
    told = look(api(error=error)).facts(ChatStream)
    assert set(told.failures) == {"http_503"}


def test_one_wrong_count_does_not_spend_the_budget() -> None:
    """A server that counts 10^18 tokens for one word costs what was asked for and came, and all questions are asked."""
    meter = Meter(Budget(requests=60, tokens=2_000))
    told = look(api(usage='{"completion_tokens": 1000000000000000000}'), meter)
    assert told.facts(ChatStream).n == 6
    assert 0 < meter.tokens <= 7 * (8 + len("pong"))


@given(st.integers(1, 100), st.integers(-5, 10**19), st.integers(0, 50))
def test_a_reservation_is_replaced_within_bounds(reserved: int, used: int, received: int) -> None:
    """What one answer counts lies between nothing and what was asked for and came; a true count is taken as it is."""
    meter = Meter(Budget(tokens=1_000))
    assert meter.spend(reserved) is not None
    meter.settle(reserved, used, received=received)
    assert 0 <= meter.tokens <= reserved + received
    assert not 0 <= used <= reserved + received or meter.tokens == used


def test_the_key_is_not_sent_where_it_could_be_read() -> None:
    """At http:// and a name that leads out of this network too, the key stays here, and each check says so."""
    heard: list[dict[str, str]] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heard.append((await request(reader))[1])
            writer.write(answer(401, '{"error": {"message": "no key"}}'))
            await writer.drain()

    async def body() -> Evidence:
        async with serving(refuse) as port, names(says("127.0.0.1", "203.0.113.7")) as server:
            whom = replace(target(port, system_dns=server), base_url=f"http://api.example:{port}")
            return await probe_async(whom, FAST, only=("key", "models", "chat.stream", "http"))

    told = run(body())
    assert heard
    assert KEY not in repr(heard)
    for check in ("key", "models"):
        seen = told.get(check)
        assert seen is not None
        assert (seen.outcome, "not sent" in seen.reason) == ("not_checked", True)
        assert isinstance(seen.facts, Key | Models)
        assert seen.facts.key_sent is False
    assert told.facts(ChatStream).key_sent is False
    assert told.facts(Http).key_sent is False


def test_the_key_is_sent_to_this_machine() -> None:
    """On loopback the requests that want the key carry it, and the facts say so; the gateway's carries none."""
    told = look(api(models='{"data": [{"id": "m"}]}', balance='{"is_available": true}'))
    sent = [told.facts(kind).key_sent for kind in (Key, Models, ChatStream, ChatPlain)]
    assert sent == [True] * 4
    assert told.facts(Http).key_sent is False


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["is_available", "balance_infos"]), JSON | st.lists(JSON, max_size=2)))
def test_any_balance_is_read(value: dict[str, Any]) -> None:
    """No JSON breaks the reading of a balance, and no total comes from what is no amount."""
    told = balance_facts(value)
    assert told.total is None or any(row.total_balance for row in told.balances)
    json.dumps(as_json(told), allow_nan=False)


ROWS = st.lists(
    st.dictionaries(
        st.sampled_from(["id", "component_id", "name", "status", "updates", "component_changes", "at_seconds", "title"]),
        JSON | st.lists(JSON, max_size=2) | st.just("full_outage"),
    ),
    max_size=3,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(ROWS, ROWS)
def test_any_status_page_is_read(rows: list[Any], more: list[Any]) -> None:
    """No JSON breaks the reading of a status page, in either of its shapes."""
    for value in (
        {"components": rows, "incidents": more},
        {"data": {"page": {"components": rows}, "active_changes": more}},
        {"data": {"page": {"components": deep(900, table=False)}, "active_changes": deep(900, table=True)}},
    ):
        told = read_page(value)
        assert told is None or isinstance(told, StatusPage)
        json.dumps(as_json(told), allow_nan=False)


def test_an_observation_of_what_was_not_read_stays_one() -> None:
    """Facts that are unreadable are said to be so in JSON."""
    seen = Observation("balance", "ok", facts=Balance(unreadable=("balances",)))
    assert as_json(seen)["facts"] == {"unreadable": ["balances"]}
