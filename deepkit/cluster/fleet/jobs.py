"""The work of attempts on its way: queue, prefill lane, memory, batch; in Python that numba compiles."""

# isort: off
from deepkit.cluster.fleet.decoding import catch_up, enter_batch, fits, leave_batch, plan, touch
from deepkit.cluster.fleet.layout import (
    ANSWER, ASKED, BATCH, CACHED, DRAINS, FREE_JOBS, HELD, IN_LANE, IN_QUEUE, IS_JOINING, IS_LEAVING, IS_OVER,
    IS_READY, IS_RUNNING, JOBS, JOB_STACK, JOB_TICKET, JOINING, LEAVING, LOST, MADE, MEMORY, MOST_STREAMS,
    NEXT_AT, OWNER_OF, PREEMPTED, PROMPT, QUEUE, RANK_OF, READY, READ_TOKEN, REREAD, RESERVED, RUNNING, SENT_AT,
    SIBLING, SLOT_ROWS, SLOT_WIDTH, STALLED, STATE, TIMES, UNITS_UP, UNIT_OF, WANTED, WASTED_TOKENS,
)  # fmt: skip
from deepkit.cluster.fleet.lists import append, first, last, prepend, shared_list, unit_list, unlink
from deepkit.cluster.heap import push
from deepkit.cluster.layout import (
    BUSY, CLASSES, DEPARTURES, LEAVE, LEAVE_AT, RANK, ROOM, SERVERS, TICKET, WAITING,
)  # fmt: skip

# isort: on
from deepkit.cluster.station import crowd


def new_job(n: list[int], x: list[float], slot: int, now: float) -> int:
    """Make a job of a slot's attempt."""
    n[FREE_JOBS] -= 1
    job = n[n[JOB_STACK] + n[FREE_JOBS]]
    if n[FREE_JOBS] == 0:
        crowd(n)
    n[job + OWNER_OF] = (n[n[TICKET] + slot] << 32) | slot
    n[job + PROMPT] = n[n[SLOT_ROWS] + SLOT_WIDTH * slot + ASKED]
    n[job + ANSWER] = n[n[SLOT_ROWS] + SLOT_WIDTH * slot + WANTED]
    n[job + RANK_OF] = n[n[RANK] + slot]
    n[job + MADE] = 0
    n[job + SIBLING] = n[n[SLOT_ROWS] + SLOT_WIDTH * slot + JOBS]
    n[n[SLOT_ROWS] + SLOT_WIDTH * slot + JOBS] = job
    x[n[job + TIMES] + SENT_AT] = now
    return job


def free_job(n: list[int], job: int) -> None:
    """Forget a job that stands in no list; whatever a heap still holds of it is stale."""
    n[job + STATE] = IS_OVER
    n[job + JOB_TICKET] += 1
    n[n[JOB_STACK] + n[FREE_JOBS]] = job
    n[FREE_JOBS] += 1


def reading_time(n: list[int], x: list[float], job: int) -> float:
    """Return the seconds a lane needs for a job: its prompt but for what is cached, and what was written before."""
    prompt, made = n[job + PROMPT], n[job + MADE]
    tokens = prompt - int(x[CACHED] * prompt) + made
    if made > 0:
        n[REREAD] += tokens
    return tokens * x[READ_TOKEN]


def start_reading(n: list[int], x: list[float], job: int, now: float) -> None:
    """Give a free lane to a job."""
    n[job + STATE] = IN_LANE
    n[BUSY] += 1
    size = n[DEPARTURES]
    if size >= n[ROOM]:
        crowd(n)
        return
    what = (n[job + JOB_TICKET] << 32) | job
    push(x, n, n[LEAVE_AT], n[LEAVE], size, now + reading_time(n, x, job), what)
    n[DEPARTURES] = size + 1


def next_to_read(n: list[int]) -> int:
    """Take the first job of the most important class off the queue; -1 when nobody waits there."""
    if n[WAITING] > n[STALLED]:
        for rank in range(n[CLASSES]):
            node = shared_list(n, QUEUE, rank)
            job = first(n, node)
            if job != node:
                unlink(n, job)
                n[WAITING] -= 1
                return job
    return -1


def read_next(n: list[int], x: list[float], now: float) -> None:
    """Give free lanes to those who wait for one."""
    while n[BUSY] < n[SERVERS] and n[WAITING] > n[STALLED]:
        start_reading(n, x, next_to_read(n), now)


def enqueue_job(n: list[int], job: int) -> None:
    """Put a job at the end of its class's queue."""
    n[job + STATE] = IN_QUEUE
    append(n, shared_list(n, QUEUE, n[job + RANK_OF]), job)
    n[WAITING] += 1


def put_back(n: list[int], job: int) -> None:
    """Put a job whose work is lost and done again in front of its class's queue."""
    n[job + STATE] = IN_QUEUE
    prepend(n, shared_list(n, QUEUE, n[job + RANK_OF]), job)
    n[WAITING] += 1


def stall(n: list[int], job: int) -> None:
    """Let a job that has been read wait for memory."""
    n[job + STATE] = IS_READY
    append(n, shared_list(n, READY, n[job + RANK_OF]), job)
    n[STALLED] += 1
    n[WAITING] += 1


def route(n: list[int], x: list[float], job: int, now: float) -> None:
    """Send a job that has been read to the unit with the most free memory, or let it wait for some."""
    need, best, least = n[job + PROMPT] + n[job + MADE], -1, n[MEMORY]
    if n[STALLED] == 0:
        for unit in range(n[UNITS_UP]):
            load = n[n[HELD] + unit] + n[n[RESERVED] + unit]
            if load < least:
                best, least = unit, load
    if best < 0 or least + need + n[n[BATCH] + best] + 1 > n[MEMORY] or n[n[BATCH] + best] >= n[MOST_STREAMS]:
        stall(n, job)
        return
    n[job + STATE] = IS_JOINING
    n[job + UNIT_OF] = best
    n[n[RESERVED] + best] += need
    append(n, unit_list(n, best, JOINING), job)
    touch(n, x, best, now)


def admit(n: list[int], x: list[float], unit: int) -> None:
    """Let those join who were sent here, then those who wait for memory, most important first."""
    node = unit_list(n, unit, JOINING)
    job = first(n, node)
    while job != node:
        need = n[job + PROMPT] + n[job + MADE]
        if n[n[BATCH] + unit] >= n[MOST_STREAMS] or not fits(n, unit, need):
            return
        unlink(n, job)
        n[n[RESERVED] + unit] -= need
        enter_batch(n, x, unit, job)
        job = first(n, node)
    if n[STALLED] == 0 or unit >= n[UNITS_UP]:
        return
    for rank in range(n[CLASSES]):
        node = shared_list(n, READY, rank)
        job = first(n, node)
        while job != node:
            need = n[job + PROMPT] + n[job + MADE]
            if n[n[BATCH] + unit] >= n[MOST_STREAMS] or not fits(n, unit, need):
                return  # nobody overtakes the head of the line
            unlink(n, job)
            n[STALLED] -= 1
            n[WAITING] -= 1
            enter_batch(n, x, unit, job)
            job = first(n, node)


def preempt(n: list[int], x: list[float], unit: int, now: float) -> None:
    """Take out of a unit whoever joined last of the least important class; its KV cache is computed again."""
    rank = n[CLASSES] - 1
    while first(n, unit_list(n, unit, RUNNING + rank)) == unit_list(n, unit, RUNNING + rank):
        rank -= 1
    job = last(n, unit_list(n, unit, RUNNING + rank))
    leave_batch(n, unit, job)
    n[job + JOB_TICKET] += 1
    put_back(n, job)
    read_next(n, x, now)


def make_room(n: list[int], x: list[float], unit: int, now: float) -> bool:
    """Preempt until everybody's next token fits; say whether that was necessary."""
    if n[n[HELD] + unit] + n[n[BATCH] + unit] <= n[MEMORY]:
        return False
    while n[n[HELD] + unit] + n[n[BATCH] + unit] > n[MEMORY]:
        preempt(n, x, unit, now)
        n[PREEMPTED] += 1
    return True


def let_go(n: list[int], unit: int) -> None:
    """Take those out of a unit's batch whose clients have left."""
    node = unit_list(n, unit, LEAVING)
    job = first(n, node)
    while job != node:
        leave_batch(n, unit, job)
        n[WASTED_TOKENS] += n[job + MADE]
        free_job(n, job)
        job = first(n, node)


def cancel(n: list[int], x: list[float], job: int, now: float) -> None:
    """Stop a job wherever it is; one that runs leaves at the end of the present step."""
    state = n[job + STATE]
    if state == IS_OVER:
        return
    if state == IS_RUNNING:
        unlink(n, job)
        append(n, unit_list(n, n[job + UNIT_OF], LEAVING), job)
        n[job + STATE] = IS_LEAVING
        touch(n, x, n[job + UNIT_OF], now)
        return
    if state == IN_LANE:
        n[BUSY] -= 1
    else:
        unlink(n, job)
        if state == IS_JOINING:
            n[n[RESERVED] + n[job + UNIT_OF]] -= n[job + PROMPT] + n[job + MADE]
        else:
            n[WAITING] -= 1
            n[STALLED] -= state == IS_READY
    n[WASTED_TOKENS] += n[job + MADE]
    free_job(n, job)


def lose_unit(n: list[int], x: list[float], unit: int, now: float) -> None:
    """Take a unit away: those who were to join it go elsewhere, its answers are finished first or begun anew."""
    node = unit_list(n, unit, JOINING)
    while first(n, node) != node:
        job = first(n, node)
        unlink(n, job)
        n[n[RESERVED] + unit] -= n[job + PROMPT] + n[job + MADE]
        stall(n, job)
    if not n[DRAINS] and n[n[BATCH] + unit] > 0:
        catch_up(n, x, unit, now)
        let_go(n, unit)
        while n[n[BATCH] + unit] > 0:
            preempt(n, x, unit, now)
            n[LOST] += 1
        plan(n, x, unit)


def wake_idle(n: list[int], x: list[float], now: float) -> None:
    """Let units without a batch look for those who wait for memory."""
    for unit in range(n[UNITS_UP]):
        if n[n[BATCH] + unit] == 0 and x[n[NEXT_AT] + unit] > now:
            touch(n, x, unit, now)
