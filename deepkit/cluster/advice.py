"""Which policy to use, from what was measured: one call, with its reasons and its doubts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from deepkit.cluster.contest import UNFAIR, Standing, tournament
from deepkit.cluster.fitting import Fit, World, fit, loaded
from deepkit.cluster.lines import lines
from deepkit.cluster.telling import because, html, text, useless
from deepkit.cluster.trying import Tried
from deepkit.errors import UsageError
from deepkit.records import Evidence, Policy
from deepkit.retries.presets import POLICIES

WORLD_REQUESTS = 1500
"""New requests of a run in a world other than the fitted one."""


@dataclass(frozen=True, slots=True, repr=False)
class Recommendation:
    """A policy, why, and what to expect of it. It prints as a text, and in a notebook as a table.

    Args:
        policy: The policy to use.
        name: Its name.
        because: A few sentences for people, with the numbers.
        expected: What was fitted and what the policy is expected to do: "failure_share", "low", "high", "n",
            "worth", "load", "load_low", "load_high", "run_length", "answer_s", "success", "success_now",
            "time_to_success_s", "attempts", "harm_s", "agreement" (share of the worlds tried in which the same
            policy wins or loses by less than a twentieth) and "selfish" (the name of the policy that would be
            best for you alone).
        ranking: All policies that were compared, best first.
        tried: The worlds in which they were compared, each with its winner.
    """

    policy: Policy
    name: str
    because: str
    expected: Mapping[str, Any]
    ranking: tuple[Standing, ...]
    tried: tuple[Tried, ...] = ()

    @property
    def code(self) -> dict[str, str]:
        """One line for your own client, by client: httpx, httpx2, openai 1.x, openai 3.x, tenacity."""
        return lines(self.policy)

    def as_json(self) -> dict[str, Any]:
        """Return the recommendation as JSON values."""
        plain = asdict(self)
        plain["ranking"] = [standing.as_json() for standing in self.ranking]
        return {**plain, "code": self.code}

    def __repr__(self) -> str:
        return text(self.name, self.because, self.ranking, self.code["openai 3.x"])

    def _repr_html_(self) -> str:
        return html(self.name, self.because, self.ranking, self.code["openai 3.x"])


def recommend(
    evidence: Evidence,
    *,
    history: Iterable[Any] = (),
    policies: Mapping[str, Policy] | Sequence[str] | None = None,
    patience_s: float = 120.0,
    requests: int = 5_000,
    seeds: Sequence[int] = (0, 1, 2),
) -> Recommendation:
    """Recommend a retry policy from measured answers.

    The failures are fitted by a cluster; the policies compete on it at the load that explains them, at the
    loads that explain the ends of their interval, and in worlds that nobody has measured but that would
    explain them as well: other clients that behave differently, rejections that cost less or more, a larger
    fleet. Recommended is what is fair and loses least over all of them.

    Args:
        evidence: What was observed, of `deepkit.probe` or `deepkit.doctor`.
        history: Entries of `deepkit.history`; those of the last hour count as answers, too.
        policies: Policies to compare, by name, or names of presets; None is a shortlist.
        patience_s: How long you would wait for an answer, in seconds.
        requests: New requests of each simulated run.
        seeds: Seeds of the runs.

    Returns:
        The policy that costs least time, for you and if everybody used it, and how sure that is.

    Raises:
        UsageError: When the evidence is not an Evidence or a number is out of bounds.
    """
    if not isinstance(evidence, Evidence):
        raise UsageError(f"recommend() needs an Evidence, not {type(evidence).__name__}; pass probe(target)")
    found = fit(evidence, history=history)
    if found.final and not found.failures:
        expected = {"n": found.n, "failure_share": 0.0, "final": found.final, "agreement": 1.0}
        return Recommendation(POLICIES["none"], "none", useless(found.final), expected, ())
    worlds = _worlds(found)
    rankings: list[Sequence[Standing]] = []
    for place, world in enumerate(worlds):
        rankings.append(tournament(
            world.cluster, policies, others=world.others, patience_s=patience_s,
            requests=requests if place == 0 else min(requests, WORLD_REQUESTS),
            seeds=seeds if place == 0 else seeds[:2],
        ))  # fmt: skip
    regrets = _regrets(rankings)
    ranking = tuple(sorted(rankings[0], key=lambda standing: regrets[standing.name]))
    best = ranking[0]
    tried = [_tried(world, best, one) for world, one in zip(worlds, rankings, strict=True)]
    selfish = min(ranking, key=lambda standing: standing.alone.cost_s)
    said = because(found, best, selfish, tried)
    expected = _expected(found, best, ranking, tried, selfish)
    return Recommendation(_polite(best.policy, patience_s), best.name, said, expected, ranking, tuple(tried))


def _polite(policy: Policy, patience_s: float) -> Policy:
    """Return the policy as it is handed over: it obeys Retry-After, even where its namesake is blind to it."""
    return replace(
        policy, honour_retry_after=True, retry_after_cap_s=min(policy.retry_after_cap_s, patience_s)
    )


def _worlds(found: Fit) -> tuple[World, ...]:
    """Return the world that was fitted, what its interval leaves open, and what nobody measured."""
    sdk = POLICIES["openai_sdk"]
    return (
        World("all is as fitted", found.cluster, sdk),
        World("the load is at its interval's lower end", loaded(found.cluster, found.load_low), sdk),
        World("the load is at its interval's upper end", loaded(found.cluster, found.load_high), sdk),
        *found.worlds,
    )


def _regrets(rankings: Sequence[Sequence[Standing]]) -> dict[str, tuple[bool, float]]:
    """Return, for each policy, whether it is unfair (as fitted, or over all worlds) and its distance from the best.

    Nobody knows which world is the true one, so the policy wanted is the one that is good in all of them.
    """
    harms: dict[str, float] = {}
    regrets: dict[str, float] = {}
    for ranking in rankings:
        least = min(standing.score_s for standing in ranking if standing.fair or not ranking[0].fair)
        for one in ranking:
            now_s = one.everybody.cost_s - one.harm_s
            harms[one.name] = harms.get(one.name, 0.0) + one.harm_s / now_s / len(rankings)
            regrets[one.name] = regrets.get(one.name, 0.0) + one.score_s / least / len(rankings)
    fair = {one.name for one in rankings[0] if one.fair}
    return {name: (name not in fair or harm > UNFAIR, regrets[name]) for name, harm in harms.items()}


def _tried(world: World, best: Standing, ranking: Sequence[Standing]) -> Tried:
    own = next(standing for standing in ranking if standing.name == best.name)
    as_good = own.fair and own.score_s <= 1.05 * ranking[0].score_s
    return Tried(world.assumption, ranking[0].name, as_good)


def _expected(
    found: Fit, best: Standing, ranking: Sequence[Standing], tried: Sequence[Tried], selfish: Standing
) -> dict[str, Any]:
    now = next((standing for standing in ranking if standing.name == "openai_sdk"), None)
    return {
        "n": found.n,
        "worth": found.worth,
        "failure_share": found.failure_share,
        "low": found.low,
        "high": found.high,
        "run_length": found.run_length,
        "answer_s": None if found.answer is None else found.answer.value,
        "load": found.load,
        "load_low": found.load_low,
        "load_high": found.load_high,
        "success": best.alone.success,
        "success_now": now.alone.success if now else None,
        "time_to_success_s": best.alone.time_to_success,
        "attempts": best.alone.attempts,
        "harm_s": best.harm_s,
        "agreement": sum(one.as_good for one in tried) / len(tried),
        "selfish": selfish.name,
    }
