/* SPDX-License-Identifier: Apache-2.0 */
/* What the clinic offers: all treatments, and one in full. For everybody, without a session. */
#include "web.h"

int regen_h_treatments(regen_req_t *q)
{
    apr_pool_t *p = q->ctx->pool;
    rg_catalogue_t *all;
    rg_outcome_t rc = rg_catalogue_list(&all, q->ctx);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(p, "Treatments", all->site);
    rg_val_t *list = rg_val_set_list(view, "services");
    for (int i = 0; i < all->count; i++) {
        rg_val_push(list, rg_view_service(p, all->services[i]));
    }
    return regen_page(q, RG_OK, "treatments.html", view);
}

int regen_h_service(regen_req_t *q)
{
    apr_pool_t *p = q->ctx->pool;
    rg_service_t *service;
    rg_site_t *site;
    rg_outcome_t rc = rg_catalogue_service(&service, &site, q->ctx, q->args[0]);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(p, service->name, site);
    rg_val_set(view, "service", rg_view_service(p, service));
    return regen_page(q, RG_OK, "service.html", view);
}
