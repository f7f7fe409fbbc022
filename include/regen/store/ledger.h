/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: accounts, entries and their transfers, balances, papers of money. Balances are
 * kept by
 * triggers (sql/0056); what the schema refuses is RG_PRECONDITION. */
#ifndef REGEN_STORE_LEDGER_H
#define REGEN_STORE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/ledger.h"
#include "regen/store/store.h"

/* --- ledger.c: posting ------------------------------------------------------------------------ */

/* RG_NOT_FOUND; OUT->site_id 0 when there was no treatment yet. */
rg_outcome_t rg_ledger_person(rg_db_t *db, const rg_ctx_t *ctx, const char *patient_uid,
                              rg_ledger_person_t *out);
/* The charges of a person that are not taken off, the oldest first, RG_LEDGER_LINES at most. OPEN:
 * only those on which the patient or a payer owes something; LOCK: until the transaction ends. */
#define RG_LEDGER_LINES 200
rg_outcome_t rg_ledger_lines(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id, bool open,
                             rg_ledger_line_t **out, int *count);
/* One of them, or RG_NOT_FOUND. */
rg_outcome_t rg_ledger_line(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id, int64_t charge_id,
                            rg_ledger_line_t **out);
/* Those of one booking of the person. */
rg_outcome_t rg_ledger_lines_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                                int64_t booking_id, rg_ledger_line_t **out, int *count);
/* What is open of invoices, by charge and invoice. */
rg_outcome_t rg_ledger_asked(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                             rg_ledger_asked_t **out, int *count);
rg_outcome_t rg_ledger_lock(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id);
/* Deposits that are not used up. */
rg_outcome_t rg_ledger_pots(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                            rg_ledger_pot_t **out, int *count);
/* What was paid on a charge, by means. */
rg_outcome_t rg_ledger_paid(rg_db_t *db, const rg_ctx_t *ctx, int64_t charge_id,
                            int64_t paid[RG_MEANS_COUNT]);
/* The account of this kind, made if need be. Zeros and NULL are left out. */
typedef struct {
    rg_account_kind_t kind;
    int64_t patient_id, booking_id, coverage_id, site_id;
    const char *means, *reason, *currency;
} rg_account_key_t;
rg_outcome_t rg_ledger_account(rg_db_t *db, const rg_ctx_t *ctx, const rg_account_key_t *key,
                               int64_t *id);
/* The account of the payer of a booking; RG_NOT_FOUND: not insured. */
rg_outcome_t rg_ledger_payer(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                             const char *currency, int64_t *id);
/* RG_CONFLICT: this form was sent before, or the entry was reversed before. Sets e->id. */
rg_outcome_t rg_ledger_entry_add(rg_db_t *db, const rg_ctx_t *ctx, rg_ledger_entry_t *e,
                                 const unsigned char once[32]);
rg_outcome_t rg_ledger_transfer_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t entry_id,
                                    const rg_transfer_t *t);
rg_outcome_t rg_ledger_entry_read(rg_db_t *db, const rg_ctx_t *ctx, const char *uid,
                                  rg_ledger_entry_t *out, rg_transfer_t **transfers, int *count);
/* A claim that is made at the same time must be made again: it pins the booking's version.
 * *CLAIMED: whether one was made before. */
rg_outcome_t rg_ledger_hold_claim(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                  bool *claimed);
/* On or off the claim; the ledger follows by triggers. */
rg_outcome_t rg_ledger_claim_flag(rg_db_t *db, const rg_ctx_t *ctx, int64_t charge_id,
                                  bool on_claim);
/* Kept as it was under ENTRY_ID, so that it can be charged again. */
rg_outcome_t rg_ledger_charge_drop(rg_db_t *db, const rg_ctx_t *ctx, int64_t charge_id,
                                   int64_t entry_id);
/* What was taken off under ENTRY_ID, as a new charge. RG_NOT_FOUND: it was not kept. RG_CONFLICT:
 * its line was charged in the meantime. */
typedef struct {
    int64_t booking_id, total;
    bool on_claim, claimed, charged;
} rg_charge_off_t;
rg_outcome_t rg_ledger_charge_off(rg_db_t *db, const rg_ctx_t *ctx, int64_t entry_id,
                                  rg_charge_off_t *out);
rg_outcome_t rg_ledger_charge_again(rg_db_t *db, const rg_ctx_t *ctx, int64_t entry_id);
/* What was refunded, discounted, written off or taken off on the local DAY, and not reversed, by
 * others than administrators. */
rg_outcome_t rg_ledger_spent(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id, rg_date_t day,
                             const char *currency, int64_t *out);
/* Whether an entry with this key is there: the form was sent before. */
rg_outcome_t rg_ledger_seen(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char once[32],
                            bool *out);
/* Whether money of a merged record was posted for the one that stands for it, or the other way. */
rg_outcome_t rg_ledger_crossed(rg_db_t *db, const rg_ctx_t *ctx, int64_t merged_id, bool *out);
/* What builds on an entry and is not reversed, the last first, RG_LEDGER_FIRST at most. */
#define RG_LEDGER_FIRST 5
rg_outcome_t rg_ledger_builds(rg_db_t *db, const rg_ctx_t *ctx, int64_t entry_id,
                              rg_ledger_first_t **out, int *count);
/* --- ledger_read.c ---------------------------------------------------------------------------- */

rg_outcome_t rg_ledger_story(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id, int limit,
                             int offset, rg_ledger_story_t **out, int *count);
typedef struct {
    char currency[4];
    int64_t owed, payer_owed, deposit;
} rg_ledger_sum_t;
/* By currency. */
rg_outcome_t rg_ledger_sums(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                            rg_ledger_sum_t **out, int *count);
/* Contradictions between the read model and the transfers; each is told. */
rg_outcome_t rg_ledger_check(rg_db_t *db, const rg_ctx_t *ctx, int *count,
                             void (*tell)(void *baton, const char *line), void *baton);
/* FIND may be "": whose family name begins with it. MINIMUM in minor units; AGE 0, 30, 60, 90:
 * days since the oldest charge, at
 * least. */
typedef struct {
    const char *find;
    int64_t minimum;
    int age, limit, offset;
} rg_owes_filter_t;
rg_outcome_t rg_ledger_owes(rg_db_t *db, const rg_ctx_t *ctx, const rg_owes_filter_t *f,
                            rg_owes_row_t **out, int *count);

/* --- cash.c ----------------------------------------------------------------------------------- */

/* What should be there: the sum of the account. */
rg_outcome_t rg_cash_expected(rg_db_t *db, const rg_ctx_t *ctx, int64_t account_id, int64_t *out);
/* Whether the caller took or gave back cash at the site since its last count. */
rg_outcome_t rg_cash_touched(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, bool *out);
rg_outcome_t rg_cash_day(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, rg_date_t day,
                         rg_cash_day_t **out, int *count);
rg_outcome_t rg_cash_counts(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, int limit,
                            rg_cash_count_t **out, int *count);
/* RG_CONFLICT: this day was closed before. RG_PRECONDITION: c->expected is not what the ledger says
 * now. */
rg_outcome_t rg_cash_insert(rg_db_t *db, const rg_ctx_t *ctx, const char *uid, int64_t site_id,
                            const rg_cash_count_t *c, int64_t *id);

/* --- receipt.c -------------------------------------------------------------------------------- */

rg_outcome_t rg_receipt_insert(rg_db_t *db, const rg_ctx_t *ctx, const rg_receipt_t *r,
                               const char *series, int number);
rg_outcome_t rg_receipt_read(rg_db_t *db, const rg_ctx_t *ctx, const char *uid, rg_receipt_t *out);

/* --- mine.c: what a patient sees behind a booking's link -------------------------------------- */

/* RG_NOT_FOUND: it is not booked. */
rg_outcome_t rg_mine_whose(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                           rg_mine_whose_t *out);
#define RG_MINE_RECEIPTS 100
/* The last first. */
rg_outcome_t rg_mine_receipts(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                              int64_t booking_id, rg_mine_receipt_t **out, int *count);
/* RG_NOT_FOUND: it is none of them. */
rg_outcome_t rg_mine_receipt(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                             int64_t booking_id, const char *uid);

#endif
