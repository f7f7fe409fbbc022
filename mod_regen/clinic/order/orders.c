/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment orders for staff: one, lists, revoking, a new number. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/order.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/order.h"
#include "regen/store/booking.h"
#include "regen/store/followup.h"
#include "regen/store/order.h"
#include "regen/store/store.h"

#include <apr_strings.h>

typedef struct {
    const char *uid;
    rg_order_t *order;
    const char *reason;
} one_t;

static bool began(const rg_order_t *o)
{
    return o->booking_id > 0 && (o->booking_status == RG_BOOKING_IN_PROGRESS ||
                                 o->booking_status == RG_BOOKING_COMPLETED);
}

/* --- reading ---------------------------------------------------------------------------------- */

static rg_outcome_t look_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    one_t *w = baton;
    rg_outcome_t rc = rg_order_by_uid(db, ctx, &w->order, w->uid);
    return rc == RG_OK
               ? rg_audit_add(db, ctx, "order.view", "patient", w->order->patient.id,
                              apr_psprintf(ctx->pool, "order:%" APR_INT64_T_FMT, w->order->id))
               : rc;
}

rg_outcome_t rg_order_look(rg_order_look_t **out, const rg_ctx_t *ctx, const char *uid)
{
    one_t w = {.uid = uid};
    rg_service_t *service;
    rg_order_look_t *look = apr_pcalloc(ctx->pool, sizeof(*look));
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    if (rc == RG_OK && !rg_uid_valid(uid)) {
        rc = RG_NOT_FOUND;
    }
    rc = rc == RG_OK ? rg_store_transact(ctx, look_work, &w) : rc;
    rc = rc == RG_OK ? rg_catalogue_by_id(&service, &look->site, ctx, w.order->service_id) : rc;
    if (rc == RG_OK) {
        look->order = w.order;
        look->may_revoke =
            rg_may(ctx, RG_DEED_ORDER) && w.order->revoked_at == 0 && !began(w.order);
        *out = look;
    }
    return rc;
}

typedef struct {
    rg_orders_t *out;
    int64_t before;
} list_t;

static rg_outcome_t list_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const list_t *l = baton;
    return rg_orders_page(db, ctx, &l->out->orders, &l->out->count, (rg_order_state_t)l->out->state,
                          l->before, RG_ORDERS_PAGE + 1);
}

rg_outcome_t rg_orders_list(rg_orders_t **out, const rg_ctx_t *ctx, rg_order_state_t state,
                            int64_t before)
{
    rg_orders_t *o = apr_pcalloc(ctx->pool, sizeof(*o));
    list_t l = {o, before};
    rg_catalogue_t *catalogue;
    o->state = (int)state;
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    rc = rc == RG_OK ? rg_catalogue_list(&catalogue, ctx) : rc;
    rc = rc == RG_OK ? rg_store_read(ctx, list_work, &l) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    if (o->count > RG_ORDERS_PAGE) {
        o->count = RG_ORDERS_PAGE;
        o->before = o->orders[RG_ORDERS_PAGE - 1].id;
    }
    o->site = catalogue->site;
    *out = o;
    return RG_OK;
}

typedef struct {
    int64_t id; /* of the patient, or of the order */
    rg_order_t *orders;
    int count;
} read_t;

static rg_outcome_t of_patient_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    read_t *w = baton;
    return rg_orders_of_patient(db, ctx, &w->orders, &w->count, w->id);
}

rg_outcome_t rg_orders_of(rg_order_t **out, int *count, const rg_ctx_t *ctx, int64_t patient_id)
{
    read_t w = {.id = patient_id};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    rc = rc == RG_OK ? rg_store_read(ctx, of_patient_work, &w) : rc;
    *out = w.orders;
    *count = rc == RG_OK ? w.count : 0;
    return rc;
}

static rg_outcome_t of_visit_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    read_t *w = baton;
    return rg_order_by_id(db, ctx, &w->orders, w->id);
}

rg_outcome_t rg_order_of_booking(rg_order_t **out, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    read_t w = {.id = b->order_id};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_SEE_DAY);
    *out = NULL;
    rc = rc == RG_OK && b->order_id > 0 ? rg_store_read(ctx, of_visit_work, &w) : rc;
    *out = rc == RG_OK ? w.orders : NULL;
    return rc;
}

/* --- revoking --------------------------------------------------------------------------------- */

static rg_outcome_t too_late(const rg_ctx_t *ctx)
{
    rg_problem_add(ctx->problems, NULL,
                   "The treatment has begun, so its order cannot be revoked. End the visit early "
                   "instead.");
    return RG_PRECONDITION;
}

static rg_outcome_t revoke_order(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    one_t *w = baton;
    rg_booking_t *b;
    rg_outcome_t rc = rg_order_by_uid(db, ctx, &w->order, w->uid);
    /* A step that begins just now waits for this lock, or this one for the step's. */
    if (rc == RG_OK && w->order->booking_id > 0) {
        rc = rg_booking_row(db, ctx, &b, w->order->booking_id, true);
        rc = rc == RG_OK ? rg_order_by_uid(db, ctx, &w->order, w->uid) : rc;
    }
    if (rc != RG_OK) {
        return rc;
    }
    if (began(w->order)) {
        return too_late(ctx);
    }
    rc = rg_order_revoke_insert(db, ctx, w->order->id, w->reason);
    if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, NULL, "This order was revoked already.");
    }
    rg_once_result(db, w->order->uid);
    return rc == RG_OK ? rg_audit_add(db, ctx, "order.revoke", "order", w->order->id, NULL) : rc;
}

rg_outcome_t rg_order_revoke(const rg_ctx_t *ctx, const char *uid, const char *reason)
{
    one_t w = {.uid = uid, .reason = rg_text_tidy(ctx->pool, reason ? reason : "")};
    if (!rg_may(ctx, RG_DEED_ORDER)) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(uid)) {
        return RG_NOT_FOUND;
    }
    if (*w.reason == '\0' || rg_text_length(w.reason) > RG_ORDER_REASON_MOST) {
        rg_problem_add(ctx->problems, "reason",
                       "Enter why the order is revoked, in at most %d characters.",
                       RG_ORDER_REASON_MOST);
        return RG_INVALID;
    }
    return rg_store_once(ctx, revoke_order, &w);
}

/* --- a new number ----------------------------------------------------------------------------- */

static rg_outcome_t renumber_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    one_t *w = baton;
    int made = 0;
    rg_outcome_t rc = rg_order_by_uid(db, ctx, &w->order, w->uid);
    if (rc == RG_OK && rg_order_state(w->order, ctx->now) != RG_ORDER_OPEN) {
        rg_problem_add(ctx->problems, NULL, "Only an order that can be booked gets a new number.");
        return RG_PRECONDITION;
    }
    rc = rc == RG_OK ? rg_order_number_new(db, ctx, w->order->id, &made) : rc;
    if (rc == RG_OK) {
        const rg_message_fact_t fact = {
            .kind = RG_MESSAGE_ORDER, .about_id = w->order->id, .until_at = w->order->valid_until};
        rc = rg_message_add(db, ctx, &fact);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "order.number", "order", w->order->id, NULL) : rc;
}

rg_outcome_t rg_order_renumber(const rg_ctx_t *ctx, const char *uid)
{
    one_t w = {.uid = uid};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    if (rc == RG_OK && !rg_uid_valid(uid)) {
        rc = RG_NOT_FOUND;
    }
    return rc == RG_OK ? rg_store_once(ctx, renumber_work, &w) : rc;
}
