"""The event loop of the cluster: plain Python that numba compiles.

The interpreter runs it in the sandbox (a few thousand events), `deepkit.cluster.compiled`
runs the same functions as machine code. Arrivals, departures and timers are kept apart:
the next arrival is one number, and each heap stays as small as its own kind.

A request is a slot. Its `ticket` rises whenever an attempt is settled; queue places,
departures and timers carry the ticket they were made under, and one whose ticket has
passed is stale. So nothing is ever searched for or taken out of the middle.
"""

from deepkit.cluster.heap import FAR, pop, push, settle
from deepkit.cluster.layout import (
    ABANDONED,
    ACCEPTED,
    AGAIN,
    AREA_BUSY,
    AREA_ORBIT,
    AREA_WAITING,
    ARRIVALS,
    ARRIVE,
    ATTEMPTS,
    BASE,
    BLOCKED,
    BUDGETED,
    BURST,
    BUSY,
    CAP,
    CHANCE,
    CLASSES,
    CLIENTS,
    COUNTERS,
    CROWDED,
    DEADLINE,
    DEPARTURES,
    DONE,
    EARN,
    EVENTS,
    FACTOR,
    FAILED,
    FAULT_SHARE,
    FAULTS,
    FREE,
    GHOSTS,
    GIVE_UP,
    HELD_BACK,
    HORIZON,
    INFLIGHT,
    JITTER,
    KIND,
    NEXT_ARRIVAL,
    NEXT_SEGMENT,
    NEXT_SNAP,
    NEXT_SNAP_AT,
    NO_ROOM,
    NOW,
    PATIENCE,
    PATIENT,
    Q_LIMIT,
    RATE,
    REJECT,
    RETRIES,
    RETRY,
    RING,
    ROOM,
    ROW,
    SEGMENT,
    SEGMENTS,
    SERVERS,
    SERVICE_SUM,
    SHARE,
    SNAP_EVERY,
    SNAP_STEP,
    SNAPS,
    STARTED,
    SUCCESS_SUM,
    SUCCESSES,
    SUMS,
    TIME_OUT,
    TIMED_OUT,
    TIMEOUT,
    TIMERS,
    TO_ARRIVE,
    TRACE,
    TRACED,
    WAIT_SUM,
    WAITED,
    WAITING,
    WASTED,
    WHO,
    State,
)  # fmt: skip
from deepkit.cluster.sampling import exponential, service, uniform
from deepkit.retries.delays import NONE, wait


def push_timer(s: State, time: float, slot: int, kind: int) -> None:
    """Set a timer for the present attempt of a slot."""
    size = s.n[TIMERS]
    push(s.timer_at, s.timer, size, time, (s.ticket[slot] << 32) | (slot << 3) | kind)
    s.n[TIMERS] = size + 1


def begin_service(s: State, what: int, now: float) -> None:
    """Give a server to a queue place or a newcomer, live or abandoned."""
    time = service(s)
    size = s.n[DEPARTURES]
    push(s.leave_at, s.leave, size, now + time, what)
    s.n[DEPARTURES] = size + 1
    s.n[BUSY] += 1
    s.n[STARTED] += 1
    s.x[SERVICE_SUM] += time


def send(s: State, slot: int, now: float) -> None:
    """Send an attempt: it finds a server, a place in the queue, or is rejected."""
    n, x = s.n, s.x
    n[ATTEMPTS] += 1
    what = (s.ticket[slot] << 32) | slot
    if n[BUSY] < n[SERVERS]:
        n[ACCEPTED] += 1
        s.served[slot] += 1
        begin_service(s, what, now)
    elif n[WAITING] < n[Q_LIMIT]:
        n[ACCEPTED] += 1
        n[WAITED] += 1
        enqueue(s, what, slot, now)
        if x[PATIENCE] > 0.0:
            push_timer(s, now + x[PATIENCE] * exponential(s, PATIENT), slot, GIVE_UP)
    else:
        n[BLOCKED] += 1
        if x[REJECT] > 0.0 and n[DEPARTURES] > 0:
            settle(s.leave_at, s.leave, n[DEPARTURES], s.leave_at[0] + x[REJECT], s.leave[0])
        fail(s, slot, now)
        return
    if x[TIMEOUT] > 0.0:
        push_timer(s, now + x[TIMEOUT], slot, TIME_OUT)


def enqueue(s: State, what: int, slot: int, now: float) -> None:
    """Put an attempt at the end of its class's queue."""
    n = s.n
    rank = s.rank[slot]
    if n[WAITING] == 0:
        for other in range(n[CLASSES]):
            s.length[other] = 0  # whatever still stands there is stale
    elif s.length[rank] >= n[RING] - 1:
        n[CROWDED] = 1
        return
    place = s.head[rank] + s.length[rank]
    if place >= n[RING]:
        place -= n[RING]
    s.ring[rank * n[RING] + place] = what
    s.ring_at[rank * n[RING] + place] = now
    s.length[rank] += 1
    s.queued[slot] += 1
    n[WAITING] += 1


def serve_next(s: State, now: float) -> None:
    """Give free servers to those who wait, the more important classes first."""
    n = s.n
    while n[WAITING] > 0 and n[BUSY] < n[SERVERS]:
        rank = 0
        while s.length[rank] == 0:
            rank += 1
        place = rank * n[RING] + s.head[rank]
        what = s.ring[place]
        s.head[rank] = s.head[rank] + 1 if s.head[rank] + 1 < n[RING] else 0
        s.length[rank] -= 1
        slot = what & 0xFFFFFFFF
        live = s.ticket[slot] == what >> 32
        if live or n[GHOSTS]:
            n[WAITING] -= 1
            s.x[WAIT_SUM] += now - s.ring_at[place]
            if live:
                s.queued[slot] -= 1
                s.served[slot] += 1
            begin_service(s, what, now)


def settle_attempt(s: State, slot: int) -> None:
    """End an attempt: what still belongs to it becomes stale, and is taken off unless its work goes on."""
    n = s.n
    s.ticket[slot] += 1
    if not n[GHOSTS]:
        n[WAITING] -= s.queued[slot]
        n[BUSY] -= s.served[slot]
    s.queued[slot] = 0
    s.served[slot] = 0


def release(s: State, slot: int) -> None:
    """End a request for good and free its slot."""
    n = s.n
    s.free[n[FREE]] = slot
    n[FREE] += 1
    n[INFLIGHT] -= 1


def fail(s: State, slot: int, now: float) -> None:
    """Settle a failed attempt: the policy sends another one later, or the request has failed."""
    n, x = s.n, s.x
    settle_attempt(s, slot)
    tries = s.tries[slot]
    again = n[KIND] != NONE and tries <= n[RETRIES]
    if again:
        after = wait(
            n[KIND], tries, s.previous[slot], uniform(s, AGAIN),
            x[BASE], x[FACTOR], x[CAP], x[JITTER], x[SHARE], s.ladder,
        )  # fmt: skip
        again = now + after - s.born[slot] < x[DEADLINE]
        if again and n[BUDGETED]:
            again = s.tokens[s.owner[slot]] >= 1.0
            if again:
                s.tokens[s.owner[slot]] -= 1.0
            else:
                n[HELD_BACK] += 1
        if again:
            s.tries[slot] = tries + 1
            s.previous[slot] = after
            push_timer(s, now + after, slot, RETRY)
    if not again:
        n[FAILED] += 1
        release(s, slot)


def depart(s: State, now: float) -> None:
    """Let the first departure leave its server."""
    n = s.n
    what = pop(s.leave_at, s.leave, n[DEPARTURES])
    n[DEPARTURES] -= 1
    slot = what & 0xFFFFFFFF
    if s.ticket[slot] == what >> 32:
        s.served[slot] -= 1
        n[BUSY] -= 1
        if s.x[FAULT_SHARE] > 0.0 and uniform(s, CHANCE) < s.x[FAULT_SHARE]:
            n[FAULTS] += 1
            fail(s, slot, now)
        else:
            n[SUCCESSES] += 1
            s.x[SUCCESS_SUM] += now - s.born[slot]
            settle_attempt(s, slot)
            release(s, slot)
    elif n[GHOSTS]:
        n[WASTED] += 1
        n[BUSY] -= 1
    if n[WAITING] > 0:
        serve_next(s, now)


def ring_timer(s: State, now: float) -> None:
    """Act on the first timer: send again, or see a client leave."""
    n = s.n
    what = pop(s.timer_at, s.timer, n[TIMERS])
    n[TIMERS] -= 1
    slot = (what & 0xFFFFFFFF) >> 3
    if s.ticket[slot] != what >> 32:
        return
    kind = what & 7
    if kind == RETRY:
        send(s, slot, now)
        return
    if kind == GIVE_UP:
        if s.queued[slot] == 0:
            return
        n[ABANDONED] += 1
    else:
        n[TIMED_OUT] += 1
    fail(s, slot, now)
    if n[WAITING] > 0:
        serve_next(s, now)


def arrive(s: State, now: float) -> None:
    """Let a new request come in, and draw the next."""
    n, x = s.n, s.x
    n[ARRIVALS] += 1
    n[FREE] -= 1
    slot = s.free[n[FREE]]
    n[INFLIGHT] += 1
    s.born[slot] = now
    s.previous[slot] = 0.0
    s.tries[slot] = 1
    if n[CLASSES] > 1:
        u = uniform(s, WHO)
        rank = 0
        while rank < n[CLASSES] - 1 and u >= s.shares[rank]:
            rank += 1
        s.rank[slot] = rank
    if n[BUDGETED]:
        who = int(uniform(s, WHO) * n[CLIENTS])
        s.owner[slot] = who
        s.tokens[who] = min(x[BURST], s.tokens[who] + x[EARN])
    x[NEXT_ARRIVAL] = now + exponential(s, ARRIVE) / x[RATE] if x[RATE] > 0.0 else FAR
    send(s, slot, now)


def next_segment(s: State, now: float) -> None:
    """Change the arrival rate and the number of servers."""
    n, x = s.n, s.x
    place = n[SEGMENT]
    n[SEGMENT] = place + 1
    x[RATE] = s.segment_rate[place]
    n[SERVERS] = s.segment_servers[place]
    x[NEXT_SEGMENT] = s.segment_at[place + 1] if place + 1 < n[SEGMENTS] else FAR
    # The exponential law has no memory: drawing anew from here on is exact.
    x[NEXT_ARRIVAL] = now + exponential(s, ARRIVE) / x[RATE] if x[RATE] > 0.0 else FAR
    serve_next(s, now)


def snapshot(s: State) -> None:
    """Copy the counters and sums into the next row of the snapshots."""
    row = s.n[SNAPS] * ROW
    if row + ROW > len(s.snaps):
        return
    s.n[SNAPS] += 1
    for place in range(COUNTERS):
        s.snaps[row + place] = s.n[place]
    for place in range(SUMS):
        s.snaps[row + COUNTERS + place] = s.x[place]


def advance(s: State, now: float) -> None:
    """Bring the clock and the areas under the numbers in queue, service and orbit up to date."""
    n, x = s.n, s.x
    while now >= x[NEXT_SNAP_AT]:
        at = x[NEXT_SNAP_AT]
        grow_areas(s, at)
        snapshot(s)
        x[NEXT_SNAP_AT] = at + x[SNAP_STEP]
    grow_areas(s, now)
    n[EVENTS] += 1


def grow_areas(s: State, now: float) -> None:
    """Add the time since the last event to the areas, and set the clock."""
    n, x = s.n, s.x
    passed = now - x[NOW]
    waiting, busy = n[WAITING], n[BUSY]
    x[AREA_WAITING] += waiting * passed
    x[AREA_BUSY] += busy * passed
    x[AREA_ORBIT] += n[INFLIGHT] * passed
    x[NOW] = now


def note(s: State) -> None:
    """Write the number in the system into the trace, if it changed."""
    n = s.n
    present = n[BUSY] + n[WAITING]
    if n[TRACED] == 0 or s.trace[n[TRACED] - 1] != present:
        s.trace_at[n[TRACED]] = s.x[NOW]
        s.trace[n[TRACED]] = present
        n[TRACED] += 1


def run(s: State) -> int:
    """Run until as many requests have arrived as were asked for, or the horizon is reached.

    Args:
        s: The state, from `deepkit.cluster.packing`; it is changed in place.

    Returns:
        DONE, or NO_ROOM when an array was about to overflow: begin again with larger ones.
    """
    n, x = s.n, s.x
    while True:
        arrival, leave, timer = x[NEXT_ARRIVAL], s.leave_at[0], s.timer_at[0]
        now = min(arrival, leave, timer, x[NEXT_SEGMENT])
        if now >= x[HORIZON]:
            advance(s, x[HORIZON])
            break
        advance(s, now)
        if leave == now:
            depart(s, now)
        elif timer == now:
            ring_timer(s, now)
        elif x[NEXT_SEGMENT] == now:
            next_segment(s, now)
        else:
            arrive(s, now)
            if n[ARRIVALS] == n[NEXT_SNAP]:
                n[NEXT_SNAP] += n[SNAP_EVERY]
                snapshot(s)
            if n[ARRIVALS] >= n[TO_ARRIVE]:
                break
        if n[TRACE] > 0:
            note(s)
            if n[TRACED] >= n[TRACE] - 1:
                return NO_ROOM
        if n[FREE] < 2 or n[TIMERS] > n[ROOM] - 8 or n[DEPARTURES] > n[ROOM] - 8 or n[CROWDED]:
            return NO_ROOM
    snapshot(s)
    return DONE
