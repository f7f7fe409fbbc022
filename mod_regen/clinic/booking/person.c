/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody is at two visits at once. The key of person_time decides; this file decides who is told. A
 * name and a date of birth are not secret, so a caller who only typed them learns nothing about the
 * other visit: it is booked, and the clinic is asked instead. A caller who may know of the other
 * visit is told which it is. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/conflict.h"
#include "mod_regen/clinic/tell.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/store/booking.h"
#include "regen/store/definitions.h"
#include "regen/store/person.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <string.h>

#include <apr_strings.h>

/* --- who may know ----------------------------------------------------------------------------- */

/* A machine what it may read, a browser what it may open. */
static bool may_know(const rg_ctx_t *ctx, const rg_other_visit_t *o)
{
    if (rg_is_machine(ctx)) {
        int64_t reach = rg_machine_reach(ctx);
        return reach == 0 ||
               (rg_source_parse(o->source) == RG_SOURCE_MACHINE && o->made_by == reach);
    }
    return rg_is_staff(ctx) || o->opened;
}

static const char *when_of(const rg_ctx_t *ctx, const rg_clinic_t *k, const rg_other_visit_t *o)
{
    const rg_site_t *site = rg_clinic_site(k, o->site_id);
    return site && site->zone ? rg_time_people(ctx->pool, site->zone, o->starts_at) : "that time";
}

static void say_other_visit(const rg_ctx_t *ctx, const rg_clinic_t *k, const rg_other_visit_t *o)
{
    const char *when = when_of(ctx, k, o);
    if (rg_is_machine(ctx)) {
        rg_problem_add(ctx->problems, "person",
                       "This patient has Appointment/%s at the same time (%s, %s). Choose another "
                       "time, or reschedule or cancel that one first.",
                       o->uid, o->service_name, when);
        return;
    }
    rg_tell(ctx->problems, ctx->who.roles, "person",
            "You have another visit at that time: %s, %s. Choose another time, reschedule or "
            "cancel that visit first, or call us if you want both.",
            "This patient has another visit at that time: %s, %s. Choose another time, or enter "
            "why both are right.",
            o->service_name, when);
}

/* Two visits with the same text are listed once. */
static void say_once(const rg_ctx_t *ctx, const rg_clinic_t *k, const rg_other_visit_t *o)
{
    apr_array_header_t *said = ctx->problems->list;
    int last = said->nelts;
    say_other_visit(ctx, k, o);
    for (int i = 0; i < last; i++) {
        if (strcmp(APR_ARRAY_IDX(said, i, rg_problem_t).text,
                   APR_ARRAY_IDX(said, last, rg_problem_t).text) == 0) {
            said->nelts = last;
        }
    }
}

/* RG_CONFLICT if the caller was told; without a problem if there is no other visit. RG_OK: the
 * caller must not be told. */
static rg_outcome_t tell_of_others(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id)
{
    rg_other_visit_t *others;
    const rg_clinic_t *k;
    int count;
    bool told = false;
    rg_outcome_t rc =
        rg_person_in_the_way(db, ctx, booking_id, ctx->who.visitor_id, &others, &count);
    rc = rc == RG_OK ? rg_clinic_get(&k, db, ctx) : rc;
    for (int i = 0; rc == RG_OK && i < count; i++) {
        if (may_know(ctx, &others[i])) {
            say_once(ctx, k, &others[i]);
            told = true;
        }
    }
    return rc == RG_OK && (told || count == 0) ? RG_CONFLICT : rc;
}

/* --- beside ----------------------------------------------------------------------------------- */

static rg_outcome_t stand_beside(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                                 const rg_hold_extra_t *extra, bool later)
{
    bool meant = rg_is_staff(ctx) && extra && (extra->over & (1u << RG_RULE_SAME_PERSON)) != 0;
    rg_outcome_t rc = meant || later ? RG_OK : tell_of_others(db, ctx, id);
    rc = rc == RG_OK ? rg_person_take_beside(db, ctx, id, meant) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    return meant ? rg_booking_note_over(db, ctx, id, 1u << RG_RULE_SAME_PERSON, extra->reason)
                 : rg_booking_audit(db, ctx, "booking.beside", id, NULL);
}

rg_outcome_t rg_person_book(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                            const unsigned char link_hash[32], const rg_hold_extra_t *extra)
{
    rg_owner_t by = rg_booking_by(ctx);
    rg_outcome_t rc = rg_booking_book(db, ctx, &by, b, link_hash);
    if (rc != RG_PRECONDITION) {
        return rc;
    }
    rc = stand_beside(db, ctx, b->id, extra, false);
    return rc == RG_OK ? rg_booking_book(db, ctx, &by, b, link_hash) : rc;
}

rg_outcome_t rg_person_moves(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                             const rg_hold_extra_t *extra, bool later)
{
    if (b->status == RG_BOOKING_HELD) {
        return RG_OK;
    }
    rg_outcome_t rc = rg_person_give_back(db, ctx, b->id);
    rc = rc == RG_OK ? rg_person_take(db, ctx, b->id) : rc;
    return rc == RG_CONFLICT ? stand_beside(db, ctx, b->id, extra, later) : rc;
}

/* --- a question answered ---------------------------------------------------------------------- */

typedef struct {
    int64_t booking_id;
    const char *reason;
    const char *shown; /* uids, with spaces between */
} settle_t;

/* What the page did not show is not answered by it. */
static rg_outcome_t settle_shown(rg_db_t *db, const rg_ctx_t *ctx, const settle_t *s, int *count)
{
    rg_other_visit_t *others;
    int n;
    rg_outcome_t rc = rg_person_others(db, ctx, s->booking_id, &others, &n);
    for (int i = 0; rc == RG_OK && i < n; i++) {
        if (!others[i].question) {
            continue;
        }
        if (!strstr(s->shown, others[i].booking_uid)) {
            rg_problem_add(ctx->problems, NULL,
                           "Another visit at this time was booked after you opened this page. "
                           "Check all of them again.");
            return RG_CONFLICT;
        }
        rc = rg_person_settle(db, ctx, s->booking_id, others[i].booking_id);
        ++*count;
    }
    return rc;
}

static rg_outcome_t settle_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const settle_t *s = baton;
    rg_booking_t *b;
    int count = 0;
    rg_outcome_t rc = rg_booking_row(db, ctx, &b, s->booking_id, true);
    rc = rc == RG_OK ? settle_shown(db, ctx, s, &count) : rc;
    if (rc == RG_OK && count == 0) {
        rg_problem_add(ctx->problems, NULL, "This was already settled. Reload the page.");
        return RG_CONFLICT;
    }
    return rc == RG_OK ? rg_booking_note_over(db, ctx, b->id, 1u << RG_RULE_SAME_PERSON, s->reason)
                       : rc;
}

rg_outcome_t rg_desk_both_right(const rg_ctx_t *ctx, int64_t booking_id, const char *shown,
                                const char *reason)
{
    settle_t s = {booking_id, NULL, shown};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    if (rc != RG_OK) {
        return rc;
    }
    s.reason = rg_reason_read(ctx, "both", reason);
    return s.reason ? rg_store_once(ctx, settle_work, &s) : RG_INVALID;
}
