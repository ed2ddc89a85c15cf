"""The first question: what do you see? A form whose defaults are a practice case, so that it may be left alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets

from deepkit.records import Surface
from deepkit.sandbox import scenarios
from deepkit.targets import check_target
from deepkit.widgets._html import box, esc, table
from deepkit.widgets._labels import spaced
from deepkit.widgets._view import View

WIDE = ipywidgets.Layout(width="640px", max_width="100%")
LABEL = {"description_width": "190px"}
MODES = (
    ("a practice case on this machine", "sandbox"),
    ("DeepSeek itself (a few small questions, with your key)", "deepseek"),
    ("only what I paste or upload below (no network)", "pasted"),
)
SURFACES = (("a program or the API", "api"), ("the chat page in a browser", "web"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user said.

    Args:
        target: "sandbox", "deepseek", another target's name, or "pasted" for no network.
        scenario: The practice case, if the target is the sandbox.
        surface: "api" or "web"; None leaves it to the target.
        text: The pasted error.
        har: The uploaded HAR file's content.
    """

    target: str = "sandbox"
    scenario: str | None = "rush_hour"
    surface: Surface | None = None
    text: str = ""
    har: bytes | None = None

    def in_words(self) -> str:
        """Say in one line what will be looked at."""
        what = f"the practice case {spaced(self.scenario or '')}" if self.target == "sandbox" else self.target
        extra = [
            name for name, given in (("the pasted error", self.text), ("the HAR file", self.har)) if given
        ]
        if self.target == "pasted":
            return " and ".join(extra) or "nothing yet: paste an error or upload a HAR file"
        return " and ".join([what, *extra])


class Intake(View):
    """The form: where you saw it, what it said, a HAR file, or a practice case.

    Args:
        target: What is chosen at first: "sandbox", "deepseek", a provider's name, a base URL, or "pasted".
        scenario: The practice case that is chosen at first.
    """

    def __init__(self, target: str = "sandbox", scenario: str | None = None) -> None:
        super().__init__()
        if target != "pasted":
            check_target(target, scenario=scenario)
        modes = list(MODES) if target in {value for _, value in MODES} else [*MODES, (target, target)]
        self.mode = ipywidgets.Dropdown(
            options=modes, value=target, description="What to look at", style=LABEL, layout=WIDE
        )
        self.scenario = ipywidgets.Dropdown(
            options=[(f"{one.title} ({spaced(one.name)})", one.name) for one in scenarios()],
            value=scenario or "rush_hour",
            description="Practice case",
            style=LABEL,
            layout=WIDE,
        )
        self.surface = ipywidgets.Dropdown(
            options=[("as in the case", ""), *SURFACES],
            value="",
            description="Where you saw it",
            style=LABEL,
            layout=WIDE,
        )
        self.error = ipywidgets.Textarea(
            description="What it said",
            placeholder="Paste the error text, a traceback or the answer's body; Chinese is fine.",
            style=LABEL,
            layout=ipywidgets.Layout(width="640px", max_width="100%", height="84px"),
        )
        self.har = ipywidgets.FileUpload(
            accept=".har,.json",
            description="HAR file (optional)",
            multiple=False,
            layout=ipywidgets.Layout(width="200px"),
        )
        self.mode.observe(self._match, "value")
        self._match()

    def _match(self, _: Any = None) -> None:
        self.scenario.disabled = self.mode.value != "sandbox"

    def on_change(self, tell: Callable[[], None]) -> None:
        """Call `tell` whenever an answer changes."""
        for control in (self.mode, self.scenario, self.surface, self.error, self.har):
            control.observe(lambda _: tell(), "value")

    @property
    def answer(self) -> Asked:
        """What the form says now."""
        target = str(self.mode.value)
        uploaded = self.har.value[0]["content"] if self.har.value else None
        return Asked(
            target=target,
            scenario=str(self.scenario.value) if target == "sandbox" else None,
            surface=self.surface.value or None,
            text=str(self.error.value).strip(),
            har=bytes(uploaded) if uploaded is not None else None,
        )

    def _build(self) -> ipywidgets.Widget:
        return ipywidgets.VBox([self.mode, self.scenario, self.surface, self.error, self.har])

    def _rows(self) -> list[tuple[str, str]]:
        now = self.answer
        modes = {value: words for words, value in self.mode.options}
        return [
            ("What to look at", modes.get(now.target, now.target)),
            ("Practice case", spaced(now.scenario or "none")),
            ("Where you saw it", {value: words for words, value in self.surface.options}[now.surface or ""]),
            ("What it said", now.text or "nothing pasted"),
            ("HAR file", f"{len(now.har)} bytes" if now.har else "none"),
        ]

    def html(self) -> str:
        """Return the answers as a table."""
        return box(table(("Question", "Answer"), [(esc(name), esc(value)) for name, value in self._rows()]))

    def text(self) -> str:
        """Return the answers, one a line."""
        return "\n".join(f"{name}: {value}" for name, value in self._rows())
