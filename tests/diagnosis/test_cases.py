"""Each folder of `cases/` holds what was observed and what must be concluded."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from deepkit.causes import BY_NAME, SILENCED_BY
from deepkit.diagnosis import diagnose
from deepkit.records import Diagnosis, Evidence, Observation

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/observations.json"))
SHOWN = [path for path in CASES if json.loads((path / "diagnosis.json").read_text())["state"] == "SHOWN"]
IRRELEVANT = (
    Observation("local", "ok", facts={"servers": []}),
    Observation("status", "check_failed", facts={"indicator": "unknown"}),
    Observation("alternatives", "ok", facts={"alternatives": [{"name": "other", "ok": True}]}),
)


def load(folder: Path) -> tuple[Evidence, dict[str, str | None]]:
    """The evidence of a case and what is expected of it."""
    evidence = msgspec.json.decode((folder / "observations.json").read_bytes(), type=Evidence)
    expected: dict[str, str | None] = json.loads((folder / "diagnosis.json").read_text())
    return evidence, expected


def first(found: Diagnosis) -> tuple[str, str | None]:
    """The verdict and the state of the best cause."""
    return found.verdict, found.accusations[0].state if found.accusations else None


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_golden(folder: Path) -> None:
    """The verdict, whose fault it is, and the first state are those of the case."""
    evidence, expected = load(folder)
    found = diagnose(evidence)
    state = found.accusations[0].state if found.accusations and found.verdict != "healthy" else None
    assert (found.verdict, found.whose, state) == (expected["verdict"], expected["whose"], expected["state"])


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_order_of_observations_does_not_matter(folder: Path) -> None:
    """The same observations backwards give the same diagnosis, word for word."""
    evidence, _ = load(folder)
    assert diagnose(replace(evidence, observations=evidence.observations[::-1])) == diagnose(evidence)


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
@pytest.mark.parametrize("extra", IRRELEVANT, ids=lambda seen: seen.check)
def test_irrelevant_observations_change_nothing(folder: Path, extra: Observation) -> None:
    """A check that says nothing about the fault leaves the verdict and its state alone."""
    evidence, _ = load(folder)
    if evidence.get(extra.check) is None:
        more = replace(evidence, observations=(*evidence.observations, extra))
        assert first(diagnose(more)) == first(diagnose(evidence))


@pytest.mark.parametrize("folder", SHOWN, ids=lambda path: path.name)
def test_withheld_evidence_is_never_shown(folder: Path) -> None:
    """Without the checks that its SHOWN cause rests on, that cause is SHOWN no more."""
    evidence, expected = load(folder)
    faults = tuple(
        seen for seen in evidence.observations if seen.outcome == "ok" and seen.check != "tcp.fresh"
    )
    left = diagnose(replace(evidence, observations=faults))
    assert all(one.state != "SHOWN" for one in left.accusations if one.cause == expected["verdict"])


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_no_cause_is_shown_above_a_shown_lower_layer(folder: Path) -> None:
    """A SHOWN fault silences every layer it explains, and says so."""
    found = diagnose(load(folder)[0]).accusations
    shown = {BY_NAME[one.cause].layer for one in found if one.state == "SHOWN"}
    for one in found:
        if one.state in ("SHOWN", "LIKELY"):
            assert not shown & set(SILENCED_BY[BY_NAME[one.cause].layer])


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_every_claim_carries_its_evidence(folder: Path) -> None:
    """For a claim there is a sentence for it, for a rebuttal one against it, and always a rule."""
    for one in diagnose(load(folder)[0]).accusations:
        assert one.rules
        if one.state in ("SHOWN", "LIKELY", "POSSIBLE"):
            assert one.evidence_for
        if one.state == "RULED_OUT":
            assert one.evidence_against
        if one.state == "INSUFFICIENT":
            assert one.next_check
        assert one.probability is None


def test_inconclusive_names_the_next_check() -> None:
    """Whoever is told "inconclusive" is told what would decide."""
    for folder in CASES:
        found = diagnose(load(folder)[0])
        if found.verdict == "inconclusive":
            assert found.next_check, folder.name
