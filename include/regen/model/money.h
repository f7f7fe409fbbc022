/* SPDX-License-Identifier: Apache-2.0 */
/* Charges, invoices, claims. */
#ifndef REGEN_MODEL_MONEY_H
#define REGEN_MODEL_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/money.h"
#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"

typedef struct {
    int64_t id;
    int line_no, target_no; /* 0: of the visit */
    rg_step_kind_t step_kind;
    const char *code_system, *code, *modifier, *description;
    int quantity;
    rg_money_t unit, total;
    bool on_claim;
    rg_date_t service_date;
    int64_t practitioner_id; /* 0: none */
    /* Of the ledger, in minor units: what the payer owes; what is the patient's, and what of it is
     * open; what is on invoices. Zeros where a charge is read without it. */
    int64_t payer_owes, patient_part, patient_owes, invoiced;
} rg_charge_t;

/* The state of an invoice. CLOSED: nothing is open, but not all of it was paid: it was reduced, or
 * the payer owes it. */
#define RG_INVOICE_STATES(X)                                                                       \
    X(RG_INVOICE_OPEN, "open")                                                                     \
    X(RG_INVOICE_PARTLY, "partly-paid")                                                            \
    X(RG_INVOICE_PAID, "paid")                                                                     \
    X(RG_INVOICE_CLOSED, "closed")                                                                 \
    X(RG_INVOICE_CREDITED, "credited")
RG_WORDS(rg_invoice_state, RG_INVOICE_STATE_COUNT, RG_INVOICE_STATES);
/* An invoice in a list. */
typedef struct {
    const char *uid, *label;
    apr_time_t issued_at;
    rg_money_t total;
    int64_t credited, paid, open; /* by credit notes; by payments; what is left of it */
    int64_t payer_owes;           /* of its lines: it should not have been issued for that */
} rg_invoice_sum_t;
rg_invoice_state_t rg_invoice_state_of(const rg_invoice_sum_t *i);
/* A line of an invoice that a credit note can take back, or did. */
typedef struct {
    int64_t charge_id;
    int line_no;
    const char *description;
    int64_t amount;
    bool credited;
} rg_credit_line_t;
typedef struct {
    const char *uid, *label, *invoice_uid, *invoice_label, *patient_name, *issuer, *reason;
    apr_time_t issued_at;
    rg_money_t total;
    int line_count;
    rg_credit_line_t *lines;
} rg_credit_note_t;

/* Why so much more than the estimate may be billed for a booking, and who looked. */
typedef struct {
    const char *reason, *by;
    apr_time_t at;
    rg_money_t billed, estimate; /* allowed by it, all invoices together; what was promised */
} rg_second_look_t;

typedef struct {
    int64_t id;
    const char *uid, *series;
    int number;
    const char *label; /* "INV-2026-000042" */
    int turn;          /* how many the treatment had before */
    int64_t booking_id;
    const char *booking_uid;
    const char *patient_name, *patient_address, *issuer; /* as on the document */
    apr_time_t issued_at;
    rg_money_t total;
    int line_count;
    rg_charge_t *lines;
    rg_invoice_sum_t sum; /* what became of it */
    int credit_line_count;
    rg_credit_line_t *credit_lines;
    int credit_count;
    rg_credit_note_t *credits; /* uid, label, reason, issued_at and total only */
    int look_count;            /* of the booking, oldest first; not for patients */
    rg_second_look_t *looks;
} rg_invoice_t;

typedef struct {
    int64_t id;
    const char *uid, *claim_no;
    int64_t booking_id;
    const char *patient_family, *patient_given, *payer_name;
    apr_time_t created_at;
    rg_date_t service_date;
    rg_money_t total;
} rg_claim_row_t;

/* --- good-faith estimates --------------------------------------------------------------------- */

#define RG_ESTIMATES_MOST  65535  /* of a booking */
#define RG_ESTIMATE_SERIES "GFE-" /* every number begins so */

/* Why one was issued. The words of estimate.cause. */
#define RG_ESTIMATE_CAUSES(X)                                                                      \
    X(RG_ESTIMATE_BOOKED, "booked")                                                                \
    X(RG_ESTIMATE_CHANGED, "changed")                                                              \
    X(RG_ESTIMATE_ASKED, "asked")
RG_WORDS(rg_estimate_cause, RG_ESTIMATE_CAUSE_COUNT, RG_ESTIMATE_CAUSES);

/* How it gets to the patient. The words of estimate.delivery. */
#define RG_DELIVERIES(X)                                                                           \
    X(RG_DELIVER_ONLINE, "online")                                                                 \
    X(RG_DELIVER_PAPER, "paper")
RG_WORDS(rg_delivery, RG_DELIVERY_COUNT, RG_DELIVERIES);

/* What is noted of one on paper. The words of estimate_given.what. */
#define RG_HANDOVERS(X)                                                                            \
    X(RG_HANDED_OVER, "handed-over")                                                               \
    X(RG_HANDOVER_TAKEN_BACK, "taken-back")
RG_WORDS(rg_handover_kind, RG_HANDOVER_COUNT, RG_HANDOVERS);
typedef struct {
    rg_handover_kind_t what;
    apr_time_t at;
    const char *by;
} rg_handover_t;
/* How it got to the patient. */
typedef struct {
    bool has_letter; /* none was written before schema 67 */
    rg_outbox_status_t letter;
    apr_time_t sent_at;
    bool has_email;       /* there is one on file now */
    const char *to_email; /* where the letter goes, or went to; "": none */
    const char *why;      /* of the letter: rg_mail_code_name; "": nothing is wrong */
    int handover_count;
    rg_handover_t *handovers; /* oldest first */
    bool handed_over;         /* the last one says so */
} rg_estimate_told_t;

typedef struct {
    int line_no;
    const char *code_system, *code, *modifiers, *description; /* system "": the clinic's own */
    int units;
    rg_money_t unit, total;
} rg_estimate_line_t;
/* As it was issued. */
typedef struct {
    int64_t id;
    const char *label; /* "GFE-2026-000042" */
    int version, newest;
    bool applies; /* its booking is not cancelled, and the patient still pays */
    rg_estimate_cause_t cause;
    rg_delivery_t delivery;
    const char *patient_name;
    rg_date_t patient_born;
    const char *service_name, *body_site, *further;
    rg_side_t side;
    apr_time_t service_at, made_at;
    const char *issuer, *npi, *tin, *place, *provider, *provider_npi, *diagnoses;
    const char *made_by; /* "": the booking did it */
    rg_money_t total;
    unsigned char sha256[32];
    bool has_due;
    rg_date_t due; /* until when it has to be given */
    rg_estimate_told_t told;
    int line_count;
    rg_estimate_line_t *lines;
} rg_estimate_t;
/* A version of it that was not given: its deadline runs, whatever was issued after it. */
typedef struct {
    rg_estimate_cause_t cause;
    apr_time_t made_at, service_at;
} rg_estimate_clock_t;
/* The newest one of a booking that is ahead, which the patient has not been given. */
typedef struct {
    int64_t id, booking_id;
    const char *label, *booking_uid, *patient_name, *service_name;
    int64_t site_id;
    const rg_zone_t *zone;
    apr_time_t since, service_at; /* since: the first version was made that was not given */
    int clock_count;
    rg_estimate_clock_t *clocks; /* from that version on */
    rg_estimate_told_t told;     /* without handovers */
    rg_date_t due;
    bool overdue, today;
} rg_estimate_open_t;

/* What is billed so much above the estimate needs a second look: minor units of US dollars (45 CFR
 * 149.620). */
#define RG_ESTIMATE_EXCESS     40000
#define RG_ESTIMATE_WHY_LENGTH 200
/* What a booking is billed against. */
typedef struct {
    int64_t estimate_id; /* 0: there was none before the treatment */
    rg_money_t total;
    int64_t invoiced; /* on its invoices, less credit notes */
    int64_t looked;   /* a second look allows as much to be billed; 0: there was none */
} rg_estimated_t;

/* Everything a claim says, as of emission; render turns it into FHIR XML or JSON. Sources: domain
 * table 3a (CMS-1500, 837P, FHIR). */
/* A line's amounts in a foreign document, in millionths: quantities may be fractions, and prices
 * smaller than a cent. */
typedef struct {
    bool has_net, has_price;
    int64_t net, price, quantity, factor;
} rg_claim_exact_t;

typedef struct {
    int sequence;
    const char *code_system, *code, *description;
    const char *modifiers[4]; /* NULL past the last */
    int quantity;
    rg_money_t unit, net;
    /* NULL in our own claims; otherwise used instead of the four above, whose currencies may be
     * "" */
    const rg_claim_exact_t *exact;
    rg_date_t service_date;
    int pointers[4];       /* diagnosis sequences, 0 past the last */
    const char *body_site; /* what it was done to; "": the visit, of several targets */
    rg_side_t side;        /* BILATERAL: both were injected, at one price */
    int target_no;         /* that it was charged for; 0: the visit */
    bool sided;            /* the schedule has its side as a modifier */
    int64_t practitioner_id;
} rg_claim_line_t;

typedef struct {
    const char *uid, *claim_no;
    apr_time_t created_at;
    rg_patient_t patient;
    rg_coverage_t coverage;
    rg_organization_t billing;
    rg_resource_t rendering;
    rg_site_t facility;
    /* What was injected, if several were ordered: one that was left out is none of the claim's.
     * Otherwise what was booked. FURTHER: targets after the first, rg_targets_of; NULL: none. */
    const char *body_site;
    rg_side_t side;
    const char *further;
    int ordered; /* how many targets */
    int diagnosis_count;
    rg_diagnosis_t *diagnoses; /* sequence = index + 1; the first is principal */
    int line_count;
    rg_claim_line_t *lines;
    rg_money_t total;
    const int64_t
        *exact_total; /* likewise in millionths; NULL in our own claims, and if there is none */
    rg_date_t service_from, service_to;
    int64_t booking_id, patient_id;
    int booking_version; /* as of reading: a change since then makes the claim stale */
    /* What the clinic says is on file, in X12's codes; "" each: not said. */
    struct {
        const char *provider_signature, *benefits_assigned, *release_code;
    } says;
} rg_claim_t;
/* An emitted claim: its bytes, and the values shown to people (diagnoses and lines NULL from
 * _each). */
typedef struct {
    rg_claim_row_t row;
    const char *booking_uid;
    const char *xml, *json;
    size_t xml_len, json_len; /* json 0 from _each */
    bool has_x12;             /* it can be in a file for payers; not from _each */
    const char *x12_why;      /* why not; "": it was created before there were such files */
    int64_t batch_id;         /* the file that it is in; 0: none */
    unsigned char sha256[32]; /* of xml; zeros from _each */
    int diagnosis_count;
    rg_diagnosis_t *diagnoses;
    int line_count;
    rg_claim_line_t *lines;
} rg_claim_doc_t;

/* What billing has to do. Claims made are no work: some are the words of billing_work.queue. */
#define RG_QUEUES(X)                                                                               \
    X(RG_QUEUE_INVOICE, "to-invoice")                                                              \
    X(RG_QUEUE_CLAIM, "to-claim")                                                                  \
    X(RG_QUEUE_CLAIMED, "claimed")
RG_WORDS(rg_queue, RG_QUEUE_COUNT, RG_QUEUES);

#endif
