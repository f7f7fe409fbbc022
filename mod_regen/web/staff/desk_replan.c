/* SPDX-License-Identifier: Apache-2.0 */
/* A visit that runs late: the options, and rescheduling. */
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/visit.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/render/view_staff.h"

#include <string.h>

static int replan_page(regen_req_t *q, rg_outcome_t outcome)
{
    rg_replan_t *plan = NULL;
    rg_outcome_t rc = rg_day_replan_look(&plan, q->ctx, q->args[0]);

    if (rc == RG_PRECONDITION) {
        return regen_chart_show(q, rc);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, outcome, "desk/replan", rg_view_replan(q->ctx->pool, plan));
}

static int h_replan_page(regen_req_t *q)
{
    return replan_page(q, RG_OK);
}

static int h_replan(regen_req_t *q)
{
    int64_t start = 0;
    int64_t version = 0;
    int64_t last = 0;
    const char *visit = regen_field(q, "last_visit");
    rg_booking_t *b = NULL;
    rg_outcome_t rc = rg_booking_get_by_uid(&b, q->ctx, q->args[0]);
    bool read = rg_text_i64(&start, regen_field(q, "start"), 0, REGEN_TIME_MAX) &&
                rg_text_i64(&version, regen_field(q, "version"), 1, INT32_MAX) &&
                (*visit == '\0' || rg_text_i64(&last, visit, 1, RG_STEPS_MAX));

    if (rc == RG_OK && !read) {
        rg_problem_add(q->ctx->problems, NULL, "Choose one of the options below.");
        return replan_page(q, RG_INVALID);
    }
    if (rc == RG_OK) {
        rg_replan_in_t in = {.start = apr_time_from_sec(start),
                             .others = strcmp(regen_field(q, "others"), "yes") == 0,
                             .last_visit = (int)last,
                             .version = (int)version};
        rc = rg_day_replan(q->ctx, b->id, &in);
    }
    switch (rc) {
    case RG_OK: return regen_redirect(q, "/staff/bookings/%s", q->args[0]);
    case RG_CONFLICT: return replan_page(q, rc);
    case RG_PRECONDITION: return regen_chart_show(q, rc);
    default: return regen_fail(q, rc);
    }
}

const regen_route_t regen_routes_desk_replan[] = {
    {"GET", "/staff/bookings/*/replan", DESK, 0, 0, REGEN_STAFF_AREA, h_replan_page},
    {"POST", "/staff/bookings/*/replan", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_replan},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
