"""Random numbers that are the same on every platform, interpreted and compiled.

The generator is SFC64 by Chris Doty-Humphrey (PractRand, https://pracrand.sourceforge.net ),
exponential draws come from the ziggurat of Marsaglia and Tsang (Journal of Statistical
Software 5(8), 2000, doi 10.18637/jss.v005.i08) with 256 layers. The plain functions below and
those of `deepkit.cluster.compiled` give the same bits; a test holds them together.
"""

import math
from decimal import Decimal, localcontext
from functools import cache

from deepkit.cluster.layout import EDGES, Floats, Whole

MASK = (1 << 64) - 1
LAYERS = 256
RIGHT = "7.6971174701310497140446280480152154991139686400553"
AREA = "0.0039496598225815572199775719568148610919128123713095"
TO_UNIT = 2.0**-53


def seeded(seed: int, stream: int) -> list[int]:
    """Return the generator's first state for one of a run's independent streams.

    Args:
        seed: Seed of the run.
        stream: Number of the stream.

    Returns:
        Four 64-bit words.
    """
    state = [mixed(seed & MASK, 1), mixed(seed >> 64 & MASK, 2 * stream + 3), mixed(stream, seed & MASK), 1]
    for _ in range(12):
        step(state)
    return state


def mixed(value: int, salt: int) -> int:
    """Scramble 64 bits with the finisher of SplitMix64, so that near seeds give far states."""
    word = (value + salt * 0x9E3779B97F4A7C15) & MASK
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


def step(state: list[int]) -> int:
    """Advance a state and return its next 64 bits."""
    a, b, c, counter = state
    word = (a + b + counter) & MASK
    state[0] = b ^ (b >> 11)
    state[1] = (c + (c << 3)) & MASK
    state[2] = (((c << 24) | (c >> 40)) + word) & MASK
    state[3] = (counter + 1) & MASK
    return word


def signed(word: int) -> int:
    """Return 64 bits as a whole number with a sign, which is how arrays hold them."""
    return word - ((word >> 63) << 64)


def fill_uniform(n: Whole, x: Floats, words: int, start: int, stop: int) -> None:
    """Fill x[start:stop] with uniform draws from [0, 1), 53 bits each; the state stands in n from `words`."""
    state = [word & MASK for word in n[words : words + 4]]
    for place in range(start, stop):
        x[place] = (step(state) >> 11) * TO_UNIT
    for place, word in enumerate(state):
        n[words + place] = signed(word)


def fill_exponential(n: Whole, x: Floats, words: int, start: int, stop: int) -> None:
    """Fill x[start:stop] with exponential draws of mean 1, by the tables of `ziggurat` from EDGES on."""
    state = [word & MASK for word in n[words : words + 4]]
    for place in range(start, stop):
        far = 0.0
        while True:
            word = step(state)
            edge = EDGES + (word & 255)
            draw = (word >> 11) * TO_UNIT * x[edge]
            if draw < x[edge + 1]:
                break
            if edge == EDGES:
                far += x[edge + 1]  # beyond the last edge the law begins anew: it has no memory
                continue
            low, high = x[edge + 257], x[edge + 258]
            if low + (step(state) >> 11) * TO_UNIT * (high - low) < math.exp(-draw):
                break
        x[place] = far + draw
    for place, word in enumerate(state):
        n[words + place] = signed(word)


@cache
def ziggurat() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the edges and heights of the ziggurat's layers.

    Returns:
        257 edges, widest first, and the density at each. Computed with 40 digits and then
        rounded, so that no mathematics library leaves its mark on them.
    """
    with localcontext() as context:
        context.prec = 40
        right, area = Decimal(RIGHT), Decimal(AREA)
        edges = [area / (-right).exp(), right]
        heights = [(-edges[0]).exp(), (-right).exp()]
        for _ in range(2, LAYERS):
            height = heights[-1] + area / edges[-1]
            edges.append(-height.ln())
            heights.append(height)
    return (*map(float, edges), 0.0), (*map(float, heights), 1.0)
