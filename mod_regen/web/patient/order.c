/* SPDX-License-Identifier: Apache-2.0 */
/* A patient's treatment order, opened with its number and the date of birth; and what a browser
 * without one is told. */
#include "mod_regen/web/patient/order.h"
#include "mod_regen/web/platform/platform.h"
#include "mod_regen/web/platform/route.h"
#include "patient.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/order.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/model/order.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_order.h"
#include "regen/render/view_patient.h"

#include <string.h>

int regen_order_needed(regen_req_t *q, rg_outcome_t outcome, const rg_service_t *service,
                       const rg_site_t *site)
{
    apr_pool_t *p = q->ctx->pool;
    rg_order_t *orders = NULL;
    int count = 0;
    rg_outcome_t rc =
        regen_visitor_known(q) ? rg_orders_mine(&orders, &count, q->ctx, service->id) : RG_OK;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(p, "Choose a time", site);
    rg_val_str(view, "step", service->name);
    rg_val_set(view, "service", rg_view_service(p, service));
    rg_view_orders(view, p, orders, count, site->zone, q->ctx->now);
    return regen_page(q, outcome, "order/needed.html", view);
}

const rg_order_t *regen_order_wished(regen_req_t *q, const rg_service_t *service)
{
    const char *uid =
        q->r->method_number == M_POST ? regen_field(q, "order") : regen_param(q, "order");
    rg_order_t *orders;
    int count = 0;
    if (!rg_service_needs_order(service) || !regen_visitor_known(q) ||
        rg_orders_mine(&orders, &count, q->ctx, service->id) != RG_OK) {
        return NULL;
    }
    bool asked = uid && *uid;
    for (int i = 0; asked && i < count; i++) {
        if (strcmp(orders[i].uid, uid) == 0) {
            return &orders[i];
        }
    }
    return !asked && count == 1 ? &orders[0] : NULL;
}

static int h_order(regen_req_t *q)
{
    const char *uid = regen_param(q, "order");
    rg_order_t *o;
    rg_service_t *service;
    rg_site_t *site;
    rg_outcome_t rc = rg_order_mine(&o, q->ctx, uid);
    if (rc == RG_NOT_FOUND) {
        return regen_redirect(q, "/open");
    }
    rc = rc == RG_OK ? rg_catalogue_by_id(&service, &site, q->ctx, o->service_id) : rc;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(q->ctx->pool, "Your treatment", site);
    rg_val_bool(view, "has_session", true);
    rg_view_order(view, q->ctx->pool, o, site->zone, q->ctx->now);
    return regen_page(q, RG_OK, "order/mine.html", view);
}

const regen_route_t regen_routes_patient_order[] = {
    {"GET", "/order", RG_ROLE_PATIENT, 0, 0, REGEN_PATIENT_AREA, h_order},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
