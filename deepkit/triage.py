"""The whole question in one call: probe, diagnose, rank the fixes.

`doctor` measures a target; `explain` reads what a user pasted or exported, without any
network, and for a text with the standard library alone: what only `doctor` needs is
imported inside it. Both end in a Checkup, whose JSON form is the command line's stable output.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepkit.causes import BY_NAME, WHOSE
from deepkit.checks import Answered
from deepkit.diagnosis import diagnose
from deepkit.errors import UsageError
from deepkit.fixes import FIXES, fixes_for
from deepkit.fixes import fix as fix_of
from deepkit.records import (
    Budget,
    Diagnosis,
    Evidence,
    Observation,
    Route,
    Settings,
    Surface,
    Target,
    Verdict,
)
from deepkit.redaction import Redactor
from deepkit.schema import as_json

if TYPE_CHECKING:
    from deepkit.transport.conversations import Conversation

SCHEMA = 1
MOST_TRACES = 3
"""Trace ids shown to a person; the JSON has all of them."""
CHECKUP_BUDGET = Budget(requests=60, tokens=2000)
"""What one check-up may send; the live probes use far less, see docs/probes.md."""


@dataclass(frozen=True, slots=True)
class RankedFix:
    """One of the twelve with its answer for this case."""

    number: int
    key: str
    title: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Checkup:
    """Evidence, what it means, and the fixes in the order worth trying."""

    evidence: Evidence
    diagnosis: Diagnosis
    fixes: tuple[RankedFix, ...]
    target: Target | None = None
    settings: Settings = Settings()
    scenario: str | None = None

    @property
    def summary(self) -> str:
        """The answer in one or two sentences, for the person who asked."""
        found = self.diagnosis
        if found.verdict == "inconclusive":
            decides = f" What would decide: {found.next_check}." if found.next_check else ""
            return " ".join((f"It cannot be told yet.{decides}", *found.notes))
        cause = BY_NAME.get(found.verdict)
        return f"{cause.means} {WHOSE[found.whose]}" if cause else " ".join((WHOSE["nobody"], *found.notes))

    @property
    def support(self) -> tuple[Mapping[str, Any], ...]:
        """What a provider's support asks for: the ids that it gave to failing requests, and when."""
        return tuple(
            {"trace_id": seen.facts.trace_id, "check": seen.check, "at": seen.at}
            for seen in self.evidence.observations
            if seen.outcome in ("fault", "partial")
            and isinstance(seen.facts, Answered)
            and seen.facts.trace_id
        )

    def as_json(self) -> dict[str, Any]:
        """Return the stable JSON form (docs/command-line.md), secrets removed."""
        found = self.diagnosis
        body = {
            "schema": SCHEMA,
            "verdict": found.verdict,
            "whose": found.whose,
            "next_check": found.next_check,
            "summary": self.summary,
            "notes": list(found.notes),
            "support": [dict(one) for one in self.support],
            "causes": [
                {
                    "cause": one.cause,
                    "state": one.state,
                    "probability": one.probability,
                    "means": BY_NAME[one.cause].means,
                    "advice": BY_NAME[one.cause].advice,
                    "for": list(one.evidence_for),
                    "against": list(one.evidence_against),
                    "next_check": one.next_check,
                    "rules": list(one.rules),
                }
                for one in found.accusations
            ],
            "fixes": [
                {
                    "number": fix.number,
                    "key": fix.key,
                    "title": fix.title,
                    "verdict": fix.verdict.answer,
                    "because": fix.verdict.because,
                    **_how(fix, self.evidence),
                }
                for fix in self.fixes
            ],
            "observations": [_observed(seen) for seen in self.evidence.observations],
            "target": self.evidence.target,
            "scenario": self.scenario,
            "requests": self.evidence.requests,
            "elapsed_s": self.evidence.elapsed_s,
        }
        clean: dict[str, Any] = Redactor().redact_tree(body)
        return clean


def _observed(seen: Observation) -> dict[str, Any]:
    return {one.name: as_json(getattr(seen, one.name)) for one in fields(seen)}


def _how(ranked: RankedFix, evidence: Evidence) -> dict[str, list[Any]]:
    """Return the steps and commands of a fix that is worth trying, for this machine's system."""
    if ranked.verdict.answer != "yes":
        return {"steps": [], "commands": []}
    guide = fix_of(ranked.key).guide(evidence)
    return {"steps": list(guide.steps), "commands": [list(one) for one in guide.commands]}


def support_words(one: Mapping[str, Any]) -> str:
    """Say an entry of `Checkup.support` in words.

    Args:
        one: A trace id, the check that met it, and when (Unix seconds, or None).

    Returns:
        What to send to the provider's support.
    """
    when = f", {datetime.fromtimestamp(one['at'], UTC):%Y-%m-%d %H:%M:%S} UTC" if one["at"] else ""
    return f"trace id {one['trace_id']} ({one['check']}{when})"


def judge(
    evidence: Evidence,
    *,
    target: Target | None = None,
    settings: Settings | None = None,
    scenario: str | None = None,
) -> Checkup:
    """Turn evidence, fresh or replayed, into a check-up.

    Args:
        evidence: What was observed, by probes or from a saved file.
        target: Whom it was observed on, where known.
        settings: The settings it was observed under; the evidence's own unless given.
        scenario: The sandbox's scenario, where one was used.

    Returns:
        The check-up. The same evidence always gives the same one.
    """
    diagnosis = diagnose(evidence)
    ranked = tuple(RankedFix(f.number, f.key, f.title, v) for f, v in fixes_for(diagnosis, evidence))
    assert len(ranked) == len(FIXES)
    return Checkup(evidence, diagnosis, ranked, target, settings or evidence.settings, scenario)


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
) -> Checkup:
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
) -> Checkup:
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
        The check-up.

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
    text: str | bytes | None = None,
    *,
    har: str | Path | bytes | None = None,
    surface: str | None = None,
    client: str | None = None,
    http_status: int | None = None,
) -> Checkup:
    """Say what a pasted error or an exported HAR file shows, without any network.

    Args:
        text: The error as the user saw it, in any language or encoding.
        har: A HAR file's path or content.
        surface: Where it was seen: "web", "api", "local", "third_party" or "unknown".
        client: The program that showed it.
        http_status: The HTTP status, where it is known apart from the text.

    Returns:
        The check-up; its evidence holds one observation for each input.

    Raises:
        UsageError: When there is nothing to read, or the HAR file cannot be read.
    """
    if text is None and har is None:
        message = "There is nothing to explain; give an error text or a HAR file."
        raise UsageError(message)
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
        Evidence(tuple(seen), target="pasted", settings=used, requests=0, at=started, elapsed_s=took)
    )
