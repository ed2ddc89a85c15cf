"""How often a reading of a pasted text was right, by what it rested on.

A state says what kind of evidence there is; a probability says how often such readings
turned out right on labelled reports. The table is fitted by `tools/calibrate.py` with
binned frequencies and Laplace's rule (one right and one wrong case added to each bin;
Laplace 1814, "Essai philosophique sur les probabilités"). Only a text alone gets one: for
measurements no labelled cases of enough variety exist.
"""

from collections.abc import Sequence
from dataclasses import replace

from deepkit.facts import calibration
from deepkit.records import Accusation, Evidence

LEAST = 40
"""Labelled readings that a bin must hold before its share is said aloud: an interval of some 15 points at worst."""
_LIVE = ("LIKELY", "POSSIBLE", "SHOWN")


def bin_of(ranked: Sequence[Accusation]) -> str:
    """Name the bin of the first accusation: its state, what led to it, and whether another is in play.

    Args:
        ranked: The accusations, best first; at least one.

    Returns:
        "STATE/words/alone" and its like. "status" means that only a number was read, "plain" that the
        chat page's or a person's own words lead.
    """
    first = ranked[0]
    kind = "status" if all(rule.startswith("text.status-") for rule in first.rules) else "words"
    if first.rules and first.rules[0].startswith(("text.plain-", "text.chat-")):
        kind = "plain"
    rivals = sum(one.state in _LIVE for one in ranked[1:])
    return f"{first.state}/{kind}/{'alone' if not rivals else 'rivals'}"


def calibrate(evidence: Evidence, ranked: tuple[Accusation, ...]) -> tuple[Accusation, ...]:
    """Give the accusations that rest on one pasted text their probabilities.

    Args:
        evidence: What was observed.
        ranked: The accusations, best first.

    Returns:
        The same list; anything but a text alone leaves it as it is, and so does a bin of fewer than
        LEAST labelled readings. The probabilities never sum to more than one.
    """
    if not ranked or any(seen.check != "text" for seen in evidence.observations):
        return ranked
    table = calibration()
    leading = table.first.get(bin_of(ranked))
    if leading is None or leading.n < LEAST:
        return ranked
    left = 1.0
    given: list[Accusation] = []
    for place, one in enumerate(ranked):
        odds = leading if place == 0 else table.later.get(str(min(place + 1, 3)))
        chance = None if odds is None else min(odds.probability, left)
        left -= chance or 0.0
        given.append(replace(one, probability=chance))
    return tuple(given)
