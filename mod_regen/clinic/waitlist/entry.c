/* SPDX-License-Identifier: Apache-2.0 */
/* One waitlist entry: join, read, accept, decline, leave; and the list for staff. serve.c makes the
 * offers. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/page.h"
#include "mod_regen/clinic/identity/secret.h"
#include "mod_regen/clinic/tell.h"
#include "mod_regen/clinic/waitlist/waitlist.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/net.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/waitlist.h"
#include "regen/store/booking.h"
#include "regen/store/store.h"
#include "regen/store/waitlist.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/schedule/local_days.h"
#include "mod_regen/clinic/transact.h"

#include <string.h>

#include <apr_strings.h>

enum { SWEEP_ONCE = 5 };

/* --- whose ------------------------------------------------------------------------------------ */

static bool mine(const rg_ctx_t *ctx, int64_t waiter_id)
{
    const rg_principal_t *who = &ctx->who;
    return rg_may(ctx, RG_DEED_WAITLIST) ||
           (rg_is_patient(ctx) && waiter_id > 0 && who->waiter_id == waiter_id);
}

typedef struct {
    int64_t id;
    const char *uid; /* NULL: by id */
    rg_waiter_t *waiter;
} get_t;

static rg_outcome_t get_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    get_t *g = baton;
    return g->uid ? rg_waiter_by_uid(db, ctx, &g->waiter, g->uid)
                  : rg_waiter_read(db, ctx, &g->waiter, g->id);
}

/* An expired offer reads as waiting, swept or not. */
static rg_waiter_t *as_now(rg_waiter_t *w, apr_time_t now)
{
    if (w->status == RG_WAITER_OFFERED && w->offer_until <= now) {
        w->status = RG_WAITER_WAITING;
        w->offer_booking_id = 0;
        w->offer_until = 0;
    }
    return w;
}

static rg_outcome_t get_place(rg_waiter_t **out, const rg_ctx_t *ctx, get_t *g)
{
    rg_outcome_t rc = rg_store_read(ctx, get_work, g);
    if (rc == RG_OK) {
        *out = as_now(g->waiter, ctx->now);
    }
    return rc;
}

rg_outcome_t rg_waitlist_mine(rg_waiter_t **out, const rg_ctx_t *ctx)
{
    get_t g = {.id = ctx->who.waiter_id};
    return mine(ctx, g.id) && g.id > 0 ? get_place(out, ctx, &g) : RG_NOT_FOUND;
}

rg_outcome_t rg_waitlist_get(rg_waiter_t **out, const rg_ctx_t *ctx, const char *uid)
{
    get_t g = {.uid = uid};
    return rg_may(ctx, RG_DEED_WAITLIST) && rg_uid_valid(uid) ? get_place(out, ctx, &g)
                                                              : RG_NOT_FOUND;
}

static rg_outcome_t of_booking_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    get_t *g = baton;
    rg_outcome_t rc = rg_waiter_of_booking(db, ctx, &g->waiter, g->id);
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

rg_outcome_t rg_waitlist_of_booking(rg_waiter_t **out, const rg_ctx_t *ctx, int64_t booking_id)
{
    get_t g = {.id = booking_id};
    if (!rg_booking_mine(ctx, booking_id, false)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, of_booking_work, &g);
    *out = rc == RG_OK ? g.waiter : NULL;
    return rc;
}

/* --- the link --------------------------------------------------------------------------------- */

rg_outcome_t rg_waitlist_by_link(int64_t *waiter_id, const rg_ctx_t *ctx, const char *link)
{
    return rg_secret_opens(waiter_id, ctx, link, rg_waiter_id_by_link);
}

/* --- joining ---------------------------------------------------------------------------------- */

typedef struct {
    rg_waiter_t waiter;
    unsigned char link_hash[32];
} join_t;

static rg_outcome_t not_too_many_places(rg_db_t *db, const rg_ctx_t *ctx, const rg_waiter_t *w)
{
    int64_t count = 0;
    rg_outcome_t rc =
        w->client ? rg_waiters_of_client(db, ctx, &count, w->client, ctx->now - RG_DAY) : RG_OK;
    if (rc != RG_OK || !w->client || count < ctx->policy->places_per_client) {
        return rc;
    }
    rg_problem_add(ctx->problems, NULL,
                   "Too many people joined the waitlist from your internet connection today. "
                   "Please try again tomorrow, or call the clinic.");
    return RG_TOO_MANY;
}

/* Enforced by the key, on any node. Two entries would mean two offers of what one person can use
 * once; but only staff may learn who is on the waitlist. */
static rg_outcome_t once_more(rg_db_t *db, const rg_ctx_t *ctx, join_t *j)
{
    if (rg_may(ctx, RG_DEED_WAITLIST)) {
        rg_problem_add(ctx->problems, "email",
                       "This patient is already on the waitlist for this treatment. Find the entry "
                       "in the list.");
        return RG_INVALID;
    }
    j->waiter.behind = true;
    return rg_waiter_insert(db, ctx, &j->waiter, j->link_hash);
}

static rg_outcome_t join_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    join_t *j = baton;
    rg_outcome_t rc = not_too_many_places(db, ctx, &j->waiter);
    if (rc == RG_OK) {
        j->waiter.behind = false;
        rc = rg_waiter_insert(db, ctx, &j->waiter, j->link_hash);
        rc = rc == RG_CONFLICT ? once_more(db, ctx, j) : rc;
    }
    if (rc == RG_OK) {
        rc = rg_audit_add(db, ctx, "waitlist.join", "waitlist", j->waiter.id, NULL);
    }
    if (rc == RG_OK) {
        rg_once_result(db, j->waiter.uid);
    }
    rg_freed_note(db, 0, 0); /* what fits may be free right now */
    return rc;
}

/* Who waits on an order is its patient, as the order has them. */
static rg_outcome_t read_on(const rg_order_t **on, rg_join_in_t *in, const rg_ctx_t *ctx)
{
    rg_order_t *o = NULL;
    rg_service_t *service;
    rg_site_t *site;
    bool named = in->order && *in->order;
    rg_outcome_t rc = named ? rg_order_named(&o, ctx, in->order) : RG_OK;
    rc = rc == RG_OK ? rg_catalogue_service(&service, &site, ctx, in->service_code) : rc;
    rc = rc == RG_OK ? rg_order_admits(ctx, service, site->zone, o, o ? ctx->now : 0) : rc;
    if (rc == RG_OK && o) {
        in->given = o->patient.given;
        in->family = o->patient.family;
        in->email = o->patient.email;
        in->phone = o->patient.phone;
    }
    *on = o;
    return rc;
}

rg_outcome_t rg_waitlist_join(const char **uid, const char **link, const rg_ctx_t *ctx,
                              const rg_join_in_t *in)
{
    join_t j;
    *uid = NULL;
    *link = NULL;
    rg_join_in_t own = *in;
    const rg_order_t *on;
    memset(&j, 0, sizeof(j));
    rg_outcome_t rc = read_on(&on, &own, ctx);
    rc = rc == RG_OK ? rg_waitlist_check(&j.waiter, ctx, &own) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    j.waiter.order_id = on ? on->id : 0;
    bool counted = !rg_is_staff(ctx) && ctx->client_ip && ctx->policy->places_per_client > 0;
    j.waiter.client = counted ? rg_net_client(ctx->pool, ctx->client_ip) : NULL;
    const char *fresh = rg_secret_of_request(ctx, j.link_hash, "waitlist");
    rc = rg_transact_once(ctx, join_work, &j);
    if (rc == RG_OK) {
        *uid = rg_replayed(ctx) ? ctx->idem->result : j.waiter.uid;
        rc = rg_secret_answer(link, ctx, fresh, "waitlist");
    }
    return rc;
}

/* --- the link made anew ----------------------------------------------------------------------- */

typedef struct {
    int64_t id;
    unsigned char hash[32];
} relink_t;

static rg_outcome_t relink_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const relink_t *l = baton;
    rg_outcome_t rc = rg_waiter_relink(db, ctx, l->id, l->hash);
    if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, NULL, "This waitlist entry is already closed.");
        return RG_PRECONDITION;
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "waitlist.link", "waitlist", l->id, NULL) : rc;
}

rg_outcome_t rg_waitlist_link(const char **link, const rg_ctx_t *ctx, int64_t waiter_id)
{
    relink_t l = {.id = waiter_id};
    *link = NULL;
    if (!rg_may(ctx, RG_DEED_WAITLIST)) {
        return RG_FORBIDDEN;
    }
    const char *fresh = rg_secret_of_request(ctx, l.hash, "waitlist");
    rg_outcome_t rc = rg_store_once(ctx, relink_work, &l);
    return rc == RG_OK ? rg_secret_answer(link, ctx, fresh, "waitlist") : rc;
}

/* --- answering an offer ----------------------------------------------------------------------- */

typedef struct {
    int64_t id;
    const char *offer; /* uid of the booking that is answered; NULL: whatever is offered */
    int64_t booking_id;
    const char *why; /* leave: closed_why */
} answer_t;

static rg_outcome_t over(const rg_ctx_t *ctx)
{
    rg_tell(ctx->problems, ctx->who.roles, NULL,
            "This time is no longer held for you. You are still on the waitlist.",
            "This time is no longer held for the patient. The patient is still on the waitlist.");
    return RG_GONE;
}

/* An answer from an outdated page must not accept or decline a time that the person has not
 * seen. */
static rg_outcome_t must_be_offered(const rg_ctx_t *ctx, const answer_t *a, rg_waiter_t *w)
{
    if (as_now(w, ctx->now)->status != RG_WAITER_OFFERED) {
        return over(ctx);
    }
    if (a->offer && strcmp(a->offer, w->offer_booking_uid) != 0) {
        rg_tell(ctx->problems, ctx->who.roles, NULL,
                "That time is no longer held for you, but this one is.",
                "That time is no longer held for the patient, but this one is.");
        return RG_GONE;
    }
    return RG_OK;
}

/* Taken before, by the same person: their booking is opened again. */
static rg_outcome_t own_booking(rg_db_t *db, const rg_ctx_t *ctx, const answer_t *a)
{
    rg_booking_t *b;
    rg_outcome_t rc = rg_booking_row(db, ctx, &b, a->booking_id, false);
    bool own =
        rc == RG_OK && rg_source_parse(b->source) == RG_SOURCE_WAITLIST && b->made_by == a->id;
    return rc != RG_OK || own ? rc : over(ctx);
}

static rg_outcome_t accept_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    answer_t *a = baton;
    rg_waiter_t *w;
    rg_outcome_t rc = rg_waiter_read(db, ctx, &w, a->id);
    if (rc != RG_OK) {
        return rc;
    }
    a->booking_id = w->offer_booking_id;
    if (w->status == RG_WAITER_TAKEN && a->booking_id > 0) {
        return own_booking(db, ctx, a);
    }
    rc = must_be_offered(ctx, a, w);
    if (rc != RG_OK) {
        return rc;
    }
    rc = rg_waiter_accept(db, ctx, a->id, a->booking_id, ctx->now + ctx->policy->hold_time);
    if (rc == RG_CONFLICT) {
        return over(ctx);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "waitlist.accept", "waitlist", a->id, NULL) : rc;
}

rg_outcome_t rg_waitlist_accept(int64_t *booking_id, const rg_ctx_t *ctx, int64_t waiter_id,
                                const char *offer)
{
    answer_t a = {.id = waiter_id, .offer = offer};
    if (!mine(ctx, waiter_id)) {
        return RG_NOT_FOUND;
    }
    /* Safe to repeat; the booking is read again each time. */
    rg_outcome_t rc = rg_store_transact(ctx, accept_work, &a);
    *booking_id = rc == RG_OK ? a.booking_id : 0;
    return rc;
}

/* Gives the held time back; the trigger of the schema puts waitlist entries back in line. */
static rg_outcome_t give_back_offered(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id)
{
    rg_owner_t by = rg_booking_by(ctx);
    rg_booking_t *b;
    rg_outcome_t rc = rg_booking_row(db, ctx, &b, booking_id, true);
    if (rc == RG_OK) {
        rc = rg_booking_must_be_owned(ctx, b);
    }
    if (rc == RG_OK) {
        rc = rg_booking_must_be_held(ctx, b);
    }
    if (rc == RG_OK) {
        rc = rg_booking_leave(db, ctx, &by, b, RG_BOOKING_CANCELLED);
    }
    if (rc == RG_OK) {
        rg_freed_note(db, b->starts_at, b->ends_at);
    }
    return rc;
}

static rg_outcome_t decline_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    answer_t *a = baton;
    rg_waiter_t *w;
    rg_outcome_t rc = rg_waiter_read(db, ctx, &w, a->id);
    if (rc == RG_OK) {
        rc = must_be_offered(ctx, a, w);
    }
    if (rc == RG_OK) {
        rc = give_back_offered(db, ctx, w->offer_booking_id);
    }
    if (rc == RG_OK) {
        rc = rg_audit_add(db, ctx, "waitlist.decline", "waitlist", a->id, NULL);
    }
    return rc;
}

rg_outcome_t rg_waitlist_decline(const rg_ctx_t *ctx, int64_t waiter_id, const char *offer)
{
    answer_t a = {.id = waiter_id, .offer = offer};
    return mine(ctx, waiter_id) ? rg_transact_once(ctx, decline_work, &a) : RG_NOT_FOUND;
}

/* --- leaving ---------------------------------------------------------------------------------- */

static rg_outcome_t leave_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    answer_t *a = baton;
    rg_waiter_t *w;
    rg_outcome_t rc = rg_waiter_read(db, ctx, &w, a->id);
    if (rc != RG_OK) {
        return rc;
    }
    if (w->status == RG_WAITER_TAKEN || w->status == RG_WAITER_CLOSED) {
        rg_problem_add(ctx->problems, NULL, "This waitlist entry is already closed.");
        return RG_PRECONDITION;
    }
    if (w->status == RG_WAITER_OFFERED && w->offer_until > ctx->now) {
        rc = give_back_offered(db, ctx, w->offer_booking_id);
    }
    else if (w->status == RG_WAITER_OFFERED) {
        rc = rg_booking_expire_all(db, ctx);
    }
    if (rc == RG_OK) {
        rc = rg_waiter_close(db, ctx, a->id, a->why);
    }
    if (rc == RG_OK) {
        rc = rg_audit_add(db, ctx, "waitlist.leave", "waitlist", a->id, a->why);
    }
    return rc;
}

rg_outcome_t rg_waitlist_leave(const rg_ctx_t *ctx, int64_t waiter_id)
{
    bool staff = rg_may(ctx, RG_DEED_WAITLIST);
    answer_t a = {.id = waiter_id,
                  .why =
                      rg_waiter_why_name(staff ? RG_WAITER_WHY_REMOVED : RG_WAITER_WHY_WITHDRAWN)};
    return mine(ctx, waiter_id) ? rg_transact_once(ctx, leave_work, &a) : RG_NOT_FOUND;
}

/* --- the list for staff ----------------------------------------------------------------------- */

static rg_outcome_t page_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_waitlist_t *l = baton;
    rg_outcome_t rc = rg_waiters_count(db, ctx, l->counts, l->service_id);
    if (rc != RG_OK) {
        return rc;
    }
    if (l->name) {
        l->page = l->pages = 1;
        return rg_waiters_named(db, ctx, &l->waiters, &l->count, l->service_id, l->name,
                                RG_WAITLIST_PAGE);
    }
    l->pages = rg_page_fit(&l->page, l->counts[l->status], RG_WAITLIST_PAGE);
    return rg_waiters_page(db, ctx, &l->waiters, &l->count, l->service_id,
                           (rg_waiter_status_t)l->status, RG_WAITLIST_PAGE,
                           (l->page - 1) * RG_WAITLIST_PAGE);
}

static rg_outcome_t choose_service(rg_waitlist_t *l, const rg_ctx_t *ctx, const char *code)
{
    rg_catalogue_t *catalogue;
    rg_outcome_t rc = rg_catalogue_list(&catalogue, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    l->site = catalogue->site;
    l->sites = catalogue->sites;
    l->site_count = catalogue->site_count;
    l->services = catalogue->services;
    l->service_count = catalogue->count;
    for (int i = 0; code && *code && i < l->service_count; i++) {
        if (strcmp(l->services[i]->code, code) == 0) {
            l->service_id = l->services[i]->id;
        }
    }
    return code && *code && l->service_id == 0 ? RG_NOT_FOUND : RG_OK;
}

rg_outcome_t rg_waitlist_page(rg_waitlist_t **out, const rg_ctx_t *ctx, const rg_waitlist_in_t *in)
{
    if (!rg_may(ctx, RG_DEED_WAITLIST)) {
        return RG_FORBIDDEN;
    }
    rg_waitlist_t *l = apr_pcalloc(ctx->pool, sizeof(*l));
    l->status = (int)in->status;
    l->page = in->page;
    l->name = in->name && *rg_fold_name(ctx->pool, in->name) ? in->name : NULL;
    rg_outcome_t rc = choose_service(l, ctx, in->service_code);
    if (rc == RG_OK) {
        rc = rg_store_read(ctx, page_work, l);
    }
    *out = l;
    return rc;
}

/* --- the sweep -------------------------------------------------------------------------------- */

typedef struct {
    int offered, closed;
} sweep_t;

static rg_outcome_t sweep_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    sweep_t *s = baton;
    rg_outcome_t rc = rg_waiters_expire(db, ctx, rg_day_everywhere(ctx->now), &s->closed);
    if (rc == RG_OK) {
        rc = rg_waiters_forget(db, ctx, ctx->now - RG_DAY);
    }
    return rc == RG_OK ? rg_waitlist_serve(db, ctx, NULL, SWEEP_ONCE, &s->offered) : rc;
}

/* In small transactions, so that a sweep does not block others for long. */
rg_outcome_t rg_waitlist_sweep(int *offered, const rg_ctx_t *ctx, int limit)
{
    rg_ctx_t own = rg_system_ctx(ctx);
    rg_outcome_t rc;
    sweep_t s;
    *offered = 0;
    do {
        s = (sweep_t){0, 0};
        rc = rg_store_transact(&own, sweep_work, &s);
        *offered += rc == RG_OK ? s.offered : 0;
    } while (rc == RG_OK && s.offered == SWEEP_ONCE && *offered < limit);
    return rc;
}
