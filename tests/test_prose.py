"""The plain text of a case, short and long: the answer first, lines that fit, no secret, nothing simulated as real."""

from dataclasses import replace

import pytest

from deepkit.answers import document
from deepkit.answers.short import MOST_LINES, in_short
from deepkit.answers.short import WIDTH as SHORT
from deepkit.answers.wrapping import columns, wrap
from deepkit.cases import Case
from deepkit.causes import CAUSES, NOBODY_CAN_FIX
from deepkit.cli._prose import WIDTH, in_words
from deepkit.records import Accusation, Diagnosis, Evidence
from deepkit.triage import explain, judge
from tests.fixes.cases import BUSY, HEALTHY, chat, evidence, saw
from tests.observed import observed

TRACED = observed("chat.stream", "fault", "http_503", trace_id="c0ffee", n=3, ok=0, at=1.7e9)
LIVE = "https://api.deepseek.com"


def told(seen: Evidence, *, live: bool = True) -> str:
    """Return the long text of evidence that a real target gave, or the sandbox."""
    return in_words(document(judge(replace(seen, target=LIVE) if live else seen), language="en"))


def test_the_first_line_is_the_answer() -> None:
    """What it is comes first; then what to do; then how it is known; then the rest."""
    text = told(BUSY)
    assert "servers are full" in text.splitlines()[0]
    order = ["Do this first:", "  1. ", "How it is known:", "Ruled out:", "More:"]
    assert [text.index(one) for one in order] == sorted(text.index(one) for one in order)


def test_the_healthy_and_the_undecided_get_a_first_step() -> None:
    """Nothing wrong says so; nothing measured names the one test."""
    assert told(HEALTHY).startswith("Everything that was checked works.")
    assert "How it is known" not in told(HEALTHY)
    assert "  1. Check again" in told(evidence())


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_every_cause_ends_in_something_to_do(cause: object) -> None:
    """Each cause, proven on a live target, has a headline of its own and a first step; it fits the terminal."""
    found = Diagnosis(
        cause.name, cause.whose, (Accusation(cause.name, "SHOWN", ("a sign.",), rules=("r.x",)),)
    )  # type: ignore[attr-defined]
    case = Case("yours", replace(evidence(TRACED), target=LIVE), found)
    for language in ("en", "zh"):
        body = document(case, language=language)
        assert body["answer"]["first"]["text"]
        lines = in_short(body)
        assert len(lines) <= MOST_LINES
        assert max(map(columns, lines)) <= SHORT
        assert "--explain r.x" in in_words(body)


def test_what_none_of_the_twelve_fixes_cures_is_listed() -> None:
    """A cause without fixes is named as such, and no other is."""
    assert {one.name for one in CAUSES if not one.fixes} == set(NOBODY_CAN_FIX)


def test_what_support_asks_for_is_there() -> None:
    """The id that a provider gave to a failing request stands in the ticket with the time; practice has none."""
    text = told(evidence(TRACED))
    assert "Trace ids: c0ffee" in text
    assert "c0ffee" not in told(evidence(TRACED), live=False)


def test_a_simulation_says_so_first() -> None:
    """Practice begins with its stamp, and its headline and whose fault speak of the simulation."""
    text = told(BUSY, live=False)
    assert text.startswith("Practice: a simulation")
    assert "Simulation: " in text
    assert "fault, not yours" not in text


def test_the_text_fits_a_terminal_and_keeps_no_key() -> None:
    """No line is wider than the page, and a key in a server's words is not repeated."""
    leaky = chat(
        0, 3, message="Authentication Fails, Your api key: sk-0123456789abcdef0123 is invalid", http_401=3
    )
    text = told(evidence(leaky, saw("key", "fault", "http_401", status=401, key_shape="ok")))
    assert "0123456789abcdef" not in text
    assert max(map(columns, text.splitlines())) <= WIDTH


@pytest.mark.parametrize(
    "text",
    [
        "The server is busy. Please try again later. " * 40,
        "服务器繁忙，请稍后再试。" * 60,
        "Error code: 402 - {'error': {'message': 'Insufficient Balance'}}",
        "Error code: 429 - Request too large for model on tokens per minute: Limit 6000, Requested 16955",
        "hello",
        "x" * 5000,
    ],
    ids=["busy", "chinese", "balance", "limit", "nothing", "word"],
)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("surface", ["web", "api", None])
def test_a_short_answer_is_at_most_twelve_lines(text: str, language: str, surface: str | None) -> None:
    """Whatever was pasted, the answer has at most twelve lines of eighty columns, and its first step is there."""
    body = document(explain(text, surface=surface), language=language)
    lines = in_short(body)
    assert len(lines) <= MOST_LINES
    assert max(map(columns, lines)) <= SHORT
    assert any(line.startswith("  1. ") for line in lines)


@pytest.mark.parametrize("width", [20, 33, 80])
def test_wrapping_keeps_every_sign_and_no_line_too_wide(width: int) -> None:
    """Wrapped text is the same text; no line is wider; no line begins with a closing sign."""
    text = "查看 DeepSeek 的状态页（https://a.example/b）。先等 30 秒，然后“重试”；plain words between."
    lines = wrap(text, width, "1. ")
    assert "".join(lines).replace(" ", "") == ("1. " + text).replace(" ", "")
    assert max(map(columns, lines)) <= max(width, columns("1. （https://a.example/b）。"))
    assert not any(line.strip()[0] in "，。）；" for line in lines)
