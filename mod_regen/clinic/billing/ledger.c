/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the ledger: a patient's account with its whole story, receipts, who owes. */
#include "regen/clinic/ledger.h"
#include "mod_regen/clinic/access.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <string.h>

static const rg_site_t *site_by_id(const rg_catalogue_t *c, int64_t id)
{
    for (int i = 0; i < c->every_count; i++) {
        if (c->every_site[i]->id == id) {
            return c->every_site[i];
        }
    }
    return c->site;
}

/* --- one account ------------------------------------------------------------------------------ */

typedef struct {
    rg_ledger_account_t *account;
    const rg_ledger_look_in_t *in;
} look_t;

/* The one charge it is about, all that is open, or the last ones. */
static rg_outcome_t look_lines(rg_db_t *db, const rg_ctx_t *ctx, const look_t *l)
{
    rg_ledger_account_t *a = l->account;
    int64_t id;
    if (*l->in->charge) {
        rg_outcome_t rc = rg_text_i64(&id, l->in->charge, 1, INT64_MAX)
                              ? rg_ledger_line(db, ctx, a->person.id, id, &a->lines)
                              : RG_NOT_FOUND;
        a->line_count = rc == RG_OK;
        return rc == RG_NOT_FOUND ? RG_OK : rc;
    }
    if (a->page == 0 && !l->in->open) {
        return RG_OK;
    }
    if (l->in->open) {
        RG_TRY(rg_ledger_asked(db, ctx, a->person.id, &a->asked, &a->asked_count));
    }
    return rg_ledger_lines(db, ctx, a->person.id, l->in->open, &a->lines, &a->line_count);
}

/* What is to be reversed, and what before it. */
static rg_outcome_t look_before(rg_db_t *db, const rg_ctx_t *ctx, const look_t *l)
{
    rg_ledger_account_t *a = l->account;
    rg_transfer_t *transfers;
    int count;
    rg_outcome_t rc =
        rg_uid_valid(l->in->entry)
            ? rg_ledger_entry_read(db, ctx, l->in->entry, &a->entry, &transfers, &count)
            : RG_NOT_FOUND;
    a->has_entry = rc == RG_OK && a->entry.person_id == a->person.id;
    if (rc == RG_OK && a->has_entry) {
        return rg_ledger_builds(db, ctx, a->entry.id, &a->first, &a->first_count);
    }
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

static rg_outcome_t look_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    look_t *l = baton;
    rg_ledger_account_t *a = l->account;
    RG_TRY(rg_ledger_person(db, ctx, l->in->patient_uid, &a->person));
    RG_TRY(rg_ledger_sums(db, ctx, a->person.id, &a->sums, &a->sum_count));
    RG_TRY(look_lines(db, ctx, l));
    if (*l->in->entry) {
        RG_TRY(look_before(db, ctx, l));
    }
    RG_TRY(rg_ledger_pots(db, ctx, a->person.id, &a->pots, &a->pot_count));
    if (a->page > 0) {
        RG_TRY(rg_ledger_story(db, ctx, a->person.id, RG_STORY_PAGE + 1,
                               (a->page - 1) * RG_STORY_PAGE, &a->story, &a->story_count));
        a->more = a->story_count > RG_STORY_PAGE;
        a->story_count -= a->more;
    }
    return RG_OK;
}

rg_outcome_t rg_ledger_look(rg_ledger_account_t **out, const rg_ctx_t *ctx,
                            const rg_ledger_look_in_t *in)
{
    rg_catalogue_t *catalogue;
    rg_ledger_account_t *a = apr_pcalloc(ctx->pool, sizeof(*a));
    look_t l = {.account = a, .in = in};
    if (!rg_may(ctx, RG_DEED_MONEY)) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(in->patient_uid)) {
        return RG_NOT_FOUND;
    }
    a->page = in->page;
    RG_TRY(rg_store_read(ctx, look_work, &l));
    RG_TRY(rg_catalogue_list(&catalogue, ctx));
    a->site = site_by_id(catalogue, a->person.site_id);
    a->sites = catalogue->every_site;
    a->site_count = catalogue->every_count;
    a->may_adjust = rg_may(ctx, RG_DEED_BILL);
    memcpy(a->adjust_most.currency, a->person.currency, sizeof(a->adjust_most.currency));
    a->adjust_most.minor = rg_ledger_adjust_most(ctx, a->person.currency);
    *out = a;
    return RG_OK;
}

/* --- receipts --------------------------------------------------------------------------------- */

typedef struct {
    rg_receipt_t *receipt;
    const char *uid;
} receipt_t;

static rg_outcome_t receipt_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const receipt_t *r = baton;
    return rg_receipt_read(db, ctx, r->uid, r->receipt);
}

rg_outcome_t rg_ledger_receipt(rg_receipt_t **out, const rg_site_t **site, const rg_ctx_t *ctx,
                               const char *uid)
{
    rg_catalogue_t *catalogue;
    receipt_t r = {apr_pcalloc(ctx->pool, sizeof(rg_receipt_t)), uid};
    if (!rg_may(ctx, RG_DEED_MONEY)) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(uid)) {
        return RG_NOT_FOUND;
    }
    RG_TRY(rg_store_read(ctx, receipt_work, &r));
    RG_TRY(rg_catalogue_list(&catalogue, ctx));
    *site = site_by_id(catalogue, r.receipt->site_id);
    *out = r.receipt;
    return RG_OK;
}

/* --- who owes --------------------------------------------------------------------------------- */

typedef struct {
    rg_owes_t *list;
    rg_owes_filter_t filter;
} owes_t;

static rg_outcome_t owes_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    owes_t *o = baton;
    return rg_ledger_owes(db, ctx, &o->filter, &o->list->rows, &o->list->count);
}

rg_outcome_t rg_ledger_who_owes(rg_owes_t **out, const rg_ctx_t *ctx, const char *find,
                                const char *minimum, const char *age, int page)
{
    rg_catalogue_t *catalogue;
    owes_t o = {.list = apr_pcalloc(ctx->pool, sizeof(rg_owes_t))};
    rg_money_t least = {.minor = 0};
    int64_t days = 0;
    if (!rg_may(ctx, RG_DEED_BILL) || !rg_may(ctx, RG_DEED_MONEY)) {
        return RG_FORBIDDEN;
    }
    RG_TRY(rg_catalogue_list(&catalogue, ctx));
    o.list->site = catalogue->site;
    o.list->find = find;
    o.list->minimum = minimum;
    o.list->page = page;
    const char *currency = catalogue->count ? catalogue->services[0]->price.currency : "USD";
    if (*minimum && (!rg_money_parse(&least, minimum, currency) || least.minor < 0)) {
        rg_problem_add(ctx->problems, "minimum", "Enter an amount, such as 25.00.");
    }
    if (*age && !rg_text_i64(&days, age, 0, 3650)) {
        rg_problem_add(ctx->problems, "age", "Choose how old the oldest charge is at least.");
    }
    o.list->age = (int)days;
    if (rg_text_length(find) > 80) {
        rg_problem_add(ctx->problems, "find", "Enter at most 80 characters.");
    }
    if (rg_problems_any(ctx->problems)) {
        *out = o.list;
        return RG_INVALID;
    }
    o.filter = (rg_owes_filter_t){.find = find,
                                  .minimum = least.minor,
                                  .age = (int)days,
                                  .limit = RG_OWES_PAGE + 1,
                                  .offset = (page - 1) * RG_OWES_PAGE};
    RG_TRY(rg_store_read(ctx, owes_work, &o));
    o.list->more = o.list->count > RG_OWES_PAGE;
    o.list->count -= o.list->more;
    *out = o.list;
    return RG_OK;
}

/* --- whether it is right ---------------------------------------------------------------------- */

typedef struct {
    int *count;
    void (*tell)(void *baton, const char *line);
    void *baton;
} verify_t;

static rg_outcome_t verify_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const verify_t *v = baton;
    return rg_ledger_check(db, ctx, v->count, v->tell, v->baton);
}

rg_outcome_t rg_ledger_verify(int *count, const rg_ctx_t *ctx,
                              void (*tell)(void *baton, const char *line), void *baton)
{
    verify_t v = {count, tell, baton};
    return rg_store_read(ctx, verify_work, &v);
}
