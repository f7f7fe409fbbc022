/* SPDX-License-Identifier: Apache-2.0 */
/* What every act with money uses: refusing it in words, its entry, amounts and limits, the charge
 * that it is about. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/ledger.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <stdarg.h>
#include <string.h>

#include <apr_strings.h>
#include "mod_regen/clinic/billing/post.h"

rg_outcome_t rg_post_refuse(const rg_ctx_t *ctx, const char *field, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    rg_problem_add(ctx->problems, field, "%s", rg_text_vformat(ctx->pool, fmt, ap));
    va_end(ap);
    return RG_INVALID;
}

const char *rg_post_amount(const rg_ctx_t *ctx, const rg_post_t *p, int64_t minor)
{
    rg_money_t m = p->entry.amount;
    m.minor = minor;
    return rg_money_display(ctx->pool, m);
}

rg_outcome_t rg_post_entry(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    unsigned char once[32];
    rg_ledger_entry_t *e = &p->entry;
    bool seen = false;
    if (ctx->idem) {
        memcpy(once, ctx->idem->key, sizeof(once));
    }
    else {
        rg_crypto_sha256(once, e->uid, strlen(e->uid));
    }
    rg_outcome_t rc = rg_ledger_entry_add(db, ctx, e, once);
    if (rc == RG_CONFLICT) {
        RG_TRY(rg_ledger_seen(db, ctx, once, &seen));
    }
    if (seen) {
        rg_problem_add(ctx->problems, NULL,
                       "This form was sent before, and was posted then: see the account. To post "
                       "the same again, open the form again.");
        return RG_PRECONDITION;
    }
    return rc;
}

/* --- amounts ---------------------------------------------------------------------------------- */

/* "1,250.00" and "$40" are how people write "1250.00" and "40.00". Commas only where thousands
 * are: anything else may be meant as a decimal point, and stays, to be refused. */
static const char *plain_number(apr_pool_t *p, const char *typed, int digits)
{
    const char *s = *typed == '$' ? typed + 1 : typed;
    size_t whole = strspn(s, "0123456789,");
    char *out = apr_pstrdup(p, s);
    char *to = out;
    bool thousands = digits < 3 || s[whole] == '.';
    for (size_t i = 0; i < whole; i++) {
        thousands = thousands && (s[i] == ',') == ((whole - i) % 4 == 0 && i > 0);
    }
    if (!thousands) {
        return s;
    }
    for (; *s; s++) {
        if (*s != ',') {
            *to++ = *s;
        }
    }
    *to = '\0';
    return out;
}

rg_outcome_t rg_post_typed(const rg_ctx_t *ctx, const rg_post_t *p, const char *field,
                           const char *typed, rg_typed_t how, int64_t *out)
{
    const char *currency = p->entry.amount.currency;
    const int digits = rg_money_exponent(currency);
    const char *example = digits == 0 ? "125" : "125.00";
    rg_money_t parsed;
    *out = 0;
    if (how == RG_OR_EMPTY && !*typed) {
        return RG_OK;
    }
    if (!rg_money_parse(&parsed, plain_number(ctx->pool, typed, digits), currency)) {
        return rg_post_refuse(ctx, field, "Enter an amount in %s, such as %s.", currency, example);
    }
    if (parsed.minor < (how == RG_ABOVE_ZERO)) {
        return rg_post_refuse(ctx, field, "Enter an amount %s zero, such as %s.",
                              how == RG_ABOVE_ZERO ? "above" : "of at least", example);
    }
    if (parsed.minor > RG_AMOUNT_MOST) {
        return rg_post_refuse(ctx, field, "Enter at most %s at once.",
                              rg_post_amount(ctx, p, RG_AMOUNT_MOST));
    }
    *out = parsed.minor;
    return RG_OK;
}

/* --- limits ----------------------------------------------------------------------------------- */

int64_t rg_ledger_adjust_most(const rg_ctx_t *ctx, const char *currency)
{
    int64_t most = rg_may(ctx, RG_DEED_ADJUST_ANY) ? INT64_MAX
                   : rg_may(ctx, RG_DEED_BILL)     ? ctx->policy->billing_adjusts
                                                   : ctx->policy->desk_adjusts;
    int digits = rg_money_exponent(currency);
    for (int i = 0; i < digits && most < RG_AMOUNT_MOST; i++) {
        most *= 10;
    }
    return most;
}

/* An act and everything else of its kind on this account today, so that ten small ones are no more
 * than a large one. What administrators did is not counted. */
rg_outcome_t rg_post_limit(rg_db_t *db, const rg_ctx_t *ctx, const rg_post_t *p, const char *field,
                           int64_t minor)
{
    const char *currency = p->entry.amount.currency;
    int64_t most = rg_ledger_adjust_most(ctx, currency);
    int64_t spent = 0;
    const char *who = rg_may(ctx, RG_DEED_BILL) ? "an administrator" : "the billing staff";
    if (most == INT64_MAX) {
        return RG_OK;
    }
    if (most <= 0) {
        return rg_post_refuse(ctx, field, "This is for %s.", who);
    }
    RG_TRY(rg_ledger_spent(db, ctx, p->person.id, p->entry.day, currency, &spent));
    if (minor <= most - spent) {
        return RG_OK;
    }
    return spent > 0
               ? rg_post_refuse(ctx, field,
                                "Above %s on one account in a day this is for %s. %s was refunded, "
                                "discounted, written off or taken off here today.",
                                rg_post_amount(ctx, p, most), who, rg_post_amount(ctx, p, spent))
               : rg_post_refuse(ctx, field, "Above %s this is for %s.",
                                rg_post_amount(ctx, p, most), who);
}

/* --- what it is about ------------------------------------------------------------------------- */

static bool reason_fits(rg_entry_kind_t kind, int reason)
{
    switch (kind) {
    case RG_ENTRY_DISCOUNT:
        return reason == RG_REASON_COURTESY || reason == RG_REASON_HARDSHIP ||
               reason == RG_REASON_PROMPT;
    case RG_ENTRY_WRITE_OFF:
        return reason == RG_REASON_SMALL || reason == RG_REASON_BAD_DEBT ||
               reason == RG_REASON_HARDSHIP || reason == RG_REASON_COURTESY;
    case RG_ENTRY_PAYER_WRITE_OFF:
        return reason == RG_REASON_CONTRACTUAL || reason == RG_REASON_TIMELY ||
               reason == RG_REASON_DENIED || reason == RG_REASON_SMALL;
    default: return reason == RG_REASON_DEDUCTIBLE || reason == RG_REASON_SHARE;
    }
}

rg_outcome_t rg_post_reason(const rg_ctx_t *ctx, rg_post_t *p)
{
    int reason = rg_ledger_reason_parse(p->in->reason);
    if (reason < 0 || !reason_fits(p->in->kind, reason)) {
        return rg_post_refuse(ctx, "reason", "Choose the reason.");
    }
    p->entry.reason = rg_ledger_reason_name((rg_ledger_reason_t)reason);
    return RG_OK;
}

rg_outcome_t rg_post_patient(rg_db_t *db, const rg_ctx_t *ctx, const rg_ledger_line_t *l,
                             int64_t *id)
{
    const rg_account_key_t key = {
        .kind = RG_ACCOUNT_PATIENT, .patient_id = l->patient_id, .currency = l->currency};
    return rg_ledger_account(db, ctx, &key, id);
}

rg_outcome_t rg_post_line(const rg_ctx_t *ctx, const rg_post_t *p, rg_ledger_line_t **out)
{
    int64_t id = 0;
    bool number = rg_text_i64(&id, p->in->charge, 1, INT64_MAX);
    for (int i = 0; number && i < p->line_count; i++) {
        if (p->lines[i].charge_id == id &&
            strcmp(p->lines[i].currency, p->entry.amount.currency) == 0) {
            *out = &p->lines[i];
            return RG_OK;
        }
    }
    return rg_post_refuse(ctx, NULL, "Choose the charge.");
}
