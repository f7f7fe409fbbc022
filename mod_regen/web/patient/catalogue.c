/* SPDX-License-Identifier: Apache-2.0 */
/* Treatments: the list, and one in full. Public, without a session. */
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/definitions.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"

#include <string.h>

static const rg_site_t *site_coded(const rg_catalogue_t *all, const char *code)
{
    for (int i = 0; i < all->site_count; i++) {
        if (strcmp(all->sites[i]->code, code) == 0) {
            return all->sites[i];
        }
    }
    return NULL;
}

static void put_services(rg_val_t *view, apr_pool_t *p, const rg_catalogue_t *all,
                         const rg_site_t *only)
{
    rg_val_t *list = rg_val_set_list(view, "services");
    for (int i = 0; i < all->count; i++) {
        const rg_service_t *s = all->services[i];
        if (!only || s->site_id == only->id) {
            rg_val_t *item = rg_view_service(p, s);
            for (int k = 0; k < all->site_count; k++) {
                if (all->sites[k]->id == s->site_id) {
                    rg_val_set(item, "where", rg_view_site(p, all->sites[k]));
                }
            }
            rg_val_push(list, item);
        }
    }
}

/* A service lives at one site, so this is where people choose between sites. */
static int h_treatments(regen_req_t *q)
{
    apr_pool_t *p = q->ctx->pool;
    rg_catalogue_t *all;
    const rg_site_t *only = NULL;
    const char *wanted = regen_param(q, "site");
    rg_outcome_t rc = rg_catalogue_list(&all, q->ctx);
    if (rc == RG_OK && wanted && *wanted) {
        only = site_coded(all, wanted);
        rc = only ? RG_OK : RG_NOT_FOUND;
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(p, "Treatments", only ? only : all->site);
    rg_val_bool(view, "public", true);
    rg_view_sites(view, (const rg_site_t *const *)all->sites, all->site_count, only);
    rg_val_bool(view, "many_zones", all->site_count > 1 && !only);
    const char *left = regen_param(q, "left");
    rg_val_bool(view, "left", left != NULL);
    rg_val_bool(view, "left_held", left && strcmp(left, "held") == 0);
    put_services(view, p, all, only);
    return regen_page(q, RG_OK, "patient/treatments.html", view);
}

static int h_service(regen_req_t *q)
{
    apr_pool_t *p = q->ctx->pool;
    rg_service_t *service;
    rg_site_t *site;
    rg_outcome_t rc = rg_catalogue_service(&service, &site, q->ctx, q->args[0]);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(p, service->name, site);
    rg_val_bool(view, "public", true);
    rg_val_set(view, "service", rg_view_service(p, service));
    return regen_page(q, RG_OK, "patient/service.html", view);
}

const regen_route_t regen_routes_patient_catalogue[] = {
    {"GET", "/", 0, 0, 0, 0, h_treatments},
    {"GET", "/services/*", 0, 0, 0, 0, h_service},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
