"""Lengths of prompts and answers, in Python that numba compiles."""

import math

from deepkit.cluster.fleet.layout import LENGTHS, SPREAD
from deepkit.cluster.layout import SERVE, SHAPE, Floats, Whole
from deepkit.cluster.sampling import exponential, uniform


def length(n: Whole, x: Floats, mean: float, most: int) -> int:
    """Draw a length in whole tokens, from 1 to `most`.

    SPREAD is the standard deviation of the logarithm of the lognormal law; the normal draw is Box and Muller's.
    """
    if n[LENGTHS] == 0:
        drawn = mean * exponential(n, x, SERVE)
    elif n[LENGTHS] == 1:
        drawn = mean
    else:
        radius = math.sqrt(2.0 * exponential(n, x, SERVE))
        normal = radius * math.cos(2.0 * math.pi * uniform(n, x, SHAPE))
        drawn = mean * math.exp(x[SPREAD] * normal - 0.5 * x[SPREAD] * x[SPREAD])
    if drawn >= most:
        return most
    return max(1, int(drawn + 0.5))
