"""Fix 1: leave through another region or exit."""

from dataclasses import replace

from deepkit.checks import Http, Routes, RouteTried
from deepkit.fixes._evidence import REFUSED, answered, cannot_tell, mostly, no, ratio_of, yes
from deepkit.fixes._fix import claim_of, define
from deepkit.records import Evidence, Guide, Settings, Verdict
from deepkit.statistics import fisher_exact

CLAIM = claim_of(
    "1",
    causes=(
        "firewall_or_geo_block",
        "connection_reset",
        "connect_timeout",
        "proxy_fault",
        "server_overloaded",
    ),
    changes=("route",),
    cost="An exit of your own or a paid VPN; every hop adds latency.",
    risk="The exit's owner sees whom you talk to; free proxies are on block lists and may read along.",
    least_ratio=0.8,
)
LEAST_GAIN = 0.25
"""An exit must answer at least this much more often than the route in use."""
CHANCE = 0.05
"""An exit that did not answer everything where the route in use answered nothing must be better by more than chance."""


def _share(route: RouteTried) -> float:
    return route.ok / route.n if route.n else 0.0


def _pooled(evidence: Evidence, mine: RouteTried) -> tuple[int, int]:
    """Return how many questions the route in use answered of how many, the check-up's own ones counted in."""
    ok, n = answered(evidence) or (0, 0)
    return ok + mine.ok, n + mine.n


def _better(best: RouteTried, evidence: Evidence, mine: RouteTried) -> bool:
    """Tell whether the exit is better by more than chance; a few questions an exit are easily better by it."""
    mine_ok, mine_n = _pooled(evidence, mine)
    clear = best.ok == best.n and mine_ok == 0
    return clear or fisher_exact(best.ok, best.n, mine_ok, mine_n) <= CHANCE


def _rank(route: RouteTried) -> tuple[float, float]:
    time = route.first_token_s
    return -_share(route), time if time is not None else float("inf")


def _routes(evidence: Evidence) -> tuple[RouteTried | None, list[RouteTried]]:
    """Return the route in use and the others, best first."""
    rows = [row for row in evidence.facts(Routes).routes if row.n]
    used = evidence.settings.route
    mine = next((row for row in rows if row.name == used), None)
    return mine, sorted((row for row in rows if row is not mine), key=_rank)


def _said(row: RouteTried) -> str:
    page = f", block page {row.block_page}" if row.block_page else ""
    took = "" if row.first_token_s is None else f", first token after {row.first_token_s:.2f} s"
    return f"{row.name} answered {row.ok} of {row.n}{took}{page}"


def check(evidence: Evidence) -> Verdict:
    """Compare the routes that were measured side by side."""
    if mostly(evidence, REFUSED) and not evidence.facts(Http).block_page:
        return no("The server refuses this request or account; it would do so from every region.")
    mine, others = _routes(evidence)
    if mine is None or not others:
        return cannot_tell(
            "No other route was measured; name one in DEEPKIT_ROUTES.",
            "No regional endpoint of DeepSeek is documented.",
        )
    best = others[0]
    if _share(best) - _share(mine) >= LEAST_GAIN:
        told = f"{_said(best)}; {_said(mine)}"
        if _better(best, evidence, mine):
            return yes(f"{told}.")
        return cannot_tell(
            f"{told}: too few to tell from chance, since {ratio_of(evidence)}.", "A trial would tell."
        )
    if _share(mine) == 1.0:
        return no(f"The route in use works: {_said(mine)}.")
    return no(f"No other route is better: {_said(mine)}; {'; '.join(_said(row) for row in others)}.")


def guide(evidence: Evidence, variant: str) -> Guide:
    """Steps to use another exit, with the best one measured."""
    mine, others = _routes(evidence)
    better = bool(others) and _share(others[0]) > (_share(mine) if mine else 0.0)
    named = f"Best of those measured: {_said(others[0])}." if better else f"So far {ratio_of(evidence)}."
    return Guide(
        variant,
        (
            f"{named} DeepKit tries all routes in turn, so that they see the same minutes.",
            "Name the exits you may use: DEEPKIT_ROUTES=tokyo=http://HOST:PORT,office=socks5://HOST:PORT.",
            "Run the check-up again and look at the table of routes; then try this fix in pairs.",
            "If an exit wins, set it for your client: HTTPS_PROXY, or the proxy setting of your program or browser.",
        ),
        notes=(
            "Use an exit that you or your employer run, or pay for. Free proxies are on block lists.",
            "Another exit cures a block or a bad path. Nothing shows that it reaches emptier servers.",
        ),
    )


def apply(settings: Settings, evidence: Evidence) -> Settings:
    """Take the best measured route; without a better one nothing changes."""
    mine, others = _routes(evidence)
    if not others or _share(others[0]) <= (_share(mine) if mine else 0.0):
        return settings
    return replace(settings, route=others[0].name)


FIX = define(
    number=1,
    key="region_routing",
    title="Leave through another region",
    claim=CLAIM,
    needs=("http", "chat.stream", "routes"),
    check=check,
    guide=guide,
    apply=apply,
)
