"""Saved evidence: what is read is what was written, without its secrets; anything else is refused."""

from pathlib import Path

import pytest

from deepkit.errors import UsageError
from deepkit.evidence import read_evidence, write_evidence
from deepkit.records import Evidence, Observation, Policy, Settings
from deepkit.triage import doctor, judge

SEEN = Evidence(
    (
        Observation(
            "chat.stream", "fault", "http_503", {"n": 6, "ok": 0, "failures": {"http_503": 6}}, "x", 1.0, 0.5
        ),
        Observation("http", "ok", facts={"status": 401}),
    ),
    "sandbox",
    Settings(policy=Policy("full_jitter", retries=3), assume=frozenset({"topped_up"})),
    7,
    1.0,
    2.0,
)


def test_round_trip(tmp_path: Path) -> None:
    """Evidence without secrets comes back as it was."""
    write_evidence(SEEN, tmp_path / "e.json")
    assert read_evidence(tmp_path / "e.json") == SEEN
    assert [one.name for one in tmp_path.iterdir()] == ["e.json"]


def test_secrets_stay_behind(tmp_path: Path) -> None:
    """A key in a sentence is not in the file."""
    leaky = Evidence((Observation("key", "fault", reason="the key sk-0123456789abcdef0123 was refused"),))
    write_evidence(leaky, tmp_path / "e.json")
    assert "0123456789abcdef" not in (tmp_path / "e.json").read_text()


@pytest.mark.parametrize("scenario", ["rush_hour", "firewall", "broken_history", "healthy"])
def test_replay_gives_the_same_diagnosis(scenario: str, tmp_path: Path) -> None:
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
        b'{"kind": "deepkit-evidence", "evidence": {"observations": [{"check": "x", "outcome": "ok", "failure": "?"}]}}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_what_is_no_evidence_is_refused(content: bytes, tmp_path: Path) -> None:
    """Any other content gives one sentence that says how to save evidence."""
    path = tmp_path / "e.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="deepkit doctor --save"):
        read_evidence(path)
