"""A recommendation in words: why, how sure, and the table of what was compared."""

from collections.abc import Sequence
from html import escape

from deepkit.cluster.contest import Standing
from deepkit.cluster.fitting import Fit
from deepkit.cluster.trying import Tried

FEW = 10
"""With fewer answers than this a recommendation is never called sure."""
SHOWN = 6
"""Policies shown of a ranking."""
HEADS = ("policy", "answered", "time to answer", "attempts", "cost to everybody")


def useless(final: int) -> str:
    """Say that no attempt cures what was measured."""
    return (
        f"All {final} failures are of a kind that another attempt does not cure (key, balance, request or "
        "a block). Retrying would only cost requests: repair the cause first."
    )


def because(found: Fit, best: Standing, selfish: Standing, tried: Sequence[Tried]) -> str:
    """Return the reasons and doubts of a recommendation.

    Args:
        found: What was fitted.
        best: The policy recommended.
        selfish: The policy that would be best for one alone.
        tried: The worlds in which it was tried.
    """
    parts = _measured(found)
    parts.append(
        f"There, {best.name} answers {best.alone.success:.0%} of your questions with {best.alone.attempts:.1f} "
        f"attempts each, in {best.alone.time_to_success:.0f} s on average."
    )
    if selfish.alone.cost_s < 0.95 * best.alone.cost_s:
        gain = best.alone.cost_s - selfish.alone.cost_s
        verdict = "" if selfish.fair else "Spamming wins for you and loses for all: "
        parts.append(
            f"{verdict}{selfish.name} would cost you {gain:.1f} s less as long as you "
            f"alone do it; if everybody did, each question would cost {selfish.everybody.cost_s:.0f} s instead of "
            f"{best.everybody.cost_s:.0f} s."
        )
    return " ".join([*parts, *_doubts(found, best, tried)])


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


def _doubts(found: Fit, best: Standing, tried: Sequence[Tried]) -> list[str]:
    assumed = (
        "Assumed, not measured: that the others retry as the OpenAI SDK does, and that a rejection costs "
        "the servers 1 % of an answer."
    )
    otherwise = [one for one in tried if not one.as_good]
    if found.n < FEW:
        fits = f"any load from {found.load_low:.1f} to {found.load_high:.1f} would fit"
        sure = f"Not sure: {found.n} answers are few, and {fits}."
    elif not otherwise:
        return [
            assumed,
            f"Sure: it is best, or within 5 %, in all {len(tried)} worlds that would explain this.",
        ]
    else:
        sure = (
            f"Not quite sure: it is best, or within 5 %, in {len(tried) - len(otherwise)} of {len(tried)} worlds that "
            "would explain this."
        )
    told = [f"if {one.assumption}, {one.winner}" for one in otherwise[:3] if one.winner != best.name]
    return [assumed, sure, f"Better elsewhere: {'; '.join(told)}."] if told else [assumed, sure]


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


def text(name: str, said: str, ranking: Sequence[Standing], line: str) -> str:
    """Return a recommendation as plain text that ends in the line to copy."""
    table = [HEADS, *rows(ranking)] if ranking else []
    widths = [max(len(row[place]) for row in table) for place in range(len(HEADS))] if table else []
    drawn = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return "\n".join([f"Use {name}.", said, "", *drawn, *([""] if drawn else []), line])


def html(name: str, said: str, ranking: Sequence[Standing], line: str) -> str:
    """Return the same for a notebook."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in HEADS)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows(ranking)
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if ranking else ""
    return f"<p><b>Use {escape(name)}.</b> {escape(said)}</p>{table}<pre><code>{escape(line)}</code></pre>"
