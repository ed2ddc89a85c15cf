"""Two cases side by side: before and after a change, yesterday and today."""

from collections.abc import Iterator

from deepkit.answers import answer_for, words
from deepkit.cases import Answer, Case
from deepkit.checks import ChatStream
from deepkit.fixes import fix as fix_of
from deepkit.records import Trial
from deepkit.views.html import card, esc, label, table
from deepkit.views.race import outcome
from deepkit.views.words import seconds


def compared(old: Case, new: Case) -> str:
    """Show what has changed between two cases.

    Args:
        old: The baseline.
        new: The case of this report.

    Returns:
        HTML: one row a fact that either has.
    """
    rows = [(esc(name), esc(before), esc(after)) for name, before, after in _rows(old, new)]
    return card(label("Compared with the baseline"), table(("", "Baseline", "Now"), rows))


def _rows(old: Case, new: Case) -> Iterator[tuple[str, str, str]]:
    yield "Case", old.stamp, new.stamp
    before, after = answer_for(old), answer_for(new)
    yield "Verdict", before.headline, after.headline
    yield "How sure", _sure(before), _sure(after)
    then, now = old.evidence.facts(ChatStream), new.evidence.facts(ChatStream)
    yield "Answered", _answered(then), _answered(now)
    yield "First words after", seconds(then.answer_s), seconds(now.answer_s)
    tried = [{one.fix: one for one in case.trials} for case in (old, new)]
    for key in dict.fromkeys([*tried[0], *tried[1]]):
        yield fix_of(key).title, _tried(tried[0].get(key)), _tried(tried[1].get(key))


def _sure(told: Answer) -> str:
    return words(told.language, f"certainty.{told.certainty}")


def _answered(chat: ChatStream) -> str:
    return f"{chat.ok or 0} of {chat.n}" if chat.n else "not asked"


def _tried(trial: Trial | None) -> str:
    return outcome(trial) if trial else "not tried"
