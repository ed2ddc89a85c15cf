"""A case in at most twelve lines: what it is, how sure, what to do first, the check that decides, and why."""

from collections.abc import Mapping
from typing import Any

from deepkit.answers.words import words
from deepkit.answers.wrapping import wrap

WIDTH = 80
MOST_LINES = 12


def in_short(body: Mapping[str, Any]) -> list[str]:
    """Write the answer for a person.

    Args:
        body: `deepkit.answers.document(case)`, secrets removed.

    Returns:
        At most MOST_LINES lines of at most WIDTH columns: where there is too much, the reason goes first, then
        the last of the further steps.
    """
    why, steps = True, 1 + len(body["answer"]["then"])
    while True:
        lines = [*answer_lines(body, WIDTH, why=why, steps=steps), words(_spoken(body), "label.more")]
        if len(lines) <= MOST_LINES or (not why and steps == 1):
            return [*lines[: MOST_LINES - 1], lines[-1]] if len(lines) > MOST_LINES else lines
        why, steps = False, steps if why else steps - 1


def answer_lines(body: Mapping[str, Any], width: int, *, why: bool = True, steps: int = 3) -> list[str]:
    """Write the answer itself.

    Args:
        body: The document.
        width: Columns of a line.
        why: Whether to give the reason.
        steps: The most steps.

    Returns:
        Lines.
    """
    answer, spoken = body["answer"], _spoken(body)
    gap = "" if spoken == "zh" else " "
    lines = wrap(answer["headline"], width)
    lines += wrap(f"{words(spoken, 'certainty.' + answer['certainty'])}{gap}{answer['whose_words']}", width)
    for host in look_alikes(body)[:1]:
        lines += wrap(words(spoken, "label.look_alike", host=host), width)
    lines.append(words(spoken, "label.first"))
    for number, step in enumerate([answer["first"], *answer["then"]][:steps], 1):
        lines += wrap(step["text"], width, f"  {number}. ")
    if answer["to_be_sure"]:
        lines += wrap(f"{words(spoken, 'label.sure')}{gap}{answer['to_be_sure']['text']}", width)
    if why and answer["why"]:
        lines += wrap(f"{words(spoken, 'label.why')}{gap}{answer['why']}", width)
    return lines


def look_alikes(body: Mapping[str, Any]) -> list[str]:
    """Return the hosts that imitate DeepSeek's domain."""
    hosts = (host for seen in body["observations"] for host in seen["facts"].get("look_alikes", ()))
    return list(dict.fromkeys(hosts))


def _spoken(body: Mapping[str, Any]) -> str:
    language: str = body["answer"]["language"]
    return language
