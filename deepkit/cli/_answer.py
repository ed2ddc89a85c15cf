"""A case in at most twelve lines: what it is, how sure, what to do first, the check that decides, and why."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from deepkit.answers import document, words
from deepkit.cli._parser import put_json

if TYPE_CHECKING:
    from deepkit.cases import Case

WIDTH = 80
MOST_LINES = 12
WIDE = {"zh": 40}
"""Signs a line in a language whose signs take two columns."""


def tell(case: "Case", *, as_json: bool, long: bool = False, language: str | None = None) -> int:
    """Print a case and return its exit status: 0 nothing is wrong, 1 a cause was found, 2 inconclusive."""
    body = document(case, language=language)
    if as_json:
        put_json(body)
    elif long:
        from deepkit.cli._prose import in_words

        print(in_words(body))
    else:
        print("\n".join(in_short(body)))
    return {"healthy": 0, "no_error": 0, "inconclusive": 2}.get(body["verdict"], 1)


def in_short(body: Mapping[str, Any]) -> list[str]:
    """Write the answer for a person.

    Args:
        body: `deepkit.answers.document(case)`, secrets removed.

    Returns:
        At most MOST_LINES lines of at most WIDTH columns.
    """
    lines = list(_lines(body))
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[-1]]


def _lines(body: Mapping[str, Any]) -> Iterator[str]:
    answer = body["answer"]
    spoken = answer["language"]

    def say(key: str, **values: str) -> str:
        return words(spoken, key, **values)

    def fill(text: str, mark: str = "") -> list[str]:
        width = WIDE.get(spoken, WIDTH)
        return textwrap.wrap(text, width, initial_indent=mark, subsequent_indent=" " * len(mark))

    yield from fill(answer["headline"])
    yield from fill(f"{say('certainty.' + answer['certainty'])} {answer['whose_words']}")
    for host in _look_alikes(body)[:1]:
        yield from fill(say("label.look_alike", host=host))
    yield say("label.first")
    for number, step in enumerate([answer["first"], *answer["then"]], 1):
        yield from fill(step["text"], f"  {number}. ")
    if answer["to_be_sure"]:
        yield from fill(f"{say('label.sure')} {answer['to_be_sure']['text']}")
    why = next(
        (one["for"][0] for one in body["causes"] if one["cause"] == body["verdict"] and one["for"]), None
    )
    if why:
        yield from fill(f"{say('label.why')} {why}")[:2]
    yield say("label.more")


def _look_alikes(body: Mapping[str, Any]) -> list[str]:
    hosts = (host for seen in body["observations"] for host in seen["facts"].get("look_alikes", ()))
    return list(dict.fromkeys(hosts))
