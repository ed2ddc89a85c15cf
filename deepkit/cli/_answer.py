"""Prints a case: in short, at length, or as JSON."""

from typing import TYPE_CHECKING

from deepkit.answers import document, in_short
from deepkit.cli._parser import put_json, say

if TYPE_CHECKING:
    from deepkit.cases import Case


def tell(case: "Case", *, as_json: bool, long: bool = False, language: str | None = None) -> int:
    """Print a case and return its exit status: 0 nothing is wrong, 1 a cause was found, 2 inconclusive."""
    body = document(case, language=language)
    if as_json:
        put_json(body)
    elif long:
        from deepkit.cli._prose import in_words

        say(in_words(body))
    else:
        say("\n".join(in_short(body)))
    return {"healthy": 0, "no_error": 0, "inconclusive": 2}.get(body["verdict"], 1)
