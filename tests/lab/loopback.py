"""Runs scenarios side by side and says what came of each."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from deepkit.diagnosis import diagnose
from deepkit.probes import probe_async
from deepkit.records import Budget, Diagnosis, Evidence
from deepkit.transport import Meter
from tests.lab import answers, hangs, other_providers, pairs, routes
from tests.lab.certificates import Roots, make
from tests.lab.lag import TICK_S, Lag
from tests.lab.scenario import Scenario, opened

AT_ONCE = 8
HELD_S, AGAIN, AGAIN_S = 0.3, 3, 120.0
"""A check-up held up for longer than this within one second has measured the machine: a client here waits as little as
0.8 s. How often it is taken again, and the most time for all of these, in seconds."""
BUDGET = Budget(requests=100, tokens=2000)
SINGLE: tuple[Scenario, ...] = (*answers.SCENARIOS, *other_providers.SCENARIOS, *routes.SCENARIOS)
PAIRS: tuple[Scenario, ...] = pairs.SCENARIOS
HANGS: tuple[Scenario, ...] = hangs.SCENARIOS


@dataclass(frozen=True)
class Result:
    """What one scenario gave.

    Args:
        scenario: Which.
        evidence: What was observed.
        diagnosis: What was concluded.
        took_s: The whole check-up, in seconds.
        lag_s: For how long the program itself was held up in the check-up's last second, in seconds.
        held_s: For how long at most in any second of the check-up.
        earlier: Causes wrongly SHOWN in check-ups that the machine held up: that law has no excuse.
    """

    scenario: Scenario
    evidence: Evidence
    diagnosis: Diagnosis
    took_s: float
    lag_s: float
    held_s: float = 0.0
    earlier: tuple[str, ...] = ()

    @property
    def undisturbed(self) -> bool:
        """Whether the check-up measured the scenario, and not the machine."""
        return self.held_s <= HELD_S

    @property
    def first(self) -> str:
        """The cause that stands first; "healthy" and "inconclusive" when none is accused."""
        accused = [one for one in self.diagnosis.accusations if one.state in ("SHOWN", "LIKELY", "POSSIBLE")]
        if self.diagnosis.verdict == "healthy" or not accused:
            return self.diagnosis.verdict
        return accused[0].cause

    @property
    def right(self) -> bool:
        """Whether the true cause stands first."""
        return self.first == self.scenario.cause

    @property
    def overrun_s(self) -> float:
        """By how much the check-up, or the last of its checks, outlived its deadline."""
        began = self.evidence.at or 0.0
        ends = [(one.at or 0.0) + (one.elapsed_s or 0.0) - began for one in self.evidence.observations]
        return max(self.took_s, *ends) - self.scenario.deadline_s

    @property
    def both(self) -> bool:
        """Whether every true cause stands among the first three."""
        first = {
            one.cause
            for one in self.diagnosis.accusations[:3]
            if one.state in ("SHOWN", "LIKELY", "POSSIBLE")
        }
        return self.scenario.truth <= first

    @property
    def wrong_shown(self) -> tuple[str, ...]:
        """Causes that are SHOWN and not there."""
        return (*self.earlier, *wrongly_shown(self.scenario, self.diagnosis))


def wrongly_shown(one: Scenario, found: Diagnosis) -> tuple[str, ...]:
    """Return the causes that a diagnosis calls SHOWN though they are not there."""
    return tuple(a.cause for a in found.accusations if a.state == "SHOWN" and a.cause not in one.truth)


async def run_one(one: Scenario, roots: Roots, lag: Lag) -> Result:
    """Open a scenario, look at it, judge it."""
    async with opened(one, roots) as (target, settings):
        began = perf_counter()
        evidence = await probe_async(target, settings, meter=Meter(BUDGET), deadline_s=one.deadline_s)
        ended = perf_counter()
    late, worst = lag.held(ended - 1.0, ended), lag.worst(began, ended)
    return Result(one, evidence, diagnose(evidence), ended - began, late, worst)


async def _admitted(lag: Lag, running: set[str]) -> None:
    """Wait for a turn: client and servers share this program, so a crowd would measure itself.

    A check-up begins with a burst of work; the next one waits until the last burst is over. On a machine that
    is never quiet they run one by one.
    """
    calm = asyncio.create_task(lag.calm())
    try:
        while running and not calm.done():
            await asyncio.wait({calm}, timeout=TICK_S)
    finally:
        calm.cancel()
        await asyncio.gather(calm, return_exceptions=True)


async def run_async(
    scenarios: Sequence[Scenario], folder: Path, on_result: Callable[[Result], None] | None = None
) -> list[Result]:
    """Run scenarios, so many at once as the machine bears, in their order.

    A check-up during which the machine held this program up has not measured the scenario. It is taken again,
    alone, whatever it found, and the last look counts; on a machine that is never quiet that has an end.
    """
    roots, slots, admission, lag = make(folder), asyncio.Semaphore(AT_ONCE), asyncio.Lock(), Lag()
    watch = asyncio.create_task(lag.watch())
    running: set[str] = set()

    async def one(scenario: Scenario) -> Result:
        async with slots:
            async with admission:
                await _admitted(lag, running)
                running.add(scenario.name)
            try:
                return await run_one(scenario, roots, lag)
            finally:
                running.discard(scenario.name)

    async def sound(scenario: Scenario, result: Result, ends: float) -> Result:
        for _ in range(AGAIN):
            if result.undisturbed or perf_counter() > ends:
                break
            result = replace(await run_one(scenario, roots, lag), earlier=result.wrong_shown)
        if on_result is not None:
            on_result(result)
        return result

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(scenario)) for scenario in scenarios]
        ends = perf_counter() + AGAIN_S
        return [await sound(task.result().scenario, task.result(), ends) for task in tasks]
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


def run(scenarios: Sequence[Scenario], on_result: Callable[[Result], None] | None = None) -> list[Result]:
    """Run scenarios on loopback.

    Args:
        scenarios: Which.
        on_result: Called with each result as it comes.

    Returns:
        The results in the order of the scenarios.
    """
    with TemporaryDirectory(prefix="deepkit-lab-") as folder:
        return asyncio.run(run_async(scenarios, Path(folder), on_result))
