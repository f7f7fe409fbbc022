/* SPDX-License-Identifier: Apache-2.0 */
/* What all pages of one booking have in common. */
#include "patient.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"
#include "regen/clinic/schedule.h"

rg_outcome_t regen_visit_load(regen_visit_t *out, regen_req_t *q, unsigned parts)
{
    return rg_case_get(out, q->ctx, q->ctx->who.booking_id, parts);
}

rg_outcome_t regen_visit_load_held(regen_visit_t *out, regen_req_t *q, unsigned parts)
{
    rg_outcome_t rc = regen_visit_load(out, q, parts);
    if (rc != RG_OK) {
        return rc;
    }
    switch (out->booking->status) {
    case RG_BOOKING_HELD: return RG_OK;
    case RG_BOOKING_EXPIRED:
    case RG_BOOKING_CANCELLED: return RG_GONE;
    default: return RG_PRECONDITION;
    }
}

void regen_put_preparing(rg_val_t *view, regen_req_t *q, const regen_visit_t *v,
                         const rg_booking_t *b)
{
    int count = 0;
    const rg_prepare_day_t *days = NULL;
    if (b->status == RG_BOOKING_HELD || b->status == RG_BOOKING_BOOKED) {
        days = rg_preparing(&count, q->ctx->pool, v->service, v->site->zone, b->starts_at,
                            q->ctx->now);
    }
    rg_view_preparing(view, q->ctx->pool, days, count);
}

rg_val_t *regen_visit_view(regen_req_t *q, const regen_visit_t *v, const char *title,
                           const char *step)
{
    apr_pool_t *p = q->ctx->pool;
    rg_val_t *view = rg_view_page(p, title, v->site);
    rg_val_str(view, "step", step);
    rg_val_bool(view, "has_booking", true);
    rg_val_set(view, "booking", rg_view_booking(p, v->booking, v->site->zone));
    rg_val_set(view, "service", rg_view_service(p, v->service));
    rg_deadlines_t last = rg_deadlines(v->booking, v->service, q->ctx->now);
    rg_view_deadlines(view, p, v->site->zone, &last);
    regen_put_preparing(view, q, v, v->booking);
    rg_view_hold(view, "hold", p, v->booking, v->site->zone, q->ctx->now);
    return view;
}

int regen_visit_fail(regen_req_t *q, const regen_visit_t *v, rg_outcome_t outcome)
{
    if (outcome == RG_GONE && v->service) {
        rg_val_t *view =
            regen_visit_view(q, v, "This time is no longer held for you", v->service->name);
        rg_val_bool(view, "has_booking", false);
        /* It may still be free: one press asks. On an order its own page does. */
        if (v->booking->order_id == 0 && v->booking->starts_at > q->ctx->now) {
            rg_val_int(view, "again", apr_time_sec(v->booking->starts_at));
        }
        return regen_page(q, RG_GONE, "patient/gone.html", view);
    }
    if (outcome == RG_PRECONDITION && v->booking && v->booking->status != RG_BOOKING_HELD) {
        return regen_to_booking(q, "");
    }
    return regen_fail(q, outcome);
}
