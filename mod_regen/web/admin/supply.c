/* SPDX-License-Identifier: Apache-2.0 */
/* Lots of supplies: the list, one lot with the treatments in which it was used, recalls. */
#include "mod_regen/web/platform/route.h"
#include "mod_regen/web/platform/web.h"
#include "regen/clinic/supply.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <inttypes.h>

#define PAGES_MOST 1000000

static int supplies_show(regen_req_t *q, rg_outcome_t outcome)
{
    rg_supplies_t *s = NULL;
    rg_outcome_t rc = rg_supplies(&s, q->ctx, regen_param(q, "find"));

    return rc == RG_OK ? regen_page(q, outcome, "staff/supplies.html",
                                    rg_view_supplies(q->ctx->pool, s, q->form))
                       : regen_fail(q, rc);
}

static int h_supplies(regen_req_t *q)
{
    return supplies_show(q, RG_OK);
}

static int h_supply_add(regen_req_t *q)
{
    const rg_supply_in_t in = {regen_field(q, "item"), regen_field(q, "lot"),
                               regen_field(q, "expires"), regen_field(q, "udi"),
                               regen_field(q, "kind")};
    int64_t id = 0;
    rg_outcome_t rc = rg_supply_enter(&id, q->ctx, &in);

    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/supplies");
    }
    return rc == RG_INVALID || rc == RG_CONFLICT ? supplies_show(q, rc) : regen_fail(q, rc);
}

static int64_t lot_id(const regen_req_t *q)
{
    int64_t id = 0;
    return rg_text_i64(&id, q->args[0], 1, INT64_MAX) ? id : 0;
}

static int supply_show(regen_req_t *q, rg_outcome_t outcome)
{
    rg_supplies_t *s = NULL;
    const char *asked = regen_param(q, "page");
    int64_t page = 1;
    rg_outcome_t rc = asked && !rg_text_i64(&page, asked, 1, PAGES_MOST)
                          ? RG_NOT_FOUND
                          : rg_supply_look(&s, q->ctx, lot_id(q), (int)page);

    return rc == RG_OK ? regen_page(q, outcome, "staff/supply.html",
                                    rg_view_supply(q->ctx->pool, s, q->form))
                       : regen_fail(q, rc);
}

static int h_supply(regen_req_t *q)
{
    return supply_show(q, RG_OK);
}

static int recall(regen_req_t *q, bool recalled)
{
    rg_outcome_t rc = rg_supply_recall(q->ctx, lot_id(q), recalled, regen_field(q, "reason"));

    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/supplies/%" PRId64, lot_id(q));
    }
    return rc == RG_INVALID || rc == RG_CONFLICT ? supply_show(q, rc) : regen_fail(q, rc);
}

static int h_supply_recall(regen_req_t *q)
{
    return recall(q, true);
}

static int h_supply_restore(regen_req_t *q)
{
    return recall(q, false);
}

const regen_route_t regen_routes_supply[] = {
    {"GET", "/staff/supplies", DESK, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_supplies},
    {"POST", "/staff/supplies", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY,
     h_supply_add},
    {"GET", "/staff/supplies/*", DESK, 0, 0, REGEN_STAFF_AREA, h_supply},
    {"POST", "/staff/supplies/*/recall", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_supply_recall},
    {"POST", "/staff/supplies/*/restore", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_supply_restore},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
