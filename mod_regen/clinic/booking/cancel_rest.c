/* SPDX-License-Identifier: Apache-2.0 */
/* Cancels the remaining visits of a course that has begun: visits that have not begun release their
 * time and stay as a record of the plan. Completed steps stay, and a unit follows the rules of the
 * day. */
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/followup.h"
#include "regen/store/person.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/schedule/part.h"

#include <apr_strings.h>

static rg_outcome_t nothing_left(const rg_ctx_t *ctx)
{
    rg_problem_add(ctx->problems, NULL,
                   "The visit has begun or is over, so it cannot be canceled.");
    return RG_PRECONDITION;
}

/* The first upcoming visit; 0: none. A past visit may have taken place without being recorded. */
static int first_left(const rg_ctx_t *ctx, const rg_rest_t *rest)
{
    const rg_booking_t *b = rest->booking;
    for (int i = 0; i < b->appointment_count; i++) {
        const rg_appointment_t *a = &b->appointments[i];
        if (a->visit_no > rest->begun && a->starts_at > ctx->now && !a->off) {
            return a->visit_no;
        }
    }
    return 0;
}

/* The booking as if it ended with visit LAST. */
static rg_booking_t *until_visit(const rg_ctx_t *ctx, const rg_booking_t *b, int last)
{
    rg_booking_t *kept = apr_pmemdup(ctx->pool, b, sizeof(*b));
    int step_no = 0;
    for (int i = 0; i < b->step_count; i++) {
        step_no = b->steps[i].visit_no <= last ? b->steps[i].step_no : step_no;
    }
    kept->resources =
        apr_palloc(ctx->pool, sizeof(*kept->resources) * (size_t)(b->resource_count + 1));
    kept->resource_count = 0;
    for (int i = 0; i < b->resource_count; i++) {
        if (b->resources[i].step_no <= step_no) {
            kept->resources[kept->resource_count++] = b->resources[i];
        }
    }
    return kept;
}

static rg_outcome_t free_cancelled(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                                   int first)
{
    int old_count;
    int count;
    const rg_booking_t *kept = until_visit(ctx, b, first - 1);
    const rg_span_t *old = rg_booking_spans(ctx->pool, b, &old_count);
    const rg_span_t *spans = rg_booking_spans(ctx->pool, kept, &count);
    return kept->resource_count == b->resource_count
               ? nothing_left(ctx)
               : rg_booking_call_off(db, ctx, b, first, old, old_count, spans, count);
}

rg_outcome_t rg_booking_cancel_rest(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *row,
                                    const char *reason)
{
    rg_booking_t b = *row;
    rg_rest_t rest;
    rg_outcome_t rc = rg_booking_parts(db, ctx, &b);
    rc = rc == RG_OK ? rg_rest_read(&rest, db, ctx, &b) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    int first = first_left(ctx, &rest);
    if (first == 0) {
        return nothing_left(ctx);
    }
    apr_time_t from = rg_rest_visit_start(&b, first);
    rg_message_fact_t fact = {
        .kind = RG_MESSAGE_CANCELLATION, .about_id = b.id, .old_starts_at = from};
    rc = free_cancelled(db, ctx, &b, first);
    rg_freed_note(db, from, b.ends_at);
    rc = rc == RG_OK ? rg_person_give_back(db, ctx, b.id) : rc;
    rc = rc == RG_OK ? rg_message_add(db, ctx, &fact) : rc;
    return rc == RG_OK ? rg_booking_audit(db, ctx, "booking.cancel-rest", b.id,
                                          apr_psprintf(ctx->pool, "visit:%d %s", first, reason))
                       : rc;
}
