/* SPDX-License-Identifier: Apache-2.0 */
/* The board of a week; the address says what it shows. */
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/desk.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/render/view_staff.h"

#include <string.h>

static int h_week(regen_req_t *q)
{
    const char *day = regen_param(q, "day");
    const char *kind = regen_param(q, "kind");
    const char *who = regen_param(q, "who");
    const char *by = regen_param(q, "by");
    rg_week_in_t in = {.site = regen_param(q, "site"), .kind = -1};
    rg_week_t *week = NULL;
    rg_outcome_t rc = RG_OK;

    if (day && *day != '\0' && !rg_date_parse(&in.day, day)) {
        rc = RG_NOT_FOUND;
    }
    if (kind && *kind != '\0') {
        in.kind = rg_resource_kind_parse(kind);
        rc = in.kind < 0 ? RG_NOT_FOUND : rc;
    }
    if (who && *who != '\0' && !rg_text_i64(&in.resource_id, who, 1, REGEN_ID_MAX)) {
        rc = RG_NOT_FOUND;
    }
    rc = rc == RG_OK ? rg_desk_week(&week, q->ctx, &in) : rc;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, RG_OK, "desk/week",
                      rg_view_week(q->ctx->pool, week, by && strcmp(by, "patient") == 0));
}

const regen_route_t regen_routes_desk_week[] = {
    {"GET", "/staff/week", DESK, 0, 0, REGEN_STAFF_AREA, h_week}, {NULL, NULL, 0, 0, 0, 0, NULL}};
