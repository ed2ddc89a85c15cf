/* The plain peer: one array binary heap holds every event, exponential draws by the logarithm.
 * M/M/c with a bounded queue; rejected clients come back after full jitter, a few times.
 * usage: peer requests seed servers queue rate retries base cap
 * prints: events attempts blocked successes failed seconds(cpu)
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct { double time; int kind, slot; } event;
enum { ARRIVAL, DEPARTURE, RETRY };

static event *heap;
static long held, room;
static uint64_t a, b, c, counter;

static uint64_t word(void) {
    uint64_t w = a + b + counter++;
    a = b ^ (b >> 11);
    b = c + (c << 3);
    c = ((c << 24) | (c >> 40)) + w;
    return w;
}

static double unit(void) { return (word() >> 11) * 0x1p-53; }
static double exponential(void) { return -log(1.0 - unit()); }

static void push(double time, int kind, int slot) {
    if (held == room) heap = realloc(heap, (room *= 2) * sizeof *heap);
    long place = held++;
    while (place > 0) {
        long parent = (place - 1) / 2;
        if (heap[parent].time <= time) break;
        heap[place] = heap[parent];
        place = parent;
    }
    heap[place] = (event){time, kind, slot};
}

static event pop(void) {
    event first = heap[0], last = heap[--held];
    long place = 0, child = 1;
    while (child < held) {
        if (child + 1 < held && heap[child + 1].time < heap[child].time) child++;
        if (heap[child].time >= last.time) break;
        heap[place] = heap[child];
        place = child;
        child = 2 * place + 1;
    }
    heap[place] = last;
    return first;
}

int main(int argc, char **argv) {
    if (argc != 9) return 64;
    long requests = atol(argv[1]), servers = atol(argv[3]), places = atol(argv[4]), retries = atol(argv[6]);
    double rate = atof(argv[5]), base = atof(argv[7]), cap = atof(argv[8]);
    long slots = 1 << 22, busy = 0, waiting = 0, head = 0;
    int *tries = malloc(slots * sizeof *tries), *spare = malloc(slots * sizeof *spare);
    double *born = malloc(slots * sizeof *born), answer_time = 0, wait_time = 0;
    int *queue = malloc((places + 1) * sizeof *queue);
    double *since = malloc((places + 1) * sizeof *since);
    long free_slots = slots, arrived = 0, events = 0, attempts = 0, blocked = 0, answered = 0, failed = 0;
    for (long i = 0; i < slots; i++) spare[i] = slots - 1 - i;
    heap = malloc((room = 1024) * sizeof *heap);
    a = b = c = strtoull(argv[2], 0, 10);
    counter = 1;
    for (int i = 0; i < 12; i++) word();
    clock_t began = clock();
    push(exponential() / rate, ARRIVAL, 0);
    while (arrived < requests) {
        event now = pop();
        int slot = now.slot;
        events++;
        if (now.kind == DEPARTURE) {
            answered++;
            answer_time += now.time - born[slot];
            spare[free_slots++] = slot;
            if (waiting > 0) {
                wait_time += now.time - since[head];
                push(now.time + exponential(), DEPARTURE, queue[head]);
                head = head + 1 > places ? 0 : head + 1;
                waiting--;
            } else {
                busy--;
            }
            continue;
        }
        if (now.kind == ARRIVAL) {
            arrived++;
            slot = spare[--free_slots];
            tries[slot] = 1;
            born[slot] = now.time;
            push(now.time + exponential() / rate, ARRIVAL, 0);
        }
        attempts++;
        if (busy < servers) {
            busy++;
            push(now.time + exponential(), DEPARTURE, slot);
        } else if (waiting < places) {
            long place = head + waiting++;
            if (place > places) place -= places + 1;
            queue[place] = slot;
            since[place] = now.time;
        } else {
            blocked++;
            if (tries[slot] <= retries) {
                double top = base;
                for (int i = 1; i < tries[slot] && top < cap; i++) top *= 2;
                tries[slot]++;
                push(now.time + 0.05 + (top < cap ? top : cap) * unit(), RETRY, slot);
            } else {
                failed++;
                spare[free_slots++] = slot;
            }
        }
    }
    double took = (double)(clock() - began) / CLOCKS_PER_SEC;
    printf("%ld %ld %ld %ld %ld %.6f %g %g\n", events, attempts, blocked, answered, failed, took, answer_time, wait_time);
    return 0;
}
