"""Which wordings stand in a text, found without compiling the patterns that cannot match.

Compiling all patterns takes longer than reading a text with those few whose fixed words
occur in it. So each pattern's fixed words are sought first, and a pattern is compiled when
a text holds one of them.
"""

import re
from collections.abc import Sequence
from functools import cache

from deepkit.signals._literals import required_literals
from deepkit.signals._table import Wording, table

EXCERPT = 140
"""Longest excerpt that is kept of a recognised wording, in characters."""
_BEFORE = 20


class _Search:
    """Wordings, with their patterns by the words that must occur."""

    def __init__(self, wordings: Sequence[Wording]) -> None:
        self.wordings = wordings
        self._always: list[tuple[str, str]] = []
        self._by_word: dict[str, list[tuple[str, str]]] = {}
        for one in wordings:
            for pattern in map(_lowered, one.patterns):
                words = required_literals(pattern)
                for word in words:
                    self._by_word.setdefault(word, []).append((one.id, pattern))
                if not words:
                    self._always.append((one.id, pattern))

    def starts(self, low: str) -> dict[str, int]:
        """Return where each wording begins in a text in lower case."""
        found: dict[str, int] = {}
        possible = [
            *self._always,
            *(one for word, some in self._by_word.items() if word in low for one in some),
        ]
        for name, pattern in dict.fromkeys(possible):
            match = _compiled(pattern).search(low)
            if match is not None:
                found[name] = min(match.start(), found.get(name, match.start()))
        return found


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _search(*, loose: bool = False, topic: bool = False) -> _Search:
    """Return the usual search, the loose one or that for topics; wordings that narrow others are part of none."""
    every = table().wordings.values()
    return _Search([one for one in every if one.loose is loose and one.topic is topic and not one.within])


def _lowered(pattern: str) -> str:
    r"""Return a pattern in lower case, its escapes ("\\S") as they are: lowered text is searched faster."""
    return re.sub(r"\\.|[A-Z]+", lambda found: found[0] if found[0][0] == "\\" else found[0].lower(), pattern)


def _lower(text: str) -> str:
    """Return the text in lower case and of the same length, so that places in it stay what they are."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(one.lower()[:1] for one in text)


def recognised(*texts: str) -> dict[str, str]:
    """Find the wordings of a text.

    Args:
        texts: The text on one line; further readings of it are searched for what the first does not hold.

    Returns:
        Each wording's id and a short excerpt from where it begins, in the order of the table.
    """
    search = _search()
    found: dict[str, str] = {}
    for text in texts:
        for name, start in search.starts(_lower(text)).items() if text else ():
            found.setdefault(name, _excerpt(text, start))
    _narrow(found)
    return {name: found[name] for name in table().wordings if name in found}


def _excerpt(text: str, start: int) -> str:
    at = max(0, start - _BEFORE)
    return re.sub(r"\s+", " ", text[at : at + EXCERPT]).strip()


def _narrow(found: dict[str, str]) -> None:
    """Add the wordings that narrow a recognised one: they stand in its excerpt."""
    for one in table().wordings.values():
        for name in one.within:
            low = _lower(found.get(name, ""))
            if low and any(_compiled(_lowered(pattern)).search(low) for pattern in one.patterns):
                found[one.id] = found[name]
                break


def topics(text: str) -> dict[str, str]:
    """Find what people speak of in a text, as `recognised` finds errors; the text on one line."""
    starts = _search(topic=True).starts(_lower(text))
    return {name: _excerpt(text, starts[name]) for name in table().wordings if name in starts}


def loose_wording(text: str) -> dict[str, str]:
    """Find the first loose wording of a text in which nothing else was recognised.

    Args:
        text: Text on one line.

    Returns:
        Its id and an excerpt, or nothing.
    """
    # Identifiers hold sentences too: "LLM_response_empty", "ModelNotOpen".
    words = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text[:4000]).replace("_", " ")
    search = _search(loose=True)
    found = search.starts(_lower(words))
    first = next((one.id for one in search.wordings if one.id in found), None)
    return {} if first is None else {first: words[max(0, found[first] - _BEFORE) :][:EXCERPT]}
