/* SPDX-License-Identifier: Apache-2.0 */
/* The cash desk of a site is counted and closed once a day: what was counted, the difference to
 * what the ledger says and why, and what is taken to the bank. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/ledger.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>
#include "mod_regen/clinic/billing/post.h"

enum { COUNTS_SHOWN = 14, WHY_LONGEST = 200 };

/* The clinic's currency: that of its first service. */
static const char *currency_of(const rg_catalogue_t *c)
{
    return c->count ? c->services[0]->price.currency : "USD";
}

/* NULL: there is no such site. CODE "": the first one. */
static const rg_site_t *desk_site(const rg_catalogue_t *c, const char *code)
{
    for (int i = 0; *code && i < c->every_count; i++) {
        if (strcmp(c->every_site[i]->code, code) == 0) {
            return c->every_site[i];
        }
    }
    return *code ? NULL : c->site;
}

static rg_outcome_t desk_account(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id,
                                 rg_means_t means, const char *currency, int64_t *id)
{
    const rg_account_key_t key = {.kind = RG_ACCOUNT_CASH,
                                  .site_id = site_id,
                                  .means = rg_means_name(means),
                                  .currency = currency};
    return rg_ledger_account(db, ctx, &key, id);
}

static rg_outcome_t desk_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_cash_desk_t *d = baton;
    RG_TRY(rg_cash_day(db, ctx, d->site->id, d->day, &d->sums, &d->sum_count));
    return rg_cash_counts(db, ctx, d->site->id, COUNTS_SHOWN, &d->counts, &d->count_count);
}

rg_outcome_t rg_cash_desk(rg_cash_desk_t **out, const rg_ctx_t *ctx, const char *site)
{
    rg_catalogue_t *catalogue;
    rg_cash_desk_t *d = apr_pcalloc(ctx->pool, sizeof(*d));
    if (!rg_may(ctx, RG_DEED_MONEY)) {
        return RG_FORBIDDEN;
    }
    RG_TRY(rg_catalogue_list(&catalogue, ctx));
    d->site = desk_site(catalogue, site);
    if (!d->site) {
        return RG_NOT_FOUND;
    }
    d->sites = catalogue->every_site;
    d->site_count = catalogue->every_count;
    d->currency = currency_of(catalogue);
    d->day = rg_zone_local(d->site->zone, ctx->now).date;
    RG_TRY(rg_store_read(ctx, desk_work, d));
    for (int i = 0; i < d->count_count; i++) {
        d->closed = d->closed || rg_date_compare(d->counts[i].day, d->day) == 0;
    }
    *out = d;
    return RG_OK;
}

/* --- closing ---------------------------------------------------------------------------------- */

typedef struct {
    rg_cash_close_t *in;
    const rg_site_t *site;
    const char *uid;
    rg_cash_count_t count;
} close_t;

static void read_cash(const rg_ctx_t *ctx, const char *field, const char *typed,
                      const char *currency, int64_t *out)
{
    rg_money_t m;
    if (!rg_money_parse(&m, typed, currency) || m.minor < 0 || m.minor > RG_AMOUNT_MOST) {
        rg_problem_add(ctx->problems, field,
                       "Enter an amount in %s, such as 250.00; 0 for "
                       "nothing.",
                       currency);
        return;
    }
    *out = m.minor;
}

static const char *in_words(const rg_ctx_t *ctx, const close_t *c, int64_t minor)
{
    rg_money_t m = c->count.counted;
    m.minor = minor;
    return rg_money_display(ctx->pool, m);
}

/* A large difference is looked at by somebody who had no hand in it. */
static rg_outcome_t check_difference(rg_db_t *db, const rg_ctx_t *ctx, const close_t *c,
                                     int64_t difference)
{
    bool touched = false;
    int64_t most = ctx->policy->cash_difference;
    int digits = rg_money_exponent(c->count.counted.currency);
    for (int i = 0; i < digits && most < RG_AMOUNT_MOST; i++) {
        most *= 10;
    }
    if (difference <= most && difference >= -most) {
        return RG_OK;
    }
    if (rg_may(ctx, RG_DEED_BILL)) {
        RG_TRY(rg_cash_touched(db, ctx, c->site->id, &touched));
        if (!touched) {
            return RG_OK;
        }
    }
    rg_problem_add(ctx->problems, "counted",
                   "There should be %s: %s is %s. Count again. Where more than %s differs, "
                   "billing staff or an administrator who took no cash here since the last count "
                   "must count.",
                   in_words(ctx, c, c->count.counted.minor - difference),
                   in_words(ctx, c, difference < 0 ? -difference : difference),
                   difference < 0 ? "missing" : "too much", in_words(ctx, c, most));
    return RG_INVALID;
}

static rg_outcome_t check_count(rg_db_t *db, const rg_ctx_t *ctx, const close_t *c,
                                int64_t expected)
{
    int64_t difference = c->count.counted.minor - expected;
    if (c->count.banked > c->count.counted.minor) {
        rg_problem_add(ctx->problems, "banked", "Only %s was counted. Enter no more than that.",
                       in_words(ctx, c, c->count.counted.minor));
        return RG_INVALID;
    }
    RG_TRY(check_difference(db, ctx, c, difference));
    const char *now = apr_psprintf(ctx->pool, "%" APR_INT64_T_FMT, (apr_int64_t)difference);
    if (difference != 0 && (!*c->in->note || strcmp(c->in->shown, now) != 0)) {
        c->in->difference = now;
        rg_problem_add(
            ctx->problems, "note", "There should be %s: %s is %s. Count again, or enter why%s.",
            in_words(ctx, c, expected), in_words(ctx, c, difference < 0 ? -difference : difference),
            difference < 0 ? "missing" : "too much", *c->in->note ? " and close once more" : "");
        return RG_INVALID;
    }
    return RG_OK;
}

/* One entry of the desk with its only transfer. Two of one request have keys of their own. */
static rg_outcome_t post_desk(rg_db_t *db, const rg_ctx_t *ctx, const close_t *c,
                              rg_entry_kind_t kind, rg_transfer_t *t)
{
    unsigned char once[32];
    rg_ledger_entry_t e = {.uid = rg_uid_make(ctx),
                           .kind = kind,
                           .site_id = c->site->id,
                           .reference = "",
                           .reason = "",
                           .note = c->in->note,
                           .day = c->count.day,
                           .amount = c->count.counted};
    const char *name = apr_pstrcat(ctx->pool, c->uid, rg_entry_kind_name(kind), NULL);
    e.amount.minor = t->amount;
    t->currency = c->count.counted.currency;
    rg_crypto_sha256(once, name, strlen(name));
    RG_TRY(rg_ledger_entry_add(db, ctx, &e, once));
    return rg_ledger_transfer_add(db, ctx, e.id, t);
}

static rg_outcome_t post_difference(rg_db_t *db, const rg_ctx_t *ctx, const close_t *c,
                                    int64_t cash, int64_t difference)
{
    const rg_account_key_t key = {.kind = RG_ACCOUNT_OVER_SHORT,
                                  .site_id = c->site->id,
                                  .currency = c->count.counted.currency};
    int64_t other;
    RG_TRY(rg_ledger_account(db, ctx, &key, &other));
    rg_transfer_t t = {.kind = RG_TRANSFER_OVER_SHORT,
                       .debit = difference > 0 ? cash : other,
                       .credit = difference > 0 ? other : cash,
                       .amount = difference > 0 ? difference : -difference};
    return post_desk(db, ctx, c, RG_ENTRY_OVER_SHORT, &t);
}

/* Said before anything about sums: they are those of tomorrow's count. */
static rg_outcome_t not_closed_yet(rg_db_t *db, const rg_ctx_t *ctx, const close_t *c)
{
    rg_cash_count_t *last;
    int count;
    RG_TRY(rg_cash_counts(db, ctx, c->site->id, 1, &last, &count));
    return count > 0 && rg_date_compare(last->day, c->count.day) == 0 ? RG_CONFLICT : RG_OK;
}

static rg_outcome_t close_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    close_t *c = baton;
    const char *currency = c->count.counted.currency;
    int64_t cash;
    int64_t expected;
    int64_t id;
    c->uid = rg_uid_make(ctx);
    RG_TRY(not_closed_yet(db, ctx, c));
    RG_TRY(desk_account(db, ctx, c->site->id, RG_MEANS_CASH, currency, &cash));
    RG_TRY(rg_cash_expected(db, ctx, cash, &expected));
    RG_TRY(check_count(db, ctx, c, expected));
    c->count.expected = expected;
    RG_TRY(rg_cash_insert(db, ctx, c->uid, c->site->id, &c->count, &id));
    if (c->count.counted.minor != expected) {
        RG_TRY(post_difference(db, ctx, c, cash, c->count.counted.minor - expected));
    }
    if (c->count.banked > 0) {
        rg_transfer_t t = {.kind = RG_TRANSFER_BANKED, .credit = cash, .amount = c->count.banked};
        RG_TRY(desk_account(db, ctx, c->site->id, RG_MEANS_BANK, currency, &t.debit));
        RG_TRY(post_desk(db, ctx, c, RG_ENTRY_BANKED, &t));
    }
    return rg_audit_add(db, ctx, "cash.count", "cash-count", id, c->uid);
}

static rg_outcome_t read_close(const rg_ctx_t *ctx, close_t *c)
{
    const rg_cash_close_t *in = c->in;
    const char *currency = c->count.counted.currency;
    c->count.note = in->note;
    read_cash(ctx, "counted", in->counted, currency, &c->count.counted.minor);
    if (*in->banked) {
        read_cash(ctx, "banked", in->banked, currency, &c->count.banked);
    }
    if (rg_text_length(in->note) > WHY_LONGEST) {
        rg_problem_add(ctx->problems, "note", "Enter at most %d characters.", WHY_LONGEST);
    }
    if (rg_text_like_a_card(in->note)) {
        rg_problem_add(ctx->problems, "note", RG_CARD_WORDS);
    }
    return rg_problems_any(ctx->problems) ? RG_INVALID : RG_OK;
}

rg_outcome_t rg_cash_close(const rg_ctx_t *ctx, rg_cash_close_t *in)
{
    rg_catalogue_t *catalogue;
    close_t c = {.in = in};
    in->difference = *in->shown ? in->shown : NULL; /* also beside another error */
    if (!rg_may(ctx, RG_DEED_MONEY)) {
        return RG_FORBIDDEN;
    }
    RG_TRY(rg_catalogue_list(&catalogue, ctx));
    c.site = desk_site(catalogue, in->site);
    if (!c.site) {
        return RG_NOT_FOUND;
    }
    apr_cpystrn(c.count.counted.currency, currency_of(catalogue), sizeof(c.count.counted.currency));
    c.count.day = rg_zone_local(c.site->zone, ctx->now).date;
    RG_TRY(read_close(ctx, &c));
    rg_outcome_t rc = rg_store_once(ctx, close_work, &c);
    if (rc == RG_CONFLICT && !(ctx->idem && ctx->idem->other)) {
        rg_problem_add(ctx->problems, NULL,
                       "The cash desk of this site was already closed today. What comes from now "
                       "on is counted tomorrow.");
        rc = RG_PRECONDITION;
    }
    else if (rc == RG_PRECONDITION) {
        rg_problem_add(ctx->problems, NULL, "Money came or went in the meantime. Count again.");
    }
    return rc;
}
