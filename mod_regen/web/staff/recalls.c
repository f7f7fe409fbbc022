/* SPDX-License-Identifier: Apache-2.0 */
/* Follow-ups and recalls: the front desk's list, attempts to reach a patient, and opting out. */
#include "messages.h"
#include "mod_regen/web/patient/patient.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/followup.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/definition.h"
#include "regen/model/followup.h"
#include "regen/render/view_staff.h"

rg_outcome_t regen_recalls_put(rg_val_t *view, regen_req_t *q, const rg_booking_t *b)
{
    rg_recall_t *recalls;
    int count;
    bool stopped;
    rg_outcome_t rc = rg_recalls_of_booking(&recalls, &count, &stopped, q->ctx, b);
    if (rc == RG_OK) {
        rg_view_planned(view, q->ctx->pool, recalls, count, stopped);
    }
    return rc;
}

static int h_recalls_stop(regen_req_t *q)
{
    rg_outcome_t rc = rg_recall_opt_out_mine(q->ctx, q->ctx->who.booking_id);
    return rc == RG_OK ? regen_to_booking(q, "") : regen_fail(q, rc);
}

static int h_recalls_start(regen_req_t *q)
{
    rg_outcome_t rc = rg_recall_opt_in_mine(q->ctx, q->ctx->who.booking_id);
    return rc == RG_OK ? regen_to_booking(q, "") : regen_fail(q, rc);
}

/* --- the list --------------------------------------------------------------------------------- */

static int recalls_page(regen_req_t *q, rg_outcome_t outcome, const rg_recalls_in_t *in,
                        const char *failed)
{
    rg_recalls_t *list;
    rg_outcome_t rc = rg_recalls_list(&list, q->ctx, in);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, outcome, "staff/recalls",
                      rg_view_recalls(q->ctx->pool, list, failed, q->form));
}

static int h_recalls(regen_req_t *q)
{
    const char *view = regen_param(q, "view");
    const char *page = regen_param(q, "page");
    int v = view ? rg_recalls_view_parse(view) : RG_RECALLS_DUE;
    int64_t number = 1;
    if (v < 0 || (page && !rg_text_i64(&number, page, 1, 1000000))) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rg_recalls_in_t in = {(rg_recalls_view_t)v, (int)number, regen_param(q, "service"),
                          regen_param(q, "site")};
    return recalls_page(q, RG_OK, &in, NULL);
}

/* --- what staff do ---------------------------------------------------------------------------- */

/* The list the form stood on. */
static rg_recalls_in_t list_before(const regen_req_t *q)
{
    int v = rg_recalls_view_parse(regen_field(q, "view"));
    int64_t page = 1;
    (void)rg_text_i64(&page, regen_field(q, "page"), 1, 1000000);
    return (rg_recalls_in_t){v < 0 ? RG_RECALLS_DUE : (rg_recalls_view_t)v, (int)page,
                             regen_field(q, "service"), regen_field(q, "site")};
}

/* Codes of the clinic's own only, as the list itself would take them. */
static const char *code_or_none(const char *code)
{
    return !rg_code_wrong(code) ? code : "";
}

static int answered_recall(regen_req_t *q, rg_outcome_t rc)
{
    rg_recalls_in_t in = list_before(q);
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/recalls?view=%s&page=%d&service=%s&site=%s",
                              rg_recalls_view_name(in.view), in.page, code_or_none(in.service_code),
                              code_or_none(in.site_code));
    }
    return rc == RG_INVALID || rc == RG_PRECONDITION || rc == RG_CONFLICT
               ? recalls_page(q, rc, &in, q->args[0])
               : regen_fail(q, rc);
}

static int h_recall_attempt(regen_req_t *q)
{
    rg_attempt_in_t in = {.outcome = regen_field(q, "outcome"),
                          .note = regen_field(q, "note"),
                          .settled = regen_field(q, "settled")};
    return answered_recall(q, rg_recall_attempt(q->ctx, q->args[0], &in));
}

static int h_recall_opt_out(regen_req_t *q)
{
    return answered_recall(q, rg_recall_opt_out(q->ctx, q->args[0]));
}

static int h_recall_opt_in(regen_req_t *q)
{
    rg_outcome_t rc = rg_recall_opt_in(q->ctx, q->args[0], regen_field(q, "why"));
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/patients/%s", q->args[0]);
    }
    return rc == RG_INVALID ? regen_patient_file_page(q, rc) : regen_fail(q, rc);
}

const regen_route_t regen_routes_recalls[] = {
    {"POST", "/booking/recalls/stop", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING,
     h_recalls_stop},
    {"POST", "/booking/recalls/start", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING,
     h_recalls_start},
    {"GET", "/staff/recalls", DESK, 0, 0, REGEN_STAFF_AREA, h_recalls},
    {"POST", "/staff/recalls/*/attempt", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_recall_attempt},
    {"POST", "/staff/recalls/*/opt-out", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_recall_opt_out},
    {"POST", "/staff/patients/*/reminders", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_recall_opt_in},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
