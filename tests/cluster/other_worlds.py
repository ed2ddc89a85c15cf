"""Worlds that the advice does not assume, made by a simulator of their own that shares no line with the engine.

A first-come station with given service times needs no list of events for its servers: when an attempt is let in, the
time at which it starts follows from the earliest free server (Kiefer and Wolfowitz 1955). One client more or less
changes nothing for the others, so that what a policy does for one is read off the history of the present clients.
"""

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush, heapreplace
from itertools import count
from random import Random

from deepkit.records import Policy
from deepkit.retries import POLICIES, delay

PATIENCE_S = 120.0
ROUND_TRIP_S = 0.1
RETRY_AFTER = Policy("additive_jitter", retries=6, base_s=30.0, factor=1.0, cap_s=60.0, jitter_s=8.0)
"""Clients that obey a Retry-After of half a minute."""


@dataclass(frozen=True)
class World:
    """A station, its clients and its troubles; times in seconds.

    Args:
        kind: Family it is of.
        servers: Served at once.
        queue: Waiting places.
        rate: New questions a second.
        service: Draws a service time.
        mix: What the clients do, each with its share.
        reject_s: Work of saying no.
        stray: Share of questions that fail whatever the load.
        dead: Times from which and until which everything fails.
        swing: Depth of a slow wave of the rate, and its period.
        asked_at: When the one who wants advice begins to ask.
    """

    kind: str
    servers: int
    queue: int
    rate: float
    service: Callable[[Random], float]
    mix: tuple[tuple[Policy, float], ...]
    reject_s: float
    stray: float = 0.0
    dead: tuple[tuple[float, float], ...] = ()
    swing: tuple[float, float] = (0.0, 1.0)
    asked_at: float | None = None
    until: float | None = None

    def down(self, at: float) -> bool:
        """Whether it is dead at that time."""
        return any(begin <= at < end for begin, end in self.dead)


@dataclass
class Past:
    """The station's history: when an attempt at any time would have found a server."""

    times: list[float] = field(default_factory=list)
    earliest: list[float] = field(default_factory=list)
    let_in: list[int] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)

    def start(self, world: World, at: float) -> float | None:
        """When one more attempt would have started, None when it would have been turned away."""
        place = bisect_right(self.times, at) - 1
        if place < 0:
            return at
        waiting = self.let_in[place] - bisect_right(self.starts, at)
        if self.earliest[place] > at and waiting >= world.queue:
            return None
        return max(at, self.earliest[place])


def next_wait(
    policy: Policy, tries: int, previous: float, now: float, born: float, rng: Random, bucket: list[float]
) -> float | None:
    """The wait before the next attempt, None when the policy gives up."""
    if policy.kind == "none" or tries > policy.retries:
        return None
    wait = delay(policy, tries, previous, rng.random())
    if now + wait - born >= min(policy.deadline_s or math.inf, PATIENCE_S):
        return None
    if policy.budget_ratio is not None:
        if bucket[0] < 1.0 - 1e-9:
            return None
        bucket[0] -= 1.0
    return wait


def earn(policy: Policy, bucket: list[float]) -> None:
    """A new question earns its share of a retry."""
    if policy.budget_ratio is not None:
        bucket[0] = min(policy.budget_burst, bucket[0] + policy.budget_ratio)


Fate = tuple[float, bool, float, int]
"""When a question came, whether it was answered, after how long, and in how many attempts."""


def live(
    world: World, mix: Sequence[tuple[Policy, float]], seconds: float, seed: int
) -> tuple[list[Fate], Past]:
    """Let clients of a mix live through so many seconds; their questions' fates and the station's history."""
    rng, past, number = Random(seed), Past(), count()
    policies, weights = [one for one, _ in mix], [weight for _, weight in mix]
    buckets = {id(one): [one.budget_burst] for one in policies}
    free, waiting, fates, spent = [0.0] * world.servers, deque[float](), [], 0.0
    heapify(free)
    depth, period = world.swing
    events: list[tuple[float, int, float, Policy, int, float]] = []
    at = 0.0
    while (at := at + rng.expovariate(world.rate * (1 + depth))) < seconds:
        if rng.random() * (1 + depth) < 1 + depth * math.sin(2 * math.pi * at / period):
            heappush(events, (at, next(number), at, rng.choices(policies, weights)[0], 1, 0.0))
    while events:
        at, _, born, policy, tries, previous = heappop(events)
        bucket = buckets[id(policy)]
        if tries == 1:
            earn(policy, bucket)
        ended = at + ROUND_TRIP_S
        answered = False
        if not world.down(at):
            while waiting and waiting[0] <= at:
                waiting.popleft()
            if free[0] > at and len(waiting) >= world.queue:
                spent += world.reject_s
            else:
                begin = max(at, free[0])
                ended = begin + world.service(rng)
                heapreplace(free, ended + spent)  # saying no took the time of whoever is free next
                spent = 0.0
                if begin > at:
                    waiting.append(begin)
                    past.starts.append(begin)
                    ordered(past.starts)
                answered = rng.random() >= world.stray
            past.times.append(at)
            past.earliest.append(free[0])
            past.let_in.append(len(past.starts))
        wait = None if answered else next_wait(policy, tries, previous, ended, born, rng, bucket)
        if wait is None:
            fates.append((born, answered, ended - born, tries))
        else:
            heappush(events, (ended + wait, next(number), born, policy, tries + 1, wait))
    return fates, past


def ordered(starts: list[float]) -> None:
    """First come, first served: a start never lies before the one before it."""
    if len(starts) > 1 and starts[-1] < starts[-2]:
        starts[-1] = starts[-2]


def one_more(world: World, past: Past, policy: Policy, born: Sequence[float], seed: int) -> list[Fate]:
    """What becomes of single questions of a client with that policy among the present clients."""
    rng, bucket, fates = Random(seed), [policy.budget_burst], []
    for asked in born:
        earn(policy, bucket)
        at, tries, wait = asked, 1, 0.0
        while True:
            begin = None if world.down(at) else past.start(world, at)
            ended = at + ROUND_TRIP_S if begin is None else begin + world.service(rng)
            answered = begin is not None and rng.random() >= world.stray
            following = None if answered else next_wait(policy, tries, wait, ended, asked, rng, bucket)
            if following is None:
                break
            at, wait, tries = ended + following, following, tries + 1
        fates.append((asked, answered, ended - asked, tries))
    return fates


def cost(fates: Sequence[Fate]) -> tuple[float, float]:
    """Mean seconds until a question is over, a failed one counting with all the patience, and mean attempts."""
    spent = math.fsum(took if answered else PATIENCE_S for _, answered, took, _ in fates)
    return spent / len(fates), sum(tries for *_, tries in fates) / len(fates)


def drawn(kind: str, rng: Random) -> World:
    """A world of a family: full, swinging, obeying, stray, dead or flapping."""
    mean_s = math.exp(rng.uniform(0.0, math.log(12.0)))
    law = rng.choice(["lognormal", "constant", "exponential", "two"])
    service: Callable[[Random], float] = {
        "lognormal": lambda r: mean_s * r.lognormvariate(-0.32, 0.8),
        "constant": lambda r: mean_s,
        "exponential": lambda r: r.expovariate(1 / mean_s),
        "two": lambda r: mean_s * (0.5 if r.random() < 0.8 else 3.0),
    }[law]
    servers = rng.choice([4, 8, 12, 24, 40])
    queue = round(servers * math.exp(rng.uniform(math.log(0.5), math.log(4.0))))
    names = rng.sample(
        [
            "none",
            "openai_sdk",
            "litellm",
            "full_jitter",
            "httpx_retries",
            "guide_ladder",
            "stamina",
            "botocore",
        ],
        4,
    )
    mix = tuple((POLICIES[name], rng.uniform(0.2, 1.0)) for name in names)
    load = {
        "full": rng.uniform(1.0, 2.5),
        "swinging": rng.uniform(0.8, 1.3),
        "obeying": rng.uniform(1.0, 2.0),
    }.get(kind, rng.uniform(0.4, 0.8))
    world = {
        "servers": servers, "queue": queue, "rate": load * servers / mean_s, "service": service, "mix": mix,
        "reject_s": mean_s * math.exp(rng.uniform(math.log(0.001), math.log(0.03))),
    }  # fmt: skip
    if kind == "swinging":
        world["swing"] = (rng.uniform(0.3, 0.8), rng.uniform(100.0, 1000.0))
    if kind == "obeying":
        world["mix"] = ((RETRY_AFTER, 1.0),)
    if kind == "stray":
        world["stray"] = rng.uniform(0.05, 0.7)
    if kind == "dead":
        left = math.exp(rng.uniform(math.log(60.0), math.log(3600.0)))
        world |= {"dead": ((300.0, 420.0 + left),), "asked_at": 301.0, "until": 420.0}
    if kind == "flapping":
        up, down = rng.uniform(60.0, 400.0), rng.uniform(30.0, 300.0)
        world["dead"] = tuple(
            (200.0 + up + k * (up + down), 200.0 + (k + 1) * (up + down)) for k in range(40)
        )
    return World(kind, **world)  # type: ignore[arg-type]
