/* SPDX-License-Identifier: Apache-2.0
 * Another date for the programs under test: preloaded (LD_PRELOAD), it moves the wall clock by REGEN_CLOCK_SHIFT seconds,
 * the same in every process of a run, and lets it run on. `make check DATE=...` uses it.
 *
 * Only the wall clock moves: CLOCK_MONOTONIC, timeouts, sleeps and the times of files stay real. A deadline that a program
 * worked out from the moved clock must be moved back before the kernel sees it. Which clock a deadline belongs to is told
 * by its size: monotonic clocks count from the machine's start and never come near the year 2001.
 *
 * libfaketime does far more (times of files, sleeps, timers, its own bookkeeping of condition variables), and that is what
 * goes wrong with servers of many threads. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#define WALL_CLOCK_BEGINS 1000000000
#define EXPORT            __attribute__((visibility("default")))

static time_t shift;

__attribute__((constructor)) static void read_shift(void)
{
    const char *said = getenv("REGEN_CLOCK_SHIFT");
    shift = said ? strtoll(said, NULL, 10) : 0;
}

/* The next definition of NAME, libc's or a sanitizer's. Condition variables have an older form under the same name on
 * some machines; VERSION asks for the one that programs use. */
static void *next(const char *name, const char *version)
{
    void *found = version ? dlvsym(RTLD_NEXT, name, version) : NULL;
    return found ? found : dlsym(RTLD_NEXT, name);
}

#define NEXT_VERSION(name, version)                                                                \
    static __typeof__(&name) real;                                                                 \
    if (!real)                                                                                     \
    real = (__typeof__(&name))next(#name, version)
#define NEXT(name) NEXT_VERSION(name, NULL)

static int is_wall(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

/* The deadline as the kernel knows it. */
static const struct timespec *moved_back(const struct timespec *deadline, struct timespec *room)
{
    if (!deadline || deadline->tv_sec < WALL_CLOCK_BEGINS)
        return deadline;
    *room = *deadline;
    room->tv_sec -= shift;
    return room;
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *now)
{
    NEXT(clock_gettime);
    int rc = real(clock, now);
    if (rc == 0 && is_wall(clock))
        now->tv_sec += shift;
    return rc;
}

EXPORT int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    NEXT(gettimeofday);
    int rc = real(now, zone);
    if (rc == 0)
        now->tv_sec += shift;
    return rc;
}

EXPORT time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

EXPORT int timespec_get(struct timespec *now, int base)
{
    if (base != TIME_UTC)
        return 0;
    return clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                                  const struct timespec *restrict until)
{
    struct timespec room;
    NEXT_VERSION(pthread_cond_timedwait, "GLIBC_2.3.2");
    return real(cond, mutex, moved_back(until, &room));
}

EXPORT int pthread_cond_clockwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                                  clockid_t clock, const struct timespec *restrict until)
{
    struct timespec room;
    NEXT(pthread_cond_clockwait);
    return real(cond, mutex, clock, moved_back(until, &room));
}

EXPORT int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex,
                                   const struct timespec *restrict until)
{
    struct timespec room;
    NEXT(pthread_mutex_timedlock);
    return real(mutex, moved_back(until, &room));
}

EXPORT int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock,
                                      const struct timespec *restrict until)
{
    struct timespec room;
    NEXT(pthread_rwlock_timedrdlock);
    return real(lock, moved_back(until, &room));
}

EXPORT int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock,
                                      const struct timespec *restrict until)
{
    struct timespec room;
    NEXT(pthread_rwlock_timedwrlock);
    return real(lock, moved_back(until, &room));
}

EXPORT int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict until)
{
    struct timespec room;
    NEXT(sem_timedwait);
    return real(sem, moved_back(until, &room));
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *how_long,
                           struct timespec *left)
{
    struct timespec room;
    NEXT(clock_nanosleep);
    return real(clock, flags, (flags & TIMER_ABSTIME) ? moved_back(how_long, &room) : how_long,
                left);
}
