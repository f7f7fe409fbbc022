/* SPDX-License-Identifier: Apache-2.0 */
/* Patients' accounts: who owes, one account with its story, the forms of what is posted,
 * receipts. */
#include "mod_regen/web/platform/route.h"
#include "mod_regen/web/platform/web.h"
#include "regen/clinic/ledger.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/ledger.h"
#include "regen/render/view_ledger.h"

#include <string.h>

#define PAGES_MOST    1000000
#define INVOICES_MOST 50

static const char *param_or_empty(const regen_req_t *q, const char *name)
{
    const char *value = regen_param(q, name);
    return value ? value : "";
}

static bool page_param(const regen_req_t *q, int64_t *page)
{
    const char *text = regen_param(q, "page");
    *page = 1;
    return !text || rg_text_i64(page, text, 1, PAGES_MOST);
}

static int h_owes(regen_req_t *q)
{
    int64_t page;
    rg_owes_t *owes = NULL;
    if (!page_param(q, &page)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rg_outcome_t rc =
        rg_ledger_who_owes(&owes, q->ctx, param_or_empty(q, "find"), param_or_empty(q, "minimum"),
                           param_or_empty(q, "age"), (int)page);
    return rc == RG_OK || rc == RG_INVALID
               ? regen_page(q, rc, "billing/owes", rg_view_owes(q->ctx->pool, owes))
               : regen_fail(q, rc);
}

static int h_ledger(regen_req_t *q)
{
    int64_t page;
    rg_ledger_account_t *a = NULL;
    if (!page_param(q, &page)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    const rg_ledger_look_in_t in = {
        .patient_uid = q->args[0], .page = (int)page, .charge = "", .entry = ""};
    rg_outcome_t rc = rg_ledger_look(&a, q->ctx, &in);
    return rc == RG_OK ? regen_page(q, RG_OK, "billing/ledger", rg_view_ledger(q->ctx->pool, a))
                       : regen_fail(q, rc);
}

static int h_receipt(regen_req_t *q)
{
    rg_receipt_t *receipt = NULL;
    const rg_site_t *site = NULL;
    rg_outcome_t rc = rg_ledger_receipt(&receipt, &site, q->ctx, q->args[1]);
    if (rc == RG_OK && strcmp(receipt->patient_uid, q->args[0]) != 0) {
        rc = RG_NOT_FOUND;
    }
    return rc == RG_OK ? regen_page(q, RG_OK, "billing/receipt",
                                    rg_view_receipt(q->ctx->pool, receipt, site))
                       : regen_fail(q, rc);
}

/* What the address names: an act that has a form. */
static bool named_act(const regen_req_t *q, rg_entry_kind_t *kind)
{
    int found = rg_entry_kind_parse(q->args[1]);
    *kind = (rg_entry_kind_t)found;
    return found >= 0 && found != RG_ENTRY_BANKED && found != RG_ENTRY_OVER_SHORT;
}

static int act_page(regen_req_t *q, rg_outcome_t outcome, rg_entry_kind_t kind)
{
    rg_ledger_account_t *a = NULL;
    bool sent = q->form->pairs->nelts > 0;
    const char *charge = sent ? regen_field(q, "charge") : param_or_empty(q, "charge");
    const char *entry = sent ? regen_field(q, "entry") : param_or_empty(q, "entry");
    const rg_ledger_look_in_t in = {.patient_uid = q->args[0],
                                    .open = kind == RG_ENTRY_PAYMENT || kind == RG_ENTRY_USE,
                                    .charge = charge,
                                    .entry = kind == RG_ENTRY_REVERSAL ? entry : ""};
    rg_outcome_t rc = rg_ledger_look(&a, q->ctx, &in);
    return rc == RG_OK
               ? regen_page(q, outcome, "billing/act",
                            rg_view_ledger_act(q->ctx->pool, a, kind, q->form, charge, entry))
               : regen_fail(q, rc);
}

static int h_act(regen_req_t *q)
{
    rg_entry_kind_t kind;
    if (!named_act(q, &kind)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    return rg_ledger_may(q->ctx, kind) ? act_page(q, RG_OK, kind) : regen_fail(q, RG_FORBIDDEN);
}

static int chosen_invoices(const regen_req_t *q, const char **uids)
{
    int n = 0;
    for (int i = 0; i < q->form->pairs->nelts && n < INVOICES_MOST; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(q->form->pairs, i, rg_pair_t);
        if (strcmp(pair->name, "invoice") == 0) {
            uids[n++] = pair->value;
        }
    }
    return n;
}

static int h_act_post(regen_req_t *q)
{
    const char *uids[INVOICES_MOST];
    const char *receipt = "";
    rg_entry_kind_t kind;
    if (!named_act(q, &kind)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    const rg_ledger_in_t in = {.patient_uid = q->args[0],
                               .kind = kind,
                               .amount = regen_field(q, "amount"),
                               .currency = regen_field(q, "currency"),
                               .means = regen_field(q, "means"),
                               .reference = regen_field(q, "reference"),
                               .reason = regen_field(q, "reason"),
                               .note = regen_field(q, "note"),
                               .contractual = regen_field(q, "contractual"),
                               .paid = regen_field(q, "paid"),
                               .share = regen_field(q, "share"),
                               .site = regen_field(q, "site"),
                               .purpose = regen_field(q, "purpose"),
                               .keep = regen_field(q, "keep"),
                               .charge = regen_field(q, "charge"),
                               .entry = regen_field(q, "entry"),
                               .invoice_count = chosen_invoices(q, uids),
                               .invoices = uids};
    rg_outcome_t rc = rg_ledger_post(&receipt, q->ctx, &in);
    if (rc == RG_INVALID || rc == RG_PRECONDITION) {
        return act_page(q, rc, kind);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return *receipt ? regen_redirect(q, "/billing/patients/%s/receipts/%s", q->args[0], receipt)
                    : regen_redirect(q, "/billing/patients/%s", q->args[0]);
}

/* --- the cash desk ---------------------------------------------------------------------------- */

static int cash_page(regen_req_t *q, rg_outcome_t outcome, const char *site, const char *difference)
{
    rg_cash_desk_t *desk = NULL;
    rg_outcome_t rc = rg_cash_desk(&desk, q->ctx, site);
    return rc == RG_OK ? regen_page(q, outcome, "billing/cash",
                                    rg_view_cash(q->ctx->pool, desk, q->form, difference))
                       : regen_fail(q, rc);
}

static int h_cash(regen_req_t *q)
{
    return cash_page(q, RG_OK, param_or_empty(q, "site"), NULL);
}

static int h_cash_close(regen_req_t *q)
{
    rg_cash_close_t in = {.site = regen_field(q, "site"),
                          .counted = regen_field(q, "counted"),
                          .banked = regen_field(q, "banked"),
                          .note = regen_field(q, "note"),
                          .shown = regen_field(q, "shown")};
    rg_outcome_t rc = rg_cash_close(q->ctx, &in);
    if (rc == RG_INVALID || rc == RG_PRECONDITION) {
        return cash_page(q, rc, in.site, in.difference);
    }
    return rc == RG_OK ? regen_redirect(q, "/billing/cash?site=%s", in.site) : regen_fail(q, rc);
}

const regen_route_t regen_routes_ledger[] = {
    {"GET", "/billing/cash", MONEY, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_cash},
    {"POST", "/billing/cash", MONEY, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY,
     h_cash_close},
    {"GET", "/billing/patients", BILLING, 0, 0, REGEN_STAFF_AREA, h_owes},
    {"GET", "/billing/patients/*", MONEY, 0, 0, REGEN_STAFF_AREA, h_ledger},
    {"GET", "/billing/patients/*/*", MONEY, 0, 0, REGEN_STAFF_AREA, h_act},
    {"POST", "/billing/patients/*/*", MONEY, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_act_post},
    {"GET", "/billing/patients/*/receipts/*", MONEY, 0, 0, REGEN_STAFF_AREA, h_receipt},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
