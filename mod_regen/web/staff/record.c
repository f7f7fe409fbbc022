/* SPDX-License-Identifier: Apache-2.0 */
/* One patient: their page, changing it; likely duplicates, two records beside each other, merging
 * and taking apart. */
#include "mod_regen/web/patient/patient.h"
#include "mod_regen/web/platform/route.h"
#include "mod_regen/web/platform/web.h"
#include "regen/clinic/change.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/order.h"
#include "regen/clinic/record.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/render/view_order.h"
#include "regen/render/view_staff.h"

static bool merges(const regen_req_t *q)
{
    return (q->ctx->who.roles & MERGES) != 0;
}

static int h_duplicates(regen_req_t *q)
{
    rg_alikes_t *alikes = NULL;
    rg_outcome_t rc = rg_record_alikes(&alikes, q->ctx);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, RG_OK, "desk/duplicates", rg_view_alikes(q->ctx->pool, alikes));
}

static int pair_page(regen_req_t *q, rg_outcome_t outcome, const char *other)
{
    rg_record_pair_t *pair = NULL;
    rg_outcome_t rc = rg_record_pair(&pair, q->ctx, q->args[0], other ? other : "");
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    q->looked = true;
    return regen_page(q, outcome, "desk/merge",
                      rg_view_record_pair(q->ctx->pool, pair, merges(q), q->form));
}

static int h_pair(regen_req_t *q)
{
    return pair_page(q, RG_OK, regen_param(q, "with"));
}

static int h_merge(regen_req_t *q)
{
    const char *other = regen_field(q, "other");
    rg_outcome_t rc = rg_record_merge(q->ctx, q->args[0], other, regen_field(q, "reason"));
    if (rc == RG_INVALID || rc == RG_PRECONDITION) {
        return pair_page(q, rc, other);
    }
    return rc == RG_OK ? regen_redirect(q, "/staff/patients/%s", q->args[0]) : regen_fail(q, rc);
}

static int h_distinct(regen_req_t *q)
{
    rg_outcome_t rc = rg_record_distinct(q->ctx, q->args[0], regen_field(q, "other"));
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return *regen_field(q, "list") ? regen_redirect(q, "/staff/duplicates")
                                   : regen_redirect(q, "/staff/patients/%s", q->args[0]);
}

int regen_patient_file_page(regen_req_t *q, rg_outcome_t outcome)
{
    rg_patient_file_t *file = NULL;
    rg_order_t *orders = NULL;
    int count = 0;
    rg_outcome_t rc = rg_desk_patient(&file, q->ctx, q->args[0]);
    rc = rc == RG_OK ? rg_orders_of(&orders, &count, q->ctx, file->patient->id) : rc;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_patient_file(q->ctx->pool, file);
    rg_view_records(view, q->ctx->pool, file, merges(q));
    rg_view_person_facts(view, q->ctx->pool, file);
    rg_view_orders(view, q->ctx->pool, orders, count, file->site->zone, q->ctx->now);
    rg_val_bool(view, "may_order", (q->ctx->who.roles & TREATS) != 0);
    q->looked = true;
    return regen_page(q, outcome, "desk/patient", view);
}

static int h_file(regen_req_t *q)
{
    return regen_patient_file_page(q, RG_OK);
}

static int h_apart(regen_req_t *q)
{
    const char *record = regen_field(q, "record");
    rg_outcome_t rc = rg_record_apart(q->ctx, record, regen_field(q, "reason"));
    if (rc == RG_INVALID || rc == RG_PRECONDITION) {
        return regen_patient_file_page(q, rc);
    }
    return rc == RG_OK ? regen_redirect(q, "/staff/patients/%s", record) : regen_fail(q, rc);
}

/* --- changed ---------------------------------------------------------------------------------- */

static int change_page(regen_req_t *q, rg_outcome_t outcome, rg_val_t *in)
{
    rg_person_page_t *page = NULL;
    rg_outcome_t rc = rg_person_page(&page, q->ctx, q->args[0]);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    q->looked = true;
    return regen_page(q, outcome, "desk/change",
                      rg_view_person_edit(q->ctx->pool, page, in, q->ctx->problems));
}

static int h_change_page(regen_req_t *q)
{
    return change_page(q, RG_OK, NULL);
}

/* As typed, without the password. */
static rg_val_t *change_typed(regen_req_t *q)
{
    static const char *const more[] = {"interpreter", "access_needs", "reason", "second_login"};
    rg_val_t *in = regen_details_typed(q);
    for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
        rg_val_str(in, more[i], regen_field(q, more[i]));
    }
    return in;
}

static int h_change(regen_req_t *q)
{
    rg_change_in_t in = {.person = regen_details_decode(q),
                         .interpreter = regen_field(q, "interpreter"),
                         .access_needs = regen_field(q, "access_needs"),
                         .reason = regen_field(q, "reason")};
    in.person.version = regen_version(q);
    rg_outcome_t rc = regen_second(&in.second, q);
    rc = rc == RG_OK ? rg_person_change(q->ctx, q->args[0], &in) : rc;
    if (rc == RG_INVALID || rc == RG_TOO_MANY || (rc == RG_CONFLICT && !regen_sent_before(q))) {
        return change_page(q, rc, change_typed(q));
    }
    return rc == RG_OK ? regen_redirect(q, "/staff/patients/%s", q->args[0]) : regen_fail(q, rc);
}

const regen_route_t regen_routes_record[] = {
    {"GET", "/staff/duplicates", DESK, 0, 0, REGEN_STAFF_AREA, h_duplicates},
    {"GET", "/staff/patients/*", DESK, 0, 0, REGEN_STAFF_AREA, h_file},
    {"GET", "/staff/patients/*/change", DESK, 0, 0, REGEN_STAFF_AREA, h_change_page},
    {"POST", "/staff/patients/*/change", DESK, 16 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_change},
    {"GET", "/staff/patients/*/merge", DESK, 0, 0, REGEN_STAFF_AREA, h_pair},
    {"POST", "/staff/patients/*/merge", MERGES, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_merge},
    {"POST", "/staff/patients/*/apart", MERGES, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_apart},
    {"POST", "/staff/patients/*/distinct", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_distinct},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
