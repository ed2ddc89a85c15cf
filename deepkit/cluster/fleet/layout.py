"""Names for the fleet's places in the kernel's two flat arrays, behind those of `deepkit.cluster.layout`.

Clients, their timers, guards and budgets stand where the plain cluster keeps them. A *slot* is a client's
request; a *job* is the work of one attempt, which may outlive its client. A job stands in at most one of
the lists: each list is a ring through NEXT and PREV that begins and ends at its own node.
"""

from deepkit.cluster.layout import COUNTERS, FLOATS, INTS, SUMS

# Counters, copied into each snapshot behind those of the plain cluster.
(FIRSTS, PREEMPTED, LOST, STEPS, DECODED, USEFUL, REREAD, GAPS, WASTED_TOKENS) = range(INTS, INTS + 9)
FLEET_COUNTERS = 9
# The present state, then the configuration.
(UNITS_UP, FREE_JOBS, WHICH, PEAK_KV, UNITS, MEMORY, MOST_STREAMS, HEAP_ROOM, CONTEXT, DRAINS, LENGTHS,
 ROW_LENGTH) = range(INTS + 9, INTS + 21)  # fmt: skip
# Where stretches begin: whole numbers, then floats.
(JOB_STACK, NODES, SLOT_ROWS, BATCH, HELD, RESERVED, COMING, DONE_STEPS, PLANNED, ENDINGS, ENDING_WHAT, CLASS_ROWS,
 SEGMENT_UNITS) = range(INTS + 21, INTS + 34)  # fmt: skip
(PATIENT_FOR, REACHED, NEXT_AT, ENDING_AT) = range(INTS + 34, INTS + 38)
FLEET_INTS = INTS + 38

# A job is named by the place where its row begins: what belongs together lies together. TIMES is the place of its
# floats. A list's own node is the beginning of such a row.
(NEXT, PREV, STATE, JOB_TICKET, MADE, PROMPT, ANSWER, RANK_OF, OWNER_OF, SIBLING, UNIT_OF, TIMES) = range(12)
JOB_WIDTH, NODE = 12, 2
SENT_AT, FIRST_AT = range(2)
# What the fleet keeps of a slot, beside what the plain cluster does: its newest job, both lengths, and copies of the
# present attempt whose first token is out.
JOBS, ASKED, WANTED, SPOKEN = range(4)
SLOT_WIDTH = 4

# Sums, copied into each snapshot behind the plain cluster's.
(FIRST_SUM, GAP_SUM, KV_READ, AREA_STREAMS, AREA_KV, AREA_STEPPING, AREA_UNITS, AREA_LANES, SOJOURN) = range(
    FLOATS, FLOATS + 9
)
FLEET_SUMS = 9
(SOONEST, BASE_STEP, STREAM_STEP, TOKEN_STEP, READ_TOKEN, CACHED, PROMPT_MEAN, ANSWER_MEAN, SPREAD,
 UP_SINCE) = range(FLOATS + 9, FLOATS + 19)  # fmt: skip
FLEET_FLOATS = FLOATS + 19

ROW_COUNTERS = COUNTERS + FLEET_COUNTERS
FIXED_ROW = ROW_COUNTERS + SUMS + FLEET_SUMS
"""Numbers in one snapshot before those of the classes."""
CLASS_FIGURES = 5
CAME, TURNED_AWAY, SPOKE, SPOKE_AFTER, GOT = range(CLASS_FIGURES)
"""Kept for each class: requests, attempts rejected, first tokens, their delays in microseconds, answers."""

MOST_CLASSES = 8
LISTS_OF_A_UNIT = 2 + MOST_CLASSES
OF_UNITS = MOST_CLASSES
JOINING, LEAVING, RUNNING = range(3)
"""Lists: first the queue of each class, then those of each unit, the running ones class by class."""

IN_QUEUE, IN_LANE, IS_JOINING, IS_RUNNING, IS_LEAVING, IS_OVER = range(6)
"""States of a job."""
