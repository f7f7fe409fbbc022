/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that moves money, in one shape: who may, what was typed, the account locked, the act,
 * its receipt, its audit event; one transaction, once however often the form is sent. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/ledger.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/ledger.h"
#include "regen/store/billing.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>
#include "mod_regen/clinic/billing/post.h"

enum { NOTE_MOST = 200, REFERENCE_MOST = 60 };

/* AMOUNT: it is typed. NOTE: so is why. LIMITED: to what the role may. BILLING: only theirs. */
enum {
    AMOUNT = 1,
    NOTE = 2,
    LIMITED = 4,
    BILLING = 8,
    RECEIPT = 16,
    MEANS = 32,
    CHARGE = 64, /* it is about one charge */
    OPEN = 128   /* it is about all that is open */
};
static const struct {
    unsigned asks;
    rg_post_fn post;
} ACTS[] = {
    [RG_ENTRY_PAYMENT] = {AMOUNT | MEANS | RECEIPT | OPEN, rg_post_payment},
    [RG_ENTRY_USE] = {AMOUNT | OPEN, rg_post_use},
    [RG_ENTRY_REFUND] = {AMOUNT | MEANS | NOTE | LIMITED | RECEIPT, rg_post_refund},
    [RG_ENTRY_DISCOUNT] = {AMOUNT | NOTE | LIMITED | CHARGE, rg_post_reduce},
    [RG_ENTRY_WRITE_OFF] = {AMOUNT | NOTE | LIMITED | CHARGE, rg_post_reduce},
    [RG_ENTRY_MOVE] = {AMOUNT | NOTE | BILLING | CHARGE, rg_post_move},
    [RG_ENTRY_RELEASE] = {NOTE | BILLING | CHARGE, rg_post_release},
    [RG_ENTRY_REVERSAL] = {NOTE | BILLING, rg_post_reverse},
    [RG_ENTRY_VOID] = {NOTE | BILLING | CHARGE, rg_post_void},
    [RG_ENTRY_COVER] = {NOTE | BILLING | CHARGE, rg_post_cover},
    [RG_ENTRY_REMIT] = {NOTE | BILLING | CHARGE, rg_post_remit},
    [RG_ENTRY_PAYER_WRITE_OFF] = {AMOUNT | NOTE | LIMITED | BILLING | CHARGE, rg_post_payer_off},
    [RG_ENTRY_BANKED] = {0, NULL},
    [RG_ENTRY_OVER_SHORT] = {0, NULL},
};
RG_WORDS_ALL(ACTS, RG_ENTRY_KIND_COUNT);

/* --- what was typed --------------------------------------------------------------------------- */

static void read_entry_words(const rg_ctx_t *ctx, rg_post_t *p, unsigned asks)
{
    const rg_ledger_in_t *in = p->in;
    p->entry.reference = in->reference;
    p->entry.note = in->note;
    if (rg_text_length(in->reference) > REFERENCE_MOST) {
        rg_post_refuse(ctx, "reference", "Enter at most %d characters.", REFERENCE_MOST);
    }
    if (rg_text_like_a_card(in->reference) || rg_text_like_a_card(in->note)) {
        rg_post_refuse(ctx, rg_text_like_a_card(in->note) ? "note" : "reference", RG_CARD_WORDS);
    }
    if (rg_text_length(in->note) > NOTE_MOST) {
        rg_post_refuse(ctx, "note", "Enter at most %d characters.", NOTE_MOST);
    }
    if ((asks & NOTE) && !*in->note) {
        rg_post_refuse(ctx, "note", "Enter why.");
    }
    if (asks & MEANS) {
        int means = rg_means_parse(in->means);
        p->entry.means = means >= 0 ? rg_means_name((rg_means_t)means) : NULL;
        if (means < 0) {
            rg_post_refuse(ctx, "means", "Choose how the money %s.",
                           in->kind == RG_ENTRY_REFUND ? "goes back" : "came");
        }
    }
}

/* In which currency the account is: what is typed into a form that showed another one is
 * refused. */
static void read_account_currency(const rg_ctx_t *ctx, rg_post_t *p)
{
    apr_cpystrn(p->entry.amount.currency, p->person.currency, sizeof(p->entry.amount.currency));
    if (!*p->in->currency || strcmp(p->in->currency, p->person.currency) == 0) {
        return;
    }
    for (int i = 0; i < p->line_count; i++) {
        if (strcmp(p->lines[i].currency, p->in->currency) == 0) {
            apr_cpystrn(p->entry.amount.currency, p->in->currency,
                        sizeof(p->entry.amount.currency));
            return;
        }
    }
    for (int i = 0; i < p->pot_count; i++) {
        if (strcmp(p->pots[i].left.currency, p->in->currency) == 0) {
            apr_cpystrn(p->entry.amount.currency, p->in->currency,
                        sizeof(p->entry.amount.currency));
            return;
        }
    }
    rg_post_refuse(ctx, "amount", "This account is in %s.", p->person.currency);
}

static void read_site(const rg_ctx_t *ctx, rg_post_t *p)
{
    const rg_catalogue_t *c = p->catalogue;
    p->site = NULL;
    for (int i = 0; i < c->every_count; i++) {
        bool chosen = *p->in->site ? strcmp(c->every_site[i]->code, p->in->site) == 0
                                   : c->every_site[i]->id == p->person.site_id;
        if (chosen) {
            p->site = c->every_site[i];
        }
    }
    if (!p->site && *p->in->site) {
        rg_post_refuse(ctx, "site", "Choose the site.");
    }
    if (!p->site) {
        p->site = c->site;
    }
    p->entry.site_id = p->site->id;
    p->entry.day = rg_zone_local(p->site->zone, ctx->now).date;
}

/* --- who may ---------------------------------------------------------------------------------- */

bool rg_ledger_may(const rg_ctx_t *ctx, rg_entry_kind_t kind)
{
    const unsigned asks = ACTS[kind].asks;
    return ACTS[kind].post && rg_may(ctx, RG_DEED_MONEY) &&
           (!(asks & BILLING) || rg_may(ctx, RG_DEED_BILL)) &&
           (!(asks & LIMITED) || rg_ledger_adjust_most(ctx, "JPY") > 0);
}

/* --- posting ---------------------------------------------------------------------------------- */

static const char *issuer_of(apr_pool_t *p, const rg_ledger_person_t *x)
{
    return apr_pstrcat(p, x->issuer_name, ", ", x->issuer_line, ", ", x->issuer_city, ", ",
                       x->issuer_state, " ", x->issuer_postal, NULL);
}

/* The number's row is locked last, because all other receipts of the site wait for it. */
static rg_outcome_t add_receipt(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    rg_ledger_sum_t *sums;
    int count;
    int number;
    rg_receipt_t r = {.uid = rg_uid_make(ctx), .entry_id = p->entry.id};
    r.patient_name = rg_text_tidy(
        ctx->pool, apr_pstrcat(ctx->pool, p->person.given, " ", p->person.family, NULL));
    r.issuer = issuer_of(ctx->pool, &p->person);
    RG_TRY(rg_ledger_sums(db, ctx, p->person.id, &sums, &count));
    for (int i = 0; i < count; i++) {
        if (strcmp(sums[i].currency, p->entry.amount.currency) == 0) {
            r.owed = sums[i].owed;
            r.deposit = sums[i].deposit;
        }
    }
    const char *series =
        apr_psprintf(ctx->pool, "RC%" APR_INT64_T_FMT "-%04d", p->site->id, p->entry.day.year);
    RG_TRY(rg_invoice_next(db, ctx, series, &number));
    RG_TRY(rg_receipt_insert(db, ctx, &r, series, number));
    p->receipt = r.uid;
    return RG_OK;
}

/* What the act is about, read after the account is locked. */
static rg_outcome_t read_lines(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p, unsigned asks)
{
    int64_t id;
    p->lines = NULL;
    if (asks & OPEN) {
        RG_TRY(rg_ledger_lines(db, ctx, p->person.id, true, &p->lines, &p->line_count));
        return rg_ledger_asked(db, ctx, p->person.id, &p->asked, &p->asked_count);
    }
    if ((asks & CHARGE) && rg_text_i64(&id, p->in->charge, 1, INT64_MAX)) {
        rg_outcome_t rc = rg_ledger_line(db, ctx, p->person.id, id, &p->lines);
        p->line_count = rc == RG_OK;
        return rc == RG_NOT_FOUND ? RG_OK : rc;
    }
    return RG_OK;
}

static rg_outcome_t lock_account(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p, unsigned asks)
{
    RG_TRY(rg_ledger_person(db, ctx, p->in->patient_uid, &p->person));
    RG_TRY(rg_ledger_lock(db, ctx, p->person.id));
    RG_TRY(read_lines(db, ctx, p, asks));
    RG_TRY(rg_ledger_pots(db, ctx, p->person.id, &p->pots, &p->pot_count));
    p->entry.patient_id = p->person.id;
    return p->person.site_id ? RG_OK
                             : rg_post_refuse(ctx, NULL,
                                              "There is no treatment on this account yet. Book one "
                                              "first.");
}

static rg_outcome_t post_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_post_t *p = baton;
    const rg_entry_kind_t kind = p->in->kind;
    const unsigned asks = ACTS[kind].asks;
    rg_catalogue_t *catalogue = p->catalogue;
    *p = (rg_post_t){.in = p->in, .catalogue = catalogue, .receipt = ""};
    p->entry = (rg_ledger_entry_t){.uid = rg_uid_make(ctx), .kind = kind, .reason = ""};
    RG_TRY(lock_account(db, ctx, p, asks));
    read_account_currency(ctx, p);
    read_site(ctx, p);
    read_entry_words(ctx, p, asks);
    if (asks & AMOUNT) {
        (void)rg_post_typed(ctx, p, "amount", p->in->amount, RG_ABOVE_ZERO, &p->entry.amount.minor);
    }
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    if (asks & LIMITED) {
        RG_TRY(rg_post_limit(db, ctx, p, "amount", p->entry.amount.minor));
    }
    RG_TRY(ACTS[kind].post(db, ctx, p));
    RG_TRY(rg_audit_add(db, ctx, apr_pstrcat(ctx->pool, "ledger.", rg_entry_kind_name(kind), NULL),
                        "ledger", p->entry.id, p->entry.uid));
    if (asks & RECEIPT) {
        RG_TRY(add_receipt(db, ctx, p));
    }
    rg_once_result(db, p->receipt);
    return RG_OK;
}

rg_outcome_t rg_ledger_post(const char **receipt, const rg_ctx_t *ctx, const rg_ledger_in_t *in)
{
    rg_post_t p = {.in = in};
    if (!rg_ledger_may(ctx, in->kind)) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(in->patient_uid)) {
        return RG_NOT_FOUND;
    }
    RG_TRY(rg_catalogue_list(&p.catalogue, ctx));
    rg_outcome_t rc = rg_store_once(ctx, post_work, &p);
    if (rc == RG_OK) {
        *receipt = rg_replayed(ctx) ? ctx->idem->result : p.receipt;
    }
    if ((rc == RG_PRECONDITION || rc == RG_CONFLICT) && !rg_problems_any(ctx->problems) &&
        !(ctx->idem && ctx->idem->other)) {
        rg_problem_add(ctx->problems, NULL,
                       "The account changed in the meantime, and nothing was posted. Check it and "
                       "try again.");
        rc = RG_PRECONDITION;
    }
    return rc;
}
