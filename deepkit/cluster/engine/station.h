/* Servers and queues: attempts come in, wait, are served and leave. */
#pragma once
#include "state.h"
static double law[3]; /* lognormal: location and scale; hyperexponential: share of the short phase, both means */

/* The hyperexponential law has balanced means, each phase carries half of the work: the usual choice when only two
 * moments are known (Whitt, doi 10.1287/opre.30.1.125).
 */
static void set_law(void) {
    double mean = cluster.service, square = cluster.service_cv * cluster.service_cv;
    if (cluster.service_law == LOGNORMAL) {
        double variance = logarithm(1.0 + square);
        law[0] = logarithm(mean) - variance / 2;
        law[1] = __builtin_sqrt(variance);
    } else if (cluster.service_law == HYPEREXPONENTIAL) {
        law[0] = (1 + __builtin_sqrt((square - 1) / (square + 1))) / 2;
        law[1] = mean / (2 * law[0]);
        law[2] = mean / (2 * (1 - law[0]));
    }
}

static double erlang(void) {
    double total = 0.0;
    for (int64_t phase = 0; phase < cluster.service_phases; phase++) total += exponential(FOR_SERVICE);
    return cluster.service * total / (double)cluster.service_phases;
}

static inline double service_time(void) {
    switch (cluster.service_law) {
    case EXPONENTIAL: return cluster.service * exponential(FOR_SERVICE);
    case DETERMINISTIC: return cluster.service;
    case ERLANG: return erlang();
    case LOGNORMAL: return exponential_of(law[0] + law[1] * normal());
    case HYPEREXPONENTIAL: return law[uniform(FOR_SHAPE) < law[0] ? 1 : 2] * exponential(FOR_SERVICE);
    default: return samples[(int64_t)(uniform(FOR_SHAPE) * (double)cluster.samples)];
    }
}

/* Give a server to a newcomer or to the next in line, its client still there or not. */
static void begin_service(Place place, double now) {
    push(&station.departures, (Event){now + service_time(), place.ticket, place.request});
    station.busy++;
}

/* Take the next in line off the queues, of the most important class; 0 when only stale places were left. */
static int next_in_line(Place *found) {
    while (station.waiting > 0) {
        Queue *queue = station.queues;
        while (queue->length == 0) queue++;
        *found = queue->places[queue->head];
        queue->head = queue->head + 1 < station.ring ? queue->head + 1 : 0;
        queue->length--;
        station.standing--;
        if (!stale(found->request, found->ticket)) {
            requests.queued[found->request]--;
            requests.served[found->request]++;
        } else if (!cluster.abandoned_work) {
            continue;
        }
        station.waiting--;
        return 1;
    }
    return 0;
}

/* Give free servers to those who wait. */
static void serve_next(double now) {
    Place place;
    while (station.waiting > 0 && station.busy < station.servers)
        if (next_in_line(&place)) begin_service(place, now);
}

/* Let an attempt in; 0 when every server and every place is taken. */
static int enter(uint32_t request, double now) {
    Place place = {requests.ticket[request], request};
    count.attempts++;
    count.watched_attempts += requests.watched[request];
    if (station.busy < station.servers) {
        requests.served[request]++;
        begin_service(place, now);
    } else if (station.waiting < cluster.queue) {
        Queue *queue = &station.queues[requests.class[request]];
        int64_t end = queue->head + queue->length++;
        queue->places[end < station.ring ? end : end - station.ring] = place;
        requests.queued[request]++;
        station.standing++;
        station.waiting++;
        count.waited++;
        if (cluster.patience > 0.0) set_timer(now + cluster.patience * exponential(FOR_PATIENCE), request, GIVE_UP);
    } else {
        count.blocked++;
        return 0;
    }
    count.accepted++;
    return 1;
}

/* A rejection takes service time from the server that would be done first. */
static void pay_for_rejection(void) {
    Event first = station.departures.events[0];
    first.when += cluster.reject;
    if (cluster.reject > 0.0 && station.departures.size > 0) replace_first(&station.departures, first);
}

/* End an attempt: what belongs to it becomes stale, and is taken off unless its work goes on. */
static void settle(uint32_t request) {
    requests.ticket[request]++;
    if (!cluster.abandoned_work) {
        station.waiting -= requests.queued[request];
        station.busy -= requests.served[request];
    }
    requests.queued[request] = requests.served[request] = 0;
}
