"""The structs of parameters.h as named tuples: the same fields in the same order, eight bytes each."""

from collections import namedtuple
from struct import Struct

NEVER = 1e300
DONE, CUT, NO_ROOM = range(3)
"""How a run ends."""

PolicyStruct = namedtuple(
    "PolicyStruct",
    "kind retries base factor cap jitter jitter_share deadline steps budgeted budget_ratio budget_burst "
    "throttle level window tokens hedge_after",
)
ParametersStruct = namedtuple(
    "ParametersStruct",
    "seed_low seed_high servers queue most_servers classes service_law service_phases samples abandoned_work "
    "clients population segments arrival_rate service service_cv patience timeout failure_share reject "
    "round_trip watched_share requests most_events snapshot_every snapshots changes horizon snapshot_step "
    "policy watched",
)
Snapshot = namedtuple(
    "Snapshot",
    "arrivals attempts blocked accepted waited left successes failed wasted events watched_arrivals "
    "watched_attempts watched_successes watched_failed now success_time waiting_area busy_area open_area "
    "watched_success_time",
)
Change = namedtuple("Change", "when present")
Result = namedtuple("Result", "end snapshots snapshots_at changes changes_at")

_POLICY = "2q6d2q2dq4d"
PACKING: dict[type, Struct] = {
    PolicyStruct: Struct("<" + _POLICY),
    ParametersStruct: Struct("<13q9d5q2d" + 2 * _POLICY),
    Snapshot: Struct("<14q6d"),
    Change: Struct("<dq"),
    Result: Struct("<5q"),
}
"""How each struct lies in memory: q is a whole number, d a float, little end first."""
