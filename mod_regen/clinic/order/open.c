/* SPDX-License-Identifier: Apache-2.0 */
/* A patient's browser opens an order by its number and the date of birth, as it opens a booking
 * (patient/visitor.c says what guessing gains). */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/identity/visitor.h"
#include "mod_regen/clinic/patient/people.h"
#include "regen/clinic/order.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/order.h"
#include "regen/store/order.h"
#include "regen/store/store.h"

typedef struct {
    const char *number, *uid;
    rg_date_t said;
    bool wrong;
    rg_principal_t who;
} open_t;

static rg_outcome_t wrong_date(rg_db_t *db, const rg_ctx_t *ctx, open_t *w, int64_t id)
{
    w->wrong = true;
    rg_outcome_t rc = rg_order_number_tried(db, ctx, id, false);
    return rc == RG_OK ? rg_audit_add(db, ctx, "session.wrong-birth-date", "order", id, NULL) : rc;
}

static rg_outcome_t open_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    open_t *w = baton;
    rg_order_t *o;
    int64_t id;
    int tries;
    w->wrong = false;
    rg_outcome_t rc = rg_order_id_by_number(db, ctx, &id, &tries, w->number);
    rc = rc == RG_OK ? rg_order_by_id(db, ctx, &o, id) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    bool over = o->valid_until + ctx->policy->link_lifetime < ctx->now;
    if (tries >= RG_LINK_TRIES || over || rg_date_compare(w->said, o->patient.birth_date) != 0) {
        return wrong_date(db, ctx, w, id);
    }
    rg_ctx_t own = *ctx;
    w->uid = o->uid;
    rc = rg_order_number_tried(db, ctx, id, true);
    rc = rc == RG_OK ? rg_visitor_ensure(&own.who, db, ctx) : rc;
    w->who = own.who;
    rc = rc == RG_OK ? rg_visitor_add_order(db, &own, own.who.visitor_id, id) : rc;
    return rc == RG_OK ? rg_audit_add(db, &own, "session", "order", id, "number") : rc;
}

rg_outcome_t rg_order_open(rg_principal_t *who, const char **uid, const rg_ctx_t *ctx,
                           const char *number, const char *birth_date, const rg_day_typed_t *born)
{
    rg_ctx_t own = *ctx; /* who asks for a booking says what is wrong */
    open_t w = {.number = rg_number_read(ctx->pool, number)};
    *uid = NULL;
    own.problems = rg_problems_make(ctx->pool);
    if (!w.number || !rg_birth_date_read(&w.said, &own, birth_date, born)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_transact(ctx, open_work, &w);
    if (rc == RG_OK && w.wrong) {
        rg_problem_add(ctx->problems, NULL, "%s", rg_no_such_number);
        return RG_INVALID;
    }
    if (rc == RG_OK) {
        *who = w.who;
        *uid = w.uid;
    }
    return rc;
}

rg_outcome_t rg_order_mine(rg_order_t **out, const rg_ctx_t *ctx, const char *uid)
{
    rg_ctx_t silent = rg_silent_ctx(ctx);
    return rg_is_patient(ctx) ? rg_order_named(out, &silent, uid) : RG_NOT_FOUND;
}

typedef struct {
    int64_t service_id;
    rg_order_t *orders;
    int count;
} mine_t;

static rg_outcome_t my_orders(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    mine_t *w = baton;
    return rg_orders_of_visitor(db, ctx, &w->orders, &w->count, ctx->who.visitor_id, w->service_id);
}

/* What is booked is left out; another time may be chosen instead of a held one. */
rg_outcome_t rg_orders_mine(rg_order_t **out, int *count, const rg_ctx_t *ctx, int64_t service_id)
{
    mine_t w = {.service_id = service_id};
    *count = 0;
    rg_outcome_t rc = rg_is_patient(ctx) ? rg_store_read(ctx, my_orders, &w) : RG_OK;
    *out = w.orders;
    for (int i = 0; rc == RG_OK && i < w.count; i++) {
        const rg_order_t *o = &w.orders[i];
        if (!rg_order_taken(o, ctx->now) || o->booking_status == RG_BOOKING_HELD) {
            w.orders[(*count)++] = *o;
        }
    }
    return rc;
}
