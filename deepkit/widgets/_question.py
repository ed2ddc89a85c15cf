"""What a person asks: the answers of the form, and how they become a case."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from deepkit.cases import Case, Person
from deepkit.errors import UsageError
from deepkit.facts import providers
from deepkit.records import Observation, Route, Secret, Surface, Target
from deepkit.targets import check_target, open_target_async, read_route
from deepkit.transport.conversations import Conversation
from deepkit.triage import doctor_async, explain

PASTED = "pasted"
OTHER = "other"
SURFACES = ("web", "api", "local", "third_party")


@dataclass(frozen=True, slots=True)
class Question:
    """The answers of the form. Nothing chosen means practice, or, once something is pasted, the paste alone.

    Args:
        target: "" (nothing chosen), "sandbox", a provider's name, "other" (the address), or "pasted".
        address: A base URL, for "other".
        scenario: The practice case.
        text: What it says.
        har: A HAR file's content.
        conversation: The failing messages as JSON; sent once, kept nowhere.
        model: The model's id; the target's own unless given.
        route: One more way to compare: NAME=http://HOST:PORT.
        surface: Where it was seen: web, api, local, third_party.
        client: The program that showed it.
        system: windows, macos, linux, android or ios.
        browser: chrome, edge, firefox or safari.
        language: en or zh.
        key: A key for this session; never shown, never saved.
    """

    target: str = ""
    address: str = ""
    scenario: str = "rush_hour"
    text: str = ""
    har: str = field(default="", repr=False)
    conversation: str = field(default="", repr=False)
    model: str = ""
    route: str = ""
    surface: str = ""
    client: str = ""
    system: str = ""
    browser: str = ""
    language: str = ""
    key: Secret | None = None

    @property
    def kind(self) -> Literal["pasted", "practice", "yours"]:
        """What kind of case it will be."""
        if self.target == PASTED or (not self.target and (self.text or self.har)):
            return "pasted"
        return "practice" if self.target in ("", "sandbox") else "yours"

    @property
    def measured(self) -> "Question":
        """What the results depend on: not for whom the steps are written."""
        return replace(self, system="", browser="", language="")

    @property
    def asked(self) -> str:
        """Whom it will ask: a name or an address, as for `deepkit doctor --target`."""
        return self.address.strip() if self.target == OTHER else self.target or "sandbox"

    @property
    def person(self) -> Person:
        """Who asks."""
        told = (self.client, self.system, self.browser, self.language)
        client, system, browser, language = (one or None for one in told)
        return Person(self.surface or "unknown", client, system, browser, language)

    def in_words(self) -> str:
        """Say what will be looked at."""
        if self.kind == "pasted":
            return "what you pasted"
        return (
            f"the practice case {self.scenario.replace('_', ' ')}" if self.kind == "practice" else self.asked
        )


def changed(question: Question, values: Mapping[str, Any]) -> Question:
    """Return a question with other answers; names that are not known, and values that are no text, are left out.

    Args:
        question: The question so far.
        values: Answers by the names of Question's fields; "key" is taken into memory as a secret.
    """
    names = {name for name in Question.__slots__ if name != "key"}
    taken: dict[str, Any] = {name: str(value).strip() for name, value in values.items() if name in names}
    if "key" in values:
        taken["key"] = Secret(str(values["key"]).strip()) if str(values["key"]).strip() else None
    return replace(question, **taken)


def key_words(question: Question) -> str:
    """Say whether there is a key for whom is asked; never the key."""
    if question.kind != "yours":
        return "No key is needed."
    if question.key is not None:
        return "A key was given here; it is kept in memory only."
    known = next((one for one in providers() if one.name == question.asked), None)
    names = ["DEEPKIT_API_KEY", *([known.key_variable] if known and known.key_variable else [])]
    found = next((name for name in names if os.environ.get(name)), None)
    return f"A key was found in {found}." if found else f"No key was found in {' or '.join(names)}."


async def ask(question: Question, seed: int, arrived: Callable[[Observation], None]) -> Case:
    """Answer a question: read what was pasted, or measure; the two are never one case.

    Args:
        question: What to ask.
        seed: Seed of the sandbox.
        arrived: Called with each observation.

    Returns:
        The case, with its person.

    Raises:
        UsageError: When an answer of the form cannot be used.
    """
    if question.kind == "pasted":
        surface = question.surface if question.surface in SURFACES else None
        case = explain(
            question.text or None,
            har=question.har.encode() or None,
            surface=surface,
            client=question.client or None,
        )
    else:
        case = await _measured(question, seed, arrived)
    return replace(case, person=replace(question.person, surface=question.surface or case.person.surface))


async def _measured(question: Question, seed: int, arrived: Callable[[Observation], None]) -> Case:
    surface = cast("Surface", question.surface) if question.surface in ("web", "api") else None
    if question.kind == "practice":
        return await doctor_async(
            "sandbox", scenario=question.scenario or None, surface=surface, on_observation=arrived, seed=seed
        )
    check_target(question.asked)
    async with open_target_async(question.asked) as opened:
        return await doctor_async(
            _own(opened.target, question),
            settings=opened.settings,
            surface=surface,
            on_observation=arrived,
            routes=_routes(question),
            conversation=_conversation(question.conversation),
        )


def _own(target: Target, question: Question) -> Target:
    return replace(target, key=question.key or target.key, model=question.model or target.model)


def _routes(question: Question) -> tuple[Route, ...]:
    return (read_route(question.route, "Route"),) if question.route else ()


def _conversation(text: str) -> Conversation | None:
    if not text:
        return None
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    rows = body.get("messages") if isinstance(body, dict) else body
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        message = (
            "The conversation cannot be read; paste a JSON list of messages, or a body that has 'messages'."
        )
        raise UsageError(message)
    model = body.get("model") if isinstance(body, dict) else None
    return Conversation(tuple(rows), model if isinstance(model, str) else None)
