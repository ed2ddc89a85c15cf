"""The guided whole: one object whose calls are the cells of the notebook.

*Run all* with no input asks the sandbox's rush hour, shows the answer, and then demonstrates the twelve fixes. By hand,
the form's answers count: Diagnose asks anew, and everything on the page follows. The environment may choose the start:
DEEPKIT_TARGET, DEEPKIT_SCENARIO, DEEPKIT_SEED.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from IPython.display import display

from deepkit.case_file import case_json
from deepkit.cases import Case
from deepkit.errors import UsageError
from deepkit.records import Trial
from deepkit.reports import CASE
from deepkit.targets import check_target
from deepkit.views import (
    Trials,
    answer_card,
    arriving,
    findings,
    fix_card,
    fixes_table,
    fragment,
    hours,
    throttling,
    timing,
)
from deepkit.views.html import card, esc, paragraph
from deepkit.widgets import _progress as progress
from deepkit.widgets._desk import Desk
from deepkit.widgets._question import OTHER, PASTED, Question, changed
from deepkit.widgets._region import Region, in_voila
from deepkit.widgets.bar import Bar

PHASES: Mapping[str, tuple[str, ...]] = {
    "network": ("region_routing", "dns_tcp_reset", "firewall_allowlist", "connection_quality"),
    "browser": ("hard_refresh", "extensions"),
    "time": ("backoff", "off_peak"),
    "platforms": ("official_api", "aggregators"),
    "context": ("context_flush",),
    "account": ("priority_tier",),
}
"""The fixes by the guide's phases."""
WAITING = "The answer comes first; this follows."


class Walkthrough:
    """Leads from what you see to the answer, the fixes and a report.

    Args:
        target: "sandbox", "deepseek", a provider's name, a base URL or "pasted"; the environment's unless given,
            and practice where that has none.
        scenario: The practice case; the environment's or "rush_hour" unless given.
        seed: Seed of the sandbox and the trials.
        **answers: Other answers of the form: text, surface, system, browser, client, model, route, language.

    Raises:
        UsageError: When the target or scenario cannot be used.
    """

    def __init__(
        self, target: str | None = None, scenario: str | None = None, seed: int | None = None, **answers: str
    ) -> None:
        target, scenario = _start("DEEPKIT_TARGET", target), _start("DEEPKIT_SCENARIO", scenario) or None
        self.desk = Desk(question(target, scenario, answers), seed if seed is not None else _seed())
        self._bar: Bar | None = None
        self._regions: list[tuple[Region, Callable[[], str]]] = []
        self.desk.listen(self._follow)

    async def answer(self) -> None:
        """Show the form and the answer, filled as results arrive; ends when the answer stands."""
        self._bar = Bar(self.desk, lead=True)
        display(self._bar)  # type: ignore[no-untyped-call]
        self._show(self._answer)
        await self.desk.check().finished()
        if in_report():
            _hold(self.case, self.desk.now.shown)
            if self.case is None:
                raise UsageError(self.desk.now.note)
        self._practice()

    def fixes(self) -> None:
        """Show all fixes in one table; its rows lead to the cards."""
        self._show(lambda: self._of(lambda case: fixes_table(case, self._trials)))

    def phase(self, name: str) -> None:
        """Show the fixes of one of the guide's phases: network, browser, time, platforms, context, account."""
        self._show(partial(self._cards, PHASES[name]))

    def timing(self) -> None:
        """Show where the time of a question goes."""
        self._show(lambda: self._of(lambda case: timing(case.evidence)))

    def hours(self, zone: str = "UTC") -> None:
        """Show when DeepSeek was busy, by hour."""
        self._show(lambda: fragment(hours(zone)))

    def throttling(self) -> None:
        """Show why servers say "busy" and what would change it."""
        self._show(lambda: fragment(throttling()))

    def findings(self) -> None:
        """Show the evidence: every check, and every cause that was weighed."""
        self._show(lambda: self._of(findings))

    async def finish(self) -> None:
        """Wait for what still runs, and lead the reader back to the answer."""
        job = self.desk.job
        if job is not None and not in_voila():
            await job.finished()
        self._follow()
        if self._bar is not None:
            self._bar.led = True
            self._bar.draw()
        if in_report():
            _hold(self.case, self.desk.now.shown)

    @property
    def case(self) -> Case | None:
        """The last case, secrets removed."""
        return self.desk.case

    @property
    def _trials(self) -> Trials:
        return Trials(running=self.desk.now.trying, shown=self.desk.now.shown)

    def _practice(self) -> None:
        """In practice, and there alone, the fixes are demonstrated without being asked for."""
        if self.desk.now.question.kind == "practice":
            self.desk.demonstrate()

    def _show(self, draw: Callable[[], str]) -> None:
        region = Region()
        self._regions.append((region, draw))
        region.show(draw())

    def _follow(self) -> None:
        if self._bar is not None:
            self._bar.draw()
        for region, draw in self._regions:
            region.update(draw())

    def _answer(self) -> str:
        return answer_of(self.desk)

    def _of(self, draw: Callable[[Case], str]) -> str:
        case = self.case
        if case is None:
            return fragment(card(paragraph(WAITING)))
        return fragment(draw(case), simulated=case.kind == "practice")

    def _cards(self, keys: Sequence[str]) -> str:
        case = self.case
        cards = (fix_card(key, case, self._trials) for key in keys)
        return fragment(*cards, simulated=case is not None and case.kind == "practice")


def answer_of(desk: Desk) -> str:
    """Return the answer as it stands: what arrives, or the case's, with a line when it is old."""
    now, case = desk.now, desk.case
    if now.phase == "checking" and now.checking is not None:
        return fragment(arriving(now.checking.in_words(), now.seen))
    if case is None:
        return fragment(card(paragraph(esc(now.note or "No answer yet: press Diagnose."))))
    old = f"You changed an answer. {progress.last(now)} Press Diagnose." if now.old else ""
    return fragment(answer_card(case, language=now.question.language or None, note=now.note or old))


def in_report() -> bool:
    """Tell whether this kernel runs for a report, which takes the case from an output."""
    return os.environ.get("DEEPKIT_REPORT") == "1"


def _hold(case: Case | None, shown: Mapping[str, Trial]) -> None:
    if case is None:
        return
    held = {
        "case": case_json(case),
        "shown": case_json(replace(case, trials=tuple(shown.values())))["trials"],
    }
    display({CASE: held}, raw=True)  # type: ignore[no-untyped-call]


def question(target: str, scenario: str | None, answers: Mapping[str, Any]) -> Question:
    """Return the form's first answers.

    Args:
        target: As for `Walkthrough`.
        scenario: The practice case, or None.
        answers: Other fields of the form.

    Returns:
        The question.

    Raises:
        UsageError: When something cannot be used.
    """
    unknown = sorted(set(answers) - {name for name in Question.__slots__ if name != "key"})
    if unknown:
        message = f"The form has no {', '.join(unknown)}; it has {', '.join(Question.__slots__)}."
        raise UsageError(message)
    if target != PASTED and (target or scenario):
        check_target(target or "sandbox", scenario=scenario)
    place = {"target": OTHER, "address": target} if "://" in target else {"target": target}
    return changed(Question(), {**place, "scenario": scenario or "rush_hour", **answers})


def _start(variable: str, given: str | None) -> str:
    """Return what a page begins with: what is given, else the environment's; a report's own choice wins."""
    named = os.environ.get(variable) or ""
    return named or given or "" if in_report() else given or named


def _seed() -> int:
    text = os.environ.get("DEEPKIT_SEED") or "0"
    if not text.lstrip("-").isdigit():
        message = f"DEEPKIT_SEED is {text!r}; give a whole number."
        raise UsageError(message)
    return int(text)
