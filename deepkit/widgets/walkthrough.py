"""The guided whole: one object whose calls are the cells of the notebook.

*Run all* with no input looks at the sandbox's rush hour and tries all twelve fixes. By
hand, the form's answers count: "Check again" looks anew, and everything below follows.
The environment may choose the start: DEEPKIT_TARGET, DEEPKIT_SCENARIO, DEEPKIT_SEED.
"""

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from deepkit.cases import Case
from deepkit.errors import UsageError
from deepkit.fixes import FIXES
from deepkit.plots import causes, hours, latency, retry_outcomes
from deepkit.records import Evidence, Trial, Verdict
from deepkit.sandbox import scenarios
from deepkit.widgets._labels import spaced
from deepkit.widgets._view import View
from deepkit.widgets.checkup import CheckupView
from deepkit.widgets.figure import FigureView
from deepkit.widgets.fix import FixView, Place
from deepkit.widgets.intake import Asked, Intake
from deepkit.widgets.overview import Overview
from deepkit.widgets.saving import SaveView

CLEAREST = {"official_api": "web_busy_api_fine", "priority_tier": "no_balance", "off_peak": "busy_by_day"}
"""Where several scenarios list a fix first, the one that shows the guide's own claim."""
UNASKED = Verdict("cannot_tell", "Nothing was measured yet.")


class Saver(Protocol):
    """Writes titled views as a report and returns the paths; `deepkit.reports.save` is one."""

    def __call__(self, views: Sequence[tuple[str, Any]], /, **about: Any) -> Sequence[Path]:
        """Write the views and return the paths."""
        ...


class Walkthrough:
    """Leads from what you see to the cause, the fixes, their trials and a report.

    Args:
        target: "sandbox", "deepseek", a provider's name or a base URL; the environment's or the sandbox unless given.
        scenario: The practice case; the environment's or "rush_hour" unless given.
        seed: Seed of the sandbox and the trials.

    Raises:
        UsageError: When the target or scenario cannot be used.
    """

    def __init__(
        self, target: str | None = None, scenario: str | None = None, seed: int | None = None
    ) -> None:
        target = target or os.environ.get("DEEPKIT_TARGET") or "sandbox"
        scenario = scenario or os.environ.get("DEEPKIT_SCENARIO") or None
        self.seed = seed if seed is not None else _seed()
        self._intake = Intake(target, scenario)
        self._checkup = CheckupView(self._intake.answer, self.seed)
        self._checkup.again.on_click(lambda _: self._start())
        self._checkup.when_done(self._follow)
        self._fixes = {one.key: self._view(one.key) for one in FIXES}
        self._overview = Overview(list(self._fixes.values()))
        self._shown: list[tuple[str, View]] = []
        self._drawn: dict[str, tuple[FigureView, Callable[[], Any]]] = {}

    def _view(self, key: str) -> FixView:
        places = _places(key, self._intake.answer, None, UNASKED)
        return FixView(key, Evidence(), verdict=UNASKED, places=places, seed=self.seed)

    def intake(self) -> None:
        """Show the form: what do you see?"""
        self._put("What do you see?", self._intake)

    async def diagnose(self) -> None:
        """Look at what the form says, showing each result as it arrives, and say whose fault it is."""
        self._put("Whose fault is it?", self._checkup)
        await self._start().finished()
        if self._checkup.problem:
            raise UsageError(self._checkup.problem)

    def causes(self) -> None:
        """Show how far the evidence goes for each cause."""
        self._figure(
            "The causes",
            lambda: causes(self._result().diagnosis),
            "How far the evidence goes for each cause.",
        )

    def latency(self) -> None:
        """Show where the time goes."""
        words = "Where the time goes, from the name lookup to the last word."
        self._figure("Where the time goes", lambda: latency(self._result().evidence), words)

    def hours(self, zone: str = "UTC") -> None:
        """Show when DeepSeek was busy, by hour."""
        words = "From DeepSeek's own status page, node count and price list; not a forecast."
        self._figure("The hours of a day", lambda: hours(zone), words)

    async def try_all(self) -> None:
        """Try every fix and show the results side by side: in this case where it fits, else in a practice case."""
        self._put("The twelve fixes", self._overview)
        await self._overview.start().finished()
        self._overview.refresh()

    def fix(self, key: str) -> None:
        """Show one fix in full: claim, reality check, steps, and its trial with a button to try it again."""
        view = self._fixes[key]
        self._put(f"{view.fix.number}. {view.fix.title}", view)

    def retries(self) -> None:
        """Show what retrying cost, question by question, in the trial with the most attempts."""
        words = "What the retries of the backoff trial cost: time asking and time waiting."
        self._figure("What retrying cost", lambda: retry_outcomes(self._retried().samples), words)

    def save(self, saver: Saver) -> None:
        """Show a button that writes what is on this page as a report.

        Args:
            saver: `deepkit.reports.save`.
        """
        SaveView(
            lambda: saver(self._shown, seed=self.seed, target=self.asked.target, scenario=self.asked.scenario)
        ).show()

    @property
    def asked(self) -> Asked:
        """What the form says now."""
        return self._intake.answer

    @property
    def checkup(self) -> Case | None:
        """The last check-up, once there is one."""
        return self._checkup.checkup

    @property
    def trials(self) -> dict[str, Trial | None]:
        """The trials by fix, in the guide's order."""
        return {key: view.trial for key, view in self._fixes.items()}

    def _put(self, title: str, view: View) -> None:
        self._shown = [(name, one) for name, one in self._shown if name != title] + [(title, view)]
        view.show()

    def _figure(self, title: str, draw: Callable[[], Any], caption: str) -> None:
        self._drawn[title] = (view := FigureView(draw(), caption), draw)
        self._put(title, view)

    def _start(self) -> Any:
        return self._checkup.start(self._intake.answer)

    def _result(self) -> Case:
        if self.checkup is None:
            message = "There is no check-up yet; run the cell with diagnose() first."
            raise UsageError(message)
        return self.checkup

    def _retried(self) -> Trial:
        tried = [one for one in self.trials.values() if one is not None and one.samples]
        if not tried:
            message = "No fix was tried yet; run the cell with try_all() first."
            raise UsageError(message)
        return max(tried, key=lambda one: sum(sample.attempts for sample in one.samples) / len(one.samples))

    def _follow(self, checkup: Case) -> None:
        self._overview.cancel()
        for rank, ranked in enumerate(checkup.fixes, 1):
            places = _places(ranked.key, self._checkup.asked, checkup, ranked.verdict)
            self._fixes[ranked.key].follow(checkup.evidence, ranked.verdict, rank, places)
        self._overview.redraw()
        for view, draw in self._drawn.values():
            with contextlib.suppress(
                UsageError
            ):  # the new case has no trial yet whose retries could be shown
                view.update(draw())


def _seed() -> int:
    text = os.environ.get("DEEPKIT_SEED") or "0"
    if not text.lstrip("-").isdigit():
        message = f"DEEPKIT_SEED is {text!r}; give a whole number."
        raise UsageError(message)
    return int(text)


def practice(key: str) -> str:
    """Return the scenario in which a fix is at its best: the clearest one, or the one that lists it first."""
    if key in CLEAREST:
        return CLEAREST[key]
    listed = [
        (one.fixes.index(key), place, one.name) for place, one in enumerate(scenarios()) if key in one.fixes
    ]
    return min(listed)[2] if listed else "rush_hour"


def _places(key: str, asked: Asked, checkup: Case | None, verdict: Verdict) -> tuple[Place, ...]:
    """Return where a fix may be tried; the first is where *Run all* tries it.

    A practice case is tried in itself if the fix fits it. A live target costs money, so its
    trial waits for a click.
    """
    name = practice(key)
    own = Place(f"in the practice case {spaced(name)}", scenario=name)
    if checkup is None or asked.target == "pasted":
        return (own,)
    family = max(1, sum(one.verdict.answer == "yes" for one in checkup.fixes))
    if asked.target == "sandbox":
        here = Place(
            f"in your case ({spaced(asked.scenario or 'rush_hour')})",
            scenario=asked.scenario,
            settings=checkup.settings,
            evidence=checkup.evidence,  # what made the fix look worth trying, not a second look at a changing load
            family=family,
        )
        if asked.scenario == name:
            return (here,)
        return (here, own) if verdict.answer == "yes" else (own, here)
    live = Place(
        f"in your case ({asked.target})",
        asked.target,
        settings=checkup.settings,
        evidence=checkup.evidence,
        family=family,
    )
    return (own, live)
