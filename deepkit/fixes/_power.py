"""What a trial can show, told before it begins."""

import math
from bisect import bisect_left
from functools import lru_cache

from deepkit.fixes._verdicts import DECIDES, MOST_LOSS, Pairs, strengths
from deepkit.statistics import e_value_above

CHANCE = 0.8
"""How probable the proof shall be: the usual power of four in five."""
MOST_PAIRS = 1000


def forecast(pairs: int, before: float, after: float, *, speed: bool = False, family: int = 1) -> str:
    """Say beforehand whether so many pairs are likely to prove a change.

    Args:
        pairs: Pairs that can be asked at most.
        before: Share of questions that fail without the fix.
        after: Share that fails with it.
        speed: Whether the fix promises speed.
        family: Number of fixes that are tried together.

    Returns:
        One or two sentences.
    """
    needed = pairs_needed(before, after, family * DECIDES)
    about = f"about {round_up(2 * needed)}" if needed else f"more than {2 * MOST_PAIRS}"
    enough = needed is not None and needed <= pairs
    text = (
        f"To prove a fall of the failures from {100 * before:.0f} % to {100 * after:.0f} % needs {about} questions; "
        f"your budget allows {2 * pairs}: {'that is likely enough' if enough else 'it may stay open'}."
    )
    clean = fewest_for_speed(family * DECIDES)
    if speed and clean > pairs:
        text += f" A gain in speed alone needs at least {2 * clean}: it will stay open."
    return text


@lru_cache(maxsize=64)
def fewest_for_speed(decides: float) -> int:
    """Return the fewest pairs, all answered, that credit a gain in speed alone."""
    pairs = 1
    while e_value_above(0, 0, pairs, -MOST_LOSS) < decides:
        pairs += 1
    return pairs


@lru_cache(maxsize=64)
def pairs_needed(before: float, after: float, decides: float = DECIDES, chance: float = CHANCE) -> int | None:
    """Return how many pairs prove a change of the failures with the given chance.

    Args:
        before: Share of questions that fail without the fix.
        after: Share that fails with it.
        decides: E-value that decides.
        chance: How probable the proof shall be.

    Returns:
        The number of pairs by the binomial law of the pairs that differ, arms independent; None when more than 1000.
    """
    wins, losses = before * (1 - after), after * (1 - before)
    alive, done = {(0, 0): 1.0}, 0.0
    same = 1 - wins - losses
    for pairs in range(1, MOST_PAIRS + 1):
        ahead: dict[tuple[int, int], float] = {}
        for (won, lost), mass in alive.items():
            for place, part in (((won + 1, lost), wins), ((won, lost + 1), losses), ((won, lost), same)):
                ahead[place] = ahead.get(place, 0.0) + mass * part
        done += sum(mass for place, mass in ahead.items() if e_value_above(*place, 0) >= decides)
        alive = {
            place: mass for place, mass in ahead.items() if mass > 1e-9 and e_value_above(*place, 0) < decides
        }
        if done >= chance:
            return pairs
    return None


def more_pairs(pairs: Pairs, decides: float = DECIDES, most: int = 200) -> int | None:
    """Return how many more pairs would prove it if all went on as until now; None when more than `most`."""

    def proven(more: int) -> bool:
        return max(strengths(pairs.times(1 + more / pairs.n))) >= decides

    found = bisect_left(
        range(most + 1), True, key=proven
    )  # once proven, so much more of the same is proof as well
    return found if found <= most else None


def round_up(number: float) -> int:
    """Return a number for people: rounded up to one of 1 to 10, or to two leading digits, the second 0 or 5."""
    if number <= 10:
        return math.ceil(number)
    step: int = 5 * 10 ** (math.floor(math.log10(number)) - 1)
    return step * math.ceil(number / step)
