"""One of the twelve fixes: what the guide says, what is known of it, what was measured, the steps, and the trial."""

from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets

from deepkit.fixes import DECIDES, Fix
from deepkit.fixes import fix as fix_of
from deepkit.plots import before_after, retry_outcomes, seconds, share
from deepkit.records import Evidence, Guide, Sample, Settings, Target, Trial, Verdict
from deepkit.trials import PAIRS, try_fix_async
from deepkit.widgets import _html as h
from deepkit.widgets._job import Job
from deepkit.widgets._labels import ANSWERS, CLAIMS, EFFECTS
from deepkit.widgets._rate_limit import RateLimit
from deepkit.widgets._view import View
from deepkit.widgets.figure import plot_output

SYSTEM_NAMES = {
    "windows": "Windows", "macos": "macOS", "linux": "Linux",
    "chrome": "Chrome", "edge": "Edge", "firefox": "Firefox", "safari": "Safari", "any": "any system",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trial runs.

    Args:
        words: For people: "in your case", "in the practice case stale_dns".
        target: As for `try_fix`.
        scenario: The sandbox's scenario, if any.
        settings: Settings without the fix; None takes the target's own.
        evidence: What was measured there; None measures first.
        pairs: Most pairs.
        family: Number of fixes that are tried there and share one error rate.
    """

    words: str
    target: str | Target = "sandbox"
    scenario: str | None = None
    settings: Settings | None = None
    evidence: Evidence | None = None
    pairs: int = PAIRS
    family: int = 1


class FixView(View):
    """Shows one fix for one case and tries it.

    Args:
        key: The fix's key.
        evidence: What was observed in the user's case.
        verdict: Whether the fix is worth trying in this case; asked from the fix unless given.
        rank: Its rank for this case, 1 is best; None when it is not ranked.
        places: Where it may be tried; the first is the default.
        seed: Seed of the trial.
    """

    def __init__(
        self,
        key: str,
        evidence: Evidence,
        *,
        verdict: Verdict | None = None,
        rank: int | None = None,
        places: tuple[Place, ...] = (Place("in the practice case rush_hour", scenario="rush_hour"),),
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.fix: Fix = fix_of(key)
        self.evidence, self.rank, self.places, self.seed = evidence, rank, places, seed
        self.verdict = verdict or self.fix.check(evidence)
        self.place = places[0]
        self.trial: Trial | None = None
        self.problem: str | None = None
        self.samples: list[Sample] = []
        self.job: Job[Trial] | None = None
        self._controls()
        self._rate_limit = RateLimit(self._draw)

    def _controls(self) -> None:
        style, wide = {"description_width": "70px"}, ipywidgets.Layout(width="340px")
        variants = [(SYSTEM_NAMES[name], name) for name in self.fix.variants]
        first = self._guide().system if self._guide().system in self.fix.variants else self.fix.variants[0]
        self.variant = ipywidgets.Dropdown(
            options=variants, value=first, description="Steps for", style=style, layout=wide
        )
        self.where = ipywidgets.Dropdown(
            options=[(place.words, number) for number, place in enumerate(self.places)],
            description="Try it",
            style=style,
            layout=wide,
        )
        title = f"Try fix {self.fix.number}"
        self.go = ipywidgets.Button(
            description=title, tooltip=f"Ask with and without it: {self.fix.title}", button_style="primary"
        )
        self.stop = ipywidgets.Button(
            description="Cancel", tooltip=f"Stop the trial of fix {self.fix.number}", disabled=True
        )
        self.about, self.state, self.result = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        self.plot = ipywidgets.Output()
        self.go.on_click(lambda _: self.start(self.places[int(self.where.value)]))
        self.stop.on_click(lambda _: self.cancel())
        self.variant.observe(lambda _: self._rate_limit.flush(), "value")

    def _guide(self) -> Guide:
        name = str(self.variant.value) if hasattr(self, "variant") else None
        systems = {"windows", "macos", "linux"}
        return self.fix.guide(
            self.evidence,
            system=name if name in systems else None,
            browser=name if name and name not in systems and name != "any" else None,
        )

    def follow(
        self, evidence: Evidence, verdict: Verdict, rank: int | None, places: tuple[Place, ...]
    ) -> None:
        """Take over a new check-up; a trial of the old case is dropped."""
        self.cancel()
        self.evidence, self.verdict, self.rank, self.places = evidence, verdict, rank, places
        self.place, self.job, self.trial, self.problem, self.samples = places[0], None, None, None, []
        self.where.options = [(place.words, number) for number, place in enumerate(places)]
        self._rate_limit.flush()

    def start(self, place: Place | None = None, done: Callable[[], None] | None = None) -> Job[Trial]:
        """Begin a trial in the background and return at once.

        Args:
            place: Where; the default place unless given.
            done: Called once it has ended.

        Returns:
            The job.
        """
        self.cancel()
        self.place = place or self.place
        self.samples, self.trial, self.problem = [], None, None

        def ended(job: Job[Trial]) -> None:
            if job is self.job:
                self.trial, self.problem = job.result, job.error
                self._rate_limit.flush()
                self.refresh()
            if done is not None:
                done()

        self.job = Job(self._work, ended)
        self._rate_limit.flush()
        return self.job.start()

    async def _work(self) -> Trial:
        place = self.place
        return await try_fix_async(
            self.fix.key,
            place.target,
            scenario=place.scenario,
            settings=place.settings,
            evidence=place.evidence,
            pairs=place.pairs,
            seed=self.seed,
            family=place.family,
            on_sample=self._arrived,
        )

    def cancel(self) -> None:
        """Ask a running trial to stop."""
        if self.job is not None:
            self.job.cancel()

    def _arrived(self, one: Sample) -> None:
        self.samples.append(one)
        self._rate_limit.touch()

    def _draw(self) -> None:
        running = self.job is not None and self.trial is None and self.problem is None
        self.go.disabled, self.stop.disabled = running, not running
        good = sum(one.ok for one in self.samples)
        asked = f"{self.place.words}: {len(self.samples)} questions asked, {good} answered" if running else ""
        self.state.value = f"<span>{h.esc(asked)}</span>"
        self.about.value = h.box(self._about())
        self.result.value = h.box(self._measured())
        self.plot.outputs = (
            (plot_output(before_after(self.trial)),) if self.trial and self.trial.samples else ()
        )

    def _build(self) -> ipywidgets.Widget:
        self._draw()
        buttons = ipywidgets.HBox([self.where, self.go, self.stop, self.state])
        chooser = [self.variant] if len(self.fix.variants) > 1 else []
        return ipywidgets.VBox([self.about, *chooser, buttons, self.result, self.plot])

    def html(self) -> str:
        """Return the whole fix with still pictures."""
        plots = ""
        if self.trial and self.trial.samples:
            plots = self.picture(before_after(self.trial))
            if any(one.attempts > 1 for one in self.trial.samples):
                plots += self.picture(retry_outcomes(self.trial.samples))
        return h.box(self._about() + self._measured() + plots)

    def _about(self) -> str:
        claim, guide = self.fix.claim, self._guide()
        rank = [h.badge(f"rank {self.rank} of 12 for this case", "info")] if self.rank else []
        parts = [
            h.heading(f"{self.fix.number}. {self.fix.title}", h.badge(*ANSWERS[self.verdict.answer]), *rank)
        ]
        parts.append(h.paragraph(h.strong("The guide says:"), h.esc(claim.promise)))
        source = f"({h.link(claim.source, 'source')}, {h.esc(claim.date)})"
        parts.append(
            h.paragraph(
                h.strong("Reality check:"), h.badge(*CLAIMS[claim.verdict]), h.esc(claim.reality), source
            )
        )
        parts.append(h.paragraph(h.strong("In your case:"), h.esc(self.verdict.because)))
        commands = "".join(f"<li><code>{h.esc(' '.join(one))}</code></li>" for one in guide.commands)
        body = h.bullets(guide.steps, ordered=True)
        if commands:
            body += (
                h.paragraph("These commands change your system; nothing here runs them:")
                + f"<ul>{commands}</ul>"
            )
        body += h.bullets(guide.notes)
        body += h.paragraph(h.strong("Cost:"), h.esc(claim.cost)) if claim.cost else ""
        body += h.paragraph(h.strong("Risk:"), h.esc(claim.risk)) if claim.risk else ""
        return "".join(parts) + h.fold(f"Steps ({SYSTEM_NAMES.get(guide.system, guide.system)})", body)

    def _measured(self) -> str:
        if self.problem:
            return h.paragraph(h.badge("not tried", "warn"), h.esc(self.problem))
        if self.trial is None:
            return h.paragraph(h.strong("Tried:"), "not yet.")
        one = self.trial
        says = h.paragraph(
            h.strong(f"Tried {self.place.words}:"), h.badge(*EFFECTS[one.verdict]), h.esc(one.because)
        )
        return (
            says
            + (
                h.table(HEAD, [[_unbroken(cell) for cell in row] for row in _arms(one)])
                if one.samples
                else ""
            )
            + h.paragraph(h.esc(_spent(one)))
        )

    def text(self) -> str:
        """Return the fix as plain text."""
        claim = self.fix.claim
        lines = [
            f"{self.fix.number}. {self.fix.title} [{ANSWERS[self.verdict.answer][0]}]",
            h.wrapped(f"The guide says: {claim.promise}", "  "),
            h.wrapped(
                f"Reality check, {CLAIMS[claim.verdict][0]}: {claim.reality} ({claim.source}, {claim.date})",
                "  ",
            ),
            h.wrapped(f"In your case: {self.verdict.because}", "  "),
        ]
        if self.problem:
            lines.append(f"  Not tried: {self.problem}")
        if self.trial:
            verdict = EFFECTS[self.trial.verdict][0]
            lines.append(h.wrapped(f"Tried {self.place.words}: {verdict}. {self.trial.because}", "  "))
            lines += (
                [h.plain_table(HEAD, _arms(self.trial)), _spent(self.trial)] if self.trial.samples else []
            )
        return "\n".join(lines)


HEAD = ("", "Questions answered", "First word after", "Whole answer after", "Attempts a question")


def _arms(trial: Trial) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, arm in (("without the fix", trial.before), ("with the fix", trial.after)):
        attempts = arm.get("attempts_per_question")
        rows.append(
            (name, share(arm), seconds(arm.get("first_token_s")), seconds(arm.get("total_s")),
             f"{attempts:.1f}" if attempts is not None else "")
        )  # fmt: skip
    return rows


def _unbroken(words: str) -> str:
    return f'<span style="white-space:nowrap">{h.esc(words)}</span>'


def _spent(trial: Trial) -> str:
    strength = (
        ""
        if trial.e_value is None
        else f", e-value {trial.e_value:.3g} ({DECIDES * trial.family:.0f} decides)"
    )
    counts = f"{trial.pairs} pairs in random order, {trial.requests} requests{strength}, seed {trial.seed}"
    return f"{counts}. Times are medians."
