/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the requested time, retries when somebody else was faster, and finds the nearest other
 * times when it is taken. */
#include <limits.h>

#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/transact.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

enum { TRIES = 16, NEAREST = 6, NEAR_DAYS = 14 };

/* A search that meets expired holds stops: they are released, and offered to the waitlist, in a
 * separate transaction before anybody else can take that time. */
static rg_outcome_t clear(const rg_ctx_t *ctx, rg_wish_t *w)
{
    int swept;
    w->swept = true;
    return rg_booking_sweep(&swept, ctx, INT_MAX);
}

rg_outcome_t rg_wish_transact(const rg_ctx_t *ctx, rg_work_fn work, void *baton, rg_wish_t *w)
{
    rg_outcome_t rc = rg_transact_once(ctx, work, baton);
    for (int i = 1; rc == RG_CONFLICT && (w->beaten || w->expired) && i < TRIES; i++) {
        rc = w->expired ? clear(ctx, w) : RG_OK;
        rc = rc == RG_OK ? rg_transact_once(ctx, work, baton) : rc;
    }
    return rc;
}

/* --- other times ------------------------------------------------------------------------------ */

static apr_time_t distance(apr_time_t a, apr_time_t b)
{
    return a > b ? a - b : b - a;
}

/* TIMES is sorted, so the nearest ones are contiguous; shrink the window from the farther end. */
apr_time_t *rg_times_nearest(apr_time_t *times, int *count, apr_time_t wish, int most)
{
    int from = 0;
    int until = *count;
    while (until - from > most) {
        bool later = distance(times[from], wish) > distance(times[until - 1], wish);
        from += later ? 1 : 0;
        until -= later ? 0 : 1;
    }
    *count = until - from;
    return times + from;
}

void rg_wish_suggest(rg_hold_t *out, const rg_ctx_t *ctx, const rg_wish_t *w)
{
    apr_time_t *all;
    int count = 0;
    rg_ctx_t silent = rg_silent_ctx(ctx); /* the person requested one time, not these */
    rg_outcome_t rc = rg_availability_near(&all, &count, &silent, w, NEAR_DAYS);
    if (rc != RG_OK) {
        return;
    }
    int kept = 0;
    for (int i = 0; i < count; i++) {
        if (all[i] != w->in->start) {
            all[kept++] = all[i];
        }
    }
    out->nearest = rg_times_nearest(all, &kept, w->in->start, NEAREST);
    out->nearest_count = kept;
}
