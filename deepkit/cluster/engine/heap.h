/* A binary heap of events. Behind the last one stands one that never comes, so that looking at an empty heap or a
 * missing child needs no test.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define NEVER 1e300
typedef struct {
    double when;
    uint32_t ticket, what; /* stale once the request's ticket is another one */
} Event;
typedef struct {
    Event *events;
    size_t size, room;
    int acting; /* the first event is being acted upon: the next one pushed takes its place */
} Heap;

static inline void rise(Event *events, size_t place, Event event) {
    while (place > 0) {
        size_t parent = (place - 1) >> 1;
        if (events[parent].when <= event.when) break;
        events[place] = events[parent];
        place = parent;
    }
    events[place] = event;
}

/* The hole at the top sinks to the bottom along the earlier children and the event rises from there (Wegener,
 * Theoretical Computer Science 118, 1993): no comparison that is hard to predict.
 */
static inline void replace_first(Heap *heap, Event event) {
    Event *events = heap->events;
    size_t place = 0, size = heap->size;
    for (size_t child = 1; child < size; child = 2 * place + 1) {
        child += events[child + 1].when < events[child].when;
        events[place] = events[child];
        place = child;
    }
    rise(events, place, event);
}

/* The caller has made sure of room. */
static inline void push(Heap *heap, Event event) {
    if (heap->acting) {
        heap->acting = 0;
        replace_first(heap, event);
    } else {
        heap->events[heap->size + 1].when = NEVER;
        rise(heap->events, heap->size++, event);
    }
}

/* Remove the event that was acted upon, unless another has taken its place by now. */
static inline void end_action(Heap *heap) {
    if (!heap->acting) return;
    Event last = heap->events[--heap->size];
    heap->events[heap->size].when = NEVER;
    if (heap->size > 0) replace_first(heap, last);
    heap->acting = 0;
}
