/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of the ledger share: words, amounts, one charge. */
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

const char *const rg_means_words[] = {
    [RG_MEANS_CASH] = "Cash",
    [RG_MEANS_CHECK] = "Check",
    [RG_MEANS_CARD] = "Card terminal",
    [RG_MEANS_BANK] = "Bank transfer",
};
RG_WORDS_ALL(rg_means_words, RG_MEANS_COUNT);

const char *const rg_reason_words[] = {
    [RG_REASON_COURTESY] = "Courtesy",
    [RG_REASON_HARDSHIP] = "Financial hardship",
    [RG_REASON_PROMPT] = "Prompt payment",
    [RG_REASON_SMALL] = "Small balance",
    [RG_REASON_BAD_DEBT] = "Bad debt",
    [RG_REASON_DEDUCTIBLE] = "Deductible or coinsurance collected in advance",
    [RG_REASON_SHARE] = "Patient’s share by the payer’s decision (PR)",
    [RG_REASON_CONTRACTUAL] = "Contractual: the payer’s contract takes it off (CO)",
    [RG_REASON_TIMELY] = "Too late to be claimed (timely filing)",
    [RG_REASON_DENIED] = "Denied by the payer, and no appeal",
};
RG_WORDS_ALL(rg_reason_words, RG_LEDGER_REASON_COUNT);

const char *rg_val_or_nil(const char *s)
{
    return s && *s ? s : NULL;
}

void rg_view_minor(rg_val_t *v, const char *key, apr_pool_t *p, int64_t minor, const char *currency)
{
    rg_money_t m = {.minor = minor};
    apr_cpystrn(m.currency, currency, sizeof(m.currency));
    rg_view_money(v, key, p, m);
}

/* Nothing at all where there is nothing. */
void rg_view_some(rg_val_t *v, const char *key, apr_pool_t *p, int64_t minor, const char *currency)
{
    if (minor != 0) {
        rg_view_minor(v, key, p, minor, currency);
    }
}

const char *rg_view_means(const char *word)
{
    int means = rg_means_parse(word);
    return means >= 0 ? rg_means_words[means] : NULL;
}

const char *rg_view_reason(const char *word)
{
    int reason = rg_ledger_reason_parse(word);
    return reason >= 0 ? rg_reason_words[reason] : NULL;
}

rg_val_t *rg_view_ledger_page(apr_pool_t *p, const rg_ledger_account_t *a, const char *title)
{
    const char *name = rg_view_name(p, a->person.given, a->person.family);
    rg_val_t *page = rg_view_page(p, title, a->site);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "step", rg_val_or_nil(name));
    rg_val_str(page, "patient", rg_val_or_nil(name));
    rg_val_str(page, "patient_uid", a->person.uid);
    rg_val_bool(page, "may_reduce", a->adjust_most.minor > 0);
    return page;
}

void rg_view_ledger_sums(rg_val_t *page, apr_pool_t *p, const rg_ledger_account_t *a)
{
    rg_val_t *list = rg_val_set_list(page, "sums");
    bool deposit = false;
    bool owed = false;
    for (int i = 0; i < a->sum_count; i++) {
        const rg_ledger_sum_t *s = &a->sums[i];
        rg_val_t *v = rg_val_add(list);
        rg_view_minor(v, "owed", p, s->owed, s->currency);
        rg_view_some(v, "payer_owed", p, s->payer_owed, s->currency);
        rg_view_some(v, "deposit", p, s->deposit, s->currency);
        deposit = deposit || s->deposit > 0;
        owed = owed || s->owed > 0;
    }
    rg_val_bool(page, "any_sums", a->sum_count > 0);
    rg_val_bool(page, "any_deposit", deposit);
    rg_val_bool(page, "any_owed", owed);
}

const char *rg_view_id(apr_pool_t *p, int64_t id)
{
    return apr_psprintf(p, "%" APR_INT64_T_FMT, id);
}

/* What was taken off what is the patient's: by discounts it is less, by write-offs it is not
 * owed. */
void rg_view_ledger_charge(rg_val_t *v, apr_pool_t *p, const rg_ledger_line_t *l)
{
    int64_t payer_part = l->payer_owes + l->payer_paid + l->contractual + l->payer_off;
    int64_t discount = l->charged - payer_part - l->patient_part;
    int64_t written_off = l->patient_part - l->patient_owes - l->paid;
    rg_val_str(v, "booking_uid", l->booking_uid);
    rg_val_str(v, "service", l->service_name);
    rg_val_str(v, "code", l->code);
    rg_val_str(v, "modifier", rg_val_or_nil(l->modifier));
    rg_val_str(v, "description", l->description);
    rg_view_date(v, "date", p, l->service_date);
    rg_view_minor(v, "charged", p, l->charged, l->currency);
    rg_view_some(v, "paid", p, l->paid, l->currency);
    rg_view_some(v, "discount", p, discount, l->currency);
    rg_view_some(v, "written_off", p, written_off, l->currency);
    rg_view_some(v, "payer_paid", p, l->payer_paid, l->currency);
    rg_view_some(v, "contractual", p, l->contractual, l->currency);
    rg_view_some(v, "payer_off", p, l->payer_off, l->currency);
    rg_view_some(v, "by_payer", p, l->payer_owes, l->currency);
    rg_view_some(v, "part", p, l->patient_part, l->currency);
    rg_view_some(v, "by_patient", p, l->patient_owes, l->currency);
    rg_val_str(v, "payer", rg_val_or_nil(l->payer_name));
    rg_val_str(v, "invoice_uid", rg_val_or_nil(l->invoice_uid));
    rg_val_str(v, "invoice_label", rg_val_or_nil(l->invoice_label));
    rg_val_bool(v, "settled", l->payer_owes == 0 && l->patient_owes == 0);
    rg_val_bool(v, "not_invoiced", l->patient_part > l->invoiced && l->patient_owes > 0);
}

void rg_view_ledger_line(rg_val_t *v, apr_pool_t *p, const rg_ledger_account_t *a,
                         const rg_ledger_line_t *l)
{
    rg_view_ledger_charge(v, p, l);
    rg_val_str(v, "id", rg_view_id(p, l->charge_id));
    rg_val_str(v, "patient_uid", a->person.uid);
    rg_val_bool(v, "may_reduce", l->patient_owes > 0 && a->adjust_most.minor > 0);
    rg_val_bool(v, "may_move", a->may_adjust && l->payer_owes > 0);
    rg_val_bool(v, "may_remit", a->may_adjust && l->payer_owes > 0 && l->claimed);
    rg_val_bool(v, "may_give_up", a->may_adjust && l->payer_owes > 0 && a->adjust_most.minor > 0);
    rg_val_bool(v, "may_release", a->may_adjust && l->paid > 0);
    rg_val_bool(v, "may_void",
                a->may_adjust && a->adjust_most.minor > 0 && l->charged > 0 && l->invoiced <= 0 &&
                    !(l->on_claim && l->claimed));
    rg_val_bool(v, "may_cover",
                a->may_adjust && l->charged > 0 && l->insured && !l->claimed &&
                    (l->on_claim || (l->invoiced <= 0 && l->patient_owes == l->charged)));
    rg_val_bool(v, "on_claim", l->on_claim);
}
