/* SPDX-License-Identifier: Apache-2.0 */
/* Charges, invoices and claims for completed treatments.
 *
 * Each function is one business transaction. It takes the context first after its results, checks
 * that the caller may access the record (a patient's session only its own booking; anything else is
 * RG_NOT_FOUND), adds problems that a person can fix to ctx->problems, and writes an audit event
 * for every change in the same transaction. Results are allocated in ctx->pool. */
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
#include "regen/model/batch.h"
#include "regen/model/money.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"

/* The account of a treatment: charges, invoice, claim. */
typedef struct {
    rg_booking_t *booking;
    rg_site_t *site;
    int charge_count;
    rg_charge_t *charges;
    rg_money_t total;
    rg_money_t due;           /* what the patient is to be invoiced for */
    rg_estimated_t estimated; /* what was promised to who pays themselves */
    bool second_look;         /* an invoice for DUE needs one */
    int look_count;
    rg_second_look_t *looks; /* those that there were, oldest first */
    const char *patient_uid; /* "": none yet */
    const char *payer_name;  /* "": self-pay */
    int invoice_count;
    rg_invoice_sum_t *invoices;
    const char *invoice_uid; /* the last one; "": not issued */
    const char *invoice_label;
    const char *claim_uid; /* "": not made */
    const char *claim_no;
} rg_account_t;
typedef struct { /* one booking or claim in a queue */
    const char *booking_uid, *patient_family, *patient_given, *service_name, *payer_name;
    const char *claim_uid, *claim_no; /* "" unless claimed */
    apr_time_t starts_at;
    rg_money_t total;
    const char *why; /* why it failed when it was tried; "": not tried yet */
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

/* --- account.c: what was done becomes what is owed. Role billing or admin --------------------- */

rg_outcome_t rg_billing_account(rg_account_t **out, const rg_ctx_t *ctx, const char *booking_uid);

rg_outcome_t rg_billing_worklist(rg_worklist_t **out, const rg_ctx_t *ctx, rg_queue_t queue,
                                 int page);

/* Issues an invoice for what the patient is to pay of a completed booking and was not invoiced for
 * yet, with the next number of the year's series, in one transaction. What the payer owes is not on
 * it. RG_PRECONDITION: not completed, nothing to charge, or already issued. *UID is also
 * the idempotency result. */
rg_outcome_t rg_billing_invoice(const char **uid, const rg_ctx_t *ctx, const char *booking_uid);
/* The same after a second look that says why $400 or more above the estimate are billed; without a
 * REASON ("") such an invoice is RG_PRECONDITION. RG_INVALID: the reason is too long. */
rg_outcome_t rg_billing_invoice_why(const char **uid, const rg_ctx_t *ctx, const char *booking_uid,
                                    const char *reason);
/* Whether a DUE on top of what is invoiced needs a second look. */
bool rg_estimate_exceeded(const rg_estimated_t *e, rg_money_t due);
/* The result of creating many documents at once. */
typedef struct {
    int done; /* made now */
    int left; /* could not be created; documents that existed before count as neither */
} rg_batch_t;
/* The same for many bookings, each in its own transaction: one that fails does not stop the others.
 * May be repeated; ctx->idem is not used, because a booking has at most one invoice. Only
 * RG_FORBIDDEN, RG_UNAVAILABLE and RG_INTERNAL stop. */
rg_outcome_t rg_billing_invoice_all(rg_batch_t *out, const rg_ctx_t *ctx,
                                    const char *const *booking_uids, int count);
/* Staff with role billing or admin, or the patient whose invoice it is. */
rg_outcome_t rg_billing_invoice_get(rg_invoice_t **out, rg_site_t **site, const rg_ctx_t *ctx,
                                    const char *invoice_uid);

/* --- credit.c --------------------------------------------------------------------------------- */

/* Takes lines of an issued invoice back (their numbers, as typed), with a REASON: a credit note
 * with the next number of its
 * series. What was on them is to be invoiced again. RG_INVALID; RG_PRECONDITION: credited in the
 * meantime. *UID is also the
 * idempotency result. Role billing or admin. */
rg_outcome_t rg_billing_credit(const char **uid, const rg_ctx_t *ctx, const char *invoice_uid,
                               const char *reason, const char *const *lines, int count);
rg_outcome_t rg_billing_credit_get(rg_credit_note_t **out, rg_site_t **site, const rg_ctx_t *ctx,
                                   const char *uid);

/* --- lines.c ---------------------------------------------------------------------------------- */

/* The charges of a claim as its payer takes them: what was done on both sides in two lines (RT and
 * LT) or in one (50), the same code at another part of the body with XS; each line numbered, and
 * pointing to the diagnoses of what it was done to, at most four. The total stays. Pure. */
void rg_claim_lay_out(apr_pool_t *p, rg_claim_t *c);

/* --- x12.c ------------------------------------------------------------------------------------ */

/* Why a claim that passes the rules below cannot be sent as X12 (837P), in words; NULL: it can.
 * Pure. */
const char *rg_claim_x12_wrong(apr_pool_t *p, const rg_claim_t *c);
/* Files are for admins and the command line. render's functions, as rg_claim_render_t: the
 * beginning, each claim, the end. */
typedef struct {
    void (*begin)(rg_buf_t *out, apr_pool_t *p, const rg_claim_batch_t *b);
    void (*set)(rg_buf_t *out, apr_pool_t *p, const rg_claim_batch_t *b, const rg_batch_claim_t *c);
    void (*end)(rg_buf_t *out, apr_pool_t *p, const rg_claim_batch_t *b, int sets);
} rg_batch_render_t;
/* A file for tests, of the claims of these days that can be written, with the next control number.
 * A claim may be in several. RG_PRECONDITION: there is none, or no receiver. */
rg_outcome_t rg_claim_batch_make(rg_claim_batch_t **out, const rg_ctx_t *ctx, rg_date_t from,
                                 rg_date_t to, const rg_batch_render_t *render);
/* Its bytes, in pieces, to FN: the same ones each time, or RG_INTERNAL at the end. */
typedef rg_outcome_t (*rg_batch_sink_fn)(void *baton, const char *bytes, size_t n);
rg_outcome_t rg_claim_batch_write(rg_claim_batch_t **out, const rg_ctx_t *ctx, int64_t id,
                                  const rg_batch_render_t *render, rg_batch_sink_fn fn,
                                  void *baton);
/* Claims of these days that cannot be sent, and why: the first thousand. */
rg_outcome_t rg_claim_batch_left(rg_batch_left_t **out, int *count, const rg_ctx_t *ctx,
                                 rg_date_t from, rg_date_t to);

/* --- scrub.c ---------------------------------------------------------------------------------- */

/* Everything that makes a claim unfit to send, as problems with the FHIR path as field. Pure: NOW
 * and ZONE are the clock and the site's zone. Rules: domain table 3c (E1..E21). */
void rg_claim_scrub(const rg_claim_t *c, apr_time_t now, const rg_zone_t *zone,
                    rg_problems_t *problems);
/* The same for a foreign claim, as far as the document alone allows. Missing values ("", 0, year 0)
 * are not checked, nor what only the clinic's records know: billing provider and payer, what was
 * treated, timely filing, and pointers (lines have none). PROFESSIONAL: the limits and modifiers of
 * a CMS-1500 apply. TODAY is the latest date anywhere on earth. */
void rg_claim_scrub_foreign(const rg_claim_t *c, bool professional, rg_date_t today,
                            rg_problems_t *problems);

/* --- claim.c ---------------------------------------------------------------------------------- */

/* Makes a claim's bytes: render's function, passed in because clinic does not know render. */
typedef struct {
    rg_outcome_t (*xml)(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                        const rg_policy_t *policy);
    rg_outcome_t (*json)(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                         const rg_policy_t *policy);
    rg_outcome_t (*x12)(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c);
} rg_claim_render_t;
/* Builds, scrubs, renders, validates against HL7's schema when policy names it, stores: one
 * transaction. RG_PRECONDITION with reasons. *UID is also the idempotency result. */
rg_outcome_t rg_claim_make(const char **uid, const rg_ctx_t *ctx, const char *booking_uid,
                           const rg_claim_render_t *render);

/* --- account.c: what was done becomes what is owed. Role billing or admin --------------------- */

/* When many are created at once, this one stays in its QUEUE with the first problem of CTX as the
 * reason, behind those that were not tried. */
rg_outcome_t rg_billing_stays(const rg_ctx_t *ctx, int queue, const char *booking_uid);

/* --- claim.c ---------------------------------------------------------------------------------- */

/* As rg_billing_invoice_all. */
rg_outcome_t rg_claim_make_all(rg_batch_t *out, const rg_ctx_t *ctx,
                               const char *const *booking_uids, int count,
                               const rg_claim_render_t *render);
/* A preview of the claim, and what is wrong with it (in ctx->problems); nothing is stored. */
rg_outcome_t rg_claim_preview(rg_claim_t **out, const rg_ctx_t *ctx, const char *booking_uid);

/* Billing, admin, or an API client with scope system/Claim.read (or system/Claim.rs). */
rg_outcome_t rg_claim_get(rg_claim_doc_t **out, const rg_ctx_t *ctx, const char *claim_uid);
/* Claims with FROM <= service date <= TO, in order of service date, one by one, in constant memory:
 * DOC is valid only during the call. Anything but RG_OK from FN stops and is returned. Admin
 * (regenctl). */
typedef rg_outcome_t (*rg_claim_each_fn)(void *baton, const rg_claim_doc_t *doc);
rg_outcome_t rg_claim_each(const rg_ctx_t *ctx, rg_date_t from, rg_date_t to, rg_claim_each_fn fn,
                           void *baton);

/* --- estimate.c: good-faith estimates --------------------------------------------------------- */

typedef struct {
    rg_booking_t *booking;
    rg_site_t *site;
    bool self_pay;
    bool has;               /* there is one */
    rg_estimate_t estimate; /* if there is */
    bool may_issue;         /* another one, by the caller and now */
    bool may_hand_over, may_take_back;
    bool applies; /* the newest of a booking that is ahead and paid by the patient: to be given */
    bool sends;   /* letters leave by themselves */
} rg_estimate_page_t;
/* The patient's own, behind the link of its booking; VERSION 0: the newest, and without one the
 * page says so. RG_NOT_FOUND: no such version. */
rg_outcome_t rg_estimate_mine(rg_estimate_page_t *out, const rg_ctx_t *ctx, int version);
/* For staff who may take money. Without one it says so; RG_NOT_FOUND: no such booking or
 * version. */
rg_outcome_t rg_estimate_get(rg_estimate_page_t *out, const rg_ctx_t *ctx, const char *booking_uid,
                             int version);
/* One by its number ("GFE-2026-000042"); who may read it as rg_claim_get, but numbers can be
 * guessed: an API client reads those of the bookings that it made, unless it sees everybody's. */
rg_outcome_t rg_estimate_by_label(rg_estimate_t *out, const rg_ctx_t *ctx, const char *label);
/* Issues another one, because somebody asked. RG_PRECONDITION: not self-pay, or it has begun. */
rg_outcome_t rg_estimate_issue(const rg_ctx_t *ctx, const char *booking_uid);
/* Notes that the newest VERSION was handed over on paper, or that it was not. RG_CONFLICT:
 * it is not the newest any more, or that was noted already. RG_NOT_FOUND. */
rg_outcome_t rg_estimate_handed_over(const rg_ctx_t *ctx, const char *booking_uid, int version,
                                     rg_handover_kind_t what);
#define RG_ESTIMATES_DUE_MOST 500
/* What the law wants to be given by a day and nobody has yet, the earliest day first. */
typedef struct {
    int count, overdue, today; /* all; before today; by today */
    rg_estimate_open_t *rows;
    bool full;  /* there are more, due later */
    bool sends; /* letters leave by themselves */
    rg_site_t *site;
    int site_count;
} rg_estimates_due_t;
rg_outcome_t rg_estimates_due(rg_estimates_due_t **out, const rg_ctx_t *ctx);

#endif
