"""A check-up as it happens, and what it means: the cause in plain words, for and against, the next check."""

from collections.abc import Callable

import ipywidgets

from deepkit.answers import MOST_TRACES, support, support_words
from deepkit.cases import Case
from deepkit.causes import BY_NAME
from deepkit.plots import seconds
from deepkit.records import Accusation, Observation
from deepkit.triage import doctor_async, explain
from deepkit.widgets import _html as h
from deepkit.widgets._job import Job
from deepkit.widgets._labels import CHECKS, OUTCOMES, STATES, WHOSE, spaced
from deepkit.widgets._rate_limit import RateLimit
from deepkit.widgets._view import View
from deepkit.widgets.intake import Asked

EXPECTED = 18
"""About as many results as a check-up of one target brings; the bar is full when it ends, whatever came."""


class CheckupView(View):
    """Runs a check-up and shows it.

    Args:
        asked: What to look at; `start` may bring another.
        seed: Seed of the sandbox.
    """

    def __init__(self, asked: Asked | None = None, seed: int = 0) -> None:
        super().__init__()
        self.asked, self.seed = asked or Asked(), seed
        self.seen: list[Observation] = []
        self.checkup: Case | None = None
        self.problem: str | None = None
        self.job: Job[Case] | None = None
        self.again = ipywidgets.Button(
            description="Check again", tooltip="Look once more with the answers above"
        )
        self.stop = ipywidgets.Button(description="Cancel", tooltip="Stop this check-up", disabled=True)
        self.bar = ipywidgets.IntProgress(
            max=EXPECTED, description="Progress", layout=ipywidgets.Layout(width="320px")
        )
        self.state = ipywidgets.HTML()
        self.page = ipywidgets.HTML()
        self.stop.on_click(lambda _: self.cancel())
        self._rate_limit = RateLimit(self._draw)
        self._tell: Callable[[Case], None] | None = None

    def when_done(self, tell: Callable[[Case], None]) -> None:
        """Call `tell` with each finished check-up, before the page says that it is done."""
        self._tell = tell

    def start(self, asked: Asked | None = None) -> Job[Case]:
        """Begin a check-up in the background and return at once; a running one is cancelled first."""
        if self.job is not None and self.job.running:
            self.job.cancel()
            self.job.wait(10.0)
        self.asked = asked or self.asked
        self.seen, self.checkup, self.problem = [], None, None
        self.job = Job(self._work, self._ended)
        self._rate_limit.flush()
        return self.job.start()

    def cancel(self) -> None:
        """Ask a running check-up to stop."""
        if self.job is not None:
            self.job.cancel()

    async def _work(self) -> Case:
        """Read what was pasted, else measure: the two are never one case."""
        if self.asked.text or self.asked.har or self.asked.target == "pasted":
            pasted = explain(self.asked.text or None, har=self.asked.har, surface=self.asked.surface)
            for one in pasted.evidence.observations:
                self._arrived(one)
            return pasted
        return await doctor_async(
            self.asked.target,
            scenario=self.asked.scenario,
            surface=self.asked.surface,
            on_observation=self._arrived,
            seed=self.seed,
        )

    def _arrived(self, one: Observation) -> None:
        self.seen.append(one)
        self._rate_limit.touch()

    def _ended(self, job: Job[Case]) -> None:
        if job is not self.job:
            return
        self.checkup, self.problem = job.result, job.error
        if self.checkup is not None and self._tell is not None:
            self._tell(self.checkup)
        self._rate_limit.flush()
        self.refresh()

    def _draw(self) -> None:
        running = self.job is not None and self.job.running and self.checkup is None and self.problem is None
        self.again.disabled, self.stop.disabled = running, not running
        self.bar.value = min(len(self.seen), EXPECTED - 1) if running else EXPECTED if self.checkup else 0
        self.state.value = f"<span>{h.esc(self._state())}</span>"
        self.page.value = self.html()

    def _state(self) -> str:
        if self.problem:
            return "Stopped."
        if self.checkup:
            return f"Done: {len(self.seen)} results."
        return (
            f"Looking at {self.asked.in_words()}: {len(self.seen)} results so far."
            if self.job
            else "Not started."
        )

    def _build(self) -> ipywidgets.Widget:
        self._draw()
        controls = ipywidgets.HBox([self.again, self.stop, self.bar, self.state])
        return ipywidgets.VBox([controls, self.page])

    def html(self) -> str:
        """Return the finding first, then what supports it, then every result."""
        if self.problem:
            return h.box(h.paragraph(h.badge("stopped", "warn"), h.esc(self.problem)))
        if self.checkup is None:
            return h.box(self._results() if self.seen else h.paragraph("No result yet."))
        return h.box(
            self._finding() + self._others() + h.fold(f"All {len(self.seen)} results", self._results())
        )

    def _finding(self) -> str:
        assert self.checkup is not None
        found = self.checkup.diagnosis
        first = next((one for one in found.accusations if one.cause == found.verdict), None)
        title = {"healthy": "Everything is well", "inconclusive": "It cannot be told yet"}.get(found.verdict)
        means = h.esc(BY_NAME[found.verdict].means) if found.verdict in BY_NAME else ""
        state = [h.badge(*STATES[first.state])] if first else []
        parts = [h.heading(title or spaced(found.verdict).capitalize(), *state)]
        parts.append(h.paragraph(means, h.strong(WHOSE[found.whose])))
        parts += [_because(first)] if first else []
        if found.next_check:
            parts.append(h.paragraph(h.strong("What would decide:"), h.esc(_check(found.next_check))))
        traces = [support_words(one) for one in support(self.checkup)[:MOST_TRACES]]
        if traces:
            parts.append(h.paragraph(h.strong("For the provider's support:"), h.esc("; ".join(traces))))
        spent = f"{self.checkup.evidence.requests} requests, {seconds(self.checkup.evidence.elapsed_s)}."
        return "".join(parts) + h.paragraph(h.esc(f"Looked at {self.asked.in_words()}: {spent}"))

    def _others(self) -> str:
        assert self.checkup is not None
        found = self.checkup.diagnosis
        rest = [one for one in found.accusations if one.cause != found.verdict]
        if not rest:
            return ""
        rows = [
            (
                h.esc(spaced(one.cause)),
                h.badge(*STATES[one.state]),
                h.esc("; ".join(_reasons(one)) or "nothing seen"),
            )
            for one in rest
        ]
        return h.fold(f"{len(rest)} other causes were weighed", h.table(("Cause", "State", "Because"), rows))

    def _results(self) -> str:
        rows = [
            (
                h.esc(_check(one.check)),
                h.badge(*OUTCOMES[one.outcome]),
                h.esc(one.reason or one.failure or ""),
                _took(one),
            )
            for one in self.seen
        ]
        return h.table(("Check", "Result", "What was seen", "Took"), rows)

    def summary(self) -> str:
        """Return whose fault it is, in one sentence."""
        if self.checkup is None:
            return ""
        found = self.checkup.diagnosis
        means = BY_NAME[found.verdict].means if found.verdict in BY_NAME else ""
        return f"{means} {WHOSE[found.whose]}".strip()

    def text(self) -> str:
        """Return the finding and the results as plain text."""
        if self.problem:
            return f"Stopped: {self.problem}"
        if self.checkup is None:
            return self._state()
        found = self.checkup.diagnosis
        lines = [f"Verdict: {spaced(found.verdict)}. {WHOSE[found.whose]}"]
        if found.verdict in BY_NAME:
            lines.append(BY_NAME[found.verdict].means)
        for one in found.accusations[:1]:
            lines += [f"  for: {item}" for item in one.evidence_for] + [
                f"  against: {item}" for item in one.evidence_against
            ]
        if found.next_check:
            lines.append(f"What would decide: {_check(found.next_check)}")
        lines += [
            f"For the provider's support: {support_words(one)}" for one in support(self.checkup)[:MOST_TRACES]
        ]
        rows = [
            (_check(one.check), OUTCOMES[one.outcome][0], one.reason or one.failure or "")
            for one in self.seen
        ]
        return "\n".join([*lines, h.plain_table(("check", "result", "seen"), rows)])


def _check(name: str) -> str:
    return CHECKS.get(name, name)


def _took(one: Observation) -> str:
    return seconds(one.elapsed_s) if one.elapsed_s is not None else ""


def _reasons(one: Accusation) -> tuple[str, ...]:
    return one.evidence_against if one.state == "RULED_OUT" else one.evidence_for


def _because(one: Accusation) -> str:
    against = h.bullets(one.evidence_against) or h.paragraph("Nothing that was seen speaks against it.")
    parts = [h.paragraph(h.strong("What speaks for it")), h.bullets(one.evidence_for)]
    parts += [h.paragraph(h.strong("What speaks against it")), against]
    if one.probability is not None:
        parts.append(h.paragraph(h.esc(f"Probability {one.probability:.0%}, calibrated on labelled cases.")))
    if one.next_check:
        parts.append(h.paragraph(h.strong("Next check:"), h.esc(_check(one.next_check))))
    return "".join(parts)
