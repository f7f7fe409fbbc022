/* SPDX-License-Identifier: Apache-2.0 */
/* Good-faith estimates of who pays themselves: read by the patient and by staff, and issued again
 * when somebody asks. The first one comes with the booking, in the same statement. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/billing/read.h"
#include "mod_regen/clinic/booking/booking.h"
#include "regen/clinic/billing.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/place.h"
#include "regen/store/billing.h"
#include "regen/store/booking.h"
#include "regen/store/store.h"

#include <stdlib.h>
#include <string.h>

#include <apr_tables.h>

enum { A_MONTH = 31 }; /* in which three business days are */

typedef struct {
    rg_estimate_page_t *page;
    int version;
} estimate_look_t;

/* --- until when ------------------------------------------------------------------------------- */

/* Local days of the site between which its closed days count. */
typedef struct {
    rg_date_t from, until;
} days_t;

static days_t days_that_count(const rg_zone_t *zone, const rg_estimate_clock_t *clocks, int count)
{
    days_t d = {.from = rg_zone_local(zone, clocks[0].made_at).date};
    d.until = d.from;
    for (int i = 0; i < count; i++) {
        rg_date_t made = rg_zone_local(zone, clocks[i].made_at).date;
        rg_date_t service = rg_zone_local(zone, clocks[i].service_at).date;
        rg_date_t month = rg_date_add(made, A_MONTH);
        d.from = rg_date_compare(made, d.from) < 0 ? made : d.from;
        d.until = rg_date_compare(d.until, month) < 0 ? month : d.until;
        d.until = rg_date_compare(d.until, service) < 0 ? service : d.until;
    }
    return d;
}

/* The clock starts on the day on which it was issued: that of scheduling, of the change or of the
 * question. False: it is to be given only if somebody asks. */
static bool due_of(rg_date_t *due, const rg_zone_t *zone, const rg_estimate_clock_t *c,
                   const rg_closed_days_t *closed, int count)
{
    rg_date_t made = rg_zone_local(zone, c->made_at).date;
    rg_date_t service = rg_zone_local(zone, c->service_at).date;
    if (c->cause == RG_ESTIMATE_ASKED) {
        *due = rg_estimate_due_asked(made, closed, count);
        return true;
    }
    return rg_estimate_due(due, made, service, closed, count) ||
           (c->cause == RG_ESTIMATE_CHANGED &&
            rg_estimate_due_changed(due, made, service, closed, count));
}

/* Of versions of which none was given: another one stops no clock. */
static bool earliest_due(rg_date_t *due, const rg_zone_t *zone, const rg_estimate_clock_t *clocks,
                         int clock_count, const rg_closed_days_t *closed, int count)
{
    bool has = false;
    for (int i = 0; i < clock_count; i++) {
        rg_date_t d;
        if (due_of(&d, zone, &clocks[i], closed, count) && (!has || rg_date_compare(d, *due) < 0)) {
            *due = d;
            has = true;
        }
    }
    return has;
}

static rg_outcome_t put_due(rg_db_t *db, const rg_ctx_t *ctx, rg_estimate_page_t *page)
{
    rg_estimate_t *e = &page->estimate;
    const rg_zone_t *zone = page->site->zone;
    rg_estimate_clock_t *clocks;
    rg_closed_days_t *closed;
    int clock_count;
    int count;
    RG_TRY(rg_estimate_clocks(db, ctx, page->booking->id, e->version, &clocks, &clock_count));
    if (clock_count == 0) {
        return RG_OK;
    }
    days_t d = days_that_count(zone, clocks, clock_count);
    RG_TRY(rg_closed_days(db, ctx, page->site->id, d.from, d.until, &closed, &count));
    e->has_due = earliest_due(&e->due, zone, clocks, clock_count, closed, count);
    return RG_OK;
}

/* --- one of them ------------------------------------------------------------------------------ */

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
    rg_outcome_t rc = rg_store_read(ctx, estimate_work, &l);
    out->sends = ctx->policy->sends_letters;
    out->applies = rc == RG_OK && out->self_pay && out->booking->status == RG_BOOKING_BOOKED &&
                   out->estimate.version == out->estimate.newest;
    out->may_hand_over = out->applies && rg_may(ctx, RG_DEED_MONEY) && ctx->who.staff_id != 0 &&
                         !out->estimate.told.handed_over;
    out->may_take_back = rc == RG_OK && rg_may(ctx, RG_DEED_MONEY) && ctx->who.staff_id != 0 &&
                         out->estimate.told.handed_over;
    return rc;
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

/* --- by its number, for API clients ----------------------------------------------------------- */

typedef struct {
    const char *label;
    rg_estimate_t *estimate;
} labelled_t;

static rg_outcome_t labelled_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const labelled_t *l = baton;
    const char *dash = strrchr(l->label, '-');
    int64_t id;
    if (!dash || !rg_text_i64(&id, dash + 1, 1, INT64_MAX)) {
        return RG_NOT_FOUND;
    }
    RG_TRY(rg_estimate_read_id(db, ctx, id, rg_machine_reach(ctx), l->estimate));
    return strcmp(l->estimate->label, l->label) == 0
               ? rg_audit_add(db, ctx, "estimate.read", "estimate", id, "")
               : RG_NOT_FOUND;
}

rg_outcome_t rg_estimate_by_label(rg_estimate_t *out, const rg_ctx_t *ctx, const char *label)
{
    labelled_t l = {label, out};
    return rg_may_read_claims(ctx) ? rg_store_read(ctx, labelled_work, &l) : RG_FORBIDDEN;
}

/* --- more than the estimate ------------------------------------------------------------------- */

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

/* --- handed over on paper --------------------------------------------------------------------- */

typedef struct {
    const char *uid;
    int version;
    rg_handover_kind_t what;
} handing_t;

/* The page said something else than what is there now. */
static rg_outcome_t has_changed(const rg_ctx_t *ctx)
{
    rg_problem_add(ctx->problems, NULL, "This estimate changed in the meantime. Look at it again.");
    return RG_CONFLICT;
}

static rg_outcome_t hand_over_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const handing_t *h = baton;
    rg_booking_t *b;
    rg_estimate_t e;
    RG_TRY(rg_booking_row_by_uid(db, ctx, &b, h->uid));
    RG_TRY(rg_estimate_read(db, ctx, b->id, h->version, &e));
    bool back = h->what == RG_HANDOVER_TAKEN_BACK;
    if (e.told.handed_over != back || (!back && e.version != e.newest)) {
        return has_changed(ctx);
    }
    rg_outcome_t rc = rg_estimate_hand_over(db, ctx, e.id, h->what);
    if (rc == RG_CONFLICT || rc == RG_PRECONDITION) {
        return has_changed(ctx);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "estimate.hand-over", "estimate", e.id,
                                      rg_handover_kind_name(h->what))
                       : rc;
}

rg_outcome_t rg_estimate_handed_over(const rg_ctx_t *ctx, const char *booking_uid, int version,
                                     rg_handover_kind_t what)
{
    handing_t h = {booking_uid, version, what};
    if (!rg_may(ctx, RG_DEED_MONEY) || ctx->who.staff_id == 0) {
        return RG_FORBIDDEN;
    }
    return rg_uid_valid(booking_uid) ? rg_store_once(ctx, hand_over_work, &h) : RG_NOT_FOUND;
}

/* --- those that nobody has yet ---------------------------------------------------------------- */

/* Those of one site are put beside each other, so that its closed days are read once. */
static int by_site(const void *a, const void *b)
{
    const rg_estimate_open_t *x = a;
    const rg_estimate_open_t *y = b;
    return x->site_id != y->site_id ? (x->site_id > y->site_id) - (x->site_id < y->site_id)
                                    : (x->id > y->id) - (x->id < y->id);
}

static int by_due(const void *a, const void *b)
{
    const rg_estimate_open_t *x = a;
    const rg_estimate_open_t *y = b;
    int c = rg_date_compare(x->due, y->due);
    return c != 0 ? c : (x->id > y->id) - (x->id < y->id);
}

/* Of COUNT of one site: those that have a deadline are kept. */
static rg_outcome_t put_due_of_site(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *kept,
                                    const rg_estimate_open_t *rows, int count)
{
    rg_closed_days_t *closed;
    int closed_count;
    days_t d = days_that_count(rows[0].zone, rows[0].clocks, rows[0].clock_count);
    for (int i = 1; i < count; i++) {
        days_t more = days_that_count(rows[i].zone, rows[i].clocks, rows[i].clock_count);
        d.from = rg_date_compare(more.from, d.from) < 0 ? more.from : d.from;
        d.until = rg_date_compare(d.until, more.until) < 0 ? more.until : d.until;
    }
    RG_TRY(rg_closed_days(db, ctx, rows[0].site_id, d.from, d.until, &closed, &closed_count));
    for (int i = 0; i < count; i++) {
        rg_estimate_open_t e = rows[i];
        if (earliest_due(&e.due, e.zone, e.clocks, e.clock_count, closed, closed_count)) {
            APR_ARRAY_PUSH(kept, rg_estimate_open_t) = e;
        }
    }
    return RG_OK;
}

static rg_outcome_t keep_due(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *kept,
                             rg_estimate_open_t *rows, int count)
{
    qsort(rows, (size_t)count, sizeof(*rows), by_site);
    for (int first = 0, next = 0; first < count; first = next) {
        while (next < count && rows[next].site_id == rows[first].site_id) {
            next++;
        }
        RG_TRY(put_due_of_site(db, ctx, kept, rows + first, next - first));
    }
    qsort(kept->elts, (size_t)kept->nelts, sizeof(rg_estimate_open_t), by_due);
    return RG_OK;
}

/* Nothing is due before the day on which it was made, so whatever was made after the last of the
 * list is due after it; a day less, as sites have several zones. */
static bool is_complete(const apr_array_header_t *kept, const rg_estimate_open_t *last)
{
    const rg_estimate_open_t *rows = (const rg_estimate_open_t *)kept->elts;
    rg_date_t before = rg_date_add(rg_zone_local(last->zone, last->since).date, -1);
    return kept->nelts > RG_ESTIMATES_DUE_MOST &&
           rg_date_compare(rows[RG_ESTIMATES_DUE_MOST - 1].due, before) < 0;
}

static void put_rows(rg_estimates_due_t *out, const rg_ctx_t *ctx, const apr_array_header_t *kept)
{
    out->rows = (rg_estimate_open_t *)kept->elts;
    out->full = kept->nelts > RG_ESTIMATES_DUE_MOST;
    out->count = out->full ? RG_ESTIMATES_DUE_MOST : kept->nelts;
    out->overdue = out->today = 0;
    for (int i = 0; i < out->count; i++) {
        rg_estimate_open_t *e = &out->rows[i];
        int c = rg_date_compare(e->due, rg_zone_local(e->zone, ctx->now).date);
        e->overdue = c < 0;
        e->today = c == 0;
        out->overdue += e->overdue;
        out->today += e->today;
    }
}

static rg_outcome_t due_estimates_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    enum { ONCE = RG_ESTIMATES_DUE_MOST };
    rg_estimates_due_t *out = baton;
    apr_array_header_t *kept = apr_array_make(ctx->pool, ONCE, sizeof(rg_estimate_open_t));
    rg_estimate_open_t last;
    int count = ONCE;
    for (int round = 0; count == ONCE && (round == 0 || !is_complete(kept, &last)); round++) {
        rg_estimate_open_t *rows;
        RG_TRY(rg_estimates_open(db, ctx, &rows, &count, round > 0 ? &last : NULL, ONCE));
        if (count > 0) {
            last = rows[count - 1];
            RG_TRY(keep_due(db, ctx, kept, rows, count));
        }
    }
    put_rows(out, ctx, kept);
    out->sends = ctx->policy->sends_letters;
    return RG_OK;
}

rg_outcome_t rg_estimates_due(rg_estimates_due_t **out, const rg_ctx_t *ctx)
{
    rg_catalogue_t *all;
    if (!rg_may(ctx, RG_DEED_MONEY)) {
        return RG_FORBIDDEN;
    }
    *out = apr_pcalloc(ctx->pool, sizeof(**out));
    RG_TRY(rg_catalogue_list(&all, ctx));
    (*out)->site = all->site;
    (*out)->site_count = all->site_count;
    return rg_store_read(ctx, due_estimates_work, *out);
}
