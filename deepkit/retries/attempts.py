"""A call's way through its attempts, written once for sync and async clients.

The functions are coroutines. `deepkit.retries.awaiting` lets them wait as coroutines do; over
`deepkit.retries.blocking` nothing in them ever suspends, and a sync client runs them to the end in one step.

An attempt is one copy of the request, or two when the policy hedges: the second is sent when the first
has brought nothing of the answer for `hedge_after_s`. The first useful answer wins, the other is dropped.
"""

from types import TracebackType
from typing import Any, Protocol

from deepkit.retries.calls import Call, crowded
from deepkit.retries.copies import Copy


class Race(Protocol):
    """Copies under way together."""

    running: int

    async def __aenter__(self) -> "Race":
        """Begin."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop every copy that `next` has not given out."""

    def start(self, copy: Copy) -> None:
        """Send a copy."""

    async def next(self, timeout_s: float | None) -> Copy | None:
        """Return the next copy that is decided; None when the time is up first."""


class Io(Protocol):
    """How to wait, send and read: `blocking.Io` or `awaiting.Io`."""

    http: Any
    room: Any

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    async def enter(self, timeout_s: float | None) -> bool:
        """Take a place in the room; False when the time is up first."""

    async def send(self, request: Any) -> Any:
        """Send a request through the base transport and return its response."""

    def chunks(self, response: Any) -> Any:
        """Return what `read` reads from."""

    async def read(self, chunks: Any) -> bytes | None:
        """Return the next bytes of a body; None at its end."""

    async def close(self, copy: Copy) -> None:
        """Close a copy's response."""

    def race(self, call: Call) -> Race:
        """Return a race of copies of that call."""


async def answer(call: Call, io: Io) -> Copy:
    """Return the copy whose response is to be handed over, after as many attempts as the policy allows.

    Args:
        call: The call.
        io: How to wait, send and read.

    Returns:
        The copy. It holds a place in the room until its response is closed.

    Raises:
        Exception: The client library's own, when the last attempt ended in one.
    """
    while True:
        if call.retrier.guard is not None:
            await held_back(call, io)
        if not io.room.try_enter() and not await io.enter(call.left_s):
            raise io.http.PoolTimeout(
                "The deadline passed before a request could be sent.", request=call.request
            )
        if call.hedge_after_s is None:
            copy = Copy()
            await send(copy, call, io)
        else:
            copy = await race(call, io)
        wait_s = call.after(copy)
        if wait_s is None and copy.broken is None:
            return copy
        await drop(copy, io)
        if wait_s is None:
            assert copy.broken is not None
            raise copy.broken
        await io.sleep(wait_s)


async def held_back(call: Call, io: Io) -> None:
    """Wait until the guard lets an attempt go, or raise when it is to be dropped here."""
    first_s = call.admit()
    if first_s is None:
        raise io.http.PoolTimeout("Held back here by the policy's guard.", request=call.request)
    if first_s > 0.0:
        await io.sleep(first_s)


async def race(call: Call, io: Io) -> Copy:
    """Send a copy, and a second one when nothing has come in time; return the one that counts."""
    copy: Copy | None = None
    try:
        async with io.race(call) as running:
            running.start(Copy())
            copy = await running.next(call.first_s)
            if copy is None and hedged(call, io):
                running.start(Copy())
            while running.running and (copy is None or call.passing(copy)):
                if copy is not None:
                    call.tally.lost(copy.failure)
                    await drop(copy, io)
                copy = await running.next(call.left_s)
                if copy is None:
                    break  # the deadline
    except BaseException:
        if copy is not None:
            await drop(copy, io)
        raise
    if copy is None:
        copy = Copy()
        copy.left = True  # the race has given the places back
        overdue(copy, call, io)
    if copy.bug is not None:
        raise copy.bug
    return copy


def hedged(call: Call, io: Io) -> bool:
    """Take a place and a token for a second copy; it never waits for them."""
    if call.left_s == 0.0 or not io.room.try_enter():
        return False
    if call.hedge():
        return True
    io.room.leave()
    return False


async def send(copy: Copy, call: Call, io: Io) -> None:
    """Send a copy and read its answer until it is decided. Exceptions of the library are kept in it."""
    call.tally.attempt()
    try:
        copy.response = await io.send(call.request)
        judge = copy.judge = call.judge(copy.response)
        rest = copy.rest = io.chunks(copy.response)
        while not judge.decided and not call.late:
            data = await io.read(rest)
            if data is None:
                judge.end()
            else:
                judge.feed(data)
        if judge.failure is None and not judge.decided:
            overdue(copy, call, io)
    except io.http.TransportError as error:
        copy.broken = error
        if copy.judge is not None:
            copy.judge.cut()
    except BaseException:
        await drop(copy, io)
        raise


def overdue(copy: Copy, call: Call, io: Io) -> None:
    """Note that the deadline passed while nothing of the answer had come."""
    copy.late = True
    copy.broken = io.http.ReadTimeout("No answer began within the policy's deadline.", request=call.request)


async def drop(copy: Copy, io: Io) -> None:
    """Give a copy's place back and close its response; more than once does no harm."""
    if not copy.left:
        copy.left = True
        io.room.leave(refused=copy.judge is not None and crowded(copy.judge))
    if copy.response is not None:
        await io.close(copy)
