/* SPDX-License-Identifier: Apache-2.0 */
/* Good-faith estimates for staff: one of them, issued again, handed over on paper; and those that
 * nobody has been given yet. */
#include "mod_regen/web/platform/route.h"
#include "mod_regen/web/platform/web.h"
#include "regen/clinic/billing.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/money.h"
#include "regen/render/view_billing.h"

static int estimate_page(regen_req_t *q, rg_outcome_t outcome, int version)
{
    rg_estimate_page_t e;
    rg_outcome_t rc = rg_estimate_get(&e, q->ctx, q->args[0], version);
    return rc == RG_OK
               ? regen_page(q, outcome, "billing/estimate", rg_view_estimate(q->ctx->pool, &e))
               : regen_fail(q, rc);
}

static int h_estimate(regen_req_t *q)
{
    int64_t version = 0;
    const char *text = regen_param(q, "version");
    return text && !rg_text_i64(&version, text, 1, RG_ESTIMATES_MOST)
               ? regen_fail(q, RG_NOT_FOUND)
               : estimate_page(q, RG_OK, (int)version);
}

static int h_estimate_issue(regen_req_t *q)
{
    rg_outcome_t rc = rg_estimate_issue(q->ctx, q->args[0]);
    if (rc == RG_PRECONDITION) {
        return estimate_page(q, rc, 0);
    }
    return rc == RG_OK ? regen_redirect(q, "/billing/bookings/%s/estimate", q->args[0])
                       : regen_fail(q, rc);
}

/* The form names the version that was printed. */
static int note_handover(regen_req_t *q, rg_handover_kind_t what)
{
    int64_t version;
    if (!rg_text_i64(&version, regen_field(q, "version"), 1, RG_ESTIMATES_MOST)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rg_outcome_t rc = rg_estimate_handed_over(q->ctx, q->args[0], (int)version, what);
    if (rc == RG_CONFLICT) {
        return estimate_page(q, rc, 0);
    }
    return rc == RG_OK ? regen_redirect(q, "/billing/bookings/%s/estimate?version=%d", q->args[0],
                                        (int)version)
                       : regen_fail(q, rc);
}

static int h_estimate_given(regen_req_t *q)
{
    return note_handover(q, RG_HANDED_OVER);
}

static int h_estimate_not_given(regen_req_t *q)
{
    return note_handover(q, RG_HANDOVER_TAKEN_BACK);
}

static int h_estimates_due(regen_req_t *q)
{
    rg_estimates_due_t *due;
    rg_outcome_t rc = rg_estimates_due(&due, q->ctx);
    return rc == RG_OK
               ? regen_page(q, RG_OK, "billing/estimates", rg_view_estimates_due(q->ctx->pool, due))
               : regen_fail(q, rc);
}

const regen_route_t regen_routes_estimates[] = {
    {"GET", "/billing/estimates", MONEY, 0, 0, REGEN_STAFF_AREA, h_estimates_due},
    {"GET", "/billing/bookings/*/estimate", MONEY, 0, 0, REGEN_STAFF_AREA, h_estimate},
    {"POST", "/billing/bookings/*/estimate", MONEY, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_estimate_issue},
    {"POST", "/billing/bookings/*/estimate/given", MONEY, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_estimate_given},
    {"POST", "/billing/bookings/*/estimate/not-given", MONEY, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_estimate_not_given},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
