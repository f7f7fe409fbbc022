/* SPDX-License-Identifier: Apache-2.0 */
/* The billing staff's pages: queues, one account, its invoice, its claim. Rows in route.c. */
#include "web.h"

#include <apr_strings.h>

static const rg_claim_render_t RENDER = {rg_fhir_claim_xml, rg_fhir_claim_json};

int regen_h_billing(regen_req_t *q)
{
    rg_worklist_t *w;
    const char *name = regen_param(q, "queue");
    const char *number = regen_param(q, "page");
    int queue = name ? rg_queue_parse(name) : RG_QUEUE_INVOICE;
    int64_t page = 1;
    rg_outcome_t rc;
    if (queue < 0 || (number && !rg_text_i64(&page, number, 1, 1000000))) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rc = rg_billing_worklist(&w, q->ctx, (rg_queue_t)queue, (int)page);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, RG_OK, "billing_queue", rg_view_worklist(q->ctx->pool, w));
}

/* What stands against a claim, without letting it colour the page's own problems. */
static rg_outcome_t reasons(regen_req_t *q, const rg_account_t *a, const rg_problems_t **against)
{
    rg_ctx_t look = *q->ctx;
    rg_claim_t *claim;
    rg_outcome_t rc;
    *against = NULL;
    if (a->booking->status != RG_BOOKING_COMPLETED || !*a->payer_name || *a->claim_uid) {
        return RG_OK;
    }
    look.problems = rg_problems_make(q->ctx->pool);
    rc = rg_claim_preview(&claim, &look, a->booking->uid);
    *against = look.problems;
    return rc;
}

static int show_account(regen_req_t *q, rg_outcome_t outcome)
{
    const rg_problems_t *against;
    rg_account_t *a;
    rg_outcome_t rc = rg_billing_account(&a, q->ctx, q->args[0]);
    if (rc == RG_OK) {
        rc = reasons(q, a, &against);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, outcome, "billing_account", rg_view_account(q->ctx->pool, a, against));
}

int regen_h_account(regen_req_t *q)
{
    return show_account(q, RG_OK);
}

int regen_h_invoice_make(regen_req_t *q)
{
    const char *uid;
    rg_outcome_t rc = rg_billing_invoice(&uid, q->ctx, q->args[0]);
    if (rc == RG_PRECONDITION) {
        return show_account(q, rc);
    }
    return rc == RG_OK ? regen_redirect(q, "/billing/invoices/%s", uid) : regen_fail(q, rc);
}

int regen_h_invoice(regen_req_t *q)
{
    rg_invoice_t *inv;
    rg_site_t *site;
    rg_outcome_t rc = rg_billing_invoice_get(&inv, &site, q->ctx, q->args[0]);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_page(q, RG_OK, "billing_invoice", rg_view_invoice(q->ctx->pool, inv, site));
}

int regen_h_claim_make(regen_req_t *q)
{
    const char *uid;
    rg_outcome_t rc = rg_claim_make(&uid, q->ctx, q->args[0], &RENDER);
    if (rc == RG_PRECONDITION) {
        return show_account(q, rc);
    }
    return rc == RG_OK ? regen_redirect(q, "/billing/claims/%s", uid) : regen_fail(q, rc);
}

int regen_h_claim(regen_req_t *q)
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
    return regen_page(q, RG_OK, "billing_claim", rg_view_claim(q->ctx->pool, doc, catalogue->site));
}

/* The stored bytes: what was validated is what is handed out. */
int regen_h_claim_file(regen_req_t *q)
{
    rg_claim_doc_t *doc;
    rg_outcome_t rc = rg_claim_get(&doc, q->ctx, q->args[0]);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_bytes(q, "application/fhir+xml; charset=utf-8",
                       apr_pstrcat(q->ctx->pool, doc->row.claim_no, ".xml", NULL), doc->xml,
                       doc->xml_len);
}

int regen_h_fhir_claim(regen_req_t *q)
{
    rg_claim_doc_t *doc;
    rg_outcome_t rc = rg_claim_get(&doc, q->ctx, q->args[0]);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    if (q->wants_json) {
        return regen_bytes(q, "application/fhir+json; charset=utf-8", NULL, doc->json,
                           doc->json_len);
    }
    return regen_bytes(q, "application/fhir+xml; charset=utf-8", NULL, doc->xml, doc->xml_len);
}
