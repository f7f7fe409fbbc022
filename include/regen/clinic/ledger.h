/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: a patient's account, payments and everything else that moves money, the cash desk.
 * Each function is one business transaction; see clinic/billing.h. */
#ifndef REGEN_CLINIC_LEDGER_H
#define REGEN_CLINIC_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/ledger.h"
#include "regen/model/place.h"
#include "regen/store/ledger.h"

/* --- ledger.c: reading. The front desk, billing, admin ---------------------------------------- */

#define RG_STORY_PAGE 50
typedef struct {
    rg_ledger_person_t person;
    const rg_site_t *site;
    int site_count;
    rg_site_t *const *sites;
    int sum_count;
    rg_ledger_sum_t *sums; /* by currency */
    int line_count;
    rg_ledger_line_t *lines; /* what is open, the oldest first; or the one that was asked for */
    int asked_count;
    rg_ledger_asked_t *asked; /* what is open of invoices */
    bool has_entry;
    rg_ledger_entry_t entry; /* that is to be reversed */
    int first_count;
    rg_ledger_first_t *first; /* what builds on it: it is reversed before */
    int pot_count;
    rg_ledger_pot_t *pots;
    int story_count;
    rg_ledger_story_t *story; /* the last first */
    int page;
    bool more;
    bool may_adjust;        /* everything that only billing may */
    rg_money_t adjust_most; /* what the caller may refund, discount or write off; negative: any */
} rg_ledger_account_t;
/* What of it is looked at. Strings are never NULL. */
typedef struct {
    const char *patient_uid;
    int page;           /* of the story, from 1, with the last charges; 0: without both */
    bool open;          /* what is open, the oldest first, with its invoices */
    const char *charge; /* id of the only charge that is asked for; "": of none */
    const char *entry;  /* uid of what is to be reversed; "": nothing */
} rg_ledger_look_in_t;
rg_outcome_t rg_ledger_look(rg_ledger_account_t **out, const rg_ctx_t *ctx,
                            const rg_ledger_look_in_t *in);
rg_outcome_t rg_ledger_receipt(rg_receipt_t **out, const rg_site_t **site, const rg_ctx_t *ctx,
                               const char *uid);
#define RG_OWES_PAGE 50
typedef struct {
    const rg_site_t *site;
    const char *find, *minimum;
    int age, page;
    bool more;
    int count;
    rg_owes_row_t *rows;
} rg_owes_t;
/* Who owes something, the oldest first. MINIMUM as typed, "" for none; AGE in days: 0, 30, 60 or
 * 90. */
rg_outcome_t rg_ledger_who_owes(rg_owes_t **out, const rg_ctx_t *ctx, const char *find,
                                const char *minimum, const char *age, int page);
/* Contradictions between balances and transfers; each is told (regenctl check). */
rg_outcome_t rg_ledger_verify(int *count, const rg_ctx_t *ctx,
                              void (*tell)(void *baton, const char *line), void *baton);

/* --- cash.c: the front desk, billing, admin --------------------------------------------------- */

typedef struct {
    const rg_site_t *site;
    int site_count;
    rg_site_t *const *sites;
    const char *currency;
    rg_date_t day; /* today at the site */
    bool closed;   /* today */
    int sum_count;
    rg_cash_day_t *sums; /* of today, by means */
    int count_count;
    rg_cash_count_t *counts; /* the last ones, the last first */
} rg_cash_desk_t;
/* A count as typed. Strings are never NULL. */
typedef struct {
    const char *site; /* its code */
    const char *counted, *banked, *note;
    const char *shown;      /* the difference that the form showed, minor units; "" for none */
    const char *difference; /* out: to be shown with the form, or NULL */
} rg_cash_close_t;
/* SITE is a code, "" for the first one. */
rg_outcome_t rg_cash_desk(rg_cash_desk_t **out, const rg_ctx_t *ctx, const char *site);
/* Counts and closes the desk for today. RG_INVALID: also when it differs and no NOTE says why, or
 * another difference was shown: nobody gives a reason for one that they did not see.
 * RG_PRECONDITION: closed before. */
rg_outcome_t rg_cash_close(const rg_ctx_t *ctx, rg_cash_close_t *in);

/* --- post.c ----------------------------------------------------------------------------------- */

/* What was typed into the form of an act. Strings are never NULL. */
typedef struct {
    const char *patient_uid;
    rg_entry_kind_t kind;
    const char *amount, *currency, *means, *reference, *reason, *note, *site;
    const char
        *purpose;       /* payment: "owed", the oldest first; "invoices", those chosen; "deposit" */
    const char *keep;   /* payment: "yes": what is more than owed is kept as a deposit */
    const char *charge; /* id of the charge that it is about */
    /* remit: what its contract takes off, what the payer paid, what it leaves to the patient */
    const char *contractual, *paid, *share;
    const char *entry; /* uid of the entry to reverse */
    int invoice_count;
    const char *const *invoices; /* uids */
} rg_ledger_in_t;
/* Posts it, whole or not at all. *RECEIPT is the receipt's uid, "" where there is none; it is also
 * the idempotency result. RG_INVALID: by field. RG_PRECONDITION: what it is about changed.
 * RG_FORBIDDEN: another role's. Payments and the use of
 * deposits: front desk, billing, admin. Refunds, discounts and write-offs: up to the limits of
 * the role (policy). Everything
 * else: billing, admin. */
/* The most, in minor units of CURRENCY, that the caller may refund, discount or write off at
 * once. */
int64_t rg_ledger_adjust_most(const rg_ctx_t *ctx, const char *currency);
/* Whether the caller's role does such a thing at all. */
bool rg_ledger_may(const rg_ctx_t *ctx, rg_entry_kind_t kind);
rg_outcome_t rg_ledger_post(const char **receipt, const rg_ctx_t *ctx, const rg_ledger_in_t *in);

#endif
