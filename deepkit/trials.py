"""A fix tried in randomised pairs: ask with and without it, in random order, until it is decided.

Users start when it fails and outages end by themselves, so "ten tries, fix, ten tries"
credits useless fixes. Here both arms of a pair see the same minute, and an anytime-valid
test says when to stop (docs/trials.md; method and sources in deepkit/statistics.py).
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from time import perf_counter
from typing import Any

from deepkit.fixes import Fix, fix
from deepkit.loops import run
from deepkit.probes import DEADLINE_S, probe_async
from deepkit.records import Budget, Evidence, Judgement, Sample, Settings, Target, Trial
from deepkit.statistics import wilson
from deepkit.targets import Case, open_target_async
from deepkit.transport import Meter, ask
from deepkit.transport.question import Arm

PAIRS = 24
"""Most pairs unless asked for more: seven clear wins decide (e = 26.8), and a fix that lifts success
from four to nine tenths needs some twenty. A decided trial stops at once."""
TRIAL_BUDGET = Budget(requests=300, tokens=6000)
TRIAL_S = 600.0
"""Most time of one trial, in seconds: a server that never answers costs a question with retries some minutes."""

OUT_OF_TIME = "The time of this trial is over before it was decided."


def _arm(samples: Sequence[Sample], name: str) -> dict[str, Any]:
    mine = [one for one in samples if one.arm == name]
    good = [one for one in mine if one.ok]
    low, high = wilson(len(good), len(mine))
    failures: dict[str, int] = {}
    for one in mine:
        if one.failure:
            failures[one.failure] = failures.get(one.failure, 0) + 1

    def middle(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if known else None

    return {
        "n": len(mine),
        "ok": len(good),
        "success": len(good) / len(mine) if mine else None,
        "success_low": low if mine else None,
        "success_high": high if mine else None,
        "first_token_s": middle([one.first_token_s for one in good]),
        "total_s": middle([one.total_s for one in good]),
        "attempts_per_question": sum(one.attempts for one in mine) / len(mine) if mine else None,
        "waited_s": sum(one.waited_s for one in mine),
        "failures": failures,
    }


def _undecided(key: str, because: str, seed: int, requests: int = 0) -> Trial:
    empty = _arm((), "before")
    return Trial(key, "inconclusive", because, 0, requests, empty, empty, (), None, seed)


def switchable(target: Target, before: Settings, after: Settings) -> bool:
    """Tell whether two settings differ in anything that this target can act on."""
    blind = replace(after, assume=before.assume)
    return blind != before or target.under(after) != target.under(before)


async def _pairs(
    arms: Mapping[Arm, tuple[Target, Settings]],
    meter: Meter,
    *,
    decided: Callable[[Sequence[Sample]], bool],
    pairs: int,
    rng: random.Random,
    ends: float,
    on_sample: Callable[[Sample], None] | None,
) -> tuple[list[Sample], bool]:
    """Ask pair by pair; return whole pairs only, for half a one would tilt the comparison, and whether time ran out."""
    samples: list[Sample] = []
    loop = asyncio.get_running_loop()
    for pair in range(pairs):
        order: tuple[Arm, Arm] = ("before", "after") if rng.random() < 0.5 else ("after", "before")
        fresh: list[Sample] = []
        for arm in order:
            try:
                async with asyncio.timeout_at(loop.time() + ends - perf_counter()):
                    taken = (await ask(*arms[arm], meter, rng=rng, arm=arm, pair=pair)).sample
            except TimeoutError:
                return samples, True
            if taken.failure == "budget_spent":
                return samples, False
            fresh.append(taken)
        samples += fresh
        for one in fresh:
            if on_sample is not None:
                on_sample(one)
        if decided(samples):
            break
        await asyncio.sleep(rng.uniform(0, 0.05))  # no two pairs keep step with a periodic load
    return samples, False


async def _tried(
    chosen: Fix,
    case: Case,
    settings: Settings,
    evidence: Evidence,
    meter: Meter,
    pairs: int,
    seed: int,
    ends: float,
    on_sample: Callable[[Sample], None] | None,
) -> Trial:
    before, after = settings, chosen.apply(settings, evidence)
    if not switchable(case.target, before, after):
        because = (
            "There is nothing here that this fix could switch on and off for a fair comparison; "
            "follow its steps, then run the check-up again."
        )
        return _undecided(chosen.key, because, seed, meter.requests)

    def decided(samples: Sequence[Sample]) -> bool:
        return chosen.verify(*_sides(samples)).effect in ("helped", "worse")

    arms: dict[Arm, tuple[Target, Settings]] = {
        "before": (case.target.under(before), before),
        "after": (case.target.under(after), after),
    }
    samples, late = await _pairs(
        arms, meter, decided=decided, pairs=pairs, rng=random.Random(seed), ends=ends, on_sample=on_sample
    )
    found = chosen.verify(*_sides(samples))
    if late and found.effect not in ("helped", "worse"):
        found = Judgement("inconclusive", f"{OUT_OF_TIME} {found.because}")
    return Trial(
        fix=chosen.key,
        verdict=found.effect,
        because=found.because,
        pairs=len(samples) // 2,
        requests=meter.requests,
        before=_arm(samples, "before"),
        after=_arm(samples, "after"),
        samples=tuple(samples),
        e_value=chosen.strength(*_sides(samples)),
        seed=seed,
    )


def _sides(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    return [s for s in samples if s.arm == "before"], [s for s in samples if s.arm == "after"]


async def try_fix_async(
    key: str,
    target: str | Target = "sandbox",
    *,
    scenario: str | None = None,
    settings: Settings | None = None,
    evidence: Evidence | None = None,
    pairs: int = PAIRS,
    budget: Budget = TRIAL_BUDGET,
    total_s: float = TRIAL_S,
    seed: int = 0,
    on_sample: Callable[[Sample], None] | None = None,
) -> Trial:
    """Try one fix in randomised pairs; the awaitable twin of `try_fix`."""
    chosen = fix(key)
    async with open_target_async(target, scenario=scenario, seed=seed) as case:
        used = settings or case.settings
        meter, ends = Meter(budget), perf_counter() + total_s
        if evidence is None:  # look just far enough for the fix to fit itself to the case
            only = chosen.needs
            bound_s = min(DEADLINE_S, total_s)
            evidence = await probe_async(case.target, used, meter=meter, only=only, deadline_s=bound_s)
        return await _tried(chosen, case, used, evidence, meter, pairs, seed, ends, on_sample)


def try_fix(
    key: str,
    target: str | Target = "sandbox",
    *,
    scenario: str | None = None,
    settings: Settings | None = None,
    evidence: Evidence | None = None,
    pairs: int = PAIRS,
    budget: Budget = TRIAL_BUDGET,
    total_s: float = TRIAL_S,
    seed: int = 0,
    on_sample: Callable[[Sample], None] | None = None,
) -> Trial:
    """Try one fix: ask with and without it in random order, and say whether it helped.

    Args:
        key: The fix's key; `deepkit fixes` lists them.
        target: "sandbox", "deepseek", a provider's name, a base URL, or a Target.
        scenario: The sandbox's scenario; "rush_hour" unless named.
        settings: The settings without the fix; the scenario's own unless given.
        evidence: What a check-up measured; measured first unless given.
        pairs: Most pairs to ask.
        budget: The most that may be sent; never exceeded.
        total_s: Most time for all of it, in seconds; then it ends with what is decided by then.
        seed: Seed of the order of the arms and of the sandbox.
        on_sample: Called with each sample as it arrives, from DeepKit's own thread.

    Returns:
        The trial with every sample.

    Raises:
        UnknownNameError: When there is no such fix or scenario.
    """
    return run(
        try_fix_async(
            key,
            target,
            scenario=scenario,
            settings=settings,
            evidence=evidence,
            pairs=pairs,
            budget=budget,
            total_s=total_s,
            seed=seed,
            on_sample=on_sample,
        )
    )
