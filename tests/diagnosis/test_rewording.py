"""No code reads sentences of DeepKit's own: with every one of them turned around, nothing but the words changes."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from deepkit import diagnosis, fixes
from deepkit.cases import Case
from deepkit.checks import Answered, Conversation, Facts, Tls
from deepkit.diagnosis import ranking, rules_text
from deepkit.diagnosis.rule import Finding, Rule
from deepkit.fixes import Fix, _rank
from deepkit.probes.text import read_text
from deepkit.records import Evidence, Verdict
from deepkit.triage import judge
from tests.diagnosis import corpus, golden
from tests.diagnosis.evidence import evidences
from tests.observed import observed

TEXTS = rules_text.findings
CASES = golden.CASES


def backwards(sentence: str) -> str:
    """The same words from the last to the first."""
    return " ".join(reversed(sentence.split()))


def turned(one: Finding) -> Finding:
    """The finding with its sentences turned around."""
    decides = backwards(one.next_check) if one.next_check else None
    return replace(one, because=backwards(one.because), next_check=decides)


def reworded_rule(rule: Rule) -> Rule:
    """The rule with its sentences turned around."""
    return replace(rule, says=backwards(rule.says), judge=lambda seen: map(turned, rule.judge(seen)))


def reworded_texts(evidence: Evidence) -> list[tuple[str, Finding]]:
    """The findings of the rules over texts, turned around."""
    return [(rule_id, turned(one)) for rule_id, one in TEXTS(evidence)]


def reworded_fix(one: Fix) -> Fix:
    """The fix with its sentences turned around."""

    def check(seen: Evidence, /) -> Verdict:
        told = one.check(seen)
        return replace(told, because=backwards(told.because), regardless=backwards(told.regardless))

    return replace(one, title=backwards(one.title), check=check)


def reworded_facts(facts: Facts) -> Facts:
    """The facts with those sentences turned around that the probes write themselves."""
    if isinstance(facts, Conversation):
        facts = replace(facts, problems=tuple(backwards(one) for one in facts.problems))
    if isinstance(facts, Answered | Tls) and facts.detail:
        facts = replace(facts, detail=backwards(facts.detail))
    return facts


def reworded(evidence: Evidence) -> Evidence:
    """The evidence with DeepKit's own sentences turned around."""
    seen = (
        replace(one, reason=backwards(one.reason), facts=reworded_facts(one.facts))
        for one in evidence.observations
    )
    return replace(evidence, observations=tuple(seen))


def decided(found: Case) -> tuple[object, ...]:
    """All that was decided, without words."""
    causes = [
        (one.cause, one.state, one.probability, one.rules, one.silenced_by)
        for one in found.diagnosis.accusations
    ]
    answers = [(one.key, one.verdict.answer) for one in found.fixes]
    return found.diagnosis.verdict, found.diagnosis.whose, causes, answers


def in_other_words(evidence: Evidence) -> Case:
    """The check-up of reworded evidence by reworded rules and fixes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diagnosis, "MEASURED", tuple(map(reworded_rule, diagnosis.MEASURED)))
        patch.setattr(rules_text, "findings", reworded_texts)
        patch.setattr(fixes, "FIXES", tuple(map(reworded_fix, fixes.FIXES)))
        patch.setattr(ranking, "EXPLAINED", backwards(ranking.EXPLAINED))
        patch.setattr(_rank, "MEANT", backwards(_rank.MEANT))
        return judge(reworded(evidence))


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_other_words_the_same_diagnosis(folder: Path) -> None:
    """Causes, states, their order and the fixes' answers and order do not depend on what the messages say."""
    evidence = golden.load(folder)
    assert decided(in_other_words(evidence)) == decided(judge(evidence))


@pytest.mark.parametrize("case", corpus.CASES[::20], ids=lambda case: f"{case[0]}-{case[1][:40]}")
def test_other_words_the_same_reading_of_a_text(case: corpus.Case) -> None:
    """What a pasted text means does not depend on how the signals say it."""
    evidence = Evidence((read_text(case[1], **case[2]),))
    assert decided(in_other_words(evidence)) == decided(judge(evidence))


@given(evidences())
def test_other_words_the_same_diagnosis_of_anything(evidence: Evidence) -> None:
    """The same for any evidence."""
    assert decided(in_other_words(evidence)) == decided(judge(evidence))


def test_the_words_are_really_others() -> None:
    """The rewording reaches the reasons of the accusations, of the silenced ones and of the fixes."""
    evidence = golden.load(golden.FOLDER / "busy_503")
    plain, other = judge(evidence), in_other_words(evidence)
    assert plain.diagnosis.accusations[0].evidence_for != other.diagnosis.accusations[0].evidence_for
    assert all(a.verdict.because != b.verdict.because for a, b in zip(plain.fixes, other.fixes, strict=True))


def test_a_silenced_cause_stands_behind_in_any_words() -> None:
    """A possible cause that a proven one explains away comes after one that it does not, whatever is written there."""
    stale = golden.load(golden.FOLDER / "stale_address")
    more = (
        observed("key", "fault", "http_401", status=401, key_shape="ok"),
        observed("proxy", "partial", disagree=True),
    )
    evidence = replace(stale, observations=(*stale.observations, *more))
    for found in (judge(evidence), in_other_words(evidence)):
        causes = [one.cause for one in found.diagnosis.accusations]
        assert causes.index("proxy_fault") < causes.index("auth_failed")
