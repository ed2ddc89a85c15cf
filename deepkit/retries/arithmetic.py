"""exp, log and cube root from + - * / alone: the same bits on every platform, here and in the simulator.

The mathematics library of each system rounds the last bit its own way. `deepkit/cluster/engine/maths.h`
has these lines in C; a property test holds the two equal. Errors stay below two units in the last place.
"""

import math

LN2_HIGH = float.fromhex("0x1.62e42feep-1")
"""ln 2 to 32 bits: whole multiples of it are exact."""
LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
OVER_FACTORIAL = tuple(1.0 / math.factorial(n) for n in range(14))


def exp(x: float) -> float:
    """Return e to the power of x; 0 below -708."""
    if x < -708.0:
        return 0.0
    if x > 709.0:
        return math.inf
    power = math.floor(x * 1.4426950408889634 + 0.5)
    rest = (x - power * LN2_HIGH) - power * LN2_LOW
    total = OVER_FACTORIAL[13]
    for n in range(12, -1, -1):
        total = total * rest + OVER_FACTORIAL[n]
    return math.ldexp(total, power)


def log(x: float) -> float:
    """Return the natural logarithm of a normal number above 0."""
    mantissa, power = math.frexp(x)
    mantissa, power = 2.0 * mantissa, power - 1
    if mantissa > 1.4142135623730951:
        mantissa, power = 0.5 * mantissa, power + 1
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square, total = s * s, 0.0
    for n in range(23, 2, -2):
        total = total * square + 1.0 / n
    twice = 2.0 * s
    return power * LN2_HIGH + (power * LN2_LOW + (twice + twice * (square * total)))


def cube_root(x: float) -> float:
    """Return the cube root of a normal number above 0."""
    return exp(log(x) / 3.0)
