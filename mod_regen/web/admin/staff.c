/* SPDX-License-Identifier: Apache-2.0 */
/* The administrators' page of logins: their state, and buttons to change it. */
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/identity.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/model/staff.h"
#include "regen/render/view_admin.h"

static int show(regen_req_t *q, rg_outcome_t outcome)
{
    rg_staff_row_t *rows;
    int count;
    rg_outcome_t rc = rg_staff_list(&rows, &count, q->ctx);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_staff_list(q->ctx->pool, rows, count, q->ctx->now);
    rg_val_str(view, "deed", regen_param(q, "done") ? "Done." : NULL);
    return regen_page(q, outcome, "admin/staff.html", view);
}

static int h_staff_list(regen_req_t *q)
{
    return show(q, RG_OK);
}

static int h_staff_do(regen_req_t *q)
{
    rg_outcome_t rc = rg_staff_do(q->ctx, q->args[0], regen_field(q, "deed"));
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/admin/staff?done=1");
    }
    return rc == RG_PRECONDITION ? show(q, rc) : regen_fail(q, rc);
}

const regen_route_t regen_routes_admin_staff[] = {
    {"GET", "/staff/admin/staff", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY,
     h_staff_list},
    {"POST", "/staff/admin/staff/*", RG_ROLE_ADMIN, 4 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_staff_do},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
