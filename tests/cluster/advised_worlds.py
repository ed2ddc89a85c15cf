"""The advice against worlds that it does not assume: what it says there, and what would have been best."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from deepkit.cluster import recommend
from deepkit.cluster.advice import BRISK, Recommendation
from deepkit.cluster.contest import UNFAIR, named
from deepkit.records import Evidence, Policy
from deepkit.retries import POLICIES
from tests.cluster.other_worlds import PATIENCE_S, Past, World, cost, drawn, live, one_more
from tests.observed import observed

KINDS = (
    ("full",) * 8 + ("swinging",) * 2 + ("obeying",) * 2 + ("stray",) * 3 + ("dead",) * 3 + ("flapping",) * 2
)
"""One round of worlds."""


@dataclass(frozen=True)
class Result:
    """What the advice was worth in one world: score over the best fair one's, and harm to everybody over the present."""

    kind: str
    failed: str
    name: str
    best: str
    regret: float
    harm: float
    sure: bool

    @property
    def good(self) -> bool:
        """Within a tenth of the best."""
        return self.regret <= 1.1

    @property
    def harmful(self) -> bool:
        """Everybody would lose more than a fifth if all did it."""
        return self.harm > UNFAIR


def seen(world: World, past: Past, rng: Random, seconds: float) -> Evidence:
    """What somebody who asks now and then sees of the world."""
    n = rng.choice([10, 20, 40])
    at = world.asked_at if world.asked_at is not None else rng.uniform(0.15, 0.3) * seconds
    spacing = 118.0 / n if world.asked_at is not None else rng.uniform(2.0, 8.0)
    fates = one_more(
        world, past, POLICIES["none"], [at + k * spacing for k in range(n)], rng.randrange(10**6)
    )
    order = [None if answered else "http_503" for _, answered, _, _ in fates]
    took = [took for _, answered, took, _ in fates if answered]
    failed = len(order) - len(took)
    facts: dict[str, Any] = {"n": n, "ok": len(took), "failures": {"http_503": failed} if failed else {}, "sequence": order,
             "latencies_s": took}  # fmt: skip
    return Evidence((observed("chat.stream", "fault" if failed else "ok", **facts),))


def scores(
    world: World, policies: dict[str, Policy], questions: int, seed: int
) -> dict[str, tuple[float, float]]:
    """For each policy its score, as the tournament counts it, and its harm to everybody."""
    seconds = window(world, questions)[1] + 2 * PATIENCE_S
    begin, end = window(world, questions)
    present, past = live(world, world.mix, seconds, seed)
    rng = Random(seed + 1)
    born = sorted(rng.uniform(begin, end) for _ in range(questions))
    now, _ = cost([one for one in present if begin <= one[0] < end])
    mean_s = sum(world.service(rng) for _ in range(2000)) / 2000
    found = {}
    for name, policy in policies.items():
        alone, tries = cost(one_more(world, past, policy, born, seed + 2))
        fates, _ = live(world, [(policy, 1.0)], seconds, seed)
        everybody, all_tries = cost([one for one in fates if begin <= one[0] < end])
        price = 0.1 * mean_s * max(0.0, (tries + all_tries) / 2 - 1.0)
        found[name] = ((alone + everybody) / 2 + price, everybody / now - 1.0)
    return found


def window(world: World, questions: int) -> tuple[float, float]:
    """From when and until when questions are counted."""
    if world.until is not None:
        return world.until, world.until + PATIENCE_S
    span = max(questions / world.rate, 10 * PATIENCE_S)
    return 0.15 * span, 1.15 * span


def judged(kind: str, seed: int, questions: int = 1500) -> Result:
    """Ask for advice in a drawn world and compare it with what would have been best there."""
    rng = Random(seed)
    world = drawn(kind, rng)
    seconds = window(world, questions)[1] + 2 * PATIENCE_S
    _, past = live(world, world.mix, seconds, seed + 10)
    evidence = seen(world, past, rng, seconds)
    advice = recommend(evidence, patience_s=PATIENCE_S)
    policies = {name: policy for name, policy in named(None).items() if name != "spam"} | {"brisk": BRISK}
    found = scores(world, policies | {advice.name: advice.policy}, questions, seed + 20)
    return result(world.kind, advice, found)


def result(kind: str, advice: Recommendation, found: dict[str, tuple[float, float]]) -> Result:
    """Compare the advice with the best policy that harms nobody much."""
    fair = {name: score for name, (score, harm) in found.items() if harm <= UNFAIR}
    best = min(fair, key=lambda name: fair[name])
    score, harm = found[advice.name]
    failed = f"{round(advice.expected['failure_share'] * advice.expected['n'])}/{advice.expected['n']}"
    return Result(kind, failed, advice.name, best, score / fair[best], harm, bool(advice.expected["sure"]))


def summary(results: Sequence[Result]) -> str:
    """The three measures in a line."""
    sure = [one for one in results if one.sure]
    right = sum(one.good and not one.harmful for one in sure)
    return (
        f"{sum(one.good for one in results)} of {len(results)} within a tenth of the best, "
        f"{sum(one.harmful for one in results)} harmful, sure in {len(sure)} and right in {right}"
    )
