"""Questions before and after a change that cannot be taken back, each beside one that does not get it."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from deepkit.records import Sample, Settings, Target
from deepkit.transport import Meter, ask
from deepkit.transport.question import Arm


@dataclass(frozen=True, slots=True)
class OneWay:
    """Asks on the user's way and, at the same moment, on the control's.

    Args:
        target: Whom to ask.
        settings: The way that gets the fix.
        control: The way that does not; None asks nothing beside it.
        meter: Counts everything.
        on_sample: Called with each sample.
    """

    target: Target
    settings: Settings
    control: Settings | None
    meter: Meter
    on_sample: Callable[[Sample], None] | None
    rng: random.Random = field(default_factory=lambda: random.Random(0))

    async def block(self, arm: Arm, questions: int, first: int = 0) -> list[Sample]:
        """Ask so many questions on each way; a question that the budget cut is left out together with its control."""
        ways = [(self.settings, False)] + ([(self.control, True)] if self.control else [])
        samples: list[Sample] = []
        for number in range(first, first + questions):
            moment = await asyncio.gather(*(self._one(*way, arm, number) for way in ways))
            if any(one.failure == "budget_spent" for one in moment):
                break
            samples += moment
            for one in moment:
                if self.on_sample is not None:
                    self.on_sample(one)
        return samples

    async def _one(self, settings: Settings, control: bool, arm: Arm, number: int) -> Sample:
        target = self.target.under(settings)
        taken = await ask(target, settings, self.meter, rng=self.rng, arm=arm, pair=number)
        return replace(taken.sample, control=control)
