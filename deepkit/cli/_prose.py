"""A check-up in plain text: the answer, what to do, how it is known; then the rest, for whoever wants it."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from deepkit.cli._parser import put_json, say
from deepkit.triage import MOST_TRACES, support_words

if TYPE_CHECKING:
    from deepkit.triage import Checkup

WIDTH = 110
MOST_FIXES, MOST_STEPS = 3, 4
"""How many fixes are recommended at once, and how many steps of the first are written out."""
PASTED_REASONS = 3
"""Reasons shown for a pasted text, the best ones first; --json has them all."""
STATES = {
    "SHOWN": "shown",
    "LIKELY": "likely",
    "POSSIBLE": "possible",
    "RULED_OUT": "ruled out",
    "INSUFFICIENT": "cannot be told yet",
}


def tell(found: "Checkup", *, as_json: bool) -> int:
    """Print a check-up and return its exit status: 0 healthy, 1 a cause was found, 2 inconclusive."""
    body = found.as_json()
    put_json(body) if as_json else say(in_words(body))
    return {"healthy": 0, "inconclusive": 2}.get(body["verdict"], 1)


def in_words(body: Mapping[str, Any]) -> str:
    """Write a check-up for a person.

    Args:
        body: `Checkup.as_json()`, secrets removed.

    Returns:
        Lines; the first is the answer.
    """
    first = next((one for one in body["causes"] if one["cause"] == body["verdict"]), None)
    lines = [*_filled(body["summary"], "")]
    if first:
        lines.append(f"({first['cause']}: {STATES[first['state']]})")
    for host in _look_alikes(body):
        lines += _filled(
            f"Careful: {host} bears DeepSeek's name but is not DeepSeek's; give it neither key nor password.",
            "",
        )
    lines += _to_do(body)
    lines += _known(first, PASTED_REASONS if _pasted(body) else None) if first else []
    lines += _rest(body, first)
    return "\n".join([*lines, "", *_more(body, first)])


def _pasted(body: Mapping[str, Any]) -> bool:
    return all(seen["check"] in ("text", "har") for seen in body["observations"])


def _look_alikes(body: Mapping[str, Any]) -> list[str]:
    hosts = (host for seen in body["observations"] for host in seen["facts"].get("look_alikes", ()))
    return list(dict.fromkeys(hosts))


def _filled(text: str, mark: str, indent: int = 0) -> list[str]:
    start = " " * indent + mark
    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False
    )


def _to_do(body: Mapping[str, Any]) -> Iterator[str]:
    """What to do now: the fixes worth trying, the first with its steps; or the check that would decide."""
    worth = [one for one in body["fixes"] if one["verdict"] == "yes"][:MOST_FIXES]
    advice = next((one["advice"] for one in body["causes"] if one["cause"] == body["verdict"]), "")
    decides = body["next_check"] if body["verdict"] != "inconclusive" else None
    if body["verdict"] == "healthy":
        advice = "If an error still shows, paste it: deepkit explain TEXT. In a browser, export a HAR file: --har FILE."
    if not (worth or advice or decides):
        return
    yield from ("", "What to do:")
    if advice:
        yield from _filled(advice, "- ", 2)
    for number, fix in enumerate(worth, 1):
        yield from _filled(f"{fix['title']} ({fix['key']}). {fix['because']}", f"{number}. ", 2)
        if number == 1:
            for step in fix["steps"][:MOST_STEPS]:
                yield from _filled(step, "- ", 5)
            for command in fix["commands"][
                :1
            ]:  # the mildest; the page of the fix has the rest, with its dangers
                yield f"     $ {' '.join(command)}"
    if decides:
        yield from _filled(f"To be surer: {decides}", "- ", 2)


def _known(first: Mapping[str, Any], most: int | None) -> Iterator[str]:
    yield from ("", "How it is known:")
    for reason in first["for"][:most]:
        yield from _filled(reason, "- ", 2)
    for reason in first["against"]:
        yield from _filled(f"Against it: {reason}", "- ", 2)


def _rest(body: Mapping[str, Any], first: Mapping[str, Any] | None) -> Iterator[str]:
    """The other causes, the fixes that do not fit, and what support asks for."""
    others = [one for one in body["causes"] if one is not first]
    open_ = [one for one in others if one["state"] != "RULED_OUT"]
    if open_:
        yield from ("", "Also looked at:")
    for one in open_:
        why = one["for"][0] if one["for"] else f"what would decide: {one['next_check']}"
        yield from _filled(f"{one['cause']} ({STATES[one['state']]}): {why}", "- ", 2)
    yield ""
    yield from _named("Ruled out", (one["cause"] for one in others if one["state"] == "RULED_OUT"))
    later = [one["key"] for one in body["fixes"] if one["verdict"] == "yes"][MOST_FIXES:]
    yield from _named("Also worth trying", later)
    yield from _named("Would not help", _keys(body, "no"))
    yield from _named("Cannot be told whether it would help", _keys(body, "cannot_tell"))
    for one in body["support"][:MOST_TRACES]:
        yield f"For the provider's support: {support_words(one)}"


def _keys(body: Mapping[str, Any], verdict: str) -> Iterator[str]:
    return (one["key"] for one in body["fixes"] if one["verdict"] == verdict)


def _named(title: str, names: Iterable[str]) -> list[str]:
    known = ", ".join(names)
    return _filled(f"{title}: {known}", "") if known else []


def _more(body: Mapping[str, Any], first: Mapping[str, Any] | None) -> list[str]:
    """Where the details are."""
    fix = next((one["key"] for one in body["fixes"] if one["verdict"] == "yes"), None)
    ways = [f"deepkit fixes {fix}" if fix else "", "--json for everything"]
    if first and first["rules"]:
        ways.insert(1, f"deepkit doctor --explain {first['rules'][0]}")
    return [f"More: {'; '.join(filter(None, ways))}"]
