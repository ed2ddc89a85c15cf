/* The event loop of a cluster under load and its clients.
 *
 * Four things may happen next: a request arrives, a server is done, a timer rings, the load or the number of servers
 * changes. The loop takes the first of them, sets the clock and acts. Read on in attempt.h (what clients do), station.h
 * (servers and queues), policy.h (how long clients wait and what holds them back) and state.h (who is where).
 *
 * Use: address = input(bytes); write Parameters and their numbers there; read the Result where run(room) says.
 */
#include "attempt.h"

static void snapshot(void) {
    if (result.snapshots < cluster.snapshots) snapshots[result.snapshots++] = count;
}

/* Add the time since the last event to the areas, and set the clock. */
static inline void grow_areas(double now) {
    double passed = now - count.now;
    int64_t all = cluster.population ? cluster.population : requests.unused;
    count.waiting_area += (double)station.waiting * passed;
    count.busy_area += (double)station.busy * passed;
    count.open_area += (double)(all - requests.idle_count) * passed;
    count.now = now;
}

static inline void advance(double now) {
    for (; now >= next.snapshot; next.snapshot += cluster.snapshot_step) {
        grow_areas(next.snapshot);
        snapshot();
    }
    grow_areas(now);
    count.events++;
}

/* Keep the number in the cluster, if it changed. */
static void trace(void) {
    int64_t present = station.busy + station.waiting;
    if (result.changes == 0 || changes[result.changes - 1].present != present)
        changes[result.changes++] = (Change){count.now, present};
}

/* A number for a new request: in a closed population that of any of those who think, if they differ. */
static uint32_t take_number(void) {
    if (requests.idle_count == 0) return (uint32_t)requests.unused++;
    uint32_t last = requests.idle[--requests.idle_count];
    if (!cluster.population || !owning) return last;
    uint32_t *any = &requests.idle[(int64_t)(uniform(FOR_OWNER) * (double)(requests.idle_count + 1))], taken = *any;
    return *any = last, taken;
}

/* Decide whom a new request belongs to: class, watched or not, and whose budget it earns for. */
static void assign(uint32_t request) {
    if (cluster.classes > 1) {
        double u = uniform(FOR_OWNER);
        uint8_t class = 0;
        while (class < cluster.classes - 1 && u >= shares[class]) class += 1;
        requests.class[request] = class;
    }
    if (cluster.watched_share > 0.0) {
        requests.watched[request] = uniform(FOR_OWNER) < cluster.watched_share;
        count.watched_arrivals += requests.watched[request];
    }
    if (owning) {
        uint32_t owner = request; /* of a closed population */
        if (requests.watched[request]) owner = (uint32_t)cluster.clients;
        else if (!cluster.population) owner = (uint32_t)(uniform(FOR_OWNER) * (double)cluster.clients);
        requests.owner[request] = owner;
        earn(client_of(request), policy_of(request));
    }
}

static void arrive(double now) {
    uint32_t request = take_number();
    requests.born[request] = now;
    if (retrying) {
        requests.previous[request] = 0.0;
        requests.tries[request] = 1;
    }
    count.arrivals++;
    assign(request);
    draw_arrival(now);
    launch(request, now);
    if (count.arrivals == next.snapshot_at) {
        next.snapshot_at += cluster.snapshot_every;
        snapshot();
    }
}

/* A served attempt is answered, fails all the same, or nobody waits for it any more. */
static void finish(uint32_t request, uint32_t ticket, double now) {
    if (stale(request, ticket)) {
        count.wasted += cluster.abandoned_work;
        station.busy -= cluster.abandoned_work;
        return;
    }
    station.busy--;
    requests.served[request]--;
    if (cluster.failure_share == 0.0 || uniform(FOR_CHANCE) >= cluster.failure_share) succeed(request, now);
    else if (requests.served[request] + requests.queued[request] == 0) /* no copy is left that may succeed */
        fail(request, 1, now);
}

/* Let the first departure leave its server, and give that to the next in line. */
static void depart(double now) {
    Event first = station.departures.events[0];
    station.departures.acting = 1;
    finish(first.what, first.ticket, now);
    serve_next(now);
    end_action(&station.departures);
}

static void ring_timer(double now) {
    Event first = timers.events[0];
    uint32_t request = first.what >> 3;
    int kind = stale(request, first.ticket) ? STALE : (int)(first.what & 7);
    timers.acting = 1;
    if (kind == RETRY) launch(request, now);
    else if (kind == PACED) send(request, now);
    else if (kind == HEDGE && (!policy_of(request)->budgeted || spend(client_of(request))))
        enter(request, now); /* a second copy: the first answer wins */
    else if (kind == TIME_OUT || (kind == GIVE_UP && requests.queued[request] > 0)) {
        count.left++;
        fail(request, 1, now);
        serve_next(now);
    }
    end_action(&timers);
}

/* Change the arrival rate and the number of servers. */
static void change(double now) {
    const double *segment = segments + 3 * next.segments_passed++;
    next.rate = segment[1];
    station.servers = (int64_t)segment[2];
    next.segment = next.segments_passed < cluster.segments ? segment[3] : NEVER;
    draw_arrival(now);
    serve_next(now);
}

/* One more event might not fit into some array: begin again with larger ones. */
static inline int crowded(void) {
    return timers.size > timers.room || station.departures.size > station.departures.room ||
           station.standing > station.ring - 2 || (requests.unused >= requests.room && !requests.idle_count) ||
           result.changes > cluster.changes - 2;
}

static int64_t loop(void) {
    while (count.arrivals < cluster.requests) {
        double departure = station.departures.events[0].when, timer = timers.events[0].when;
        double now = least(least(next.arrival, departure), least(timer, next.segment));
        advance(least(now, cluster.horizon));
        if (now >= cluster.horizon) break;
        if (departure == now) depart(now);
        else if (timer == now) ring_timer(now);
        else if (next.segment == now) change(now);
        else arrive(now);
        if (tracing) trace();
        if (crowded()) return NO_ROOM;
        if (count.events >= cluster.most_events) break;
    }
    snapshot();
    return count.events >= cluster.most_events ? CUT : DONE;
}

/* A heap that is full at `room`, with space for what one event may add beyond. */
static Heap heap(int64_t room, int64_t beyond) {
    return (Heap){reserve((room + beyond + 2) * (int64_t)sizeof(Event)), 0, (size_t)room, 0};
}

static Client new_client(const Policy *policy) { return (Client){policy->budget_burst, fresh_throttle(policy)}; }

/* Clients that have left keep their places in queues and among departures until they come up; where nobody leaves, a
 * queue is as long as its limit, and no more depart than there are servers.
 */
static void set_station(int64_t room) {
    int leaving = cluster.patience > 0.0 || cluster.timeout > 0.0 || owning;
    station.servers = cluster.servers;
    station.busy = station.waiting = station.standing = 0;
    station.ring = (cluster.queue < room ? cluster.queue : room) + (leaving ? room : 0) + 2;
    for (int64_t i = 0; i < cluster.classes; i++)
        station.queues[i] = (Queue){reserve(station.ring * (int64_t)sizeof(Place)), 0, 0};
    station.departures = heap(leaving ? room : cluster.most_servers, cluster.most_servers);
    timers = heap(leaving || retrying ? room : 0, 3);
}

/* Empty the cluster; 0 when memory does not hold it. */
static int begin(int64_t room) {
    seed_streams((uint64_t)cluster.seed_low, (uint64_t)cluster.seed_high);
    clients = reserve((cluster.clients + 1) * (int64_t)sizeof(Client)); /* the last one stands for the watched */
    snapshots = reserve(cluster.snapshots * (int64_t)sizeof(Snapshot));
    changes = reserve(cluster.changes * (int64_t)sizeof(Change));
    set_station(room);
    requests.born = reserve(8 * room), requests.previous = reserve(8 * room);
    requests.ticket = reserve(4 * room), requests.tries = reserve(4 * room), requests.owner = reserve(4 * room);
    requests.class = reserve(room), requests.watched = reserve(room);
    requests.queued = reserve(room), requests.served = reserve(room);
    requests.idle = reserve(4 * room);
    requests.room = room, requests.unused = 0, requests.idle_count = cluster.population;
    if (used == FULL) return 0;
    station.departures.events[0].when = timers.events[0].when = NEVER;
    for (int64_t i = 0; i < cluster.population; i++) requests.idle[i] = (uint32_t)(cluster.population - 1 - i);
    for (int64_t i = 0; owning && i < cluster.clients; i++) clients[i] = new_client(&cluster.policy);
    clients[cluster.clients] = new_client(&cluster.watched);
    next.rate = cluster.arrival_rate;
    next.segment = cluster.segments ? segments[0] : NEVER, next.segments_passed = 0;
    next.snapshot = cluster.snapshot_step, next.snapshot_at = cluster.snapshot_every;
    draw_arrival(0.0);
    return 1;
}

static int owns(const Policy *policy) { return policy->throttle || policy->budgeted || policy->hedge_after < NEVER; }

#define EXPORT(type, name, ...) __attribute__((used, export_name(#name))) type name(__VA_ARGS__)

/* Make room for Parameters and the numbers behind them, and return where. */
EXPORT(void *, input, int32_t bytes) { return reserve(bytes); }

/* Take over what was written at input(). */
EXPORT(void, describe, void) {
    cluster = *(const Parameters *)MEMORY;
    samples = (const double *)(MEMORY + sizeof(Parameters));
    shares = samples + cluster.samples;
    segments = shares + cluster.classes;
    ladders[0] = segments + 3 * cluster.segments;
    ladders[1] = ladders[0] + cluster.policy.steps;
    owning = owns(&cluster.policy) || owns(&cluster.watched);
    retrying = cluster.policy.kind != NO_RETRY || cluster.watched.kind != NO_RETRY;
    tracing = cluster.changes > 0;
    build_ziggurat(), set_law();
}

/* Run until as many requests have arrived as were asked for or the horizon is reached; an instance of the module runs
 * once. When `room` requests are too few for what piles up, the end is NO_ROOM: a new instance needs more.
 */
EXPORT(Result *, run, int32_t room) {
    describe();
    cluster.changes = (cluster.changes + 2) * ((room >> 10) + 1);
    result.end = begin(room > cluster.population ? room : cluster.population) ? loop() : NO_ROOM;
    result.snapshots_at = (int64_t)(uintptr_t)snapshots;
    result.changes_at = (int64_t)(uintptr_t)changes;
    return &result;
}

/* One client of the policy, to be compared with one that makes real calls. */
static Client one;
EXPORT(void, one_begin, void) { one = new_client(&cluster.policy); }
EXPORT(double, one_delay, double attempt, double last, double u) {
    return delay(&cluster.policy, ladders[0], (int64_t)attempt, last, u);
}
EXPORT(double, one_drop_chance, double now) { return drop_chance(&one.throttle, &cluster.policy, now); }
EXPORT(double, one_send_time, double now, double last) { return send_time(&one.throttle, &cluster.policy, now, last); }
EXPORT(int32_t, one_may_retry, void) { return may_retry(&one.throttle, &cluster.policy); }
EXPORT(void, one_hear, int32_t answered, double now) { hear(&one.throttle, &cluster.policy, answered, now); }
EXPORT(double, one_earn, void) { return earn(&one, &cluster.policy), one.tokens; }
EXPORT(int32_t, one_spend, void) { return spend(&one); }
