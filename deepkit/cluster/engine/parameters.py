"""A cluster, its policy and the wishes for a run as the bytes that the engine reads."""

import struct
from dataclasses import dataclass
from itertools import accumulate

from deepkit.cluster.engine.layout import NEVER, PACKING, ParametersStruct, PolicyStruct
from deepkit.cluster.model import SERVICE_LAWS, Cluster
from deepkit.records import Policy
from deepkit.retries.delays import KINDS
from deepkit.retries.throttles import GUARDS

ENDLESS = 1 << 60
WORD = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Run:
    """What is wanted of a run.

    Args:
        seed: Seed of all draws.
        watched: What a few clients do instead of the policy; their fate is counted apart.
        watched_share: How many they are, as a share of the requests.
        requests: Arrivals after which the run ends.
        most_events: Events after which it ends, finished or not.
        horizon_s: Time after which it ends, in seconds.
        snapshot_every: Arrivals between two snapshots.
        snapshot_step_s: Seconds between two snapshots.
        snapshots: Most snapshots; one is taken at the end as well.
        changes: Changes of the number in the cluster that a trace has room for at first; 0 keeps no trace.
    """

    seed: int = 0
    watched: Policy | None = None
    watched_share: float = 0.02
    requests: int = ENDLESS
    most_events: int = ENDLESS
    horizon_s: float = NEVER
    snapshot_every: int = ENDLESS
    snapshot_step_s: float = NEVER
    snapshots: int = 1
    changes: int = 0


def described(cluster: Cluster, policy: Policy, run: Run) -> bytes:
    """Return the engine's input.

    Args:
        cluster: The cluster; its own policy is not used.
        policy: What its clients do.
        run: What is wanted of the run.

    Returns:
        The struct Parameters of parameters.h and the numbers that follow it.
    """
    watched = run.watched or policy
    steps = segments(cluster)
    head = ParametersStruct(
        seed_low=_signed(run.seed & WORD),
        seed_high=_signed(run.seed >> 64 & WORD),
        servers=cluster.servers,
        queue=cluster.queue,
        most_servers=max([cluster.servers, *(servers for _, servers in cluster.capacity)]),
        classes=len(cluster.priorities),
        service_law=SERVICE_LAWS.index(cluster.service_law),
        service_phases=cluster.service_phases,
        samples=len(cluster.service_samples),
        abandoned_work=int(cluster.abandoned_work),
        clients=cluster.owners,
        population=cluster.population or 0,
        segments=len(steps),
        arrival_rate=cluster.rate,
        service=cluster.service_s,
        service_cv=cluster.service_cv,
        patience=cluster.patience_s or 0.0,
        timeout=cluster.timeout_s or 0.0,
        failure_share=cluster.failure_share,
        reject=cluster.reject_s,
        round_trip=cluster.round_trip_s,
        watched_share=run.watched_share if run.watched else 0.0,
        requests=run.requests,
        most_events=run.most_events,
        snapshot_every=run.snapshot_every,
        snapshots=run.snapshots,
        changes=run.changes,
        horizon=run.horizon_s,
        snapshot_step=run.snapshot_step_s,
        policy=_policy(policy),
        watched=_policy(watched),
    )
    numbers = [*cluster.service_samples, *accumulate(cluster.priorities)]
    numbers += [number for step in steps for number in step]
    numbers += [*policy.ladder_s, *watched.ladder_s]
    packed = PACKING[ParametersStruct].pack(*head[:-2], *head.policy, *head.watched)
    return packed + struct.pack(f"<{len(numbers)}d", *numbers)


def segments(cluster: Cluster) -> list[tuple[float, float, int]]:
    """Merge the steps of load and capacity: times, arrival rates and servers from then on."""
    times = sorted({time for time, _ in cluster.load} | {time for time, _ in cluster.capacity})
    merged, factor, servers = [], 1.0, cluster.servers
    for time in times:
        factor = dict(cluster.load).get(time, factor)
        servers = dict(cluster.capacity).get(time, servers)
        merged.append((time, factor * cluster.rate, servers))
    return merged


def _policy(policy: Policy) -> PolicyStruct:
    return PolicyStruct(
        kind=KINDS.index(policy.kind),
        retries=policy.retries,
        base=policy.base_s,
        factor=policy.factor,
        cap=policy.cap_s,
        jitter=policy.jitter_s,
        jitter_share=policy.jitter_share,
        deadline=NEVER if policy.deadline_s is None else policy.deadline_s,
        steps=len(policy.ladder_s),
        budgeted=int(policy.budget_ratio is not None),
        budget_ratio=policy.budget_ratio or 0.0,
        budget_burst=policy.budget_burst,
        throttle=GUARDS.index(policy.guard),
        level=policy.guard_level,
        window=policy.guard_window_s,
        tokens=policy.guard_tokens,
        hedge_after=NEVER if policy.hedge_after_s is None else policy.hedge_after_s,
    )


def _signed(word: int) -> int:
    return word - (word >> 63 << 64)
