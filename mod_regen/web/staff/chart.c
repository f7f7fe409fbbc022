/* SPDX-License-Identifier: Apache-2.0 */
/* What staff look at: the board of a day, the chart of a booking, the label of a unit. Rows in
 * platform/route.c. */
#include "messages.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/visit.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"
#include "regen/render/view_staff.h"

#include <apr_strings.h>

static int h_board(regen_req_t *q)
{
    const char *day = regen_param(q, "date");
    rg_date_t date = {0, 0, 0};
    rg_board_t *board = NULL;
    rg_outcome_t rc;

    if (day != NULL && *day != '\0' && !rg_date_parse(&date, day)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rc = rg_day_board(&board, q->ctx, regen_param(q, "site"), date);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, RG_OK, "staff/board", rg_view_board(q->ctx->pool, board));
}

/* Visits of a course that did not begin, each to be moved by itself. */
static rg_outcome_t put_visits(rg_val_t *view, regen_req_t *q, const rg_chart_t *chart)
{
    rg_visit_move_t *visits;
    int count = 0;
    rg_outcome_t rc = chart->booking->appointment_count > 1
                          ? rg_booking_visits(&visits, &count, q->ctx, chart->booking->id)
                          : RG_OK;
    rg_val_t *list = rg_val_set_list(view, "moves");

    for (int i = 0; i < count; i++) {
        rg_val_t *item = rg_val_add(list);

        rg_val_int(item, "no", visits[i].visit_no);
        rg_view_time(item, "at", q->ctx->pool, chart->site->zone, visits[i].starts_at);
    }
    rg_val_bool(view, "any_moves", count > 0);
    return rc;
}

/* Other visits of the patient at the same time. A hold that was refused for one asks for a
 * reason. */
static rg_outcome_t put_others(rg_val_t *view, regen_req_t *q, const rg_chart_t *chart)
{
    const char *over = q->form != NULL ? rg_form_get(q->form, "over") : NULL;
    rg_other_visit_t *others;
    int count = 0;
    bool question = false;
    const char *shown = "";
    rg_outcome_t rc = chart->patient != NULL
                          ? rg_desk_others(&others, &count, q->ctx, chart->booking->id)
                          : RG_OK;
    rg_val_t *list = rg_val_set_list(view, "others");

    for (int i = 0; i < count; i++) {
        rg_val_t *item = rg_val_add(list);

        rg_val_str(item, "service", others[i].service_name);
        rg_val_str(item, "uid", others[i].booking_uid);
        rg_view_time(item, "starts", q->ctx->pool, chart->site->zone, others[i].starts_at);
        question = question || others[i].question;
        shown = apr_pstrcat(q->ctx->pool, shown, " ", others[i].booking_uid, NULL);
    }
    rg_val_str(view, "shown", shown);
    rg_val_bool(view, "any_others", count > 0);
    rg_val_bool(view, "question", question && chart->booking->status != RG_BOOKING_HELD);
    rg_val_bool(view, "ask_person",
                rg_problem_for(q->ctx->problems, "person") != NULL ||
                    (over != NULL && rg_rule_parse(over) == RG_RULE_SAME_PERSON));
    return rc;
}

/* What somebody who calls about a time that is held or booked is told. */
static void put_ahead(rg_val_t *view, regen_req_t *q, const rg_chart_t *chart)
{
    const rg_booking_t *b = chart->booking;
    rg_deadlines_t last = rg_deadlines(b, chart->service, q->ctx->now);
    int count = 0;
    rg_prepare_day_t *days = rg_preparing(&count, q->ctx->pool, chart->service, chart->site->zone,
                                          b->starts_at, q->ctx->now);

    if (b->status != RG_BOOKING_HELD && b->status != RG_BOOKING_BOOKED) {
        return;
    }
    rg_val_bool(view, "ahead", true);
    rg_view_deadlines(view, q->ctx->pool, chart->site->zone, &last);
    rg_view_preparing(view, q->ctx->pool, days, count);
}

void regen_birth_said_put(rg_val_t *view, const regen_req_t *q)
{
    rg_date_t said;

    if (rg_birth_date_said(&said, q->ctx, regen_field(q, "birth_date"))) {
        rg_val_str(view, "birth_said", rg_date_us(q->ctx->pool, said));
    }
}

int regen_chart_show(regen_req_t *q, rg_outcome_t outcome)
{
    rg_chart_t *chart = NULL;
    rg_outcome_t rc = rg_day_chart(&chart, q->ctx, q->args[0]);
    rg_val_t *view;

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    view = rg_view_chart(q->ctx->pool, chart, q->ctx->who.roles, q->form);
    put_ahead(view, q, chart);
    regen_birth_said_put(view, q);
    rg_view_place_missing(view, q->ctx->pool, chart->booking, chart->service, true, q->form);
    rc = put_visits(view, q, chart);
    rc = rc == RG_OK ? put_others(view, q, chart) : rc;
    rc = rc == RG_OK ? regen_messages_put(view, q, chart->booking->id) : rc;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, outcome, "staff/chart", view);
}

static int h_chart(regen_req_t *q)
{
    return regen_chart_show(q, RG_OK);
}

static int h_unit_label(regen_req_t *q)
{
    rg_chart_t *chart = NULL;
    rg_outcome_t rc = rg_day_unit(&chart, q->ctx, q->args[0]);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, RG_OK, "staff/label", rg_view_unit_label(q->ctx->pool, chart));
}

const regen_route_t regen_routes_chart[] = {
    {"GET", "/staff", DESK, 0, 0, REGEN_STAFF_AREA, h_board},
    {"GET", "/staff/bookings/*", DESK, 0, 0, REGEN_STAFF_AREA, h_chart},
    {"GET", "/staff/units/*/label", DESK, 0, 0, REGEN_STAFF_AREA, h_unit_label},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
