"""What pages are made of: nothing breaks out of it, no kind of case poses as another, and every reader can read it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.answers import answer_for
from deepkit.cases import Action, Case
from deepkit.fixes import FIXES
from deepkit.fixes import fix as fix_of
from deepkit.records import Evidence
from deepkit.views import (
    Trials,
    answer_card,
    arriving,
    findings,
    fix_card,
    fixes_table,
    fragment,
    hours,
    race,
    timing,
)
from deepkit.views.card import how
from deepkit.views.fixes import in_order
from deepkit.views.html import css, plain
from deepkit.views.picture import LIGHT, without_stills
from deepkit.views.race import ticks
from deepkit.views.throttling import levers, refused, throttling
from deepkit.views.words import seconds
from tests.markup import Reader, colours, contrast
from tests.views.cases import PASTES, measured, pasted, trial

CASES = {**{name: pasted(name) for name in PASTES}, "yours": measured(), "practice": measured("rush_hour")}
SHOWN = {"hard_refresh": trial("hard_refresh", "wwwwwww")}
BANNER = "Nothing here says anything about DeepSeek today"


def pages(case: Case) -> Iterator[str]:
    """Every view of a case."""
    tried = case if case.kind == "pasted" else case.with_trial(trial("aggregators", "wwlwwwtww"), case.kind)
    trials = Trials(running={"backoff": trial("backoff", "wt").samples}, shown=SHOWN)
    yield answer_card(tried, note="old")
    yield fixes_table(tried, trials)
    yield from (fix_card(one.key, tried, trials) for one in FIXES)
    yield timing(tried.evidence)
    yield findings(tried)
    yield arriving("it", tried.evidence.observations)


@pytest.mark.parametrize("name", CASES)
def test_nothing_breaks_out(name: str) -> None:
    """Every view is well formed, carries no script and no handler, and loads nothing, whatever a text says."""
    for page in (*pages(CASES[name]), hours("Asia/Tokyo")):
        reader = Reader()
        reader.feed(fragment(page))
        assert not reader.open
        for tag, attributes in reader.tags:
            assert tag != "script"
            assert not any(attribute.startswith("on") for attribute in attributes)
            assert str(attributes.get("src", "data:")).startswith("data:")
            assert tag != "img" or attributes["alt"]


@pytest.mark.parametrize("name", CASES)
def test_a_case_shows_its_kind(name: str) -> None:
    """The stamp stands on every answer, the practice banner on practice and on nothing else."""
    case = CASES[name]
    card = plain(answer_card(case))
    assert case.stamp in card
    assert (BANNER in plain(answer_card(case, language="en"))) is (case.kind == "practice")


@pytest.mark.parametrize("name", CASES)
def test_the_answer_says_all_that_a_person_is_told(name: str) -> None:
    """Headline, certainty, whose fault, every step, the check that decides and the ticket are on the card."""
    told = answer_for(CASES[name])
    card = plain(answer_card(CASES[name]))
    said = [
        told.headline,
        told.whose_words,
        told.first.text,
        *(one.text for one in told.then),
        *told.ticket.splitlines(),
    ]
    for words in (*said, told.to_be_sure.text if told.to_be_sure else ""):
        assert " ".join(words.split()) in " ".join(card.split())


@pytest.mark.parametrize("kind", ["yours", "practice"])
def test_demonstrations_never_stand_in_the_case(kind: str) -> None:
    """What worked on a made-up trouble is in the foot and in a striped frame, never in a row or the answer."""
    case, trials = CASES[kind], Trials(shown=SHOWN)
    table = fixes_table(case, trials)
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", table)
    assert len(rows) == len(FIXES)
    assert not any("helped" in row for row in rows)
    assert "Demonstrated on made-up troubles: 1 of 1 work" in table
    assert "helped" not in answer_card(case).lower()
    card = fix_card("hard_refresh", case, trials)
    before, frame, _ = card.partition('<div class="dk-frame">')
    assert frame
    assert "wins" not in before


@given(st.dictionaries(st.sampled_from([one.key for one in FIXES]), st.text("wlt", min_size=7, max_size=9)))
def test_rows_are_in_order_of_what_was_measured(tried: dict[str, str]) -> None:
    """A fix that helped here stands above any other, one that did harm below all; untried ones keep their fit."""
    case = measured()
    for key, outcomes in tried.items():
        case = case.with_trial(trial(key, outcomes), "yours")
    effects = {one.fix: one.verdict for one in case.trials}
    found = [effects.get(one.key) for one in in_order(case)]
    ranks = [{"helped": 0, None: 1, "inconclusive": 2, "no_difference": 3, "worse": 4}[one] for one in found]
    assert ranks == sorted(ranks)
    untried = [one.key for one in in_order(case) if one.key not in effects]
    assert untried == [one.key for one in case.fixes if one.key not in effects]


@given(st.text("wlt", min_size=1, max_size=24))
def test_a_race_has_one_tick_a_pair_and_ends_where_the_verdict_is(outcomes: str) -> None:
    """Each pair is one tick, on the side of who won it; the line reaches the top only when the fix is certain to help."""
    one = trial("backoff", outcomes)
    found = ticks(fix_of("backoff"), one.samples)
    assert [tick.won for tick in found] == [{"w": 1, "l": -1, "t": 0}[sign] for sign in outcomes]
    assert all(-1 <= tick.certain <= 1 for tick in found)
    if one.verdict == "helped":
        assert found[-1].certain == 1
    if one.verdict == "worse":
        assert found[-1].certain == -1
    assert f"{outcomes.count('w')} win" in race(one)


def test_a_race_reads_the_same_as_a_still_picture() -> None:
    """The image for readers without SVG is a drawing of its own with the same marks, and colours on its own ground."""
    html = race(trial("backoff", "wwlwt"))
    import base64

    code = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert code
    root = ElementTree.fromstring(base64.b64decode(code[1]))
    inline = ElementTree.fromstring(re.search(r"<svg.*?</svg>", html, re.DOTALL)[0])  # type: ignore[index]
    drawn = [one.tag.rpartition("}")[2] for one in root.iter()]
    kinds = ("circle", "path", "line", "polyline", "text")
    assert {kind: drawn.count(kind) for kind in kinds} == {
        kind: [one.tag for one in inline.iter()].count(kind) for kind in kinds
    }
    assert "var(" not in base64.b64decode(code[1]).decode()
    assert "<img" not in without_stills(html)


def test_a_trial_of_nothing_says_why() -> None:
    """A fix that cannot be switched on and off here gives its reason instead of an empty race."""
    one = trial("backoff", "")
    assert "Not tried" in race(one)
    assert "<svg" not in race(one)


def test_only_what_was_timed_is_drawn() -> None:
    """A paste has no times and says so; a case without an answer shows the way to the server alone."""
    assert "Nothing was timed" in timing(pasted("busy").evidence)
    assert "<svg" not in timing(Evidence())
    assert "first words" in timing(measured().evidence)


def test_the_readers_hours_stand_below() -> None:
    """The second row of hours is the reader's own, as far from UTC as their zone is."""
    labels = re.findall(
        r">(\d\d)</text>", without_stills(hours("Asia/Tokyo", datetime(2026, 6, 1, tzinfo=UTC)))
    )
    utc, tokyo = labels[:12], labels[12:]
    assert [(int(there) - int(here)) % 24 for here, there in zip(utc, tokyo, strict=True)] == [9] * 12


def test_what_would_end_the_throttling() -> None:
    """More GPUs, shorter prompts and fewer requests refuse less, half the speed more; a longer queue only waits."""
    found = dict(levers())
    first, fp16, _, _, twice, short, queue, fewer = found.values()
    assert 0.1 < refused(first) < 0.25
    assert refused(fp16) > refused(first)
    assert max(refused(one) for one in (twice, short, fewer)) < 0.01
    assert refused(queue) == refused(first)
    page = plain(throttling())
    assert all(name in page for name in found)
    assert "not measured at DeepSeek" in page


def test_the_steps_of_the_first_action_fit_the_case() -> None:
    """How it is done is told by a fix that fits; where none does, by none; a text is told the action's own."""
    for case in CASES.values():
        fits = {one.key for one in case.fixes if one.verdict.answer == "yes"}
        for action in Action:
            key = how(case, action)
            assert key is None or key in fits or case.kind == "pasted"
    assert how(CASES["yours"], Action.CHANGE_NETWORK) is None


def test_links_lead_to_cards() -> None:
    """Every row of the table leads to a card that is there."""
    case = measured()
    places = set(re.findall(r'href="#([^"]+)"', fixes_table(case)))
    assert places == {re.search(r'id="([^"]+)"', fix_card(one.key, case))[1] for one in FIXES}  # type: ignore[index]


def test_colours_can_be_read_in_both_themes() -> None:
    """Every word's colour has a contrast of 4.5 to 1 on its grounds, a focus ring of 3 to 1, in each theme."""
    themes = colours(css())
    assert len(themes) == 3
    for theme in themes:
        for name in ("ink", "soft", "good", "bad", "info", "warn"):
            for ground in ("card", "tint"):
                assert contrast(theme[name], theme[ground]) >= 4.5, (name, ground)
        for stripe in ("stripe-a", "stripe-b"):
            assert contrast(theme["stripe-ink"], theme[stripe]) >= 4.5
    assert all(themes[0][name] == colour for name, colour in LIGHT.items())


def test_both_languages_have_every_heading() -> None:
    """A Chinese answer has Chinese headings."""
    card = plain(answer_card(pasted("chinese")))
    assert "先做这一步" in card
    assert "Do this first" not in card


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not measured"),
        (0.0012, "1.2 ms"),
        (0.34, "340 ms"),
        (0.9999, "1.0 s"),
        (2.41, "2.4 s"),
        (120.0, "120 s"),
    ],
)
def test_durations_in_words(value: float | None, words: str) -> None:
    """A duration is written with the unit that a person would choose."""
    assert seconds(value) == words
