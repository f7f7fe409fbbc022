/* SPDX-License-Identifier: Apache-2.0 */
/* The front desk blocks time and removes blocks. */
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/desk.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/place.h"
#include "regen/render/view_staff.h"

#include <string.h>

static const rg_site_t *site_of(const rg_closures_t *all, const char *resource)
{
    for (int i = 0; i < all->resource_count; i++) {
        for (int k = 0; k < all->site_count; k++) {
            if (strcmp(all->resources[i]->code, resource) == 0 &&
                all->sites[k].id == all->resource_sites[i]) {
                return &all->sites[k];
            }
        }
    }
    return all->site_count > 0 ? &all->sites[0] : NULL;
}

static int block_page(regen_req_t *q, rg_outcome_t outcome, const rg_closed_t *refused)
{
    rg_closures_t all = {0};
    rg_outcome_t rc = rg_desk_blocks(&all, q->ctx);
    const rg_site_t *site = site_of(&all, regen_field(q, "resource"));
    const rg_form_t *typed = q->ctx->idem ? q->form : q->query;

    if (rc != RG_OK || !site) {
        return regen_fail(q, rc != RG_OK ? rc : RG_PRECONDITION);
    }
    rg_val_t *view = rg_view_blocks(q->ctx->pool, site, all.rows, all.count, typed);
    for (int i = 0; i < all.resource_count; i++) {
        rg_view_block_choice(view, q->ctx->pool, all.resources[i], typed);
    }
    rg_val_bool(view, "many_zones", all.site_count > 1);
    if (refused) {
        rg_view_block_hits(view, q->ctx->pool, site, refused->conflicts, refused->conflict_count);
    }
    return regen_page(q, outcome, "desk/block", view);
}

static int h_block_page(regen_req_t *q)
{
    return block_page(q, RG_OK, NULL);
}

static int h_block(regen_req_t *q)
{
    rg_closures_t all = {0};
    rg_closed_t made = {0};
    rg_closure_in_t in = {.resource = regen_field(q, "resource"),
                          .first_day = regen_field(q, "day"),
                          .start = regen_field(q, "from"),
                          .end = regen_field(q, "until"),
                          .kind = regen_field(q, "kind"),
                          .reason = regen_field(q, "reason")};
    rg_outcome_t rc = rg_desk_blocks(&all, q->ctx);
    const rg_site_t *site = site_of(&all, in.resource);

    in.site = site ? site->code : "";
    rc = rc == RG_OK ? rg_desk_block(&made, q->ctx, &in) : rc;
    switch (rc) {
    case RG_OK: return regen_redirect(q, "/staff/block");
    case RG_PRECONDITION:
        /* Nothing can be decided here: the bookings are listed, with what to do. */
        q->ctx->problems = rg_problems_make(q->ctx->pool);
        rg_problem_add(q->ctx->problems, NULL,
                       "There are bookings at that time. Nothing was blocked.");
        return block_page(q, rc, &made);
    case RG_INVALID:
    case RG_CONFLICT: return block_page(q, rc, &made);
    default: return regen_fail(q, rc);
    }
}

static int h_unblock(regen_req_t *q)
{
    int64_t id = 0;
    rg_outcome_t rc = rg_text_i64(&id, q->args[0], 1, INT64_MAX) ? RG_OK : RG_NOT_FOUND;

    rc = rc == RG_OK ? rg_desk_unblock(q->ctx, id) : rc;
    return rc == RG_OK ? regen_redirect(q, "/staff/block") : regen_fail(q, rc);
}

const regen_route_t regen_routes_desk_block[] = {
    {"GET", "/staff/block", DESK, 0, 0, REGEN_STAFF_AREA, h_block_page},
    {"POST", "/staff/block", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_block},
    {"POST", "/staff/block/*/remove", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_unblock},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
