"""Policies of real calls, in Python, and of simulated ones, in C: equal to the last bit."""

import math
from random import Random

import pytest

from deepkit.cluster import Cluster
from deepkit.cluster.engine.module import Instance
from deepkit.cluster.engine.parameters import Run, described
from deepkit.records import Policy
from deepkit.retries import KINDS, delay
from deepkit.retries.arithmetic import cube_root, exp, log
from deepkit.retries.budget import Bucket
from deepkit.retries.check import checked
from deepkit.retries.throttles import GUARDS, drop_chance, fresh, heard, may_retry, send_time

HOUSE = Cluster(1, 1, 1.0, 1.0)
ROUNDS, PER_ROUND = 20, 500


def drawn(rng: Random) -> Policy:
    """Any policy that can be run."""

    def seconds() -> float:
        return rng.choice([0.0, 0.001, 1.0, rng.uniform(0.0, 100.0), 10 ** rng.uniform(-6, 9)])

    kind = rng.choice(KINDS)
    return checked(
        Policy(
            kind, retries=rng.choice([0, 3, 10, 1_000_000]), base_s=seconds(), cap_s=seconds(),
            ladder_s=tuple(seconds() for _ in range(rng.randrange(1, 6))), factor=rng.choice([1.0, 2.0, rng.uniform(1, 1000)]),
            jitter_s=seconds(), jitter_share=rng.random(), deadline_s=rng.choice([None, seconds()]),
            guard=rng.choice(GUARDS), guard_level=10 ** rng.uniform(-6, 4), guard_window_s=10 ** rng.uniform(-6, 9),
            guard_tokens=10 ** rng.uniform(-6, 6), budget_ratio=rng.choice([0.0, 0.1, rng.uniform(0, 2)]),
            budget_burst=rng.choice([0.0, 5.0, rng.uniform(0, 20)]),
        )
    )  # fmt: skip


def client(policy: Policy) -> Instance:
    """The engine with that policy taken over."""
    instance = Instance(described(HOUSE, policy, Run()))
    instance.call("describe")
    return instance


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_waits_and_throttles_are_those_of_real_calls(seed: int) -> None:
    """Ten thousand random policies in random histories: each wait, each answer of the throttle and of the budget."""
    rng = Random(seed)
    for _ in range(PER_ROUND):
        policy = drawn(rng)
        simulated, previous = client(policy), 0.0
        for attempt in (1, 2, 3, rng.randrange(4, 200), 1_000_000):
            u = rng.choice([0.0, rng.random(), 1.0 - 2.0**-53])
            wait = delay(policy, attempt, previous, u)
            assert simulated.call("one_delay", float(attempt), previous, u) == wait
            previous = wait
        follow(policy, simulated, rng)


def follow(policy: Policy, simulated: Instance, rng: Random) -> None:
    """Lead both throttles and both budgets through one history of attempts."""
    kind, level, window, tokens = (
        GUARDS.index(policy.guard),
        policy.guard_level,
        policy.guard_window_s,
        policy.guard_tokens,
    )
    real, now = fresh(kind, tokens), 0.0
    bucket = Bucket(policy.budget_ratio or 0.0, policy.budget_burst)
    simulated.call("one_begin")
    for _ in range(rng.randrange(2, 15)):
        now += rng.choice([0.0, rng.expovariate(1.0), 100.0 * rng.random()])
        latest = now + rng.uniform(0.0, 5.0)
        assert simulated.call("one_drop_chance", now) == drop_chance(kind, level, window, real, 0, now)
        assert simulated.call("one_send_time", now, latest) == send_time(kind, real, 0, now, latest)
        answered = rng.random() < 0.5
        heard(kind, answered, level, window, tokens, real, 0, now)
        simulated.call("one_hear", int(answered), now)
        assert bool(simulated.call("one_may_retry")) == may_retry(kind, level, tokens, real, 0)
        for _ in range(rng.randrange(3)):
            bucket.earn()
            assert simulated.call("one_earn") == bucket.tokens
        assert bool(simulated.call("one_spend")) == bucket.spend()


@pytest.mark.parametrize(
    ("ours", "low", "high"), [(exp, -700.0, 700.0), (log, 1e-300, 1e300), (log, 0.5, 2.0)]
)
def test_arithmetic_is_that_of_the_library_but_for_two_units(ours: object, low: float, high: float) -> None:
    """The exponential and the logarithm are within two units in the last place of the system's own."""
    theirs = math.exp if ours is exp else math.log
    rng = Random(1)
    for _ in range(20_000):
        x = rng.uniform(low, high)
        assert abs(ours(x) - theirs(x)) <= 2 * math.ulp(theirs(x))  # type: ignore[operator]


def test_edges_of_the_arithmetic() -> None:
    """Far out, exp is 0 or infinite; the logarithm of 1 is 0; a cube root of a cube is its side."""
    assert exp(-1e9) == 0.0
    assert exp(1e9) == math.inf
    assert exp(0.0) == 1.0
    assert log(1.0) == 0.0
    assert cube_root(27.0) == pytest.approx(3.0, rel=1e-15)
