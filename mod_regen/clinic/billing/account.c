/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, invoices, the queues of the billing staff. */
#include <string.h>

#include <apr_strings.h>
#include "mod_regen/clinic/access.h"
#include "regen/clinic/billing.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/log.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/billing.h"
#include "regen/store/store.h"

/* Sums in the currency of the first charge; CURRENCY when there is none. */
static rg_outcome_t add_up(const rg_ctx_t *ctx, rg_money_t *sum, const char *currency,
                           const rg_charge_t *charges, int count)
{
    *sum = (rg_money_t){.minor = 0};
    apr_cpystrn(sum->currency, count ? charges[0].total.currency : currency, sizeof(sum->currency));
    for (int i = 0; i < count; i++) {
        if (!rg_money_add(sum, charges[i].total)) {
            rg_log(ctx, RG_LOG_ERR,
                   RGNO(06000) "Charge %" APR_INT64_T_FMT
                               " has another currency than the first, or its "
                               "amount is out of range.",
                   charges[i].id);
            rg_problem_add(ctx->problems, NULL,
                           "These charges cannot be added up: they are in different currencies, or "
                           "a price is far too large. Ask an administrator.");
            return RG_PRECONDITION;
        }
    }
    return RG_OK;
}

/* --- one account ------------------------------------------------------------------------------ */

typedef struct {
    rg_account_t *account;
    struct rg_account_sql_t papers;
} account_t;

static rg_outcome_t read_account(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    account_t *a = baton;
    rg_account_t *out = a->account;
    rg_outcome_t rc = rg_charges_read(db, ctx, out->booking->id, &out->charges, &out->charge_count);
    if (rc == RG_OK) {
        rc = rg_invoices_of(db, ctx, out->booking->id, &out->invoices, &out->invoice_count);
    }
    rc = rc == RG_OK ? rg_estimated(db, ctx, out->booking->id, &out->estimated) : rc;
    if (rc == RG_OK && out->estimated.looked > 0) {
        rc = rg_second_looks(db, ctx, out->booking->id, &out->looks, &out->look_count);
    }
    return rc == RG_OK ? rg_account_read(db, ctx, out->booking->id, &a->papers) : rc;
}

/* Never below nothing: an invoice of before there was a ledger may ask for what the payer owes. */
static void add_due(rg_account_t *a)
{
    a->due = a->total;
    a->due.minor = 0;
    for (int i = 0; i < a->charge_count; i++) {
        int64_t due = a->charges[i].patient_part - a->charges[i].invoiced;
        a->due.minor += due > 0 ? due : 0;
    }
}

rg_outcome_t rg_billing_account(rg_account_t **out, const rg_ctx_t *ctx, const char *booking_uid)
{
    account_t a = {.account = apr_pcalloc(ctx->pool, sizeof(rg_account_t))};
    rg_service_t *service;
    if (!rg_may(ctx, RG_DEED_BILL)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_booking_get_by_uid(&a.account->booking, ctx, booking_uid);
    if (rc == RG_OK) {
        rc = rg_store_read(ctx, read_account, &a);
    }
    if (rc == RG_OK) {
        rc = rg_catalogue_by_id(&service, &a.account->site, ctx, a.account->booking->service_id);
    }
    if (rc != RG_OK) {
        return rc;
    }
    rc = add_up(ctx, &a.account->total, a.account->booking->price.currency, a.account->charges,
                a.account->charge_count);
    if (rc != RG_OK) {
        return rc;
    }
    add_due(a.account);
    a.account->second_look = rg_estimate_exceeded(&a.account->estimated, a.account->due);
    a.account->payer_name = a.papers.payer_name;
    a.account->patient_uid = a.papers.patient_uid;
    a.account->invoice_uid = a.papers.invoice_uid;
    a.account->invoice_label = a.papers.invoice_label;
    a.account->claim_uid = a.papers.claim_uid;
    a.account->claim_no = a.papers.claim_no;
    *out = a.account;
    return RG_OK;
}

/* --- invoices --------------------------------------------------------------------------------- */

typedef struct {
    const char *booking_uid;
    const char *reason; /* why so much more than the estimate; "": nobody looked */
    rg_invoice_t inv;
    bool exists; /* it was issued before */
} issue_t;

static const char *address_words(apr_pool_t *p, const rg_address_t *a)
{
    const char *parts[] = {a->line, a->city, a->state};
    const char *s = "";
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (*parts[i]) {
            s = apr_pstrcat(p, s, *s ? ", " : "", parts[i], NULL);
        }
    }
    return apr_pstrcat(p, s, *a->postal_code ? " " : "", a->postal_code, NULL);
}

/* Payer and payee on the document, as of now. */
static void word_invoice(const rg_ctx_t *ctx, const rg_claim_t *facts, rg_invoice_t *inv)
{
    const rg_organization_t *o = &facts->billing;
    apr_pool_t *p = ctx->pool;
    inv->uid = rg_uid_make(ctx);
    inv->booking_id = facts->booking_id;
    inv->issued_at = ctx->now;
    inv->patient_name =
        rg_text_tidy(p, apr_pstrcat(p, facts->patient.given, " ", facts->patient.family, NULL));
    inv->patient_address = address_words(p, &facts->patient.address);
    inv->issuer = apr_pstrcat(p, o->name, ", ", address_words(p, &o->address), NULL);
    inv->series =
        apr_psprintf(p, "INV-%04d", rg_zone_local(facts->facility.zone, ctx->now).date.year);
}

static rg_outcome_t refuse(const rg_ctx_t *ctx, const char *why)
{
    rg_problem_add(ctx->problems, NULL, "%s", why);
    return RG_PRECONDITION;
}

/* The series' row is locked last before the insert, because all other invoices wait for it. */
static rg_outcome_t number_and_insert(rg_db_t *db, const rg_ctx_t *ctx, issue_t *s,
                                      int64_t patient_id)
{
    rg_invoice_t *inv = &s->inv;
    rg_outcome_t rc = rg_invoice_next(db, ctx, inv->series, &inv->number);
    if (rc == RG_OK) {
        rc = rg_invoice_insert(db, ctx, inv, patient_id);
    }
    if (rc == RG_CONFLICT) {
        s->exists = true;
        return refuse(ctx, "This treatment already has an invoice.");
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "invoice.issue", "invoice", inv->id, inv->uid) : rc;
}

/* There are no lines: why. */
static rg_outcome_t nothing_due(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_t *facts,
                                issue_t *s)
{
    rg_charge_t *all;
    int count;
    RG_TRY(rg_charges_read(db, ctx, facts->booking_id, &all, &count));
    s->exists = s->inv.turn > 0;
    if (s->exists) {
        return refuse(ctx, "This treatment already has an invoice.");
    }
    if (count > 0 && facts->coverage.id != 0) {
        rg_problem_add(ctx->problems, NULL,
                       "%s owes this treatment, so there is nothing to invoice the patient for.",
                       facts->coverage.payer.name);
        return RG_PRECONDITION;
    }
    return refuse(ctx, "This treatment has no charges.");
}

/* Lines and total, or the reason why there is nothing to issue. */
static rg_outcome_t charge_invoice(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_t *facts,
                                   rg_booking_status_t status, issue_t *s)
{
    rg_invoice_t *inv = &s->inv;
    if (status != RG_BOOKING_COMPLETED) {
        return refuse(ctx, "The treatment is not completed yet.");
    }
    if (!*facts->billing.name) {
        return refuse(ctx, "The clinic that issues the invoice is not set up.");
    }
    rg_outcome_t rc =
        rg_charges_due(db, ctx, facts->booking_id, &inv->lines, &inv->line_count, &inv->turn);
    if (rc != RG_OK) {
        return rc;
    }
    if (inv->line_count == 0) {
        return nothing_due(db, ctx, facts, s);
    }
    return add_up(ctx, &inv->total, facts->total.currency, inv->lines, inv->line_count);
}

/* Kept in the transaction of the invoice: there is no look without one. */
static rg_outcome_t look_twice(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_t *facts,
                               const issue_t *s)
{
    rg_estimated_t e;
    RG_TRY(rg_estimated(db, ctx, facts->booking_id, &e));
    if (!rg_estimate_exceeded(&e, s->inv.total)) {
        return RG_OK;
    }
    rg_money_t billed = s->inv.total;
    billed.minor += e.invoiced;
    if (*s->reason == '\0') {
        rg_problem_add(ctx->problems, "reason",
                       "%s would be billed, at least $400 more than the estimate of %s. Look at it "
                       "again, and enter why.",
                       rg_money_display(ctx->pool, billed), rg_money_display(ctx->pool, e.total));
        return RG_PRECONDITION;
    }
    if (rg_text_length(s->reason) > RG_ESTIMATE_WHY_LENGTH) {
        rg_problem_add(ctx->problems, "reason", "Enter at most %d characters.",
                       RG_ESTIMATE_WHY_LENGTH);
        return RG_INVALID;
    }
    RG_TRY(rg_estimate_exceed(db, ctx, e.estimate_id, billed.minor, s->reason));
    return rg_audit_add(db, ctx, "estimate.exceed", "estimate", e.estimate_id, s->booking_uid);
}

static rg_outcome_t issue_invoice(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    issue_t *s = baton;
    rg_invoice_t *inv = &s->inv;
    rg_claim_t facts;
    rg_booking_status_t status;
    memset(inv, 0, sizeof(*inv));
    rg_outcome_t rc = rg_claim_facts(db, ctx, s->booking_uid, &facts, &status);
    if (rc == RG_OK) {
        rc = charge_invoice(db, ctx, &facts, status, s);
    }
    rc = rc == RG_OK ? look_twice(db, ctx, &facts, s) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    word_invoice(ctx, &facts, inv);
    rc = number_and_insert(db, ctx, s, facts.patient_id);
    if (rc == RG_OK) {
        rg_once_result(db, inv->uid);
    }
    return rc;
}

rg_outcome_t rg_billing_invoice(const char **uid, const rg_ctx_t *ctx, const char *booking_uid)
{
    return rg_billing_invoice_why(uid, ctx, booking_uid, "");
}

rg_outcome_t rg_billing_invoice_why(const char **uid, const rg_ctx_t *ctx, const char *booking_uid,
                                    const char *reason)
{
    issue_t s = {.booking_uid = booking_uid, .reason = rg_text_tidy(ctx->pool, reason)};
    if (!rg_may(ctx, RG_DEED_BILL)) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(booking_uid)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_once(ctx, issue_invoice, &s);
    if (rc == RG_OK) {
        *uid = rg_replayed(ctx) ? ctx->idem->result : s.inv.uid;
    }
    return rc;
}

typedef struct {
    int queue;
    const char *booking_uid, *why;
} tried_t;

static rg_outcome_t tried(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const tried_t *t = baton;
    return rg_queue_tried(db, ctx, t->queue, t->booking_uid, t->why);
}

rg_outcome_t rg_billing_stays(const rg_ctx_t *ctx, int queue, const char *booking_uid)
{
    const char *why = rg_problem_first(ctx->problems);
    tried_t t = {queue, booking_uid, why ? why : "Open the account to see why."};
    return rg_uid_valid(booking_uid) ? rg_store_transact(ctx, tried, &t) : RG_OK;
}

rg_outcome_t rg_billing_invoice_all(rg_batch_t *out, const rg_ctx_t *ctx,
                                    const char *const *booking_uids, int count)
{
    *out = (rg_batch_t){0, 0};
    if (!rg_may(ctx, RG_DEED_BILL)) {
        return RG_FORBIDDEN;
    }
    for (int i = 0; i < count; i++) {
        issue_t s = {.booking_uid = booking_uids[i], .reason = ""};
        rg_ctx_t one = *ctx;
        one.problems = rg_problems_make(ctx->pool);
        rg_outcome_t rc =
            rg_uid_valid(s.booking_uid) ? rg_store_transact(&one, issue_invoice, &s) : RG_NOT_FOUND;
        if (rc == RG_UNAVAILABLE || rc == RG_INTERNAL) {
            return rc;
        }
        out->done += rc == RG_OK;
        if (rc != RG_OK && !s.exists) {
            out->left++;
            rc = rg_billing_stays(&one, RG_QUEUE_INVOICE, s.booking_uid);
            if (rc == RG_UNAVAILABLE || rc == RG_INTERNAL) {
                return rc;
            }
        }
    }
    return RG_OK;
}

typedef struct {
    const char *uid;
    rg_invoice_t *inv;
    int64_t service_id;
} read_t;

static rg_outcome_t read_invoice_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    read_t *r = baton;
    rg_invoice_sum_t *all;
    int count;
    RG_TRY(rg_invoice_read(db, ctx, r->uid, &r->inv, &r->service_id));
    RG_TRY(rg_invoices_of(db, ctx, r->inv->booking_id, &all, &count));
    for (int i = 0; i < count; i++) {
        if (strcmp(all[i].uid, r->inv->uid) == 0) {
            r->inv->sum = all[i];
        }
    }
    RG_TRY(rg_credits_of(db, ctx, r->inv->id, &r->inv->credits, &r->inv->credit_count));
    RG_TRY(rg_credit_lines(db, ctx, r->inv->id, &r->inv->credit_lines, &r->inv->credit_line_count));
    return rg_may(ctx, RG_DEED_BILL)
               ? rg_second_looks(db, ctx, r->inv->booking_id, &r->inv->looks, &r->inv->look_count)
               : RG_OK;
}

rg_outcome_t rg_billing_invoice_get(rg_invoice_t **out, rg_site_t **site, const rg_ctx_t *ctx,
                                    const char *invoice_uid)
{
    read_t r = {.uid = invoice_uid};
    rg_service_t *service;
    if (!rg_uid_valid(invoice_uid)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, read_invoice_work, &r);
    if (rc != RG_OK) {
        return rc;
    }
    if (!rg_may(ctx, RG_DEED_BILL) && ctx->who.booking_id != r.inv->booking_id) {
        return RG_NOT_FOUND;
    }
    *out = r.inv;
    return rg_catalogue_by_id(&service, site, ctx, r.service_id);
}

/* --- queues ----------------------------------------------------------------------------------- */

static void copy_items(rg_worklist_t *w, apr_pool_t *p, const rg_queue_row_t *rows, int count)
{
    w->count = count;
    w->items = apr_palloc(p, sizeof(*w->items) * (size_t)(count ? count : 1));
    for (int i = 0; i < count; i++) {
        const rg_queue_row_t *r = &rows[i];
        w->items[i] = (rg_work_item_t){.booking_uid = r->booking_uid,
                                       .why = r->why,
                                       .tried_at = r->tried_at,
                                       .patient_family = r->family,
                                       .patient_given = r->given,
                                       .service_name = r->service_name,
                                       .payer_name = r->payer_name,
                                       .claim_uid = r->claim_uid,
                                       .claim_no = r->claim_no,
                                       .starts_at = r->starts_at,
                                       .total = r->total};
    }
}

static rg_outcome_t read_queue(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_worklist_t *w = baton;
    rg_queue_row_t *rows;
    int count;
    rg_outcome_t rc = rg_queue_counts(db, ctx, w->counts);
    if (rc != RG_OK) {
        return rc;
    }
    w->pages = (w->counts[w->queue] + RG_WORKLIST_PAGE - 1) / RG_WORKLIST_PAGE;
    if (w->pages < 1) {
        w->pages = 1;
    }
    if (w->page > w->pages) {
        w->page = w->pages;
    }
    rc = rg_queue_read(db, ctx, w->queue, RG_WORKLIST_PAGE, (w->page - 1) * RG_WORKLIST_PAGE, &rows,
                       &count);
    if (rc != RG_OK) {
        return rc;
    }
    copy_items(w, ctx->pool, rows, count);
    return RG_OK;
}

rg_outcome_t rg_billing_worklist(rg_worklist_t **out, const rg_ctx_t *ctx, rg_queue_t queue,
                                 int page)
{
    rg_worklist_t *w = apr_pcalloc(ctx->pool, sizeof(*w));
    rg_catalogue_t *catalogue;
    if (!rg_may(ctx, RG_DEED_BILL)) {
        return RG_FORBIDDEN;
    }
    w->queue = queue;
    w->page = page < 1 ? 1 : page;
    rg_outcome_t rc = rg_store_read(ctx, read_queue, w);
    if (rc == RG_OK) {
        rc = rg_catalogue_list(&catalogue, ctx);
    }
    if (rc != RG_OK) {
        return rc;
    }
    w->site = catalogue->site;
    *out = w;
    return RG_OK;
}
