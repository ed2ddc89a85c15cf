"""A recommendation in words: why, how sure, and the table of what was compared."""

from collections.abc import Sequence
from html import escape
from typing import Any

from deepkit.cluster.contest import UNFAIR, Standing
from deepkit.cluster.fitting import Fit

FEW = 20
"""With fewer answers than this a recommendation is never called sure."""
SHOWN = 6
"""Policies shown of a ranking."""
HEADS = ("policy", "answered", "time to answer", "attempts", "cost to everybody")


def because(
    found: Fit, ranking: Sequence[Standing], tried: Sequence[Any], agreement: float, *, sure: bool
) -> str:
    """Return the reasons and doubts of a recommendation.

    Args:
        found: What was fitted.
        ranking: The policies, the recommended one first.
        tried: The worlds in which they were tried (`advice.Tried`).
        agreement: Weight of those in which the recommended one is as good as any.
        sure: Whether that is enough.
    """
    best, parts = ranking[0], _measured(found)
    parts.append(
        f"There, {best.name} answers {best.alone.success:.0%} of your questions with {best.alone.attempts:.1f} "
        f"attempts each, in {best.alone.time_to_success:.0f} s on average."
    )
    parts += _selfish(best, ranking)
    if found.shares["dead"] >= 0.3:
        parts.append(
            f"With a chance of {found.shares['dead']:.0%} the service is down; then only time helps."
        )
    return " ".join([*parts, *_doubts(found, best, tried, agreement, sure=sure)])


def harmful(one: Standing) -> bool:
    """Say whether everybody would lose more than a fifth if all used it, in the likeliest world."""
    return one.harm_s > UNFAIR * (one.everybody.cost_s - one.harm_s)


def _selfish(best: Standing, ranking: Sequence[Standing]) -> list[str]:
    """Name what wins for one and loses for all."""
    winners = [one for one in ranking if one.alone.cost_s < 0.95 * best.alone.cost_s and harmful(one)]
    if not winners:
        return []
    one = min(winners, key=lambda standing: standing.alone.cost_s)
    hedges = one.policy.hedge_after_s is not None
    how = "Hedging (a second copy of each slow question)" if hedges else "Hammering"
    gain = best.alone.cost_s - one.alone.cost_s
    names = ", ".join(other.name for other in winners if other is not one)
    also = f" The same holds for {names}." if names else ""
    said = (
        f"{how} wins for one and loses for all: {one.name} would cost you {gain:.1f} s less as long as you alone do "
        f"it; if everybody did, each question would cost {one.everybody.cost_s:.0f} s instead of "
        f"{best.everybody.cost_s:.0f} s."
    )
    return [said + also]


def _measured(found: Fit) -> list[str]:
    if found.n == 0:
        return ["Nothing was measured yet, so this rests on a cluster of unknown load."]
    interval = f"95 % interval {found.low:.0%} to {found.high:.0%}"
    share = f"{found.failures} of {found.n} answers failed in a way that may pass ({interval})"
    parts = [f"{share}; a cluster at {found.load:.2f} times its capacity does that."]
    if found.worth < 0.9 * found.n and found.run_length is not None:
        parts.append(
            f"Failures come in runs of {found.run_length:.1f} on average, so the {found.n} answers are worth "
            f"{found.worth:.0f} independent ones."
        )
    if found.answer is not None:
        low, high = found.answer.low, found.answer.high
        within = "" if low is None or high is None else f" (95 % interval {low:.2g} s to {high:.2g} s)"
        parts.append(f"An answer took {found.answer.value:.2g} s{within}.")
    if found.failures == 0:
        parts.append("Nothing failed, so there is little to choose: this is for the day when something does.")
    return parts


def _doubts(found: Fit, best: Standing, tried: Sequence[Any], agreement: float, *, sure: bool) -> list[str]:
    assumed = "Not measured, therefore tried: what the others do, what a rejection costs, fleet and queue, an outage."
    if found.n < FEW:
        fits = f"any load from {found.load_low:.1f} to {found.load_high:.1f} would fit"
        return [assumed, f"Not sure: {found.n} answers are few, and {fits}."]
    held = f"it is best, or within 5 %, in {agreement:.0%} of {len(tried)} weighed worlds that would explain this"
    otherwise = sorted((one for one in tried if not one.as_good), key=lambda one: -float(one.weight))
    told = [f"if {one.assumption}, {one.winner}" for one in otherwise[:3] if one.winner != best.name]
    better = [f"Better elsewhere: {'; '.join(told)}."] if told else []
    return [assumed, f"{'Sure' if sure else 'Not quite sure'}: {held}.", *better]


def rows(ranking: Sequence[Standing]) -> list[tuple[str, ...]]:
    """Return the best of a ranking as cells of text."""
    return [
        (
            one.name,
            f"{one.alone.success:.0%}",
            f"{one.alone.time_to_success:.1f} s",
            f"{one.alone.attempts:.2f}",
            f"{one.harm_s:+.1f} s" + ("" if one.fair else " unfair"),
        )
        for one in ranking[:SHOWN]
    ]


def text(title: str, said: str, ranking: Sequence[Standing], line: str) -> str:
    """Return a recommendation as plain text that ends in the line to copy."""
    table = [HEADS, *rows(ranking)] if ranking else []
    widths = [max(len(row[place]) for row in table) for place in range(len(HEADS))] if table else []
    drawn = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return "\n".join([title, said, *([""] if drawn else []), *drawn, *(["", line] if line else [])])


def html(title: str, said: str, ranking: Sequence[Standing], line: str) -> str:
    """Return the same for a notebook."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in HEADS)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows(ranking)
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if ranking else ""
    code = f"<pre><code>{escape(line)}</code></pre>" if line else ""
    return f"<p><b>{escape(title)}</b> {escape(said)}</p>{table}{code}"
