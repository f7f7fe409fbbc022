/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what: one table, checked by every use-case of staff. What patients and API clients may
 * do depends on the owner of a record (booking/whose.c) and on scopes (identity/token.c). */
#ifndef REGEN_CLINIC_ACCESS_H
#define REGEN_CLINIC_ACCESS_H

#include <stdbool.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

typedef enum {
    RG_DEED_SEE_DAY,
    RG_DEED_BOOK,
    RG_DEED_WAITLIST,
    RG_DEED_FOLLOW_UP,
    RG_DEED_CHECK_IN,
    RG_DEED_SUPPLY,         /* lots of supplies */
    RG_DEED_SUPPLY_RESTORE, /* a recall taken back */
    RG_DEED_CONSENT,
    RG_DEED_NO_SHOW,
    RG_DEED_CHANGE,
    RG_DEED_MERGE,
    RG_DEED_CARE,
    RG_DEED_ORDER,
    RG_DEED_REVIEW,     /* decide about answers */
    RG_DEED_MONEY,      /* payments, deposits, the cash desk; refunds and the like up to a limit */
    RG_DEED_ADJUST_ANY, /* refunds and the like of any amount */
    RG_DEED_BILL,
    RG_DEED_EXPORT_CLAIMS,
    RG_DEED_DEFINE,
    RG_DEED_STAFF,
    RG_DEED_AUDIT
} rg_deed_t;

bool rg_may(const rg_ctx_t *ctx, rg_deed_t deed);
/* RG_OK or RG_FORBIDDEN. */
rg_outcome_t rg_must(const rg_ctx_t *ctx, rg_deed_t deed);

/* The roles of the caller, where messages or checks depend on them. */
bool rg_is_staff(const rg_ctx_t *ctx);
bool rg_is_patient(const rg_ctx_t *ctx);
bool rg_is_tablet(const rg_ctx_t *ctx);
bool rg_is_machine(const rg_ctx_t *ctx);

/* A context for work of the system itself: no caller, no idempotency key. */
rg_ctx_t rg_system_ctx(const rg_ctx_t *ctx);

#endif
