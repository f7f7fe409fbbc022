/* SPDX-License-Identifier: Apache-2.0 */
/* Good-faith estimates of who pays themselves: read by the patient and by staff, and issued again
 * when somebody asks. The first one comes with the booking, in the same statement. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/billing.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/place.h"
#include "regen/store/billing.h"
#include "regen/store/booking.h"
#include "regen/store/store.h"

#include <string.h>

enum { A_MONTH = 31 }; /* in which three business days are */

typedef struct {
    rg_estimate_page_t *page;
    int version;
} estimate_look_t;

/* The clock starts on the day on which it was issued: that of scheduling, of the change or of the
 * question. */
static rg_outcome_t put_due(rg_db_t *db, const rg_ctx_t *ctx, rg_estimate_page_t *page)
{
    rg_estimate_t *e = &page->estimate;
    rg_closed_days_t *closed;
    int count;
    rg_date_t made = rg_zone_local(page->site->zone, e->made_at).date;
    rg_date_t service = rg_zone_local(page->site->zone, e->service_at).date;
    rg_date_t until = rg_date_add(made, A_MONTH);
    if (rg_date_compare(until, service) < 0) {
        until = service;
    }
    RG_TRY(rg_closed_days(db, ctx, page->site->id, made, until, &closed, &count));
    if (e->cause == RG_ESTIMATE_ASKED) {
        e->due = rg_estimate_due_asked(made, closed, count);
        e->has_due = true;
        return RG_OK;
    }
    e->has_due = rg_estimate_due(&e->due, made, service, closed, count) ||
                 (e->cause == RG_ESTIMATE_CHANGED &&
                  rg_estimate_due_changed(&e->due, made, service, closed, count));
    return RG_OK;
}

static rg_outcome_t estimate_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const estimate_look_t *l = baton;
    rg_estimate_page_t *page = l->page;
    rg_outcome_t rc = rg_estimate_read(db, ctx, page->booking->id, l->version, &page->estimate);
    page->has = rc == RG_OK;
    return rc == RG_OK ? put_due(db, ctx, page) : rc;
}

static rg_outcome_t look_at(rg_estimate_page_t *out, const rg_ctx_t *ctx, int version)
{
    estimate_look_t l = {out, version};
    rg_service_t *service;
    RG_TRY(rg_catalogue_by_id(&service, &out->site, ctx, out->booking->service_id));
    out->self_pay = out->booking->self_pay == 1 && out->booking->coverage_id == 0;
    out->may_issue =
        rg_may(ctx, RG_DEED_MONEY) && out->self_pay && out->booking->status == RG_BOOKING_BOOKED;
    return rg_store_read(ctx, estimate_work, &l);
}

/* The page says that there is none. */
static rg_outcome_t none_is_fine(const rg_estimate_page_t *out, int version, rg_outcome_t rc)
{
    return rc == RG_NOT_FOUND && version == 0 && out->site ? RG_OK : rc;
}

rg_outcome_t rg_estimate_mine(rg_estimate_page_t *out, const rg_ctx_t *ctx, int version)
{
    *out = (rg_estimate_page_t){.has = false};
    if (!rg_is_patient(ctx) || ctx->who.booking_id == 0) {
        return RG_FORBIDDEN;
    }
    RG_TRY(rg_booking_get(&out->booking, ctx, ctx->who.booking_id));
    return none_is_fine(out, version, look_at(out, ctx, version));
}

rg_outcome_t rg_estimate_get(rg_estimate_page_t *out, const rg_ctx_t *ctx, const char *booking_uid,
                             int version)
{
    *out = (rg_estimate_page_t){.has = false};
    if (!rg_may(ctx, RG_DEED_MONEY)) {
        return RG_FORBIDDEN;
    }
    RG_TRY(rg_booking_get_by_uid(&out->booking, ctx, booking_uid));
    return none_is_fine(out, version, look_at(out, ctx, version));
}

bool rg_estimate_exceeded(const rg_estimated_t *e, rg_money_t due)
{
    int64_t billed = e->invoiced + due.minor;
    return e->estimate_id != 0 && strcmp(e->total.currency, "USD") == 0 &&
           strcmp(due.currency, "USD") == 0 && billed - e->total.minor >= RG_ESTIMATE_EXCESS &&
           billed > e->looked;
}

typedef struct {
    const char *uid;
} estimate_ask_t;

static rg_outcome_t issue_estimate(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const estimate_ask_t *a = baton;
    rg_booking_t *b;
    int64_t id;
    RG_TRY(rg_booking_row_by_uid(db, ctx, &b, a->uid));
    RG_TRY(rg_booking_row(db, ctx, &b, b->id, true));
    if (b->status != RG_BOOKING_BOOKED || b->self_pay != 1 || b->coverage_id != 0) {
        rg_problem_add(ctx->problems, NULL,
                       "An estimate is for a booked treatment that has not begun and that the "
                       "patient pays themselves.");
        return RG_PRECONDITION;
    }
    RG_TRY(rg_estimate_add(db, ctx, b->id, &id));
    return rg_audit_add(db, ctx, "estimate.issue", "estimate", id, b->uid);
}

rg_outcome_t rg_estimate_issue(const rg_ctx_t *ctx, const char *booking_uid)
{
    if (!rg_may(ctx, RG_DEED_MONEY)) {
        return RG_FORBIDDEN;
    }
    estimate_ask_t a = {booking_uid};
    return rg_uid_valid(booking_uid) ? rg_store_once(ctx, issue_estimate, &a) : RG_NOT_FOUND;
}
