/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the wished time: again while somebody else is faster, and the nearest other times when it
 * is gone. */
#include <limits.h>

#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/transact.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

enum { TRIES = 16, NEAREST = 6, NEAR_DAYS = 14 };

/* A search that meets expired holds stops: they are released, and offered to who waits, in a
 * transaction of their own before anybody else takes that time. */
static rg_outcome_t clear(rg_ctx_t *ctx, rg_wish_t *w)
{
    int swept;
    w->swept = true;
    return rg_booking_sweep(&swept, ctx, INT_MAX);
}

rg_outcome_t rg_wish_transact(rg_ctx_t *ctx, rg_work_fn work, void *baton, rg_wish_t *w)
{
    rg_outcome_t rc = rg_transact(ctx, work, baton);
    for (int i = 1; rc == RG_CONFLICT && (w->beaten || w->expired) && i < TRIES; i++) {
        rc = w->expired ? clear(ctx, w) : RG_OK;
        rc = rc == RG_OK ? rg_transact(ctx, work, baton) : rc;
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

void rg_wish_suggest(rg_hold_t *out, rg_ctx_t *ctx, const rg_wish_t *w)
{
    apr_time_t *all;
    int count = 0;
    rg_problems_t *problems = ctx->problems;
    ctx->problems = NULL; /* the person asked for one time, not for these */
    rg_outcome_t rc = rg_availability_near(&all, &count, ctx, w, NEAR_DAYS);
    ctx->problems = problems;
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
