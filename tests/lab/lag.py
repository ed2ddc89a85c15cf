"""For how long this program itself is held up: what the lab takes off its measures, and waits for."""

import asyncio
from time import perf_counter

TICK_S, LATE_S, ON_TIME = 0.01, 0.02, 3
"""How often the program looks whether it is held up, by how much it must be, and the turns in time that are calm."""


class Lag:
    """Watches for how long this program itself is held up: the machine is shared."""

    def __init__(self) -> None:
        self.stalls: list[tuple[float, float]] = []
        self._calm = asyncio.Event()
        self._on_time = 0

    async def watch(self) -> None:
        """Look every 10 ms until cancelled."""
        while True:
            began = perf_counter()
            await asyncio.sleep(TICK_S)
            late = perf_counter() - began - TICK_S
            self._on_time = self._on_time + 1 if late <= LATE_S else 0
            if late > LATE_S:
                self.stalls.append((began, late))
            (self._calm.set if self._on_time >= ON_TIME else self._calm.clear)()

    async def calm(self) -> None:
        """Wait until this program has come to its turns in time for a while."""
        self._on_time = 0
        self._calm.clear()
        await self._calm.wait()

    def held(self, began: float, ended: float) -> float:
        """Return for how long the program was held up between two moments, in seconds."""
        return sum(late for at, late in self.stalls if began < at + TICK_S + late and at < ended)

    def worst(self, began: float, ended: float) -> float:
        """Return the longest hold-up within any one second between two moments, in seconds."""
        inside = [at for at, late in self.stalls if began < at + TICK_S + late and at < ended]
        return max((self.held(at, min(at + 1.0, ended)) for at in inside), default=0.0)
