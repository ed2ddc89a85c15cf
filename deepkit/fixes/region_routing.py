"""Fix 1: leave through another region or exit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deepkit.fixes._evidence import REFUSED, answered, cannot_tell, entries, facts, mostly, no, ratio_of, yes
from deepkit.fixes._fix import Fix, claim_of
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

Row = Mapping[str, Any]


def _share(route: Row) -> float:
    return float(route.get("ok") or 0) / n if (n := route.get("n")) else 0.0


def _pooled(evidence: Evidence, mine: Row) -> tuple[int, int]:
    """Return how many questions the route in use answered of how many, the check-up's own ones counted in."""
    ok, n = answered(evidence) or (0, 0)
    return ok + int(mine.get("ok") or 0), n + int(mine.get("n") or 0)


def _better(best: Row, evidence: Evidence, mine: Row) -> bool:
    """Tell whether the exit is better by more than chance; a few questions an exit are easily better by it."""
    mine_ok, mine_n = _pooled(evidence, mine)
    ok, n = int(best.get("ok") or 0), int(best.get("n") or 0)
    return (ok == n and mine_ok == 0) or fisher_exact(ok, n, mine_ok, mine_n) <= CHANCE


def _rank(route: Row) -> tuple[float, float]:
    time = route.get("first_token_s")
    return -_share(route), float(time) if time is not None else float("inf")


def _routes(evidence: Evidence) -> tuple[Row | None, list[Row]]:
    """Return the route in use and the others, best first."""
    rows = [row for row in entries(evidence, "routes", "routes") if row.get("n")]
    used = evidence.settings.route
    mine = next((row for row in rows if row.get("name") == used), None)
    return mine, sorted((row for row in rows if row is not mine), key=_rank)


def _said(row: Row) -> str:
    page = f", block page {row['block_page']}" if row.get("block_page") else ""
    time = row.get("first_token_s")
    took = f", first token after {time:.2f} s" if time is not None else ""
    return f"{row.get('name')} answered {row.get('ok', 0)} of {row.get('n')}{took}{page}"


def judge(evidence: Evidence) -> Verdict:
    """Compare the routes that were measured side by side."""
    if mostly(evidence, REFUSED) and not facts(evidence, "http").get("block_page"):
        return no("The server refuses this request or account; it would do so from every region.")
    mine, others = _routes(evidence)
    if mine is None or not others:
        return cannot_tell(
            "No other route was measured; name one in DEEPKIT_ROUTES. No regional endpoint of DeepSeek is documented."
        )
    best = others[0]
    if _share(best) - _share(mine) >= LEAST_GAIN:
        told = f"{_said(best)}; {_said(mine)}"
        if _better(best, evidence, mine):
            return yes(f"{told}.")
        return cannot_tell(
            f"{told}: too few to tell from chance, since {ratio_of(evidence)}. A trial would tell."
        )
    if _share(mine) == 1.0:
        return no(f"The route in use works: {_said(mine)}.")
    return no(f"No other route is better: {_said(mine)}; {'; '.join(_said(row) for row in others)}.")


def write(evidence: Evidence, variant: str) -> Guide:
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


def change(settings: Settings, evidence: Evidence) -> Settings:
    """Take the best measured route; without a better one nothing changes."""
    mine, others = _routes(evidence)
    if not others or _share(others[0]) <= (_share(mine) if mine else 0.0):
        return settings
    return replace(settings, route=str(others[0]["name"]))


FIX = Fix(
    number=1,
    key="region_routing",
    title="Leave through another region",
    claim=CLAIM,
    needs=("http", "chat.stream", "routes"),
    judge=judge,
    write=write,
    change=change,
)
