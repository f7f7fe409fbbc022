/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody is at two visits at once. The key of person_time decides; here is who hears about it. A
 * name and a date of birth are no secret, so whoever only typed them hears nothing that they
 * would not hear without the other visit: it is booked, and the clinic is asked instead. Who may
 * know of the other visit anyway is told which it is. */
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
        return reach == 0 || (strcmp(o->source, "machine") == 0 && o->made_by == reach);
    }
    return rg_is_staff(ctx) || o->opened;
}

static const char *when_of(rg_ctx_t *ctx, const rg_clinic_t *k, const rg_other_visit_t *o)
{
    const rg_site_t *site = rg_clinic_site(k, o->site_id);
    return site && site->zone ? rg_time_people(ctx->pool, site->zone, o->starts_at) : "that time";
}

static void say(rg_ctx_t *ctx, const rg_clinic_t *k, const rg_other_visit_t *o)
{
    const char *when = when_of(ctx, k, o);
    if (rg_is_machine(ctx)) {
        rg_problem_add(ctx->problems, "person",
                       "This patient has Appointment/%s at the same time (%s, %s). Choose another "
                       "time, or move or cancel that one first.",
                       o->uid, o->service_name, when);
        return;
    }
    rg_tell(ctx->problems, ctx->who.roles, "person",
            "You have another visit then: %s, %s. Choose another time, move or cancel that visit "
            "first, or call us if you mean both.",
            "This patient has another visit then: %s, %s. Choose another time, or say why both are "
            "right.",
            o->service_name, when);
}

/* Two visits that read the same are said once. */
static void say_once(rg_ctx_t *ctx, const rg_clinic_t *k, const rg_other_visit_t *o)
{
    apr_array_header_t *said = ctx->problems->list;
    int last = said->nelts;
    say(ctx, k, o);
    for (int i = 0; i < last; i++) {
        if (strcmp(APR_ARRAY_IDX(said, i, rg_problem_t).text,
                   APR_ARRAY_IDX(said, last, rg_problem_t).text) == 0) {
            said->nelts = last;
        }
    }
}

/* RG_CONFLICT when whoever asks was told; without words when there is no other visit. RG_OK: nobody
 * is to be told. */
static rg_outcome_t tell(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id)
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

static rg_outcome_t stand_beside(rg_db_t *db, rg_ctx_t *ctx, int64_t id,
                                 const rg_hold_extra_t *extra, bool later)
{
    bool meant = rg_is_staff(ctx) && extra && (extra->over & (1u << RG_RULE_SAME_PERSON)) != 0;
    rg_outcome_t rc = meant || later ? RG_OK : tell(db, ctx, id);
    rc = rc == RG_OK ? rg_person_take_beside(db, ctx, id, meant) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    return meant ? rg_booking_note_over(db, ctx, id, 1u << RG_RULE_SAME_PERSON, extra->reason)
                 : rg_booking_audit(db, ctx, "booking.beside", id, NULL);
}

rg_outcome_t rg_person_book(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b,
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

rg_outcome_t rg_person_moves(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b,
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
    const char *shown; /* uids, with blanks between */
} settle_t;

/* What the page did not show is not answered by it. */
static rg_outcome_t settle_shown(rg_db_t *db, rg_ctx_t *ctx, const settle_t *s, int *count)
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
                           "There is another visit at this time since you opened this page. Look "
                           "at all of them again.");
            return RG_CONFLICT;
        }
        rc = rg_person_settle(db, ctx, s->booking_id, others[i].booking_id);
        ++*count;
    }
    return rc;
}

static rg_outcome_t settle_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    const settle_t *s = baton;
    rg_booking_t *b;
    int count = 0;
    rg_outcome_t rc = rg_booking_row(db, ctx, &b, s->booking_id, true);
    rc = rc == RG_OK ? settle_shown(db, ctx, s, &count) : rc;
    if (rc == RG_OK && count == 0) {
        rg_problem_add(ctx->problems, NULL, "This was settled already; look at it again.");
        return RG_CONFLICT;
    }
    return rc == RG_OK ? rg_booking_note_over(db, ctx, b->id, 1u << RG_RULE_SAME_PERSON, s->reason)
                       : rc;
}

rg_outcome_t rg_desk_both_right(rg_ctx_t *ctx, int64_t booking_id, const char *shown,
                                const char *reason)
{
    settle_t s = {booking_id, NULL, shown};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    if (rc != RG_OK) {
        return rc;
    }
    s.reason = rg_reason_read(ctx, "both", reason);
    return s.reason ? rg_store_transact(ctx, settle_work, &s) : RG_INVALID;
}

typedef struct {
    int64_t booking_id;
    rg_other_visit_t *others;
    int count;
} others_t;

static rg_outcome_t others_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    others_t *o = baton;
    return rg_person_others(db, ctx, o->booking_id, &o->others, &o->count);
}

rg_outcome_t rg_desk_others(rg_other_visit_t **out, int *count, rg_ctx_t *ctx, int64_t booking_id)
{
    others_t o = {.booking_id = booking_id};
    rg_outcome_t rc = rg_is_staff(ctx) ? rg_store_read(ctx, others_work, &o) : RG_FORBIDDEN;
    *out = o.others;
    *count = rc == RG_OK ? o.count : 0;
    return rc;
}
