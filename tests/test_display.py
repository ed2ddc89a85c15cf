"""Records display themselves: one short line, HTML that is safe, Markdown, a DataFrame."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from deepkit.answers import answer_for
from deepkit.display import LONGEST_LINE, Shown, html, markdown
from deepkit.records import Accusation, Diagnosis, Observation, Policy, Sample, Trial
from deepkit.triage import explain, judge
from tests.fixes.cases import BUSY

CASE = judge(BUSY)
SAMPLES = tuple(Sample(arm=arm, ok=arm == "after") for arm in ("before", "after") * 10)
TRIAL = Trial("backoff", "helped", "b" * 400, 10, 20, {"n": 10, "ok": 0}, {"n": 10, "ok": 10}, SAMPLES, 26.8)
RECORDS: dict[str, Callable[[], Shown]] = {
    "case": lambda: CASE,
    "pasted": lambda: explain("服务器繁忙，请稍后再试" * 50),
    "evidence": lambda: BUSY,
    "observation": lambda: BUSY.observations[0],
    "diagnosis": lambda: CASE.diagnosis,
    "trial": lambda: TRIAL,
    "answer": lambda: answer_for(CASE),
    "policy": lambda: Policy("full_jitter", 5, ladder_s=tuple(range(200))),
    "empty": lambda: Diagnosis("healthy", "nobody"),
}


@pytest.mark.parametrize("make", RECORDS.values(), ids=RECORDS.keys())
def test_a_record_shows_itself(make: Callable[[], Shown]) -> None:
    """One line of less than 300 signs; a bundle of three forms; a frame with columns."""
    record = make()
    assert len(repr(record)) <= LONGEST_LINE < 300
    assert "\n" not in repr(record)
    bundle = record._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"text/plain", "text/html", "text/markdown"}
    assert all(bundle.values())
    assert bundle["text/html"].startswith("<div")
    assert len(record.to_frame().columns) > 0


def test_a_policy_s_line_is_the_policy() -> None:
    """What is shown of plain data can be pasted back."""
    policy = Policy("full_jitter", 5, base_s=0.25)
    assert eval(repr(policy)) == policy


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "'\"><img src=x onerror=1>", "a|b\n<b>"])
def test_nothing_that_was_read_becomes_markup(text: str) -> None:
    """Words of servers are escaped in HTML and keep to their cell in Markdown."""
    seen = Observation("chat.stream", "fault", reason=text)
    found = Diagnosis("other", "unknown", (Accusation("other", "LIKELY", (text,)),))
    for record in (seen, found, replace(BUSY, observations=(seen,))):
        assert "<script" not in html(record)
        assert "<img" not in html(record)
        assert "<b>" not in markdown(record).split("\n", 1)[1]
        assert (
            len({line.count(" | ") for line in markdown(record).splitlines()[2:] if "---" not in line}) <= 1
        )


def test_a_trial_s_samples_are_drawn_and_all_in_the_frame() -> None:
    """The picture has a mark for each sample and says in words how many succeeded; the frame has a row each."""
    page = TRIAL._repr_mimebundle_()["text/html"]
    assert page.count("<circle") == 10
    assert page.count("<path") == 10
    assert "10 of 20 questions were answered" in page
    assert len(TRIAL.to_frame()) == 20


def test_a_case_shows_its_answer_and_practice_says_that_it_is_one() -> None:
    """The card has the stamp first, then the answer; its frame has a row for each observation."""
    page = CASE._repr_mimebundle_()["text/html"]
    assert page.index("Practice: a simulation") < page.index("Simulation: ")
    assert len(CASE.to_frame()) == len(BUSY.observations)


def test_it_needs_no_ipython() -> None:
    """Records show themselves where IPython is missing."""
    code = (
        "import sys; sys.modules['IPython'] = None; import deepkit; "
        "print(len(deepkit.explain('server busy')._repr_mimebundle_()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "3", done.stderr
