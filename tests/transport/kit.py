"""A target and settings for small servers on loopback, and a runner that finds what is left behind."""

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from deepkit.records import Budget, Secret, Settings, Target, Timeouts
from deepkit.transport import Meter

T = TypeVar("T")
KEY = "sk-0123456789abcdef0123456789abcdef"

FAST = Settings(timeouts=Timeouts(connect=0.4, first_byte=0.4, idle=0.4, total=0.9))
SETTLE_S = 3.0


def run(work: Coroutine[Any, Any, T], *, count: bool = True) -> T:
    """Run a test's body; no task and no descriptor may outlive it.

    `count=False` leaves the descriptors alone, for servers in this process that close in their own time.
    """

    async def watched() -> T:
        result = await work
        await asyncio.sleep(0)
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert not left, f"left running: {left}"
        return result

    before = _descriptors()
    result = asyncio.run(watched())
    ends = time.monotonic() + SETTLE_S  # a sandbox in another thread notices the end a moment later
    while count and _descriptors() > before:
        assert time.monotonic() < ends, "a socket was left open"
        time.sleep(0.01)
    return result


def _descriptors() -> int:
    folder = Path("/proc/self/fd")
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def target(port: int, *, tls: bool = False, **more: Any) -> Target:
    """A target on loopback."""
    scheme = "https" if tls else "http"
    given = {"name": "test", "key": Secret(KEY), "model": "deepseek-flash", "live": False, **more}
    return Target(base_url=f"{scheme}://127.0.0.1:{port}", **given)


def meter(requests: int = 100, tokens: int = 10_000) -> Meter:
    """A meter with room."""
    return Meter(Budget(requests, tokens))
