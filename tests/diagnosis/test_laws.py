"""Laws of the diagnosis that hold for any evidence, possible in the world or not."""

import json
import random
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from deepkit.causes import BY_NAME, SILENCED_BY
from deepkit.checks import BY_CHECK, Alternatives, Chat, ChatStream, Har, Routes, Web, checked
from deepkit.diagnosis import MEASURED, RULES, diagnose, explain_rule
from deepkit.evidence import read_evidence, write_evidence
from deepkit.probes import CHECKS
from deepkit.records import Accusation, Evidence, Observation
from deepkit.schema import as_json
from deepkit.triage import judge
from tests.diagnosis.evidence import evidences
from tests.observed import observed

STRONG = ("SHOWN", "LIKELY")


def states(evidence: Evidence) -> dict[str, Accusation]:
    return {one.cause: one for one in diagnose(evidence).accusations}


@given(evidences(), st.integers())
def test_the_order_of_looking_does_not_matter(evidence: Evidence, seed: int) -> None:
    """The same observations in another order give the same diagnosis."""
    turned = list(evidence.observations)
    random.Random(seed).shuffle(turned)
    assert diagnose(replace(evidence, observations=tuple(turned))) == diagnose(evidence)


@given(evidences())
def test_what_nobody_knows_changes_nothing(evidence: Evidence) -> None:
    """Facts and checks of a later version are passed over."""
    more = tuple(
        replace(one, facts=checked(type(one.facts), {**as_json(one.facts), "a_fact_of_2030": {"x": [1]}}))
        for one in evidence.observations
    )
    assert more == evidence.observations
    later = Observation("check.of.2030", "fault", "unknown", ChatStream(n=9, ok=0))
    assert diagnose(replace(evidence, observations=(*more, later))) == diagnose(evidence)


@given(evidences())
def test_a_broken_layer_silences_those_above(evidence: Evidence) -> None:
    """While a lower layer's cause is SHOWN, no cause above it is SHOWN or LIKELY."""
    told = states(evidence)
    broken = {BY_NAME[name].layer for name, one in told.items() if one.state == "SHOWN"}
    for name, one in told.items():
        if broken & set(SILENCED_BY[BY_NAME[name].layer]):
            assert one.state not in STRONG, name


@given(evidences())
def test_nothing_is_shown_without_an_artefact(evidence: Evidence) -> None:
    """A cause is SHOWN only where a rule names an artefact for it, and says in words which."""
    for one in diagnose(evidence).accusations:
        if one.state == "SHOWN":
            found = [f for rule in RULES for f in rule.findings(evidence) if f.cause == one.cause]
            proofs = [f.because for f in found if f.strength == "shown"]
            assert proofs
            assert set(proofs) <= set(one.evidence_for)


GOOD = ("ok",)


@given(evidences(), st.data())
def test_less_evidence_never_proves_more(evidence: Evidence, data: st.DataObject) -> None:
    """Taking a check away never turns into SHOWN what was not, unless that check spoke against it.

    What speaks against: a check that found all well, what is named against the cause, and a lower
    layer's proof. Taking those away is taking a control away, not a sign.
    """
    assume(evidence.observations)
    gone = data.draw(st.sampled_from(evidence.observations))
    before = states(evidence)
    after = states(replace(evidence, observations=tuple(o for o in evidence.observations if o is not gone)))
    for name, one in after.items():
        if one.state != "SHOWN" or (name in before and before[name].state == "SHOWN"):
            continue
        against = name in before and before[name].evidence_against
        works = number_ok(gone)
        assert against or works, (name, gone)


def number_ok(seen: Observation) -> bool:
    """Whether an observation holds something that went well: a control."""
    found = seen.facts
    if isinstance(found, Routes):
        return any(one.ok for one in found.routes)
    if isinstance(found, Alternatives):
        return any(one.ok for one in found.alternatives)
    return isinstance(found, Chat | Web | Har) and bool(found.ok)


@given(evidences())
def test_a_rule_looks_at_what_it_says_it_needs(evidence: Evidence) -> None:
    """Evidence of the checks that a rule names gives the same findings as all of it; nothing else is read."""
    for rule in RULES:
        kept = tuple(one for one in evidence.observations if one.check in rule.needs)
        part = replace(evidence, observations=kept)
        assert list(rule.judge(part)) == list(rule.judge(evidence)), rule.id


ALLOWS = {"SHOWN": {"shown", "strong", "weak", "faint", "needs"}, "LIKELY": {"strong", "weak", "faint", "needs"},
          "POSSIBLE": {"weak", "faint", "needs"}, "INSUFFICIENT": {"needs"}, "RULED_OUT": set[str]()}  # fmt: skip


@given(evidences())
def test_a_rule_proves_no_more_than_it_says(evidence: Evidence) -> None:
    """No finding is stronger than what the rule's explanation promises."""
    for rule in RULES:
        for one in rule.judge(evidence):
            assert one.strength in ALLOWS[rule.proves] | {"against", "excludes"}, rule.id


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_explains_itself(rule: Any) -> None:
    """The explanation has the id, what is needed, what it can show, and where that is known from."""
    told = explain_rule(rule.id)
    assert told.startswith(f"{rule.id}: ")
    assert rule.needs
    assert set(rule.needs) <= {*CHECKS, "text", "har"}
    assert "Needs:" in told
    assert "Proves:" in told
    assert "Source:" in told


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**6) | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(evidences(), st.data())
def test_facts_of_another_kind_break_nothing(
    tmp_path_factory: pytest.TempPathFactory, evidence: Evidence, data: st.DataObject
) -> None:
    """Whatever stands in a saved file's facts, it loads, and there is a diagnosis and a verdict on every fix."""
    assume(evidence.observations)
    path = tmp_path_factory.mktemp("spoilt") / "e.json"
    write_evidence(evidence, path)
    body = json.loads(path.read_text(encoding="utf-8"))
    for one in body["evidence"]["observations"]:
        known = sorted(field.name for field in fields(BY_CHECK[one["check"]]))
        names = data.draw(st.lists(st.sampled_from(known), max_size=3))
        one["facts"] = {**one.get("facts", {}), **{name: data.draw(JUNK) for name in names}}
    path.write_text(json.dumps(body), encoding="utf-8")
    judge(read_evidence(path))


@given(evidences())
def test_saving_and_loading_changes_no_diagnosis(
    tmp_path_factory: pytest.TempPathFactory, evidence: Evidence
) -> None:
    """Save, load, judge is judge, for any evidence without private names; the fixes' verdicts too."""
    path = tmp_path_factory.mktemp("saved") / "e.json"
    write_evidence(evidence, path)
    back = read_evidence(path)
    first, again = judge(evidence), judge(back)
    assert again.diagnosis.verdict == first.diagnosis.verdict
    assert [(one.cause, one.state, one.rules) for one in again.diagnosis.accusations] == [
        (one.cause, one.state, one.rules) for one in first.diagnosis.accusations
    ]
    assert [(one.key, one.verdict.answer) for one in again.fixes] == [
        (one.key, one.verdict.answer) for one in first.fixes
    ]
    assert back.facts(ChatStream).n == evidence.facts(ChatStream).n


@given(evidences(), st.data())
def test_what_cannot_be_read_proves_nothing(evidence: Evidence, data: st.DataObject) -> None:
    """A rule whose findings rest on a fact that cannot be read neither proves nor excludes; no other rule minds."""
    assume(evidence.observations)
    spoilt = data.draw(st.sampled_from(evidence.observations))
    known = [one.name for one in fields(spoilt.facts) if one.name != "unreadable"]
    name = data.draw(st.sampled_from(known))
    default = getattr(type(spoilt.facts)(), name)

    def without(**changed: Any) -> Evidence:
        facts = replace(spoilt.facts, **{name: default}, **changed)
        seen = tuple(replace(one, facts=facts) if one is spoilt else one for one in evidence.observations)
        return replace(evidence, observations=seen)

    for rule in MEASURED:
        known_without, told = rule.findings(without()), rule.findings(without(unreadable=(name,)))
        rests_on_it = rule.findings(evidence) != known_without
        if spoilt.check in rule.needs and rests_on_it:
            assert not {one.strength for one in told} & {"shown", "excludes"}, rule.id
        if spoilt.check not in rule.needs:
            assert told == known_without, rule.id


def test_a_fact_that_no_rule_needs_spoils_nothing() -> None:
    """Token counts that cannot be read leave the proof of a refused key, or of a busy server, as it is."""
    asked = observed("chat.stream", "fault", "http_401", n=2, ok=0, failures={"http_401": 2}, key_sent=True)
    spoilt = replace(asked, facts=replace(asked.facts, unreadable=("usage", "tcp_info")))
    assert states(Evidence((spoilt,)))["auth_failed"].state == "SHOWN"
    spoilt = replace(asked, facts=replace(asked.facts, unreadable=("failures",)))
    assert states(Evidence((spoilt,)))["auth_failed"].state == "LIKELY"


@pytest.mark.parametrize("sent", [None, True, False])
def test_only_a_key_that_was_sent_can_be_refused(sent: bool | None) -> None:
    """A 401 for a request without the key accuses nobody's key; evidence that does not say so counts as sent."""
    key = observed("key", "fault", "http_401", status=401, key_shape="ok", key_sent=sent)
    asked = observed("chat.stream", "fault", "http_401", n=2, ok=0, failures={"http_401": 2}, key_sent=sent)
    for seen in ((key,), (asked,), (key, asked)):
        assert states(Evidence(seen))["auth_failed"].state == ("INSUFFICIENT" if sent is False else "SHOWN")


def test_no_key_given_is_not_a_key_refused() -> None:
    """A server that wants a key and got none is told apart from one that refused a key."""
    none = observed("key", "not_checked", key_shape="missing")
    asked = observed("chat.stream", "fault", "http_401", n=2, ok=0, failures={"http_401": 2}, key_sent=False)
    told = states(Evidence((none, asked)))["auth_failed"]
    assert told.state == "INSUFFICIENT"
    assert told.next_check is not None
    assert "give your API key" in told.next_check
