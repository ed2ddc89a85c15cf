"""What a fix is: five answers of one shape. It never opens a socket and knows no other fix."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

from deepkit.errors import UnknownNameError
from deepkit.facts import Holds
from deepkit.facts import claim as guide_claim
from deepkit.fixes._evidence import all_well, nothing_measured
from deepkit.fixes._judging import judge
from deepkit.fixes._verdicts import DECIDES
from deepkit.records import Evidence, Guide, Judgement, Sample, Settings, Verdict

SYSTEMS = ("windows", "macos", "linux")
BROWSERS = ("chrome", "edge", "firefox", "safari")
NOTHING = Evidence()


@dataclass(frozen=True, slots=True)
class Claim:
    """What the guide promises, and what is known of it.

    Args:
        claim_ids: The guide's claims that this fix answers, see data/claims.toml.
        promise: What the guide claims, retold.
        causes: Causes that the fix can help against.
        verdict: Whether the promise holds.
        reality: What is known of it, from DeepSeek's documents and data where there are any.
        source: Where that stands.
        date: The day of the evidence.
        changes: The fields of Settings that `apply` touches, and no others.
        least_gain: Smallest gain in the share of answered questions worth having.
        least_ratio: Time to the first token with the fix over without it that is worth having; None when
            the fix promises no speed, and times are not compared.
        cost: What it costs in money, time or comfort.
        risk: What can go wrong.
    """

    claim_ids: tuple[str, ...]
    promise: str
    causes: tuple[str, ...]
    verdict: Holds
    reality: str
    source: str
    date: str
    changes: tuple[str, ...]
    least_gain: float = 0.25
    least_ratio: float | None = None
    cost: str = ""
    risk: str = ""


def claim_of(
    claim_id: str,
    *,
    causes: tuple[str, ...],
    changes: tuple[str, ...],
    cost: str,
    risk: str,
    least_ratio: float | None = None,
) -> Claim:
    """Build a fix's claim from the bundled facts, so that no page repeats what `data/` says.

    Args:
        claim_id: The claim in data/claims.toml.
        causes: Causes that the fix can help against.
        changes: The fields of Settings that `apply` touches.
        cost: What it costs.
        risk: What can go wrong.
        least_ratio: See Claim.

    Returns:
        The claim.
    """
    said = guide_claim(claim_id)
    return Claim(
        claim_ids=(claim_id,),
        promise=said.text,
        causes=causes,
        verdict=said.verdict,
        reality=said.evidence,
        source=said.source,
        date=said.date.isoformat(),
        changes=changes,
        least_ratio=least_ratio,
        cost=cost,
        risk=risk,
    )


Check = Callable[[Evidence], Verdict]
"""Says from the evidence whether the fix is worth trying, and because of what."""
Steps = Callable[[Evidence, str], Guide]
"""Writes the steps for one variant: a system, a browser, or "any"."""
Change = Callable[[Settings, Evidence], Settings]
"""Returns the settings as the fix would have them."""


class AnyGuide(Protocol):
    """Writes the steps for a person.

    Args:
        evidence: What was observed; the steps name what it shows.
        system: windows, macos or linux; this machine's unless given.
        browser: chrome, edge, firefox or safari; chrome unless given.

    Returns:
        The steps; `commands` change the system and are never run without consent.

    Raises:
        UnknownNameError: When the system or browser is not one of these.
    """

    def __call__(
        self, evidence: Evidence, system: str | None = None, browser: str | None = None
    ) -> Guide: ...


class AnyChange(Protocol):
    """Returns a changed copy of the settings; undoing the fix is dropping the copy.

    Args:
        settings: How the client behaves now.
        evidence: What was observed; a fix that needs a measured name and has none changes nothing.

    Returns:
        The copy. Only the fields named in `claim.changes` differ; a second time changes nothing more.
    """

    def __call__(self, settings: Settings, evidence: Evidence = NOTHING) -> Settings: ...


@dataclass(frozen=True, slots=True)
class Fix:
    """One of the twelve. `define` makes it from what its module says.

    Args:
        number: Its place in the guide.
        key: Its name in code, files and on the command line.
        title: Its name for people.
        claim: First answer, data.
        needs: The checks that `check` and `apply` read.
        check: Second answer: whether it is worth trying; cannot_tell when nothing was measured, no when nothing is
            wrong.
        guide: Third answer: how a person does it.
        apply: Fourth answer: what it changes.
        variants: What the guide is written for: SYSTEMS, BROWSERS or ("any",).
    """

    number: int
    key: str
    title: str
    claim: Claim
    needs: tuple[str, ...]
    check: Check
    guide: AnyGuide
    apply: AnyChange
    variants: tuple[str, ...] = ("any",)

    def verify(
        self, before: Sequence[Sample], after: Sequence[Sample], decides: float = DECIDES
    ) -> Judgement:
        """Fifth answer: say whether the fix helped: helped, worse, no_difference or inconclusive.

        Args:
            before: Questions asked without the fix.
            after: Questions asked with it, paired with the former by `Sample.pair`.
            decides: E-value that decides: 50, or so many times more as fixes are tried together.

        Returns:
            The judgement with the numbers. Samples that are not paired never show a cause.
        """
        return judge(before, after, self.claim.least_gain, self.claim.least_ratio, decides)


def define(
    *,
    number: int,
    key: str,
    title: str,
    claim: Claim,
    needs: tuple[str, ...],
    check: Check,
    guide: Steps,
    apply: Change,
    variants: tuple[str, ...] = ("any",),
) -> Fix:
    """Make a fix of what its module says, and add what holds for all.

    The arguments are those of `Fix`; `check` is asked only where something was measured and something is wrong, and
    `guide` for one of the variants.
    """

    def checked(evidence: Evidence) -> Verdict:
        return nothing_measured(evidence) or all_well(evidence) or check(evidence)

    def guided(evidence: Evidence, system: str | None = None, browser: str | None = None) -> Guide:
        for kind, name, known in (("system", system, SYSTEMS), ("browser", browser, BROWSERS)):
            if name is not None and name not in known:
                raise UnknownNameError(kind, name, known)
        wanted = {SYSTEMS: system or this_system(), BROWSERS: browser or BROWSERS[0]}
        return guide(evidence, wanted.get(variants, variants[0]))

    def applied(settings: Settings, evidence: Evidence = NOTHING) -> Settings:
        return apply(settings, evidence)

    return Fix(number, key, title, claim, needs, checked, guided, applied, variants)


def this_system() -> str:
    """Return the name of the system that this process runs on."""
    return {"win32": "windows", "cygwin": "windows", "darwin": "macos"}.get(sys.platform, "linux")


def assume(settings: Settings, name: str, **changes: Any) -> Settings:
    """Return a copy with one more outside change taken as made.

    Args:
        settings: The settings now.
        name: One of the names that `Settings.assume` knows.
        changes: Other fields to change.

    Returns:
        The copy.
    """
    return replace(settings, assume=settings.assume | {name}, **changes)


def changed_fields(old: Settings, new: Settings) -> tuple[str, ...]:
    """Return the names of the fields in which two settings differ."""
    return tuple(one.name for one in fields(Settings) if getattr(old, one.name) != getattr(new, one.name))


def listed(names: Iterable[str]) -> str:
    """Join names for a sentence: "a, b and c"."""
    words = list(names)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "none"
