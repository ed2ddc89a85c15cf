"""Views: live, HTML that survives the sanitiser, and text at once; nothing from outside becomes markup."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser

import ipywidgets
import pytest

from deepkit import plots
from deepkit.checks import ChatStream
from deepkit.fixes import FIXES
from deepkit.records import Diagnosis, Evidence, Observation, Trial, Verdict
from deepkit.triage import judge
from deepkit.widgets import CheckupView, FigureView, FixView, Intake
from deepkit.widgets._view import FIGURES, SUMMARY, View
from deepkit.widgets.fix import Place
from deepkit.widgets.overview import Overview

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def views(evidence: Evidence, diagnosis: Diagnosis, trial: Trial) -> dict[str, View]:
    """One view of each kind, with something to show."""
    checkup = CheckupView()
    checkup.seen = list(evidence.observations)
    checkup.checkup = judge(evidence)
    object.__setattr__(checkup.checkup, "diagnosis", diagnosis)
    tried = FixView("backoff", evidence, rank=1)
    tried.trial = trial
    return {
        "intake": Intake(),
        "checkup": checkup,
        "fix": tried,
        "overview": Overview([tried, FixView("off_peak", evidence)]),
        "figure": FigureView(plots.latency(evidence), "Where the time goes."),
    }


KINDS = ("intake", "checkup", "fix", "overview", "figure")


class Reader(HTMLParser):
    """Collects tags and attributes, and holds that every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in ("img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold that it was the last one opened."""
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", KINDS)
def test_three_ways_at_once(kind: str, views: dict[str, View]) -> None:
    """A view gives the live widget, HTML and text in one bundle, so that each reader shows its best."""
    bundle = views[kind]._repr_mimebundle_()
    assert {WIDGET, "text/html", "text/plain"} <= set(bundle)
    assert len(bundle["text/plain"]) > 20
    assert FIGURES not in bundle


@pytest.mark.parametrize("kind", KINDS)
def test_html_survives_the_sanitiser(kind: str, views: dict[str, View]) -> None:
    """Only what JupyterLab keeps in untrusted notebooks is used: no script, style tag, id, svg tag or handler."""
    reader = Reader()
    reader.feed(views[kind].html())
    assert not reader.open
    allowed = {"div", "span", "p", "b", "ul", "ol", "li", "details", "summary", "code", "a", "img"}
    allowed |= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    for tag, attributes in reader.tags:
        assert tag in allowed
        assert not any(name.startswith("on") or name == "id" for name in attributes)
        if tag == "img":
            assert attributes["alt"]
            assert str(attributes["src"]).startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize("kind", KINDS)
def test_text_has_no_markup(kind: str, views: dict[str, View]) -> None:
    """The plain text is plain: no tag of ours in it."""
    assert not re.search(r"</?(?:p|b|td|span|div)\b", views[kind].text().replace("<b>or</b>", ""))


def test_outside_words_stay_words(views: dict[str, View]) -> None:
    """An error text with tags in it is shown as text, never as markup."""
    page = views["checkup"].html()
    assert "<i>" not in page
    assert "&lt;i&gt;" in page


@pytest.mark.parametrize("kind", KINDS)
def test_every_control_has_a_name(kind: str, views: dict[str, View]) -> None:
    """Each control carries a description or a tooltip that a screen reader can say."""

    def walk(widget: ipywidgets.Widget) -> list[ipywidgets.Widget]:
        return [widget, *(one for child in getattr(widget, "children", ()) for one in walk(child))]

    for control in walk(views[kind].widget):
        if isinstance(
            control, ipywidgets.Button | ipywidgets.Dropdown | ipywidgets.Textarea | ipywidgets.FileUpload
        ):
            assert control.description
        if isinstance(control, ipywidgets.Button):
            assert control.tooltip


def test_checkup_puts_the_cause_first(views: dict[str, View]) -> None:
    """The cause in plain words and whose fault it is come before evidence, and against is not hidden."""
    page = views["checkup"].html()
    places = [
        page.index(words)
        for words in ("Server overloaded", "The fault is the provider", "own body", "one question worked")
    ]
    assert places == sorted(places)
    assert "What would decide:" in page
    assert "status page" in views["checkup"].text()


def test_fix_shows_claim_reality_and_trial(views: dict[str, View], trial: Trial) -> None:
    """A fix shows the promise, its verdict with source and date, the steps, and the trial with its intervals."""
    page = views["fix"].html()
    claim = next(one for one in FIXES if one.key == "backoff").claim
    for words in (claim.date, claim.source, "holds", "helped", trial.because, "interval 7 to 59 %", "rank 1"):
        assert words in page
    assert page.count("<img") == 2  # before and after, and what retrying cost


def test_fix_plots_reach_a_report(views: dict[str, View]) -> None:
    """For a report each still picture comes with its figure, found by a hash of the picture as it stands in the HTML."""
    from hashlib import sha256

    bundle = views["fix"].report_bundle()
    images = re.findall(r"<img[^>]*>", bundle["text/html"])
    assert [sha256(one.encode()).hexdigest()[:16] for one in images] == list(bundle[FIGURES])
    assert all(figure["data"] for figure in bundle[FIGURES].values())
    assert base64.b64decode(re.findall(r"base64,([^\"]+)", images[0])[0]).startswith(b"<svg")


def test_steps_follow_the_chosen_system(evidence: Evidence) -> None:
    """Choosing another system in the list shows that system's steps."""
    view = FixView("dns_tcp_reset", evidence)
    view.widget  # noqa: B018 - builds the live view
    view.variant.set_state({"index": list(view.fix.variants).index("windows")})
    windows = view.about.value
    view.variant.set_state({"index": list(view.fix.variants).index("macos")})
    assert "Windows" in windows
    assert "macOS" in view.about.value
    assert windows != view.about.value


def test_overview_names_what_to_do_first(evidence: Evidence, trial: Trial) -> None:
    """The sentence above the table names the two best of those that fit, in the order of rank, and no others."""
    good, other, bad = (FixView(key, evidence) for key in ("backoff", "off_peak", "extensions"))
    good.verdict, good.rank = Verdict("yes", "fits"), 2
    other.verdict, other.rank = Verdict("yes", "fits"), 1
    bad.verdict, bad.rank = Verdict("no", "does not"), 3
    said = Overview([good, other, bad]).report_bundle()[SUMMARY]
    assert said.index("fix 6") < said.index("fix 5")
    assert "fix 4" not in said
    assert "No fix fits" in Overview([bad]).summary()


def test_a_new_checkup_drops_old_trials(evidence: Evidence, trial: Trial) -> None:
    """A fix that follows a new check-up forgets the trial of the old case."""
    view = FixView("backoff", evidence)
    view.trial = trial
    view.follow(Evidence(), Verdict("no", "nothing is wrong"), 12, (Place("elsewhere", scenario="healthy"),))
    assert view.trial is None
    assert "not yet" in view.html()
    assert "nothing is wrong" in view.html()
    assert view.where.options == (("elsewhere", 0),)


def test_trace_ids_reach_the_page_for_support(evidence: Evidence) -> None:
    """The ids that a provider gave to failing requests stand on the page and in the text; of good ones none does."""
    traced = ChatStream(trace_id="tr-<c0ffee>", n=3, ok=0)
    for outcome, told in (("fault", True), ("ok", False)):
        seen = Observation("chat.stream", outcome, "http_503" if told else None, traced, at=1.7e9)  # type: ignore[arg-type]
        view = CheckupView()
        view.checkup = judge(replace(evidence, observations=(seen,), target="https://api.deepseek.com"))
        assert ("trace id tr-&lt;c0ffee&gt;" in view.html()) is told
        assert ("trace id tr-<c0ffee> (chat.stream, 2023-11-14 22:13:20 UTC)" in view.text()) is told
