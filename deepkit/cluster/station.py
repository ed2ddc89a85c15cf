"""Servers, queues and timers of the kernel, in Python that numba compiles."""

from deepkit.cluster.heap import FAR, push, settle

# isort: off
from deepkit.cluster.layout import (
    ARRIVE, BUSY, CLASSES, CROWDED, DEPARTURES, FREE, FREE_SLOTS, GHOSTS, HEAD, INFLIGHT, LEAVE, LEAVE_AT,
    LEAVE_ROOM, LENGTH, MOST_EVENTS, NEXT_ARRIVAL, POPULATION, QUEUED, RANK, RATE, RING, RING_WHAT, RUNG,
    SERVED, SERVERS, STARTED, TICKET, TIMER, TIMERS, TIMER_AT, TIMER_ROOM, WAITING, Floats, Whole,
)  # fmt: skip

# isort: on
from deepkit.cluster.sampling import exponential, service


def crowd(n: Whole) -> None:
    """Note that an array is full; the loop then ends at once."""
    n[CROWDED] = 1
    n[MOST_EVENTS] = 0


def push_timer(n: Whole, x: Floats, time: float, slot: int, kind: int) -> None:
    """Set a timer for the present attempt of a slot, in place of the one that just rang if there is one."""
    what = (n[n[TICKET] + slot] << 32) | (slot << 3) | kind
    size = n[TIMERS]
    if n[RUNG]:
        n[RUNG] = 0
        settle(x, n, n[TIMER_AT], n[TIMER], size, time, what)
        return
    if size >= n[TIMER_ROOM]:
        crowd(n)
        return
    push(x, n, n[TIMER_AT], n[TIMER], size, time, what)
    n[TIMERS] = size + 1


def begin_service(n: Whole, x: Floats, what: int, now: float) -> None:
    """Give a server to a queue place or a newcomer, live or abandoned."""
    time = service(n, x)
    size = n[DEPARTURES]
    if size >= n[LEAVE_ROOM]:
        crowd(n)
        return
    push(x, n, n[LEAVE_AT], n[LEAVE], size, now + time, what)
    n[DEPARTURES] = size + 1
    n[BUSY] += 1
    n[STARTED] += 1


def enqueue(n: Whole, what: int, slot: int) -> None:
    """Put an attempt at the end of its class's queue."""
    rank = n[n[RANK] + slot]
    if n[WAITING] == 0:
        for other in range(n[CLASSES]):
            n[n[LENGTH] + other] = 0  # whatever still stands there is stale
    elif n[n[LENGTH] + rank] >= n[RING] - 1:
        crowd(n)
        return
    place = n[n[HEAD] + rank] + n[n[LENGTH] + rank]
    if place >= n[RING]:
        place -= n[RING]
    n[n[RING_WHAT] + rank * n[RING] + place] = what
    n[n[LENGTH] + rank] += 1
    n[n[QUEUED] + slot] += 1
    n[WAITING] += 1


def next_in_line(n: Whole) -> int:
    """Take the first valid place off the queues, of the most important class; -1 when only stale ones were left."""
    while n[WAITING] > 0:
        rank = 0
        while n[n[LENGTH] + rank] == 0:
            rank += 1
        head = n[n[HEAD] + rank]
        what = n[n[RING_WHAT] + rank * n[RING] + head]
        n[n[HEAD] + rank] = head + 1 if head + 1 < n[RING] else 0
        n[n[LENGTH] + rank] -= 1
        slot = what & 0xFFFFFFFF
        if n[n[TICKET] + slot] == what >> 32:
            n[WAITING] -= 1
            n[n[QUEUED] + slot] -= 1
            n[n[SERVED] + slot] += 1
            return what
        if n[GHOSTS]:
            n[WAITING] -= 1
            return what
    return -1


def serve_next(n: Whole, x: Floats, now: float) -> None:
    """Give free servers to those who wait."""
    while n[WAITING] > 0 and n[BUSY] < n[SERVERS]:
        what = next_in_line(n)
        if what >= 0:
            begin_service(n, x, what, now)


def settle_attempt(n: Whole, slot: int) -> None:
    """End an attempt: what still belongs to it becomes stale, and is taken off unless its work goes on."""
    n[n[TICKET] + slot] += 1
    if not n[GHOSTS]:
        n[WAITING] -= n[n[QUEUED] + slot]
        n[BUSY] -= n[n[SERVED] + slot]
    n[n[QUEUED] + slot] = 0
    n[n[SERVED] + slot] = 0


def release(n: Whole, x: Floats, slot: int, now: float) -> None:
    """End a request for good and free its slot; in a closed population its client begins to think."""
    n[n[FREE_SLOTS] + n[FREE]] = slot
    n[FREE] += 1
    n[INFLIGHT] -= 1
    if n[POPULATION]:
        if x[NEXT_ARRIVAL] >= FAR:
            draw_arrival(n, x, now)
        else:  # one more thinks: the rate rises, and what is left of the wait shrinks in proportion
            x[NEXT_ARRIVAL] = now + (x[NEXT_ARRIVAL] - now) * (n[FREE] - 1) / n[FREE]


def draw_arrival(n: Whole, x: Floats, now: float) -> None:
    """Draw when the next request comes in: at the rate of all clients, or of those that are thinking.

    Neither law has a memory: drawing anew after a change of the rate is exact.
    """
    rate = x[RATE] * n[FREE] if n[POPULATION] else x[RATE]
    x[NEXT_ARRIVAL] = now + exponential(n, x, ARRIVE) / rate if rate > 0.0 else FAR
