"""The page's controls: what a click does, what is sent where, and what never reaches a page."""

import asyncio
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deepkit.cases import Case
from deepkit.errors import UsageError
from deepkit.fixes import FIXES
from deepkit.records import Secret
from deepkit.sandbox import open_sandbox
from deepkit.views import fix_card
from deepkit.views.html import plain
from deepkit.widgets import Card, Doctor, FixCard, OffPeak, Walkthrough, _desk
from deepkit.widgets._desk import Desk
from deepkit.widgets._practice import practice_for
from deepkit.widgets._progress import Progress
from deepkit.widgets._question import Question, ask, changed, key_words
from deepkit.widgets.bar import Bar, budget_words, fields, looks, status
from deepkit.widgets.walkthrough import PHASES, answer_of, question
from tests.views.cases import measured, pasted, trial

BANNER = "Nothing here says anything about DeepSeek today"
KEY = "sk-0123456789abcdef0123456789abcdef"


def desk_with(case: Case, asked: Question) -> Desk:
    """A desk whose last check ended in a case."""
    desk = Desk(asked)
    desk.now = Progress(question=asked, asked=asked, case=case, run=1)
    return desk


def answered(one: Question) -> Case:
    """Answer a question."""
    return asyncio.run(ask(one, 0, lambda _: None))


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (Question(), "practice"),
        (Question(text="402"), "pasted"),
        (Question(har="{}"), "pasted"),
        (Question(target="pasted"), "pasted"),
        (Question(target="sandbox", text="402"), "practice"),
        (Question(target="deepseek"), "yours"),
        (Question(target="other", address="http://127.0.0.1:9/v1"), "yours"),
    ],
)
def test_what_kind_of_case_it_will_be(given: Question, kind: str) -> None:
    """A paste without a target is a paste alone; practice is never chosen for somebody who pasted something."""
    assert given.kind == kind


def test_a_pasted_402_in_the_form_as_it_is_means_the_account() -> None:
    """The form's other defaults add nothing to a paste: no simulation, no proof by one."""
    case = answered(
        changed(Question(), {"text": "Error code: 402 - Insufficient Balance", "system": "windows"})
    )
    assert (case.kind, case.diagnosis.verdict, case.person.system) == (
        "pasted",
        "insufficient_balance",
        "windows",
    )
    assert case.evidence.requests == 0


def test_an_address_that_cannot_be_used_is_said() -> None:
    """A wrong address and a broken conversation end in a sentence, and the page keeps the last case."""
    desk = desk_with(measured("rush_hour"), Question())
    for wrong in (
        Question(target="other", address="nonsense"),
        Question(target="other", address="http://127.0.0.1:9/v1", conversation="{"),
    ):
        desk.change(wrong)
        assert desk.check().wait(30)
        assert desk.now.phase == "idle"
        assert desk.now.note
        assert desk.now.case is not None


def test_a_key_never_reaches_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is typed in stays in the kernel: not in what the page keeps, not in its words, not in a repr."""
    monkeypatch.delenv("DEEPKIT_API_KEY", raising=False)
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    bar = Bar(Desk(Question(target="deepseek")))
    assert "No key was found" in bar.shown["key"]
    bar._told(None, {"do": "change", "values": {"key": KEY, "text": "x"}}, None)
    bar.draw()
    assert bar.desk.now.question.key == Secret(KEY)
    assert "kept in memory" in bar.shown["key"]
    assert KEY not in json.dumps([bar.form, bar.shown]) + repr(bar.desk.now)
    assert key_words(Question()) == "No key is needed."


def test_every_field_is_an_answer() -> None:
    """Each field of the form has a label and is a field of the question, each choice a value and words."""
    names = {one["name"] for one in fields()}
    assert names == set(Question.__slots__)
    for one in fields():
        assert one["label"]
        assert all(words for _, words in one.get("options", ()))


@pytest.mark.parametrize(
    "told", [{}, {"do": "nothing"}, {"do": "change", "values": 3}, {"do": "change", "values": {"kind": "x"}}]
)
def test_messages_that_make_no_sense_change_nothing(told: dict[str, Any]) -> None:
    """A page that sends anything else is not obeyed."""
    bar = Bar(Desk(Question()))
    before = bar.desk.now
    bar._told(None, told, None)
    assert bar.desk.now == before


def test_which_buttons_can_be_pressed() -> None:
    """Trying needs a case that can be asked, a ticket somebody to send it to, and a stale page only diagnoses."""
    cases = {
        "practice": (measured("rush_hour"), Question()),
        "yours": (measured(), Question(target="deepseek")),
    }
    for name, (case, asked) in cases.items():
        desk = desk_with(case, asked)
        can = looks(desk)["can"]
        assert can["check"]
        assert can["best"]
        assert can["save"]
        assert not can["cancel"]
        assert can["ticket"] is (name == "yours")
        desk.now = replace(desk.now, question=Question(text="other"))
        assert not looks(desk)["can"]["best"]
        assert "You changed an answer" in status(desk)
    desk = desk_with(pasted("balance"), Question(text=pasted("balance").evidence.target))
    assert not looks(desk)["can"]["best"]


def test_the_budget_is_said_before() -> None:
    """The button for the best two says how many questions, tokens, money and time at most, in a case that costs any."""
    desk = desk_with(measured(), Question(target="deepseek"))
    words = budget_words(desk.case, desk.best())
    assert len(desk.best()) == 2
    assert f"at most {2 * _desk.TRY_BUDGET.requests} small requests" in words
    assert all(unit in words for unit in ("tokens", "USD", "min"))
    assert "no cost" in budget_words(measured("rush_hour"), ("backoff", "aggregators"))


def test_trials_stay_within_what_the_button_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each trial of a case gets the budget that was shown, and asks the case's own target."""
    given: list[dict[str, Any]] = []

    async def fake(key: str, target: Any, **more: Any) -> Any:
        given.append({"target": target, **more})
        return trial(key, "wwwwwww")

    monkeypatch.setattr(_desk, "try_fix_async", fake)
    desk = desk_with(measured("rush_hour"), Question())
    keys = desk.best()
    job = desk.try_fixes(keys)
    assert job is not None
    assert job.wait(10)
    assert [one.fix for one in desk.now.case.trials] == list(keys)  # type: ignore[union-attr]
    assert {one["budget"] for one in given} == {_desk.TRY_BUDGET}
    assert {one["target"] for one in given} == {"sandbox"}
    assert desk.now.phase == "idle"


def test_cancel_ends_what_runs_and_a_new_check_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancel while fixes are demonstrated leaves an idle page with its case, and the next check is not disturbed."""
    began = threading.Event()

    async def slow(*_: Any, **__: Any) -> Any:
        began.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(_desk, "try_fix_async", slow)
    desk = desk_with(measured("rush_hour"), Question())
    job = desk.demonstrate()
    assert job is not None
    assert began.wait(10)
    desk.cancel()
    assert job.wait(10)
    assert desk.now.phase == "idle"
    assert "last finished check" in desk.now.note
    desk.change(Question(text="Error code: 402 - Insufficient Balance"))
    assert desk.check().wait(30)
    assert desk.now.case is not None
    assert desk.now.case.kind == "pasted"
    assert not desk.now.old


def test_saving_takes_the_case_and_never_the_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The form says something else already: the file bears the stamp of what was asked."""
    monkeypatch.chdir(tmp_path)
    bar = Bar(desk_with(measured("rush_hour"), Question()))
    bar._told(None, {"do": "change", "values": {"scenario": "no_balance"}}, None)
    sent: list[Any] = []
    monkeypatch.setattr(bar, "send", sent.append)
    bar._told(None, {"do": "save"}, None)
    saved = list(tmp_path.rglob("*.html"))
    assert len(saved) == 1
    assert "rush_hour" in saved[0].read_text(encoding="utf-8")
    assert "no_balance" not in sent[0]["html"].replace("no_balance.toml", "")
    assert sent[0]["name"] == saved[0].name


def test_to_be_sure_of_a_paste_asks_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """The button that makes sure of a paste asks DeepSeek itself; nothing else on the page does."""
    desk = desk_with(pasted("busy"), Question(text="Server busy, please try again later"))
    assert desk.sure
    monkeypatch.setattr(desk, "check", lambda: None)
    desk.make_sure()
    assert desk.now.question.kind == "yours"


def test_steps_follow_the_system_at_once() -> None:
    """The system and the browser are said once, and every card's steps are written for them."""
    desk = desk_with(measured("rush_hour"), Question())
    desk.change(Question(system="windows", browser="firefox"))
    assert not desk.now.old
    case = desk.case
    assert case is not None
    assert "ipconfig" in plain(fix_card("dns_tcp_reset", case))
    assert "Steps (Firefox)" in plain(fix_card("hard_refresh", case))


def test_old_results_say_so() -> None:
    """The card of a changed question begins with what the results answer."""
    desk = desk_with(measured("rush_hour"), Question())
    assert "You changed an answer" not in answer_of(desk)
    desk.change(Question(scenario="stale_dns"))
    assert "You changed an answer" in answer_of(desk)
    assert "rush hour" in answer_of(desk)


@pytest.mark.parametrize(
    "record", [pasted("balance"), measured(), measured().evidence, measured().diagnosis, trial("backoff", "wwl")],
    ids=lambda one: type(one).__name__,
)  # fmt: skip
def test_any_record_in_two_lines(record: Any) -> None:
    """A card is a plain output: HTML and words, no widget."""
    bundle = Card(record)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/html"].startswith("<style>")
    assert len(bundle["text/plain"]) > 40
    assert "<style" not in repr(Card(record))


def test_fix_cards_and_hours_need_no_case() -> None:
    """What is known of a fix and of the hours is shown without any case."""
    assert "Wait longer each time" in repr(FixCard("backoff"))
    assert "fits" in repr(FixCard("backoff", measured()))
    assert "peak tariff" in repr(OffPeak("Asia/Shanghai"))
    assert Doctor().case is None


def test_what_is_no_record_is_refused() -> None:
    """A card of something else, an unknown field, a wrong target or seed: one sentence."""
    with pytest.raises(UsageError, match="Card shows"):
        Card(3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="colour"):
        question("", None, {"colour": "red"})
    with pytest.raises(UsageError):
        Walkthrough("nonsense")
    with pytest.raises(UsageError):
        Walkthrough("sandbox", "no_such_case")


def test_the_environment_chooses_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Target, scenario and seed come from the environment, arguments win."""
    monkeypatch.setenv("DEEPKIT_TARGET", "sandbox")
    monkeypatch.setenv("DEEPKIT_SCENARIO", "stale_dns")
    monkeypatch.setenv("DEEPKIT_SEED", "7")
    guide = Walkthrough()
    assert (guide.desk.now.question.scenario, guide.desk.seed) == ("stale_dns", 7)
    assert Walkthrough(scenario="healthy", seed=1).desk.now.question.scenario == "healthy"
    monkeypatch.setenv("DEEPKIT_SEED", "x")
    with pytest.raises(UsageError, match="DEEPKIT_SEED"):
        Walkthrough()


def test_every_fix_is_demonstrated_where_it_is_meant_for() -> None:
    """Each fix has a made-up trouble in which it is listed."""
    from deepkit.sandbox import scenarios

    lists = {one.name: one.fixes for one in scenarios()}
    for one in FIXES:
        assert one.key in lists[practice_for(one.key)]
    assert sum(map(len, PHASES.values())) == len(FIXES)


def test_a_measured_case_end_to_end() -> None:
    """A server by its address: the case is yours, nothing is demonstrated, the best fixes are tried in it and judged."""
    with open_sandbox("rush_hour") as box:
        key = box.target.key
        assert key is not None
        here = Question(target="other", address=box.target.base_url, key=key)
        desk = Desk(here)
        assert desk.check().wait(60)
        assert not desk.now.note
        case = desk.case
        assert case is not None
        assert (case.kind, case.diagnosis.verdict) == ("yours", "server_overloaded")
        assert BANNER not in answer_of(desk)
        assert not desk.now.shown
        assert key.reveal() not in answer_of(desk)
        first = desk.best()[0]
        job = desk.try_fixes((first,))
        assert job is not None
        assert job.wait(100)
        assert not desk.now.note
        assert desk.now.case is not None
        assert [one.fix for one in desk.now.case.trials] == [first]
        assert desk.now.case.trials[0].requests <= _desk.TRY_BUDGET.requests
