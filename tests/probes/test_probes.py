"""The run of all probes: every check answers, in time, whatever one of them does."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from deepkit.checks import BY_CHECK, ChatStream, DnsFresh, DnsSystem, Path, Routes
from deepkit.errors import UnknownNameError
from deepkit.probes import CHECKS, PROBES, _runner, probe, probe_async
from deepkit.probes._context import Context
from deepkit.records import FAILURES, Budget, Evidence, Observation, Settings, Target
from deepkit.sandbox import open_sandbox
from deepkit.transport import Meter
from tests.servers import black_hole, request, script, serving
from tests.transport.kit import FAST, KEY, run, target


def evidence_of(whom: Target, settings: Settings = FAST, **more: Any) -> Evidence:
    return run(probe_async(whom, settings, **more), count=whom.name != "sandbox")


def test_every_check_has_one_probe_and_one_record() -> None:
    """The checks that probes make, and the two that read what users hand over, are those with a record of facts."""
    assert len(set(CHECKS)) == len(CHECKS)
    assert {*CHECKS, "text", "har"} == set(BY_CHECK)


def assert_right_records(told: Evidence) -> None:
    """Each observation carries the record of its own check, whatever its outcome."""
    for one in told.observations:
        assert type(one.facts) is BY_CHECK[one.check]
        assert one.facts.unreadable == ()


def test_a_dead_target_is_looked_at_in_full() -> None:
    """Every check answers though nothing does; tests/lab holds the law of the deadline, hold-ups taken off."""
    with black_hole() as port:
        told = evidence_of(target(port), deadline_s=3.0)
    assert [one.check for one in told.observations] == list(CHECKS)
    assert {one.failure for one in told.observations} <= FAILURES | {None}
    assert_right_records(told)
    seen = told.get("tcp")
    assert seen is not None
    assert (seen.outcome, seen.failure) == ("fault", "connect_timeout")


@pytest.mark.timeout(30)
def test_the_deadline_ends_a_look_at_a_silent_server() -> None:
    """A server that accepts and says nothing cannot hold the look up, though the settings would wait for a minute."""

    async def body() -> Evidence:
        async with serving(script("hang")) as port:
            return await probe_async(target(port), Settings(), deadline_s=1.0)

    told = run(body())
    assert len(told.observations) == len(CHECKS)
    seen = told.get("chat.stream")
    assert seen is not None
    assert seen.failure in ("read_timeout", "deadline")


class Broken:
    """A probe with a bug."""

    CHECKS = ("broken",)

    async def probe(self, context: Context) -> AsyncIterator[Observation]:
        """Raise, with the key in the message."""
        if context.target.key is not None:
            raise RuntimeError(context.target.key.reveal())
        yield Observation("broken", "ok")


def test_a_broken_probe_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that raises becomes check_failed with the type's name and nothing of its message."""
    monkeypatch.setattr(_runner, "PROBES", (Broken(), *PROBES))
    with black_hole() as port:
        told = evidence_of(target(port), deadline_s=2.0)
    seen = told.get("broken")
    assert seen is not None
    assert (seen.outcome, "RuntimeError" in seen.reason) == ("check_failed", True)
    assert KEY not in repr(told)
    assert len(told.observations) == len(CHECKS) + 1


def test_an_empty_budget_accuses_nobody() -> None:
    """Without a request to spend no byte is sent and no check blames the server."""
    came = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.read(10))

    async def body() -> Evidence:
        async with serving(listen) as port:
            whom = target(port, web_url=f"http://127.0.0.1:{port}/", status_url=f"http://127.0.0.1:{port}/s")
            return await probe_async(whom, FAST, meter=Meter(Budget(requests=0)))

    told = run(body())
    assert told.requests == 0
    assert not any(came)
    assert not [one for one in told.observations if one.outcome in ("fault", "check_failed")]
    assert not [
        one for one in told.observations if one.failure == "budget_spent" and one.outcome != "partial"
    ]


def test_only_what_is_asked_for() -> None:
    """`only` bounds both the checks and the requests; an unknown name is refused with what there is."""
    with open_sandbox("healthy") as box:
        told = evidence_of(box.target, box.settings, only=("key", "tcp"))
        assert [one.check for one in told.observations] == ["tcp", "key"]
        assert told.requests <= 3
    with pytest.raises(UnknownNameError):
        run(probe_async(target(1), FAST, only=("tpc",)))


def test_results_arrive_one_by_one() -> None:
    """Each observation is handed over when it is known, not at the end."""
    asked: dict[str, int] = {}
    meter = Meter(Budget(requests=100))
    with open_sandbox("silent_stream") as box:
        told = probe(
            box.target,
            box.settings,
            meter=meter,
            on_observation=lambda seen: asked.setdefault(seen.check, meter.requests),
        )
    assert set(asked) == set(CHECKS)
    assert asked["tcp"] < asked["chat.stream"] <= meter.requests  # more was asked after it was handed over
    assert [one.check for one in told.observations] == list(CHECKS)


def test_interrupting_a_look_leaves_nothing() -> None:
    """A cancelled look ends at once; `run` looks for tasks and sockets."""

    async def body() -> None:
        asked = asyncio.Event()

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await request(reader)
            asked.set()
            await asyncio.Event().wait()

        async with serving(silent) as port:
            task = asyncio.create_task(probe_async(target(port), Settings()))
            await asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    run(body())


TELLING: dict[str, dict[str, dict[str, Any]]] = {
    "healthy": {
        "chat.stream": {"ok": 6},
        "web": {"ok": True},
        "key": {"key_shape": "ok"},
        "path": {"stalls": ()},
    },
    "rush_hour": {"status": {"indicator": "degraded"}},
    "bad_key": {"key": {"status": 401}},
    "no_balance": {"balance": {"is_available": False}, "chat.stream": {"status": 402}},
    "retired_model": {"models": {"listed": False}},
    "context_too_long": {"conversation": {"status": 400, "fresh_ok": True}},
    "broken_history": {"conversation": {"status": 400, "fresh_ok": True}},
    "stale_page": {"web": {"ok": False, "clean_ok": True}},
    "blocked_by_extension": {"web": {"ok": False, "no_extension_ok": True}},
    "web_busy_api_fine": {"web": {"ok": False}, "chat.stream": {"ok": 6}},
    "firewall": {"tls": {"verified": False, "trusted_by_system": True}},
    "official_down_aggregator_up": {"http": {"status": 500}, "status": {"indicator": "full_outage"}},
}
NAMED = {
    "rush_hour": "http_503", "saturated_region": "http_503", "busy_by_day": "http_503",
    "keepalive_queue": "queue_timeout", "blank_200": "empty_body", "silent_stream": "stream_silent",
    "no_resource": "insufficient_system_resource", "concurrency_429": "http_429",
    "stale_dns": "connection_refused", "firewall": "tls_untrusted",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted({*TELLING, *NAMED}))
def test_scenarios_show_their_trouble(name: str) -> None:
    """Within half the budget each scenario's telling facts are there, and its failure by name."""
    with open_sandbox(name) as box:
        told = evidence_of(box.target, box.settings, meter=Meter(Budget(requests=60)))
        assert box.target.key is not None
        assert box.target.key.reveal() not in repr(told)
    assert told.requests <= 45
    assert not [one for one in told.observations if one.outcome == "check_failed"]
    for check, facts in TELLING.get(name, {}).items():
        seen = told.get(check)
        assert seen is not None
        assert {key: getattr(seen.facts, key) for key in facts} == facts, check
    assert_right_records(told)
    chat = told.facts(ChatStream)
    if chat.n:  # the order tells the same as the counts
        assert len(chat.sequence) == chat.n
        assert Counter(one for one in chat.sequence if one) == chat.failures
        assert len(chat.latencies_s) == chat.ok == chat.sequence.count(None)
        assert chat.key_sent is not False
    if name in NAMED:
        assert max(chat.failures, key=lambda one: chat.failures[one]) == NAMED[name]


def test_the_lossy_line_is_seen() -> None:
    """Stalls of a retransmission's size and lost datagrams are told from a good line's."""
    with open_sandbox("lossy_line", seed=3) as box:
        bad = evidence_of(box.target, box.settings, only=("path",)).facts(Path)
        good = evidence_of(box.target.stand_ins["better_line"], box.settings, only=("path",)).facts(Path)
    assert len(bad.stalls) >= 2
    assert bad.udp_lost is not None
    assert bad.udp_lost >= 1
    assert (good.stalls, good.udp_lost) == ((), 0)


def test_stale_names_are_told_from_fresh_ones() -> None:
    """The system's dead address and the fresh live one both show, each with its connects."""
    with open_sandbox("stale_dns") as box:
        told = evidence_of(box.target, box.settings, only=("dns.system", "dns.fresh", "tcp", "tcp.fresh"))
    system, fresh = told.facts(DnsSystem), told.facts(DnsFresh)
    dead, alive = told.get("tcp"), told.get("tcp.fresh")
    assert dead is not None
    assert alive is not None
    assert not set(system.addresses) & set(fresh.addresses)
    assert (dead.outcome, alive.outcome) == ("fault", "ok")


def test_routes_are_told_apart() -> None:
    """A good region shows beside a saturated one, the direct way included."""
    with open_sandbox("saturated_region") as box:
        told = evidence_of(box.target, box.settings, only=("routes",)).facts(Routes)
    rows = {row.name: row for row in told.routes}
    assert "direct" in rows
    assert any(row.ok == row.n for row in rows.values())
    assert any(row.ok < row.n for row in rows.values())


def test_the_settings_route_is_obeyed() -> None:
    """Through a proxy nothing is claimed about direct connections."""
    with open_sandbox("healthy") as box:
        route = box.target.routes[0].name
        told = evidence_of(box.target, replace(box.settings, route=route))
    outcomes = {one.check: one.outcome for one in told.observations}
    assert (outcomes["tcp"], outcomes["path"], outcomes["http"], outcomes["chat.stream"]) == (
        "not_checked", "not_checked", "ok", "ok",
    )  # fmt: skip
