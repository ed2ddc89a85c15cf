"""A fix tried in randomised pairs: ask with and without it, in random order, until it is decided.

Users start when it fails and outages end by themselves, so "ten tries, fix, ten tries"
credits useless fixes. Here both arms of a pair see the same minute, and an anytime-valid
test says when to stop (docs/trials.md; method and sources in deepkit/statistics.py).
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import perf_counter

from deepkit.errors import UsageError
from deepkit.fixes import DECIDES, Fix, fix
from deepkit.fixes import forecast as forecast_pairs
from deepkit.loops import run
from deepkit.probes import DEADLINE_S, probe_async
from deepkit.records import Budget, Evidence, Sample, Settings, Target, Trial
from deepkit.targets import Case, open_target_async
from deepkit.transport import Meter, ask
from deepkit.transport.question import MAX_TOKENS, Arm
from deepkit.trials._arms import arm_summary, sides
from deepkit.trials._budget import affordable, left_of, spent_by
from deepkit.trials._one_way import OneWay

PAIRS = 48
"""Most pairs unless asked for more. Seven clear wins decide, eighteen equal pairs show that no difference is worth
having, and 47 answered pairs are the fewest that credit a gain in speed alone. A decided trial stops at once."""
TRIAL_BUDGET = Budget(requests=300, tokens=6000)
TRIAL_S = 600.0
"""Most time of one trial, in seconds: a server that never answers costs a question with retries some minutes."""
OUT_OF_TIME = "The time of this trial is over before it was decided."
ONE_WAY_QUESTIONS = 12


def _untried(key: str, because: str, seed: int, requests: int = 0) -> Trial:
    empty = arm_summary((), "before")
    return Trial(key, "inconclusive", because, 0, requests, empty, empty, (), None, seed)


def switchable(target: Target, before: Settings, after: Settings) -> bool:
    """Tell whether two settings differ in anything that this target can act on."""
    blind = replace(after, assume=before.assume)
    return blind != before or target.under(after) != target.under(before)


def _order(seed: int, pair: int) -> tuple[Arm, Arm]:
    """Return which arm of a pair is asked first; a trial that goes on after a restart asks in the same order."""
    return ("before", "after") if random.Random(f"{seed}/{pair}").random() < 0.5 else ("after", "before")


async def _pairs(
    arms: Mapping[Arm, tuple[Target, Settings]],
    meter: Meter,
    *,
    samples: list[Sample],
    decided: Callable[[Sequence[Sample]], bool],
    pairs: int,
    seed: int,
    ends: float,
    on_sample: Callable[[Sample], None] | None,
) -> bool:
    """Ask pair after pair, adding whole pairs to the samples that there are, until it is decided or nothing is left.

    Half a pair would tilt the comparison. Returns whether time ran out; `ends` is by perf_counter.
    """
    rng, loop = random.Random(seed), asyncio.get_running_loop()
    first = max((one.pair for one in samples), default=-1) + 1
    for pair in range(first, pairs):
        if decided(samples):
            break
        fresh: list[Sample] = []
        for arm in _order(seed, pair):
            try:
                async with asyncio.timeout_at(loop.time() + ends - perf_counter()):
                    taken = (await ask(*arms[arm], meter, rng=rng, arm=arm, pair=pair)).sample
            except TimeoutError:
                return True
            if taken.failure == "budget_spent":
                return False
            fresh.append(taken)
        samples += fresh
        for one in fresh:
            if on_sample is not None:
                on_sample(one)
        await asyncio.sleep(rng.uniform(0, 0.05))  # no two pairs keep step with a periodic load
    return False


async def _tried(
    chosen: Fix,
    case: Case,
    settings: Settings,
    evidence: Evidence,
    meter: Meter,
    pairs: int,
    seed: int,
    on_sample: Callable[[Sample], None] | None,
    family: int,
    samples: list[Sample],
    ends: float,
) -> Trial:
    before, after = settings, chosen.apply(settings, evidence)
    if not switchable(case.target, before, after):
        because = (
            "There is nothing here that this fix could switch on and off for a fair comparison; "
            "follow its steps, then run the check-up again."
        )
        return _untried(chosen.key, because, seed, meter.requests)

    def decided(samples: Sequence[Sample]) -> bool:
        return chosen.verify(*sides(samples), family * DECIDES).effect != "inconclusive"

    arms: dict[Arm, tuple[Target, Settings]] = {
        "before": (case.target.under(before), before),
        "after": (case.target.under(after), after),
    }
    late = await _pairs(
        arms, meter, samples=samples, decided=decided, pairs=pairs, seed=seed, ends=ends, on_sample=on_sample
    )
    trial = _trial(chosen, samples, meter, seed, family)
    if late and trial.verdict not in ("helped", "worse"):
        return replace(trial, verdict="inconclusive", because=f"{OUT_OF_TIME} {trial.because}")
    return trial


def _trial(chosen: Fix, samples: Sequence[Sample], meter: Meter, seed: int, family: int = 1) -> Trial:
    """Judge what was asked."""
    found = chosen.verify(*sides(samples), family * DECIDES)
    return Trial(
        fix=chosen.key,
        verdict=found.effect,
        because=found.because,
        pairs=len({one.pair for one in samples if not one.control}) if found.gain else 0,
        requests=meter.requests,
        before=arm_summary(samples, "before"),
        after=arm_summary(samples, "after"),
        samples=tuple(samples),
        e_value=found.e_value,
        seed=seed,
        gain=found.gain,
        family=family,
    )


def _kept(resume: Trial | None, key: str) -> list[Sample]:
    """Return the complete pairs of an earlier trial of the same fix."""
    if resume is None:
        return []
    if resume.fix != key:
        raise UsageError(f"The trial to go on with is one of {resume.fix!r}, not of {key!r}")
    arms: dict[int, set[str]] = {}
    for one in resume.samples:
        arms.setdefault(one.pair, set()).add(one.arm)
    return [one for one in resume.samples if arms[one.pair] == {"before", "after"}]


def forecast(
    key: str,
    *,
    pairs: int = PAIRS,
    budget: Budget = TRIAL_BUDGET,
    before: float = 0.5,
    after: float = 0.2,
    family: int = 1,
) -> str:
    """Say before a trial whether it is likely to decide.

    Args:
        key: The fix's key.
        pairs: Most pairs to ask.
        budget: The most that may be sent.
        before: Share of questions that fail without the fix.
        after: Share that is hoped for with it.
        family: Number of fixes that are tried together.

    Returns:
        A sentence for people.
    """
    possible = min(pairs, budget.requests // 2, budget.tokens // (2 * MAX_TOKENS))
    return forecast_pairs(
        possible, before, after, speed=fix(key).claim.least_ratio is not None, family=family
    )


async def try_fix_async(
    key: str,
    target: str | Target = "sandbox",
    *,
    scenario: str | None = None,
    settings: Settings | None = None,
    evidence: Evidence | None = None,
    pairs: int = PAIRS,
    budget: Budget = TRIAL_BUDGET,
    dollars: float | None = None,
    total_s: float = TRIAL_S,
    seed: int = 0,
    family: int = 1,
    resume: Trial | None = None,
    on_sample: Callable[[Sample], None] | None = None,
) -> Trial:
    """Try one fix in randomised pairs; the awaitable twin of `try_fix`."""
    chosen, samples, spent = fix(key), _kept(resume, key), spent_by(resume)
    seed = seed if resume is None else resume.seed
    async with open_target_async(target, scenario=scenario, seed=seed) as case:
        used = settings or case.settings
        most = budget if dollars is None else affordable(budget, dollars, case.target)
        meter, ends = Meter(left_of(most, spent)), perf_counter() + total_s
        if evidence is None:  # look just far enough for the fix to fit itself to the case
            evidence = await probe_async(
                case.target, used, meter=meter, only=chosen.needs, deadline_s=min(DEADLINE_S, total_s)
            )
        tried = await _tried(
            chosen, case, used, evidence, meter, pairs, seed, on_sample, family, samples, ends
        )
    return replace(tried, requests=tried.requests + spent.requests)


def try_fix(
    key: str,
    target: str | Target = "sandbox",
    *,
    scenario: str | None = None,
    settings: Settings | None = None,
    evidence: Evidence | None = None,
    pairs: int = PAIRS,
    budget: Budget = TRIAL_BUDGET,
    dollars: float | None = None,
    total_s: float = TRIAL_S,
    seed: int = 0,
    family: int = 1,
    resume: Trial | None = None,
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
        dollars: The most that it may cost; see `affordable`.
        total_s: Most time for all of it, in seconds; then it ends with what is decided by then.
        seed: Seed of the order of the arms and of the sandbox.
        family: Number of fixes that are tried one after another. With twelve, each must be proven twelve times as
            well, so that all share one error rate; `deepkit.fixes.judge_together` then judges them as one.
        resume: An earlier trial of the fix to go on with. Its seed, its complete pairs and what it spent count.
        on_sample: Called with each sample as it arrives, from DeepKit's own thread.

    Returns:
        The trial with every sample.

    Raises:
        UnknownNameError: When there is no such fix or scenario.
        UsageError: When the trial to go on with is of another fix, or money is limited and the price not known.
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
            dollars=dollars,
            total_s=total_s,
            seed=seed,
            family=family,
            resume=resume,
            on_sample=on_sample,
        )
    )


async def try_one_way_async(
    key: str,
    target: str | Target,
    change: Callable[[], object],
    *,
    control: Settings | None = None,
    settings: Settings = Settings(),
    questions: int = ONE_WAY_QUESTIONS,
    budget: Budget = TRIAL_BUDGET,
    on_sample: Callable[[Sample], None] | None = None,
) -> Trial:
    """Try a fix that cannot be taken back; the awaitable twin of `try_one_way`."""
    chosen, meter = fix(key), Meter(budget)
    async with open_target_async(target) as case:
        asker = OneWay(case.target, settings, control, meter, on_sample)
        samples = await asker.block("before", questions)
        await asyncio.to_thread(change)
        samples += await asker.block("after", questions, first=questions)
    return _trial(chosen, samples, meter, seed=0)


def try_one_way(
    key: str,
    target: str | Target,
    change: Callable[[], object],
    *,
    control: Settings | None = None,
    settings: Settings = Settings(),
    questions: int = ONE_WAY_QUESTIONS,
    budget: Budget = TRIAL_BUDGET,
    on_sample: Callable[[Sample], None] | None = None,
) -> Trial:
    """Try a fix that cannot be taken back, a flush or cleared cookies: ask before and after it, beside a control.

    Args:
        key: The fix's key.
        target: As for `try_fix`.
        change: Makes the change, or waits until the user has made it; called once, in a thread of its own.
        control: How to ask the same target, at the same moments, on a way that does not get the fix: another
            resolver, the API beside the web chat. None asks nothing beside it, and says so.
        settings: The way that gets the fix.
        questions: Questions on each way before the change, and as many after it.
        budget: The most that may be sent; never exceeded.
        on_sample: Called with each sample as it arrives, from DeepKit's own thread.

    Returns:
        The trial. Its verdict is always inconclusive; `because` says at most "improved after".

    Raises:
        UnknownNameError: When there is no such fix.
    """
    return run(
        try_one_way_async(
            key,
            target,
            change,
            control=control,
            settings=settings,
            questions=questions,
            budget=budget,
            on_sample=on_sample,
        )
    )


__all__ = [
    "ONE_WAY_QUESTIONS",
    "PAIRS",
    "TRIAL_BUDGET",
    "affordable",
    "forecast",
    "switchable",
    "try_fix",
    "try_fix_async",
    "try_one_way",
    "try_one_way_async",
]
