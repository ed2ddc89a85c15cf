"""Draws for the kernel, in Python that numba compiles: from buffers that are filled in one go."""

import math

from deepkit.cluster.layout import (
    FIRST_UNIFORM,
    LAW,
    LAW_A,
    LAW_B,
    LAW_C,
    PHASES,
    SAMPLES,
    SERVE,
    SERVICE,
    SHAPE,
    State,
)
from deepkit.cluster.rng import fill_exponential, fill_uniform

BUFFER = 128
"""Draws kept ready for each stream; the values do not depend on it."""


def refill(s: State, stream: int) -> None:
    """Fill a stream's buffer."""
    start = stream * BUFFER
    if stream < FIRST_UNIFORM:
        fill_exponential(s.seeds[stream], s.draws, start, start + BUFFER, s.edges, s.heights)
    else:
        fill_uniform(s.seeds[stream], s.draws, start, start + BUFFER)


def exponential(s: State, stream: int) -> float:
    """Draw from the exponential law of mean 1."""
    place = s.drawn[stream]
    if place == BUFFER:
        refill(s, stream)
        place = 0
    s.drawn[stream] = place + 1
    return s.draws[stream * BUFFER + place]


def uniform(s: State, stream: int) -> float:
    """Draw uniformly from [0, 1)."""
    place = s.drawn[stream]
    if place == BUFFER:
        refill(s, stream)
        place = 0
    s.drawn[stream] = place + 1
    return s.draws[stream * BUFFER + place]


def normal(s: State) -> float:
    """Draw from the standard normal law (Box and Muller; one of the pair is not used)."""
    radius = math.sqrt(2.0 * exponential(s, SERVE))
    return radius * math.cos(2.0 * math.pi * uniform(s, SHAPE))


def service(s: State) -> float:
    """Draw a service time in seconds.

    The numbers LAW_A to LAW_C belong to the law: location and scale of the logarithm for
    lognormal; the share of the short phase and both means for hyperexponential.
    """
    law, mean = s.n[LAW], s.x[SERVICE]
    if law == 0:
        return mean * exponential(s, SERVE)
    if law == 1:
        return mean
    if law == 2:
        total = 0.0
        for _ in range(s.n[PHASES]):
            total += exponential(s, SERVE)
        return mean * total / s.n[PHASES]
    if law == 3:
        return math.exp(s.x[LAW_A] + s.x[LAW_B] * normal(s))
    if law == 4:
        short = uniform(s, SHAPE) < s.x[LAW_A]
        return exponential(s, SERVE) * (s.x[LAW_B] if short else s.x[LAW_C])
    return s.samples[int(uniform(s, SHAPE) * s.n[SAMPLES])]
