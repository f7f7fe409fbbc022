/* SPDX-License-Identifier: Apache-2.0 */
/* The front desk searches for patients and times. Patient data never gets into an address: the
 * search is posted and answered directly. */
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/desk.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"
#include "regen/render/view_staff.h"

#include <string.h>

/* --- patients --------------------------------------------------------------------------------- */

static int patients_page(regen_req_t *q, rg_outcome_t outcome, const rg_patient_hits_t *hits)
{
    rg_catalogue_t *all;
    rg_outcome_t rc = rg_catalogue_list(&all, q->ctx);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_desk(q->ctx->pool, all->site, q->form, hits);
    regen_birth_said_put(view, q);
    return regen_page(q, outcome, "desk/patients", view);
}

static int h_desk(regen_req_t *q)
{
    return patients_page(q, RG_OK, NULL);
}

static int h_desk_search(regen_req_t *q)
{
    rg_patient_wish_t in = {regen_field(q, "family"), regen_field(q, "given"),
                            regen_field(q, "birth_date"), regen_field(q, "reach")};
    rg_patient_hits_t *hits = NULL;
    rg_outcome_t rc = rg_desk_patients(&hits, q->ctx, &in);

    return rc == RG_OK || rc == RG_INVALID ? patients_page(q, rc, hits) : regen_fail(q, rc);
}

/* --- times ------------------------------------------------------------------------------------ */

static rg_part_t part_read(const char *word)
{
    int part = rg_part_parse(word);

    return part < 0 ? RG_PART_ANY : (rg_part_t)part;
}

/* A missing parameter is fine, a wrong one is not. */
static bool read_desk_find(rg_desk_find_in_t *in, regen_req_t *q)
{
    const char *who = regen_param(q, "practitioner");
    const char *from = regen_param(q, "from");
    const char *after = regen_param(q, "after");
    const char *visit = regen_param(q, "visit");
    int64_t number = 0;
    int64_t seconds = 0;
    bool fine = true;

    *in = (rg_desk_find_in_t){.service_code = regen_param(q, "service"),
                              .part = part_read(regen_param(q, "part")),
                              .patient_uid = regen_param(q, "patient"),
                              .order_uid = regen_param(q, "order"),
                              .booking_uid = regen_param(q, "booking")};
    if (who && *who != '\0') {
        fine = rg_text_i64(&in->practitioner_id, who, 1, REGEN_ID_MAX);
    }
    if (from && *from != '\0' && !rg_date_parse(&in->from, from)) {
        rg_problem_add(q->ctx->problems, "from", "Enter the day as year-month-day.");
    }
    if (visit && *visit != '\0') {
        fine = fine && rg_text_i64(&number, visit, 1, RG_STEPS_MAX);
        in->visit = (int)number;
    }
    if (after) {
        fine = fine && rg_text_i64(&seconds, after, 0, REGEN_TIME_MAX);
        in->after = apr_time_from_sec(seconds);
    }
    return fine;
}

/* Whether a certain time was asked about, and if so, why it is not offered. */
static rg_outcome_t explain(rg_explained_t **out, regen_req_t *q, const rg_desk_times_t *t,
                            int64_t practitioner)
{
    const char *day = regen_param(q, "why_day");
    const char *at = regen_param(q, "why_time");
    rg_explain_in_t in = {.practitioner_id = practitioner, .targets = rg_desk_targets(t)};
    rg_date_t date;
    int minute;

    if (!t->service || !day || !at || *day == '\0') {
        return RG_OK;
    }
    if (!rg_minute_parse(&minute, at) || !rg_date_parse(&date, day)) {
        rg_problem_add(q->ctx->problems, "why_time", "Enter a day and a time.");
        return RG_OK;
    }
    in.service_code = t->service->code;
    in.start = rg_zone_utc(t->site->zone, date, minute);
    return rg_desk_explain(out, q->ctx, &in);
}

static int h_desk_times(regen_req_t *q)
{
    rg_desk_find_in_t in;
    rg_desk_times_t *times = NULL;
    rg_explained_t *why = NULL;
    rg_outcome_t rc = read_desk_find(&in, q) ? RG_OK : RG_NOT_FOUND;

    rc = rc == RG_OK ? rg_desk_times(&times, q->ctx, &in) : rc;
    rc = rc == RG_OK ? explain(&why, q, times, in.practitioner_id) : rc;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_desk_times(q->ctx->pool, times, q->query, why);
    return regen_page(q, rg_problems_any(q->ctx->problems) ? RG_INVALID : RG_OK, "desk/times",
                      view);
}

const regen_route_t regen_routes_desk[] = {
    {"GET", "/staff/patients", DESK, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_desk},
    {"POST", "/staff/patients", DESK, 4 * KIB, REGEN_FORM,
     FINDS_PEOPLE | REGEN_STAFF_AREA | REGEN_NO_IDEM, h_desk_search},
    {"GET", "/staff/times", DESK, 0, 0, REGEN_STAFF_AREA, h_desk_times},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
