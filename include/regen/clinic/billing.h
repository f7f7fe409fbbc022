/* SPDX-License-Identifier: Apache-2.0 */
/* What was done becomes what is owed.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
#ifndef REGEN_CLINIC_BILLING_H
#define REGEN_CLINIC_BILLING_H

#include <stdbool.h>
#include <stddef.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"

/* What a treatment owes, and the papers there are. */
typedef struct {
    rg_booking_t *booking;
    rg_site_t *site;
    int charge_count;
    rg_charge_t *charges;
    rg_money_t total;
    const char *payer_name;  /* "": self-pay */
    const char *invoice_uid; /* "": not issued */
    const char *invoice_label;
    const char *claim_uid; /* "": not made */
    const char *claim_no;
} rg_account_t;
typedef struct { /* one booking or claim in a queue */
    const char *booking_uid, *patient_family, *patient_given, *service_name, *payer_name;
    const char *claim_uid, *claim_no; /* "" unless claimed */
    apr_time_t starts_at;
    rg_money_t total;
    const char *why; /* why it stayed when it was tried; "": not tried yet */
    apr_time_t tried_at;
} rg_work_item_t;
typedef struct {
    rg_queue_t queue;
    int counts[RG_QUEUE_COUNT];
    int page, pages; /* from 1 */
    int count;
    rg_work_item_t *items;
    rg_site_t *site;
} rg_worklist_t;
#define RG_WORKLIST_PAGE 50

/* An emitted claim: its bytes, and the values a person looks at (diagnoses and lines NULL from
 * _each). */
typedef struct {
    rg_claim_row_t row;
    const char *booking_uid;
    const char *xml, *json;
    size_t xml_len, json_len; /* json 0 from _each */
    unsigned char sha256[32]; /* of xml; zeros from _each */
    int diagnosis_count;
    rg_diagnosis_t *diagnoses;
    int line_count;
    rg_claim_line_t *lines;
} rg_claim_doc_t;

/* --- account.c: what was done becomes what is owed. Role billing or admin --------------------- */

rg_outcome_t rg_billing_account(rg_account_t **out, rg_ctx_t *ctx, const char *booking_uid);

const char *rg_queue_name(rg_queue_t q); /* "to-invoice", "to-claim", "claimed" */
int rg_queue_parse(const char *name);    /* -1: unknown */
rg_outcome_t rg_billing_worklist(rg_worklist_t **out, rg_ctx_t *ctx, rg_queue_t queue, int page);

/* Issues the invoice of a completed booking with the next number of the year's series, in one
 * transaction. RG_PRECONDITION: not completed, nothing to charge, or issued before. *UID is also
 * the idempotency result. */
rg_outcome_t rg_billing_invoice(const char **uid, rg_ctx_t *ctx, const char *booking_uid);
/* What became of many papers at once. */
typedef struct {
    int done; /* made now */
    int left; /* could not be made; what was made before counts as neither */
} rg_batch_t;
/* The same for many bookings, each in a transaction of its own: one that cannot be issued stops no
 * other. May be repeated; ctx->idem is not used, because a booking has one invoice at most. Only
 * RG_FORBIDDEN, RG_UNAVAILABLE and RG_INTERNAL stop. */
rg_outcome_t rg_billing_invoice_all(rg_batch_t *out, rg_ctx_t *ctx, const char *const *booking_uids,
                                    int count);
/* Staff with role billing or admin, or the patient whose invoice it is. */
rg_outcome_t rg_billing_invoice_get(rg_invoice_t **out, rg_site_t **site, rg_ctx_t *ctx,
                                    const char *invoice_uid);

/* --- scrub.c ---------------------------------------------------------------------------------- */

/* Everything that must not leave the house, as problems with the FHIR path as field. Pure: NOW and
 * ZONE are the clock and the site's zone. Rules: domain table 3c (E1..E21). */
void rg_claim_scrub(const rg_claim_t *c, apr_time_t now, const rg_zone_t *zone,
                    rg_problems_t *problems);
/* The same for a claim that somebody else wrote, as far as a document of its own tells. What is not
 * there ("", 0, year 0) is not judged, nor what only the clinic's records know: who bills and pays,
 * what was treated, how late is too late, and which pointers lead where (lines have none).
 * PROFESSIONAL: what a CMS-1500 can hold, and its modifiers, bind it. TODAY is the latest day that
 * it is anywhere. */
void rg_claim_scrub_foreign(const rg_claim_t *c, bool professional, rg_date_t today,
                            rg_problems_t *problems);

/* --- claim.c ---------------------------------------------------------------------------------- */

/* How a claim's bytes are made: render's function, handed in because clinic does not know
 * render. */
typedef struct {
    rg_outcome_t (*xml)(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                        const rg_policy_t *policy);
    rg_outcome_t (*json)(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                         const rg_policy_t *policy);
} rg_claim_render_t;
/* Builds, scrubs, renders, validates against HL7's schema when policy names it, stores: one
 * transaction. RG_PRECONDITION with reasons. *UID is also the idempotency result. */
rg_outcome_t rg_claim_make(const char **uid, rg_ctx_t *ctx, const char *booking_uid,
                           const rg_claim_render_t *render);

/* --- account.c: what was done becomes what is owed. Role billing or admin --------------------- */

/* Of many at once this one stays in its QUEUE, with the first problem of CTX as the reason: it goes
 * behind what was not tried. */
rg_outcome_t rg_billing_stays(rg_ctx_t *ctx, int queue, const char *booking_uid);

/* --- claim.c ---------------------------------------------------------------------------------- */

/* As rg_billing_invoice_all. */
rg_outcome_t rg_claim_make_all(rg_batch_t *out, rg_ctx_t *ctx, const char *const *booking_uids,
                               int count, const rg_claim_render_t *render);
/* What a claim would say now, and what is wrong with it (in ctx->problems); nothing is stored. */
rg_outcome_t rg_claim_preview(rg_claim_t **out, rg_ctx_t *ctx, const char *booking_uid);

/* Billing, admin, or a machine with scope system/Claim.read (or system/Claim.rs). */
rg_outcome_t rg_claim_get(rg_claim_doc_t **out, rg_ctx_t *ctx, const char *claim_uid);
/* Claims with FROM <= service date <= TO, in order of service date, one by one, in constant memory:
 * DOC is gone after the call. Anything but RG_OK from FN stops and is returned. Admin
 * (regenctl). */
typedef rg_outcome_t (*rg_claim_each_fn)(void *baton, const rg_claim_doc_t *doc);
rg_outcome_t rg_claim_each(rg_ctx_t *ctx, rg_date_t from, rg_date_t to, rg_claim_each_fn fn,
                           void *baton);

#endif
