/* SPDX-License-Identifier: Apache-2.0 */
/* One act with money while it is posted. Private to this folder. */
#ifndef RG_CLINIC_POST_H
#define RG_CLINIC_POST_H

#include "regen/clinic/ledger.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/ledger.h"
#include "regen/store/store.h"

#define RG_CARD_WORDS                                                                              \
    "This looks like the number of a card. Never write one down here; enter the number of the "    \
    "slip."

typedef struct {
    const rg_ledger_in_t *in;
    rg_catalogue_t *catalogue;
    const rg_site_t *site;
    rg_ledger_person_t person;
    int line_count, pot_count;
    rg_ledger_line_t *lines; /* what is open, the oldest first; or the one charge it is about */
    int asked_count;
    rg_ledger_asked_t *asked; /* what is open of invoices */
    rg_ledger_pot_t *pots;
    rg_ledger_entry_t entry;
    const char *receipt; /* uid; "": none */
} rg_post_t;

typedef rg_outcome_t (*rg_post_fn)(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);

/* --- post_help.c ------------------------------------------------------------------------------ */

/* RG_INVALID with a problem at FIELD. */
rg_outcome_t rg_post_refuse(const rg_ctx_t *ctx, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
const char *rg_post_amount(const rg_ctx_t *ctx, const rg_post_t *p, int64_t minor);
rg_outcome_t rg_post_entry(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);
/* RG_INVALID at FIELD when the caller's role may not give up MINOR more on this account today. */
rg_outcome_t rg_post_limit(rg_db_t *db, const rg_ctx_t *ctx, const rg_post_t *p, const char *field,
                           int64_t minor);
rg_outcome_t rg_post_patient(rg_db_t *db, const rg_ctx_t *ctx, const rg_ledger_line_t *l,
                             int64_t *id);
rg_outcome_t rg_post_reason(const rg_ctx_t *ctx, rg_post_t *p);
/* What was typed as an amount, in the currency of the entry: RG_ABOVE_ZERO, RG_OR_ZERO, or, where
 * "" is 0, RG_OR_EMPTY. */
typedef enum { RG_ABOVE_ZERO, RG_OR_ZERO, RG_OR_EMPTY } rg_typed_t;
rg_outcome_t rg_post_typed(const rg_ctx_t *ctx, const rg_post_t *p, const char *field,
                           const char *typed, rg_typed_t how, int64_t *out);
/* The open line that the form is about, in the currency of the entry; RG_INVALID. */
rg_outcome_t rg_post_line(const rg_ctx_t *ctx, const rg_post_t *p, rg_ledger_line_t **out);

/* --- pay.c, adjust.c, payer.c, back.c: the acts; the account is locked, the amount read ------- */

rg_outcome_t rg_post_payment(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);
rg_outcome_t rg_post_use(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);
rg_outcome_t rg_post_refund(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);
rg_outcome_t rg_post_reduce(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);
rg_outcome_t rg_post_move(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);
rg_outcome_t rg_post_release(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);
rg_outcome_t rg_post_reverse(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);
rg_outcome_t rg_post_void(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);
rg_outcome_t rg_post_remit(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);
rg_outcome_t rg_post_payer_off(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);
rg_outcome_t rg_post_cover(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p);

#endif
