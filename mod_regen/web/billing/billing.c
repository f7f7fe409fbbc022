/* SPDX-License-Identifier: Apache-2.0 */
/* The billing staff's pages: queues, one account, its invoice, its claim; and the FHIR read of a
 * claim. */
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/billing.h"
#include "regen/clinic/definitions.h"
#include "regen/core/buf.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/place.h"
#include "regen/render/fhir.h"
#include "regen/render/x12.h"
#include "regen/render/view_billing.h"

#include <http_protocol.h>
#include <http_request.h>
#include <string.h>

#include <apr_strings.h>

enum { ESTIMATE_MAX = 256 * KIB };

static const rg_claim_render_t RENDER = {rg_fhir_claim_xml, rg_fhir_claim_json, rg_x12_claim};

/* --- queues ----------------------------------------------------------------------------------- */

static bool number_param(const regen_req_t *q, const char *name, int64_t lo, int64_t *out)
{
    const char *text = regen_param(q, name);
    return !text || rg_text_i64(out, text, lo, 1000000);
}

static int h_billing(regen_req_t *q)
{
    const char *name = regen_param(q, "queue");
    int queue = name ? rg_queue_parse(name) : RG_QUEUE_INVOICE;
    int64_t page = 1;
    int64_t done = -1;
    int64_t left = 0;
    rg_worklist_t *w;
    if (queue < 0 || !number_param(q, "page", 1, &page) || !number_param(q, "done", 0, &done) ||
        !number_param(q, "left", 0, &left)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rg_outcome_t rc = rg_billing_worklist(&w, q->ctx, (rg_queue_t)queue, (int)page);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_worklist(q->ctx->pool, w);
    if (done >= 0) {
        rg_view_worklist_deed(view, q->ctx->pool, w->queue, (int)done, (int)left);
    }
    return regen_page(q, RG_OK, "billing/queue", view);
}

/* The bookings that were ticked, or all that the page showed, by the button that was pressed. */
static int chosen(const regen_req_t *q, const char **uids)
{
    bool all = strcmp(regen_field(q, "which"), "shown") == 0;
    const apr_array_header_t *pairs = q->form->pairs;
    int n = 0;
    for (int i = 0; i < pairs->nelts && n < RG_WORKLIST_PAGE; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(pairs, i, rg_pair_t);
        if (strcmp(pair->name, all ? "shown" : "booking") == 0) {
            uids[n++] = pair->value;
        }
    }
    return n;
}

/* Back to the queue, which shows the result. */
static int to_queue(regen_req_t *q, rg_queue_t queue, rg_outcome_t rc, const rg_batch_t *batch)
{
    int64_t page = 1;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    if (!rg_text_i64(&page, regen_field(q, "page"), 1, 1000000)) {
        page = 1;
    }
    return regen_redirect(q, "/billing?queue=%s&page=%d&done=%d&left=%d", rg_queue_name(queue),
                          (int)page, batch->done, batch->left);
}

static int none_chosen(regen_req_t *q, rg_queue_t queue)
{
    rg_worklist_t *w;
    rg_outcome_t rc = rg_billing_worklist(&w, q->ctx, queue, 1);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_problem_add(q->ctx->problems, "booking", "Choose at least one treatment in the list.");
    return regen_page(q, RG_INVALID, "billing/queue", rg_view_worklist(q->ctx->pool, w));
}

static int h_invoices_make(regen_req_t *q)
{
    const char *uids[RG_WORKLIST_PAGE];
    rg_batch_t batch;
    int n = chosen(q, uids);
    if (n == 0) {
        return none_chosen(q, RG_QUEUE_INVOICE);
    }
    return to_queue(q, RG_QUEUE_INVOICE, rg_billing_invoice_all(&batch, q->ctx, uids, n), &batch);
}

static int h_claims_make(regen_req_t *q)
{
    const char *uids[RG_WORKLIST_PAGE];
    rg_batch_t batch;
    int n = chosen(q, uids);
    if (n == 0) {
        return none_chosen(q, RG_QUEUE_CLAIM);
    }
    return to_queue(q, RG_QUEUE_CLAIM, rg_claim_make_all(&batch, q->ctx, uids, n, &RENDER), &batch);
}

/* --- one account ------------------------------------------------------------------------------ */

/* A preview of the claim and its problems, without adding them to the page's own problems. */
static rg_outcome_t look_ahead(regen_req_t *q, const rg_account_t *a, rg_claim_t **claim,
                               const rg_problems_t **against)
{
    rg_ctx_t look = *q->ctx;
    *claim = NULL;
    *against = NULL;
    if (a->booking->status != RG_BOOKING_COMPLETED || !*a->payer_name || *a->claim_uid) {
        return RG_OK;
    }
    look.problems = rg_problems_make(q->ctx->pool);
    rg_outcome_t rc = rg_claim_preview(claim, &look, a->booking->uid);
    *against = look.problems;
    return rc;
}

/* The reasons are shown with the claim; the summary at the top only links there. */
static void lead_to_claim(regen_req_t *q, const rg_problems_t **against)
{
    *against = q->ctx->problems;
    q->ctx->problems = rg_problems_make(q->ctx->pool);
    rg_problem_add(q->ctx->problems, "claim",
                   "The claim was not created. Fix the problems below first.");
}

static int show_account(regen_req_t *q, rg_outcome_t outcome)
{
    bool refused = rg_problems_any(q->ctx->problems);
    const rg_problems_t *against;
    rg_claim_t *claim;
    rg_account_t *a;
    rg_outcome_t rc = rg_billing_account(&a, q->ctx, q->args[0]);
    if (rc == RG_OK) {
        rc = look_ahead(q, a, &claim, &against);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    if (refused && claim && strstr(q->route->pattern, "/claim")) {
        lead_to_claim(q, &against);
    }
    rg_val_t *view = rg_view_account(q->ctx->pool, a, claim, against);
    rg_val_str(view, "typed_reason", rg_form_get(q->form, "reason"));
    return regen_page(q, outcome, "billing/account", view);
}

static int h_account(regen_req_t *q)
{
    return show_account(q, RG_OK);
}

static int h_invoice_make(regen_req_t *q)
{
    const char *uid;
    rg_outcome_t rc = rg_billing_invoice_why(&uid, q->ctx, q->args[0], regen_field(q, "reason"));
    if (rc == RG_PRECONDITION || rc == RG_INVALID) {
        return show_account(q, rc);
    }
    return rc == RG_OK ? regen_redirect(q, "/billing/invoices/%s", uid) : regen_fail(q, rc);
}

static int show_invoice(regen_req_t *q, rg_outcome_t outcome)
{
    rg_invoice_t *inv;
    rg_site_t *site;
    rg_outcome_t rc = rg_billing_invoice_get(&inv, &site, q->ctx, q->args[0]);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_invoice(q->ctx->pool, inv, site);
    rg_val_str(view, "typed_reason", rg_form_get(q->form, "reason"));
    return regen_page(q, outcome, "billing/invoice", view);
}

static int h_invoice(regen_req_t *q)
{
    return show_invoice(q, RG_OK);
}

/* The lines that are ticked. */
static int h_credit_make(regen_req_t *q)
{
    enum { LINES_MOST = 99 };
    const char *lines[LINES_MOST];
    const char *uid;
    int n = 0;
    for (int i = 0; i < q->form->pairs->nelts && n < LINES_MOST; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(q->form->pairs, i, rg_pair_t);
        if (strcmp(pair->name, "line") == 0) {
            lines[n++] = pair->value;
        }
    }
    rg_outcome_t rc =
        rg_billing_credit(&uid, q->ctx, q->args[0], regen_field(q, "reason"), lines, n);
    if (rc == RG_INVALID || rc == RG_PRECONDITION) {
        return show_invoice(q, rc);
    }
    return rc == RG_OK ? regen_redirect(q, "/billing/invoices/%s/credits/%s", q->args[0], uid)
                       : regen_fail(q, rc);
}

static int h_credit(regen_req_t *q)
{
    rg_credit_note_t *note;
    rg_site_t *site;
    rg_outcome_t rc = rg_billing_credit_get(&note, &site, q->ctx, q->args[1]);
    if (rc == RG_OK && strcmp(note->invoice_uid, q->args[0]) != 0) {
        rc = RG_NOT_FOUND;
    }
    return rc == RG_OK ? regen_page(q, RG_OK, "billing/credit",
                                    rg_view_credit_note(q->ctx->pool, note, site))
                       : regen_fail(q, rc);
}

/* --- claims ----------------------------------------------------------------------------------- */

static int h_claim_make(regen_req_t *q)
{
    const char *uid;
    rg_outcome_t rc = rg_claim_make(&uid, q->ctx, q->args[0], &RENDER);
    if (rc == RG_PRECONDITION) {
        return show_account(q, rc);
    }
    return rc == RG_OK ? regen_redirect(q, "/billing/claims/%s", uid) : regen_fail(q, rc);
}

static int h_claim(regen_req_t *q)
{
    rg_claim_doc_t *doc;
    rg_catalogue_t *catalogue;
    rg_outcome_t rc = rg_claim_get(&doc, q->ctx, q->args[0]);
    if (rc == RG_OK) {
        rc = rg_catalogue_list(&catalogue, q->ctx);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, RG_OK, "billing/claim", rg_view_claim(q->ctx->pool, doc, catalogue->site));
}

/* The stored bytes: what was validated is what is handed out. They never change, so their hash is a
 * strong validator; each representation has its own. */
static int send_claim(regen_req_t *q, const rg_claim_doc_t *doc, const char *filename)
{
    request_rec *r = q->r;
    const char *hash = rg_text_base64url(r->pool, doc->sha256, 16);
    apr_table_setn(r->headers_out, "ETag",
                   apr_pstrcat(r->pool, "\"", hash, q->wants_json ? "-json\"" : "\"", NULL));
    apr_table_mergen(r->headers_out, "Vary", "Accept");
    ap_update_mtime(r, doc->row.created_at);
    ap_set_last_modified(r);
    int rc = ap_meets_conditions(r);
    if (rc != OK) {
        return rc;
    }
    if (q->wants_json) {
        return regen_bytes(q, "application/fhir+json; charset=utf-8", filename, doc->json,
                           doc->json_len);
    }
    return regen_bytes(q, "application/fhir+xml; charset=utf-8", filename, doc->xml, doc->xml_len);
}

static int h_claim_file(regen_req_t *q)
{
    rg_claim_doc_t *doc;
    rg_outcome_t rc = rg_claim_get(&doc, q->ctx, q->args[0]);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return send_claim(q, doc, apr_pstrcat(q->ctx->pool, doc->row.claim_no, ".xml", NULL));
}

/* Written anew each time, always the same until a newer version takes its place. */
static int send_estimate(regen_req_t *q)
{
    unsigned char hash[32];
    rg_estimate_t e;
    rg_outcome_t rc = rg_estimate_by_label(&e, q->ctx, q->args[0]);
    rg_buf_t *b = rg_buf_make(q->ctx->pool, ESTIMATE_MAX);
    rc = rc == RG_OK ? rg_fhir_estimate(q->wants_json ? RG_FORMAT_JSON : RG_FORMAT_XML, b,
                                        q->ctx->pool, &e, q->ctx->policy)
                     : rc;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_crypto_sha256(hash, b->data, b->len);
    apr_table_setn(
        q->r->headers_out, "ETag",
        apr_pstrcat(q->r->pool, "\"", rg_text_base64url(q->r->pool, hash, 16), "\"", NULL));
    apr_table_mergen(q->r->headers_out, "Vary", "Accept");
    int met = ap_meets_conditions(q->r);
    return met != OK ? met
                     : regen_bytes(q,
                                   q->wants_json ? "application/fhir+json; charset=utf-8"
                                                 : "application/fhir+xml; charset=utf-8",
                                   NULL, b->data, b->len);
}

/* Estimates are Claims, too, and have their numbers as ids. */
static int h_fhir_claim(regen_req_t *q)
{
    if (strncmp(q->args[0], RG_ESTIMATE_SERIES, strlen(RG_ESTIMATE_SERIES)) == 0) {
        return send_estimate(q);
    }
    rg_claim_doc_t *doc;
    rg_outcome_t rc = rg_claim_get(&doc, q->ctx, q->args[0]);
    return rc == RG_OK ? send_claim(q, doc, NULL) : regen_fail(q, rc);
}

const regen_route_t regen_routes_billing[] = {
    {"GET", "/billing", BILLING, 0, 0, REGEN_STAFF_AREA, h_billing},
    {"GET", "/billing/bookings/*", BILLING, 0, 0, REGEN_STAFF_AREA, h_account},
    {"POST", "/billing/bookings/*/invoice", BILLING, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_invoice_make},
    {"POST", "/billing/bookings/*/claim", BILLING, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_claim_make},
    {"POST", "/billing/invoices", BILLING, 16 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_invoices_make},
    {"POST", "/billing/claims", BILLING, 16 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_claims_make},
    {"GET", "/billing/invoices/*", BILLING, 0, 0, REGEN_STAFF_AREA, h_invoice},
    {"POST", "/billing/invoices/*/credits", BILLING, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_credit_make},
    {"GET", "/billing/invoices/*/credits/*", BILLING, 0, 0, REGEN_STAFF_AREA, h_credit},
    {"GET", "/billing/claims/*", BILLING, 0, 0, REGEN_STAFF_AREA, h_claim},
    {"GET", "/billing/claims/*/file", BILLING, 0, 0, REGEN_STAFF_AREA, h_claim_file},
    {"GET", "/fhir/Claim/*", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, h_fhir_claim},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
