"""The state of a page: every transition, and the law that results never belong to two questions."""

from dataclasses import replace

import pytest
from hypothesis import settings as config
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from deepkit.cases import Case
from deepkit.records import Secret
from deepkit.widgets import _progress as p
from deepkit.widgets._progress import Progress
from deepkit.widgets._question import Question
from tests.observed import observed
from tests.views.cases import measured, pasted, trial

MINE, PRACTICE, PASTED = measured(), measured("rush_hour"), pasted("balance")
SEEN = observed("http", status=401, body_kind="json")
SAMPLE = trial("backoff", "w").samples[0]
DONE = Progress(question=Question(), asked=Question(), case=PRACTICE, run=1)


def at(phase: p.Phase) -> Progress:
    """A page in each phase, with a finished case behind it."""
    begins = {"checking": p.check_begins, "demonstrating": p.demonstrations_begin}
    if phase == "trying":
        return p.trials_begin(DONE, ("backoff", "aggregators"))
    return begins[phase](DONE) if phase in begins else DONE


PHASES: tuple[p.Phase, ...] = ("idle", "checking", "trying", "demonstrating")


@pytest.mark.parametrize("phase", PHASES)
def test_a_changed_answer_makes_results_old_at_once(phase: p.Phase) -> None:
    """In every phase: results stay, count as old, and are no longer old when the answer is changed back."""
    now = p.changed_question(at(phase), Question(scenario="stale_dns"))
    assert now.old
    assert now.case is PRACTICE
    assert now.phase == phase
    assert not p.changed_question(now, Question()).old


def test_for_whom_the_steps_are_written_makes_nothing_old() -> None:
    """System, browser and language change the steps at once and no result."""
    now = p.changed_question(DONE, Question(system="windows", browser="firefox", language="zh"))
    assert not now.old


def test_a_key_is_an_answer_too() -> None:
    """What was asked without a key is old once there is one."""
    assert p.changed_question(DONE, Question(key=Secret("sk-1"))).old


@pytest.mark.parametrize("phase", PHASES)
def test_a_check_may_begin_in_every_phase(phase: p.Phase) -> None:
    """It overtakes what ran: a new number, nothing seen, nothing tried."""
    before = at(phase)
    now = p.check_begins(before)
    assert (now.phase, now.run, now.seen, dict(now.trying)) == ("checking", before.run + 1, (), {})
    assert now.checking == before.question


@pytest.mark.parametrize("phase", PHASES)
def test_cancel_keeps_the_last_finished_case_and_stops_everything(phase: p.Phase) -> None:
    """After Cancel the page is idle, says which check it shows, and drops whatever still arrives."""
    before = at(phase)
    now = p.cancelled(before)
    assert now.phase == "idle"
    assert now.case is PRACTICE
    if phase == "idle":
        assert now is before
        return
    assert "last finished check" in now.note
    late = [
        p.check_brings(now, before.run, SEEN), p.check_ends(now, before.run, PASTED), p.run_ends(now, before.run),
        p.trial_brings(now, before.run, "backoff", SAMPLE), p.trial_ends(now, before.run, trial("backoff", "wwwwwww")),
        p.demonstrated(now, before.run, trial("backoff", "wwwwwww")), p.run_fails(now, before.run, "late"),
    ]  # fmt: skip
    assert all(one == now for one in late)


def test_a_check_ends_in_its_own_question() -> None:
    """The case that arrives belongs to the question that was asked, even if the form has moved on."""
    now = p.check_begins(Progress(question=Question(scenario="stale_dns")))
    now = p.check_brings(now, now.run, SEEN)
    assert now.seen == (SEEN,)
    moved = p.changed_question(now, Question(scenario="healthy"))
    ended = p.check_ends(moved, now.run, PRACTICE)
    assert ended.asked == Question(scenario="stale_dns")
    assert ended.old
    assert ended.phase == "idle"


def test_a_new_case_brings_none_of_the_old_trials() -> None:
    """Demonstrations and trials of the former case are gone with it."""
    tried = p.trial_ends(at("trying"), 2, trial("backoff", "wwwwwww"))
    assert tried.case is not None
    assert tried.case.trials
    again = p.check_begins(tried)
    ended = p.check_ends(again, again.run, MINE)
    assert ended.case is MINE
    assert not ended.shown
    assert not ended.trying


def test_a_failed_check_keeps_the_last_case() -> None:
    """What broke is said, and the page shows the last finished case."""
    now = p.run_fails(at("checking"), 2, "no such host")
    assert (now.phase, now.note, now.case) == ("idle", "no such host", PRACTICE)


@pytest.mark.parametrize("case", [PASTED, None], ids=["pasted", "nothing"])
def test_nothing_is_tried_where_nothing_can_be(case: Case | None) -> None:
    """A paste has nobody to ask; a page without a case has nothing to try."""
    now = replace(DONE, case=case)
    assert p.trials_begin(now, ("backoff",)) is now
    assert p.trials_begin(DONE, ()) is DONE
    assert p.trials_begin(p.changed_question(DONE, Question(text="x")), ("backoff",)).phase == "idle"
    assert p.demonstrations_begin(replace(DONE, case=None)).phase == "idle"


def test_trials_fill_the_case_one_by_one() -> None:
    """Samples arrive, a trial ends and is the case's, the run ends and the page is idle."""
    now = at("trying")
    now = p.trial_brings(now, now.run, "backoff", SAMPLE)
    assert now.trying["backoff"] == (SAMPLE,)
    assert p.trial_brings(now, now.run, "region_routing", SAMPLE) is now
    now = p.trial_ends(now, now.run, trial("backoff", "wwwwwww"))
    assert list(now.trying) == ["aggregators"]
    assert [one.fix for one in now.case.trials] == ["backoff"]  # type: ignore[union-attr]
    now = p.run_ends(now, now.run)
    assert (now.phase, dict(now.trying)) == ("idle", {})


def test_demonstrations_never_enter_the_case() -> None:
    """They stand beside it, whatever they show."""
    now = at("demonstrating")
    now = p.demonstrated(now, now.run, trial("hard_refresh", "wwwwwww"))
    assert list(now.shown) == ["hard_refresh"]
    assert now.case is PRACTICE
    assert p.run_ends(now, now.run).phase == "idle"


QUESTIONS = {
    PRACTICE.kind: Question(),
    MINE.kind: Question(target="deepseek"),
    PASTED.kind: Question(text="402"),
}
CASES = {one.kind: one for one in (PRACTICE, MINE, PASTED)}


class Clicks(RuleBasedStateMachine):
    """Clicks and results in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = Progress()

    @rule(kind=st.sampled_from(sorted(QUESTIONS)))
    def change(self, kind: str) -> None:
        """Another answer."""
        self.now = p.changed_question(self.now, QUESTIONS[kind])

    @rule()
    def check(self) -> None:
        """Diagnose."""
        self.now = p.check_begins(self.now)

    @rule()
    def cancel(self) -> None:
        """Cancel."""
        self.now = p.cancelled(self.now)

    @rule(ago=st.integers(0, 2))
    def arrives(self, ago: int) -> None:
        """A check ends, perhaps one that was overtaken."""
        question = self.now.checking or self.now.question
        self.now = p.check_ends(self.now, self.now.run - ago, CASES[question.kind])

    @rule(ago=st.integers(0, 2))
    def tried(self, ago: int) -> None:
        """A trial ends, perhaps one of an overtaken run."""
        self.now = p.trial_ends(self.now, self.now.run - ago, trial("backoff", "wwwwwww"))

    @precondition(lambda self: self.now.can_try)
    @rule()
    def begin(self) -> None:
        """Try the best."""
        self.now = p.trials_begin(self.now, ("backoff",))

    @rule(ago=st.integers(0, 2))
    def ends(self, ago: int) -> None:
        """A run ends."""
        self.now = p.run_ends(self.now, self.now.run - ago)

    @invariant()
    def results_belong_to_one_question(self) -> None:
        """The case's kind is that of the question it is said to answer, and it is old exactly when the form differs."""
        now = self.now
        assert (now.case is None) == (now.asked is None)
        if now.case is not None and now.asked is not None:
            assert now.case.kind == now.asked.kind
            assert now.old == (now.asked.measured != now.question.measured)
        assert (now.checking is not None) == (now.phase == "checking")
        assert now.phase == "trying" or not now.trying


TestClicks = Clicks.TestCase
TestClicks.settings = config(max_examples=60, stateful_step_count=20, deadline=None)
