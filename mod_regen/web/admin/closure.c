/* SPDX-License-Identifier: Apache-2.0 */
/* The administrators' page of closures: current closures, new closures with decisions about
 * bookings, and bookings in conflict. */
#include "decision.h"
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/render/view_admin.h"

#include <string.h>

#include <apr_strings.h>

static int show(regen_req_t *q, rg_outcome_t outcome, const rg_closed_t *tried)
{
    rg_closures_t c;
    rg_conflict_t *conflicts;
    int count = 0;
    int stored[4] = {0};
    static const char *const names[] = {"kept", "cancelled", "moved", "left"};
    rg_outcome_t rc = rg_closures_get(&c, q->ctx);
    if (rc == RG_OK) {
        rc = rg_closure_conflicts(&conflicts, &count, q->ctx);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_view_closures_t in = {.count = c.count,
                             .rows = c.rows,
                             .site_count = c.site_count,
                             .sites = c.sites,
                             .resource_count = c.resource_count,
                             .resources = c.resources,
                             .resource_sites = c.resource_sites,
                             .conflict_count = count,
                             .conflicts = conflicts,
                             .hit_count = tried ? tried->conflict_count : 0,
                             .hits = tried ? tried->conflicts : NULL,
                             .typed = q->form,
                             .problems = q->ctx->problems};
    rg_val_t *view = rg_view_closures(q->ctx->pool, &in);
    for (int i = 0; i < 4; i++) {
        const char *text = regen_param(q, names[i]);
        int64_t n = 0;
        stored[i] = text && rg_text_i64(&n, text, 0, 100000) ? (int)n : 0;
    }
    if (regen_param(q, "kept")) {
        rg_view_closed(view, q->ctx->pool, stored[0], stored[1], stored[2], stored[3]);
    }
    return regen_page(q, outcome, "admin/closures", view);
}

static int h_closures(regen_req_t *q)
{
    return show(q, RG_OK, NULL);
}

static int h_closure_add(regen_req_t *q)
{
    rg_closure_in_t in = {regen_field(q, "site"),      regen_field(q, "resource"),
                          regen_field(q, "first_day"), regen_field(q, "last_day"),
                          regen_field(q, "start"),     regen_field(q, "end"),
                          regen_field(q, "kind"),      regen_field(q, "reason")};
    rg_decision_t *decisions;
    rg_closed_t out;
    int count = regen_decisions_read(&decisions, q->ctx->pool, q->form);
    rg_outcome_t rc = rg_closure_add(&out, q->ctx, &in, decisions, count);
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/admin/closures?kept=%d&cancelled=%d&moved=%d&left=%d",
                              out.kept, out.cancelled, out.moved, out.left);
    }
    if (rc == RG_INVALID || rc == RG_PRECONDITION) {
        return show(q, rc, &out);
    }
    return regen_fail(q, rc);
}

static int h_closure_remove(regen_req_t *q)
{
    int64_t id;
    rg_outcome_t rc =
        rg_text_i64(&id, q->args[0], 1, INT64_MAX) ? rg_closure_remove(q->ctx, id) : RG_NOT_FOUND;
    return rc == RG_OK ? regen_redirect(q, "/staff/admin/closures") : regen_fail(q, rc);
}

static int h_conflict_keep(regen_req_t *q)
{
    int kind = rg_conflict_kind_parse(regen_field(q, "kind"));
    int64_t seen;
    rg_keep_in_t in = {.reason = regen_field(q, "why"), .field = "conflicts-title"};
    if (kind < 0 || !rg_text_i64(&in.booking_id, regen_field(q, "booking"), 1, INT64_MAX) ||
        !rg_text_i64(&in.closure_id, regen_field(q, "closure"), 0, INT64_MAX) ||
        !rg_text_i64(&in.resource_id, regen_field(q, "resource"), 1, INT64_MAX) ||
        !rg_text_i64(&seen, regen_field(q, "seen"), 1, REGEN_TIME_MAX)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    in.kind = (rg_conflict_kind_t)kind;
    in.starts_at = apr_time_from_sec(seen);
    rg_outcome_t rc = rg_conflict_keep(q->ctx, &in);
    if (rc == RG_INVALID || rc == RG_CONFLICT) {
        return show(q, rc, NULL);
    }
    return rc == RG_OK ? regen_redirect(q, "/staff/admin/closures") : regen_fail(q, rc);
}

const regen_route_t regen_routes_admin_closure[] = {
    {"GET", "/staff/admin/closures", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA, h_closures},
    {"POST", "/staff/admin/closures", RG_ROLE_ADMIN, 64 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_closure_add},
    {"POST", "/staff/admin/closures/*/remove", RG_ROLE_ADMIN, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_closure_remove},
    {"POST", "/staff/admin/conflicts/keep", RG_ROLE_ADMIN, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_conflict_keep},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
