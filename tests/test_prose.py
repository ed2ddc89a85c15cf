"""The plain text of a check-up: the first line answers, the next step stands below it, secrets and noise do not."""

import pytest

from deepkit.causes import BY_NAME, CAUSES, NOBODY_CAN_FIX, WHOSE
from deepkit.cli._prose import WIDTH, in_words
from deepkit.records import Accusation, Diagnosis, Evidence
from deepkit.triage import Checkup, judge
from tests.fixes.cases import BUSY, HEALTHY, chat, evidence, saw
from tests.observed import observed

TRACED = observed("chat.stream", "fault", "http_503", trace_id="c0ffee", n=3, ok=0, at=1.7e9)


def told(seen: Evidence) -> str:
    return in_words(judge(seen).as_json())


def test_the_first_line_is_the_answer() -> None:
    """What it means and whose it is come first; then what to do; then how it is known."""
    text = told(BUSY)
    assert text.startswith(BY_NAME["server_overloaded"].means)
    assert text.index("What to do:") < text.index("How it is known:") < text.index("Ruled out:")
    assert "1. " in text


def test_the_healthy_and_the_undecided_get_a_next_step() -> None:
    """Nothing wrong says so and what to do if it still fails; nothing measured says what would decide."""
    well = told(HEALTHY)
    assert well.startswith(WHOSE["nobody"])
    assert "deepkit explain" in well
    assert "How it is known" not in well
    unknown = told(evidence())
    assert str(judge(evidence()).diagnosis.next_check)[:20] in " ".join(unknown.split())


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_every_cause_ends_in_something_to_do(cause: object) -> None:
    """A cause has a fix that can help, or advice of its own; "other" alone has neither."""
    one = BY_NAME[cause.name]  # type: ignore[attr-defined]
    assert bool(one.fixes) != bool(one.advice) or one.name == "other"
    assert (one.name in NOBODY_CAN_FIX) == (not one.fixes)
    found = Diagnosis(one.name, one.whose, (Accusation(one.name, "SHOWN", ("a sign.",), rules=("r.x",)),))
    text = in_words(Checkup(evidence(TRACED), found, ()).as_json())
    assert text.splitlines()[0][:20] == one.means[:20]
    assert one.advice[:30] in text
    assert "--explain r.x" in text


def test_what_support_asks_for_is_there() -> None:
    """The id that the provider gave to a failing request stands in the text with its time; those of good ones do not."""
    text = told(evidence(TRACED))
    assert "trace id c0ffee (chat.stream, 2023-11-14 22:13:20 UTC)" in text
    good = observed("chat.stream", trace_id="c0ffee", n=3, ok=3, at=1.7e9)
    assert "c0ffee" not in told(evidence(good))


def test_the_text_fits_a_terminal_and_keeps_no_key() -> None:
    """No line is wider than the page, and a key in a server's words is not repeated."""
    leaky = chat(
        0, 3, message="Authentication Fails, Your api key: sk-0123456789abcdef0123 is invalid", http_401=3
    )
    text = told(evidence(leaky, saw("key", "fault", "http_401", status=401, key_shape="ok")))
    assert "0123456789abcdef" not in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_a_pasted_text_gets_its_remedy_without_a_word_of_what_was_not_done() -> None:
    """The first fix of a likely cause begins with its first step, not with what nobody measured."""
    seen = observed("text", "fault", signals={"busy_web": "the server is busy"}, surface="web")
    checkup = judge(evidence(seen))
    text = in_words(checkup.as_json())
    done = text[text.index("What to do:") : text.index("How it is known:")]
    assert checkup.fixes[0].verdict.because not in " ".join(done.split())
