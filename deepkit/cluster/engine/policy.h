/* How long a client waits before it tries again, and the throttle that holds it back beyond one request.
 * deepkit/retries has the same lines for real calls, and the sources; a property test holds them equal.
 */
#pragma once
#include "random.h"
#include "parameters.h"
static inline double least(double a, double b) { return b < a ? b : a; }
static inline double most(double a, double b) { return b > a ? b : a; }

/* min(cap, base * factor^(attempt - 1)) by repeated multiplication, which cannot overflow. */
static double grown(const Policy *policy, int64_t attempt) {
    double value = policy->base;
    for (int64_t i = 1; i < attempt && policy->factor != 1.0; i++) {
        value *= policy->factor;
        if (value >= policy->cap || value == 0.0) break;
    }
    return least(value, policy->cap);
}

/* The wait after a failed attempt, counted from 1; u is a draw from [0, 1), previous the wait before it. */
static double delay(const Policy *policy, const double *ladder, int64_t attempt, double previous, double u) {
    double cap = policy->cap, base = policy->base, value = grown(policy, attempt);
    int64_t step = attempt < policy->steps ? attempt : policy->steps;
    switch (policy->kind) {
    case LADDER: return step ? least(ladder[step - 1], cap) : 0.0;
    case FIXED: return least(base, cap);
    case GROWING: return value;
    case FULL: return value * u;
    case EQUAL: return 0.5 * value + 0.5 * value * u;
    case DECORRELATED: return least(cap, base + u * (3.0 * most(previous, base) - base));
    case ADDITIVE: return least(cap, value + u * policy->jitter);
    case SCALED: return value * (1.0 - policy->jitter_share * u);
    case MEMORYLESS: return least(cap, -value * logarithm(1.0 - u));
    default: return 0.0;
    }
}

#define LEAST_RATE 0.5    /* attempts a second that a paced client may always send */
#define AHEAD 1.0         /* seconds ahead that a place is kept, and for which one fall of the rate stands */
#define SMALL_SAMPLE 10.0 /* attempts before a breaker may open */
#define CUBIC_FALL 0.7
#define CUBIC_GROWTH 0.4
typedef struct {
    double amount;   /* attempts counted, tokens left, or the rate */
    double outcomes; /* failures (BREAKER) or answers (ADAPTIVE) counted */
    double faded_at, next_send;
    double peak, fell_at; /* the rate at its last fall, and when that was */
} Throttle;

static Throttle fresh_throttle(const Policy *policy) {
    int counting = policy->throttle == BREAKER || policy->throttle == ADAPTIVE;
    double peak = policy->throttle == CUBIC ? policy->tokens : 0.0;
    return (Throttle){.amount = counting ? 0.0 : policy->tokens, .peak = peak};
}

/* Let old counts fade, so that they cover about one window; a window without an attempt leaves nothing. */
static void fade(Throttle *throttle, const Policy *policy, double now) {
    if (now <= throttle->faded_at) return;
    double passed = now - throttle->faded_at;
    double share = passed < policy->window ? exponential_of(-passed / policy->window) : 0.0;
    throttle->amount *= share;
    throttle->outcomes *= share;
    throttle->faded_at = now;
}

/* The probability with which an attempt is dropped instead of sent; counts the attempt. */
static double drop_chance(Throttle *throttle, const Policy *policy, double now) {
    if (policy->throttle != ADAPTIVE) return 0.0;
    fade(throttle, policy, now);
    double surplus = throttle->amount - policy->level * throttle->outcomes;
    throttle->amount += 1.0;
    return most(0.0, surplus / throttle->amount);
}

/* When an attempt may be sent at the present rate. That place is kept for it, unless it is too late, or too far
 * ahead: the rate may have fallen by then.
 */
static double send_time(Throttle *throttle, const Policy *policy, double now, double latest) {
    if (policy->throttle != AIMD && policy->throttle != CUBIC) return now;
    double when = most(now, throttle->next_send);
    if (when >= latest || when > now + AHEAD) return most(when, latest);
    throttle->next_send = when + 1.0 / throttle->amount;
    return when;
}

static int may_retry(const Throttle *throttle, const Policy *policy) {
    if (policy->throttle == BREAKER)
        return throttle->amount < SMALL_SAMPLE || throttle->outcomes <= policy->level * throttle->amount;
    return policy->throttle != GRPC || throttle->amount > policy->tokens / 2.0;
}

static void pace(Throttle *throttle, const Policy *policy, int answered, double now) {
    int cubic = policy->throttle == CUBIC;
    if (answered && cubic) { /* RFC 9438, section 4.2 */
        double root = cube_root(throttle->peak * (1.0 - CUBIC_FALL) / CUBIC_GROWTH);
        double passed = now - throttle->fell_at - root;
        double rate = CUBIC_GROWTH * passed * passed * passed + throttle->peak;
        throttle->amount = most(throttle->amount, rate);
    } else if (answered) throttle->amount += policy->level / throttle->amount;
    else if (now >= throttle->fell_at + AHEAD) {
        throttle->peak = throttle->amount;
        throttle->fell_at = now;
        throttle->amount = most(LEAST_RATE, cubic ? CUBIC_FALL * throttle->amount : throttle->amount / 2.0);
    }
}

/* Take note of how an attempt ended. */
static void hear(Throttle *throttle, const Policy *policy, int answered, double now) {
    if (policy->throttle == BREAKER) {
        fade(throttle, policy, now);
        throttle->amount += 1.0;
        throttle->outcomes += answered ? 0.0 : 1.0;
    } else if (policy->throttle == GRPC) {
        double tokens = throttle->amount;
        throttle->amount = answered ? least(policy->tokens, tokens + policy->level) : most(0.0, tokens - 1.0);
    } else if (policy->throttle == ADAPTIVE) throttle->outcomes += answered ? 1.0 : 0.0;
    else if (policy->throttle) pace(throttle, policy, answered, now);
}
