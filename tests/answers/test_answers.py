"""Laws of the answer: one first step, for this person, at this vendor, that no trial contradicts."""

from dataclasses import replace
from itertools import product

import pytest

from deepkit.answers import answer_for
from deepkit.answers.compose import AT
from deepkit.answers.particulars import duration, particulars
from deepkit.answers.steps import Situation, advice_for, table
from deepkit.answers.tried import ACTION_OF
from deepkit.cases import Action, Case, Person
from deepkit.causes import CAUSES
from deepkit.checks import Text
from deepkit.errors import UsageError
from deepkit.records import Diagnosis, Evidence, Observation, Settings, Trial
from deepkit.triage import explain, judge
from tests.fixes.cases import BUSY

VERDICTS = [*(one.name for one in CAUSES), "healthy", "inconclusive", "no_error"]
PEOPLE = ("web", "developer", "operator")
LIVE = replace(BUSY, target="https://api.deepseek.com")


def trial(fix: str, verdict: str, e_value: float = 25.0) -> Trial:
    """Return a trial with a verdict."""
    return Trial(fix, verdict, "because", 9, 18, {}, {}, e_value=e_value)  # type: ignore[arg-type]


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("person", PEOPLE)
def test_there_is_one_first_step_and_no_step_comes_twice(verdict: str, person: str) -> None:
    """Each cause, person and speaker has steps, none of them twice, none of them the check that decides."""
    for speaker, elsewhere in product(("deepseek", "openai", "local", "unknown"), (False, True)):
        advice = advice_for(Situation(verdict, person, speaker, elsewhere=elsewhere))
        assert 1 <= len(advice.steps) <= 3
        assert len(set(advice.steps)) == len(advice.steps)
        assert verdict in ("healthy", "no_error") or Action.NOTHING not in advice.steps


def test_every_row_can_be_reached() -> None:
    """No row stands below one that takes all its cases."""
    rows = table()
    for number, row in enumerate(rows[:-1]):
        wider = [
            one
            for one in rows[:number]
            if all(
                not getattr(one, name)
                or (getattr(row, name) and set(getattr(row, name)) <= set(getattr(one, name)))
                for name in ("cause", "person", "speaker", "signals", "meaning")
            )
            and (not one.elsewhere or row.elsewhere)
            and (not one.oversize or row.oversize)
        ]
        assert wider == [], row


@pytest.mark.parametrize(
    ("text", "client"),
    [
        (
            "Rate limit reached for model on tokens per minute. Visit https://console.groq.com/settings/billing",
            None,
        ),
        ("HTTP 402 from https://openrouter.ai/api/v1/chat/completions: Insufficient credits", "some tool"),
        ("https://dashscope.aliyuncs.com/compatible-mode/v1 429 Allocated quota exceeded", None),
        ("Error code: 429 insufficient_quota https://api.openai.com/v1/chat/completions", None),
    ],
)
def test_another_vendor_s_error_never_names_deepseek_s_money_or_limits(text: str, client: str | None) -> None:
    """Steps at a vendor are at whoever spoke, and no sentence sends to DeepSeek's pages."""
    answer = answer_for(explain(text, client=client), language="en")
    steps = [answer.first, *answer.then, *([answer.to_be_sure] if answer.to_be_sure else [])]
    assert "deepseek" not in {one.at for one in steps if one.action in AT}
    assert not any("platform.deepseek.com" in one.text for one in steps)


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nobody_on_a_page_is_sent_to_a_terminal(verdict: str, language: str) -> None:
    """For the chat page and the app no sentence names a command, a base URL, a key or pasting the error."""
    case = Case(
        "pasted",
        explain("x", surface="web").evidence,
        Diagnosis(verdict, "unknown", ()),
        person=Person("web"),
    )
    answer = answer_for(case, language=language)
    for step in (answer.first, *answer.then, *([answer.to_be_sure] if answer.to_be_sure else [])):
        for word in ("curl", "deepkit", "doctor", "BASE_URL", "max_tokens", "paste the error", "粘贴错误"):
            assert word not in step.text


@pytest.mark.parametrize("other", ["inconclusive", "worse", "no_difference"])
def test_what_helped_in_a_trial_comes_first_and_nothing_undecided_beside_it(other: str) -> None:
    """A trial that decided outranks the table: its step leads, the headline says so, and an undecided or harmful step is gone."""
    case = judge(LIVE)
    first = answer_for(case, language="en").first.action
    tried = next(fix for fix, action in ACTION_OF.items() if action == first)
    answer = answer_for(
        case.with_trial(trial(tried, other), "yours").with_trial(trial("context_flush", "helped"), "yours"),
        language="en",
    )
    assert answer.first.action == Action.NEW_CHAT
    assert "helped here" in answer.headline
    assert answer.certainty == "proven"
    assert first not in {one.action for one in (answer.first, *answer.then)}


def test_what_a_trial_showed_useless_is_not_advised() -> None:
    """A fix that made no difference is no first step, even where nothing else helped."""
    case = judge(LIVE)
    first = answer_for(case).first.action
    tried = next(fix for fix, action in ACTION_OF.items() if action == first)
    answer = answer_for(case.with_trial(trial(tried, "no_difference"), "yours"))
    assert first not in {one.action for one in (answer.first, *answer.then)}


def test_kinds_are_never_mixed() -> None:
    """A trial in practice is not added to a case of the user's, nor is pasted evidence to measured."""
    with pytest.raises(UsageError):
        judge(LIVE).with_trial(trial("backoff", "helped"), "practice")
    pasted = explain("server busy").evidence.observations
    with pytest.raises(UsageError):
        judge(replace(LIVE, observations=(*LIVE.observations, *pasted)))


def test_practice_speaks_of_itself_and_has_nothing_to_send() -> None:
    """A simulation's headline says that it is one; it accuses nobody and gives no ticket."""
    answer = answer_for(judge(BUSY), language="en")
    assert answer.headline.startswith("Simulation: ")
    assert "not yours" not in answer.whose_words
    assert answer.ticket == ""


@pytest.mark.parametrize(
    ("verdict", "facts", "said"),
    [
        ("context_too_long", {"limit": 6000, "asked": 16955}, ("6,000", "16,955")),
        ("rate_limited", {"limit": 39, "asked": 40}, ("39", "40")),
        ("rate_limited", {"wait_s": 23.4}, ("24",)),
        ("account_suspended", {"until": "2031-12-04T18:22Z"}, ("2031-12-04 18:22 UTC",)),
        ("model_not_found", {"model": "deepseek-v9"}, ("deepseek-v9",)),
        ("invalid_request", {"field": "messages[3].content"}, ("messages[3].content",)),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_the_text_tells_is_said_back(
    verdict: str, facts: dict[str, object], said: tuple[str, ...], language: str
) -> None:
    """Limits, dates, names and times to wait stand in the headline."""
    seen = Observation("text", "fault", facts=Text(surface="api", **facts))  # type: ignore[arg-type]
    evidence = Evidence((seen,), target="pasted", settings=Settings(), requests=0, at=0.0, elapsed_s=0.0)
    answer = answer_for(Case("pasted", evidence, Diagnosis(verdict, "unknown", ())), language=language)
    assert all(one in answer.headline for one in said), answer.headline


def test_a_limit_that_nobody_passed_is_not_said_back() -> None:
    """A smaller number asked for than allowed is a misreading, and a wait beyond a month no advice."""
    assert particulars(Text(limit=23229, asked=402), "en") == {}
    assert particulars(Text(wait_s=1e9), "en") == {}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "2 seconds"), (119.2, "120 seconds"), (121, "3 minutes"), (7201, "3 hours"), (400_000, "5 days")],
)
def test_a_time_to_wait_is_never_said_too_short(seconds: float, said: str) -> None:
    """Times are rounded up to a unit of which there are at least two."""
    assert duration(seconds, "en") == said
