/* A machine whose clock is wrong: preloaded into a program, it adds
   CLOCK_AHEAD seconds to what the system says of the day and hour. What only
   measures time is left alone, as on such a machine. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *at) {
    int failed = (int)syscall(SYS_clock_gettime, clock, at);
    const char *ahead = getenv("CLOCK_AHEAD");
    if (failed == 0 && clock == CLOCK_REALTIME && ahead != NULL) {
        at->tv_sec += atoll(ahead);
    }
    return failed;
}
