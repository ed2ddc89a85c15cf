"""The whole question in one call: probe, diagnose, rank the fixes.

`doctor` measures a target; `explain` reads what a user pasted or exported, without any
network, and for a text with the standard library alone: what only `doctor` needs is
imported inside it. Both end in a Case;
`deepkit.answers` says what the person is told.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import deepkit.answers.card  # noqa: F401 (from here on a case shows itself as its answer)
from deepkit.cases import Case, CaseKind, Person, RankedFix
from deepkit.diagnosis import diagnose
from deepkit.errors import UsageError
from deepkit.fixes import FIXES, fixes_for
from deepkit.records import (
    Budget,
    Evidence,
    Observation,
    Route,
    Settings,
    Surface,
    Target,
)

if TYPE_CHECKING:
    from deepkit.transport.conversations import Conversation

PASTED = ("text", "har")
"""Checks that read what a person hands over."""
CHECKUP_BUDGET = Budget(requests=60, tokens=2000)
"""What one check-up may send; the live probes use far less, see docs/probes.md."""


def judge(
    evidence: Evidence,
    *,
    target: Target | None = None,
    settings: Settings | None = None,
    scenario: str | None = None,
    person: Person | None = None,
) -> Case:
    """Turn evidence, fresh or replayed, into a case.

    Args:
        evidence: What was observed, by probes or from a saved file.
        target: Whom it was observed on, where known.
        settings: The settings it was observed under; the evidence's own unless given.
        scenario: The sandbox's scenario, where one was used.

        person: Who asks, as far as known.

    Returns:
        The case. The same evidence always gives the same one.

    Raises:
        UsageError: When measured and pasted evidence are mixed.
    """
    diagnosis = diagnose(evidence)
    ranked = tuple(RankedFix(f.number, f.key, f.title, v) for f, v in fixes_for(diagnosis, evidence))
    assert len(ranked) == len(FIXES)
    return Case(
        kind=kind_of(evidence, scenario),
        evidence=evidence,
        diagnosis=diagnosis,
        fixes=ranked,
        person=person or Person(surface=evidence.settings.surface),
        target=target,
        settings=settings or evidence.settings,
        scenario=scenario,
    )


def kind_of(evidence: Evidence, scenario: str | None = None) -> CaseKind:
    """Say whose case some evidence is.

    Args:
        evidence: What was observed.
        scenario: The sandbox's scenario, where one was used.

    Returns:
        pasted for a text or recording, practice for the sandbox, yours for what was measured elsewhere.

    Raises:
        UsageError: When measured and pasted evidence are mixed: what a simulation shows, what a text says and
            what was measured are never one case.
    """
    pasted = [seen.check in PASTED for seen in evidence.observations]
    if any(pasted) and not all(pasted):
        message = "A pasted text or recording and measurements are two cases; judge each by itself."
        raise UsageError(message)
    if any(pasted):
        return "pasted"
    return "practice" if scenario is not None or evidence.target == "sandbox" else "yours"


async def doctor_async(
    target: str | Target = "sandbox",
    *,
    scenario: str | None = None,
    settings: Settings | None = None,
    surface: Surface | None = None,
    budget: Budget = CHECKUP_BUDGET,
    only: Collection[str] | None = None,
    on_observation: Callable[[Observation], None] | None = None,
    seed: int = 0,
    routes: Collection[Route] = (),
    conversation: "Conversation | None" = None,
) -> Case:
    """Measure a target and say whose fault it is; the awaitable twin of `doctor`."""
    from deepkit.probes import probe_async
    from deepkit.targets import open_target_async, with_own
    from deepkit.transport import Meter

    async with open_target_async(target, scenario=scenario, seed=seed) as case:
        used = settings or case.settings
        if surface is not None:
            used = replace(used, surface=surface)
        asked = with_own(case.target, routes=routes, conversation=conversation)
        meter = Meter(budget)
        evidence = await probe_async(asked, used, meter=meter, only=only, on_observation=on_observation)
        return judge(evidence, target=asked, settings=used, scenario=case.scenario)


def doctor(
    target: str | Target = "sandbox",
    *,
    scenario: str | None = None,
    settings: Settings | None = None,
    surface: Surface | None = None,
    budget: Budget = CHECKUP_BUDGET,
    only: Collection[str] | None = None,
    on_observation: Callable[[Observation], None] | None = None,
    seed: int = 0,
    routes: Collection[Route] = (),
    conversation: "Conversation | None" = None,
) -> Case:
    """Measure a target and say whose fault it is, and which fixes are worth trying.

    Args:
        target: "sandbox", "deepseek", a provider's name, a base URL, or a Target.
        scenario: The sandbox's scenario; "rush_hour" unless named.
        settings: How the client behaves; the scenario's or the default ones unless given.
        surface: "web" or "api", what the user uses; the settings' own unless given.
        budget: The most that may be sent; never exceeded.
        only: Names of the checks to make; all unless given.
        on_observation: Called with each result as it arrives, from DeepKit's own thread.
        seed: Seed of the sandbox.
        routes: More ways to the target to compare.
        conversation: The user's own failing conversation; it is sent once, and kept nowhere.

    Returns:
        The case.

    Raises:
        UsageError: When the target or scenario is unknown or not usable.
    """
    from deepkit.loops import run

    return run(
        doctor_async(
            target,
            scenario=scenario,
            settings=settings,
            surface=surface,
            budget=budget,
            only=only,
            on_observation=on_observation,
            seed=seed,
            routes=routes,
            conversation=conversation,
        )
    )


def explain(
    text: str | bytes | BaseException | None = None,
    *,
    har: str | Path | bytes | None = None,
    surface: str | None = None,
    client: str | None = None,
    http_status: int | None = None,
    language: str | None = None,
) -> Case:
    """Say what a pasted error or an exported HAR file shows, without any network.

    Args:
        text: The error as the user saw it, in any language or encoding; or the exception itself.
        har: A HAR file's path or content.
        surface: Where it was seen: "web", "api", "local", "third_party" or "unknown".
        client: The program that showed it.
        http_status: The HTTP status, where it is known apart from the text.
        language: "en" or "zh"; the text's own unless given.

    Returns:
        The case; its evidence holds one observation for each input.

    Raises:
        UsageError: When there is nothing to read, or the HAR file cannot be read.
    """
    if text is None and har is None:
        message = "There is nothing to explain; give an error text or a HAR file."
        raise UsageError(message)
    if isinstance(text, BaseException):
        from deepkit.probes.exceptions import read_exception

        said = read_exception(text)
        text, client, http_status = said.text, client or said.client, http_status or said.status
    started, seen = time.time(), list[Observation]()
    if text is not None:
        from deepkit.probes.text import read_text  # hundreds of patterns that a check-up does not need

        seen.append(read_text(text, http_status=http_status, surface=surface, client=client))
    if har is not None:
        from deepkit.probes.har import read_har

        seen.append(read_har(har))
    used = Settings(surface="web" if surface == "web" or (surface is None and har is not None) else "api")
    took = time.time() - started
    return judge(
        Evidence(tuple(seen), target="pasted", settings=used, requests=0, at=started, elapsed_s=took),
        person=Person(surface=surface or "unknown", client=client, language=language),
    )
