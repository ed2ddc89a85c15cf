"""RetryLab: move a control and see what retries do to a cluster, and to you."""

import asyncio
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import ipywidgets

from deepkit.cluster import Standing, tournament
from deepkit.cluster.contest import SHORTLIST
from deepkit.errors import DeepkitError, UsageError
from deepkit.plots import standings
from deepkit.retries import POLICIES
from deepkit.svg import svg
from deepkit.views import html as h
from deepkit.views.words import seconds, spaced
from deepkit.widgets._collapse import collapse_view
from deepkit.widgets._control_values import NUMBERS, ControlValues, values_named
from deepkit.widgets._controls import LABELS, form, words
from deepkit.widgets._job import Job
from deepkit.widgets._latest_worker import LatestWorker
from deepkit.widgets._panel import Panel
from deepkit.widgets._plain import plain_table, wrapped
from deepkit.widgets._policy_labels import contest_words, policy_code
from deepkit.widgets._snapshots import Snapshot, Snapshots
from deepkit.widgets._view import View, figure_json, in_report, still
from deepkit.widgets.figure import FigureView

WIDTH, NARROWEST, WIDEST = 680, 240, 1600
CONTEST_REQUESTS, CONTEST_SEEDS = 40_000, (0, 1, 2)
LEAST_PATIENCE_S = 120.0
HEAD = ("policy", "you alone", "everybody", "attempts")
REJECTION = 0.01
"""What saying no costs the servers in a tournament, as a share of an answer; without it spam harms nobody."""
PREPARING = "Preparing the simulator. On a new machine this takes about twenty seconds, once."


class RetryLab(View):
    """A cluster under load, with controls.

    Args:
        situation: Where to begin, a name in `deepkit.cluster.SITUATIONS`, "team" excepted.
        **values: Controls to set, as in `set`.

    Raises:
        UsageError: When a name is unknown or a value cannot be used.
    """

    def __init__(self, situation: str = "rush_hour", **values: Any) -> None:
        super().__init__()
        self.situation = self._first = values_named(situation).changed(values)
        self.snapshot: Snapshot | None = None
        self.standings: tuple[Standing, ...] = ()
        self.problem = ""
        self.job: Job[tuple[Standing, ...]] | None = None
        self.panel = Panel(form=form(), shown={"said": PREPARING, **self._controls()})
        self._contested: ControlValues | None = None
        self._width, self._at = WIDTH, ""
        self._snapshots = Snapshots()
        self._worker: LatestWorker[ControlValues] = LatestWorker(self._work)
        self.panel.on_msg(self._told)

    def set(self, **values: Any) -> "RetryLab":
        """Move controls, by the names in `values()` of its situation: load=1.4, policy="full_jitter", queue=50.

        Raises:
            UsageError: When a name is unknown or a value cannot be used.
        """
        self._move(self.situation.changed(values))
        return self

    def reset(self) -> None:
        """Go back to where it began."""
        self._move(self._first)

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait until everything asked for is drawn.

        Args:
            timeout_s: Longest wait in seconds.

        Returns:
            Whether it is.
        """
        return self._worker.wait(timeout_s)

    def compare(self) -> Job[tuple[Standing, ...]]:
        """Let policies compete in this situation, in the background; returns at once."""
        if self.job is not None and self.job.running:
            return self.job
        now = self.situation
        self._contested = _field(now)
        self.panel.contest = {"running": True, "said": "The policies compete…"}
        self.job = Job(lambda: _contest(now), self._judged)
        return self.job.start()

    def cancel(self) -> None:
        """Stop a comparison that runs."""
        if self.job is not None:
            self.job.cancel()

    async def compete(self) -> None:
        """Let policies compete in this situation and show the result below.

        Raises:
            UsageError: When it was stopped or broke.
        """
        now = self.situation
        job = Job(lambda: _contest(now)).start()
        await job.finished()
        if job.result is None:
            raise UsageError(job.error or "The comparison did not end.")
        FigureView(standings(job.result), contest_words(job.result)).show()

    def collapse(self) -> None:
        """Show the published example of a collapse beside what would have prevented it."""
        collapse_view().show()

    def use(self, policy: str) -> None:
        """Take a policy over: a preset's name."""
        self.set(policy=policy)

    def _controls(self) -> dict[str, Any]:
        now = self.situation.values()
        return {
            "values": {name: [value, words(name, value)] for name, value in now.items()},
            "unused": list(self.situation.unused),
            "code": policy_code(self.situation),
        }

    def _asked(self, asked: Mapping[str, Any]) -> None:
        """Take what the page asks for; the drawing is done elsewhere, so this returns at once."""
        width = asked.get("width") or WIDTH
        self._width = int(min(WIDEST, max(NARROWEST, width)))
        self._at = str(asked.get("at") or "")
        try:
            self._move(self.situation.changed(asked.get("values") or {}))
        except (DeepkitError, TypeError, ValueError) as error:
            self.panel.shown = {**self.panel.shown, "said": str(error), "at": self._at}

    def _told(self, _: Any, content: Mapping[str, Any], __: Any) -> None:
        done: dict[str, Callable[[], Any]] = {
            "reset": self.reset,
            "compare": self.compare,
            "stop": self.cancel,
        }
        if content.get("do") == "ask":
            self._asked(content)
        elif content.get("do") == "use" and self.standings:
            self.use(self.standings[0].name)
        elif content.get("do") in done:
            done[str(content["do"])]()

    def _move(self, now: ControlValues) -> None:
        if self.standings and _field(now) != self._contested:
            self.standings, self.panel.contest = (), {}
        self.situation = now
        self._worker.ask(now)

    def _work(self, now: ControlValues, overtaken: Callable[[], bool]) -> None:
        at = self._at
        first = self.snapshot is None
        try:
            for snapshot in self._snapshots.take(now, overtaken):
                self._show(snapshot, at)
            self.problem = ""
            self.panel.shown = {**self.panel.shown, "done": not overtaken()}
        except Exception as error:  # the page must say what broke, whatever it was
            self.problem = (
                str(error) if isinstance(error, DeepkitError) else f"{type(error).__name__}: {error}"
            )
            self.panel.shown = {"said": self.problem, "at": at, "done": True, **self._controls()}
        if first:
            self.refresh()

    def _show(self, snapshot: Snapshot, at: str) -> None:
        self.snapshot = snapshot
        picture = svg(figure_json(snapshot.figure), self._width)
        self.panel.shown = {
            "picture": picture,
            "alt": str(snapshot.figure.layout.meta["alt"]),
            "said": snapshot.said,
            "note": snapshot.note,
            "at": at,
            **self._controls(),
        }

    def _judged(self, job: Job[tuple[Standing, ...]]) -> None:
        if job.result is None:
            self.panel.contest = {"said": job.error or ""}
        elif self._contested == _field(self.situation):
            self.standings = job.result
            drawn, best = standings(self.standings), self.standings[0].name
            self.panel.contest = {
                "picture": svg(figure_json(drawn), self._width),
                "alt": str(drawn.layout.meta["alt"]),
                "said": contest_words(self.standings),
                "use": best if best in POLICIES else "",
            }
        else:
            self.panel.contest = {"said": "The situation has changed meanwhile; compare again."}

    def _build(self) -> ipywidgets.Widget:
        self._worker.ask(self.situation)
        return self.panel

    def _repr_mimebundle_(self, **more: Any) -> dict[str, Any]:
        if not in_report():
            self.widget  # noqa: B018 - begins to simulate, so that the page need not wait for what is saved
        return super()._repr_mimebundle_(**more)

    def _seen(self) -> Snapshot:
        """Return what is shown; away from a live page the present situation is simulated first."""
        if self._widget is None:
            if self.snapshot is None or self.snapshot.situation != self.situation:
                self._worker.ask(self.situation)
            self._worker.wait()
        if self.snapshot is None:
            raise UsageError(self.problem)
        return self.snapshot

    def _rows(self, snapshot: Snapshot) -> list[tuple[str, str]]:
        now = snapshot.situation.values()
        return [(label, words(name, now[name])) for name, label in LABELS.items()]

    def html(self) -> str:
        """Return the figure, the sentence, the tournament if there was one, the settings and the code."""
        if self.snapshot is None and self._widget is not None:
            return h.paragraph(h.esc(self.problem or PREPARING))
        snapshot = self._seen()
        parts = [
            h.paragraph(f"<b>{h.esc(snapshot.said)}</b>"),
            still(snapshot.figure),
            h.paragraph(h.esc(snapshot.note)),
        ]
        if self.standings:
            parts += [
                h.paragraph(h.esc(contest_words(self.standings))),
                still(standings(self.standings)),
            ]
        rows = [(h.esc(label), h.esc(value)) for label, value in self._rows(snapshot)]
        lines = "<br>".join(h.esc(line) for line in policy_code(snapshot.situation).splitlines())
        parts.append(h.fold("The situation", h.table(("Control", "Value"), rows)))
        parts.append(h.fold("This policy in your own client", f"<code>{lines}</code>"))
        return "".join(parts)

    def text(self) -> str:
        """Return what is seen, the tournament's table and the settings as plain text."""
        if self.snapshot is None and self._widget is not None:
            return self.problem or PREPARING
        snapshot = self._seen()
        lines = [wrapped(snapshot.said), snapshot.note, ""]
        if self.standings:
            lines += [
                wrapped(contest_words(self.standings)),
                plain_table(HEAD, map(_row, self.standings)),
                "",
            ]
        return "\n".join([*lines, plain_table(("control", "value"), self._rows(snapshot))])


def _field(now: ControlValues) -> ControlValues:
    """Return what a tournament depends on: everything but the policy, the outage and what is shown."""
    plain = ControlValues()
    same = {name: getattr(plain, name) for name in ("preset", "view", "outage_s", "policy", *NUMBERS)}
    return replace(now, **same)


def _row(one: Standing) -> tuple[str, str, str, str]:
    name = spaced(one.name) if one.fair else f"({spaced(one.name)})"
    attempts = f"{one.alone.attempts:.1f}"
    return name, seconds(one.alone.cost_s), seconds(one.everybody.cost_s), attempts


async def _contest(now: ControlValues) -> tuple[Standing, ...]:
    cluster = replace(now.cluster(), reject_s=REJECTION * now.service_s)
    policies = {name: POLICIES[name] for name in SHORTLIST}
    if now.chosen not in policies.values():
        policies["yours"] = now.chosen
    pool = ThreadPoolExecutor(max(1, (os.cpu_count() or 2) - 1), thread_name_prefix="deepkit-contest")
    try:
        return await asyncio.to_thread(
            tournament, cluster, policies, patience_s=max(LEAST_PATIENCE_S, 20 * now.service_s),
            requests=CONTEST_REQUESTS, seeds=CONTEST_SEEDS, executor=pool,
        )  # fmt: skip
    finally:
        pool.shutdown(
            wait=False, cancel_futures=True
        )  # what waits is never begun; what runs ends within a second
