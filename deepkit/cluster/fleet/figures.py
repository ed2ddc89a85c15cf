"""From the fleet's snapshots to figures with standard errors."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepkit.cluster import layout as at
from deepkit.cluster.fleet import layout as fl
from deepkit.cluster.fleet.model import Fleet
from deepkit.cluster.summary import Figures, ratio


@dataclass(frozen=True, slots=True)
class Tier:
    """What one class of priority met, most important first; None where nobody of it was seen.

    Args:
        requests: Requests of the class that came in, warm-up left out.
        rejected: Attempts rejected for each request.
        first_token_s: Mean time from an attempt to its first token, in seconds.
        answered: Requests answered for each that came in.
    """

    requests: int
    rejected: float | None
    first_token_s: float | None
    answered: float | None


def counter(place: int) -> int:
    """Return the column of a counter, the plain cluster's or the fleet's."""
    return place if place < at.COUNTERS else at.COUNTERS + place - at.INTS


def total(place: int) -> int:
    """Return the column of a sum, the plain cluster's or the fleet's."""
    inside = place if place < at.SUMS else at.SUMS + place - at.FLOATS
    return fl.ROW_COUNTERS + inside


def rows_of(n: Any, x: Any) -> Any:
    """Return the snapshots of a finished run, one a row."""
    first, length = int(n[at.SNAP_ROWS]), int(n[fl.ROW_LENGTH])
    return np.array(x[first : first + int(n[at.SNAPS]) * length]).reshape(-1, length)


def fleet_figures(rows: Any, fleet: Fleet) -> Figures:
    """Turn snapshots into figures from the first to the last, with errors by batch means.

    Args:
        rows: One row a snapshot: counters, then sums, since the beginning.
        fleet: The fleet they are from.

    Returns:
        The figures; `stable` is False when requests piled up until the end.
    """
    batches = np.diff(rows, axis=0)
    batches = batches[batches[:, total(at.NOW)] > 0].T

    def c(place: int) -> Any:
        return batches[counter(place)]

    def s(place: int) -> Any:
        return batches[total(place)]

    time, done, memory = s(at.NOW), c(at.SUCCESSES) + c(at.FAILED), fleet.unit.memory_tokens
    pairs = {
        "rejected": (c(at.BLOCKED), c(at.ATTEMPTS)),
        "success": (c(at.SUCCESSES), done),
        "attempts_per_request": (c(at.ATTEMPTS), c(at.ARRIVALS)),
        "goodput": (c(at.SUCCESSES), time),
        "tokens_per_s": (c(fl.USEFUL), time),
        "decoded_per_s": (c(fl.DECODED), time),
        "first_token_s": (s(fl.FIRST_SUM), c(fl.FIRSTS)),
        "inter_token_s": (s(fl.GAP_SUM), c(fl.GAPS)),
        "time_to_success": (s(at.SUCCESS_SUM), c(at.SUCCESSES)),
        "step_s": (s(fl.AREA_STEPPING), c(fl.STEPS)),
        "streams": (s(fl.AREA_STREAMS), time),
        "kv_length": (s(fl.KV_READ), c(fl.DECODED)),
        "kv_share": (s(fl.AREA_KV), s(fl.AREA_UNITS) * memory),
        "prefill_utilisation": (s(at.AREA_BUSY), s(fl.AREA_LANES)),
        "decode_utilisation": (s(fl.AREA_STEPPING), s(fl.AREA_UNITS)),
        "preemptions": (c(fl.PREEMPTED), c(at.ACCEPTED)),
        "reread_tokens_per_s": (c(fl.REREAD), time),
        "wasted_share": (c(fl.WASTED_TOKENS), c(fl.DECODED) + c(fl.FIRSTS)),
        "abandoned": (c(at.ABANDONED) + c(at.TIMED_OUT), c(at.ACCEPTED)),
        "waiting": (s(at.AREA_WAITING), time),
    }
    found = {name: ratio(*pair) for name, pair in pairs.items()}
    arrived = float(c(at.ARRIVALS).sum())
    allowed = 0.02 * arrived + 6.0 * math.sqrt(arrived) + fleet.lanes + fleet.units * fleet.streams
    return Figures(
        {name: value for name, (value, _) in found.items()},
        {name: error for name, (_, error) in found.items()},
        float(time.sum()),
        arrived - float(done.sum()) <= allowed,
    )


def tiers(rows: Any) -> tuple[Tier, ...]:
    """Return what each class of priority met from the first snapshot to the last."""
    change = rows[-1] - rows[0]
    classes = change[fl.FIXED_ROW :].reshape(-1, fl.CLASS_FIGURES)
    return tuple(
        Tier(
            requests=int(one[fl.CAME]),
            rejected=_share(one[fl.TURNED_AWAY], one[fl.CAME]),
            first_token_s=_share(one[fl.SPOKE_AFTER] / 1e6, one[fl.SPOKE]),
            answered=_share(one[fl.GOT], one[fl.CAME]),
        )
        for one in classes
    )


def _share(above: float, below: float) -> float | None:
    return float(above / below) if below > 0 else None
