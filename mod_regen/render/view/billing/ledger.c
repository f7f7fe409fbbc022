/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the ledger: a patient's account, the forms of what is posted, receipts, who owes. */
#include "regen/clinic/ledger.h"
#include "regen/core/form.h"
#include "regen/core/money.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/ledger.h"
#include "regen/model/place.h"
#include "regen/render/view.h"
#include "regen/render/view_ledger.h"

#include <string.h>

#include <apr_strings.h>
#include "mod_regen/render/view/billing/parts.h"

/* What happened, in the story; entries first, then what follows from charges, and papers. */
static const struct {
    const char *kind, *words;
} STORY[] = {
    {"payment", "Payment"},
    {"use", "Deposit used"},
    {"refund", "Refund"},
    {"discount", "Discount"},
    {"write-off", "Write-off"},
    {"move", "Who owes it changed"},
    {"release", "Payment became a deposit"},
    {"reversal", "Reversal"},
    {"void", "Charge taken off"},
    {"cover", "Claim line changed"},
    {"remit", "Payer’s decision"},
    {"payer-write-off", "Payer’s part given up"},
    {"charge", "Charge"},
    {"deposit", "Deposit"},
    {"invoice", "Invoice"},
    {"credit-note", "Credit note"},
};

const char *rg_view_deed(const char *kind)
{
    for (size_t i = 0; i < sizeof(STORY) / sizeof(*STORY); i++) {
        if (strcmp(STORY[i].kind, kind) == 0) {
            return STORY[i].words;
        }
    }
    return kind;
}

/* --- the account ------------------------------------------------------------------------------ */

static void put_lines(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a)
{
    rg_val_t *list = rg_val_set_list(page, "charges");
    for (int i = 0; i < a->line_count; i++) {
        rg_view_ledger_line(rg_val_add(list), p, a, &a->lines[i]);
    }
    rg_val_bool(page, "any_charges", a->line_count > 0);
    rg_val_bool(page, "many_charges", a->line_count >= RG_LEDGER_LINES);
}

/* "+ $40.00" and "− $40.00". */
static void put_change(rg_val_t *v, const char *key, apr_pool_t *p, int64_t minor,
                       const char *currency)
{
    rg_money_t m = {.minor = minor < 0 ? -minor : minor};
    apr_cpystrn(m.currency, currency, sizeof(m.currency));
    if (minor != 0) {
        rg_val_str(v, key, apr_pstrcat(p, minor < 0 ? "− " : "+ ", rg_money_display(p, m), NULL));
    }
}

static void put_story(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a)
{
    rg_val_t *list = rg_val_set_list(page, "story");
    for (int i = 0; i < a->story_count; i++) {
        const rg_ledger_story_t *s = &a->story[i];
        rg_val_t *v = rg_val_add(list);
        rg_view_time(v, "at", p, a->site->zone, s->at);
        rg_val_str(v, "what", rg_view_deed(s->kind));
        rg_val_bool(v, "was_void", strcmp(s->kind, "void") == 0);
        rg_val_str(v, "label", rg_val_or_nil(s->label));
        rg_val_str(v, "means", rg_view_means(s->means));
        rg_val_str(v, "because", rg_view_reason(s->reason));
        rg_val_str(v, "note", rg_val_or_nil(s->note));
        rg_val_str(v, "reference", rg_val_or_nil(s->reference));
        rg_val_str(v, "by", rg_val_or_nil(s->staff));
        rg_val_str(v, "uid", rg_val_or_nil(s->uid));
        rg_val_str(v, "patient_uid", a->person.uid);
        rg_val_str(v, "receipt_uid", rg_val_or_nil(s->receipt_uid));
        rg_val_str(v, "invoice_uid", strcmp(s->kind, "invoice") == 0 ? s->uid : NULL);
        rg_val_bool(v, "reversed", s->reversed);
        rg_val_bool(v, "may_reverse", a->may_adjust && s->reversible && !s->reversed);
        put_change(v, "by_patient", p, s->patient, s->currency);
        put_change(v, "by_payer", p, s->payer, s->currency);
        put_change(v, "deposit", p, s->deposit, s->currency);
        rg_view_minor(v, "owed", p, s->owed, s->currency);
        rg_view_some(v, "payer_owed", p, s->payer_owed, s->currency);
        rg_view_some(v, "left", p, s->left, s->currency);
    }
    rg_val_bool(page, "any_story", a->story_count > 0);
    rg_val_bool(page, "several", a->page > 1 || a->more);
    rg_val_int(page, "page", a->page);
    if (a->page > 1) {
        rg_val_int(page, "previous", a->page - 1);
    }
    if (a->more) {
        rg_val_int(page, "following", a->page + 1);
    }
}

rg_val_t *rg_view_ledger(apr_pool_t *p, const rg_ledger_account_t *a)
{
    rg_val_t *page = rg_view_ledger_page(p, a, "Patient account");
    rg_view_ledger_sums(page, p, a);
    put_lines(page, p, a);
    put_story(page, p, a);
    return page;
}

/* --- a receipt -------------------------------------------------------------------------------- */

rg_val_t *rg_view_receipt(apr_pool_t *p, const rg_receipt_t *r, const rg_site_t *site)
{
    bool refund = strcmp(r->kind, "refund") == 0;
    rg_val_t *page = rg_view_page(p, apr_pstrcat(p, "Receipt ", r->label, NULL), site);
    rg_val_t *list = rg_val_set_list(page, "lines");
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "label", r->label);
    rg_val_bool(page, "refund", refund);
    rg_val_str(page, "patient", r->patient_name);
    rg_val_str(page, "patient_uid", r->patient_uid);
    rg_val_str(page, "issuer", r->issuer);
    rg_val_str(page, "means", rg_view_means(r->means));
    rg_val_str(page, "reference", rg_val_or_nil(r->reference));
    rg_val_str(page, "taken_by", r->staff);
    rg_val_str(page, "place", r->site_name);
    rg_view_time(page, "issued", p, site->zone, r->issued_at);
    rg_view_money(page, "amount", p, r->amount);
    rg_view_minor(page, "owed", p, r->owed, r->amount.currency);
    rg_view_some(page, "deposit", p, r->deposit, r->amount.currency);
    rg_view_some(page, "kept", p, refund ? 0 : r->kept, r->amount.currency);
    rg_val_bool(page, "reversed", r->reversed);
    for (int i = 0; i < r->line_count; i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "description", r->lines[i].description);
        rg_val_str(v, "invoice_label", rg_val_or_nil(r->lines[i].invoice_label));
        rg_view_money(v, "amount", p, r->lines[i].amount);
    }
    rg_val_bool(page, "any_lines", r->line_count > 0);
    return page;
}

/* --- the cash desk ---------------------------------------------------------------------------- */

static void put_count(rg_val_t *v, apr_pool_t *p, const rg_cash_count_t *c)
{
    rg_view_date(v, "day", p, c->day);
    rg_val_str(v, "by", c->staff);
    rg_val_str(v, "note", rg_val_or_nil(c->note));
    rg_view_money(v, "counted", p, c->counted);
    rg_view_minor(v, "expected", p, c->expected, c->counted.currency);
    put_change(v, "difference", p, c->counted.minor - c->expected, c->counted.currency);
    rg_view_some(v, "banked", p, c->banked, c->counted.currency);
}

rg_val_t *rg_view_cash(apr_pool_t *p, const rg_cash_desk_t *d, const rg_form_t *typed,
                       const char *difference)
{
    static const char *const names[] = {"counted", "banked", "note"};
    rg_val_t *page = rg_view_page(p, "Cash desk", d->site);
    rg_val_t *sums = rg_val_set_list(page, "sums");
    rg_val_t *counts = rg_val_set_list(page, "counts");
    rg_val_t *v = rg_val_object(p);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "site", d->site->name);
    rg_val_str(page, "site_code", d->site->code);
    rg_val_str(page, "currency", d->currency);
    rg_val_bool(page, "closed", d->closed);
    rg_view_date(page, "today", p, d->day);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        rg_val_str(v, names[i], rg_val_or_nil(rg_form_get(typed, names[i])));
    }
    rg_val_set(page, "typed", v);
    rg_val_str(page, "shown", difference);
    for (int i = 0; i < d->sum_count; i++) {
        v = rg_val_add(sums);
        rg_val_str(v, "means",
                   (int)d->sums[i].means >= 0 ? rg_means_words[d->sums[i].means] : NULL);
        rg_view_money(v, "in", p, d->sums[i].in);
        rg_view_some(v, "out", p, d->sums[i].out, d->sums[i].in.currency);
        rg_val_int(v, "count", d->sums[i].count);
    }
    rg_val_bool(page, "any_sums", d->sum_count > 0);
    for (int i = 0; i < d->count_count; i++) {
        put_count(rg_val_add(counts), p, &d->counts[i]);
    }
    rg_val_bool(page, "any_counts", d->count_count > 0);
    for (int i = 0; i < d->site_count; i++) {
        rg_view_choice(page, "sites", p, "site", d->sites[i]->code, d->sites[i]->name,
                       d->site->code);
    }
    rg_val_bool(page, "several_sites", d->site_count > 1);
    return page;
}

/* --- who owes --------------------------------------------------------------------------------- */

/* One sum for each currency. */
static void put_owes_sums(rg_val_t *sums, apr_pool_t *p, const rg_owes_t *o)
{
    for (int i = 0; i < o->count; i++) {
        rg_money_t sum = o->rows[i].owed;
        bool first = true;
        for (int k = 0; k < o->count; k++) {
            bool same = strcmp(o->rows[k].owed.currency, sum.currency) == 0;
            first = first && (k >= i || !same);
            sum.minor += same && k != i ? o->rows[k].owed.minor : 0;
        }
        if (first) {
            rg_view_money(rg_val_add(sums), "sum", p, sum);
        }
    }
}

rg_val_t *rg_view_owes(apr_pool_t *p, const rg_owes_t *o)
{
    rg_val_t *page = rg_view_page(p, "Patients who owe", o->site);
    rg_val_t *list = rg_val_set_list(page, "rows");
    rg_val_t *sums = rg_val_set_list(page, "sums");
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "find", rg_val_or_nil(o->find));
    rg_val_str(page, "minimum", rg_val_or_nil(o->minimum));
    rg_val_int(page, "days", o->age);
    for (int i = 0; i < o->count; i++) {
        const rg_owes_row_t *r = &o->rows[i];
        rg_val_t *v = rg_val_add(list);
        static const char *const ages[] = {"to_30", "to_60", "to_90", "older"};
        rg_val_str(v, "uid", r->uid);
        rg_val_str(v, "patient", rg_view_name(p, r->given, r->family));
        rg_view_money(v, "owed", p, r->owed);
        rg_view_time(v, "since", p, o->site->zone, r->since);
        for (int k = 0; k < 4; k++) {
            rg_view_some(v, ages[k], p, r->age[k], r->owed.currency);
        }
    }
    put_owes_sums(sums, p, o);
    rg_val_bool(page, "any_rows", o->count > 0);
    rg_val_bool(page, "filtered", *o->find || *o->minimum || o->age > 0);
    for (int days = 0; days <= 90; days += 30) {
        rg_view_choice(page, "ages", p, "age", apr_itoa(p, days),
                       days ? apr_psprintf(p, "More than %d days", days) : "Any age",
                       apr_itoa(p, o->age));
    }
    rg_val_bool(page, "several", o->page > 1 || o->more);
    rg_val_int(page, "page", o->page);
    if (o->page > 1) {
        rg_val_int(page, "previous", o->page - 1);
    }
    if (o->more) {
        rg_val_int(page, "following", o->page + 1);
    }
    return page;
}
