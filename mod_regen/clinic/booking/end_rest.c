/* SPDX-License-Identifier: Apache-2.0 */
/* What a visit that ends early does not need anymore: steps that have not begun release their
 * people, rooms and devices; later visits do not take place, and the patient is told. */
#include "mod_regen/clinic/booking/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/schedule/part.h"

#include <apr_strings.h>

static bool is_needed(const rg_booking_step_t *s, apr_time_t now, unsigned kinds)
{
    return s->starts_at <= now || ((kinds >> s->kind) & 1u) != 0;
}

/* The booking with the resources of steps that have begun or were done only. */
static rg_booking_t *as_done(const rg_ctx_t *ctx, const rg_booking_t *b, unsigned kinds)
{
    rg_booking_t *kept = apr_pmemdup(ctx->pool, b, sizeof(*b));
    size_t size = sizeof(*kept->resources) * (size_t)(b->resource_count + 1);

    kept->resources = apr_palloc(ctx->pool, size);
    kept->resource_count = 0;
    for (int i = 0; i < b->resource_count; i++) {
        for (int k = 0; k < b->step_count; k++) {
            if (b->steps[k].step_no == b->resources[i].step_no &&
                is_needed(&b->steps[k], ctx->now, kinds)) {
                kept->resources[kept->resource_count++] = b->resources[i];
            }
        }
    }
    return kept;
}

/* What OLD has and KEPT has not; both are merged, and so is this. */
static rg_span_t *spans_left(apr_pool_t *p, const rg_span_t *old, int old_count,
                             const rg_span_t *kept, int kept_count, int *count)
{
    rg_span_t *out = apr_palloc(p, sizeof(*out) * (size_t)(old_count + kept_count + 1));
    int n = 0;

    for (int i = 0; i < old_count; i++) {
        rg_span_t rest = old[i];

        for (int k = 0; k < kept_count; k++) {
            if (kept[k].resource_id != rest.resource_id || kept[k].from >= old[i].until ||
                kept[k].until <= rest.from) {
                continue;
            }
            if (kept[k].from > rest.from) {
                out[n++] = (rg_span_t){rest.resource_id, rest.from, kept[k].from};
            }
            rest.from = kept[k].until;
        }
        if (rest.from < rest.until) {
            out[n++] = rest;
        }
    }
    *count = n;
    return out;
}

/* The first visit that does not take place anymore; 0: none. */
static int first_off(const rg_ctx_t *ctx, const rg_booking_t *b)
{
    for (int i = 0; i < b->appointment_count; i++) {
        const rg_appointment_t *a = &b->appointments[i];
        if (a->visit_no > 1 && a->starts_at > ctx->now && !a->off) {
            return a->visit_no;
        }
    }
    return 0;
}

static rg_outcome_t tell_off(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    int first = first_off(ctx, b);
    rg_message_fact_t fact = {.kind = RG_MESSAGE_CANCELLATION, .about_id = b->id};

    if (first == 0) {
        return RG_OK;
    }
    fact.old_starts_at = rg_rest_visit_start(b, first);
    return rg_message_add(db, ctx, &fact);
}

rg_outcome_t rg_booking_end_rest(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                 unsigned kinds)
{
    rg_booking_t *b = NULL;
    int old_count;
    int kept_count;
    int count;
    rg_outcome_t rc = rg_booking_row(db, ctx, &b, booking_id, false);

    rc = rc == RG_OK ? rg_booking_parts(db, ctx, b) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    const rg_booking_t *kept = as_done(ctx, b, kinds);
    const rg_span_t *old = rg_booking_spans(ctx->pool, b, &old_count);
    const rg_span_t *stay = rg_booking_spans(ctx->pool, kept, &kept_count);
    const rg_span_t *freed = spans_left(ctx->pool, old, old_count, stay, kept_count, &count);
    if (kept->resource_count == b->resource_count) {
        return RG_OK;
    }
    rg_freed_note(db, ctx->now, b->ends_at);
    rc = rg_booking_free_steps(db, ctx, b, ctx->now, kinds, freed, count);
    return rc == RG_OK ? tell_off(db, ctx, b) : rc;
}
