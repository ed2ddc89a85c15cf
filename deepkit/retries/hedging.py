"""Hedging, for async clients: a second copy of a request that has brought nothing in time.

The first useful answer wins; the other copy is cancelled and its connection closed. Source of the method:
Dean and Barroso, The Tail at Scale, CACM 56 (2013) 74, doi 10.1145/2408776.2408794.
"""

from typing import Any

import anyio

from deepkit.retries.attempt import Attempt, ClientIO, drop, send
from deepkit.retries.call import Call


class Copies:
    """Copies of one request under way, each in a task of its own."""

    def __init__(self, call: Call, io: ClientIO) -> None:
        self._call, self._io = call, io
        self._changed = anyio.Event()
        self.ended: list[Attempt] = []
        self.running = 0

    def start(self, group: Any) -> None:
        """Send a copy."""
        self.running += 1
        group.start_soon(self._run)

    async def _run(self) -> None:
        attempt = Attempt()
        try:
            await send(attempt, self._call, self._io)
        except Exception as error:
            attempt.bug = error
        self.ended.append(attempt)
        self._changed.set()

    async def next(self, timeout_s: float | None) -> Attempt | None:
        """Return the next copy that is decided; None when the time is up first."""
        with anyio.move_on_after(timeout_s):
            while not self.ended:
                self._changed = anyio.Event()
                await self._changed.wait()
        if not self.ended:
            return None
        self.running -= 1
        return self.ended.pop(0)


async def hedged(call: Call, io: ClientIO, after_s: float) -> Attempt:
    """Send a request, and a second copy when nothing has come in time.

    Args:
        call: The call.
        io: How to send and read.
        after_s: How long the first copy is alone, in seconds.

    Returns:
        The copy that counts; all tasks of the others have ended.

    Raises:
        Exception: What the base transport raised, if it is not the client library's own.
    """
    copies = Copies(call, io)
    best: Attempt | None = None
    try:
        async with anyio.create_task_group() as group:
            copies.start(group)
            left_s = call.left_s
            best = await copies.next(after_s if left_s is None else min(after_s, left_s))
            if best is None and _second_allowed(call, io):
                copies.start(group)
            while copies.running and (best is None or best.may_pass):
                if best is not None:
                    call.tally.lost(best.failure)
                    await drop(best, io)
                best = await copies.next(call.left_s)
                if best is None:
                    break  # the deadline
            group.cancel_scope.cancel()
    except BaseException:
        if best is not None:
            await drop(best, io)
        raise
    finally:
        for other in copies.ended:
            await drop(other, io)
    if best is None:
        best = Attempt()
        best.released = True  # its copies were dropped
        best.overdue(call, io.http)
    if best.bug is not None:
        raise best.bug
    return best


def _second_allowed(call: Call, io: ClientIO) -> bool:
    """Take a place under the concurrency limit and a token of the budget; never wait for them."""
    if call.left_s == 0.0 or not io.concurrency.try_acquire():
        return False
    budget = call.retrier.budget
    allowed = budget is None or budget.spend()
    call.tally.hedge(sent=allowed)
    if not allowed:
        io.concurrency.release()
    return allowed
