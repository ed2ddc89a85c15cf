"""Two-line views for anybody's notebook."""

from collections.abc import Callable
from typing import Any

from IPython.display import display

from deepkit.case_file import cleaned
from deepkit.cases import Case
from deepkit.errors import UsageError
from deepkit.records import Diagnosis, Evidence, Trial
from deepkit.triage import judge
from deepkit.views import answer_card, fix_card, fixes_table, fragment, hours, race
from deepkit.views.findings import checks_table
from deepkit.views.html import bullets, card, label
from deepkit.views.words import STATES, spaced
from deepkit.widgets._desk import Desk
from deepkit.widgets._question import Question
from deepkit.widgets._region import Output, Region
from deepkit.widgets.bar import Bar
from deepkit.widgets.walkthrough import answer_of


class Card(Output):
    """Shows a record: a case as its answer, evidence with its checks, a trial as a race, a diagnosis as causes.

        from deepkit.widgets import Card
        Card(deepkit.explain("Error code: 402 - Insufficient Balance"))

    Args:
        record: A Case, Evidence, Diagnosis or Trial.
        language: "en" or "zh" for a case; chosen by the case unless given.

    Raises:
        UsageError: When it is something else.
    """

    def __init__(self, record: Case | Evidence | Diagnosis | Trial, language: str | None = None) -> None:
        super().__init__(fragment(*_pieces(record, language)))


def _pieces(record: Any, language: str | None) -> tuple[str, ...]:
    if isinstance(record, Case):
        case = cleaned(record)
        return (answer_card(case, language=language), fixes_table(case) if case.trials else "")
    if isinstance(record, Evidence):
        return (
            answer_card(cleaned(judge(record)), language=language),
            card(checks_table(record.observations)),
        )
    if isinstance(record, Trial):
        return (card(race(record)),)
    if isinstance(record, Diagnosis):
        causes = (f"{spaced(one.cause)}: {STATES[one.state][0]}" for one in record.accusations)
        return (card(label(spaced(record.verdict)), bullets(causes)),)
    message = f"Card shows a Case, Evidence, Diagnosis or Trial, not {type(record).__name__}."
    raise UsageError(message)


class FixCard(Output):
    """Shows one fix: what the guide claims and what is true, and, with a case, whether it fits and what was measured.

        from deepkit.widgets import FixCard
        FixCard("backoff")

    Args:
        key: The fix's key.
        case: The case, if there is one.
    """

    def __init__(self, key: str, case: Case | None = None) -> None:
        super().__init__(fragment(fix_card(key, cleaned(case) if case else None)))


class OffPeak(Output):
    """Shows when DeepSeek was busy, by hour.

    Args:
        zone: IANA name of your zone, such as "Europe/Berlin".
    """

    def __init__(self, zone: str = "UTC") -> None:
        super().__init__(fragment(hours(zone)))


class Doctor:
    """The form and the answer, for the end of a cell.

        from deepkit.widgets import Doctor
        Doctor()

    Args:
        **answers: First answers of the form: target, text, scenario, system, browser and the other fields of Question.
    """

    def __init__(self, **answers: str) -> None:
        self.desk = Desk(Question(**answers))  # type: ignore[arg-type]

    @property
    def case(self) -> Case | None:
        """The last case, secrets removed."""
        return self.desk.case

    def _ipython_display_(self) -> None:
        bar, places = Bar(self.desk), [(Region(), self._answer), (Region(), self._fixes)]
        display(bar)  # type: ignore[no-untyped-call]
        for region, draw in places:
            region.show(draw())
        self.desk.listen(lambda: _follow(bar, places))

    def _answer(self) -> str:
        return answer_of(self.desk)

    def _fixes(self) -> str:
        return fragment(fixes_table(self.case)) if self.case is not None else ""


def _follow(bar: Bar, places: list[tuple[Region, Callable[[], str]]]) -> None:
    bar.draw()
    for region, draw in places:
        region.update(draw())
