/* SPDX-License-Identifier: Apache-2.0 */
/* Credit notes: an issued invoice is taken back, whole or by lines, by a paper of its own. What
 * was on it is to be invoiced
 * again, after it was corrected. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/billing.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/money.h"
#include "regen/store/billing.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>
#include "mod_regen/clinic/billing/post.h"

enum { WHY_MOST = 200 };

typedef struct {
    const char *invoice_uid, *reason;
    int count; /* of lines that were chosen */
    const char *const *lines;
    const rg_zone_t *zone;
    rg_credit_note_t note;
} credit_t;

static bool is_chosen(const credit_t *c, int line_no)
{
    int64_t chosen;
    for (int i = 0; i < c->count; i++) {
        if (rg_text_i64(&chosen, c->lines[i], 1, INT16_MAX) && chosen == line_no) {
            return true;
        }
    }
    return false;
}

static rg_outcome_t choose_lines(rg_db_t *db, const rg_ctx_t *ctx, credit_t *c, int64_t invoice_id)
{
    rg_credit_note_t *n = &c->note;
    int count;
    rg_credit_line_t *all;
    RG_TRY(rg_credit_lines(db, ctx, invoice_id, &all, &count));
    n->lines = apr_palloc(ctx->pool, sizeof(*n->lines) * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        if (is_chosen(c, all[i].line_no) && !all[i].credited) {
            n->lines[n->line_count++] = all[i];
            n->total.minor += all[i].amount;
        }
    }
    if (n->line_count == 0) {
        rg_problem_add(ctx->problems, "line",
                       "Choose at least one line that was not credited before.");
        return RG_INVALID;
    }
    return RG_OK;
}

static rg_outcome_t credit_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    credit_t *c = baton;
    rg_credit_note_t *n = &c->note;
    rg_invoice_t *inv;
    int64_t service_id;
    int64_t id;
    int number;
    memset(n, 0, sizeof(*n));
    RG_TRY(rg_invoice_read(db, ctx, c->invoice_uid, &inv, &service_id));
    n->uid = rg_uid_make(ctx);
    n->reason = c->reason;
    memcpy(n->total.currency, inv->total.currency, sizeof(n->total.currency));
    RG_TRY(choose_lines(db, ctx, c, inv->id));
    const char *series =
        apr_psprintf(ctx->pool, "CN-%04d", rg_zone_local(c->zone, ctx->now).date.year);
    RG_TRY(rg_invoice_next(db, ctx, series, &number));
    RG_TRY(rg_credit_insert(db, ctx, inv->id, n, series, number, &id));
    RG_TRY(rg_audit_add(db, ctx, "invoice.credit", "credit-note", id, n->uid));
    rg_once_result(db, n->uid);
    return RG_OK;
}

rg_outcome_t rg_billing_credit(const char **uid, const rg_ctx_t *ctx, const char *invoice_uid,
                               const char *reason, const char *const *lines, int count)
{
    rg_catalogue_t *catalogue;
    credit_t c = {.invoice_uid = invoice_uid, .reason = reason, .count = count, .lines = lines};
    if (!rg_may(ctx, RG_DEED_BILL) || !rg_may(ctx, RG_DEED_MONEY)) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(invoice_uid)) {
        return RG_NOT_FOUND;
    }
    if (!*reason || rg_text_length(reason) > WHY_MOST) {
        rg_problem_add(ctx->problems, "reason", "Enter why, in at most %d characters.", WHY_MOST);
        return RG_INVALID;
    }
    if (rg_text_like_a_card(reason)) {
        rg_problem_add(ctx->problems, "reason", RG_CARD_WORDS);
        return RG_INVALID;
    }
    RG_TRY(rg_catalogue_list(&catalogue, ctx));
    c.zone = catalogue->site->zone;
    rg_outcome_t rc = rg_store_once(ctx, credit_work, &c);
    if (rc == RG_OK) {
        *uid = rg_replayed(ctx) ? ctx->idem->result : c.note.uid;
    }
    if (rc == RG_PRECONDITION || (rc == RG_CONFLICT && !(ctx->idem && ctx->idem->other))) {
        rg_problem_add(ctx->problems, NULL,
                       "Somebody credited this invoice in the meantime. Check it again.");
        rc = RG_PRECONDITION;
    }
    return rc;
}

typedef struct {
    const char *uid;
    rg_credit_note_t *note;
    int64_t service_id;
} note_read_t;

static rg_outcome_t note_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    note_read_t *r = baton;
    return rg_credit_read(db, ctx, r->uid, r->note, &r->service_id);
}

rg_outcome_t rg_billing_credit_get(rg_credit_note_t **out, rg_site_t **site, const rg_ctx_t *ctx,
                                   const char *uid)
{
    note_read_t r = {.uid = uid, .note = apr_pcalloc(ctx->pool, sizeof(rg_credit_note_t))};
    rg_service_t *service;
    if (!rg_may(ctx, RG_DEED_BILL)) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(uid)) {
        return RG_NOT_FOUND;
    }
    RG_TRY(rg_store_read(ctx, note_work, &r));
    *out = r.note;
    return rg_catalogue_by_id(&service, site, ctx, r.service_id);
}
