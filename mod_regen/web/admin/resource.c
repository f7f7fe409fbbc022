/* SPDX-License-Identifier: Apache-2.0 */
/* The administrators' pages of people, rooms and devices. */
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/definitions.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/render/view_admin.h"

#include <apr_strings.h>
#include <string.h>

#define ROWS_MOST 60

static int show(regen_req_t *q, rg_outcome_t outcome, const rg_form_t *form, const char *seen,
                const rg_resource_def_t *d, const rg_conflict_t *hits, int hit_count)
{
    rg_service_choices_t choices;
    rg_view_resource_t in = {.form = form, .problems = q->ctx->problems, .def = d, .seen = seen};
    rg_outcome_t rc = rg_service_choices(&choices, q->ctx);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    in.sites = choices.sites;
    in.site_count = choices.site_count;
    in.hits = hits;
    in.hit_count = hit_count;
    return regen_page(q, outcome, "admin/resource", rg_view_resource(q->ctx->pool, &in));
}

static int h_resources(regen_req_t *q)
{
    const char *saved = regen_param(q, "saved");
    rg_resource_def_t *defs;
    int count;
    int i;
    rg_outcome_t rc = rg_resources_get(&defs, &count, q->ctx);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_resources(q->ctx->pool, defs, count);
    for (i = 0; saved && i < count; i++) {
        if (strcmp(defs[i].resource.code, saved) == 0) {
            rg_val_str(view, "deed",
                       apr_pstrcat(q->ctx->pool, defs[i].resource.name, " is saved.", NULL));
        }
    }
    return regen_page(q, RG_OK, "admin/resources", view);
}

static int h_resource(regen_req_t *q)
{
    rg_resource_def_t *d;
    rg_outcome_t rc = rg_resource_get(&d, q->ctx, q->args[0]);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return show(q, RG_OK, rg_resource_form(q->ctx->pool, d), d->mark, d, NULL, 0);
}

static int h_resource_new(regen_req_t *q)
{
    rg_resource_def_t empty = {.resource = {.active = true}};
    return show(q, RG_OK, rg_resource_form(q->ctx->pool, &empty), NULL, NULL, NULL, 0);
}

static int read_hours_form(regen_req_t *q, rg_hours_in_t *rows)
{
    apr_pool_t *p = q->ctx->pool;
    int n = 0;
    while (n < ROWS_MOST && rg_form_get(q->form, apr_psprintf(p, "hours[%d].start", n))) {
        rows[n].weekday = regen_field(q, apr_psprintf(p, "hours[%d].weekday", n));
        rows[n].start = regen_field(q, apr_psprintf(p, "hours[%d].start", n));
        rows[n].end = regen_field(q, apr_psprintf(p, "hours[%d].end", n));
        rows[n].from = regen_field(q, apr_psprintf(p, "hours[%d].from", n));
        rows[n].until = regen_field(q, apr_psprintf(p, "hours[%d].until", n));
        n++;
    }
    return n;
}

static int h_resource_save(regen_req_t *q)
{
    rg_hours_in_t rows[ROWS_MOST];
    bool is_new = !q->args[0];
    rg_resource_in_t in = {.code = is_new ? regen_field(q, "code") : q->args[0],
                           .site = regen_field(q, "site"),
                           .kind = regen_field(q, "kind"),
                           .name = regen_field(q, "name"),
                           .family = regen_field(q, "family"),
                           .given = regen_field(q, "given"),
                           .npi = regen_field(q, "npi"),
                           .taxonomy = regen_field(q, "taxonomy"),
                           .serial = regen_field(q, "serial"),
                           .chambers = regen_field(q, "chambers"),
                           .calibration_due = regen_field(q, "calibration_due"),
                           .capabilities = regen_field(q, "capabilities"),
                           .can_since = regen_field(q, "can_since"),
                           .active = strcmp(regen_field(q, "active"), "true") == 0,
                           .is_new = is_new,
                           .hours = rows,
                           .seen = regen_field(q, "seen"),
                           .why = regen_field(q, "why")};
    rg_resource_def_t *d = NULL;
    rg_conflict_t *hits = NULL;
    int count = 0;
    in.hours_count = read_hours_form(q, rows);
    rg_outcome_t rc = rg_resource_save(&hits, &count, q->ctx, &in);
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/admin/resources?saved=%s", in.code);
    }
    if (rc != RG_INVALID && rc != RG_PRECONDITION && rc != RG_CONFLICT) {
        return regen_fail(q, rc);
    }
    if (!is_new && rg_resource_get(&d, q->ctx, in.code) != RG_OK) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    return show(q, rc, q->form, in.seen, d, hits, count);
}

const regen_route_t regen_routes_admin_resource[] = {
    {"GET", "/staff/admin/resources", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY,
     h_resources},
    {"GET", "/staff/admin/resource-new", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY,
     h_resource_new},
    {"POST", "/staff/admin/resource-new", RG_ROLE_ADMIN, 48 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_resource_save},
    {"GET", "/staff/admin/resources/*", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY,
     h_resource},
    {"POST", "/staff/admin/resources/*", RG_ROLE_ADMIN, 48 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_resource_save},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
