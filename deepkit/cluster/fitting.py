"""From measured answers to the cluster that would have given them, and what else would."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deepkit.checks import ChatPlain, ChatStream
from deepkit.cluster.model import Cluster
from deepkit.cluster.worlds import World, loaded, shares, worlds
from deepkit.records import Evidence, Policy
from deepkit.retries.presets import POLICIES
from deepkit.retries.retryability import retryable
from deepkit.statistics import Estimate, effective_size, mean_run, median_interval, wilson

SERVERS, QUEUE = 8, 8
"""Size of the model cluster. What a client can see of it is its load; another size is one of the worlds."""
REJECT_SHARE = 0.01
"""Assumed: saying no costs the servers a hundredth of an answer. That is what makes spamming a loss for all."""
UNKNOWN_SERVICE_S = 10.0
LEAST_LOAD, MOST_LOAD = 0.3, 4.0
RECENT_S = 3600.0
"""Age up to which an answer of the history still tells of the present load, in seconds."""
MOST_KEPT = 10_000
WORLD_REQUESTS = 1500
"""New requests of a run in each world."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What the measurements say of the cluster.

    Args:
        cluster: The cluster whose clients meet that share of failures.
        n: Answers it rests on.
        failures: Those of them that another attempt may cure.
        final: Those that no attempt cures.
        failure_share: Share of failures that another attempt may cure.
        low: Lower end of its 95 % interval (Wilson), widened where failures come in runs.
        high: Upper end.
        load: New work over capacity that explains it; 1 and more cannot all be served.
        load_low: Load that explains the lower end.
        load_high: Load that explains the upper end.
        run_length: Mean number of failures in a row, None where the order is not known.
        runs: Its 95 % interval, None where the order is not known.
        worth: Independent answers that the n are worth, since failures come in runs.
        answer: Median time of an answer in seconds with its 95 % interval; None where none was measured.
        shares: How probable a lasting rate of failures, an outage and a past outage are; see `worlds.shares`.
        lasted_s: How long everything has failed, in seconds, as far as the measurements tell.
        worlds: What explains the failures, each with its weight.
    """

    cluster: Cluster
    n: int
    failures: int
    final: int
    failure_share: float
    low: float
    high: float
    load: float
    load_low: float
    load_high: float
    run_length: float | None
    runs: Estimate | None
    worth: float
    answer: Estimate | None
    shares: Mapping[str, float]
    lasted_s: float
    worlds: tuple[World, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Answers as they were counted."""

    n: int
    passing: int
    final: int
    order: tuple[bool, ...]
    latencies: tuple[float, ...]
    lasted_s: float


def counted(evidence: Evidence, history: Iterable[Any] = ()) -> Seen:
    """Count the answers of a check-up and of recent entries of the history.

    Args:
        evidence: Observations; `chat.stream` and `chat.plain` are used.
        history: Entries with `at`, `ok`, `failure`, `total_s` and `surface`, as `deepkit.history` keeps them;
            those of the API from the last hour before the evidence count.
    """
    n = passing = final = 0
    order: list[bool] = []
    latencies: list[float] = []
    history = _recent(evidence, history)
    for entry in history:
        if entry.ok or retryable(entry.failure):
            n, passing = n + 1, passing + (not entry.ok)
            order.append(not entry.ok)
            latencies += [entry.total_s] if entry.ok and entry.total_s is not None else []
    streamed, whole = evidence.facts(ChatStream), evidence.facts(ChatPlain)
    for chat in (streamed, whole):
        words = f"{chat.error_type or ''} {chat.error_message or ''}"
        n += chat.n or 0
        for failure, count in chat.failures.items():
            if retryable(failure, words):
                passing += count
            else:
                final += count
        if chat is streamed:  # the plain question goes beside these, not after them
            told = chat.sequence
            order += [failure is not None for failure in told if failure is None or retryable(failure, words)]
        took = chat.latencies_s or (chat.end_s,)
        latencies += [one for one in took if one is not None and 1e-3 < one < 1e4]
    kept = tuple(order[-MOST_KEPT:])
    return Seen(n, passing, final, kept, tuple(latencies[-MOST_KEPT:]), _lasted(evidence, history, kept))


def _lasted(evidence: Evidence, history: Sequence[Any], order: Sequence[bool]) -> float:
    """Return for how long everything has failed: since the first failure after the last answer."""
    failing = next((place for place, failed in enumerate(reversed(order)) if not failed), len(order))
    streamed = evidence.get("chat.stream")
    took_s = (streamed.elapsed_s if streamed is not None else None) or 0.0
    asked = len(evidence.facts(ChatStream).sequence)
    if failing <= asked or evidence.at is None:
        return took_s * (min(failing, asked) / asked if asked else 0.0)
    before = [one.at for one in history if one.ok or retryable(one.failure)]
    return float(evidence.at - before[max(0, len(before) - (failing - asked))]) + took_s if before else took_s


def _recent(evidence: Evidence, history: Iterable[Any]) -> list[Any]:
    found = sorted((one for one in history if one.surface == "api"), key=lambda one: float(one.at))
    if not found:
        return []
    now = evidence.at if evidence.at is not None else found[-1].at
    return [one for one in found if now - RECENT_S <= one.at < now or (one.at == now and evidence.at is None)]


def load_for(share: float, cluster: Cluster, others: Policy, seed: int = 0, requests: int = 10_000) -> float:
    """Return the load under which clients of that policy meet that share of rejections.

    Args:
        share: Share of attempts rejected.
        cluster: The cluster; its arrival rate is varied.
        others: What its clients do.
        seed: Seed of the runs; the same for each load, so that the share rises steadily.
        requests: New requests of each run.

    Returns:
        New work over capacity, between LEAST_LOAD and MOST_LOAD.
    """
    from deepkit.cluster.simulation import simulate

    low, high = LEAST_LOAD, MOST_LOAD
    for _ in range(10):
        middle = math.sqrt(low * high)
        if simulate(loaded(cluster, middle), others, requests=requests, seed=seed).blocked < share:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


def fit(
    evidence: Evidence, *, history: Iterable[Any] = (), others: Policy | None = None, seed: int = 0
) -> Fit:
    """Find the cluster that would have given the measured answers.

    Args:
        evidence: Observations; `chat.stream` and `chat.plain` are used.
        history: Recent entries of `deepkit.history`; see `counted`.
        others: What its other clients do; None is the openai SDK's default.
        seed: Seed of the runs that the search makes.

    Returns:
        The cluster with the load that explains the share of failures, and the loads that
        explain the ends of its interval. Without any answer the interval is everything.
    """
    others = others or POLICIES["openai_sdk"]
    seen = counted(evidence, history)
    eligible = max(0, seen.n - seen.final)
    share = seen.passing / eligible if eligible else 0.0
    worth = effective_size(seen.order, eligible)
    low, high = wilson(share * worth, worth)
    answer = median_interval(seen.latencies)
    cluster = _cluster(UNKNOWN_SERVICE_S if answer is None else answer.value, others)
    aimed = min(0.97, max(share, 1e-3))
    load = load_for(aimed, cluster, others, seed)
    if answer is not None:  # an answer's time is its wait and its service; only that is the servers'
        cluster = _cluster(answer.value * _served_share(cluster, load, others, seed), others)
    ends = sorted(load_for(value, cluster, others, seed) for value in (low, high))
    loads = (load, min(load, ends[0]), max(load, ends[1]))
    runs, kinds = mean_run(seen.order), shares(seen.order, eligible, seen.passing)
    return Fit(
        cluster=loaded(cluster, load), n=seen.n, failures=seen.passing, final=seen.final, failure_share=share,
        low=low, high=high, load=load, load_low=loads[1], load_high=loads[2],
        run_length=None if runs is None else runs.value, runs=runs, worth=worth, answer=answer,
        shares=kinds, lasted_s=seen.lasted_s,
        worlds=worlds(
            cluster, share, loads, kinds, WORLD_REQUESTS,
            lambda one, present: load_for(aimed, one, present, seed, requests=4000),
        ),
    )  # fmt: skip


def _cluster(service_s: float, others: Policy) -> Cluster:
    return Cluster(
        SERVERS, QUEUE, SERVERS / service_s, service_s, service_law="erlang", reject_s=REJECT_SHARE * service_s,
        round_trip_s=0.05, policy=others,
    )  # fmt: skip


def _served_share(cluster: Cluster, load: float, others: Policy, seed: int) -> float:
    from deepkit.cluster.simulation import simulate

    wait_s = simulate(loaded(cluster, load), others, requests=10_000, seed=seed).mean_wait
    return cluster.service_s / (cluster.service_s + wait_s) if math.isfinite(wait_s) else 1.0
