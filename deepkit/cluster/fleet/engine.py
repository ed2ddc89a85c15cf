"""One run of an LLM fleet: fleet and policy in, figures with their errors out."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from deepkit.cluster import layout as at
from deepkit.cluster.engine import EVENTS_A_REQUEST
from deepkit.cluster.fleet import layout as fl
from deepkit.cluster.fleet.figures import Tier, fleet_figures, rows_of, tiers
from deepkit.cluster.fleet.meters import film
from deepkit.cluster.fleet.model import Fleet
from deepkit.cluster.fleet.packing import packed_fleet
from deepkit.errors import UsageError
from deepkit.records import Policy
from deepkit.retries.check import checked, number
from deepkit.retries.presets import policy_named

BATCHES = 40
WARM_ANSWERS = 6.0
"""A fleet begins empty; what comes in during the time of so many answers, at their slowest, is not counted."""
MOST_ROOM = 1 << 21
MOST_REQUESTS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class FleetOutcome:
    """What a simulated fleet showed, its warm-up left out. Times are in seconds, lengths in tokens.

    Args:
        rejected: Share of attempts rejected because too many waited already.
        success: Share of finished requests that were answered.
        attempts_per_request: Attempts sent for each new request.
        goodput: Requests answered each second.
        tokens_per_s: Tokens of answered requests each second.
        decoded_per_s: Tokens that the decode units wrote each second, those for nobody included.
        first_token_s: Mean time from an attempt to its first token.
        inter_token_s: Mean time from one token to the next of an answer, stalls included.
        time_to_success: Mean time from a request's first attempt to the end of its answer.
        step_s: Mean time of a step of a decode unit.
        streams: Mean number of answers being written, in the whole fleet.
        kv_length: Mean length of the KV cache behind each token that was written.
        kv_share: Share of the units' KV memory in use.
        prefill_utilisation: Share of the lanes' time spent reading prompts.
        decode_utilisation: Share of the units' time spent writing.
        preemptions: Preemptions for want of memory, for each attempt taken in.
        reread_tokens_per_s: Tokens read again after a preemption or the loss of a unit.
        wasted_share: Share of the written tokens whose client had left, or left before the end.
        abandoned: Share of the attempts taken in whose client left before the end of the answer.
        waiting: Mean number waiting, to be read or for memory.
        tiers: What each class of priority met, most important first.
        requests: New requests that came in, warm-up included.
        events: Events simulated: points in time at which something changed.
        steps: Steps of decode units simulated; those in which nothing changes are no events.
        events_per_s: Events simulated each second of real time.
        seconds: Simulated time that was counted.
        stable: False when requests piled up until the end, or the run was cut short.
        note: What is to be known about the figures, "" when nothing.
        errors: Standard error of each figure, by batch means.
    """

    rejected: float
    success: float
    attempts_per_request: float
    goodput: float
    tokens_per_s: float
    decoded_per_s: float
    first_token_s: float
    inter_token_s: float
    time_to_success: float
    step_s: float
    streams: float
    kv_length: float
    kv_share: float
    prefill_utilisation: float
    decode_utilisation: float
    preemptions: float
    reread_tokens_per_s: float
    wasted_share: float
    abandoned: float
    waiting: float
    tiers: tuple[Tier, ...]
    requests: int
    events: int
    steps: int
    events_per_s: float
    seconds: float
    stable: bool
    note: str
    errors: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return the figures as JSON values; those that could not be measured are None."""
        plain = asdict(self)
        plain["errors"] = {name: _finite(value) for name, value in self.errors.items()}
        return {name: _finite(value) if isinstance(value, float) else value for name, value in plain.items()}


def _finite(value: float) -> float | None:
    return value if abs(value) < 1e300 else None


def chosen_policy(fleet: Fleet, policy: Policy | str | None) -> Policy:
    """Return the policy meant: given, given by name, or the fleet's own."""
    if policy is None:
        return fleet.policy
    return policy_named(policy) if isinstance(policy, str) else checked(policy)


def simulate_fleet(
    fleet: Fleet,
    policy: Policy | str | None = None,
    *,
    requests: int = 100_000,
    hours: float | None = None,
    seed: int = 0,
) -> FleetOutcome:
    """Run a policy against an LLM fleet under load.

    Args:
        fleet: The fleet and its clients.
        policy: What every client does after a failure, or a preset's name; None is the fleet's own.
        requests: New requests to count; the fleet begins empty and is filled before that.
        hours: Simulated hours to run instead, the filling included, for a fleet that changes with time.
        seed: Seed of all draws; equal seeds give equal outcomes on every platform.

    Returns:
        The figures, with standard errors. An overload that piles up is reported as not stable,
        and a run whose clients retry without end is cut short and says so.

    Raises:
        UsageError: When the number of requests is not a whole number from 100 to 1e9, the hours are too
            few to fill the fleet or would let in more than that, or the policy cannot run.
    """
    if isinstance(requests, bool) or not isinstance(requests, int):
        raise UsageError(f"requests is {requests!r}; give a whole number from 100 to {MOST_REQUESTS}")
    number("requests", requests, 100, MOST_REQUESTS)
    policy = chosen_policy(fleet, policy)
    limits, most = _limits(fleet, requests, hours)
    from deepkit.cluster.compiled import ready

    ready("run_fleet")  # so that events_per_s tells of the run alone
    began = time.perf_counter()
    end, n, x = finished_fleet(
        fleet,
        policy,
        seed=seed,
        snaps=BATCHES + 2,
        most_events=EVENTS_A_REQUEST * most + 1_000_000,
        **limits,
    )
    took = time.perf_counter() - began
    rows = rows_of(n, x)
    shown = fleet_figures(rows, fleet)
    return FleetOutcome(
        **shown.values,
        tiers=tiers(rows),
        requests=int(n[at.ARRIVALS]),
        events=int(n[at.EVENTS]),
        steps=int(n[fl.STEPS]),
        events_per_s=float(n[at.EVENTS]) / took,
        seconds=shown.seconds,
        stable=shown.stable and end != at.CUT,
        note=_note(end, shown.stable, fleet),
        errors=shown.errors,
    )


def _limits(fleet: Fleet, requests: int, hours: float | None) -> tuple[dict[str, Any], int]:
    """Return where a run ends and when its snapshots are taken, and how many requests that lets in."""
    warm_s = WARM_ANSWERS * fleet.answer_tokens * fleet.slowest_step_s
    if hours is None:
        warm = expected_requests(fleet, warm_s / 3600.0)
        every = requests // BATCHES
        total = warm + every * BATCHES
        return {"requests": total, "first_snap": warm, "snap_every": every}, total
    most, seconds = expected_requests(fleet, hours), hours * 3600.0
    if seconds < 2.0 * warm_s:
        raise UsageError(
            f"{hours:g} hours are too few: the fleet begins empty and needs about {warm_s:.0f} s to fill; "
            f"give at least {2.0 * warm_s / 3600.0:.2g} hours"
        )
    step = (seconds - warm_s) / BATCHES
    return {"horizon_s": seconds, "first_snap_s": warm_s, "snap_step_s": step}, most


def expected_requests(fleet: Fleet, hours: float) -> int:
    """Return how many requests so many hours may bring, at the heaviest load of the fleet's script.

    Raises:
        UsageError: When the hours are not positive, or there would be more than 1e9 requests.
    """
    number("hours", hours, 1e-12, 1e9)
    expected = hours * 3600.0 * fleet.arrival_rate * max([1.0, *(factor for _, factor in fleet.load)])
    if expected > MOST_REQUESTS:
        raise UsageError(f"{hours:g} hours bring about {expected:.3g} requests, too many; shorten the time")
    return int(expected) + 100


def _note(end: int, stable: bool, fleet: Fleet) -> str:
    if end == at.CUT:
        return "Cut short: clients retry so often that the run would not end."
    if not stable:
        return (
            f"Not stable: requests pile up (the load is {fleet.utilisation:.3g} times what the fleet can do); "
            "the figures depend on how long the run is."
        )
    return ""


def finished_fleet(fleet: Fleet, policy: Policy, **run_options: Any) -> tuple[int, Any, Any]:
    """Run the compiled kernel, with ever larger arrays until everything fits.

    Args:
        fleet: The fleet.
        policy: What its clients do.
        **run_options: As for `packed_fleet`.

    Returns:
        How the run ended, and its whole numbers and floats.

    Raises:
        UsageError: When more requests pile up than fit into memory.
    """
    from deepkit.cluster.compiled import finish

    full = fleet.units * fleet.streams + fleet.lanes + min(fleet.queue, 10_000)
    room = (
        1 << min(int(full), MOST_ROOM // 2).bit_length()
    )  # what a full fleet holds; clients may still pile up
    while room <= MOST_ROOM:
        n, x = packed_fleet(fleet, policy, room=room, **run_options)
        end = finish(n, x, "run_fleet")
        if end == at.CUT:
            film(n, x, x[at.NOW])
        if end != at.NO_ROOM:
            return end, n, x
        room *= 4
    raise UsageError(
        f"More than {MOST_ROOM // 4} requests pile up: the load is {fleet.utilisation:.3g} times what the fleet can "
        "do; lower arrival_rate, shorten the queue or give clients some patience"
    )
