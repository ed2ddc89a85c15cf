/* Arithmetic and random numbers, the same bits on every platform: exp, log and cube root from + - * / alone, within two
 * units in the last place (deepkit/retries/arithmetic.py has the same lines); the generator SFC64 by Chris
 * Doty-Humphrey (PractRand, https://pracrand.sourceforge.net ), a stream for each purpose, so that policies meet the
 * same arrivals.
 */
#pragma once
#include <stdint.h>

#define LN2_HIGH 0x1.62e42feep-1 /* ln 2 to 32 bits: whole multiples of it are exact */
#define LN2_LOW 0x1.a39ef35793c76p-33
typedef union {
    double value;
    uint64_t bits;
} Double;

/* e^x; 0 below e^-708. */
static double exponential_of(double x) {
    static const double over_factorial[14] = {
        1.0 / 1,    1.0 / 1,     1.0 / 2,      1.0 / 6,       1.0 / 24,       1.0 / 120,       1.0 / 720,
        1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
    if (x < -708.0) return 0.0;
    if (x > 709.0) return __builtin_inf();
    double power = __builtin_floor(x * 1.4426950408889634 + 0.5);
    double rest = (x - power * LN2_HIGH) - power * LN2_LOW, sum = 0.0;
    for (int n = 13; n >= 0; n--) sum = sum * rest + over_factorial[n];
    return sum * (Double){.bits = (uint64_t)((int64_t)power + 1023) << 52}.value; /* times 2^power */
}

/* The natural logarithm of a normal number above 0. */
static double logarithm(double x) {
    Double parts = {x};
    double power = (double)((int64_t)(parts.bits >> 52) - 1023);
    parts.bits = (parts.bits & 0x000fffffffffffff) | 0x3ff0000000000000;
    double mantissa = parts.value;
    if (mantissa > 1.4142135623730951) {
        mantissa *= 0.5;
        power += 1.0;
    }
    double s = (mantissa - 1.0) / (mantissa + 1.0), square = s * s, sum = 0.0;
    for (int n = 23; n >= 3; n -= 2) sum = sum * square + 1.0 / n;
    return power * LN2_HIGH + (power * LN2_LOW + (2.0 * s + 2.0 * s * (square * sum)));
}

static double cube_root(double x) { return exponential_of(logarithm(x) / 3.0); }
enum { FOR_ARRIVAL, FOR_SERVICE, FOR_PATIENCE, FOR_DELAY, FOR_SHAPE, FOR_CHANCE, FOR_OWNER, STREAMS };

typedef struct { uint64_t a, b, c, counter; } Stream;
static Stream streams[STREAMS];
static double edges[257], heights[257]; /* of the ziggurat's 256 layers of equal area, widest first */

static inline uint64_t next_word(Stream *s) {
    uint64_t word = s->a + s->b + s->counter++;
    s->a = s->b ^ (s->b >> 11);
    s->b = s->c + (s->c << 3);
    s->c = ((s->c << 24) | (s->c >> 40)) + word;
    return word;
}

/* The finisher of SplitMix64, so that near seeds give far states. */
static uint64_t mixed(uint64_t value, uint64_t salt) {
    uint64_t word = value + salt * 0x9E3779B97F4A7C15u;
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    return word ^ (word >> 31);
}

static void seed_streams(uint64_t low, uint64_t high) {
    for (uint64_t i = 0; i < STREAMS; i++) {
        streams[i] = (Stream){mixed(low, 1), mixed(high, 2 * i + 3), mixed(i, low), 1};
        for (int step = 0; step < 12; step++) next_word(&streams[i]);
    }
}

static void build_ziggurat(void) {
    double right = 7.69711747013105, area = 0.003949659822581557;
    edges[0] = area / exponential_of(-right);
    edges[1] = right;
    for (int i = 0; i < 2; i++) heights[i] = exponential_of(-edges[i]);
    for (int i = 2; i < 256; i++) {
        heights[i] = heights[i - 1] + area / edges[i - 1];
        edges[i] = -logarithm(heights[i]);
    }
    heights[256] = 1.0;
}

/* A draw from [0, 1). */
static inline double unit(uint64_t word) { return (double)(int64_t)(word >> 11) * 0x1p-53; }
static inline double uniform(int stream) { return unit(next_word(&streams[stream])); }

/* A draw from the exponential law of mean 1, by the ziggurat of Marsaglia and Tsang (doi 10.18637/jss.v005.i08). */
static inline double exponential(int stream) {
    Stream *s = &streams[stream];
    for (double far = 0.0;;) {
        uint64_t word = next_word(s);
        int layer = word & 255;
        double draw = unit(word) * edges[layer];
        if (draw < edges[layer + 1]) return far + draw;
        if (layer == 0) { /* beyond the last edge the law begins anew: it has no memory */
            far += edges[1];
            continue;
        }
        double low = heights[layer], high = heights[layer + 1];
        if (low + unit(next_word(s)) * (high - low) < exponential_of(-draw)) return far + draw;
    }
}

/* A draw from the standard normal law (Marsaglia and Bray's polar method; one of the pair is not used). */
static double normal(void) {
    for (;;) {
        double x = 2.0 * uniform(FOR_SHAPE) - 1.0, y = 2.0 * uniform(FOR_SHAPE) - 1.0, square = x * x + y * y;
        if (square < 1.0 && square > 0.0) return x * __builtin_sqrt(-2.0 * logarithm(square) / square);
    }
}
