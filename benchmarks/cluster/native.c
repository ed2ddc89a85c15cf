/* The engine as a native program: the same sources, compiled by the system's compiler.
 * usage: native FILE, which holds the engine's input; prints: events attempts blocked successes failed seconds(cpu)
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

static unsigned char pool[1 << 28] __attribute__((aligned(16)));
#define MEMORY pool
static int64_t capacity(int64_t wanted) { return wanted < 0 ? 0 : (int64_t)sizeof pool; }
#include "engine.c"

int main(int argc, char **argv) {
    static unsigned char given[1 << 16];
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : 0;
    if (!file) return 64;
    int32_t bytes = (int32_t)fread(given, 1, sizeof given, file);
    __builtin_memcpy(input(bytes), given, (unsigned long)bytes);
    clock_t began = clock();
    run(1024);
    double took = (double)(clock() - began) / CLOCKS_PER_SEC;
    printf("%lld %lld %lld %lld %lld %.6f\n", (long long)count.events, (long long)count.attempts,
           (long long)count.blocked, (long long)count.successes, (long long)count.failed, took);
    return 0;
}
