/* SPDX-License-Identifier: Apache-2.0 */
/* A visitor's browser: one session by a secret in a cookie, and the bookings and waitlist entries
 * that it may open. Every request says which of them it is about, so that two tabs never mix. */
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/patient/people.h"
#include "mod_regen/clinic/identity/secret.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/waitlist.h"
#include "regen/store/booking.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"
#include "regen/store/waitlist.h"
#include "mod_regen/clinic/transact.h"
#include "mod_regen/clinic/identity/visitor.h"

#include <string.h>

#include <apr_strings.h>

typedef struct {
    unsigned char hash[32];
    int64_t id;
    int64_t booking_id, waiter_id;
    const char *uid;
    rg_principal_t who;
    int given_back;
} work_t;

/* --- what it may open ------------------------------------------------------------------------- */

static rg_outcome_t admit(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    work_t *w = baton;
    rg_ctx_t own = *ctx;
    rg_booking_t *b;
    rg_outcome_t rc = rg_booking_row(db, ctx, &b, w->booking_id, false);
    rc = rc == RG_OK ? rg_visitor_ensure(&own.who, db, ctx) : rc;
    w->who = own.who;
    if (rc == RG_OK) {
        w->uid = b->uid;
        rc = rg_visitor_add_booking(db, &own, own.who.visitor_id, b->id, b->patient_id == 0,
                                    rg_visitor_until(&own));
    }
    return rc == RG_OK ? rg_audit_add(db, &own, "session", "booking", b->id, NULL) : rc;
}

/* The session that an admission began, or had, and what it opens. */
static rg_outcome_t admitted(rg_principal_t *who, const char **uid, const work_t *w,
                             rg_outcome_t rc)
{
    if (rc == RG_OK) {
        *who = w->who;
    }
    *uid = w->uid;
    return rc;
}

rg_outcome_t rg_visitor_admit(rg_principal_t *who, const char **uid, const rg_ctx_t *ctx,
                              int64_t booking_id)
{
    work_t w = {.booking_id = booking_id};
    return admitted(who, uid, &w, rg_transact(ctx, admit, &w));
}

static rg_outcome_t admit_place(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    work_t *w = baton;
    rg_ctx_t own = *ctx;
    rg_waiter_t *waiter;
    rg_outcome_t rc = rg_waiter_read(db, ctx, &waiter, w->waiter_id);
    rc = rc == RG_OK ? rg_visitor_ensure(&own.who, db, ctx) : rc;
    w->who = own.who;
    if (rc == RG_OK) {
        w->uid = waiter->uid;
        rc = rg_visitor_add_place(db, &own, own.who.visitor_id, w->waiter_id,
                                  rg_visitor_until(&own));
    }
    return rc == RG_OK ? rg_audit_add(db, &own, "session", "waitlist", w->waiter_id, NULL) : rc;
}

rg_outcome_t rg_visitor_admit_place(rg_principal_t *who, const char **uid, const rg_ctx_t *ctx,
                                    int64_t waiter_id)
{
    work_t w = {.waiter_id = waiter_id};
    return admitted(who, uid, &w, rg_transact(ctx, admit_place, &w));
}

/* --- which of them ---------------------------------------------------------------------------- */

bool rg_visitor_live(const rg_visitor_booking_t *b)
{
    return b->status != RG_BOOKING_EXPIRED && b->status != RG_BOOKING_CANCELLED;
}

static rg_outcome_t named(rg_visitor_booking_t **out, const rg_visitor_list_t *l, const char *uid)
{
    for (int i = 0; i < l->booking_count; i++) {
        if (strcmp(l->bookings[i].uid, uid) == 0) {
            *out = &l->bookings[i];
            return RG_OK;
        }
    }
    return RG_NOT_FOUND;
}

static int count_others(const rg_visitor_list_t *l, const rg_visitor_booking_t *b)
{
    int n = l->place_count;
    for (int i = 0; i < l->booking_count; i++) {
        n += &l->bookings[i] != b && rg_visitor_live(&l->bookings[i]);
    }
    return n;
}

static rg_outcome_t only(rg_visitor_booking_t **out, const rg_visitor_list_t *l)
{
    int live = 0;
    *out = &l->bookings[0];
    for (int i = 0; i < l->booking_count; i++) {
        if (rg_visitor_live(&l->bookings[i]) && live++ == 0) {
            *out = &l->bookings[i];
        }
    }
    return live > 1 ? RG_CONFLICT : RG_OK;
}

/* The caller, who may not open any of them yet. */
static rg_principal_t nothing_chosen(const rg_ctx_t *ctx)
{
    rg_principal_t who = ctx->who;
    who.booking_id = who.waiter_id = 0;
    return who;
}

rg_outcome_t rg_visitor_choose(rg_principal_t *who, const rg_visitor_booking_t **out,
                               const rg_ctx_t *ctx, const rg_visitor_list_t *mine, const char *uid)
{
    rg_visitor_booking_t *b = NULL;
    *out = NULL;
    *who = nothing_chosen(ctx);
    if (!mine || mine->booking_count == 0) {
        return uid && mine && mine->place_count > 0 ? RG_NOT_FOUND : RG_UNAUTHENTICATED;
    }
    rg_outcome_t rc = uid ? named(&b, mine, uid) : only(&b, mine);
    if (rc == RG_OK) {
        b->others = count_others(mine, b);
        rc = b->opened ? RG_OK : RG_PRECONDITION;
    }
    who->booking_id = rc == RG_OK ? b->id : 0;
    *out = b;
    return rc;
}

rg_outcome_t rg_visitor_choose_place(rg_principal_t *who, const rg_visitor_place_t **out,
                                     const rg_ctx_t *ctx, const rg_visitor_list_t *mine,
                                     const char *uid)
{
    int fitting = 0;
    *out = NULL;
    *who = nothing_chosen(ctx);
    if (!mine || mine->place_count == 0) {
        return RG_UNAUTHENTICATED;
    }
    for (int i = 0; i < mine->place_count; i++) {
        const rg_visitor_place_t *place = &mine->places[i];
        bool fits = uid ? strcmp(place->uid, uid) == 0 : place->open;
        if (fits && fitting++ == 0) {
            *out = place;
        }
    }
    *out = *out || uid ? *out : &mine->places[0];
    who->waiter_id = *out && fitting <= 1 ? (*out)->id : 0;
    return !*out ? RG_NOT_FOUND : fitting > 1 ? RG_CONFLICT : RG_OK;
}

/* --- by the date of birth --------------------------------------------------------------------- */

typedef struct {
    const char *uid;
    rg_date_t said;
    bool wrong;
    rg_principal_t who; /* the caller, for whom it is open now */
} open_t;

/* Wrong ones are counted for the booking, not the browser: a link can be opened in any number of
 * them. */
static rg_outcome_t compare_birth_date(rg_db_t *db, const rg_ctx_t *ctx, open_t *o,
                                       const rg_booking_t *b)
{
    o->wrong = rg_date_compare(o->said, b->patient_birth_date) != 0;
    if (o->wrong) {
        rg_outcome_t rc = rg_booking_link_wrong(db, ctx, b->id);
        return rc == RG_OK
                   ? rg_audit_add(db, ctx, "session.wrong-birth-date", "booking", b->id, NULL)
                   : rc;
    }
    rg_ctx_t own = *ctx;
    rg_outcome_t rc = rg_booking_link_right(db, ctx, b->id);
    rc = rc == RG_OK ? rg_visitor_ensure(&own.who, db, ctx) : rc;
    o->who = own.who;
    return rc == RG_OK ? rg_visitor_add_booking(db, &own, own.who.visitor_id, b->id, true,
                                                rg_visitor_until(&own))
                       : rc;
}

static rg_outcome_t open_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    open_t *o = baton;
    rg_booking_t *b;
    int wrong = 0;
    rg_outcome_t rc = rg_booking_row_by_uid(db, ctx, &b, o->uid);
    rc = rc == RG_OK ? rg_booking_row(db, ctx, &b, b->id, true) : rc;
    rc = rc == RG_OK ? rg_booking_link_tries(db, ctx, &wrong, b->id) : rc;
    if (rc == RG_OK && wrong >= RG_LINK_TRIES) {
        rg_problem_add(ctx->problems, NULL,
                       "Too many wrong dates of birth were entered for this link, so it no longer "
                       "works. Call the clinic for a new one.");
        return RG_GONE;
    }
    return rc == RG_OK ? compare_birth_date(db, ctx, o, b) : rc;
}

rg_outcome_t rg_visitor_open(rg_principal_t *who, const rg_ctx_t *ctx,
                             const rg_visitor_list_t *mine, const char *uid, const char *birth_date,
                             const rg_day_typed_t *born)
{
    const rg_visitor_booking_t *b;
    open_t o = {.uid = NULL};
    rg_outcome_t rc = rg_visitor_choose(who, &b, ctx, mine, uid);
    if (rc != RG_PRECONDITION || !b) {
        return rc;
    }
    o.uid = b->uid;
    if (!rg_birth_date_read(&o.said, ctx, birth_date, born)) {
        return RG_INVALID;
    }
    rc = rg_transact(ctx, open_work, &o);
    if (rc == RG_OK && o.wrong) {
        rg_problem_add(ctx->problems, "birth_date",
                       "This date of birth does not match the booking.");
        return RG_INVALID;
    }
    who->booking_id = rc == RG_OK ? b->id : 0;
    return rc;
}

/* --- by the number and the date of birth ------------------------------------------------------ */

/* What guessing gains. There are 16^9 = 6.9e10 numbers and some 20,000 likely days of birth. Of a
 * clinic with 20,000 bookings that can still be opened, one try opens one of them with a chance of
 * 20,000 / 6.9e10 / 20,000 = 1.5e-11. RegenLinkRate's 60 in ten minutes are 8,640 tries a day from
 * one address: once in 22,000 years, and once in 22 with a thousand addresses that do nothing else.
 * Somebody who knows a number (from the patient's mail) has RG_LINK_TRIES tries at the date: 1 in
 * 2,000, and the clinic learns of it because the link stops working.
 *
 * Every mistake gets the same answer. An existing number costs one more write and a lock; among
 * 16^9 numbers this reveals nothing. */

const char rg_no_such_number[] =
    "No booking was found with this number and this date of birth. Check both and try again. After "
    "several wrong dates, please call the clinic.";

typedef struct {
    const char *number, *uid;
    open_t open;
} numbered_t;

static rg_outcome_t unknown_number(rg_db_t *db, const rg_ctx_t *ctx, numbered_t *n)
{
    n->open.wrong = true;
    return rg_audit_add(db, ctx, "session.wrong-number", "booking", 0, NULL);
}

static rg_outcome_t numbered_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    numbered_t *n = baton;
    rg_booking_t *b;
    int64_t id = 0;
    int wrong = 0;
    n->open.wrong = false;
    rg_outcome_t rc = rg_booking_id_by_number(db, ctx, &id, n->number);
    if (rc == RG_NOT_FOUND) {
        return unknown_number(db, ctx, n);
    }
    rc = rc == RG_OK ? rg_booking_row(db, ctx, &b, id, true) : rc;
    rc = rc == RG_OK ? rg_booking_link_tries(db, ctx, &wrong, id) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    if (wrong >= RG_LINK_TRIES || b->patient_id == 0) {
        return unknown_number(db, ctx, n);
    }
    n->uid = b->uid;
    rc = compare_birth_date(db, ctx, &n->open, b);
    if (rc != RG_OK || n->open.wrong) {
        return rc;
    }
    rg_ctx_t own = *ctx;
    own.who = n->open.who;
    return rg_audit_add(db, &own, "session", "booking", id, "number");
}

rg_outcome_t rg_visitor_open_number(rg_principal_t *who, const char **uid, const rg_ctx_t *ctx,
                                    const char *number, const char *birth_date,
                                    const rg_day_typed_t *born)
{
    numbered_t n = {.number = rg_number_read(ctx->pool, number)};
    bool dated = rg_birth_date_read(&n.open.said, ctx, birth_date, born);
    *uid = NULL;
    if (!n.number) {
        rg_problem_add(ctx->problems, "number",
                       "Use the 9 letters and digits of the booking number, such as K7M 4QX 9RY.");
    }
    if (!n.number || !dated) {
        return RG_INVALID;
    }
    rg_outcome_t rc = rg_transact(ctx, numbered_work, &n);
    if (rc != RG_OK || n.open.wrong) {
        rg_problem_add(rc == RG_OK ? ctx->problems : NULL, NULL, "%s", rg_no_such_number);
        return rc == RG_OK ? RG_INVALID : rc;
    }
    *who = n.open.who;
    *uid = n.uid;
    return RG_OK;
}

/* --- leaving ---------------------------------------------------------------------------------- */

/* What became something else in the meantime, in another tab, is left alone. */
static rg_outcome_t give_back_held(rg_db_t *db, const rg_ctx_t *ctx, work_t *w,
                                   const rg_visitor_booking_t *b)
{
    rg_ctx_t own = rg_silent_ctx(ctx);
    own.who.booking_id = b->id;
    rg_outcome_t rc = rg_booking_give_back_in(db, &own, b->id, "left");
    w->given_back += rc == RG_OK;
    return rc == RG_PRECONDITION || rc == RG_GONE ? RG_OK : rc;
}

static rg_outcome_t end_session(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    work_t *w = baton;
    rg_visitor_list_t l;
    rg_outcome_t rc = rg_visitor_read(db, ctx, &l, ctx->who.visitor_id);
    w->given_back = 0;
    rc = rc == RG_NOT_FOUND ? RG_OK : rc; /* its time is over, or it was left in another tab */
    for (int i = 0; rc == RG_OK && i < l.booking_count; i++) {
        const rg_visitor_booking_t *b = &l.bookings[i];
        rc = b->opened && b->status == RG_BOOKING_HELD ? give_back_held(db, ctx, w, b) : RG_OK;
    }
    if (rc == RG_OK) {
        rc = rg_visitor_drop(db, ctx, ctx->who.visitor_id);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "logout", "visitor", ctx->who.visitor_id, NULL) : rc;
}

rg_outcome_t rg_visitor_leave(int *given_back, const rg_ctx_t *ctx)
{
    work_t w = {.given_back = 0};
    rg_outcome_t rc = ctx->who.visitor_id > 0 ? rg_transact(ctx, end_session, &w) : RG_OK;
    *given_back = w.given_back;
    return rc;
}
