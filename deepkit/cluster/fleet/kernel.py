"""The event loop of an LLM fleet: plain Python that numba compiles, like `deepkit.cluster.kernel`.

An event is a point in time at which something changes: a request comes, a prompt has been read, a unit's batch
changes (however many join or leave there), a timer rings, the load or the fleet's size changes. Steps of a
unit in which nothing changes are done in one go and are no events.
"""

# isort: off
from deepkit.cluster.layout import Floats, Whole
from deepkit.cluster.fleet.decoding import glide, leave_batch, plan, touch
from deepkit.cluster.fleet.jobs import (
    admit, cancel, enqueue_job, free_job, let_go, lose, lose_unit, make_room, new_job, read_next, release_memory,
    reserve, start_reading,
)  # fmt: skip
from deepkit.cluster.fleet.layout import (
    ANSWER, ANSWER_MEAN, ASKED, CAME, CLASS_FIGURES, CLASS_ROWS, CONTEXT, DONE_STEPS, DRAINS, ENDINGS,
    ENDING_AT, ENDING_WHAT, FIRSTS, FIRST_AT, FIRST_SUM, GAPS, GAP_SUM, GOT, HEAP_ROOM, IS_JOINING, IS_OVER,
    JOBS, JOB_TICKET, JOINING, MADE, OWNER_OF, PATIENT_FOR, PLANNED, PROMPT_MEAN, RANK_OF, REACHED,
    SEGMENT_UNITS, SENT_AT, SIBLING, SLOT_ROWS, SLOT_WIDTH, SOJOURN, SOONEST, SPOKE, SPOKEN, SPOKE_AFTER, STATE,
    TIMES, TURNED_AWAY, UNITS_UP, UNIT_OF, USEFUL, WANTED, WASTED_TOKENS, WHICH,
)  # fmt: skip
from deepkit.cluster.fleet.meters import film, settle_capacity, tick
from deepkit.cluster.heap import FAR, pop
from deepkit.cluster.kernel import DROP, GO, admitted, assign, report, try_again
from deepkit.cluster.layout import (
    ABANDONED, ACCEPTED, ARRIVALS, ATTEMPTS, BLOCKED, BORN, BUDGETED, BUSY, CROWDED, CUT, DEPARTURES, DONE,
    EVENTS, FAILED, FLOAT_RULES, FREE, FREE_SLOTS, GHOSTS, GIVE_UP, GROUP, HEDGE, HEDGES, HEDGE_AFTER,
    HELD_BACK, HORIZON, INFLIGHT, INT_RULES, LEAVE, LEAVE_AT, MOST_EVENTS, NEXT_ARRIVAL, NEXT_SEGMENT,
    NEXT_SNAP, NO_ROOM, OWNED, OWNER, PACED, PATIENCE, PATIENT, PREVIOUS, Q_LIMIT, RANK, RATE, RETRY, RUNG,
    SEGMENT, SEGMENTS, SEGMENT_AT, SEGMENT_RATE, SEGMENT_SERVERS, SERVERS, SNAP_EVERY, SUCCESSES,
    SUCCESS_SUM, TICKET, TIMED_OUT, TIMEOUT, TIMER, TIMERS, TIMER_AT, TIME_OUT, TOKENS, TO_ARRIVE, TRIES,
    WAITED, WAITING, WASTED,
)  # fmt: skip

# isort: on
from deepkit.cluster.fleet.lengths import length
from deepkit.cluster.fleet.lists import append, unit_list
from deepkit.cluster.sampling import exponential
from deepkit.cluster.station import crowd, draw_arrival, push_timer, release


def set_out(n: Whole, x: Floats, slot: int, now: float) -> None:
    """Send an attempt when the client's guard lets it."""
    said = admitted(n, x, slot, now) if n[OWNED] else GO
    if said == GO:
        ask(n, x, slot, now)
    elif said == DROP:
        miss(n, x, slot, now)


def ask(n: Whole, x: Floats, slot: int, now: float) -> None:
    """Send an attempt: a lane reads it, it waits, or it is rejected at once."""
    if not take_in(n, x, slot, now):
        if n[OWNED]:
            report(n, x, slot, False, now)
        miss(n, x, slot, now)
        return
    if x[PATIENCE] > 0.0:
        push_timer(n, x, now + x[n[PATIENT_FOR] + slot], slot, GIVE_UP)
    if x[TIMEOUT] > 0.0:
        push_timer(n, x, now + x[TIMEOUT], slot, TIME_OUT)
    if n[OWNED]:
        after = x[HEDGE_AFTER + n[n[GROUP] + slot] * FLOAT_RULES]
        if after < FAR:
            push_timer(n, x, now + after, slot, HEDGE)


def take_in(n: Whole, x: Floats, slot: int, now: float) -> bool:
    """Find a lane and memory, or a place in the queue, for an attempt; False when too many wait already."""
    n[ATTEMPTS] += 1
    unit = -1
    if n[WAITING] == 0 and n[BUSY] < n[SERVERS]:
        unit = reserve(n, x, n[n[SLOT_ROWS] + SLOT_WIDTH * slot + ASKED] + 1, now)
    if unit < 0 and n[WAITING] >= n[Q_LIMIT]:
        n[BLOCKED] += 1
        n[n[CLASS_ROWS] + n[n[RANK] + slot] * CLASS_FIGURES + TURNED_AWAY] += 1
        return False
    n[ACCEPTED] += 1
    job = new_job(n, x, slot, now)
    if unit >= 0:
        start_reading(n, x, job, unit, now)
    else:
        n[WAITED] += 1
        enqueue_job(n, job)
    return True


def hedge_job(n: Whole, x: Floats, slot: int, now: float) -> None:
    """Send a second copy of an attempt; the first answer wins. It counts against the budget."""
    if n[BUDGETED + n[n[GROUP] + slot] * INT_RULES]:
        purse = n[TOKENS] + n[n[OWNER] + slot]
        if x[purse] < 1.0:
            n[HELD_BACK] += 1
            return
        x[purse] -= 1.0
    n[HEDGES] += 1
    take_in(n, x, slot, now)


def settle_jobs(n: Whole, x: Floats, slot: int, now: float) -> None:
    """End an attempt: its timers become stale, and its jobs are cancelled unless their work goes on."""
    n[n[TICKET] + slot] += 1
    job = n[n[SLOT_ROWS] + SLOT_WIDTH * slot + JOBS]
    n[n[SLOT_ROWS] + SLOT_WIDTH * slot + JOBS] = -1
    n[n[SLOT_ROWS] + SLOT_WIDTH * slot + SPOKEN] = 0
    if n[GHOSTS]:
        return
    while job >= 0:
        other = n[job + SIBLING]
        cancel(n, x, job, now)
        job = other


def miss(n: Whole, x: Floats, slot: int, now: float) -> None:
    """Settle a failed attempt: the policy sends another one later, or the request has failed."""
    settle_jobs(n, x, slot, now)
    if not try_again(n, x, slot, now):
        n[FAILED] += 1
        x[SOJOURN] += now - x[n[BORN] + slot]
        release(n, x, slot, now)


def win(n: Whole, x: Floats, slot: int, job: int, now: float) -> None:
    """Count an answered request and see it off."""
    if n[OWNED]:
        report(n, x, slot, True, now)
    took, tokens = now - x[n[BORN] + slot], n[job + ANSWER]
    n[SUCCESSES] += 1
    n[USEFUL] += tokens
    n[n[CLASS_ROWS] + n[n[RANK] + slot] * CLASS_FIGURES + GOT] += 1
    x[SUCCESS_SUM] += took
    x[SOJOURN] += took
    if tokens > 1:
        n[GAPS] += tokens - 1
        x[GAP_SUM] += now - x[n[job + TIMES] + FIRST_AT]
    n[job + STATE] = IS_OVER
    settle_jobs(n, x, slot, now)
    release(n, x, slot, now)


def finish(n: Whole, x: Floats, job: int, now: float) -> None:
    """End a job whose last token has been written, for whoever still wants it."""
    owner = n[job + OWNER_OF]
    slot = owner & 0xFFFFFFFF
    if n[n[TICKET] + slot] == owner >> 32:
        win(n, x, slot, job, now)
    else:
        n[WASTED] += 1
        n[WASTED_TOKENS] += n[job + ANSWER]
    free_job(n, job)


def speak(n: Whole, x: Floats, job: int, now: float) -> None:
    """Give out the first token of an answer: reading a prompt ends with it."""
    n[job + MADE] = 1
    x[n[job + TIMES] + FIRST_AT] = now
    owner = n[job + OWNER_OF]
    slot = owner & 0xFFFFFFFF
    if n[n[TICKET] + slot] == owner >> 32:
        took = now - x[n[job + TIMES] + SENT_AT]
        n[n[SLOT_ROWS] + SLOT_WIDTH * slot + SPOKEN] += 1
        n[FIRSTS] += 1
        x[FIRST_SUM] += took
        row = n[CLASS_ROWS] + n[job + RANK_OF] * CLASS_FIGURES
        n[row + SPOKE] += 1
        n[row + SPOKE_AFTER] += int(took * 1e6)


def lane_done(n: Whole, x: Floats, now: float) -> None:
    """Let the first lane that is done send its job on, and begin with the next in the queue."""
    what = pop(x, n, n[LEAVE_AT], n[LEAVE], n[DEPARTURES])
    n[DEPARTURES] -= 1
    job = what & 0xFFFFFFFF
    if n[job + JOB_TICKET] != what >> 32:  # its client has left, and another has its lane
        return
    n[BUSY] -= 1
    unit = n[job + UNIT_OF]
    if unit >= n[UNITS_UP] and not n[DRAINS]:
        lose(n, job)
    else:
        if n[job + MADE] == 0:
            speak(n, x, job, now)
        if n[job + MADE] >= n[job + ANSWER]:
            release_memory(n, job)
            finish(n, x, job, now)
        else:
            n[job + STATE] = IS_JOINING
            append(n, unit_list(n, unit, JOINING), job)
            touch(n, x, unit, now)
    read_next(n, x, now)


def boundary(n: Whole, x: Floats, unit: int, now: float) -> None:
    """Change a unit's batch between two steps: some leave, some end, some are preempted, or else some join."""
    glide(n, x, unit, n[n[PLANNED] + unit])
    x[n[REACHED] + unit] = now
    n[n[PLANNED] + unit] = 0
    let_go(n, unit)
    of, at = n[ENDING_WHAT] + unit * n[HEAP_ROOM], n[ENDING_AT] + unit * (n[HEAP_ROOM] + 1)
    done = float(n[n[DONE_STEPS] + unit])
    while x[at] <= done:
        what = pop(x, n, at, of, n[n[ENDINGS] + unit])
        n[n[ENDINGS] + unit] -= 1
        job = what & 0xFFFFFFFF
        if n[job + JOB_TICKET] == what >> 32:
            leave_batch(n, unit, job)
            finish(n, x, job, now)
    let_go(n, unit)  # a hedge's other copy may have run beside the one that won
    if not make_room(n, unit):
        admit(n, x, unit)
    plan(n, x, unit)
    read_next(n, x, now)


def ring(n: Whole, x: Floats, now: float) -> None:
    """Act on the first timer: send again, or see a client leave."""
    what = n[n[TIMER]]
    slot = (what & 0xFFFFFFFF) >> 3
    n[RUNG] = 1
    if n[n[TICKET] + slot] == what >> 32:
        obey(n, x, slot, what & 7, now)
    if n[RUNG]:
        n[RUNG] = 0
        pop(x, n, n[TIMER_AT], n[TIMER], n[TIMERS])
        n[TIMERS] -= 1


def obey(n: Whole, x: Floats, slot: int, kind: int, now: float) -> None:
    """Do what a timer that is not stale was set for."""
    if kind == RETRY:
        set_out(n, x, slot, now)
        return
    if kind == PACED:
        ask(n, x, slot, now)
        return
    if kind == HEDGE:
        hedge_job(n, x, slot, now)
        return
    if kind == GIVE_UP:
        if n[n[SLOT_ROWS] + SLOT_WIDTH * slot + SPOKEN] > 0:  # the answer has begun: nobody leaves now
            return
        n[ABANDONED] += 1
    else:
        n[TIMED_OUT] += 1
    if n[OWNED]:
        report(n, x, slot, False, now)
    miss(n, x, slot, now)
    read_next(n, x, now)


def newcomer(n: Whole, x: Floats, now: float) -> None:
    """Let a new request come in, and draw the next. All that is its own is drawn now, whatever becomes of it."""
    n[ARRIVALS] += 1
    n[FREE] -= 1
    slot = n[n[FREE_SLOTS] + n[FREE]]
    if n[FREE] == 0:
        crowd(n)
    n[INFLIGHT] += 1
    x[n[BORN] + slot] = now
    x[n[PREVIOUS] + slot] = 0.0
    n[n[TRIES] + slot] = 1
    n[n[SLOT_ROWS] + SLOT_WIDTH * slot + JOBS] = -1
    n[n[SLOT_ROWS] + SLOT_WIDTH * slot + SPOKEN] = 0
    prompt = length(n, x, x[PROMPT_MEAN], n[CONTEXT] - 1)
    n[n[SLOT_ROWS] + SLOT_WIDTH * slot + ASKED] = prompt
    n[n[SLOT_ROWS] + SLOT_WIDTH * slot + WANTED] = length(n, x, x[ANSWER_MEAN], n[CONTEXT] - prompt)
    if x[PATIENCE] > 0.0:
        x[n[PATIENT_FOR] + slot] = x[PATIENCE] * exponential(n, x, PATIENT)
    assign(n, x, slot)
    n[n[CLASS_ROWS] + n[n[RANK] + slot] * CLASS_FIGURES + CAME] += 1
    draw_arrival(n, x, now)
    set_out(n, x, slot, now)


def change(n: Whole, x: Floats, now: float) -> None:
    """Change the arrival rate and the size of the fleet."""
    place = n[SEGMENT]
    n[SEGMENT] = place + 1
    settle_capacity(n, x, now)
    before = n[UNITS_UP]
    x[RATE] = x[n[SEGMENT_RATE] + place]
    n[SERVERS] = n[n[SEGMENT_SERVERS] + place]
    n[UNITS_UP] = n[n[SEGMENT_UNITS] + place]
    x[NEXT_SEGMENT] = x[n[SEGMENT_AT] + place + 1] if place + 1 < n[SEGMENTS] else FAR
    draw_arrival(n, x, now)
    for unit in range(n[UNITS_UP], before):
        lose_unit(n, x, unit, now)
    read_next(n, x, now)


def run_fleet(n: Whole, x: Floats) -> int:
    """Run until as many requests have arrived as were asked for, or the horizon is reached.

    Args:
        n: The whole numbers of the state, from `deepkit.cluster.fleet.packing`; changed in place.
        x: Its floats; changed in place.

    Returns:
        DONE; CUT when the most events were reached, from where it may go on with more; or NO_ROOM when
        an array was about to overflow: begin again with larger ones.
    """
    while True:
        arrival, lane, timer, unit = x[NEXT_ARRIVAL], x[n[LEAVE_AT]], x[n[TIMER_AT]], x[SOONEST]
        now = min(arrival, lane, timer, unit, x[NEXT_SEGMENT])
        if now >= x[HORIZON]:
            tick(n, x, x[HORIZON])
            break
        tick(n, x, now)
        if unit == now:
            boundary(n, x, n[WHICH], now)
        elif lane == now:
            lane_done(n, x, now)
        elif timer == now:
            ring(n, x, now)
        elif x[NEXT_SEGMENT] == now:
            change(n, x, now)
        else:
            newcomer(n, x, now)
            if n[ARRIVALS] == n[NEXT_SNAP]:
                n[NEXT_SNAP] += n[SNAP_EVERY]
                film(n, x, now)
            if n[ARRIVALS] >= n[TO_ARRIVE]:
                break
        if n[EVENTS] >= n[MOST_EVENTS]:
            return NO_ROOM if n[CROWDED] else CUT
    film(n, x, min(now, x[HORIZON]))
    return DONE
