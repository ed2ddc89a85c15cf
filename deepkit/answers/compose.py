"""One answer from a case: headline, certainty, whose fault, what to do first, and the check that decides."""

from deepkit.answers.particulars import details, oversize, particulars
from deepkit.answers.speaker import Speaker, person_of, speaker_of
from deepkit.answers.steps import Advice, Situation, advice_for
from deepkit.answers.ticket import ticket_for
from deepkit.answers.tried import ACTION_OF, helpful, unproven
from deepkit.answers.words import choose, words
from deepkit.cases import Action, Answer, Case, Certainty, Step
from deepkit.checks import Text
from deepkit.records import State, Trial

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
    situation = Situation(
        case.diagnosis.verdict,
        person_of(case, speaker),
        speaker.name,
        frozenset(text.signals),
        meaning=text.meaning or "",
        elsewhere=speaker.elsewhere,
        oversize=oversize(text),
    )
    advice = advice_for(situation)
    write = _Writer(spoken, situation, speaker, advice, case)
    helped = helpful(case)
    certainty: Certainty = "proven" if helped else _certainty(case)
    steps = _steps(case, advice, helped, write)
    return Answer(
        headline=write.headline(helped),
        certainty=certainty,
        whose=case.diagnosis.whose,
        whose_words=write.whose(case.diagnosis.whose),
        first=steps[0],
        then=tuple(steps[1 : 1 + MOST_THEN]),
        to_be_sure=_sure(advice, certainty, steps[: 1 + MOST_THEN], write),
        ticket=ticket_for(case, speaker),
        language=spoken,
        why=_why(case, text, spoken),
    )


def _steps(case: Case, advice: Advice, helped: tuple[Trial, ...], write: "_Writer") -> list[Step]:
    """Return what helped in a trial, then what the table says and no trial speaks against, each action once."""
    steps = {ACTION_OF[one.fix]: write.tried(one) for one in helped}
    dropped = unproven(case)
    for action in advice.steps:
        if action not in steps and action not in dropped:
            steps[action] = write.step(action)
    return list(steps.values()) or [write.step(Action.TEST_TO_DECIDE)]


def _sure(advice: Advice, certainty: Certainty, steps: list[Step], write: "_Writer") -> Step | None:
    """Return the check that decides, unless nothing is open or it is one of the steps."""
    if advice.sure is None or certainty == "proven" or advice.sure in {one.action for one in steps}:
        return None
    return write.step(advice.sure)


def _certainty(case: Case) -> Certainty:
    first = next((one for one in case.diagnosis.accusations if one.cause == case.diagnosis.verdict), None)
    if first is not None and first.cause != "other":  # "none of the known causes" is no reading to be sure of
        return CERTAINTY[first.state]
    return "likely" if case.diagnosis.verdict in ("healthy", "no_error") else "cannot_tell"


def _why(case: Case, text: Text, language: str) -> str:
    """Return the best reason: the rule's sentence, or in another language the words that were recognised."""
    first = next((one for one in case.diagnosis.accusations if one.cause == case.diagnosis.verdict), None)
    if first is None or not first.evidence_for:
        return ""
    if language == "en" or case.kind != "pasted":
        return first.evidence_for[0]
    excerpt = next((one for one in text.signals.values() if one and one in first.evidence_for[0]), None)
    if excerpt:
        return words(language, "why.text", excerpt=excerpt)
    return words(language, "why.status", status=text.http_status) if text.http_status else ""


class _Writer:
    """Puts what is known of the speaker and of the text into the sentences.

    Args:
        language: Of the sentences.
        situation: What the choice of steps rests on.
        speaker: Who answered.
        advice: The row of the table, which may name a variant of the sentences.
        case: The case.
    """

    def __init__(
        self, language: str, situation: Situation, speaker: Speaker, advice: Advice, case: Case
    ) -> None:
        self._language, self._situation, self._case = language, situation, case
        said = particulars(case.evidence.facts(Text), language)
        self._variants = tuple(
            one
            for one in (advice.words, *details(said, situation.meaning), speaker.name, situation.person)
            if one
        )
        self._values = {**said, **_about(speaker, language)}

    def headline(self, helped: tuple[Trial, ...]) -> str:
        """Say what it is, and what helped; of a simulation that it is one."""
        said = self._say("cause", self._situation.cause)
        if helped:
            said += " " + self._say("helped", helped[0].fix)
        return words(self._language, "practice.headline", said=said) if self._practice else said

    def whose(self, whose: str) -> str:
        """Say whose fault it is."""
        if self._practice:
            return words(self._language, "practice.whose")
        return self._say("whose", whose, self._situation.cause)

    def step(self, action: Action) -> Step:
        """Say what to do."""
        known = self._situation.speaker != "unknown"
        return Step(
            action,
            self._say("step", action.value),
            self._situation.speaker if action in AT and known else None,
        )

    def tried(self, trial: Trial) -> Step:
        """Say what to do because it helped."""
        action = ACTION_OF[trial.fix]
        won = self._say("helped", trial.fix)
        return Step(action, f"{self.step(action).text} {won}", self.step(action).at)

    @property
    def _practice(self) -> bool:
        return self._case.kind == "practice"

    def _say(self, kind: str, name: str, *special: str) -> str:
        """Return the sentence of the most special variant that has one."""
        keys = [f"{kind}.{name}.{one}" for one in (*special, *self._variants)]
        if self._case.kind == "yours" and kind == "step":
            keys.insert(0, f"{kind}.{name}.measured")
        return words(self._language, *keys, f"{kind}.{name}", **self._values)


def _about(speaker: Speaker, language: str) -> dict[str, str]:
    """Return the vendor's name and pages for the sentences; never another vendor's."""
    known = speaker.provider
    pages = {
        "status_page": known and known.status_page,
        "keys_page": known and known.key_url,
        "money_page": known and known.money_url,
        "limits_page": known and known.limits_url,
    }
    said = {name: words(language, "label.page", url=url) if url else "" for name, url in pages.items()}
    relay = known is not None and known.kind == "relay"
    said["who"] = words(language, "who.relay") if relay else speaker.title
    said["who"] = said["who"] or words(language, f"who.{speaker.name}", "who.unknown")
    said["base_url"] = known.base_url if known and known.base_url else "BASE_URL"
    return said
