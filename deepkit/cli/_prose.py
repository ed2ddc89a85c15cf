"""All of a case in plain text (`--long`): the answer, how it is known, the fixes, and what support asks for."""

from collections.abc import Iterator, Mapping
from typing import Any

from deepkit.answers import answer_lines, words
from deepkit.answers.wrapping import wrap

WIDTH = 100
MOST_STEPS = 4
"""Steps written out of the fix that is worth trying first."""
PASTED_REASONS = 3
"""Reasons shown for a pasted text, the best ones first; --json has them all."""


def in_words(body: Mapping[str, Any]) -> str:
    """Write a case for a person.

    Args:
        body: `deepkit.answers.document(case)`, secrets removed.

    Returns:
        Lines; the first is the answer.
    """
    spoken = body["answer"]["language"]
    first = next((one for one in body["causes"] if one["cause"] == body["verdict"]), None)
    lines = [body["stamp"], "", *answer_lines(body, WIDTH, why=False)] if _simulated(body) else []
    lines = lines or answer_lines(body, WIDTH, why=False)
    for part in (
        _known(body, first, spoken),
        _log(body, spoken),
        _fixes(body, spoken),
        _rest(body, first, spoken),
    ):
        section = list(part)
        lines += ["", *section] if section else []
    if body["answer"]["ticket"]:
        lines += [
            "",
            words(spoken, "label.send"),
            *(f"  {one}" for one in body["answer"]["ticket"].split("\n")),
        ]
    return "\n".join([*lines, "", *_more(body, first, spoken)])


def _simulated(body: Mapping[str, Any]) -> bool:
    return bool(body["case"] == "practice")


def _known(body: Mapping[str, Any], first: Mapping[str, Any] | None, spoken: str) -> Iterator[str]:
    if first is None:
        return
    yield words(spoken, "label.known")
    for reason in first["for"][: PASTED_REASONS if body["case"] == "pasted" else None]:
        yield from wrap(reason, WIDTH, "  - ")
    for reason in first["against"]:
        yield from wrap(words(spoken, "label.against", reason=reason), WIDTH, "  - ")


def _log(body: Mapping[str, Any], spoken: str) -> Iterator[str]:
    """The other errors of a log that was pasted."""
    others = [one for seen in body["observations"] for one in seen["facts"].get("others", ())]
    if others:
        yield words(spoken, "label.also_in_log")
    for one in others:
        yield from wrap(one, WIDTH, "  - ")


def _fixes(body: Mapping[str, Any], spoken: str) -> Iterator[str]:
    """The fixes worth trying, the first with its steps and its mildest command."""
    worth = [one for one in body["fixes"] if one["verdict"] == "yes"]
    if worth:
        yield words(spoken, "label.fixes")
    for fix in worth:
        yield from wrap(f"{fix['title']} ({fix['key']}). {fix['because']}", WIDTH, f"  {fix['number']}. ")
    for step in worth[0]["steps"][:MOST_STEPS] if worth else ():
        yield from wrap(step, WIDTH, "     - ")
    for command in worth[0]["commands"][:1] if worth else ():
        yield f"     $ {' '.join(command)}"


def _rest(body: Mapping[str, Any], first: Mapping[str, Any] | None, spoken: str) -> Iterator[str]:
    """The other causes, and the fixes that do not fit."""
    others = [one for one in body["causes"] if one is not first]
    open_ = [one for one in others if one["state"] != "RULED_OUT"]
    if open_:
        yield words(spoken, "label.others")
    for one in open_:
        why = one["for"][0] if one["for"] else one["means"]
        yield from wrap(f"{one['cause']} ({words(spoken, 'state.' + one['state'])}): {why}", WIDTH, "  - ")
    out = [one["cause"] for one in others if one["state"] == "RULED_OUT"]
    for label, names in (
        ("label.ruled_out", out),
        ("label.no_help", [one["key"] for one in body["fixes"] if one["verdict"] == "no"]),
        ("label.open", [one["key"] for one in body["fixes"] if one["verdict"] == "cannot_tell"]),
    ):
        if names:
            yield from wrap(words(spoken, label, names=", ".join(names)), WIDTH)


def _more(body: Mapping[str, Any], first: Mapping[str, Any] | None, spoken: str) -> list[str]:
    """Where the details are."""
    ways = [f"deepkit fixes {one['key']}" for one in body["fixes"] if one["verdict"] == "yes"][:1]
    if first and first["rules"]:
        ways.append(f"deepkit doctor --explain {first['rules'][0]}")
    ways.append(words(spoken, "label.everything"))
    return wrap(words(spoken, "label.details", ways="; ".join(ways)), WIDTH)
