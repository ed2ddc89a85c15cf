"""The twelve fixes at a glance: for this case, what is known of each, and what its trial measured."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets

from deepkit.plots import seconds
from deepkit.widgets import _html as h
from deepkit.widgets._batch import Batch
from deepkit.widgets._labels import ANSWERS, CLAIMS, EFFECTS
from deepkit.widgets._rate_limit import RateLimit
from deepkit.widgets._view import View
from deepkit.widgets.fix import FixView

HEAD = ("Fix", "For this case", "The claim", "Tried in", "Result", "Answered", "First word after")


class Overview(View):
    """A table of fixes that fills as their trials end.

    Args:
        views: The fixes in the guide's order.
    """

    def __init__(self, views: Sequence[FixView]) -> None:
        super().__init__()
        self.views = list(views)
        self.batch: Batch | None = None
        self.go = ipywidgets.Button(description="Try all again", tooltip="Try every fix once more")
        self.stop = ipywidgets.Button(description="Cancel", tooltip="Stop all trials", disabled=True)
        self.bar = ipywidgets.IntProgress(max=len(self.views), description="Trials")
        self.page = ipywidgets.HTML()
        self.go.on_click(lambda _: self.start())
        self.stop.on_click(lambda _: self.cancel())
        self._rate_limit = RateLimit(self._draw)

    def start(self, done: Callable[[], None] | None = None) -> Batch:
        """Begin all trials in the background and return at once."""
        self.cancel()

        def tell() -> None:
            self._rate_limit.flush()
            if done is not None:
                done()

        self.batch = Batch(self.views, tell).start()
        self._rate_limit.flush()
        return self.batch

    def cancel(self) -> None:
        """Stop running trials."""
        if self.batch is not None:
            self.batch.cancel()

    def redraw(self) -> None:
        """Show the fixes as they are now."""
        self._rate_limit.flush()
        self.refresh()

    def _ended(self) -> int:
        return sum(view.trial is not None or view.problem is not None for view in self.views)

    def _draw(self) -> None:
        running = self.batch is not None and self.batch.running and self._ended() < len(self.views)
        self.go.disabled, self.stop.disabled, self.bar.value = running, not running, self._ended()
        self.page.value = self.html()

    def _build(self) -> ipywidgets.Widget:
        self._draw()
        return ipywidgets.VBox([ipywidgets.HBox([self.go, self.stop, self.bar]), self.page])

    def html(self) -> str:
        """Return the advice and the table."""
        note = "Answered and first word: without the fix → with it. Times are medians."
        table = h.table(HEAD, [_row(view) for view in self.views], caption=note)
        return h.box(h.paragraph(h.strong(self.summary()))) + table

    def summary(self) -> str:
        """Return which fixes to do first, in one sentence."""
        fits = [view for view in self.views if view.rank and view.verdict.answer == "yes"]
        best = sorted(fits, key=lambda view: view.rank or 0)[:2]
        names = ", then ".join(f"fix {view.fix.number} ({view.fix.title})" for view in best)
        if not best:
            return "No fix fits this case by what was measured."
        return f"Worth doing first in this case: {names}."

    def text(self) -> str:
        """Return the table as plain text."""
        rows = [
            (_name(v), ANSWERS[v.verdict.answer][0], CLAIMS[v.fix.claim.verdict][0], *_outcome(v))
            for v in self.views
        ]
        return h.plain_table(HEAD, rows)


def _name(view: FixView) -> str:
    return f"{view.fix.number}. {view.fix.title}"


def _outcome(view: FixView) -> tuple[str, str, str, str]:
    one = view.trial
    if one is None or not one.samples:
        result = EFFECTS[one.verdict][0] if one else view.problem or "not tried yet"
        return (_where(view), result, "", "")
    shares = f"{_share(one.before)} → {_share(one.after)}"
    times = f"{_time(one.before)} → {_time(one.after)}"
    return (_where(view), EFFECTS[one.verdict][0], shares, times)


def _where(view: FixView) -> str:
    words = view.place.words.removeprefix("in the ").removeprefix("in ")
    return words.replace("practice case ", "practice: ")


def _share(arm: Mapping[str, Any]) -> str:
    return f"{arm.get('ok', 0)} of {arm.get('n', 0)}"


def _time(arm: Mapping[str, Any]) -> str:
    value = arm.get("first_token_s")
    return "none" if value is None else seconds(value)


def _row(view: FixView) -> list[str]:
    place, result, shares, times = _outcome(view)
    tone = EFFECTS[view.trial.verdict][1] if view.trial else "quiet"
    answer, answer_tone = ANSWERS[view.verdict.answer]
    if view.verdict.answer == "yes" and view.rank:
        answer = f"{answer}, rank {view.rank}"
    return [
        f'<span style="display:inline-block;min-width:11em">{h.esc(_name(view))}</span>',
        h.badge(answer, answer_tone),
        h.badge(*CLAIMS[view.fix.claim.verdict]),
        h.esc(place),
        h.badge(result, tone) if view.trial else h.esc(result),
        *(f'<span style="white-space:nowrap">{h.esc(words)}</span>' for words in (shares, times)),
    ]
