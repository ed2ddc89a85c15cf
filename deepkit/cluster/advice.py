"""Which policy to use, from what was measured: one call, with its reasons and its doubts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from deepkit.cluster.contest import Standing, named, tournament
from deepkit.cluster.explanation import FEW, because, html, text
from deepkit.cluster.fitting import WORLD_REQUESTS, Fit, fit
from deepkit.cluster.worlds import World
from deepkit.errors import UsageError
from deepkit.records import Diagnosis, Evidence, Policy
from deepkit.retries.outages import sentence, time_left
from deepkit.retries.presets import POLICIES
from deepkit.retries.snippets import lines
from deepkit.retries.waiting import in_vain

BRISK = Policy(
    "full_jitter", retries=10, base_s=0.2, cap_s=2.0, deadline_s=30.0, budget_ratio=4.0, budget_burst=20.0
)
"""Many short waits at random, an end after half a minute, four retries a question in the long run; compared beside
the shortlist."""
RARELY = Policy("equal_jitter", retries=1000, base_s=4.0, factor=2.0, cap_s=300.0)
"""For an outage: a few attempts in the first two minutes, then one about every four."""
RISK = 0.1
"""Weight of the worlds in which a policy may harm everybody by more than a fifth; above it, it is not advised."""
DOWN = 0.9
"""Probability of an outage from which on the advice is to wait."""
SURE, FEWEST_FAILURES = 0.95, 3
"""Weight of the worlds in which the advice must hold to be called sure."""
AS_GOOD = 1.05
PATIENCES, MOST_REQUESTS = 6.0, 10_000


@dataclass(frozen=True, slots=True)
class Tried:
    """A world in which the policies were compared.

    Args:
        assumption: What is taken for granted in it.
        weight: How probable it is beside the others.
        winner: Name of the policy that wins there.
        as_good: The recommended policy is fair there and within a twentieth of the winner.
    """

    assumption: str
    weight: float
    winner: str
    as_good: bool


@dataclass(frozen=True, slots=True, repr=False)
class Recommendation:
    """A policy, why, and what to expect of it. It prints as a text, and in a notebook as a table.

    Args:
        policy: The policy to use.
        name: Its name.
        because: A few sentences for people, with the numbers.
        expected: What was fitted and what the policy is expected to do: "waiting_helps", "failure_share", "low",
            "high", "n", "worth", "load", "load_low", "load_high", "run_length", "answer_s", "success",
            "success_now", "time_to_success_s", "attempts", "harm_s", "agreement" (weight of the worlds tried in
            which the policy wins or loses by less than a twentieth), "selfish" (the name of the policy that
            would be best for you alone) and "sure". In an outage instead of what the policy does "outage" (its
            probability), "lasted_s" and "time_left".
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
        """One line for your own client, by its name; see `deepkit.retries.snippets`."""
        return lines(self.policy)

    @property
    def title(self) -> str:
        """What to do, in a few words."""
        if not self.expected["waiting_helps"]:
            return "Do not retry."
        return "Wait, ask rarely." if "outage" in self.expected else f"Use {self.name}."

    def as_json(self) -> dict[str, Any]:
        """Return the recommendation as JSON values."""
        plain = asdict(self)
        plain["ranking"] = [standing.as_json() for standing in self.ranking]
        return {**plain, "code": self.code}

    @property
    def _line(self) -> str:
        return self.code["openai 3.x"] if self.expected["waiting_helps"] else ""

    def __repr__(self) -> str:
        return text(self.title, self.because, self.ranking, self._line)

    def _repr_html_(self) -> str:
        return html(self.title, self.because, self.ranking, self._line)


def recommend(
    evidence: Evidence,
    *,
    diagnosis: Diagnosis | None = None,
    history: Iterable[Any] = (),
    policies: Mapping[str, Policy] | Sequence[str] | None = None,
    patience_s: float = 120.0,
    requests: int = WORLD_REQUESTS,
    seeds: Sequence[int] = (0, 1, 2),
) -> Recommendation:
    """Recommend a retry policy from measured answers, or say that waiting will not help.

    Where the failures do not pass, or the diagnosis names a cause that no wait cures, nothing is simulated. Where
    a server that is down explains the answers best, the advice is to wait and ask rarely. Else the policies
    compete in every world that would explain the answers (other clients, costlier rejections, a larger fleet, a
    longer queue, failures at any load, a past outage), each weighed by how probable the answers make it.
    Recommended is what harms the others in none of them and loses least over all.

    Args:
        evidence: What was observed, of `deepkit.probe` or `deepkit.doctor`.
        diagnosis: What it means, of `deepkit.diagnose`; None goes by the failures alone.
        history: Entries of `deepkit.history`; those of the last hour count as answers, too.
        policies: Policies to compare, by name, or names of presets; None is a shortlist.
        patience_s: How long you would wait for an answer, in seconds.
        requests: Fewest new requests of each simulated run.
        seeds: Seeds of the runs.

    Returns:
        The policy that costs least time, for you and if everybody used it, and how sure that is.

    Raises:
        UsageError: When the evidence is not an Evidence or a number is out of bounds.
    """
    if not isinstance(evidence, Evidence):
        raise UsageError(f"recommend() needs an Evidence, not {type(evidence).__name__}; pass probe(target)")
    useless = in_vain(evidence, diagnosis)
    if useless:
        return Recommendation(POLICIES["none"], "none", useless, {"sure": True, "waiting_helps": False}, ())
    found = fit(evidence, history=history)
    if found.shares["dead"] >= DOWN:
        return _outage(found)
    contenders = named(policies)
    if policies is None:
        contenders |= {"brisk": BRISK, "hedged": _hedged(found)}
    rankings = [
        tournament(
            world.cluster, contenders, others=world.others, patience_s=patience_s,
            requests=_long_enough(world, patience_s, requests), seeds=seeds if world is found.worlds[0] else seeds[:1],
        )
        for world in found.worlds
    ]  # fmt: skip
    return _chosen(found, rankings, _joined(found, rankings), patience_s)


def _long_enough(world: World, patience_s: float, requests: int) -> int:
    """Return requests of a run in which clients that still retry at its end are few, beside those that ended."""
    lasting = round(PATIENCES * patience_s * world.cluster.arrival_rate)
    return min(MOST_REQUESTS, max(requests, lasting))


def _hedged(found: Fit) -> Policy:
    usual_s = found.cluster.service_s if found.answer is None else found.answer.value
    return replace(POLICIES["openai_sdk"], hedge_after_s=usual_s)


def _outage(found: Fit) -> Recommendation:
    """Return the advice for a server that is down: wait, ask rarely, hear when it is back."""
    left = time_left(found.lasted_s)
    expected = _measured(found) | {
        "outage": found.shares["dead"],
        "lasted_s": found.lasted_s,
        "time_left": None if left is None else asdict(left),
        "sure": found.n >= FEW and found.shares["dead"] >= SURE,
    }
    policy = replace(RARELY, deadline_s=3600.0 if left is None else max(3600.0, left.most_s))
    very_full = f"Not sure: that it is merely very full has a chance of {1 - found.shares['dead']:.0%}."
    said = (
        f"{found.failures} of {found.n} answers failed, the last ones all: the service is probably down, not full. "
        f"{sentence(left)} No way of retrying brings it back: wait, ask rarely, and let `deepkit watch` tell you when "
        f"it answers. {'Sure that it is down.' if expected['sure'] else very_full}"
    )
    return Recommendation(policy, "rarely", said, expected, ())


def _chosen(
    found: Fit, rankings: Sequence[Sequence[Standing]], ranking: tuple[Standing, ...], patience_s: float
) -> Recommendation:
    best = ranking[0]
    tried = tuple(
        Tried(world.assumption, world.weight, _winner(one).name, _as_good(best.name, one))
        for world, one in zip(found.worlds, rankings, strict=True)
    )
    agreement = sum(one.weight for one in tried if one.as_good) / sum(one.weight for one in tried)
    now = next((one for one in ranking if one.name == "openai_sdk"), None)
    expected = _measured(found) | {
        "success": best.alone.success,
        "success_now": now.alone.success if now else None,
        "time_to_success_s": best.alone.time_to_success,
        "attempts": best.alone.attempts,
        "harm_s": best.harm_s,
        "agreement": agreement,
        "selfish": min(ranking, key=lambda standing: standing.alone.cost_s).name,
        "sure": agreement >= SURE
        and found.n >= FEW
        and found.failures >= FEWEST_FAILURES
        and found.shares["steady"] >= SURE,
    }
    said = because(found, ranking, tried, agreement, sure=bool(expected["sure"]))
    cap_s = min(best.policy.retry_after_cap_s, patience_s)
    polite = replace(
        best.policy, honour_retry_after=True, retry_after_cap_s=cap_s
    )  # even if its namesake is blind
    return Recommendation(polite, best.name, said, expected, ranking, tried)


def _joined(found: Fit, rankings: Sequence[Sequence[Standing]]) -> tuple[Standing, ...]:
    """Return the first world's standings in the order of all worlds: harmless, then least lost on average.

    Nobody knows which world is the true one, so the policy wanted is the one that is good in all of them.
    """
    harms: dict[str, float] = {}
    regrets: dict[str, float] = {}
    for world, ranking in zip(found.worlds, rankings, strict=True):
        least = min(one.score_s for one in ranking if one.fair or not ranking[0].fair)
        for one in ranking:
            harms[one.name] = harms.get(one.name, 0.0) + (0.0 if one.fair else world.weight)
            regrets[one.name] = regrets.get(one.name, 0.0) + world.weight * one.score_s / least
    known = {one.name: replace(one, fair=one.fair and harms[one.name] <= RISK) for one in rankings[0]}

    def place(one: Standing) -> tuple[bool, float, float]:
        own = (
            one.policy.hedge_after_s is not None
        )  # a second copy is for async clients only, and harms when it matters
        bad = own or not one.fair
        return bad, harms[one.name] if bad else 0.0, regrets[one.name]

    return tuple(sorted(known.values(), key=place))


def _as_good(name: str, ranking: Sequence[Standing]) -> bool:
    own = next(standing for standing in ranking if standing.name == name)
    return own.fair and own.score_s <= AS_GOOD * _winner(ranking).score_s


def _winner(ranking: Sequence[Standing]) -> Standing:
    return next((one for one in ranking if one.policy.hedge_after_s is None), ranking[0])


def _measured(found: Fit) -> dict[str, Any]:
    names = ("n", "worth", "failure_share", "low", "high", "run_length", "load", "load_low", "load_high")
    measured = {name: getattr(found, name) for name in names}
    return {
        "waiting_helps": True,
        **measured,
        "answer_s": None if found.answer is None else found.answer.value,
    }
