"""Which policy to use, from what was measured: one call, with its reasons and its doubts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from deepkit.cluster.contest import Standing, tournament
from deepkit.cluster.fitting import Fit, fit
from deepkit.errors import UsageError
from deepkit.records import Evidence, Policy
from deepkit.retries.presets import POLICIES

FEW = 10
"""With fewer answers than this a recommendation is never called sure."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A policy, why, and what to expect of it.

    Args:
        policy: The policy to use.
        name: Its name.
        because: A few sentences for people, with the numbers.
        expected: What was fitted and what the policy is expected to do: "failure_share", "low", "high", "n",
            "load", "load_low", "load_high", "run_length", "success", "success_now", "time_to_success_s",
            "attempts", "harm_s", "agreement" (share of the fitted loads at which the same policy wins) and
            "selfish" (the name of the policy that would be best for you alone).
        ranking: All policies that were compared, best first.
    """

    policy: Policy
    name: str
    because: str
    expected: Mapping[str, Any]
    ranking: tuple[Standing, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the recommendation as JSON values."""
        plain = asdict(self)
        plain["ranking"] = [standing.as_json() for standing in self.ranking]
        return plain


def recommend(
    evidence: Evidence,
    *,
    policies: Mapping[str, Policy] | Sequence[str] | None = None,
    patience_s: float = 120.0,
    requests: int = 5_000,
    seeds: Sequence[int] = (0, 1, 2),
) -> Recommendation:
    """Recommend a retry policy from measured answers.

    The failures are fitted by a cluster; the policies compete on it at the load that explains
    them and at the loads that explain the ends of their interval.

    Args:
        evidence: What was observed, of `deepkit.probe` or `deepkit.doctor`.
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
    found = fit(evidence)
    if found.final and not found.failures:
        return _useless(found)
    rankings = []
    for load in (found.load, found.load_low, found.load_high):
        cluster = replace(found.cluster, arrival_rate=load * found.cluster.servers / found.cluster.service_s)
        count = requests if load == found.load else max(1000, requests // 2)
        rankings.append(tournament(cluster, policies, patience_s=patience_s, requests=count, seeds=seeds))
    regrets = _regrets(rankings)
    ranking = tuple(sorted(rankings[0], key=lambda standing: regrets[standing.name]))
    best = ranking[0]
    agreement = sum(_as_good(best, other) for other in rankings) / len(rankings)
    selfish = min(ranking, key=lambda standing: standing.alone.cost_s)
    expected = _expected(found, best, ranking, agreement, selfish)
    return Recommendation(
        best.policy, best.name, _because(found, best, agreement, selfish), expected, ranking
    )


def _regrets(rankings: Sequence[Sequence[Standing]]) -> dict[str, tuple[int, float]]:
    """Return, for each policy, at how many loads it is unfair and how far it is from the best on average.

    The load is known only within an interval, so the policy wanted is the one that is good all over it.
    """
    regrets: dict[str, tuple[int, float]] = {}
    for ranking in rankings:
        for standing in ranking:
            unfair, regret = regrets.get(standing.name, (0, 0.0))
            regrets[standing.name] = (
                unfair + (not standing.fair),
                regret + standing.score_s / ranking[0].score_s,
            )
    return regrets


def _as_good(best: Standing, ranking: Sequence[Standing]) -> bool:
    """Say whether a policy wins a ranking, or loses by less than a twentieth."""
    own = next(standing for standing in ranking if standing.name == best.name)
    return own.fair and own.score_s <= 1.05 * ranking[0].score_s


def _useless(found: Fit) -> Recommendation:
    because = (
        f"All {found.final} failures are of a kind that another attempt does not cure (key, balance, request or "
        "a block). Retrying would only cost requests: repair the cause first."
    )
    expected = {"n": found.n, "failure_share": 0.0, "final": found.final, "agreement": 1.0}
    return Recommendation(POLICIES["none"], "none", because, expected, ())


def _expected(
    found: Fit, best: Standing, ranking: Sequence[Standing], agreement: float, selfish: Standing
) -> dict[str, Any]:
    now = next((standing for standing in ranking if standing.name == "openai_sdk"), None)
    return {
        "n": found.n,
        "failure_share": found.failure_share,
        "low": found.low,
        "high": found.high,
        "run_length": found.run_length,
        "load": found.load,
        "load_low": found.load_low,
        "load_high": found.load_high,
        "success": best.alone.success,
        "success_now": now.alone.success if now else None,
        "time_to_success_s": best.alone.time_to_success,
        "attempts": best.alone.attempts,
        "harm_s": best.harm_s,
        "agreement": agreement,
        "selfish": selfish.name,
    }


def _because(found: Fit, best: Standing, agreement: float, selfish: Standing) -> str:
    if found.n == 0:
        parts = ["Nothing was measured yet, so this rests on a cluster of unknown load."]
    else:
        share = f"{found.failures} of {found.n} answers failed in a way that may pass"
        interval = f"95 % interval {found.low:.0%} to {found.high:.0%}"
        parts = [f"{share} ({interval}); a cluster at {found.load:.2f} times its capacity does that."]
    parts.append(
        f"There, {best.name} answers {best.alone.success:.0%} of your questions with {best.alone.attempts:.1f} "
        f"attempts each, in {best.alone.time_to_success:.0f} s on average."
    )
    if selfish.alone.cost_s < 0.95 * best.alone.cost_s:
        gain = best.alone.cost_s - selfish.alone.cost_s
        verdict = "Spamming wins for you and loses for all: " if not selfish.fair else ""
        parts.append(
            f"{verdict}{selfish.name} would cost you {gain:.1f} s less as long as you "
            f"alone do it; if everybody did, each question would cost {selfish.everybody.cost_s:.0f} s instead of "
            f"{best.everybody.cost_s:.0f} s (assuming that a rejection costs the servers 1 % of an answer)."
        )
    if found.n < FEW:
        parts.append(
            f"Not sure: {found.n} answers are few, and any load up to {found.load_high:.1f} would fit."
        )
    elif agreement == 1.0:
        parts.append("Sure: it is best, or within 5 %, at this load and at both ends of the interval.")
    else:
        parts.append(
            f"Not quite sure: it is best, or within 5 %, at {agreement:.0%} of the loads that fit; over all of "
            "them it loses least. More answers would decide."
        )
    return " ".join(parts)
