"""Fleet and policy into the kernel's arrays."""

import math
from array import array

from deepkit.cluster import layout as at
from deepkit.cluster.fleet import layout as fl
from deepkit.cluster.fleet.model import LENGTH_LAWS, Fleet
from deepkit.cluster.heap import FAR
from deepkit.cluster.packing import lay, lay_policy, owned
from deepkit.cluster.rng import seeded, signed, ziggurat
from deepkit.cluster.station import draw_arrival
from deepkit.records import Policy
from deepkit.retries.throttles import GUARDS, fresh


def packed_fleet(
    fleet: Fleet,
    policy: Policy,
    *,
    seed: int,
    room: int = 1024,
    requests: int = 1 << 60,
    most_events: int = 1 << 60,
    horizon_s: float = FAR,
    first_snap: int = 1 << 60,
    snap_every: int = 1 << 60,
    first_snap_s: float = FAR,
    snap_step_s: float = FAR,
    snaps: int = 0,
) -> tuple["array[int]", "array[float]"]:
    """Return the state of a run about to begin, with nobody there.

    Args:
        fleet: The fleet.
        policy: What its clients do.
        seed: Seed of all draws.
        room: Requests, jobs, timers and lanes there is room for.
        requests: Arrivals after which the run ends.
        most_events: Events after which it ends, finished or not.
        horizon_s: Time after which it ends.
        first_snap: Arrivals before the first snapshot.
        snap_every: Arrivals between two snapshots.
        first_snap_s: Seconds before the first snapshot.
        snap_step_s: Seconds between two snapshots.
        snaps: Snapshots there is room for.

    Returns:
        The kernel's whole numbers and its floats.
    """
    n, x = numbers(fleet, room)
    n[at.TO_ARRIVE], n[at.SNAP_EVERY], n[at.NEXT_SNAP] = requests, snap_every, first_snap
    n[at.SNAP_ROOM], n[at.MOST_EVENTS] = snaps, most_events
    x[at.HORIZON], x[at.SNAP_STEP], x[at.NEXT_SNAP_AT] = horizon_s, snap_step_s, first_snap_s
    for stream in range(at.STREAMS):
        words = at.WORDS + 4 * stream
        n[words : words + 4] = array("q", map(signed, seeded(seed, stream)))
        n[at.DRAWN + stream] = at.BUFFER
    edges, heights = ziggurat()
    x[at.EDGES : at.EDGES + 257], x[at.HEIGHTS : at.HEIGHTS + 257] = array("d", edges), array("d", heights)
    lay_clients(fleet, policy, n, x, room)
    lay_jobs(fleet, n, x, room)
    lay_units(fleet, n, x)
    n[fl.ROW_LENGTH] = fl.FIXED_ROW + fl.CLASS_FIGURES * len(fleet.priorities)
    lay(n, x, at.SNAP_ROWS, [0.0] * (n[fl.ROW_LENGTH] * snaps))
    lay_changes(fleet, n, x)
    draw_arrival(n, x, 0.0)
    return n, x


def numbers(fleet: Fleet, room: int) -> tuple["array[int]", "array[float]"]:
    """Return the kernel's single numbers."""
    n, x, unit = array("q", [0]) * fl.FLEET_INTS, array("d", [0.0]) * fl.FLEET_FLOATS, fleet.unit
    n[at.SERVERS], n[at.Q_LIMIT] = fleet.lanes, fleet.queue
    n[at.LEAVE_ROOM] = n[at.TIMER_ROOM] = room
    n[at.CLASSES], n[at.GHOSTS], n[at.CLIENTS] = (
        len(fleet.priorities),
        int(fleet.abandoned_work),
        fleet.clients,
    )
    n[at.FREE] = n[fl.FREE_JOBS] = room
    n[fl.UNITS] = n[fl.UNITS_UP] = fleet.units
    n[fl.MEMORY], n[fl.CONTEXT], n[fl.DRAINS] = unit.memory_tokens, fleet.context, int(fleet.drains)
    n[fl.MOST_STREAMS] = fleet.streams_per_gpu * fleet.unit_gpus
    n[fl.HEAP_ROOM] = 2 * min(n[fl.MOST_STREAMS], room) + 64
    n[fl.LENGTHS] = LENGTH_LAWS.index(fleet.length_law)
    x[at.PATIENCE], x[at.TIMEOUT] = fleet.patience_s or 0.0, fleet.timeout_s or 0.0
    x[at.ROUND_TRIP], x[at.RATE] = fleet.round_trip_s, fleet.arrival_rate
    x[at.NEXT_SEGMENT] = x[at.NEXT_SNAP_AT] = x[at.HORIZON] = x[fl.SOONEST] = FAR
    x[fl.BASE_STEP], x[fl.STREAM_STEP], x[fl.TOKEN_STEP] = unit.base_s, unit.stream_s, unit.token_s
    x[fl.READ_TOKEN], x[fl.CACHED] = unit.prefill_token_s, fleet.prefix_hit
    x[fl.PROMPT_MEAN], x[fl.ANSWER_MEAN] = fleet.prompt_tokens, fleet.answer_tokens
    x[fl.SPREAD] = math.sqrt(math.log1p(fleet.length_cv**2))
    return n, x


def lay_clients(fleet: Fleet, policy: Policy, n: "array[int]", x: "array[float]", room: int) -> None:
    """Lay the slots of requests, their timers, and what their clients keep beyond one of them."""
    for where in (at.TICKET, at.TRIES, at.OWNER, at.GROUP, at.RANK, at.SERVED, at.TIMER, at.LEAVE):
        lay(n, n, where, [0] * room)
    lay(n, n, fl.SLOT_ROWS, [-1] * (fl.SLOT_WIDTH * room))
    lay(n, n, at.FREE_SLOTS, range(room - 1, -1, -1))
    lay(n, n, fl.CLASS_ROWS, [0] * (fl.CLASS_FIGURES * len(fleet.priorities)))
    for where, count, value in (
        (at.BORN, room, 0.0), (at.PREVIOUS, room, 0.0), (fl.PATIENT_FOR, room, 0.0), (at.LEAVE_AT, room + 1, FAR),
        (at.TIMER_AT, room + 1, FAR), (at.TOKENS, fleet.clients + 1, policy.budget_burst),
    ):  # fmt: skip
        lay(n, x, where, [value] * count)
    lay(n, x, at.GUARD_AT, fresh(GUARDS.index(policy.guard), policy.guard_tokens) * (fleet.clients + 1))
    n[at.OWNED] = int(owned(policy))
    for group in (0, 1):
        lay_policy(n, x, policy, group)
    lay(n, x, at.SHARES, [sum(fleet.priorities[: place + 1]) for place in range(len(fleet.priorities))])


def lay_jobs(fleet: Fleet, n: "array[int]", x: "array[float]", room: int) -> None:
    """Lay the jobs and the lists they stand in."""
    rows, times = len(n), len(x)
    n.extend([0] * (fl.JOB_WIDTH * room))
    x.extend([0.0] * (2 * room))
    for job in range(room):
        n[rows + job * fl.JOB_WIDTH + fl.TIMES] = times + 2 * job
    lay(n, n, fl.JOB_STACK, range(rows + (room - 1) * fl.JOB_WIDTH, rows - 1, -fl.JOB_WIDTH))
    nodes = len(n)
    lay(n, n, fl.NODES, [0] * (fl.NODE * (fl.OF_UNITS + fl.LISTS_OF_A_UNIT * fleet.units)))
    for node in range(nodes, len(n), fl.NODE):  # an empty list leads back to its own node
        n[node + fl.NEXT] = n[node + fl.PREV] = node


def lay_units(fleet: Fleet, n: "array[int]", x: "array[float]") -> None:
    """Lay the decode units and the ends of the answers they write."""
    units = fleet.units
    for where in (fl.BATCH, fl.HELD, fl.RESERVED, fl.COMING, fl.DONE_STEPS, fl.PLANNED, fl.ENDINGS):
        lay(n, n, where, [0] * units)
    lay(n, n, fl.ENDING_WHAT, [0] * (n[fl.HEAP_ROOM] * units))
    lay(n, x, fl.REACHED, [0.0] * units)
    lay(n, x, fl.NEXT_AT, [FAR] * units)
    lay(n, x, fl.ENDING_AT, [FAR] * ((n[fl.HEAP_ROOM] + 1) * units))


def changes(fleet: Fleet) -> list[tuple[float, float, int, int]]:
    """Merge the steps of load and capacity: times, arrival rates, lanes and units from then on."""
    times = sorted({time for time, _ in fleet.load} | {time for time, _ in fleet.capacity})
    merged, factor, share = [], 1.0, 1.0
    for time in times:
        factor = dict(fleet.load).get(time, factor)
        share = dict(fleet.capacity).get(time, share)
        there = round(share * fleet.lanes), round(share * fleet.units)
        merged.append((time, factor * fleet.arrival_rate, *there))
    return merged


def lay_changes(fleet: Fleet, n: "array[int]", x: "array[float]") -> None:
    """Lay the changes of load and capacity."""
    steps = changes(fleet)
    n[at.SEGMENTS] = len(steps)
    lay(n, x, at.SEGMENT_AT, [step[0] for step in steps])
    lay(n, x, at.SEGMENT_RATE, [step[1] for step in steps])
    lay(n, n, at.SEGMENT_SERVERS, [step[2] for step in steps])
    lay(n, n, fl.SEGMENT_UNITS, [step[3] for step in steps])
    if steps:
        x[at.NEXT_SEGMENT] = steps[0][0]
