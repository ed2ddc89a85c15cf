"""The control bar: the form and the buttons of a page. It is the only widget there; results are plain outputs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from deepkit.answers import answer_for
from deepkit.cases import Case
from deepkit.facts import providers, tariff
from deepkit.fixes import FIXES
from deepkit.fixes import fix as fix_of
from deepkit.reports import save
from deepkit.sandbox import scenarios
from deepkit.views.html import css
from deepkit.widgets import _progress as progress
from deepkit.widgets._desk import BEST, TRY_BUDGET, Desk
from deepkit.widgets._question import Question, changed, key_words

HERE = Path(__file__).parent
PLAIN = ("target", "address", "scenario", "model", "surface", "system", "browser", "client", "language")
"""Answers that the page may keep; text, recording, conversation, route and key stay in the kernel."""
TARGETS = (
    ("", "not chosen"),
    ("sandbox", "practice, on this computer"),
    ("pasted", "only what I paste (no network)"),
)
BUTTONS = (
    ("check", "Diagnose"), ("cancel", "Cancel"), ("sure", "Make the check that decides"),
    ("best", "Try the best two here"), ("show", "Show how the fixes work"),
    ("ticket", "Copy ticket"), ("summary", "Copy summary"), ("save", "Download report"),
)  # fmt: skip
SECONDS_A_QUESTION = 3
"""About how long a small question takes when all is well, with its share of waiting."""


def _list(name: str, label: str, group: str, *options: tuple[str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "group": group,
        "kind": "list",
        "options": [list(one) for one in options],
    }


def _text(
    name: str, label: str, hint: str = "", *, kind: str = "text", wide: bool = False, group: str = "more"
) -> dict[str, Any]:
    return {"name": name, "label": label, "group": group, "kind": kind, "hint": hint, "wide": wide}


def fields() -> list[dict[str, Any]]:
    """Return the form: what each field is called and offers."""
    vendors = tuple((one.name, f"{one.title} ({one.name})") for one in providers() if "{" not in one.base_url)
    cases = tuple((one.name, one.title) for one in scenarios())
    unsure = ("", "not said")
    return [
        _text(
            "text",
            "What does it say?",
            "Paste the error or a traceback",
            kind="area",
            wide=True,
            group="first",
        ),
        _list("target", "Whom shall it ask?", "first", *TARGETS, *vendors, ("other", "another address …")),
        _text("address", "Address", "https://HOST/v1", group="first"),
        _list("scenario", "Practice case", "first", *cases),
        _list(
            "surface",
            "Where did you see it?",
            "more",
            unsure,
            ("web", "the chat page"),
            ("api", "a program or the API"),
            ("local", "a model on my machine"),
            ("third_party", "another company's page"),
        ),
        _list(
            "system",
            "Your system",
            "more",
            unsure,
            ("windows", "Windows"),
            ("macos", "macOS"),
            ("linux", "Linux"),
            ("android", "Android"),
            ("ios", "iOS"),
        ),
        _list(
            "browser",
            "Your browser",
            "more",
            unsure,
            ("chrome", "Chrome"),
            ("edge", "Edge"),
            ("firefox", "Firefox"),
            ("safari", "Safari"),
        ),
        _text("client", "Your program", "openai 3.x, Cursor, …"),
        _text("model", "Model", "the provider's own unless given"),
        _text("route", "Another way to compare", "office=http://HOST:3128"),
        _text("key", "API key, for this session only", "kept in memory, never shown", kind="secret"),
        _list("language", "Language", "more", ("", "as in the text"), ("en", "English"), ("zh", "中文")),
        _text("har", "HAR file: F12, Network, Export", kind="file"),
        _text(
            "conversation",
            "Your failing conversation, as JSON",
            '[{"role": "user", …}]',
            kind="area",
            wide=True,
        ),
    ]


class Bar(anywidget.AnyWidget):
    """Shows a desk's controls.

    Traits:
        form: The fields, what they hold, the buttons, and whether the page keeps the answer in sight; set once.
        shown: What the kernel says: the status, which buttons can be pressed, their words, the ticket.
    """

    _esm = HERE / "bar.js"
    _css = css() + (HERE / "bar.css").read_text(encoding="utf-8")
    form = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, desk: Desk, *, lead: bool = False) -> None:
        self.desk, self.led = desk, False
        values = {name: getattr(desk.now.question, name) for name in PLAIN}
        values["text"] = desk.now.question.text
        super().__init__(
            form={
                "fields": fields(),
                "values": values,
                "buttons": [list(one) for one in BUTTONS],
                "lead": lead,
            }
        )
        self.on_msg(self._told)
        self.draw()

    def draw(self) -> None:
        """Show what the desk knows now."""
        self.shown = looks(self.desk) | {"led": self.led}

    def _told(self, _: Any, told: Mapping[str, Any], __: Any) -> None:
        desk = self.desk
        do = told.get("do")
        if do == "change" and isinstance(told.get("values"), Mapping):
            desk.change(changed(desk.now.question, told["values"]))
        elif do == "check":
            desk.check()
        elif do == "cancel":
            desk.cancel()
        elif do == "sure" and desk.sure:
            desk.make_sure()
        elif do == "best":
            desk.try_fixes(desk.best())
        elif do == "show":
            desk.demonstrate()
        elif do == "save":
            self._save()

    def _save(self) -> None:
        if self.desk.case is not None:
            path, html = save(self.desk.case, shown=self.desk.now.shown)
            self.send({"do": "file", "name": path.name, "path": str(path), "html": html})


def looks(desk: Desk) -> dict[str, Any]:
    """Return what the bar shows of a desk."""
    now, case = desk.now, desk.case
    best = desk.best()
    told = case is not None
    ticket = _ticket(case)
    return {
        "said": status(desk),
        "key": key_words(now.question),
        "can": {
            "check": now.phase != "checking", "cancel": now.phase != "idle", "sure": desk.sure, "best": bool(best),
            "show": now.can_demonstrate, "ticket": bool(ticket), "summary": told, "save": told,
        },
        "hidden": [name for name, there in _there(desk, ticket).items() if not there],
        "words": {
            "check": "Diagnose again" if told else "Diagnose",
            "best": budget_words(case, best),
            "sure": _sure_words(now.question),
        },
        "fields": {"address": now.question.target == "other", "scenario": now.question.kind == "practice"},
        "ticket": ticket,
        "summary": summary(case),
    }  # fmt: skip


def _there(desk: Desk, ticket: str) -> dict[str, bool]:
    """Say which buttons make sense for a case at all."""
    case = desk.case
    return {"sure": desk.sure, "ticket": bool(ticket), "best": case is not None and case.kind != "pasted"}


def status(desk: Desk) -> str:
    """Say in one line what the page is doing."""
    now = desk.now
    if now.phase == "checking" and now.checking is not None:
        return f"Checking {now.checking.in_words()}: {len(now.seen)} results so far."
    if now.phase == "trying":
        asked = sum(map(len, now.trying.values()))
        return f"Trying {', '.join(fix_of(key).title for key in now.trying)}: {asked} questions asked."
    if now.phase == "demonstrating":
        return f"Demonstrating the fixes on made-up troubles: {len(now.shown)} of {len(FIXES)}."
    if now.note:
        return now.note
    if now.old:
        return f"You changed an answer. {progress.last(now)} Press Diagnose."
    return (
        ""
        if now.case
        else "Leave everything as it is for a practice case, or paste what you see, and press Diagnose."
    )


def budget_words(case: Case | None, best: tuple[str, ...]) -> str:
    """Say what trying the best fixes may cost, before it begins: questions, tokens, money, time."""
    names = {1: "the best fix", BEST: "the best two"}.get(len(best), "the best two")
    if case is None or not best:
        return f"Try {names} here"
    requests, tokens = len(best) * TRY_BUDGET.requests, len(best) * TRY_BUDGET.tokens
    if case.kind == "practice":
        return f"Try {names} in this practice case: at most {requests} small requests, no cost"
    price = max(one.output for one in tariff().prices)
    minutes = max(1, round(requests * SECONDS_A_QUESTION / 60))
    cost = f"{tokens:,} tokens, {tokens * price / 1e6:.3f} USD, about {minutes} min"
    return f"Try {names} here: at most {requests} small requests, {cost}"


def summary(case: Case | None) -> str:
    """Return the answer in three lines, to paste into a chat."""
    if case is None:
        return ""
    told = answer_for(case)
    return f"{told.headline} {told.whose_words}\n{told.first.text}\n({case.stamp})"


def _ticket(case: Case | None) -> str:
    if case is None:
        return ""
    return answer_for(case).ticket


def _sure_words(question: Question) -> str:
    return (
        "To be sure: ask DeepSeek now (a few small questions)"
        if question.kind == "pasted"
        else "To be sure: check once more"
    )
