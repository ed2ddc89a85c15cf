r"""The fixed words of a regular expression: a text without any of them cannot match it.

Only the forms are read that the wordings use; of anything else nothing is concluded, so
that a pattern is searched once too often rather than missed.
"""

import re

Literals = frozenset[str]
LEAST = 3
"""Shortest fixed word worth seeking; a Chinese character counts for two."""
MOST = 40
"""Most alternatives that are sought one by one."""

_TOKEN = re.compile(
    r"(?P<word>[^\\\[\](){}.?*+|^$]+(?![?*+{])|[^\\\[\](){}.?*+|^$])|(?P<look>\(\?<?[=!])|(?P<open>\((?:\?:)?)|"
    r"(?P<close>\))|(?P<or>\|)|\\(?P<escaped>[^a-zA-Z0-9])|\\(?:u....|x..|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|"
    r"(?P<repeat>(?:[?*+]|\{\d*,?\d*\})[?+]?)|.",
    re.DOTALL,
)
_ENDS = re.compile(
    r"(?P<first>[^\\\[\](){}.?*+|^$]{6,})(?![?*+{])|.*(?:\\.|[\[\](){}.?*+^$])(?P<last>[^\\\[\](){}.?*+|^$]{6,})$",
    re.DOTALL,
)
"""A fixed beginning or end, which most patterns have; finding it takes a tenth of the time."""
_NONE: Literals = frozenset()


def required_literals(pattern: str) -> Literals:
    """Return words of which every match holds at least one.

    Args:
        pattern: A regular expression without flags, in lower case, and without alternatives outside brackets.

    Returns:
        The words; empty when none are certain.
    """
    if pattern.replace(" ", "").isalnum():
        return frozenset({pattern}) if _worth(frozenset({pattern})) else _NONE
    ends = _ENDS.match(pattern)
    if ends:
        return frozenset({ends["first"] or ends["last"]})
    tokens = [(one.lastgroup or "", one["escaped"] or one[0]) for one in _TOKEN.finditer(pattern)]
    return _alternatives(tokens, 0)[0]


def _alternatives(tokens: list[tuple[str, str]], at: int) -> tuple[Literals, int]:
    """Read alternatives up to the closing bracket; where one has no certain words, all have none."""
    every: list[Literals] = []
    while True:
        words, at = _sequence(tokens, at)
        every.append(words)
        if at >= len(tokens) or tokens[at][0] == "close":
            return (_NONE.union(*every) if all(every) else _NONE), at
        at += 1


def _sequence(tokens: list[tuple[str, str]], at: int) -> tuple[Literals, int]:
    """Read what follows each other; the best words of one part are enough for all."""
    parts: list[Literals] = []
    run = ""
    while at < len(tokens) and (kind := tokens[at][0]) not in ("or", "close"):
        text, inner = tokens[at][1], _NONE
        if kind in ("open", "look"):
            inner, at = _alternatives(tokens, at + 1)
        at += 1
        repeat = tokens[at][1] if at < len(tokens) and tokens[at][0] == "repeat" else ""
        surely = not repeat.startswith(("?", "*", "{0", "{,"))
        fixed = kind in ("word", "escaped")
        if fixed and surely:
            run += text
        if run and (not fixed or repeat):
            parts.append(frozenset({run}))
            run = ""
        if inner and surely and kind == "open":
            parts.append(inner)
        at += bool(repeat)
    if run:
        parts.append(frozenset({run}))
    best = max(parts, key=_worth, default=_NONE)
    return (best if _worth(best) else _NONE), at


def _worth(words: Literals) -> float:
    """Rate words by the shortest; many or short ones are worth nothing."""
    shortest = min([len(word) if word.isascii() else 2 * len(word) for word in words], default=0)
    return min(shortest, 8) - len(words) / MOST if shortest >= LEAST and len(words) <= MOST else 0.0
