/* Who is where: requests, clients, the station with its queues, timers, and what comes next. */
#pragma once
#include "heap.h"
#include "policy.h"

#define FULL ((int64_t)1 << 40)
static int64_t used; /* bytes handed out */

#ifndef MEMORY /* a native program brings its own */
extern unsigned char __heap_base;
#define MEMORY (&__heap_base)

static int64_t capacity(int64_t wanted) {
    int64_t base = (int64_t)(uintptr_t)MEMORY, pages = (int64_t)__builtin_wasm_memory_size(0);
    int64_t missing = (base + wanted + 65535) / 65536 - pages;
    if (missing > 0 && missing < 65536) __builtin_wasm_memory_grow(0, (unsigned long)missing);
    return (int64_t)__builtin_wasm_memory_size(0) * 65536 - base;
}
#endif

/* So many bytes, 0 and not yet touched, so that an array costs what is written into it; null once memory is full. */
static void *reserve(int64_t bytes) {
    int64_t begin = used, end = begin + ((bytes + 15) & ~(int64_t)15);
    used = end <= capacity(end) ? end : FULL;
    return used == FULL ? 0 : MEMORY + begin;
}

/* A request from its arrival until it is answered or given up. Its ticket rises whenever an attempt is settled; queue
 * places, departures and timers keep the ticket they were made under, and one whose ticket has passed is stale. So
 * nothing is ever searched for or taken out of the middle. Each field is an array of its own: what a run does not use
 * takes no memory.
 */
static struct {
    double *born, *previous; /* previous: the wait before the present attempt */
    uint32_t *ticket, *tries, *owner;
    uint8_t *class, *watched, *queued, *served; /* queued, served: copies of the attempt that wait or are in service */
    uint32_t *idle; /* numbers to use again; in a closed population the clients that think */
    int64_t idle_count, unused, room;
} requests;
typedef struct {
    double tokens; /* of its budget */
    Throttle throttle;
} Client;
typedef struct { uint32_t ticket, request; } Place;
typedef struct {
    Place *places; /* a ring */
    int64_t head, length;
} Queue;

static struct {
    int64_t servers, busy, waiting;
    int64_t standing, ring; /* places in queues, stale ones too, and the room of each queue */
    Queue queues[8];        /* one a class, the most important first */
    Heap departures;
} station;
enum { RETRY, GIVE_UP, TIME_OUT, HEDGE, PACED, STALE }; /* kinds of timers */

static Heap timers;

static struct {
    double arrival, segment, snapshot; /* when the next comes */
    double rate;
    int64_t segments_passed, snapshot_at;
} next;
static Parameters cluster;
static const double *samples, *shares, *segments, *ladders[2];
static int owning, retrying, tracing; /* some keep a budget, a throttle or a hedge; some retry; a trace is wanted */
static Client *clients;
static Snapshot count, *snapshots;
static Change *changes;
static Result result;

static inline const Policy *policy_of(uint32_t request) {
    return requests.watched[request] ? &cluster.watched : &cluster.policy;
}
static inline Client *client_of(uint32_t request) { return &clients[requests.owner[request]]; }
static inline int stale(uint32_t request, uint32_t ticket) { return requests.ticket[request] != ticket; }

/* Set a timer for the present attempt of a request. */
static void set_timer(double when, uint32_t request, int kind) {
    push(&timers, (Event){when, requests.ticket[request], request << 3 | (uint32_t)kind});
}
