/* SPDX-License-Identifier: Apache-2.0 */
/* The form of one act on a patient's account. */
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

/* --- the form of an act ----------------------------------------------------------------------- */

enum { AMOUNT = 1, MEANS = 2, CHARGE = 4, ENTRY = 8, NOTE = 16, PURPOSE = 32, REFERENCE = 64 };
static const struct {
    const char *title, *lead, *button;
    unsigned asks;
} FORMS[] = {
    [RG_ENTRY_PAYMENT] = {"Take a payment", NULL, "Post the payment",
                          AMOUNT | MEANS | PURPOSE | REFERENCE},
    [RG_ENTRY_USE] = {"Use the deposit", "The deposit pays what is owed, the oldest charges first.",
                      "Use the deposit", AMOUNT},
    [RG_ENTRY_REFUND] = {"Refund", "Money goes back the way it came, and only what is not used.",
                         "Post the refund", AMOUNT | MEANS | NOTE | REFERENCE},
    [RG_ENTRY_DISCOUNT] = {"Give a discount", "The patient owes that much less of this charge.",
                           "Post the discount", AMOUNT | CHARGE | NOTE},
    [RG_ENTRY_WRITE_OFF] = {"Write off", "The clinic gives up this amount.", "Write it off",
                            AMOUNT | CHARGE | NOTE},
    [RG_ENTRY_MOVE] = {"Move to the patient",
                       "What a payer’s contract takes off (CO) is never the patient’s.",
                       "Move it to the patient", AMOUNT | CHARGE | NOTE},
    [RG_ENTRY_RELEASE] = {"Take a payment off a charge",
                          "All that was paid on this charge becomes the patient’s deposit. It can "
                          "be used for another charge or refunded.",
                          "Make it a deposit", CHARGE | NOTE},
    [RG_ENTRY_REVERSAL] = {"Reverse",
                           "Everything it did is taken back by adding. Both stay on the "
                           "account.",
                           "Reverse it", ENTRY | NOTE},
    [RG_ENTRY_VOID] = {"Take a charge off",
                       "The charge is no longer owed by anybody. What was paid on it becomes the "
                       "patient’s deposit. If that was wrong, it can be charged again from the "
                       "history.",
                       "Take the charge off", CHARGE | NOTE},
    [RG_ENTRY_COVER] = {"Change who owes a charge", NULL, "Change it", CHARGE | NOTE},
    [RG_ENTRY_BANKED] = {NULL, NULL, NULL, 0},
    [RG_ENTRY_OVER_SHORT] = {NULL, NULL, NULL, 0},
    [RG_ENTRY_REMIT] = {"Post a payer’s decision",
                        "From the payer’s letter, for this charge. What its contract takes off is "
                        "never the patient’s. What you enter nowhere, such as what was denied, "
                        "stays with the payer.",
                        "Post the decision", MEANS | CHARGE | NOTE | REFERENCE},
    [RG_ENTRY_PAYER_WRITE_OFF] = {"Give up what a payer owes",
                                  "The payer owes that much less, and the patient is never asked "
                                  "for it.",
                                  "Give it up", AMOUNT | CHARGE | NOTE},
};
RG_WORDS_ALL(FORMS, RG_ENTRY_KIND_COUNT);

static void put_typed(rg_val_t *page, apr_pool_t *p, const rg_form_t *typed)
{
    static const char *const names[] = {"amount", "reference",   "note", "purpose",
                                        "site",   "contractual", "paid", "share"};
    rg_val_t *v = rg_val_object(p);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        rg_val_str(v, names[i], rg_val_or_nil(rg_form_get(typed, names[i])));
    }
    rg_val_set(page, "typed", v);
}

static void put_means(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a,
                      rg_entry_kind_t kind, const char *chosen)
{
    bool any = false;
    for (int i = 0; i < RG_MEANS_COUNT; i++) {
        const char *text = rg_means_words[i];
        int64_t left = 0;
        for (int k = 0; k < a->pot_count; k++) {
            const rg_ledger_pot_t *pot = &a->pots[k];
            bool same = strcmp(pot->left.currency, a->person.currency) == 0;
            left += same && (int)pot->means == i ? pot->left.minor : 0;
        }
        if (kind == RG_ENTRY_REFUND) {
            rg_money_t m = {.minor = left};
            memcpy(m.currency, a->person.currency, sizeof(m.currency));
            text = apr_psprintf(p, "%s (%s is not used)", text, rg_money_display(p, m));
        }
        any = any || left > 0;
        if (kind == RG_ENTRY_REFUND ? left > 0 : kind != RG_ENTRY_REMIT || i != RG_MEANS_CASH) {
            rg_view_choice(page, "means", p, "means", rg_means_name((rg_means_t)i), text, chosen);
        }
    }
    rg_val_bool(page, "any_means", kind != RG_ENTRY_REFUND || any);
}

static void put_reasons(rg_val_t *page, apr_pool_t *p, rg_entry_kind_t kind, const char *chosen)
{
    static const struct {
        rg_entry_kind_t kind;
        rg_ledger_reason_t reason;
    } offered[] = {
        {RG_ENTRY_DISCOUNT, RG_REASON_COURTESY},
        {RG_ENTRY_DISCOUNT, RG_REASON_HARDSHIP},
        {RG_ENTRY_DISCOUNT, RG_REASON_PROMPT},
        {RG_ENTRY_WRITE_OFF, RG_REASON_SMALL},
        {RG_ENTRY_WRITE_OFF, RG_REASON_BAD_DEBT},
        {RG_ENTRY_WRITE_OFF, RG_REASON_HARDSHIP},
        {RG_ENTRY_WRITE_OFF, RG_REASON_COURTESY},
        {RG_ENTRY_MOVE, RG_REASON_DEDUCTIBLE},
        {RG_ENTRY_MOVE, RG_REASON_SHARE},
        {RG_ENTRY_PAYER_WRITE_OFF, RG_REASON_CONTRACTUAL},
        {RG_ENTRY_PAYER_WRITE_OFF, RG_REASON_TIMELY},
        {RG_ENTRY_PAYER_WRITE_OFF, RG_REASON_DENIED},
        {RG_ENTRY_PAYER_WRITE_OFF, RG_REASON_SMALL},
    };
    bool any = false;
    for (size_t i = 0; i < sizeof(offered) / sizeof(*offered); i++) {
        if (offered[i].kind == kind) {
            rg_view_choice(page, "reasons", p, "reason", rg_ledger_reason_name(offered[i].reason),
                           rg_reason_words[offered[i].reason], chosen);
            any = true;
        }
    }
    rg_val_bool(page, "any_reasons", any);
}

static bool is_ticked(const rg_form_t *typed, const char *name, const char *value)
{
    for (int i = 0; i < typed->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(typed->pairs, i, rg_pair_t);
        if (strcmp(pair->name, name) == 0 && strcmp(pair->value, value) == 0) {
            return true;
        }
    }
    return false;
}

/* Invoices that are open, each once, with what is open of it. */
static void put_invoices(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a,
                         const rg_form_t *typed)
{
    rg_val_t *list = rg_val_set_list(page, "invoices");
    for (int i = 0; i < a->asked_count; i++) {
        const rg_ledger_asked_t *x = &a->asked[i];
        int64_t open = 0;
        bool first = true;
        for (int k = 0; k < a->asked_count; k++) {
            if (strcmp(a->asked[k].uid, x->uid) == 0) {
                first = first && k >= i;
                open += a->asked[k].open;
            }
        }
        if (first) {
            rg_val_t *v = rg_val_add(list);
            rg_val_str(v, "uid", x->uid);
            rg_val_str(v, "label", x->label);
            rg_val_str(v, "service", x->service_name);
            rg_view_minor(v, "open", p, open, x->currency);
            rg_val_bool(v, "ticked", is_ticked(typed, "invoice", x->uid));
            rg_val_bool(v, "first", rg_val_count(list) == 1);
        }
    }
    rg_val_bool(page, "any_invoices", rg_val_count(list) > 0);
}

static void put_purposes(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a,
                         const rg_form_t *typed)
{
    const char *chosen = rg_form_get(typed, "purpose");
    bool owes = false;
    for (int i = 0; i < a->line_count; i++) {
        owes = owes || a->lines[i].patient_owes > 0;
    }
    chosen = chosen ? chosen : owes ? "owed" : "deposit";
    put_invoices(page, p, a, typed);
    rg_view_choice(page, "purposes", p, "purpose", "owed", "What is owed, the oldest first",
                   chosen);
    rg_view_choice(page, "purposes", p, "purpose", "invoices", "The invoices chosen below", chosen);
    rg_view_choice(page, "purposes", p, "purpose", "deposit", "A deposit, before there are charges",
                   chosen);
}

static void put_charge(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a,
                       const char *charge)
{
    for (int i = 0; charge && i < a->line_count; i++) {
        if (strcmp(rg_view_id(p, a->lines[i].charge_id), charge) == 0) {
            rg_val_t *v = rg_val_object(p);
            rg_view_ledger_line(v, p, a, &a->lines[i]);
            rg_val_set(page, "one", v);
        }
    }
}

/* What is to be reversed, and what must be before it. */
static void put_reversal(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a)
{
    rg_val_t *list = rg_val_set_list(page, "before");
    rg_val_t *v = rg_val_object(p);
    for (int i = 0; i < a->first_count; i++) {
        const rg_ledger_first_t *f = &a->first[i];
        rg_val_t *item = rg_val_add(list);
        bool invoice = strcmp(f->kind, "invoice") == 0;
        rg_val_str(item, "what", rg_view_deed(f->kind));
        rg_val_str(item, invoice ? "invoice_uid" : "entry", f->uid);
        rg_val_str(item, "label", rg_val_or_nil(f->label));
        rg_val_str(item, "patient_uid", a->person.uid);
        rg_view_time(item, "at", p, a->site->zone, f->at);
        rg_view_money(item, "amount", p, f->amount);
    }
    rg_val_bool(page, "any_before", a->first_count > 0);
    rg_val_str(v, "what", rg_view_deed(rg_entry_kind_name(a->entry.kind)));
    rg_view_date(v, "day", p, a->entry.day);
    rg_view_money(v, "amount", p, a->entry.amount);
    rg_val_str(v, "note", rg_val_or_nil(a->entry.note));
    rg_val_set(page, "back", v);
    if (a->entry.kind == RG_ENTRY_VOID) {
        rg_val_str(page, "title", "Charge it again");
        rg_val_str(page, "lead",
                   "The charge comes back as a new one, owed as it would be now. Payments, "
                   "discounts and write-offs of the old one do not come back: what was paid is the "
                   "patient’s deposit, if it was not used since.");
        rg_val_str(page, "button", "Charge it again");
    }
}

rg_val_t *rg_view_ledger_act(apr_pool_t *p, const rg_ledger_account_t *a, rg_entry_kind_t kind,
                             const rg_form_t *typed, const char *charge, const char *entry)
{
    const unsigned asks = FORMS[kind].asks;
    rg_val_t *page = rg_view_ledger_page(p, a, FORMS[kind].title);
    rg_val_str(page, "kind", rg_entry_kind_name(kind));
    rg_val_str(page, "lead", FORMS[kind].lead);
    rg_val_str(page, "button", FORMS[kind].button);
    rg_val_str(page, "currency", a->person.currency);
    rg_val_bool(page, "asks_amount", (asks & AMOUNT) != 0);
    rg_val_bool(page, "asks_means", (asks & MEANS) != 0);
    rg_val_bool(page, "asks_note", (asks & NOTE) != 0);
    rg_val_bool(page, "asks_purpose", (asks & PURPOSE) != 0);
    rg_val_bool(page, "asks_reference", (asks & REFERENCE) != 0);
    rg_val_bool(page, "asks_decision", kind == RG_ENTRY_REMIT);
    rg_val_bool(page, "covers", kind == RG_ENTRY_COVER);
    put_typed(page, p, typed);
    rg_view_ledger_sums(page, p, a);
    put_reasons(page, p, kind, rg_form_get(typed, "reason"));
    if (a->has_entry) {
        put_reversal(page, p, a);
    }
    if (asks & MEANS) {
        put_means(page, p, a, kind, rg_form_get(typed, "means"));
    }
    if (asks & PURPOSE) {
        put_purposes(page, p, a, typed);
    }
    if (asks & CHARGE) {
        put_charge(page, p, a, charge);
        rg_val_str(page, "charge_id", charge);
    }
    rg_val_str(page, "entry_uid", (asks & ENTRY) ? entry : NULL);
    for (int i = 0; i < a->site_count; i++) {
        const char *chosen = rg_val_or_nil(rg_form_get(typed, "site"));
        rg_view_choice(page, "sites", p, "site", a->sites[i]->code, a->sites[i]->name,
                       chosen ? chosen : a->site->code);
    }
    rg_val_bool(page, "several_sites", (asks & MEANS) && a->site_count > 1);
    return page;
}
