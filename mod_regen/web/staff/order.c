/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment orders for staff: sign, read and print, revoke, lists. */
#include "mod_regen/web/platform/route.h"
#include "mod_regen/web/platform/web.h"
#include "regen/clinic/order.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/order.h"
#include "regen/render/view.h"
#include "regen/render/view_order.h"

#include <apr_strings.h>

/* --- signing ---------------------------------------------------------------------------------- */

static int order_form(regen_req_t *q, rg_outcome_t outcome, const char *service_code, bool typed)
{
    rg_order_form_t *form = NULL;
    rg_outcome_t rc = rg_order_form(&form, q->ctx, q->args[0], service_code);

    return rc == RG_OK ? regen_page(q, outcome, "order/form.html",
                                    rg_view_order_form(q->ctx->pool, form, typed ? q->form : NULL,
                                                       q->ctx->problems))
                       : regen_fail(q, rc);
}

static int h_order_form(regen_req_t *q)
{
    return order_form(q, RG_OK, regen_param(q, "service"), false);
}

static int h_order_sign(regen_req_t *q)
{
    const char *uid = NULL;
    rg_order_in_t in = {.service_code = regen_field(q, "service"),
                        .body_site = regen_field(q, "body_site"),
                        .side = regen_field(q, "side"),
                        .diagnosis = regen_field(q, "diagnosis"),
                        .severity = regen_field(q, "severity"),
                        .tried = regen_field(q, "tried"),
                        .imaging = regen_field(q, "imaging"),
                        .weighed = regen_field(q, "weighed"),
                        .note = regen_field(q, "note"),
                        .valid_until = regen_field(q, "valid_until"),
                        .confirmed = regen_field(q, "confirmed")};

    for (int i = 0; i + 1 < RG_TARGETS_MOST; i++) {
        in.further[i].body_site = regen_field(q, apr_psprintf(q->ctx->pool, "body_site_%d", i + 2));
        in.further[i].side = regen_field(q, apr_psprintf(q->ctx->pool, "side_%d", i + 2));
    }
    rg_outcome_t rc = rg_order_sign(&uid, q->ctx, q->args[0], &in);

    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/orders/%s", uid);
    }
    return rc == RG_INVALID ? order_form(q, rc, in.service_code, true) : regen_fail(q, rc);
}

/* --- one order -------------------------------------------------------------------------------- */

static int order_page(regen_req_t *q, rg_outcome_t outcome)
{
    rg_order_look_t *look = NULL;
    rg_outcome_t rc = rg_order_look(&look, q->ctx, q->args[0]);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    q->looked = true;
    rg_val_t *view = rg_view_page(q->ctx->pool, "Treatment order", look->site);
    rg_val_bool(view, "wide", true);
    rg_val_str(view, "step", look->order->service_name);
    rg_view_order(view, q->ctx->pool, look->order, look->site->zone, q->ctx->now);
    rg_val_bool(view, "may_revoke", look->may_revoke);
    rg_val_bool(view, "may_order", (q->ctx->who.roles & TREATS) != 0);
    rg_val_str(view, "reason", regen_field(q, "reason"));
    return regen_page(q, outcome, "order/order.html", view);
}

static int h_staff_order(regen_req_t *q)
{
    return order_page(q, RG_OK);
}

static int order_answer(regen_req_t *q, rg_outcome_t rc)
{
    switch (rc) {
    case RG_OK: return regen_redirect(q, "/staff/orders/%s", q->args[0]);
    case RG_INVALID:
    case RG_CONFLICT:
    case RG_PRECONDITION: return order_page(q, rc);
    default: return regen_fail(q, rc);
    }
}

static int h_order_revoke(regen_req_t *q)
{
    return order_answer(q, rg_order_revoke(q->ctx, q->args[0], regen_field(q, "reason")));
}

static int h_order_number(regen_req_t *q)
{
    return order_answer(q, rg_order_renumber(q->ctx, q->args[0]));
}

/* --- lists ------------------------------------------------------------------------------------ */

static int h_orders(regen_req_t *q)
{
    const char *state = regen_param(q, "status");
    const char *before = regen_param(q, "before");
    int which = state && *state != '\0' ? rg_order_state_parse(state) : (int)RG_ORDER_OPEN;
    int64_t id = 0;
    rg_orders_t *orders = NULL;
    bool fine = which >= 0 && (!before || rg_text_i64(&id, before, 1, REGEN_ID_MAX));
    rg_outcome_t rc =
        fine ? rg_orders_list(&orders, q->ctx, (rg_order_state_t)which, id) : RG_NOT_FOUND;

    return rc == RG_OK ? regen_page(q, RG_OK, "order/orders.html",
                                    rg_view_order_list(q->ctx->pool, orders, q->ctx->now))
                       : regen_fail(q, rc);
}

const regen_route_t regen_routes_staff_order[] = {
    {"GET", "/staff/patients/*/order", TREATS, 0, 0, REGEN_STAFF_AREA, h_order_form},
    {"POST", "/staff/patients/*/order", TREATS, 16 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_order_sign},
    {"GET", "/staff/orders", DESK, 0, 0, REGEN_STAFF_AREA, h_orders},
    {"GET", "/staff/orders/*", DESK, 0, 0, REGEN_STAFF_AREA, h_staff_order},
    {"POST", "/staff/orders/*/revoke", TREATS, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_order_revoke},
    {"POST", "/staff/orders/*/number", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_order_number},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
