/* SPDX-License-Identifier: Apache-2.0 */
/* Pages for staff: the board of a day, the chart of a booking, the label of a unit. */
#include "consent.h"
#include "messages.h"
#include "mod_regen/web/platform/platform.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/order.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/visit.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/render/message.h"
#include "regen/render/view.h"
#include "regen/render/view_order.h"
#include "regen/render/view_patient.h"
#include "regen/render/view_staff.h"

#include <apr_strings.h>

static int h_board(regen_req_t *q)
{
    const char *day = regen_param(q, "date");
    rg_date_t date = {0, 0, 0};
    rg_board_t *board = NULL;

    if (day && *day != '\0' && !rg_date_parse(&date, day)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rg_outcome_t rc = rg_day_board(&board, q->ctx, regen_param(q, "site"), date);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, RG_OK, "staff/board", rg_view_board(q->ctx->pool, board));
}

static int h_day(regen_req_t *q)
{
    const char *day = regen_param(q, "date");
    rg_date_t only = {0, 0, 0};
    rg_day_sheet_t *sheet = NULL;

    if (day && *day != '\0' && !rg_date_parse(&only, day)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rg_outcome_t rc = rg_day_sheet(&sheet, q->ctx, regen_param(q, "site"));
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, RG_OK, "staff/day",
                      rg_view_day_sheet(q->ctx->pool, sheet, only, q->ctx->who.roles));
}

/* Visits of a course that did not begin, each to be moved by itself. */
static rg_outcome_t put_movable_visits(rg_val_t *view, regen_req_t *q, const rg_chart_t *chart)
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
static void put_others(rg_val_t *view, regen_req_t *q, const rg_chart_t *chart)
{
    const char *over = q->form ? rg_form_get(q->form, "over") : NULL;
    const rg_other_visit_t *others = chart->others;
    bool question = false;
    const char *shown = "";
    rg_val_t *list = rg_val_set_list(view, "others");

    for (int i = 0; i < chart->other_count; i++) {
        rg_val_t *item = rg_val_add(list);

        rg_val_str(item, "service", others[i].service_name);
        rg_val_str(item, "uid", others[i].booking_uid);
        rg_view_time(item, "starts", q->ctx->pool, chart->site->zone, others[i].starts_at);
        question = question || others[i].question;
        shown = apr_pstrcat(q->ctx->pool, shown, " ", others[i].booking_uid, NULL);
    }
    rg_val_str(view, "shown", shown);
    rg_val_bool(view, "any_others", chart->other_count > 0);
    rg_val_bool(view, "question", question && chart->booking->status != RG_BOOKING_HELD);
    rg_val_bool(view, "ask_person",
                rg_problem_for(q->ctx->problems, "person") ||
                    (over && rg_rule_parse(over) == RG_RULE_SAME_PERSON));
}

/* What was signed, in force or not; and first of all what was withdrawn. */
static void put_signed(rg_val_t *view, regen_req_t *q, const rg_chart_t *chart)
{
    const rg_consents_t *all = chart->consents;
    const rg_zone_t *zone = chart->site->zone;
    rg_val_t *gone = rg_val_set_list(view, "withdrawn");
    rg_val_t *list = rg_val_set_list(view, "kept");
    bool any = false;

    for (int i = 0; i < all->count; i++) {
        if (all->forms[i].withdrawn) {
            regen_consent_put(rg_val_add(gone), q, all->forms[i].withdrawn, zone);
            any = true;
        }
    }
    for (int i = 0; i < all->kept_count; i++) {
        rg_val_t *item = rg_val_add(list);

        regen_consent_put(item, q, all->kept[i].consent, zone);
        rg_val_str(item, "why", all->kept[i].why);
    }
    rg_val_bool(view, "any_withdrawn", any && chart->next);
    rg_val_bool(view, "any_kept", all->kept_count > 0);
    rg_val_bool(view, "can_sign",
                !all->complete && chart->next && chart->patient &&
                    chart->booking->status != RG_BOOKING_HELD);
}

/* What to tell a patient who calls about a held or booked time. */
static void put_deadlines(rg_val_t *view, regen_req_t *q, const rg_chart_t *chart)
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

/* The treatment order that it is booked on, if it is on one. */
static rg_outcome_t put_on_order(rg_val_t *view, regen_req_t *q, const rg_chart_t *chart)
{
    rg_order_t *o = NULL;
    rg_outcome_t rc = rg_order_of_booking(&o, q->ctx, chart->booking);

    if (rc == RG_OK && o) {
        rg_val_t *on = rg_val_object(q->ctx->pool);

        rg_view_order(on, q->ctx->pool, o, chart->site->zone, q->ctx->now);
        rg_val_set(view, "on", on);
    }
    return rc;
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
    const char *act = rg_form_get(q->form, "do");
    rg_outcome_t rc = rg_day_chart(&chart, q->ctx, q->args[0], act ? act : regen_param(q, "do"));

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    regen_camera_allow(q); /* a label may be scanned with it */
    rg_val_t *view = rg_view_chart(q->ctx->pool, chart, q->ctx->who.roles, q->form);
    q->looked = true;
    put_deadlines(view, q, chart);
    regen_birth_said_put(view, q);
    rg_view_place_missing(view, q->ctx->pool, chart->booking, chart->service, true, q->form);
    put_others(view, q, chart);
    put_signed(view, q, chart);
    rg_view_messages(view, q->ctx->pool, q->templates, chart->messages, chart->message_count, true);
    rc = put_movable_visits(view, q, chart);
    rc = rc == RG_OK ? put_on_order(view, q, chart) : rc;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, outcome, "staff/chart", view);
}

static int h_chart(regen_req_t *q)
{
    return regen_chart_show(q, RG_OK);
}

/* As the clinic's labels are, unless another size or code is asked for. */
static int h_unit_label(regen_req_t *q)
{
    rg_chart_t *chart = NULL;
    const char *size = regen_param(q, "size");
    const char *code = regen_param(q, "code");
    int s = size ? rg_label_size_parse(size) : (int)q->ctx->policy->label_size;
    int k = code ? rg_label_code_parse(code) : (int)q->ctx->policy->label_code;

    if (s < 0 || k < 0) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rg_outcome_t rc = rg_day_unit(&chart, q->ctx, q->args[0]);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    q->looked = true;
    return regen_page(
        q, RG_OK, "staff/label",
        rg_view_unit_label(q->ctx->pool, chart, (rg_label_size_t)s, (rg_label_code_t)k));
}

const regen_route_t regen_routes_chart[] = {
    {"GET", "/staff", DESK, 0, 0, REGEN_STAFF_AREA, h_board},
    {"GET", "/staff/day", DESK, 0, 0, REGEN_STAFF_AREA, h_day},
    {"GET", "/staff/bookings/*", DESK, 0, 0, REGEN_STAFF_AREA, h_chart},
    {"GET", "/staff/units/*/label", DESK, 0, 0, REGEN_STAFF_AREA, h_unit_label},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
