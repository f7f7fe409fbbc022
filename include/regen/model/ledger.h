/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: what is charged, paid and moved, and who owes what. */
#ifndef REGEN_MODEL_LEDGER_H
#define REGEN_MODEL_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/money.h"
#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/money.h"

/* What somebody does with money. The words of ledger_entry.kind.
 * USE: a deposit for what is owed. RELEASE: what was paid on a charge becomes a deposit again.
 * VOID: a charge is taken off; reversed, it is charged again. COVER: who owes a charge or a
 * treatment, the payer or the patient. REMIT: what a payer paid and decided for one charge, by
 * hand. */
#define RG_ENTRY_KINDS(X)                                                                          \
    X(RG_ENTRY_PAYMENT, "payment")                                                                 \
    X(RG_ENTRY_USE, "use")                                                                         \
    X(RG_ENTRY_REFUND, "refund")                                                                   \
    X(RG_ENTRY_DISCOUNT, "discount")                                                               \
    X(RG_ENTRY_WRITE_OFF, "write-off")                                                             \
    X(RG_ENTRY_MOVE, "move")                                                                       \
    X(RG_ENTRY_RELEASE, "release")                                                                 \
    X(RG_ENTRY_REVERSAL, "reversal")                                                               \
    X(RG_ENTRY_VOID, "void")                                                                       \
    X(RG_ENTRY_COVER, "cover")                                                                     \
    X(RG_ENTRY_BANKED, "banked")                                                                   \
    X(RG_ENTRY_OVER_SHORT, "over-short")                                                           \
    X(RG_ENTRY_REMIT, "remit")                                                                     \
    X(RG_ENTRY_PAYER_WRITE_OFF, "payer-write-off")
RG_WORDS(rg_entry_kind, RG_ENTRY_KIND_COUNT, RG_ENTRY_KINDS);

/* How money comes and goes. The words of ledger_entry.means, account.means. */
#define RG_MEANS(X)                                                                                \
    X(RG_MEANS_CASH, "cash")                                                                       \
    X(RG_MEANS_CHECK, "check")                                                                     \
    X(RG_MEANS_CARD, "card")                                                                       \
    X(RG_MEANS_BANK, "bank")
RG_WORDS(rg_means, RG_MEANS_COUNT, RG_MEANS);

/* The words of account.kind; some are the words of account_balance.kind. */
#define RG_ACCOUNT_KINDS(X)                                                                        \
    X(RG_ACCOUNT_PATIENT, "patient")                                                               \
    X(RG_ACCOUNT_DEPOSIT, "deposit")                                                               \
    X(RG_ACCOUNT_PAYER, "payer")                                                                   \
    X(RG_ACCOUNT_REVENUE, "revenue")                                                               \
    X(RG_ACCOUNT_CASH, "cash")                                                                     \
    X(RG_ACCOUNT_DISCOUNT, "discount")                                                             \
    X(RG_ACCOUNT_WRITE_OFF, "write-off")                                                           \
    X(RG_ACCOUNT_CONTRACTUAL, "contractual")                                                       \
    X(RG_ACCOUNT_OVER_SHORT, "over-short")
RG_WORDS(rg_account_kind, RG_ACCOUNT_KIND_COUNT, RG_ACCOUNT_KINDS);

/* The words of transfer.kind. */
#define RG_TRANSFER_KINDS(X)                                                                       \
    X(RG_TRANSFER_CHARGE, "charge")                                                                \
    X(RG_TRANSFER_MOVE, "move")                                                                    \
    X(RG_TRANSFER_PAYMENT, "payment")                                                              \
    X(RG_TRANSFER_DEPOSIT, "deposit")                                                              \
    X(RG_TRANSFER_USE, "use")                                                                      \
    X(RG_TRANSFER_RELEASE, "release")                                                              \
    X(RG_TRANSFER_REFUND, "refund")                                                                \
    X(RG_TRANSFER_DISCOUNT, "discount")                                                            \
    X(RG_TRANSFER_WRITE_OFF, "write-off")                                                          \
    X(RG_TRANSFER_BANKED, "banked")                                                                \
    X(RG_TRANSFER_OVER_SHORT, "over-short")                                                        \
    X(RG_TRANSFER_REMIT, "remit")                                                                  \
    X(RG_TRANSFER_CONTRACTUAL, "contractual")
RG_WORDS(rg_transfer_kind, RG_TRANSFER_KIND_COUNT, RG_TRANSFER_KINDS);

/* Why something is discounted, written off or moved from the payer to the patient. What a payer's
 * contract takes off (CO) is given up and never the patient's: it is no reason to move it. */
#define RG_LEDGER_REASONS(X)                                                                       \
    X(RG_REASON_COURTESY, "courtesy")                                                              \
    X(RG_REASON_HARDSHIP, "hardship")                                                              \
    X(RG_REASON_PROMPT, "prompt-pay")                                                              \
    X(RG_REASON_SMALL, "small-balance")                                                            \
    X(RG_REASON_BAD_DEBT, "bad-debt")                                                              \
    X(RG_REASON_DEDUCTIBLE, "deductible")                                                          \
    X(RG_REASON_SHARE, "patient-share")                                                            \
    X(RG_REASON_CONTRACTUAL, "contractual")                                                        \
    X(RG_REASON_TIMELY, "timely-filing")                                                           \
    X(RG_REASON_DENIED, "denied")
RG_WORDS(rg_ledger_reason, RG_LEDGER_REASON_COUNT, RG_LEDGER_REASONS);

/* The most that is typed as one amount. */
#define RG_AMOUNT_MOST INT64_C(1000000000000)

/* Whose account it is: all records of one person (sql/0048) as one. */
typedef struct {
    int64_t id; /* of the record that stands for the others */
    const char *uid, *family, *given;
    /* Of the last treatment: where money is taken unless the form says otherwise. */
    int64_t site_id, service_id;
    const char *booking_uid;
    char currency[4];
    const char *issuer_name, *issuer_line, *issuer_city, *issuer_state, *issuer_postal;
} rg_ledger_person_t;

/* One charge and what became of it. */
typedef struct {
    int64_t charge_id, booking_id, patient_id, site_id, invoice_id; /* the last invoice, or 0 */
    const char *booking_uid, *service_name, *code, *modifier, *description, *payer_name;
    const char *invoice_uid, *invoice_label;
    rg_date_t service_date;
    apr_time_t since;
    bool on_claim, insured, claimed;
    char currency[4];
    int64_t charged, payer_owes, patient_part, patient_owes, invoiced, paid;
    int64_t payer_paid, contractual, payer_off; /* what became of the rest of the payer's part */
} rg_ledger_line_t;

/* What an invoice still asks for of one charge. Of a charge on several the first is paid first. */
typedef struct {
    int64_t charge_id, invoice_id, amount, open;
    const char *uid, *label, *service_name;
    char currency[4];
} rg_ledger_asked_t;

/* What builds on an entry: it is reversed first. */
typedef struct {
    const char *kind, *uid; /* of an entry, or "invoice" */
    const char *label;      /* of an invoice */
    apr_time_t at;
    rg_money_t amount;
} rg_ledger_first_t;

/* A deposit: what is the patient's until it is used, and how it came. */
typedef struct {
    int64_t account_id, patient_id;
    rg_means_t means;
    rg_money_t left;
} rg_ledger_pot_t;

/* A line of the story: what happened, and what was owed afterwards. */
typedef struct {
    apr_time_t at;
    const char *kind; /* a word of entry or transfer, "invoice" or "credit-note" */
    const char *uid;  /* of the entry or paper; "": of nothing */
    const char *label, *means, *reason, *note, *reference, *staff, *receipt_uid;
    bool reversed, reversible;
    char currency[4];
    int64_t patient, payer, deposit; /* what it changed: owed by the patient, the payer; theirs */
    int64_t owed, payer_owed, left;  /* what these were afterwards */
} rg_ledger_story_t;

typedef struct {
    int64_t id;
    const char *uid;
    rg_entry_kind_t kind;
    int64_t patient_id, site_id, reverses;
    int64_t person_id; /* read only: the record that stands for patient_id now */
    const char *means, *reference, *reason, *note; /* means NULL: none */
    rg_money_t amount;
    rg_date_t day;
} rg_ledger_entry_t;

typedef struct {
    int64_t id;
    rg_transfer_kind_t kind;
    int64_t debit, credit, amount;
    const char *currency;
    int64_t charge_id, booking_id, invoice_id, reverses; /* 0: none */
    int64_t released; /* read only: the deposit that what it paid became later, or 0 */
    bool off_claim;   /* read only: taken back, its payer would owe a charge off the claim */
    /* Read only, of a release: the charge is gone, or what was paid was reversed since, out of the
     * deposit. */
    bool gone;
} rg_transfer_t;

typedef struct {
    const char *uid, *label, *patient_name, *issuer, *means, *reference, *staff, *site_name, *kind;
    const char *patient_uid;
    int64_t site_id, entry_id;
    apr_time_t issued_at;
    rg_money_t amount;
    int64_t owed, deposit; /* afterwards */
    bool reversed;
    int line_count;
    struct {
        const char *description, *invoice_label;
        int64_t booking_id;
        rg_date_t date;
        rg_money_t amount;
    } * lines; /* what it was for; the rest is a deposit */
    int64_t kept;
} rg_receipt_t;

/* Whose booking it is whose link a patient opened. */
typedef struct {
    int64_t person_id; /* of the record that stands for the others */
    const char *payer_name;
    char currency[4];
    bool completed;
} rg_mine_whose_t;
/* A receipt in their list. */
typedef struct {
    const char *uid, *label, *kind, *means;
    apr_time_t issued_at;
    rg_money_t amount;
    bool reversed;
} rg_mine_receipt_t;

/* What came and went on a day at a site, by means. */
typedef struct {
    rg_means_t means;
    rg_money_t in;
    int64_t out;
    int count;
} rg_cash_day_t;
/* A count of the cash desk. */
typedef struct {
    rg_date_t day;
    apr_time_t at;
    const char *staff, *note;
    rg_money_t counted;
    int64_t expected, banked;
} rg_cash_count_t;

/* A person in the list of who owes. */
typedef struct {
    const char *uid, *family, *given;
    rg_money_t owed;
    int64_t payer_owed, deposit;
    int64_t age[4]; /* of owed, by days since the charge: to 30, 60, 90, and more */
    apr_time_t since;
} rg_owes_row_t;

#endif
