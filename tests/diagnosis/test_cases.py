"""Each folder of `cases/` holds what was observed and what must be concluded."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from deepkit.causes import BY_NAME, SILENCED_BY
from deepkit.diagnosis import diagnose
from deepkit.records import Diagnosis, Evidence, Observation
from deepkit.schema import as_json
from tests.diagnosis import golden
from tests.diagnosis.golden import advised, concluded
from tests.observed import facts_of, observed

CASES = golden.CASES
SHOWN = [path for path in CASES if json.loads((path / "diagnosis.json").read_text())["state"] == "SHOWN"]
IRRELEVANT = (
    observed("local", servers=[]),
    observed("status", "check_failed", indicator="unknown"),
    observed("alternatives", alternatives=[{"name": "other", "ok": True}]),
)


def load(folder: Path) -> tuple[Evidence, dict[str, str | None]]:
    """The evidence of a case and what is expected of it."""
    expected: dict[str, str | None] = json.loads((folder / "diagnosis.json").read_text())
    return golden.load(folder), expected


def first(found: Diagnosis) -> tuple[str, str | None]:
    """The verdict and the state of the best cause."""
    return found.verdict, found.accusations[0].state if found.accusations else None


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_golden(folder: Path) -> None:
    """The verdict, whose fault it is, and the first state are those of the case."""
    evidence, expected = load(folder)
    assert concluded(evidence) == expected


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_golden_fixes(folder: Path) -> None:
    """The fixes that are advised, and their order, are those of the case."""
    assert advised(load(folder)[0]) == json.loads((folder / "fixes.json").read_text())


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


def case(name: str) -> Evidence:
    """The evidence of one case."""
    return load(Path(__file__).parent / "cases" / name)[0]


def states(evidence: Evidence) -> dict[str, str]:
    """The state of every cause that the diagnosis names."""
    return {one.cause: one.state for one in diagnose(evidence).accusations}


def changed(evidence: Evidence, check: str, **facts: object) -> Evidence:
    """The same evidence with other facts in one check."""
    seen = tuple(
        replace(one, facts=facts_of(check, {**as_json(one.facts), **facts})) if one.check == check else one
        for one in evidence.observations
    )
    return replace(evidence, observations=seen)


def test_nothing_looked_at_is_inconclusive() -> None:
    """Without evidence there is no cause, and the next check is named."""
    found = diagnose(Evidence())
    assert (found.verdict, found.whose, found.accusations) == ("inconclusive", "unknown", ())
    assert found.next_check


def test_only_another_route_is_a_control() -> None:
    """The route in use cannot vouch for itself."""
    own = [{"name": "direct", "n": 2, "ok": 2}]
    assert states(changed(case("silent_address"), "routes", routes=own))["connect_timeout"] == "LIKELY"


def test_a_control_that_fails_too_rules_out() -> None:
    """When an empty profile and a browser without extensions fail too, the browser is ruled out."""
    found = states(case("web_busy"))
    assert found["browser_state"] == found["browser_extension_block"] == "RULED_OUT"


def test_a_public_issuer_is_not_called_interception_for_sure() -> None:
    """SHOWN needs a private issuer or one that only this machine trusts."""
    evidence = changed(case("inspected_tls"), "tls", trusted_by_system=None, issuer="DigiCert Global G2")
    assert states(evidence)["tls_intercepted"] == "LIKELY"


def test_a_stale_address_needs_a_fresh_one_that_works() -> None:
    """When the fresh address fails too, the lookup is not to blame."""
    dead = [{"address": "203.0.113.8:443", "family": 4, "failure": "connect_timeout"}]
    found = diagnose(changed(case("stale_address"), "tcp.fresh", connects=dead))
    assert found.verdict == "connect_timeout"


def test_a_higher_layer_is_silenced_with_the_reason() -> None:
    """A refused key above a stale address is at most POSSIBLE, and the reason names the address."""
    refused = observed("key", "fault", "http_401", status=401, key_shape="ok")
    evidence = case("stale_address")
    found = diagnose(replace(evidence, observations=(*evidence.observations, refused))).accusations
    one = next(one for one in found if one.cause == "auth_failed")
    assert (one.state, one.silenced_by) == ("POSSIBLE", "dns_stale")
    assert any("dns_stale" in reason for reason in one.evidence_against)
