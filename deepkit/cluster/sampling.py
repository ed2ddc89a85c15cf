"""Draws for the kernel, in Python that numba compiles: from buffers that are filled in one go."""

import math

from deepkit.cluster.layout import (
    BUFFER,
    DRAWN,
    DRAWS,
    FIRST_UNIFORM,
    LAW,
    LAW_A,
    LAW_B,
    LAW_C,
    PHASES,
    SAMPLES,
    SAMPLES_AT,
    SERVE,
    SERVICE,
    SHAPE,
    WORDS,
    Floats,
    Whole,
)  # fmt: skip
from deepkit.cluster.rng import fill_exponential, fill_uniform


def refill(n: Whole, x: Floats, stream: int) -> None:
    """Fill a stream's buffer."""
    start = DRAWS + stream * BUFFER
    if stream < FIRST_UNIFORM:
        fill_exponential(n, x, WORDS + 4 * stream, start, start + BUFFER)
    else:
        fill_uniform(n, x, WORDS + 4 * stream, start, start + BUFFER)


def exponential(n: Whole, x: Floats, stream: int) -> float:
    """Draw from the exponential law of mean 1."""
    place = n[DRAWN + stream]
    if place == BUFFER:
        refill(n, x, stream)
        place = 0
    n[DRAWN + stream] = place + 1
    return x[DRAWS + stream * BUFFER + place]


def uniform(n: Whole, x: Floats, stream: int) -> float:
    """Draw uniformly from [0, 1)."""
    place = n[DRAWN + stream]
    if place == BUFFER:
        refill(n, x, stream)
        place = 0
    n[DRAWN + stream] = place + 1
    return x[DRAWS + stream * BUFFER + place]


def normal(n: Whole, x: Floats) -> float:
    """Draw from the standard normal law (Box and Muller; one of the pair is not used)."""
    radius = math.sqrt(2.0 * exponential(n, x, SERVE))
    return radius * math.cos(2.0 * math.pi * uniform(n, x, SHAPE))


def service(n: Whole, x: Floats) -> float:
    """Draw a service time in seconds.

    The numbers LAW_A to LAW_C belong to the law: location and scale of the logarithm for
    lognormal; the share of the short phase and both means for hyperexponential.
    """
    law, mean = n[LAW], x[SERVICE]
    if law == 0:
        return mean * exponential(n, x, SERVE)
    if law == 1:
        return mean
    if law == 2:
        total = 0.0
        for _ in range(n[PHASES]):
            total += exponential(n, x, SERVE)
        return mean * total / n[PHASES]
    if law == 3:
        return math.exp(x[LAW_A] + x[LAW_B] * normal(n, x))
    if law == 4:
        short = uniform(n, x, SHAPE) < x[LAW_A]
        return exponential(n, x, SERVE) * (x[LAW_B] if short else x[LAW_C])
    return x[n[SAMPLES_AT] + int(uniform(n, x, SHAPE) * n[SAMPLES])]
