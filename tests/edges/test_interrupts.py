"""An interrupt at a random moment: status 130, one line, and nothing left. `python -m benchmarks interrupts` does 50 each."""

import asyncio
import random
import sys

import pytest

from benchmarks.interrupts import CELLS, COMMANDS, LINE, command, kernel
from deepkit import loops

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent to a process group")


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_stops_and_leaves_nothing(name: str, seed: int) -> None:
    """Ctrl+C ends a command with 130 and one line; no child, no folder and no traceback stays."""
    most = {"doctor": 0.6, "try": 2.0, "report": 6.0}[name]
    ended = command(name, random.Random(seed).uniform(0, most))
    assert ended.wrong in ((), ("it had ended",))


def test_a_cell_stops_and_leaves_nothing() -> None:
    """An interrupted cell shows one line, whether it waits or awaits, and no thread of its work stays."""
    with kernel() as cells:
        for code, until_s in CELLS.values():
            ended = cells.interrupted(code, random.Random(code).uniform(0, until_s / 2))
            assert ended.wrong in ((), ("it had ended",))


def test_a_cancelled_wait_stays_a_cancellation() -> None:
    """Timeouts understand what a notebook shows in one line, and the work has cleaned up by then."""
    cleaned = list[bool]()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.append(True)

    async def body() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await loops.elsewhere(work())
        task = asyncio.ensure_future(loops.elsewhere(work()))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(body())
    assert cleaned == [True, True]


def test_the_line_is_the_one_that_is_looked_for() -> None:
    """What commands and cells say is one sentence."""
    assert loops.STOPPED == LINE
    assert loops.Stopped()._render_traceback_() == [LINE]
