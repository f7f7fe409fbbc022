/* SPDX-License-Identifier: Apache-2.0 */
/* Charges, invoices, queues, claims. */
#ifndef REGEN_STORE_BILLING_H
#define REGEN_STORE_BILLING_H

#include <stddef.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/batch.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"

/* --- money.c: charges, invoices, queues ------------------------------------------------------- */

rg_outcome_t rg_charges_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                             rg_charge_t **out, int *count);
/* What the patient is to be invoiced for now, as lines, and how many invoices the treatment had
 * before. */
rg_outcome_t rg_charges_due(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_charge_t **out,
                            int *count, int *turn);
/* Fills the payer, (last) invoice and claim fields of an account; RG_NOT_FOUND without such a
 * booking. */
struct rg_account_sql_t {
    const char *payer_name, *invoice_uid, *invoice_label, *claim_uid, *claim_no;
    const char *patient_uid; /* "": none */
};
rg_outcome_t rg_account_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                             struct rg_account_sql_t *out);
/* The invoices of a booking, the first one first, with what is open of each. */
rg_outcome_t rg_invoices_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                            rg_invoice_sum_t **out, int *count);
/* --- credit.c --------------------------------------------------------------------------------- */

/* The lines of an invoice by charge, and its credit notes. */
rg_outcome_t rg_credit_lines(rg_db_t *db, const rg_ctx_t *ctx, int64_t invoice_id,
                             rg_credit_line_t **out, int *count);
rg_outcome_t rg_credits_of_booking(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                   rg_credit_note_t **out, int *count);
rg_outcome_t rg_credits_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t invoice_id,
                           rg_credit_note_t **out, int *count);
/* RG_PRECONDITION: a line is credited already, or is not as it says. */
rg_outcome_t rg_credit_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t invoice_id,
                              const rg_credit_note_t *n, const char *series, int number,
                              int64_t *id);
rg_outcome_t rg_credit_read(rg_db_t *db, const rg_ctx_t *ctx, const char *uid,
                            rg_credit_note_t *out, int64_t *service_id);

/* --- money.c, invoices.c ---------------------------------------------------------------------- */

/* "INV-2026-000042"; "" for number 0. */
const char *rg_paper_label(apr_pool_t *p, const char *series, int64_t number);
/* Next number of SERIES in the caller's transaction, which locks the series until it ends. */
rg_outcome_t rg_invoice_next(rg_db_t *db, const rg_ctx_t *ctx, const char *series, int *number);
/* RG_CONFLICT when the booking has one with this turn: another clerk was first. Sets inv->id. */
rg_outcome_t rg_invoice_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_invoice_t *inv,
                               int64_t patient_id);
/* inv->booking_id lets the use-case check who may see it. */
rg_outcome_t rg_invoice_read(rg_db_t *db, const rg_ctx_t *ctx, const char *uid, rg_invoice_t **out,
                             int64_t *service_id);
/* Counts of the three queues, in the order of rg_queue_t. */
rg_outcome_t rg_queue_counts(rg_db_t *db, const rg_ctx_t *ctx, int counts[RG_QUEUE_COUNT]);
/* One row of queue number QUEUE; the use-case gets a row at a time and copies what it needs. */
typedef struct {
    const char *booking_uid, *family, *given, *service_name, *payer_name, *claim_uid, *claim_no;
    apr_time_t starts_at;
    rg_money_t total;
    const char *why; /* why it failed when it was tried; "": not tried yet */
    apr_time_t tried_at;
} rg_queue_row_t;
/* QUEUE 0 or 1: records that it could not be billed, and WHY; it goes behind those not tried
 * yet. */
rg_outcome_t rg_queue_tried(rg_db_t *db, const rg_ctx_t *ctx, rg_queue_t queue,
                            const char *booking_uid, const char *why);
rg_outcome_t rg_queue_read(rg_db_t *db, const rg_ctx_t *ctx, rg_queue_t queue, int limit,
                           int offset, rg_queue_row_t **out, int *count);

/* --- claim.c: what a claim is made of, and what was emitted ----------------------------------- */

/* Locks the booking for this transaction if nobody changed it since rg_claim_facts; RG_GONE
 * otherwise. */
rg_outcome_t rg_claim_pin(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_t *c);

/* All facts of a claim for this booking, except uid, number and creation. The site's zone is
 * opened. *STATUS is the booking's. RG_NOT_FOUND: no such booking. coverage.id 0: self-pay. */
rg_outcome_t rg_claim_facts(rg_db_t *db, const rg_ctx_t *ctx, const char *booking_uid,
                            rg_claim_t *out, rg_booking_status_t *status);
typedef struct {
    const char *xml, *json;
    size_t xml_len, json_len;
    const char *x12, *x12_why; /* NULL and why not; "" if there is one */
    size_t x12_len;
} rg_claim_bytes_t;
/* Inserts claim, diagnoses and lines. RG_CONFLICT when the booking has its original claim. */
rg_outcome_t rg_claim_insert(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_t *c,
                             const rg_claim_bytes_t *bytes, int64_t *id);
rg_outcome_t rg_claim_read(rg_db_t *db, const rg_ctx_t *ctx, const char *uid, rg_claim_doc_t *out);
/* Row and XML of each, no more; they are gone after the call. */
rg_outcome_t rg_claim_stream(rg_db_t *db, const rg_ctx_t *ctx, rg_date_t from, rg_date_t to,
                             rg_outcome_t (*fn)(void *baton, const rg_claim_doc_t *c), void *baton);

/* --- estimate.c ------------------------------------------------------------------------------- */

/* One of a booking with its lines; VERSION 0: the newest. RG_NOT_FOUND. */
rg_outcome_t rg_estimate_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int version,
                              rg_estimate_t *out);
/* The same by its number; MADE_BY: only if that token made its booking (0: of any). */
rg_outcome_t rg_estimate_read_id(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int64_t made_by,
                                 rg_estimate_t *out);
/* Another one, asked for; who is in CTX. RG_PRECONDITION: the database refuses it. */
rg_outcome_t rg_estimate_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int64_t *id);
/* Notes that one was handed over on paper, or that it was not after all; who is in CTX.
 * RG_PRECONDITION: the database refuses it. RG_CONFLICT: somebody was quicker. */
rg_outcome_t rg_estimate_hand_over(rg_db_t *db, const rg_ctx_t *ctx, int64_t estimate_id,
                                   rg_handover_kind_t what);
/* Those of a booking up to VERSION since the last one before it that was given. */
rg_outcome_t rg_estimate_clocks(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int version,
                                rg_estimate_clock_t **out, int *count);
/* At most LIMIT of visits ahead that the patient has not been given, the longest since first;
 * without DUE. AFTER: those after it; NULL: from the first on. */
rg_outcome_t rg_estimates_open(rg_db_t *db, const rg_ctx_t *ctx, rg_estimate_open_t **out,
                               int *count, const rg_estimate_open_t *after, int limit);
/* What is billed for a booking against its estimate; estimate_id 0: there is none. */
rg_outcome_t rg_estimated(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                          rg_estimated_t *out);
/* The second looks at a booking, oldest first. */
rg_outcome_t rg_second_looks(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                             rg_second_look_t **out, int *count);
/* A second look: BILLED may be billed, because of REASON. */
rg_outcome_t rg_estimate_exceed(rg_db_t *db, const rg_ctx_t *ctx, int64_t estimate_id,
                                int64_t billed, const char *reason);
/* When the site is closed between two days, each time for whole days. */
rg_outcome_t rg_closed_days(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, rg_date_t from,
                            rg_date_t until, rg_closed_days_t **out, int *count);

/* --- batch.c: X12 files of claims ------------------------------------------------------------- */

/* The envelope of the next one: who takes it, and who sends it. RG_NOT_FOUND: nobody is named. */
rg_outcome_t rg_batch_receiver(rg_db_t *db, const rg_ctx_t *ctx, rg_claim_batch_t *out);
/* The file and the *CLAIMS in it: those of these days that can be sent and are in none. */
rg_outcome_t rg_batch_insert(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_batch_t *b,
                             rg_date_t from, rg_date_t to, int64_t *claims);
/* What was written; from then on the file never changes. */
rg_outcome_t rg_batch_written(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_batch_t *b);
rg_outcome_t rg_batch_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, rg_claim_batch_t *out);
/* Its claims in their order, one at a time. */
rg_outcome_t rg_batch_stream(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                             rg_outcome_t (*fn)(void *baton, const rg_batch_claim_t *c),
                             void *baton);
/* Claims of these days that cannot be sent, at most MOST. */
rg_outcome_t rg_batch_left(rg_db_t *db, const rg_ctx_t *ctx, rg_date_t from, rg_date_t to, int most,
                           rg_batch_left_t **out, int *count);

#endif
