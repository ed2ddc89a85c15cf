/* What clients do: send, hear, wait and try again, or give up. */
#pragma once
#include "station.h"

/* Draw when the next request comes. The law has no memory: drawing anew after a change of the rate is exact. */
static void draw_arrival(double now) {
    double rate = cluster.population ? next.rate * (double)requests.idle_count : next.rate;
    next.arrival = rate > 0.0 ? now + exponential(FOR_ARRIVAL) / rate : NEVER;
}

/* End a request for good; in a closed population its client begins to think. */
static void release(uint32_t request, double now) {
    requests.idle[requests.idle_count++] = request;
    double thinking = (double)requests.idle_count;
    if (cluster.population && next.arrival >= NEVER) draw_arrival(now);
    else if (cluster.population) /* the rate rises, and what is left of the wait shrinks in proportion */
        next.arrival = now + (next.arrival - now) * (thinking - 1.0) / thinking;
}

/* A first attempt earns a share of a retry; each retry and each second copy takes a whole one. */
static void earn(Client *client, const Policy *policy) {
    client->tokens = least(policy->budget_burst, client->tokens + policy->budget_ratio);
}

static int spend(Client *client) {
    if (client->tokens < 1.0 - 1e-9) return 0; /* ten shares of 0.1 sum to a little less than 1 */
    client->tokens = most(0.0, client->tokens - 1.0);
    return 1;
}

/* Tell a client's throttle how an attempt ended. */
static void report(uint32_t request, int answered, double now) {
    const Policy *policy = policy_of(request);
    if (policy->throttle) hear(&client_of(request)->throttle, policy, answered, now);
}

/* Ask the policy, the throttle and the budget for another attempt, and set its timer when there is one. */
static int try_again(uint32_t request, double now) {
    const Policy *policy = policy_of(request);
    uint32_t tries = requests.tries[request];
    if (policy->kind == NO_RETRY || tries > policy->retries) return 0;
    double u = uniform(FOR_DELAY);
    double wait = delay(policy, ladders[requests.watched[request]], tries, requests.previous[request], u);
    if (now + wait - requests.born[request] >= policy->deadline) return 0;
    Client *client = client_of(request);
    if (owning && !(may_retry(&client->throttle, policy) && (!policy->budgeted || spend(client)))) return 0;
    requests.tries[request]++;
    requests.previous[request] = wait;
    set_timer(now + cluster.round_trip + wait, request, RETRY);
    return 1;
}

/* Settle a failed attempt, which its client heard of or never sent: another one follows, or the request has failed. */
static void fail(uint32_t request, int heard, double now) {
    if (heard) report(request, 0, now);
    settle(request);
    if (try_again(request, now)) return;
    count.failed++;
    count.watched_failed += requests.watched[request];
    release(request, now);
}

static void succeed(uint32_t request, double now) {
    double took = now - requests.born[request];
    report(request, 1, now);
    count.successes++;
    count.success_time += took;
    count.watched_successes += requests.watched[request];
    count.watched_success_time += requests.watched[request] ? took : 0.0;
    settle(request);
    release(request, now);
}

/* Send an attempt: it finds a server, a place in the queue, or is rejected. */
static void send(uint32_t request, double now) {
    if (!enter(request, now)) {
        pay_for_rejection();
        fail(request, 1, now);
        return;
    }
    double hedge_after = policy_of(request)->hedge_after;
    if (cluster.timeout > 0.0) set_timer(now + cluster.timeout, request, TIME_OUT);
    if (hedge_after < NEVER) set_timer(now + hedge_after, request, HEDGE);
}

/* Send an attempt when the client's throttle lets it: at once, later, or not at all. */
static void launch(uint32_t request, double now) {
    const Policy *policy = policy_of(request);
    double when = now, latest = requests.born[request] + policy->deadline;
    if (policy->throttle) {
        Throttle *throttle = &client_of(request)->throttle;
        double chance = drop_chance(throttle, policy, now);
        int dropped = chance > 0.0 && uniform(FOR_CHANCE) < chance;
        when = dropped ? NEVER : send_time(throttle, policy, now, latest);
    }
    if (policy->throttle && when >= latest) fail(request, 0, now);
    else if (when > now) set_timer(when, request, PACED);
    else send(request, now);
}
