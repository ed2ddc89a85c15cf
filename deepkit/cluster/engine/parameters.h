/* What a run is asked for, and what it tells: the structs that Python and JavaScript fill in and read. Every field
 * takes 8 bytes, so that all compilers lay them out alike; a test holds layout.py to the same fields.
 */
#pragma once
#include <stdint.h>
enum { NO_RETRY, LADDER, FIXED, GROWING, FULL, EQUAL, DECORRELATED, ADDITIVE, SCALED, MEMORYLESS };
enum { NO_THROTTLE, BREAKER, GRPC, ADAPTIVE, AIMD, CUBIC }; /* deepkit/retries/throttles.py says what each does */
enum { EXPONENTIAL, DETERMINISTIC, ERLANG, LOGNORMAL, HYPEREXPONENTIAL, EMPIRICAL };

/* What a client does after a failure; times in seconds. NEVER stands for no deadline and no hedge. */
typedef struct {
    int64_t kind, retries;
    double base, factor, cap, jitter, jitter_share, deadline;
    int64_t steps; /* of the ladder */
    int64_t budgeted;
    double budget_ratio, budget_burst;
    int64_t throttle;
    double level, window, tokens, hedge_after;
} Policy;

/* The cluster, its clients and the run. Numbers follow in memory: service samples, upper ends of the classes' shares,
 * segments (time, arrival rate, servers), the ladder of the policy and that of the watched clients'.
 */
typedef struct {
    int64_t seed_low, seed_high;
    int64_t servers, queue, most_servers; /* most of any segment */
    int64_t classes, service_law, service_phases, samples, abandoned_work;
    int64_t clients; /* with a budget and a throttle of their own */
    int64_t population, segments;
    double arrival_rate;                           /* of all, or of each thinking client of a closed population */
    double service, service_cv, patience, timeout; /* patience or timeout 0 is for ever */
    double failure_share, reject, round_trip;
    double watched_share;              /* of requests that follow the second policy and are counted apart */
    int64_t requests, most_events;     /* after which the run ends */
    int64_t snapshot_every, snapshots; /* arrivals between two, and most of them */
    int64_t changes;                   /* a trace has room for at first; 0 keeps none */
    double horizon, snapshot_step;
    Policy policy, watched;
} Parameters;

/* Since the beginning. left: clients went before the answer; wasted: nobody waited for it; areas: sums over time. */
typedef struct {
    int64_t arrivals, attempts, blocked, accepted, waited, left, successes, failed, wasted, events;
    int64_t watched_arrivals, watched_attempts, watched_successes, watched_failed;
    double now, success_time, waiting_area, busy_area, open_area, watched_success_time;
} Snapshot;
typedef struct {
    double when;
    int64_t present; /* in the cluster from then on */
} Change;
enum { DONE, CUT, NO_ROOM }; /* CUT at most_events, NO_ROOM when more pile up than fit into memory */

typedef struct { int64_t end, snapshots, snapshots_at, changes, changes_at; } Result;
