"""What a page knows, and every way in which that changes: a question, its case, and at most one run at a time.

Results belong to a run. A cancelled or overtaken run has another number, so that whatever it still brings is dropped:
no page ever shows the results of two questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

from deepkit.cases import Case
from deepkit.records import Observation, Sample, Trial
from deepkit.widgets._question import Question

Phase = Literal["idle", "checking", "trying", "demonstrating"]
EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a page.

    Args:
        question: What the form says now.
        asked: The question that the case answers.
        checking: The question of the check that runs.
        case: The last finished case.
        phase: What runs.
        run: Its number.
        note: What to say above the results.
        seen: What the running check brought so far.
        trying: Samples of the running trials, by fix.
        shown: Demonstrations on made-up troubles, by fix; never part of the case.
    """

    question: Question = field(default_factory=Question)
    asked: Question | None = None
    checking: Question | None = None
    case: Case | None = None
    phase: Phase = "idle"
    run: int = 0
    note: str = ""
    seen: tuple[Observation, ...] = ()
    trying: Mapping[str, tuple[Sample, ...]] = field(default_factory=lambda: EMPTY)
    shown: Mapping[str, Trial] = field(default_factory=lambda: EMPTY)

    @property
    def old(self) -> bool:
        """Whether the results answer another question than the form's."""
        return self.asked is not None and self.asked.measured != self.question.measured

    @property
    def can_try(self) -> bool:
        """Whether fixes can be tried in this case now."""
        return self.phase == "idle" and self.case is not None and self.case.kind != "pasted" and not self.old

    @property
    def can_demonstrate(self) -> bool:
        """Whether fixes can be demonstrated on made-up troubles now."""
        return self.phase == "idle" and self.case is not None


def changed_question(now: Progress, question: Question) -> Progress:
    """The form says something else; the results stay and count as old."""
    return replace(now, question=question)


def check_begins(now: Progress) -> Progress:
    """A check of the form's question begins; whatever ran is overtaken."""
    return replace(
        now, phase="checking", run=now.run + 1, checking=now.question, seen=(), trying=EMPTY, note=""
    )


def check_brings(now: Progress, run: int, one: Observation) -> Progress:
    """An observation arrives."""
    return replace(now, seen=(*now.seen, one)) if _mine(now, run, "checking") else now


def check_ends(now: Progress, run: int, case: Case) -> Progress:
    """A check ends in its case, which replaces the former with all that belonged to it."""
    if not _mine(now, run, "checking"):
        return now
    return replace(
        now, phase="idle", case=case, asked=now.checking, checking=None, seen=(), shown=EMPTY, note=""
    )


def run_fails(now: Progress, run: int, words: str) -> Progress:
    """A run breaks: the last finished case stays."""
    return _stopped(now, words) if now.phase != "idle" and run == now.run else now


def cancelled(now: Progress) -> Progress:
    """The person cancels: whatever the run still brings is dropped, the last finished case stays."""
    if now.phase == "idle":
        return now
    return replace(_stopped(now, f"Cancelled. {last(now)}".strip()), run=now.run + 1)


def trials_begin(now: Progress, keys: tuple[str, ...]) -> Progress:
    """Fixes are tried in the case."""
    if not now.can_try or not keys:
        return now
    return replace(now, phase="trying", run=now.run + 1, trying=dict.fromkeys(keys, ()), note="")


def trial_brings(now: Progress, run: int, key: str, one: Sample) -> Progress:
    """A sample of a trial arrives."""
    if not _mine(now, run, "trying") or key not in now.trying:
        return now
    return replace(now, trying={**now.trying, key: (*now.trying[key], one)})


def trial_ends(now: Progress, run: int, trial: Trial) -> Progress:
    """A trial ends, and belongs to the case from now on."""
    if not _mine(now, run, "trying") or now.case is None:
        return now
    left = {key: samples for key, samples in now.trying.items() if key != trial.fix}
    return replace(now, case=now.case.with_trial(trial, now.case.kind), trying=left)


def demonstrations_begin(now: Progress) -> Progress:
    """The fixes are demonstrated on made-up troubles."""
    return (
        replace(now, phase="demonstrating", run=now.run + 1, shown=EMPTY, note="")
        if now.can_demonstrate
        else now
    )


def demonstrated(now: Progress, run: int, trial: Trial) -> Progress:
    """A demonstration ends; the case stays as it is."""
    return replace(now, shown={**now.shown, trial.fix: trial}) if _mine(now, run, "demonstrating") else now


def run_ends(now: Progress, run: int) -> Progress:
    """All trials or demonstrations of a run have ended."""
    ours = run == now.run and now.phase in ("trying", "demonstrating")
    return replace(now, phase="idle", trying=EMPTY) if ours else now


def last(now: Progress) -> str:
    """Say which finished check the page shows."""
    if now.case is None or now.asked is None:
        return ""
    at = now.case.evidence.at
    when = f"{datetime.fromtimestamp(at, UTC):%H:%M} UTC, " if at else ""
    return f"What you see is from the last finished check ({when}{now.asked.in_words()})."


def _mine(now: Progress, run: int, phase: Phase) -> bool:
    return run == now.run and now.phase == phase


def _stopped(now: Progress, words: str) -> Progress:
    return replace(now, phase="idle", checking=None, seen=(), trying=EMPTY, note=words)
