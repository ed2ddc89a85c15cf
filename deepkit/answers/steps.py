"""Which actions a cause calls for, for this person at this vendor: the table in data/actions.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache

from deepkit.cases import Action
from deepkit.facts import data_path


@dataclass(frozen=True, slots=True)
class Situation:
    """What the choice of steps rests on.

    Args:
        cause: The diagnosis' cause, or healthy, inconclusive, no_error.
        person: web (a chat page or app), developer, or operator (of a server of their own).
        speaker: Who answered: deepseek, another vendor's name, local, or unknown.
        signals: Wordings that were recognised.
        meaning: What the error means at the speaker, one of `deepkit.vendors.CATEGORIES`.
        oversize: Whether one request alone is beyond the limit that the text names.
        elsewhere: Whether the speaker is not whom the person meant to ask.
    """

    cause: str
    person: str
    speaker: str
    signals: frozenset[str] = frozenset()
    meaning: str = ""
    elsewhere: bool = False
    oversize: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """One row of the table: when it holds, the steps in their order, and the check that decides."""

    cause: tuple[str, ...]
    steps: tuple[Action, ...]
    sure: Action | None = None
    person: tuple[str, ...] = ()
    speaker: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    meaning: tuple[str, ...] = ()
    elsewhere: bool = False
    oversize: bool = False
    words: str = ""

    def fits(self, case: Situation) -> bool:
        """Whether this row speaks of a situation; an empty condition fits all."""
        kind = case.speaker if case.speaker in ("deepseek", "local", "unknown") else "other"
        return (
            (not self.cause or case.cause in self.cause)
            and (not self.person or case.person in self.person)
            and (not self.speaker or bool({case.speaker, kind} & set(self.speaker)))
            and (not self.signals or bool(case.signals & set(self.signals)))
            and (not self.meaning or case.meaning in self.meaning)
            and (not self.elsewhere or case.elsewhere)
            and (not self.oversize or case.oversize)
        )


@cache
def table() -> tuple[Advice, ...]:
    """Return the rows; the first that fits is taken, so special ones stand above general ones."""
    rows = tomllib.loads(data_path("actions.toml").read_text(encoding="utf-8"))["advice"]
    return tuple(
        Advice(
            cause=tuple(row.get("cause", ())),
            steps=tuple(Action(one) for one in row["steps"]),
            sure=Action(row["sure"]) if "sure" in row else None,
            person=tuple(row.get("person", ())),
            speaker=tuple(row.get("speaker", ())),
            signals=tuple(row.get("signals", ())),
            meaning=tuple(row.get("meaning", ())),
            elsewhere=row.get("elsewhere", False),
            oversize=row.get("oversize", False),
            words=row.get("words", ""),
        )
        for row in rows
    )


def advice_for(case: Situation) -> Advice:
    """Return the first row that fits; the last row fits everything."""
    return next(row for row in table() if row.fits(case))
