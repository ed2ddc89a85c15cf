"""The event loop of the cluster: plain Python that numba compiles.

The interpreter runs it in the sandbox (a few thousand events), `deepkit.cluster.compiled`
runs the same functions as machine code. Arrivals, departures and timers are kept apart:
the next arrival is one number, and each heap stays as small as its own kind.

A request is a slot. Its `ticket` rises whenever an attempt is settled; queue places,
departures and timers carry the ticket they were made under, and one whose ticket has
passed is stale. So nothing is ever searched for or taken out of the middle.
"""

from deepkit.cluster.heap import FAR, pop, settle

# isort: off
from deepkit.cluster.layout import (
    ABANDONED, ACCEPTED, AGAIN, ARRIVALS, ATTEMPTS, BASE, BLOCKED, BORN, BUDGETED, BURST, BUSY, CAP, CHANCE,
    CLASSES, CLIENTS, CROWDED, CUT, DEADLINE, DEPARTURES, DONE, EARN, EVENTS, FACTOR, FAILED, FAULTS,
    FAULT_SHARE, FLOAT_RULES, FREE, FREE_SLOTS, Floats, GHOSTS, GIVE_UP, GROUP, GUARD, GUARD_AT,
    GUARD_TOKENS, HEDGE, HEDGES, HEDGE_AFTER, HELD_BACK, HORIZON, INFLIGHT, INT_RULES, JITTER, KIND, LADDER,
    LEAVE, LEAVE_AT, LEVEL, MOST_EVENTS, NEXT_ARRIVAL, NEXT_SEGMENT, NEXT_SNAP, NO_ROOM, OWNED, OWNER,
    OWN_ARRIVALS, OWN_ATTEMPTS, OWN_FAILED, OWN_SUCCESSES, OWN_SUCCESS_SUM, PACED, PATIENCE, PATIENT,
    POPULATION, PREVIOUS, QUEUED, Q_LIMIT, RANK, RATE, REJECT, RETRIES, RETRY, ROUND_TRIP, RUNG, SEGMENT,
    SEGMENTS, SEGMENT_AT, SEGMENT_RATE, SEGMENT_SERVERS, SERVED, SERVERS, SHARE, SHARES, SNAP_EVERY,
    STARTED, STEPS, SUCCESSES, SUCCESS_SUM, TICKET, TIMED_OUT, TIMEOUT, TIMER, TIMERS, TIMER_AT, TIME_OUT,
    TOKENS, TO_ARRIVE, TRACE, TRACED, TRIES, WAITED, WAITING, WASTED, WATCHED, WHO, WINDOW, Whole,
)  # fmt: skip

# isort: on
from deepkit.cluster.meters import advance, note, snapshot
from deepkit.cluster.sampling import exponential, service, uniform
from deepkit.cluster.station import (
    begin_service,
    crowd,
    draw_arrival,
    enqueue,
    next_in_line,
    push_timer,
    release,
    serve_next,
    settle_attempt,
)  # fmt: skip
from deepkit.retries.delays import NONE, wait
from deepkit.retries.throttles import WIDTH, drop_chance, heard, may_retry, send_time

GO, DROP, LATER = range(3)
"""What a client's guard says of an attempt: send it, never send it, or send it when its timer rings."""


def admitted(n: Whole, x: Floats, slot: int, now: float) -> int:
    """Ask the guard of a slot's client whether an attempt may go; sets the timer of one that has to wait."""
    group = n[n[GROUP] + slot]
    value, guard = group * FLOAT_RULES, n[GUARD + group * INT_RULES]
    if guard == 0:
        return GO
    mine = n[GUARD_AT] + n[n[OWNER] + slot] * WIDTH
    chance = drop_chance(guard, x[LEVEL + value], x[WINDOW + value], x, mine, now)
    if chance > 0.0 and uniform(n, x, CHANCE) < chance:
        n[HELD_BACK] += 1
        return DROP
    latest = x[n[BORN] + slot] + x[DEADLINE + value]
    when = send_time(guard, x, mine, now, latest)
    if when >= latest:
        n[HELD_BACK] += 1
        return DROP
    if when > now:
        push_timer(n, x, when, slot, PACED)
        return LATER
    return GO


def launch(n: Whole, x: Floats, slot: int, now: float) -> None:
    """Send an attempt when the client's guard lets it."""
    said = admitted(n, x, slot, now) if n[OWNED] else GO
    if said == GO:
        send(n, x, slot, now)
    elif said == DROP:
        fail(n, x, slot, now)


def send(n: Whole, x: Floats, slot: int, now: float) -> None:
    """Send an attempt: it finds a server, a place in the queue, or is rejected."""
    if not join(n, x, slot, now):
        if x[REJECT] > 0.0 and n[DEPARTURES] > 0:
            settle(x, n, n[LEAVE_AT], n[LEAVE], n[DEPARTURES], x[n[LEAVE_AT]] + x[REJECT], n[n[LEAVE]])
        if n[OWNED]:
            report(n, x, slot, False, now)
        fail(n, x, slot, now)
        return
    if x[TIMEOUT] > 0.0:
        push_timer(n, x, now + x[TIMEOUT], slot, TIME_OUT)
    if n[OWNED]:
        after = x[HEDGE_AFTER + n[n[GROUP] + slot] * FLOAT_RULES]
        if after < FAR:
            push_timer(n, x, now + after, slot, HEDGE)


def join(n: Whole, x: Floats, slot: int, now: float) -> bool:
    """Take a server or a place in the queue for an attempt; False when there is none."""
    n[ATTEMPTS] += 1
    if x[WATCHED] > 0.0:
        n[OWN_ATTEMPTS] += n[n[GROUP] + slot]
    what = (n[n[TICKET] + slot] << 32) | slot
    if n[BUSY] < n[SERVERS]:
        n[ACCEPTED] += 1
        n[n[SERVED] + slot] += 1
        begin_service(n, x, what, now)
        return True
    if n[WAITING] < n[Q_LIMIT]:
        n[ACCEPTED] += 1
        n[WAITED] += 1
        enqueue(n, what, slot)
        if x[PATIENCE] > 0.0:
            push_timer(n, x, now + x[PATIENCE] * exponential(n, x, PATIENT), slot, GIVE_UP)
        return True
    n[BLOCKED] += 1
    return False


def report(n: Whole, x: Floats, slot: int, answered: bool, now: float) -> None:
    """Tell a client's guard how an attempt ended."""
    group = n[n[GROUP] + slot]
    guard, value = n[GUARD + group * INT_RULES], group * FLOAT_RULES
    if guard > 0:
        mine = n[GUARD_AT] + n[n[OWNER] + slot] * WIDTH
        heard(guard, answered, x[LEVEL + value], x[WINDOW + value], x[GUARD_TOKENS + value], x, mine, now)


def hedge(n: Whole, x: Floats, slot: int, now: float) -> None:
    """Send a second copy of an attempt; the first answer wins. It counts against the budget."""
    if n[BUDGETED + n[n[GROUP] + slot] * INT_RULES]:
        purse = n[TOKENS] + n[n[OWNER] + slot]
        if x[purse] < 1.0:
            n[HELD_BACK] += 1
            return
        x[purse] -= 1.0
    n[HEDGES] += 1
    join(n, x, slot, now)


def fail(n: Whole, x: Floats, slot: int, now: float) -> None:
    """Settle a failed attempt: the policy sends another one later, or the request has failed."""
    settle_attempt(n, slot)
    if not try_again(n, x, slot, now):
        n[FAILED] += 1
        n[OWN_FAILED] += n[n[GROUP] + slot]
        release(n, x, slot, now)


def try_again(n: Whole, x: Floats, slot: int, now: float) -> bool:
    """Ask the policy of a slot's group for another attempt, and set the timer when there is one."""
    group = n[n[GROUP] + slot]
    rule, value = group * INT_RULES, group * FLOAT_RULES
    tries = n[n[TRIES] + slot]
    if n[KIND + rule] == NONE or tries > n[RETRIES + rule]:
        return False
    after = wait(
        n[KIND + rule], tries, x[n[PREVIOUS] + slot], uniform(n, x, AGAIN),
        x[BASE + value], x[FACTOR + value], x[CAP + value], x[JITTER + value], x[SHARE + value],
        x, n[LADDER + rule], n[STEPS + rule],
    )  # fmt: skip
    if now + after - x[n[BORN] + slot] >= x[DEADLINE + value]:
        return False
    if n[OWNED] and not allowed(n, x, slot, rule, value):
        n[HELD_BACK] += 1
        return False
    n[n[TRIES] + slot] = tries + 1
    x[n[PREVIOUS] + slot] = after
    push_timer(n, x, now + x[ROUND_TRIP] + after, slot, RETRY)
    return True


def allowed(n: Whole, x: Floats, slot: int, rule: int, value: int) -> bool:
    """Ask a client's guard and its budget for a retry."""
    who = n[n[OWNER] + slot]
    if n[GUARD + rule] > 0:
        mine = n[GUARD_AT] + who * WIDTH
        if not may_retry(n[GUARD + rule], x[LEVEL + value], x[GUARD_TOKENS + value], x, mine):
            return False
    if n[BUDGETED + rule]:
        purse = n[TOKENS] + who
        if x[purse] < 1.0:
            return False
        x[purse] -= 1.0
    return True


def depart(n: Whole, x: Floats, now: float) -> None:
    """Let the first departure leave its server, and give that to the next in line."""
    what = n[n[LEAVE]]
    slot = what & 0xFFFFFFFF
    if n[n[TICKET] + slot] == what >> 32:
        n[n[SERVED] + slot] -= 1
        n[BUSY] -= 1
        if x[FAULT_SHARE] > 0.0 and uniform(n, x, CHANCE) < x[FAULT_SHARE]:
            n[FAULTS] += 1
            if n[n[SERVED] + slot] + n[n[QUEUED] + slot] == 0:  # no copy is left that may succeed
                if n[OWNED]:
                    report(n, x, slot, False, now)
                fail(n, x, slot, now)
        else:
            succeed(n, x, slot, now)
    elif n[GHOSTS]:
        n[WASTED] += 1
        n[BUSY] -= 1
    following = -1
    if n[WAITING] > 0 and n[BUSY] < n[SERVERS]:
        following = next_in_line(n)
    if following >= 0:  # the newcomer takes the leaver's place in the heap: one sift instead of two
        n[BUSY] += 1
        n[STARTED] += 1
        settle(x, n, n[LEAVE_AT], n[LEAVE], n[DEPARTURES], now + service(n, x), following)
        serve_next(n, x, now)
    else:
        pop(x, n, n[LEAVE_AT], n[LEAVE], n[DEPARTURES])
        n[DEPARTURES] -= 1


def succeed(n: Whole, x: Floats, slot: int, now: float) -> None:
    """Count an answered request and see it off."""
    took = now - x[n[BORN] + slot]
    if n[OWNED]:
        report(n, x, slot, True, now)
    n[SUCCESSES] += 1
    x[SUCCESS_SUM] += took
    if x[WATCHED] > 0.0:
        group = n[n[GROUP] + slot]
        n[OWN_SUCCESSES] += group
        x[OWN_SUCCESS_SUM] += group * took
    settle_attempt(n, slot)
    release(n, x, slot, now)


def ring_timer(n: Whole, x: Floats, now: float) -> None:
    """Act on the first timer: send again, or see a client leave."""
    what = n[n[TIMER]]
    slot = (what & 0xFFFFFFFF) >> 3
    n[RUNG] = 1
    if n[n[TICKET] + slot] == what >> 32:
        act(n, x, slot, what & 7, now)
    if n[RUNG]:
        n[RUNG] = 0
        pop(x, n, n[TIMER_AT], n[TIMER], n[TIMERS])
        n[TIMERS] -= 1


def act(n: Whole, x: Floats, slot: int, kind: int, now: float) -> None:
    """Do what a timer that is not stale was set for."""
    if kind == RETRY:
        launch(n, x, slot, now)
        return
    if kind == PACED:
        send(n, x, slot, now)
        return
    if kind == HEDGE:
        hedge(n, x, slot, now)
        return
    if kind == GIVE_UP:
        if n[n[QUEUED] + slot] == 0:
            return
        n[ABANDONED] += 1
    else:
        n[TIMED_OUT] += 1
    if n[OWNED]:
        report(n, x, slot, False, now)
    fail(n, x, slot, now)
    if n[WAITING] > 0:
        serve_next(n, x, now)


def assign(n: Whole, x: Floats, slot: int) -> None:
    """Decide whom a new request belongs to: class, watched or not, and whose budget it earns for."""
    if n[CLASSES] > 1:
        u = uniform(n, x, WHO)
        rank = 0
        while rank < n[CLASSES] - 1 and u >= x[n[SHARES] + rank]:
            rank += 1
        n[n[RANK] + slot] = rank
    group = 0
    if x[WATCHED] > 0.0:
        group = 1 if uniform(n, x, WHO) < x[WATCHED] else 0
        n[n[GROUP] + slot] = group
        n[OWN_ARRIVALS] += group
    if n[OWNED]:
        who = slot
        if group:
            who = n[CLIENTS]
        elif n[POPULATION] == 0:
            who = int(uniform(n, x, WHO) * n[CLIENTS])
        n[n[OWNER] + slot] = who
        value = group * FLOAT_RULES
        x[n[TOKENS] + who] = min(x[BURST + value], x[n[TOKENS] + who] + x[EARN + value])


def arrive(n: Whole, x: Floats, now: float) -> None:
    """Let a new request come in, and draw the next."""
    n[ARRIVALS] += 1
    n[FREE] -= 1
    slot = n[n[FREE_SLOTS] + n[FREE]]
    if n[POPULATION]:
        if n[OWNED]:  # any of the thinking clients: each has a budget and a guard of its own
            place = n[FREE_SLOTS] + int(uniform(n, x, WHO) * (n[FREE] + 1))
            n[place], slot = slot, n[place]
    elif n[FREE] == 0:
        crowd(n)
    n[INFLIGHT] += 1
    x[n[BORN] + slot] = now
    x[n[PREVIOUS] + slot] = 0.0
    n[n[TRIES] + slot] = 1
    assign(n, x, slot)
    draw_arrival(n, x, now)
    launch(n, x, slot, now)


def next_segment(n: Whole, x: Floats, now: float) -> None:
    """Change the arrival rate and the number of servers."""
    place = n[SEGMENT]
    n[SEGMENT] = place + 1
    x[RATE] = x[n[SEGMENT_RATE] + place]
    n[SERVERS] = n[n[SEGMENT_SERVERS] + place]
    x[NEXT_SEGMENT] = x[n[SEGMENT_AT] + place + 1] if place + 1 < n[SEGMENTS] else FAR
    draw_arrival(n, x, now)
    serve_next(n, x, now)


def run(n: Whole, x: Floats) -> int:
    """Run until as many requests have arrived as were asked for, or the horizon is reached.

    Args:
        n: The whole numbers of the state, from `deepkit.cluster.packing`; changed in place.
        x: Its floats; changed in place.

    Returns:
        DONE; CUT when the most events were reached, from where it may go on with more; or NO_ROOM when
        an array was about to overflow: begin again with larger ones.
    """
    while True:
        arrival, leave, timer = x[NEXT_ARRIVAL], x[n[LEAVE_AT]], x[n[TIMER_AT]]
        now = min(arrival, leave, timer, x[NEXT_SEGMENT])
        if now >= x[HORIZON]:
            advance(n, x, x[HORIZON])
            break
        advance(n, x, now)
        if leave == now:
            depart(n, x, now)
        elif timer == now:
            ring_timer(n, x, now)
        elif x[NEXT_SEGMENT] == now:
            next_segment(n, x, now)
        else:
            arrive(n, x, now)
            if n[ARRIVALS] == n[NEXT_SNAP]:
                n[NEXT_SNAP] += n[SNAP_EVERY]
                snapshot(n, x)
            if n[ARRIVALS] >= n[TO_ARRIVE]:
                break
        if n[TRACE] > 0:
            note(n, x)
            if n[TRACED] >= n[TRACE] - 1:
                crowd(n)
        if n[EVENTS] >= n[MOST_EVENTS]:
            return NO_ROOM if n[CROWDED] else CUT
    snapshot(n, x)
    return DONE
