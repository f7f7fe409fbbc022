/* SPDX-License-Identifier: Apache-2.0 */
/* What a patient owes, behind the link of a booking. */
#include "regen/clinic/mine.h"
#include "regen/core/money.h"
#include "regen/core/val.h"
#include "regen/model/ledger.h"
#include "regen/model/money.h"
#include "regen/model/place.h"
#include "regen/render/view.h"
#include "regen/render/view_billing.h"
#include "regen/render/view_ledger.h"

#include <string.h>

#include <apr_strings.h>
#include "mod_regen/render/view/billing/parts.h"

static int64_t owed_here(const rg_mine_t *m, const char *currency)
{
    int64_t owed = 0;
    for (int i = 0; i < m->line_count; i++) {
        owed += strcmp(m->lines[i].currency, currency) == 0 ? m->lines[i].patient_owes : 0;
    }
    return owed;
}

/* By currency: here, for other bookings, the deposit. */
static void put_my_sums(rg_val_t *page, apr_pool_t *p, const rg_mine_t *m)
{
    rg_val_t *list = rg_val_set_list(page, "sums");
    bool any = false;
    for (int i = 0; i < m->sum_count; i++) {
        const rg_ledger_sum_t *s = &m->sums[i];
        rg_val_t *v = rg_val_add(list);
        int64_t here = owed_here(m, s->currency);
        rg_view_some(v, "here", p, here, s->currency);
        rg_view_some(v, "elsewhere", p, s->owed, s->currency);
        rg_view_some(v, "together", p, s->owed > 0 && here > 0 ? s->owed + here : 0, s->currency);
        rg_view_some(v, "deposit", p, s->deposit, s->currency);
        any = any || here > 0 || s->owed > 0;
    }
    rg_val_bool(page, "owes", any);
}

static void put_my_charges(rg_val_t *page, apr_pool_t *p, const rg_mine_t *m)
{
    rg_val_t *list = rg_val_set_list(page, "charges");
    const char *currency = m->line_count ? m->lines[0].currency : m->whose.currency;
    for (int i = 0; i < m->line_count; i++) {
        rg_view_ledger_charge(rg_val_add(list), p, &m->lines[i]);
    }
    rg_val_bool(page, "any_charges", m->line_count > 0);
    rg_view_some(page, "payer_open", p, m->payer_owes, currency);
    rg_val_str(page, "payer", rg_val_or_nil(m->whose.payer_name));
}

static void put_my_receipts(rg_val_t *page, apr_pool_t *p, const rg_mine_t *m,
                            const rg_site_t *site)
{
    rg_val_t *list = rg_val_set_list(page, "receipts");
    for (int i = 0; i < m->receipt_count; i++) {
        const rg_mine_receipt_t *r = &m->receipts[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "uid", r->uid);
        rg_val_str(v, "label", r->label);
        rg_val_str(v, "means", rg_view_means(r->means));
        rg_val_bool(v, "refund", strcmp(r->kind, "refund") == 0);
        rg_val_bool(v, "reversed", r->reversed);
        rg_view_time(v, "issued", p, site->zone, r->issued_at);
        rg_view_money(v, "amount", p, r->amount);
    }
    rg_val_bool(page, "any_receipts", m->receipt_count > 0);
    rg_val_bool(page, "many_receipts", m->receipt_count >= RG_MINE_RECEIPTS);
}

static void put_my_credits(rg_val_t *page, apr_pool_t *p, const rg_mine_t *m, const rg_site_t *site)
{
    rg_val_t *list = rg_val_set_list(page, "credits");
    for (int i = 0; i < m->credit_count; i++) {
        const rg_credit_note_t *n = &m->credits[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "uid", n->uid);
        rg_val_str(v, "label", n->label);
        rg_val_str(v, "of", n->invoice_label);
        rg_view_time(v, "issued", p, site->zone, n->issued_at);
        rg_view_money(v, "total", p, n->total);
    }
}

rg_val_t *rg_view_mine(apr_pool_t *p, const rg_mine_t *m, const rg_site_t *site)
{
    rg_val_t *page = rg_view_page(p, "Costs and payments", site);
    put_my_sums(page, p, m);
    put_my_charges(page, p, m);
    rg_view_invoices(page, p, site->zone, m->invoices, m->invoice_count);
    put_my_credits(page, p, m, site);
    put_my_receipts(page, p, m, site);
    rg_val_bool(page, "any_papers", m->invoice_count + m->credit_count > 0);
    return page;
}

rg_val_t *rg_view_my_receipt(apr_pool_t *p, const rg_receipt_t *r, const rg_site_t *site,
                             int64_t booking_id)
{
    rg_receipt_t mine = *r;
    mine.lines = apr_pmemdup(p, r->lines, sizeof(*r->lines) * (size_t)(r->line_count + 1));
    for (int i = 0; i < mine.line_count; i++) {
        if (mine.lines[i].booking_id != booking_id) {
            mine.lines[i].description = "Another treatment";
            mine.lines[i].invoice_label = "";
        }
    }
    return rg_view_receipt(p, &mine, site);
}
