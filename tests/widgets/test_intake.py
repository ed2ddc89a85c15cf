"""The form: its defaults are a practice case, and what the browser sends becomes the answer."""

from datetime import UTC, datetime

import pytest

from deepkit.errors import UsageError
from deepkit.widgets import Intake


def test_left_alone_it_is_the_rush_hour() -> None:
    """Without any input the answer is the sandbox's rush hour, so that Run All works."""
    answer = Intake().answer
    assert (answer.target, answer.scenario, answer.text, answer.har) == ("sandbox", "rush_hour", "", None)


def test_what_the_browser_sends_counts() -> None:
    """Values set as the front end sets them come back as the answer."""
    form = Intake()
    form.error.set_state({"value": "  服务器繁忙，请稍后再试。 "})
    form.surface.set_state({"index": 2})
    content = b'{"log": {}}'
    form.har.set_trait(
        "value",
        (
            {
                "name": "a.har",
                "content": memoryview(content),
                "size": 11,
                "type": "",
                "last_modified": datetime.now(UTC),
            },
        ),
    )
    answer = form.answer
    assert answer.text == "服务器繁忙，请稍后再试。"
    assert answer.surface == "web"
    assert answer.har == content
    assert "HAR" in answer.in_words()


def test_practice_case_belongs_to_the_sandbox() -> None:
    """Choosing anything but the sandbox takes the practice case out of the answer and greys it out."""
    form = Intake()
    form.mode.value = "pasted"
    assert form.scenario.disabled
    assert form.answer.scenario is None


@pytest.mark.parametrize(
    ("target", "scenario"), [("nonsense", None), ("sandbox", "no_such_case"), ("deepseek", "rush_hour")]
)
def test_wrong_start_is_refused(target: str, scenario: str | None) -> None:
    """A target or scenario that cannot be used is refused with a sentence, not shown as a form."""
    with pytest.raises(UsageError):
        Intake(target, scenario)
