"""A case: one question, all that was found for it, and what a person is told.

Everything is frozen. Evidence of different kinds is never joined: what was measured on a real target, what a
text says, and what a simulation shows are three kinds of case, and each view, file and report belongs to one.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from deepkit.display import Shown
from deepkit.errors import UsageError
from deepkit.records import Diagnosis, Evidence, Settings, Target, Trial, Verdict

if TYPE_CHECKING:
    import pandas as pd


class Action(StrEnum):
    """The closed set of first steps."""

    WAIT_AND_RETRY = "wait_and_retry"
    CHECK_STATUS = "check_status"
    SWITCH_PROVIDER = "switch_provider"
    NEW_CHAT = "new_chat"
    SHORTEN_REQUEST = "shorten_request"
    FIX_REQUEST = "fix_request"
    FIX_KEY = "fix_key"
    TOP_UP = "top_up"
    SLOW_DOWN = "slow_down"
    FIX_BASE_URL = "fix_base_url"
    FIX_MODEL = "fix_model"
    UPDATE_CLIENT = "update_client"
    RAISE_TIMEOUT = "raise_timeout"
    THINK_LESS = "think_less"
    CHANGE_NETWORK = "change_network"
    FIX_PROXY = "fix_proxy"
    TRUST_CERTIFICATE = "trust_certificate"
    ASK_NETWORK_ADMIN = "ask_network_admin"
    CLEAR_SITE_DATA = "clear_site_data"
    DISABLE_EXTENSION = "disable_extension"
    FIX_LOCAL_SERVER = "fix_local_server"
    APPEAL_ACCOUNT = "appeal_account"
    REWORD = "reword"
    NOTHING = "nothing"
    TEST_TO_DECIDE = "test_to_decide"


Certainty = Literal["proven", "likely", "possible", "cannot_tell"]
CaseKind = Literal["yours", "pasted", "practice"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: an action, the vendor or host where it is done, and the sentence that says so."""

    action: Action
    text: str
    at: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Answer(Shown):
    """What a person is told.

    Args:
        headline: What it is, in one sentence.
        certainty: How sure that is.
        whose: Whose fault it is, see `deepkit.causes.Whose`.
        whose_words: The same in one sentence.
        first: What to do first; there is always one.
        then: At most two more steps.
        to_be_sure: The one check that this person can make, None when nothing is left to decide.
        ticket: A text to copy into a mail to whoever can help.
        language: The language it is written in, "en" or "zh".
        why: The best reason, in one sentence.
    """

    headline: str
    certainty: Certainty
    whose: str
    whose_words: str
    first: Step
    then: tuple[Step, ...] = ()
    to_be_sure: Step | None = None
    ticket: str = ""
    language: str = "en"
    why: str = ""


@dataclass(frozen=True, slots=True)
class RankedFix:
    """One of the fixes with its answer for this case."""

    number: int
    key: str
    title: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, as far as known: what the steps are written for.

    Args:
        surface: web, api, local, third_party or unknown.
        client: The program that showed the error.
        system: windows, macos, linux, android or ios.
        browser: chrome, edge, firefox or safari.
        language: "en" or "zh"; None takes the text's own, then the locale's.
    """

    surface: str = "unknown"
    client: str | None = None
    system: str | None = None
    browser: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Case(Shown):
    """One question and all that was found for it.

    Args:
        kind: yours (measured on a real target), pasted (a text or recording only), practice (the sandbox).
        evidence: What was observed.
        diagnosis: What it means.
        fixes: The fixes in the order worth trying.
        trials: Trials made in this very case.
        person: Who asks.
        target: What was asked, where something was.
        settings: The settings it was asked under.
        scenario: The sandbox's scenario, in practice.
    """

    kind: CaseKind
    evidence: Evidence
    diagnosis: Diagnosis
    fixes: tuple[RankedFix, ...] = ()
    trials: tuple[Trial, ...] = ()
    person: Person = Person()
    target: Target | None = None
    settings: Settings = Settings()
    scenario: str | None = None

    def to_frame(self) -> "pd.DataFrame":
        """Return the observations as a pandas DataFrame; `case.diagnosis.to_frame()` has the causes."""
        return self.evidence.to_frame()

    @property
    def stamp(self) -> str:
        """Whose case it is, what was asked, and when: every view and every saved file bears this."""
        if self.kind == "pasted":
            return "Pasted text only: nothing was asked of any server"
        at = (
            f", checked {datetime.fromtimestamp(self.evidence.at, UTC):%Y-%m-%d %H:%M} UTC"
            if self.evidence.at
            else ""
        )
        asked = f"{self.evidence.target}{at}, {self.evidence.requests} requests"
        return (
            f"Practice: a simulation on this machine ({self.scenario}){at}"
            if self.kind == "practice"
            else asked
        )

    def with_trial(self, trial: Trial, kind: CaseKind) -> "Case":
        """Return the case with one more trial.

        Args:
            trial: The trial.
            kind: The kind of case that it was made in.

        Returns:
            A new case; a later trial of the same fix replaces the earlier one.

        Raises:
            UsageError: When the trial was made in another kind of case: kinds are never mixed.
        """
        if kind != self.kind:
            message = f"A trial made in a case of kind {kind} cannot be added to one of kind {self.kind}."
            raise UsageError(message)
        kept = tuple(one for one in self.trials if one.fix != trial.fix)
        return replace(self, trials=(*kept, trial))
