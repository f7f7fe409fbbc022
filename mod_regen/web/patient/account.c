/* SPDX-License-Identifier: Apache-2.0 */
/* What a patient owes, behind the link of a booking: the account, and its papers to read and
 * print. */
#include "mod_regen/web/platform/route.h"
#include "mod_regen/web/platform/web.h"
#include "patient.h"
#include "regen/clinic/billing.h"
#include "regen/clinic/ledger.h"
#include "regen/clinic/mine.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/render/view.h"
#include "regen/render/view_billing.h"
#include "regen/render/view_ledger.h"

static int my_page(regen_req_t *q, const regen_visit_t *v, const char *template, rg_val_t *page)
{
    rg_val_bool(page, "has_booking", true);
    rg_val_str(page, "step", v->service->name);
    rg_val_bool(page, "at_billing", false);
    return regen_page(q, RG_OK, template, page);
}

/* Nothing is owed before a time is booked. */
static rg_outcome_t load_mine(regen_visit_t *v, regen_req_t *q)
{
    rg_outcome_t rc = regen_visit_load(v, q, 0);
    return rc == RG_OK && v->booking->booked_at == 0 ? RG_NOT_FOUND : rc;
}

static int h_my_account(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_mine_t *m = NULL;
    rg_outcome_t rc = load_mine(&v, q);
    rc = rc == RG_OK ? rg_mine(&m, q->ctx) : rc;
    return rc == RG_OK ? my_page(q, &v, "billing/mine", rg_view_mine(q->ctx->pool, m, v.site))
                       : regen_fail(q, rc);
}

static int h_my_invoice(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_invoice_t *inv = NULL;
    rg_site_t *site = NULL;
    rg_outcome_t rc = load_mine(&v, q);
    rc = rc == RG_OK ? rg_billing_invoice_get(&inv, &site, q->ctx, q->args[0]) : rc;
    return rc == RG_OK
               ? my_page(q, &v, "billing/my_invoice", rg_view_invoice(q->ctx->pool, inv, site))
               : regen_fail(q, rc);
}

static int h_my_receipt(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_receipt_t *r = NULL;
    rg_outcome_t rc = load_mine(&v, q);
    rc = rc == RG_OK ? rg_mine_receipt_get(&r, q->ctx, q->args[0]) : rc;
    return rc == RG_OK
               ? my_page(q, &v, "billing/my_receipt",
                         rg_view_my_receipt(q->ctx->pool, r, v.site, q->ctx->who.booking_id))
               : regen_fail(q, rc);
}

static int h_my_credit(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_credit_note_t *note = NULL;
    rg_outcome_t rc = load_mine(&v, q);
    rc = rc == RG_OK ? rg_mine_credit_get(&note, q->ctx, q->args[0]) : rc;
    return rc == RG_OK ? my_page(q, &v, "billing/my_credit",
                                 rg_view_credit_note(q->ctx->pool, note, v.site))
                       : regen_fail(q, rc);
}

/* The newest, or the version that is asked for. */
static int h_my_estimate(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_estimate_page_t e;
    int64_t version = 0;
    const char *text = regen_param(q, "version");
    if (text && !rg_text_i64(&version, text, 1, RG_ESTIMATES_MOST)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rg_outcome_t rc = load_mine(&v, q);
    rc = rc == RG_OK ? rg_estimate_mine(&e, q->ctx, (int)version) : rc;
    return rc == RG_OK ? my_page(q, &v, "billing/my_estimate", rg_view_estimate(q->ctx->pool, &e))
                       : regen_fail(q, rc);
}

const regen_route_t regen_routes_patient_account[] = {
    {"GET", "/booking/estimate", RG_ROLE_PATIENT, 0, 0, BOOKING, h_my_estimate},
    {"GET", "/booking/account", RG_ROLE_PATIENT, 0, 0, BOOKING, h_my_account},
    {"GET", "/booking/account/invoices/*", RG_ROLE_PATIENT, 0, 0, BOOKING, h_my_invoice},
    {"GET", "/booking/account/receipts/*", RG_ROLE_PATIENT, 0, 0, BOOKING, h_my_receipt},
    {"GET", "/booking/account/credits/*", RG_ROLE_PATIENT, 0, 0, BOOKING, h_my_credit},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
