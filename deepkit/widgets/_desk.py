"""Runs what a page asks for, and draws what it knows: the only place where a page's state changes."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from deepkit.answers import answer_for
from deepkit.case_file import cleaned
from deepkit.cases import Action, Case, Person
from deepkit.fixes import FIXES
from deepkit.records import Budget, Observation, Sample, Trial
from deepkit.trials import try_fix_async
from deepkit.views.fixes import in_order, trial_of
from deepkit.widgets import _progress as progress
from deepkit.widgets._job import Job
from deepkit.widgets._practice import practice_for
from deepkit.widgets._progress import Progress
from deepkit.widgets._question import Question, ask
from deepkit.widgets._rate_limit import RateLimit

BEST = 2
PAIRS = 12
TRY_BUDGET = Budget(requests=2 * PAIRS * 2, tokens=1200)
"""What one trial in a live case may send, retries included; shown before it begins, never exceeded."""
SHOW_PAIRS = 12
"""Most pairs of a demonstration: eight clear wins decide."""
AT_ONCE = 6
"""Demonstrations side by side: most of each is waiting, and each has a sandbox of its own."""
DOABLE = (Action.CHECK_STATUS, Action.TEST_TO_DECIDE)
"""Checks that decide and that the page itself can make."""


class Desk:
    """The state of a page, its runs and its listeners.

    Args:
        question: What the form says at first.
        seed: Seed of the sandbox and the trials.
    """

    def __init__(self, question: Question, seed: int = 0) -> None:
        self.now, self.seed = Progress(question=question), seed
        self._lock = threading.RLock()
        self.job: Job[None] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._draw = RateLimit(self._tell)
        self._cleaned: tuple[Case, Person, Case] | None = None

    def listen(self, tell: Callable[[], None]) -> None:
        """Call `tell` after changes, at most ten times a second and always after the last."""
        self._listeners.append(tell)

    @property
    def case(self) -> Case | None:
        """The case without secrets: what may be shown and saved, with the steps for whom the form says now."""
        found, told = self.now.case, self.now.question.person
        if found is None:
            return None
        who = replace(found.person, system=told.system, browser=told.browser, language=told.language)
        if self._cleaned is None or self._cleaned[0] is not found or self._cleaned[1] != who:
            self._cleaned = (found, who, cleaned(replace(found, person=who)))
        return self._cleaned[2]

    def change(self, question: Question) -> None:
        """Take another answer of the form."""
        self._to(progress.changed_question, question)

    def check(self) -> Job[None]:
        """Answer the form's question in the background; what ran is stopped."""
        return self._run(progress.check_begins, self._checking)

    def cancel(self) -> None:
        """Stop what runs."""
        self._to(progress.cancelled)
        if self.job is not None:
            self.job.cancel()

    def best(self) -> tuple[str, ...]:
        """Return the keys of the best fixes that fit and were not tried here yet."""
        case = self.now.case
        if case is None or not self.now.can_try:
            return ()
        fit = (one.key for one in in_order(case) if one.verdict.answer == "yes")
        return tuple(key for key in fit if trial_of(case, key) is None)[:BEST]

    def try_fixes(self, keys: tuple[str, ...]) -> Job[None] | None:
        """Try fixes in the case, one after the other."""
        known = tuple(key for key in keys if key in {one.key for one in FIXES})
        return self._run(progress.trials_begin, self._trying, known) if self.now.can_try and known else None

    def demonstrate(self) -> Job[None] | None:
        """Demonstrate each fix on a made-up trouble that it is meant for."""
        begins = self.now.can_demonstrate
        return self._run(progress.demonstrations_begin, self._demonstrating) if begins else None

    @property
    def sure(self) -> bool:
        """Whether the check that decides can be made from here: for a paste, asking the provider itself."""
        case = self.case
        step = answer_for(case).to_be_sure if case and self.now.phase == "idle" else None
        return step is not None and step.action in DOABLE

    def make_sure(self) -> Job[None]:
        """Make the check that decides."""
        if self.now.question.kind == "pasted":
            self.change(replace(self.now.question, target="deepseek"))
        return self.check()

    def _to(self, step: Callable[..., Progress], *given: Any) -> None:
        with self._lock:
            self.now = step(self.now, *given)
        self._draw.touch()

    def _run(
        self, begins: Callable[..., Progress], work: Callable[[int], Coroutine[Any, Any, None]], *given: Any
    ) -> Job[None]:
        if self.job is not None:
            self.job.cancel()
        self._to(begins, *given)
        run = self.now.run

        def ended(job: Job[None]) -> None:
            if job.error and not job.cancelled:
                self._to(progress.run_fails, run, job.error)
            self._to(progress.run_ends, run)
            self._draw.flush()

        self.job = Job(lambda: work(run), ended)
        self._draw.flush()
        return self.job.start()

    async def _checking(self, run: int) -> None:
        def arrived(one: Observation) -> None:
            self._to(progress.check_brings, run, one)

        case = await ask(self.now.question, self.seed, arrived)
        self._to(progress.check_ends, run, case)

    async def _trying(self, run: int) -> None:
        case = self.now.case
        assert case is not None
        keys = tuple(self.now.trying)
        for key in keys:
            self._to(progress.trial_ends, run, await self._trial(run, key, case, len(keys)))

    async def _trial(self, run: int, key: str, case: Case, family: int) -> Trial:
        def arrived(one: Sample) -> None:
            self._to(progress.trial_brings, run, key, one)

        here = "sandbox" if case.kind == "practice" or case.target is None else case.target
        return await try_fix_async(
            key,
            here,
            scenario=case.scenario,
            settings=case.settings,
            evidence=case.evidence,
            pairs=PAIRS,
            budget=TRY_BUDGET,
            seed=self.seed,
            family=family,
            on_sample=arrived,
        )

    async def _demonstrating(self, run: int) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(key: str) -> None:
            async with gate:
                made_up = practice_for(key)
                trial = await try_fix_async(key, scenario=made_up, pairs=SHOW_PAIRS, seed=self.seed)
                self._to(progress.demonstrated, run, trial)

        await asyncio.gather(*(one(fix.key) for fix in FIXES))

    def _tell(self) -> None:
        for tell in self._listeners:
            tell()
