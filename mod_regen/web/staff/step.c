/* SPDX-License-Identifier: Apache-2.0 */
/* Actions of staff on a booking: the steps of the day, no-show and canceling. A refused form is
 * shown again on the chart, with what was typed and the reason. */
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/visit.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/time_out.h"
#include "regen/model/unit.h"

#include <string.h>

#include <apr_strings.h>

/* Back to the chart, or the refusal on it. */
static int answer(regen_req_t *q, rg_outcome_t rc)
{
    switch (rc) {
    case RG_OK: return regen_redirect(q, "/staff/bookings/%s", q->args[0]);
    case RG_INVALID:
    case RG_PRECONDITION:
    case RG_CONFLICT:
    case RG_GONE:
    case RG_TOO_MANY:
        if (!rg_problems_any(q->ctx->problems)) {
            rg_problem_add(q->ctx->problems, NULL,
                           "Somebody changed this booking a moment ago. Nothing was recorded. "
                           "Check the booking again.");
        }
        return regen_chart_show(q, rc);
    case RG_UNAUTHENTICATED:
    case RG_FORBIDDEN:
    case RG_NOT_FOUND:
    case RG_TOO_LARGE:
    case RG_UNAVAILABLE:
    case RG_INTERNAL: break;
    }
    return regen_fail(q, rc);
}

static rg_outcome_t find(regen_req_t *q, int64_t *id)
{
    rg_booking_t *b = NULL;
    rg_outcome_t rc = rg_booking_get_by_uid(&b, q->ctx, q->args[0]);

    *id = rc == RG_OK ? b->id : 0;
    return rc;
}

static rg_act_in_t read_act(regen_req_t *q)
{
    return (rg_act_in_t){.done_by = regen_field(q, "done_by")};
}

/* With the second person, if the form names one, and the time-out. Nobody confirms what is
 * stopped. */
static rg_outcome_t read_two(regen_req_t *q, rg_act_in_t *who)
{
    rg_time_out_in_t *said = apr_pcalloc(q->ctx->pool, sizeof(*said));

    for (int i = 0; i < RG_SAID_COUNT; i++) {
        said->answers[i] =
            regen_field(q, apr_pstrcat(q->ctx->pool, "said_", rg_said_name((rg_said_t)i), NULL));
    }
    said->stopped = regen_field(q, "stopped");
    said->note = regen_field(q, "stop_note");
    *who = read_act(q);
    who->said = said;
    return rg_time_out_stops(said) ? RG_OK : regen_second(&who->second, q);
}

static int h_check_in(regen_req_t *q)
{
    rg_check_in_t in = {regen_field(q, "birth_date"), regen_field(q, "early"),
                        regen_field(q, "when"), regen_field(q, "late_why")};
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    if (rc == RG_OK) {
        rc = rg_day_check_in(q->ctx, id, &in);
    }
    return answer(q, rc);
}

static int h_harvest(regen_req_t *q)
{
    rg_act_in_t who;
    rg_harvest_in_t in = {regen_field(q, "volume_ml"),  regen_field(q, "side_confirmed"),
                          regen_field(q, "when"),       &who,
                          regen_field(q, "taken_from"), regen_field(q, "anticoagulant"),
                          regen_field(q, "again"),      regen_field(q, "again_why"),
                          regen_field(q, "seen")};
    rg_unit_t *unit = NULL;
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    rc = rc == RG_OK ? read_two(q, &who) : rc;
    if (rc == RG_OK) {
        rc = rg_day_harvest(&unit, q->ctx, id, &in);
    }
    return answer(q, rc);
}

static int h_process(regen_req_t *q)
{
    rg_act_in_t who = read_act(q);
    rg_process_in_t in = {
        regen_field(q, "label"),      regen_field(q, "device_code"), regen_field(q, "kit_lot"),
        regen_field(q, "volume_ml"),  regen_field(q, "when"),        &who,
        regen_field(q, "device_why"), regen_field(q, "minutes"),     regen_field(q, "run_why"),
        regen_field(q, "kit"),        regen_field(q, "kit_expires"), regen_field(q, "lot_why")};
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    if (rc == RG_OK) {
        rc = rg_day_process(q->ctx, id, &in);
    }
    return answer(q, rc);
}

static int h_inject(regen_req_t *q)
{
    rg_act_in_t who;
    rg_inject_in_t in = {regen_field(q, "label"),     regen_field(q, "birth_date"),
                         regen_field(q, "body_site"), regen_field(q, "side"),
                         regen_field(q, "when"),      &who,
                         regen_field(q, "lot_why"),   regen_field(q, "target_why"),
                         regen_field(q, "target"),    regen_field(q, "several")};
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    rc = rc == RG_OK ? read_two(q, &who) : rc;
    if (rc == RG_OK) {
        rc = rg_day_inject(q->ctx, id, &in);
    }
    return answer(q, rc);
}

static int h_time_out(regen_req_t *q)
{
    rg_act_in_t who;
    rg_say_in_t in = {regen_field(q, "before"),
                      regen_field(q, "label"),
                      regen_field(q, "when"),
                      regen_field(q, "stop_when"),
                      &who,
                      regen_field(q, "again"),
                      regen_field(q, "target"),
                      regen_field(q, "body_site"),
                      regen_field(q, "side")};
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    rc = rc == RG_OK ? read_two(q, &who) : rc;
    if (rc == RG_OK) {
        rc = rg_day_time_out(q->ctx, id, &in);
    }
    return answer(q, rc);
}

static int h_divide(regen_req_t *q)
{
    rg_act_in_t who = {.done_by = regen_field(q, "divide_by")};
    const apr_array_header_t *pairs = q->form->pairs;
    const char **labels = apr_pcalloc(q->ctx->pool, sizeof(*labels) * (size_t)(pairs->nelts + 1));
    rg_divide_in_t in = {labels, 0, regen_field(q, "volumes"), regen_field(q, "divide_when"), &who};
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    for (int i = 0; i < pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(pairs, i, rg_pair_t);

        if (strcmp(pair->name, "from") == 0) {
            labels[in.count++] = pair->value;
        }
    }
    if (rc == RG_OK) {
        rc = rg_day_divide(q->ctx, id, &in);
    }
    return answer(q, rc);
}

static int h_complete(regen_req_t *q)
{
    rg_act_in_t who = read_act(q);
    rg_complete_in_t in = {regen_field(q, "diagnoses"), regen_field(q, "when"), &who,
                           regen_field(q, "left_why")};
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    if (rc == RG_OK) {
        rc = rg_day_complete(q->ctx, id, &in);
    }
    return answer(q, rc);
}

static int h_diagnose(regen_req_t *q)
{
    rg_complete_in_t in = {regen_field(q, "diagnoses"), regen_field(q, "when"), NULL, NULL};
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    if (rc == RG_OK) {
        rc = rg_day_diagnose(q->ctx, id, &in);
    }
    return answer(q, rc);
}

static int h_dispose(regen_req_t *q)
{
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    if (rc == RG_OK) {
        rc = rg_day_dispose(q->ctx, id, regen_field(q, "label"), regen_field(q, "reason"));
    }
    return answer(q, rc);
}

static int h_end(regen_req_t *q)
{
    rg_end_in_t in = {regen_field(q, "why"), regen_field(q, "end_note"), regen_field(q, "dispose"),
                      regen_field(q, "end_when")};
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    if (rc == RG_OK) {
        rc = rg_day_end(q->ctx, id, &in);
    }
    return answer(q, rc);
}

static int h_correct(regen_req_t *q)
{
    rg_correct_in_t in = {regen_field(q, "correct_what"), regen_field(q, "correct_value"),
                          regen_field(q, "correct_why"),  regen_field(q, "correct_by"),
                          regen_field(q, "correct_unit"), regen_field(q, "correct_target"),
                          regen_field(q, "correct_also"), regen_field(q, "correct_time_out")};
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    if (rc == RG_OK) {
        rc = rg_day_correct(q->ctx, id, &in);
    }
    return answer(q, rc);
}

static int h_no_show(regen_req_t *q)
{
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    if (rc == RG_OK) {
        rc = rg_booking_no_show_version(q->ctx, id, regen_version(q));
    }
    if (rc == RG_OK && strcmp(regen_field(q, "back"), "day") == 0) {
        return regen_redirect(q, "/staff/day");
    }
    return answer(q, rc);
}

static int h_staff_cancel(regen_req_t *q)
{
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    if (rc == RG_OK) {
        rc = rg_booking_cancel_version(q->ctx, id, regen_version(q), regen_field(q, "reason"));
    }
    return answer(q, rc);
}

static int h_both_right(regen_req_t *q)
{
    int64_t id;
    rg_outcome_t rc = find(q, &id);

    if (rc == RG_OK) {
        rc = rg_desk_both_right(q->ctx, id, regen_field(q, "shown"), regen_field(q, "both"));
    }
    return answer(q, rc);
}

const regen_route_t regen_routes_step[] = {
    {"POST", "/staff/bookings/*/check-in", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_check_in},
    {"POST", "/staff/bookings/*/harvest", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_harvest},
    {"POST", "/staff/bookings/*/time-out", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_time_out},
    {"POST", "/staff/bookings/*/process", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_process},
    {"POST", "/staff/bookings/*/units", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_divide},
    {"POST", "/staff/bookings/*/inject", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_inject},
    {"POST", "/staff/bookings/*/complete", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_complete},
    {"POST", "/staff/bookings/*/diagnose", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_diagnose},
    {"POST", "/staff/bookings/*/dispose", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_dispose},
    {"POST", "/staff/bookings/*/end", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_end},
    {"POST", "/staff/bookings/*/correct", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_correct},
    {"POST", "/staff/bookings/*/no-show", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_no_show},
    {"POST", "/staff/bookings/*/cancel", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_staff_cancel},
    {"POST", "/staff/bookings/*/both", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_both_right},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
