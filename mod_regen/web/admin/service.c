/* SPDX-License-Identifier: Apache-2.0 */
/* The administrators' pages of services: the list, and the editor, which works without scripts:
 * every button sends the whole form. */
#include "service.h"
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/definitions.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/model/definition.h"
#include "regen/render/view_admin.h"

#include <apr_strings.h>
#include <string.h>

/* --- the editor ------------------------------------------------------------------------------- */

/* "steps[0].needs[1].any[2]" is typed in the field of the list. */
static void name_list_fields(regen_req_t *q)
{
    apr_array_header_t *list = q->ctx->problems->list;
    int i;
    for (i = 0; i < list->nelts; i++) {
        rg_problem_t *p = &APR_ARRAY_IDX(list, i, rg_problem_t);
        size_t n = p->field ? strlen(p->field) : 0;
        const char *bracket = n > 0 && p->field[n - 1] == ']' ? strrchr(p->field, '[') : NULL;
        if (bracket) {
            p->field = apr_pstrmemdup(q->ctx->pool, p->field, (apr_size_t)(bracket - p->field));
        }
    }
}

/* The summary on top says where; at the field that is plain. */
static void name_places(regen_req_t *q)
{
    apr_array_header_t *list = q->ctx->problems->list;
    int i;
    for (i = 0; i < list->nelts; i++) {
        rg_problem_t *p = &APR_ARRAY_IDX(list, i, rg_problem_t);
        const char *place = p->field ? rg_view_service_place(q->ctx->pool, p->field) : "";
        if (place[0] != '\0') {
            p->text = apr_pstrcat(q->ctx->pool, place, ": ", p->text, NULL);
        }
    }
}

static int show(regen_req_t *q, rg_outcome_t outcome, const rg_form_t *form, const char *seen,
                const rg_service_preview_t *preview)
{
    rg_service_choices_t choices;
    rg_view_service_edit_t in = {.form = form, .problems = q->ctx->problems, .choices = &choices};
    rg_outcome_t rc = rg_service_choices(&choices, q->ctx);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    in.code = q->args[0];
    in.seen = seen;
    in.changed = regen_service_changed(q->ctx->pool, regen_field(q, "do"));
    if (preview) {
        in.site = preview->site;
        in.start_count = preview->count;
        in.starts = preview->starts;
    }
    name_list_fields(q);
    rg_val_t *view = rg_view_service_edit(q->ctx->pool, &in);
    name_places(q);
    return regen_page(q, outcome, "admin/service", view);
}

static int h_service_edit(regen_req_t *q)
{
    rg_service_def_t *d;
    rg_outcome_t rc = rg_service_def_get(&d, q->ctx, q->args[0]);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return show(q, RG_OK, rg_service_form(q->ctx->pool, d), rg_service_def_mark(q->ctx->pool, d),
                NULL);
}

/* Empty, or with everything of another service but its code. */
static int h_service_new(regen_req_t *q)
{
    const char *from = regen_param(q, "from");
    rg_service_def_t *d = apr_pcalloc(q->ctx->pool, sizeof(*d));
    rg_outcome_t rc = RG_OK;
    if (from) {
        rc = rg_service_def_get(&d, q->ctx, from);
        if (rc != RG_OK) {
            return regen_fail(q, rc);
        }
        d->service.code = "";
        d->service.name = apr_pstrcat(q->ctx->pool, "Copy of ", d->service.name, NULL);
    }
    else {
        rg_fields_usual(q->ctx->pool, rg_service_fields, d);
    }
    rg_form_t *form = rg_service_form(q->ctx->pool, d);
    return show(q, RG_OK, from ? form : regen_service_rearrange(q->ctx->pool, form, "add-step"),
                NULL, NULL);
}

static int preview_service(regen_req_t *q, const rg_service_def_t *d, const char *seen)
{
    rg_service_preview_t found = {0};
    rg_outcome_t rc = rg_service_preview(&found, q->ctx, d);
    if (rc == RG_OK || rc == RG_INVALID) {
        return show(q, rc, q->form, seen, rc == RG_OK ? &found : NULL);
    }
    return regen_fail(q, rc);
}

static int save_service(regen_req_t *q, const rg_service_def_t *d, const char *seen)
{
    rg_service_save_in_t in = {.count = 1, .defs = d, .is_new = !q->args[0], .seen = seen};
    rg_service_saved_t saved;
    rg_outcome_t rc = rg_service_save(&saved, q->ctx, &in);
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/admin/services?saved=%s", d->service.code);
    }
    if (rc == RG_INVALID || rc == RG_PRECONDITION || rc == RG_CONFLICT) {
        return show(q, rc, q->form, seen, NULL);
    }
    return regen_fail(q, rc);
}

static int h_service_save(regen_req_t *q)
{
    const char *deed = regen_field(q, "do");
    const char *typed = regen_field(q, "seen");
    const char *seen = typed[0] != '\0' ? typed : NULL;
    rg_form_t *other = regen_service_rearrange(q->ctx->pool, q->form, deed);
    if (other) {
        return show(q, RG_OK, other, seen, NULL);
    }
    rg_service_def_t *d = regen_service_decode(q->ctx->pool, q->ctx->problems, q->form, q->args[0]);
    if (rg_problems_any(q->ctx->problems)) {
        return show(q, RG_INVALID, q->form, seen, NULL);
    }
    return strcmp(deed, "preview") == 0 ? preview_service(q, d, seen) : save_service(q, d, seen);
}

/* --- the list --------------------------------------------------------------------------------- */

static int show_list(regen_req_t *q, rg_outcome_t outcome)
{
    const char *saved = regen_param(q, "saved");
    rg_service_def_t *defs;
    int count;
    int i;
    rg_outcome_t rc = rg_service_defs(&defs, &count, q->ctx);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_services(q->ctx->pool, defs, count);
    for (i = 0; saved && i < count; i++) {
        if (strcmp(defs[i].service.code, saved) == 0) {
            rg_val_str(view, "deed",
                       apr_pstrcat(q->ctx->pool, defs[i].service.name, " is saved.", NULL));
        }
    }
    return regen_page(q, outcome, "admin/services", view);
}

static int h_services(regen_req_t *q)
{
    return show_list(q, RG_OK);
}

static int h_service_active(regen_req_t *q)
{
    bool active = strcmp(regen_field(q, "active"), "true") == 0;
    rg_outcome_t rc = rg_service_activate(q->ctx, q->args[0], active);
    apr_array_header_t *list = q->ctx->problems->list;
    int i;
    if (rc == RG_INVALID || rc == RG_PRECONDITION) {
        name_places(q);
        for (i = 0; i < list->nelts; i++) {
            APR_ARRAY_IDX(list, i, rg_problem_t).field = NULL; /* the fields are on another page */
        }
        return show_list(q, rc);
    }
    return rc == RG_OK ? regen_redirect(q, "/staff/admin/services?saved=%s", q->args[0])
                       : regen_fail(q, rc);
}

const regen_route_t regen_routes_admin_service[] = {
    {"GET", "/staff/admin/services", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY,
     h_services},
    {"GET", "/staff/admin/service-new", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY,
     h_service_new},
    {"POST", "/staff/admin/service-new", RG_ROLE_ADMIN, 160 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_service_save},
    {"GET", "/staff/admin/services/*", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY,
     h_service_edit},
    {"POST", "/staff/admin/services/*", RG_ROLE_ADMIN, 160 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_service_save},
    {"POST", "/staff/admin/services/*/active", RG_ROLE_ADMIN, 4 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_service_active},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
