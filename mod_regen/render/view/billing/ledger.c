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

static const char *const MEANS[] = {
    [RG_MEANS_CASH] = "Cash",
    [RG_MEANS_CHECK] = "Check",
    [RG_MEANS_CARD] = "Card terminal",
    [RG_MEANS_BANK] = "Bank transfer",
};
RG_WORDS_ALL(MEANS, RG_MEANS_COUNT);

static const char *const REASONS[] = {
    [RG_REASON_COURTESY] = "Courtesy",
    [RG_REASON_HARDSHIP] = "Financial hardship",
    [RG_REASON_PROMPT] = "Prompt payment",
    [RG_REASON_SMALL] = "Small balance",
    [RG_REASON_BAD_DEBT] = "Bad debt",
    [RG_REASON_DEDUCTIBLE] = "Deductible or coinsurance collected in advance",
    [RG_REASON_SHARE] = "Patient’s share by the payer’s decision (PR)",
};
RG_WORDS_ALL(REASONS, RG_LEDGER_REASON_COUNT);

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
    {"charge", "Charge"},
    {"deposit", "Deposit"},
    {"invoice", "Invoice"},
    {"credit-note", "Credit note"},
};

static const char *story_words(const char *kind)
{
    for (size_t i = 0; i < sizeof(STORY) / sizeof(*STORY); i++) {
        if (strcmp(STORY[i].kind, kind) == 0) {
            return STORY[i].words;
        }
    }
    return kind;
}

static const char *or_nil(const char *s)
{
    return s && *s ? s : NULL;
}

static void put_amount(rg_val_t *v, const char *key, apr_pool_t *p, int64_t minor,
                       const char *currency)
{
    rg_money_t m = {.minor = minor};
    apr_cpystrn(m.currency, currency, sizeof(m.currency));
    rg_view_money(v, key, p, m);
}

/* Nothing at all where there is nothing. */
static void put_some(rg_val_t *v, const char *key, apr_pool_t *p, int64_t minor,
                     const char *currency)
{
    if (minor != 0) {
        put_amount(v, key, p, minor, currency);
    }
}

static const char *means_words(const char *word)
{
    int means = rg_means_parse(word);
    return means >= 0 ? MEANS[means] : NULL;
}

static const char *ledger_reason_words(const char *word)
{
    int reason = rg_ledger_reason_parse(word);
    return reason >= 0 ? REASONS[reason] : NULL;
}

/* --- the account ------------------------------------------------------------------------------ */

static rg_val_t *account_page(apr_pool_t *p, const rg_ledger_account_t *a, const char *title)
{
    const char *name = rg_view_name(p, a->person.given, a->person.family);
    rg_val_t *page = rg_view_page(p, title, a->site);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "step", or_nil(name));
    rg_val_str(page, "patient", or_nil(name));
    rg_val_str(page, "patient_uid", a->person.uid);
    rg_val_bool(page, "may_reduce", a->adjust_most.minor > 0);
    return page;
}

static void put_ledger_sums(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a)
{
    rg_val_t *list = rg_val_set_list(page, "sums");
    bool deposit = false;
    bool owed = false;
    for (int i = 0; i < a->sum_count; i++) {
        const rg_ledger_sum_t *s = &a->sums[i];
        rg_val_t *v = rg_val_add(list);
        put_amount(v, "owed", p, s->owed, s->currency);
        put_some(v, "payer_owed", p, s->payer_owed, s->currency);
        put_some(v, "deposit", p, s->deposit, s->currency);
        deposit = deposit || s->deposit > 0;
        owed = owed || s->owed > 0;
    }
    rg_val_bool(page, "any_sums", a->sum_count > 0);
    rg_val_bool(page, "any_deposit", deposit);
    rg_val_bool(page, "any_owed", owed);
}

static const char *id_text(apr_pool_t *p, int64_t id)
{
    return apr_psprintf(p, "%" APR_INT64_T_FMT, id);
}

/* What was taken off what is the patient's: by discounts it is less, by write-offs it is not
 * owed. */
static void put_ledger_line(rg_val_t *v, apr_pool_t *p, const rg_ledger_account_t *a,
                            const rg_ledger_line_t *l)
{
    int64_t discount = l->charged - l->payer_owes - l->patient_part;
    int64_t written_off = l->patient_part - l->patient_owes - l->paid;
    rg_val_str(v, "id", id_text(p, l->charge_id));
    rg_val_str(v, "patient_uid", a->person.uid);
    rg_val_str(v, "booking_uid", l->booking_uid);
    rg_val_str(v, "service", l->service_name);
    rg_val_str(v, "code", l->code);
    rg_val_str(v, "description", l->description);
    rg_view_date(v, "date", p, l->service_date);
    put_amount(v, "charged", p, l->charged, l->currency);
    put_some(v, "paid", p, l->paid, l->currency);
    put_some(v, "discount", p, discount, l->currency);
    put_some(v, "written_off", p, written_off, l->currency);
    put_some(v, "by_payer", p, l->payer_owes, l->currency);
    put_some(v, "by_patient", p, l->patient_owes, l->currency);
    rg_val_str(v, "payer", or_nil(l->payer_name));
    rg_val_str(v, "invoice_uid", or_nil(l->invoice_uid));
    rg_val_str(v, "invoice_label", or_nil(l->invoice_label));
    rg_val_bool(v, "settled", l->payer_owes == 0 && l->patient_owes == 0);
    rg_val_bool(v, "may_reduce", l->patient_owes > 0 && a->adjust_most.minor > 0);
    rg_val_bool(v, "may_move", a->may_adjust && l->payer_owes > 0);
    rg_val_bool(v, "may_release", a->may_adjust && l->paid > 0);
    rg_val_bool(v, "may_void",
                a->may_adjust && l->charged > 0 && l->invoiced <= 0 &&
                    !(l->on_claim && l->claimed));
    rg_val_bool(v, "may_cover",
                a->may_adjust && l->insured && !l->claimed &&
                    (l->on_claim || (l->invoiced <= 0 && l->patient_owes == l->charged)));
    rg_val_bool(v, "on_claim", l->on_claim);
}

static void put_lines(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a)
{
    rg_val_t *list = rg_val_set_list(page, "charges");
    for (int i = 0; i < a->line_count; i++) {
        put_ledger_line(rg_val_add(list), p, a, &a->lines[i]);
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
        rg_val_str(v, "what", story_words(s->kind));
        rg_val_str(v, "label", or_nil(s->label));
        rg_val_str(v, "means", means_words(s->means));
        rg_val_str(v, "because", ledger_reason_words(s->reason));
        rg_val_str(v, "note", or_nil(s->note));
        rg_val_str(v, "reference", or_nil(s->reference));
        rg_val_str(v, "by", or_nil(s->staff));
        rg_val_str(v, "uid", or_nil(s->uid));
        rg_val_str(v, "patient_uid", a->person.uid);
        rg_val_str(v, "receipt_uid", or_nil(s->receipt_uid));
        rg_val_str(v, "invoice_uid", strcmp(s->kind, "invoice") == 0 ? s->uid : NULL);
        rg_val_bool(v, "reversed", s->reversed);
        rg_val_bool(v, "may_reverse", a->may_adjust && s->reversible && !s->reversed);
        put_change(v, "by_patient", p, s->patient, s->currency);
        put_change(v, "by_payer", p, s->payer, s->currency);
        put_change(v, "deposit", p, s->deposit, s->currency);
        put_amount(v, "owed", p, s->owed, s->currency);
        put_some(v, "payer_owed", p, s->payer_owed, s->currency);
        put_some(v, "left", p, s->left, s->currency);
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
    rg_val_t *page = account_page(p, a, "Patient account");
    put_ledger_sums(page, p, a);
    put_lines(page, p, a);
    put_story(page, p, a);
    return page;
}

/* --- the form of an act ----------------------------------------------------------------------- */

static const struct {
    const char *title, *lead, *button;
    bool amount, means, charge, entry, note, purpose, reference;
} FORMS[] = {
    [RG_ENTRY_PAYMENT] = {"Take a payment", NULL, "Post the payment", true, true, false, false,
                          false, true, true},
    [RG_ENTRY_USE] = {"Use the deposit", "The deposit pays what is owed, the oldest charges first.",
                      "Use the deposit", true, false, false, false, false, false, false},
    [RG_ENTRY_REFUND] = {"Refund", "Money goes back the way it came, and only what is not used.",
                         "Post the refund", true, true, false, false, true, false, true},
    [RG_ENTRY_DISCOUNT] = {"Give a discount", "The patient owes that much less of this charge.",
                           "Post the discount", true, false, true, false, true, false, false},
    [RG_ENTRY_WRITE_OFF] = {"Write off", "The clinic gives up this amount.", "Write it off", true,
                            false, true, false, true, false, false},
    [RG_ENTRY_MOVE] = {"Move to the patient",
                       "What a payer’s contract takes off (CO) is never the patient’s.",
                       "Move it to the patient", true, false, true, false, true, false, false},
    [RG_ENTRY_RELEASE] = {"Take a payment off a charge",
                          "All that was paid on this charge becomes the patient’s deposit. It can "
                          "be used for another charge or refunded.",
                          "Make it a deposit", false, false, true, false, true, false, false},
    [RG_ENTRY_REVERSAL] = {"Reverse",
                           "Everything it did is taken back by adding. Both stay on the "
                           "account.",
                           "Reverse it", false, false, false, true, true, false, false},
    [RG_ENTRY_VOID] = {"Take a charge off",
                       "The charge is no longer owed by anybody. What was paid on it becomes the "
                       "patient’s deposit.",
                       "Take the charge off", false, false, true, false, true, false, false},
    [RG_ENTRY_COVER] = {"Change who owes a charge", NULL, "Change it", false, false, true, false,
                        true, false, false},
    [RG_ENTRY_BANKED] = {NULL, NULL, NULL, false, false, false, false, false, false, false},
    [RG_ENTRY_OVER_SHORT] = {NULL, NULL, NULL, false, false, false, false, false, false, false},
};
RG_WORDS_ALL(FORMS, RG_ENTRY_KIND_COUNT);

static void put_typed(rg_val_t *page, apr_pool_t *p, const rg_form_t *typed)
{
    static const char *const names[] = {"amount", "reference", "note", "purpose", "site"};
    rg_val_t *v = rg_val_object(p);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        rg_val_str(v, names[i], or_nil(rg_form_get(typed, names[i])));
    }
    rg_val_set(page, "typed", v);
}

static void put_means(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a,
                      rg_entry_kind_t kind, const char *chosen)
{
    for (int i = 0; i < RG_MEANS_COUNT; i++) {
        const char *text = MEANS[i];
        int64_t left = 0;
        for (int k = 0; k < a->pot_count; k++) {
            left += (int)a->pots[k].means == i ? a->pots[k].left.minor : 0;
        }
        if (kind == RG_ENTRY_REFUND) {
            rg_money_t m = {.minor = left};
            memcpy(m.currency, a->person.currency, sizeof(m.currency));
            text = apr_psprintf(p, "%s (%s is not used)", text, rg_money_display(p, m));
        }
        if (kind != RG_ENTRY_REFUND || left > 0) {
            rg_view_choice(page, "means", p, "means", rg_means_name((rg_means_t)i), text, chosen);
        }
    }
    rg_val_bool(page, "any_means", kind != RG_ENTRY_REFUND || a->pot_count > 0);
}

static void put_reasons(rg_val_t *page, apr_pool_t *p, rg_entry_kind_t kind, const char *chosen)
{
    static const struct {
        rg_entry_kind_t kind;
        rg_ledger_reason_t reason;
    } offered[] = {
        {RG_ENTRY_DISCOUNT, RG_REASON_COURTESY},  {RG_ENTRY_DISCOUNT, RG_REASON_HARDSHIP},
        {RG_ENTRY_DISCOUNT, RG_REASON_PROMPT},    {RG_ENTRY_WRITE_OFF, RG_REASON_SMALL},
        {RG_ENTRY_WRITE_OFF, RG_REASON_BAD_DEBT}, {RG_ENTRY_WRITE_OFF, RG_REASON_HARDSHIP},
        {RG_ENTRY_WRITE_OFF, RG_REASON_COURTESY}, {RG_ENTRY_MOVE, RG_REASON_DEDUCTIBLE},
        {RG_ENTRY_MOVE, RG_REASON_SHARE},
    };
    bool any = false;
    for (size_t i = 0; i < sizeof(offered) / sizeof(*offered); i++) {
        if (offered[i].kind == kind) {
            rg_view_choice(page, "reasons", p, "reason", rg_ledger_reason_name(offered[i].reason),
                           REASONS[offered[i].reason], chosen);
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
    for (int i = 0; i < a->line_count; i++) {
        const rg_ledger_line_t *l = &a->lines[i];
        int64_t open = 0;
        bool first = *l->invoice_uid != '\0';
        for (int k = 0; k < a->line_count; k++) {
            if (strcmp(a->lines[k].invoice_uid, l->invoice_uid) == 0) {
                first = first && k >= i;
                open += a->lines[k].patient_owes;
            }
        }
        if (first && open > 0) {
            rg_val_t *v = rg_val_add(list);
            rg_val_str(v, "uid", l->invoice_uid);
            rg_val_str(v, "label", l->invoice_label);
            rg_val_str(v, "service", l->service_name);
            put_amount(v, "open", p, open, l->currency);
            rg_val_bool(v, "ticked", is_ticked(typed, "invoice", l->invoice_uid));
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
        if (strcmp(id_text(p, a->lines[i].charge_id), charge) == 0) {
            rg_val_t *v = rg_val_object(p);
            put_ledger_line(v, p, a, &a->lines[i]);
            rg_val_set(page, "one", v);
        }
    }
}

rg_val_t *rg_view_ledger_act(apr_pool_t *p, const rg_ledger_account_t *a, rg_entry_kind_t kind,
                             const rg_form_t *typed, const char *charge, const char *entry)
{
    rg_val_t *page = account_page(p, a, FORMS[kind].title);
    rg_val_str(page, "kind", rg_entry_kind_name(kind));
    rg_val_str(page, "lead", FORMS[kind].lead);
    rg_val_str(page, "button", FORMS[kind].button);
    rg_val_str(page, "currency", a->person.currency);
    rg_val_bool(page, "asks_amount", FORMS[kind].amount);
    rg_val_bool(page, "asks_means", FORMS[kind].means);
    rg_val_bool(page, "asks_note", FORMS[kind].note);
    rg_val_bool(page, "asks_purpose", FORMS[kind].purpose);
    rg_val_bool(page, "asks_reference", FORMS[kind].reference);
    rg_val_bool(page, "covers", kind == RG_ENTRY_COVER);
    put_typed(page, p, typed);
    put_ledger_sums(page, p, a);
    put_reasons(page, p, kind, rg_form_get(typed, "reason"));
    if (FORMS[kind].means) {
        put_means(page, p, a, kind, rg_form_get(typed, "means"));
    }
    if (FORMS[kind].purpose) {
        put_purposes(page, p, a, typed);
    }
    if (FORMS[kind].charge) {
        put_charge(page, p, a, charge);
        rg_val_str(page, "charge_id", charge);
    }
    rg_val_str(page, "entry_uid", FORMS[kind].entry ? entry : NULL);
    for (int i = 0; i < a->site_count; i++) {
        const char *chosen = or_nil(rg_form_get(typed, "site"));
        rg_view_choice(page, "sites", p, "site", a->sites[i]->code, a->sites[i]->name,
                       chosen ? chosen : a->site->code);
    }
    rg_val_bool(page, "several_sites", FORMS[kind].means && a->site_count > 1);
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
    rg_val_str(page, "means", means_words(r->means));
    rg_val_str(page, "reference", or_nil(r->reference));
    rg_val_str(page, "staff", r->staff);
    rg_val_str(page, "place", r->site_name);
    rg_view_time(page, "issued", p, site->zone, r->issued_at);
    rg_view_money(page, "amount", p, r->amount);
    put_amount(page, "owed", p, r->owed, r->amount.currency);
    put_some(page, "deposit", p, r->deposit, r->amount.currency);
    put_some(page, "kept", p, refund ? 0 : r->kept, r->amount.currency);
    rg_val_bool(page, "reversed", r->reversed);
    for (int i = 0; i < r->line_count; i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "description", r->lines[i].description);
        rg_val_str(v, "invoice_label", or_nil(r->lines[i].invoice_label));
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
    rg_val_str(v, "note", or_nil(c->note));
    rg_view_money(v, "counted", p, c->counted);
    put_amount(v, "expected", p, c->expected, c->counted.currency);
    put_change(v, "difference", p, c->counted.minor - c->expected, c->counted.currency);
    put_some(v, "banked", p, c->banked, c->counted.currency);
}

rg_val_t *rg_view_cash(apr_pool_t *p, const rg_cash_desk_t *d, const rg_form_t *typed)
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
        rg_val_str(v, names[i], or_nil(rg_form_get(typed, names[i])));
    }
    rg_val_set(page, "typed", v);
    for (int i = 0; i < d->sum_count; i++) {
        v = rg_val_add(sums);
        rg_val_str(v, "means", (int)d->sums[i].means >= 0 ? MEANS[d->sums[i].means] : NULL);
        rg_view_money(v, "in", p, d->sums[i].in);
        put_some(v, "out", p, d->sums[i].out, d->sums[i].in.currency);
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

rg_val_t *rg_view_owes(apr_pool_t *p, const rg_owes_t *o)
{
    rg_val_t *page = rg_view_page(p, "Patients who owe", o->site);
    rg_val_t *list = rg_val_set_list(page, "rows");
    rg_val_t *sums = rg_val_set_list(page, "sums");
    rg_money_t sum = {.minor = 0};
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "find", or_nil(o->find));
    rg_val_str(page, "minimum", or_nil(o->minimum));
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
            put_some(v, ages[k], p, r->age[k], r->owed.currency);
        }
        if (i == 0 || strcmp(sum.currency, r->owed.currency) == 0) {
            memcpy(sum.currency, r->owed.currency, sizeof(sum.currency));
            sum.minor += r->owed.minor;
        }
    }
    if (o->count > 0) {
        rg_view_money(rg_val_add(sums), "sum", p, sum);
    }
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
