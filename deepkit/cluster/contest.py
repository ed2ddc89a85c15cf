"""Policies against each other: what each does for one client, and for all if all did the same."""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace
from typing import Any

from deepkit.cluster.model import Cluster
from deepkit.errors import UsageError
from deepkit.records import Policy
from deepkit.retries.check import checked, number
from deepkit.retries.presets import POLICIES, policy_named
from deepkit.statistics import student_t_95

SHORTLIST = (
    "none", "spam", "guide_ladder", "fixed", "exponential", "full_jitter", "equal_jitter", "decorrelated_jitter",
    "budgeted", "openai_sdk", "litellm", "stamina", "urllib3",
)  # fmt: skip
WATCHED_SHARE = 0.02
UNFAIR = 0.2
"""Harm to everybody, as a share of the present cost, from which on a policy is not recommended."""


@dataclass(frozen=True, slots=True)
class Side:
    """What requests met, as means over seeds.

    Args:
        success: Share answered within their patience.
        time_to_success: Mean seconds to the answer, of those answered.
        attempts: Attempts for each request.
        cost_s: Expected seconds until it is over; a request that fails counts with all of its patience.
        low: Lower end of the 95 % interval of `cost_s`.
        high: Its upper end.
    """

    success: float
    time_to_success: float
    attempts: float
    cost_s: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Standing:
    """One policy's result.

    Args:
        name: The policy's name.
        policy: The policy, with its deadline brought down to the patience.
        alone: What it does for a few clients while the others go on as they do.
        everybody: What it does when all use it.
        harm_s: Seconds that everybody's cost rises over the present when all use it; negative is a gain.
        fair: It raises everybody's cost by no more than a fifth; what does not is ranked behind all that does.
        score_s: What the ranking is by: the mean of both costs, and a price on each extra attempt.
    """

    name: str
    policy: Policy
    alone: Side
    everybody: Side
    harm_s: float
    fair: bool
    score_s: float

    def as_json(self) -> dict[str, Any]:
        """Return the standing as JSON values."""
        return asdict(self)


def played(
    cluster: Cluster, policy: Policy, watched: Policy | None, requests: int, seed: int
) -> tuple[float, ...]:
    """Run once and return counts: finished, answered, attempts, arrivals, and the sum of times to success.

    Args:
        cluster: The cluster; its own policy is not used.
        policy: What clients do.
        watched: What a few do whose fate is returned; None returns everybody's.
        requests: New requests; the first tenth is warm-up.
        seed: Seed of the run.
    """
    from deepkit.cluster.engine import Run, run
    from deepkit.cluster.simulation import EVENTS_A_REQUEST

    wanted = Run(
        seed=seed, watched=watched, watched_share=WATCHED_SHARE, requests=requests,
        snapshot_every=max(1, requests // 10), snapshots=12, most_events=EVENTS_A_REQUEST * requests,
    )  # fmt: skip
    snapshots = run(cluster, policy, wanted).snapshots
    own = "" if watched is None else "watched_"
    names = ("successes", "failed", "attempts", "arrivals", "success_time")
    won, lost, attempts, arrivals, total = (
        float(getattr(snapshots[-1], own + name) - getattr(snapshots[0], own + name)) for name in names
    )
    return won + lost, won, attempts, arrivals, total


def side(runs: Sequence[tuple[float, ...]], patience_s: float) -> Side:
    """Join the runs of several seeds."""
    costs = []
    for finished, won, _, _, total in runs:
        costs.append((total + (finished - won) * patience_s) / finished if finished else patience_s)
    finished, won, attempts, arrivals, total = (math.fsum(column) for column in zip(*runs, strict=True))
    mean = math.fsum(costs) / len(costs)
    half = math.inf
    if len(costs) > 1:
        spread = math.sqrt(math.fsum((cost - mean) ** 2 for cost in costs) / (len(costs) - 1) / len(costs))
        half = spread * student_t_95(len(costs) - 1)
    return Side(
        success=won / finished if finished else 0.0,
        time_to_success=total / won if won else patience_s,
        attempts=attempts / arrivals if arrivals else 0.0,
        cost_s=mean,
        low=mean - half,
        high=mean + half,
    )


def named(policies: Mapping[str, Policy] | Sequence[str] | None) -> dict[str, Policy]:
    """Return policies by name, from a mapping, from presets' names, or the shortlist."""
    if isinstance(policies, Mapping):
        return {name: checked(policy) for name, policy in policies.items()}
    return {name: policy_named(name) for name in (SHORTLIST if policies is None else policies)}


def tournament(
    cluster: Cluster,
    policies: Mapping[str, Policy] | Sequence[str] | None = None,
    *,
    others: Policy | None = None,
    patience_s: float = 120.0,
    requests: int = 20_000,
    seeds: Sequence[int] = (0, 1, 2, 3),
    executor: Executor | None = None,
) -> tuple[Standing, ...]:
    """Let policies compete on one cluster with the same arrivals and the same chances.

    Args:
        cluster: The cluster.
        policies: Policies by name, or names of presets; None is a shortlist of well-known ones.
        others: What the other clients do now; None is the openai SDK's default.
        patience_s: How long anybody waits for an answer; longer deadlines are cut to it.
        requests: New requests of each run.
        seeds: Seeds; every policy meets each of them.
        executor: Runs the runs; None is one after the other in this thread.

    Returns:
        The standings: fair policies first, and among them the best score.

    Raises:
        UsageError: When a number is out of bounds, or there is nothing to compare.
    """
    number("patience_s", patience_s, 1e-9, 1e9)
    number("requests", requests, 1000, 10_000_000)
    contenders = {name: bounded(policy, patience_s) for name, policy in named(policies).items()}
    if not contenders or not seeds:
        raise UsageError("A tournament needs at least one policy and one seed")
    present = bounded(others or POLICIES["openai_sdk"], patience_s)
    jobs: list[tuple[Cluster, Policy, Policy | None, int, int]] = []
    for policy in contenders.values():
        jobs += [(cluster, present, policy, 5 * requests, seed) for seed in seeds]
        jobs += [(cluster, policy, None, requests, seed) for seed in seeds]
    jobs += [(cluster, present, None, requests, seed) for seed in seeds]
    futures = [executor.submit(played, *job) for job in jobs] if executor else None
    results = [future.result() for future in futures] if futures else [played(*job) for job in jobs]
    groups = [side(results[i : i + len(seeds)], patience_s) for i in range(0, len(results), len(seeds))]
    now = groups[-1].cost_s
    standings = []
    for (name, policy), alone, everybody in zip(
        contenders.items(), groups[0:-1:2], groups[1:-1:2], strict=True
    ):
        price = 0.1 * cluster.service_s * max(0.0, (alone.attempts + everybody.attempts) / 2 - 1.0)
        score = (alone.cost_s + everybody.cost_s) / 2 + price
        harm = everybody.cost_s - now
        standings.append(Standing(name, policy, alone, everybody, harm, harm <= UNFAIR * now, score))
    return tuple(sorted(standings, key=lambda standing: (not standing.fair, standing.score_s)))


def bounded(policy: Policy, patience_s: float) -> Policy:
    """Return the policy with its deadline brought down to the patience."""
    own = policy.deadline_s
    return replace(policy, deadline_s=patience_s if own is None else min(own, patience_s))
