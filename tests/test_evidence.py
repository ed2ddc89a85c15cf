"""Saved evidence: what is read is what was written, without its secrets; anything else is refused."""

import json
from pathlib import Path as File
from typing import Any

import pytest

from deepkit.checks import ChatStream, Http, Key, KeyShape, Path, Stall, Usage, Wait
from deepkit.errors import UsageError
from deepkit.evidence import KIND, SCHEMA, read_evidence, write_evidence
from deepkit.records import Evidence, Observation, Policy, Settings
from deepkit.triage import doctor, judge

SEEN = Evidence(
    (
        Observation(
            "chat.stream",
            "fault",
            "http_503",
            ChatStream(n=6, ok=0, failures={"http_503": 6}, usage=Usage(completion_tokens=1)),
            "x",
            1.0,
            0.5,
        ),
        Observation("http", "ok", facts=Http(status=401)),
        Observation("key", "not_checked", facts=Key(key_shape=KeyShape.MISSING)),
        Observation("path", "partial", facts=Path(stalls=(Stall(0.2, Wait.LOST_SEGMENT),), n=1)),
    ),
    "sandbox",
    Settings(policy=Policy("full_jitter", retries=3), assume=frozenset({"topped_up"})),
    7,
    1.0,
    2.0,
)


def saved(*observations: Any, schema: Any = SCHEMA, **more: Any) -> bytes:
    """A saved file's content."""
    body = {"kind": KIND, "schema": schema, "evidence": {"observations": observations, **more}}
    return json.dumps(body).encode()


def test_round_trip(tmp_path: File) -> None:
    """Evidence without secrets comes back as it was."""
    write_evidence(SEEN, tmp_path / "e.json")
    assert read_evidence(tmp_path / "e.json") == SEEN
    assert [one.name for one in tmp_path.iterdir()] == ["e.json"]


def test_secrets_stay_behind(tmp_path: File) -> None:
    """A key in a sentence is not in the file."""
    leaky = Evidence((Observation("key", "fault", reason="the key sk-0123456789abcdef0123 was refused"),))
    write_evidence(leaky, tmp_path / "e.json")
    assert "0123456789abcdef" not in (tmp_path / "e.json").read_text()


@pytest.mark.parametrize("scenario", ["rush_hour", "firewall", "broken_history", "healthy"])
def test_replay_gives_the_same_diagnosis(scenario: str, tmp_path: File) -> None:
    """Judging the saved file gives the verdict, causes, states, rules and fixes of the live look."""
    live = doctor("sandbox", scenario=scenario)
    write_evidence(live.evidence, tmp_path / "e.json")
    again = judge(read_evidence(tmp_path / "e.json"))
    assert again.diagnosis.verdict == live.diagnosis.verdict
    assert [(one.cause, one.state, one.rules) for one in again.diagnosis.accusations] == [
        (one.cause, one.state, one.rules) for one in live.diagnosis.accusations
    ]
    assert [(f.key, f.verdict.answer) for f in again.fixes] == [(f.key, f.verdict.answer) for f in live.fixes]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"kind": "deepkit-evidence", "schema": 1}',
        b'{"kind": "deepkit-evidence", "schema": 1, "evidence": {"observations": 1}}',
        b'{"kind": "deepkit-evidence", "schema": 1, "evidence": {"observations": [{"check": "x", "outcome": "odd"}]}}',
        saved({"check": "x", "outcome": "ok"}),
        saved({"check": "http", "outcome": "ok", "failure": "?"}),
        saved({"check": "http", "outcome": "ok", "at": 1e300}),
        saved({"check": "http", "outcome": "ok", "at": -1}),
        saved({"check": ["http"], "outcome": "ok"}),
        saved({"check": "http"}),
        saved(7),
        saved(settings={"policy": {"retries": "many"}}),
        saved(settings={"surface": "fax"}),
        saved(schema=3),
        saved(schema=None),
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"kind": "deepkit-evidence", "evidence": ' + b'{"a":' * 100_000 + b"7" + b"}" * 100_001,
    ],
)
def test_what_is_no_evidence_is_refused(content: bytes, tmp_path: File) -> None:
    """Any other content gives one sentence that says how to save evidence."""
    path = tmp_path / "e.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="deepkit doctor --save"):
        read_evidence(path)


SAID = {"check": "chat.stream", "outcome": "fault", "failure": "http_503", "facts": {"n": 2, "ok": 0}}


def test_two_answers_of_one_check(tmp_path: File) -> None:
    """A file that says the same thing twice says it once; one that contradicts itself is refused in one sentence."""
    path = tmp_path / "e.json"
    path.write_bytes(saved(SAID, SAID))
    assert len(read_evidence(path).observations) == 1
    for other in ({**SAID, "facts": {"n": 2, "ok": 1}}, {**SAID, "outcome": "ok", "failure": None}):
        path.write_bytes(saved(SAID, other))
        with pytest.raises(UsageError, match=r"two different things about the check chat\.stream"):
            read_evidence(path)


@pytest.mark.parametrize(
    ("check", "facts"),
    [
        ("chat.stream", {"n": 2, "ok": 7}),
        ("chat.stream", {"n": 2, "ok": 2, "failures": {"http_503": 2}}),
        ("path", {"n": 20, "udp_sent": 8, "udp_lost": 10**9}),
        ("tls", {"hello_pairs": 3, "large_hello_ok": 4}),
    ],
)
def test_impossible_counts_are_no_finding(check: str, facts: dict[str, Any], tmp_path: File) -> None:
    """Where the numbers contradict each other, the check came to no result, whatever the file calls it."""
    path = tmp_path / "e.json"
    path.write_bytes(saved({"check": check, "outcome": "fault", "failure": "http_503", "facts": facts}))
    (seen,) = read_evidence(path).observations
    assert (seen.outcome, seen.failure, seen.made) == ("check_failed", None, False)
    assert set(facts) <= set(seen.facts.unreadable) | {"n"}
    assert "cannot be read" in seen.reason


@pytest.mark.parametrize("facts", [7, [], "x", {"n": "six", "usage": [1], "error_message": "\ud800" * 700}])
def test_odd_facts_are_not_measured(facts: Any, tmp_path: File) -> None:
    """Facts of another kind are named and can be saved again; an observation with none of them measured nothing."""
    path = tmp_path / "e.json"
    path.write_bytes(saved({"check": "conversation", "outcome": "partial", "facts": facts}))
    first = read_evidence(path)
    write_evidence(first, path)
    assert read_evidence(path) == first
    assert first.observations[0].facts.n is None
