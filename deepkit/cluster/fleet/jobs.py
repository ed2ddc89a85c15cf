"""The work of attempts on its way: queue, prefill lane, memory, batch; in Python that numba compiles."""

# isort: off
from deepkit.cluster.layout import Floats, Whole
from deepkit.cluster.fleet.decoding import catch_up, enter_batch, leave_batch, plan, shorten, touch
from deepkit.cluster.fleet.layout import (
    ANSWER, ASKED, BATCH, CACHED, COMING, DRAINS, FREE_JOBS, HELD, IN_LANE, IN_QUEUE, IS_JOINING, IS_LEAVING,
    IS_OVER, IS_RUNNING, JOBS, JOB_STACK, JOB_TICKET, JOINING, LEAVING, LOST, MADE, MEMORY, MOST_STREAMS,
    OWNER_OF, PLANNED, PREEMPTED, PROMPT, RANK_OF, READ_TOKEN, REREAD, RESERVED, RUNNING, SENT_AT, SIBLING, SLOT_ROWS,
    SLOT_WIDTH, STATE, TIMES, UNITS_UP, UNIT_OF, WANTED, WASTED_TOKENS,
)  # fmt: skip
from deepkit.cluster.fleet.lists import append, first, last, prepend, queue_of, unit_list, unlink
from deepkit.cluster.heap import push
from deepkit.cluster.layout import (
    BUSY, CLASSES, DEPARTURES, LEAVE, LEAVE_AT, RANK, LEAVE_ROOM, SERVERS, TICKET, WAITING,
)  # fmt: skip

# isort: on
from deepkit.cluster.station import crowd


def new_job(n: Whole, x: Floats, slot: int, now: float) -> int:
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


def free_job(n: Whole, job: int) -> None:
    """Forget a job that stands in no list; whatever a heap still holds of it is stale."""
    n[job + STATE] = IS_OVER
    n[job + JOB_TICKET] += 1
    n[n[JOB_STACK] + n[FREE_JOBS]] = job
    n[FREE_JOBS] += 1


def reading_time(n: Whole, x: Floats, job: int) -> float:
    """Return the seconds a lane needs for a job: its prompt but for what is cached, and what was written before."""
    prompt, made = n[job + PROMPT], n[job + MADE]
    tokens = prompt - int(x[CACHED] * prompt) + made
    if made > 0:
        n[REREAD] += tokens
    return tokens * x[READ_TOKEN]


def need(n: Whole, job: int) -> int:
    """Return the tokens of KV cache with which a job joins a batch: its prompt, and at least the first token."""
    return n[job + PROMPT] + max(n[job + MADE], 1)


def reserve(n: Whole, x: Floats, tokens: int, now: float) -> int:
    """Promise memory of the unit that has the most of it left; -1 when even there it is too little.

    Memory is promised before a prompt is read, so that no KV cache is computed that has no place to go.
    """
    best, least = -1, n[MEMORY]
    for unit in range(n[UNITS_UP]):
        load = n[n[HELD] + unit] + n[n[RESERVED] + unit]
        if load < least:
            best, least = unit, load
    if best < 0:
        return -1
    batch = n[n[BATCH] + best]
    streams = batch + n[n[COMING] + best]
    spare = n[MEMORY] - n[n[RESERVED] + best] - tokens - streams - 1
    tight = (
        n[n[HELD] + best] + batch * n[n[PLANNED] + best] > spare
    )  # else it fits whatever its next steps bring
    if tight:
        catch_up(n, x, best, now)
    if streams >= n[MOST_STREAMS] or n[n[HELD] + best] > spare:
        return -1
    n[n[RESERVED] + best] += tokens
    n[n[COMING] + best] += 1
    if tight:
        shorten(n, x, best)
    return best


def release_memory(n: Whole, job: int) -> None:
    """Take back what was promised to a job that has not joined."""
    n[n[RESERVED] + n[job + UNIT_OF]] -= need(n, job)
    n[n[COMING] + n[job + UNIT_OF]] -= 1


def start_reading(n: Whole, x: Floats, job: int, unit: int, now: float) -> None:
    """Give a free lane to a job that has been promised memory."""
    n[job + STATE] = IN_LANE
    n[job + UNIT_OF] = unit
    n[BUSY] += 1
    size = n[DEPARTURES]
    if size >= n[LEAVE_ROOM]:
        crowd(n)
        return
    what = (n[job + JOB_TICKET] << 32) | job
    push(x, n, n[LEAVE_AT], n[LEAVE], size, now + reading_time(n, x, job), what)
    n[DEPARTURES] = size + 1


def head(n: Whole) -> int:
    """Return the first job of the most important class that waits; only when somebody does."""
    rank = 0
    while first(n, queue_of(n, rank)) == queue_of(n, rank):
        rank += 1
    return first(n, queue_of(n, rank))


def read_next(n: Whole, x: Floats, now: float) -> None:
    """Give free lanes to those who wait, as far as there is memory; nobody overtakes the head of the line."""
    while n[BUSY] < n[SERVERS] and n[WAITING] > 0:
        job = head(n)
        unit = reserve(n, x, need(n, job), now)
        if unit < 0:
            return
        unlink(n, job)
        n[WAITING] -= 1
        start_reading(n, x, job, unit, now)


def enqueue_job(n: Whole, job: int) -> None:
    """Put a job at the end of its class's queue."""
    n[job + STATE] = IN_QUEUE
    append(n, queue_of(n, n[job + RANK_OF]), job)
    n[WAITING] += 1


def put_back(n: Whole, job: int) -> None:
    """Put a job whose work is lost and done again in front of its class's queue."""
    n[job + STATE] = IN_QUEUE
    prepend(n, queue_of(n, n[job + RANK_OF]), job)
    n[WAITING] += 1


def admit(n: Whole, x: Floats, unit: int) -> None:
    """Let those join whose prompts have been read, as long as everybody's next token fits."""
    node = unit_list(n, unit, JOINING)
    job = first(n, node)
    while job != node:
        if n[n[HELD] + unit] + n[n[RESERVED] + unit] + n[n[BATCH] + unit] + 1 > n[MEMORY]:
            return
        unlink(n, job)
        release_memory(n, job)
        enter_batch(n, x, unit, job)
        job = first(n, node)


def preempt(n: Whole, unit: int) -> None:
    """Take out of a unit whoever joined last of the least important class; its KV cache is computed again."""
    rank = n[CLASSES] - 1
    while first(n, unit_list(n, unit, RUNNING + rank)) == unit_list(n, unit, RUNNING + rank):
        rank -= 1
    job = last(n, unit_list(n, unit, RUNNING + rank))
    leave_batch(n, unit, job)
    n[job + JOB_TICKET] += 1
    put_back(n, job)


def make_room(n: Whole, unit: int) -> bool:
    """Preempt until everybody's next token fits; say whether that was necessary."""
    before = n[PREEMPTED]
    while n[n[HELD] + unit] + n[n[RESERVED] + unit] + n[n[BATCH] + unit] > n[MEMORY]:
        preempt(n, unit)
        n[PREEMPTED] += 1
    return n[PREEMPTED] > before


def let_go(n: Whole, unit: int) -> None:
    """Take those out of a unit's batch whose clients have left."""
    node = unit_list(n, unit, LEAVING)
    job = first(n, node)
    while job != node:
        leave_batch(n, unit, job)
        n[WASTED_TOKENS] += n[job + MADE]
        free_job(n, job)
        job = first(n, node)


def cancel(n: Whole, x: Floats, job: int, now: float) -> None:
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
        release_memory(n, job)
    else:
        unlink(n, job)
        if state == IS_JOINING:
            release_memory(n, job)
        else:
            n[WAITING] -= 1
    n[WASTED_TOKENS] += n[job + MADE]
    free_job(n, job)


def lose_unit(n: Whole, x: Floats, unit: int, now: float) -> None:
    """Take a unit away: its answers are finished first, or they are lost and begun anew elsewhere."""
    if n[DRAINS]:
        return
    catch_up(n, x, unit, now)
    let_go(n, unit)
    node = unit_list(n, unit, JOINING)
    while first(n, node) != node:
        lose(n, first(n, node))
    while n[n[BATCH] + unit] > 0:
        preempt(n, unit)
        n[LOST] += 1
    plan(n, x, unit)


def lose(n: Whole, job: int) -> None:
    """Put back a job whose prompt was read for a unit that has gone."""
    if n[job + STATE] == IS_JOINING:
        unlink(n, job)
    release_memory(n, job)
    n[LOST] += 1
    put_back(n, job)
