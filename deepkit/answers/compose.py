"""One answer from a case: headline, certainty, whose fault, what to do first, and the check that decides."""

from deepkit.answers.speaker import Speaker, person_of, speaker_of
from deepkit.answers.steps import Advice, Situation, advice_for
from deepkit.answers.ticket import ticket_for
from deepkit.answers.words import choose, words
from deepkit.cases import Action, Answer, Case, Certainty, Step
from deepkit.checks import Text
from deepkit.records import State

CERTAINTY: dict[State, Certainty] = {
    "SHOWN": "proven",
    "LIKELY": "likely",
    "POSSIBLE": "possible",
    "INSUFFICIENT": "cannot_tell",
    "RULED_OUT": "cannot_tell",
}
MOST_THEN = 2
"""Steps after the first: more are a list and no advice."""
AT = frozenset({
    Action.TOP_UP, Action.SLOW_DOWN, Action.FIX_KEY, Action.FIX_MODEL, Action.CHECK_STATUS, Action.APPEAL_ACCOUNT,
})  # fmt: skip
"""Actions that are done at a vendor, who is named with them."""


def answer_for(case: Case, *, language: str | None = None) -> Answer:
    """Compute what the person is told.

    Args:
        case: The case.
        language: "en" or "zh"; the person's, the text's or the locale's unless given.

    Returns:
        The answer. There is always a first step.
    """
    text = case.evidence.facts(Text)
    spoken = choose(language or case.person.language, text.language)
    speaker = speaker_of(case)
    person = person_of(case, speaker)
    advice = advice_for(Situation(case.diagnosis.verdict, person, speaker.name, frozenset(text.signals)))
    write = _Writer(spoken, person, speaker, advice)
    certainty = _certainty(case)
    return Answer(
        headline=write.headline(case.diagnosis.verdict),
        certainty=certainty,
        whose=case.diagnosis.whose,
        whose_words=write.whose(case.diagnosis.whose),
        first=write.step(advice.steps[0]),
        then=tuple(write.step(one) for one in advice.steps[1 : 1 + MOST_THEN]),
        to_be_sure=write.step(advice.sure) if advice.sure and certainty != "proven" else None,
        ticket=ticket_for(case, speaker),
        language=spoken,
    )


def _certainty(case: Case) -> Certainty:
    first = next((one for one in case.diagnosis.accusations if one.cause == case.diagnosis.verdict), None)
    if first is not None:
        return CERTAINTY[first.state]
    return "likely" if case.diagnosis.verdict in ("healthy", "no_error") else "cannot_tell"


class _Writer:
    """Puts what is known of the speaker into the sentences.

    Args:
        language: Of the sentences.
        person: web, developer or operator.
        speaker: Who answered.
        advice: The row of the table, which may name a variant of the sentences.
    """

    def __init__(self, language: str, person: str, speaker: Speaker, advice: Advice) -> None:
        self._language, self._person, self._speaker, self._advice = language, person, speaker, advice
        known = speaker.provider
        who = speaker.title or words(language, f"who.{speaker.name}", "who.unknown")
        self._values = {
            "who": who,
            "base_url": known.base_url if known and known.base_url else "https://api.deepseek.com",
            "status_page": f": {known.status_url}" if known and known.status_url else "",
            "keys_page": f" ({known.key_url})" if known and known.key_url else "",
            "money_page": "",
        }

    def headline(self, verdict: str) -> str:
        """Say what it is."""
        return words(self._language, *self._keys("cause", verdict), **self._values)

    def whose(self, whose: str) -> str:
        """Say whose fault it is."""
        return words(self._language, f"whose.{whose}", **self._values)

    def step(self, action: Action) -> Step:
        """Say what to do."""
        at = self._speaker.name if action in AT and self._speaker.name != "unknown" else None
        return Step(action, words(self._language, *self._keys("step", action.value), **self._values), at)

    def _keys(self, kind: str, name: str) -> tuple[str, ...]:
        special = [f"{kind}.{name}.{self._advice.words}"] if self._advice.words else []
        return (
            *special,
            f"{kind}.{name}.{self._speaker.name}",
            f"{kind}.{name}.{self._person}",
            f"{kind}.{name}",
        )
