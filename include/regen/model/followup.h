/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and recalls. */
#ifndef REGEN_MODEL_FOLLOWUP_H
#define REGEN_MODEL_FOLLOWUP_H

#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"

/* The words of message.kind. */
typedef enum {
    RG_MESSAGE_CONFIRMATION,
    RG_MESSAGE_CHANGE,
    RG_MESSAGE_CANCELLATION,
    RG_MESSAGE_WAITLIST_OFFER,
    RG_MESSAGE_RECALL,
    RG_MESSAGE_FORMS
} rg_message_kind_t;
#define RG_MESSAGE_KINDS (RG_MESSAGE_FORMS + 1)
const char *rg_message_kind_name(rg_message_kind_t k);
int rg_message_kind_parse(const char *s);
typedef enum {
    RG_OUTBOX_QUEUED,
    RG_OUTBOX_SENT,
    RG_OUTBOX_FAILED,
    RG_OUTBOX_WITHDRAWN
} rg_outbox_status_t;
#define RG_OUTBOX_STATUSES (RG_OUTBOX_WITHDRAWN + 1)
const char *rg_outbox_status_name(rg_outbox_status_t s);
int rg_outbox_status_parse(const char *s);

/* The words of recall.status. */
typedef enum {
    RG_RECALL_OPEN,
    RG_RECALL_ATTEMPTED,
    RG_RECALL_BOOKED,
    RG_RECALL_DONE,
    RG_RECALL_CLOSED
} rg_recall_status_t;
const char *rg_recall_status_name(rg_recall_status_t s);
int rg_recall_status_parse(const char *s);
/* The words of recall_attempt.outcome. */
typedef enum {
    RG_ATTEMPT_NO_ANSWER,
    RG_ATTEMPT_LEFT_MESSAGE,
    RG_ATTEMPT_SPOKE,
    RG_ATTEMPT_BOOKED,
    RG_ATTEMPT_DECLINED
} rg_attempt_t;
#define RG_ATTEMPTS (RG_ATTEMPT_DECLINED + 1)
const char *rg_attempt_name(rg_attempt_t s);
int rg_attempt_parse(const char *s);

typedef struct {
    apr_time_t at;
    const char *staff_name;
    rg_attempt_t outcome;
    const char *note;
} rg_recall_attempt_t;
/* One dated reason to see a patient again. */
typedef struct {
    int64_t id, booking_id, patient_id;
    const char *uid, *booking_uid;
    const char *kind, *reason, *title;
    rg_date_t due_from, due_until;
    rg_recall_status_t status;
    const char *closed_why;         /* "", "declined", "opted-out" */
    const char *answer_booking_uid; /* "": none */
    const char *given, *family, *phone, *email, *service_name, *patient_uid;
    int attempt_count;
    rg_recall_attempt_t *attempts; /* oldest first */
} rg_recall_t;
/* Which of them staff look at. */
typedef enum {
    RG_RECALLS_DUE, /* open or attempted, and the time has come */
    RG_RECALLS_LATER,
    RG_RECALLS_BOOKED,
    RG_RECALLS_DONE,
    RG_RECALLS_CLOSED
} rg_recalls_view_t;
#define RG_RECALLS_VIEWS (RG_RECALLS_CLOSED + 1)
const char *rg_recalls_view_name(rg_recalls_view_t s); /* "due", "later", … */
int rg_recalls_view_parse(const char *s);

#define RG_MESSAGE_VISITS_MAX 16
/* One message with the facts as they were; render makes its text. */
typedef struct {
    int64_t id;
    const char *uid;
    rg_message_kind_t kind;
    rg_outbox_status_t status;
    const char *booking_uid;    /* "": of no booking */
    const char *booking_number; /* as it is now; "": none */
    const char *to_name, *to_email;
    apr_time_t starts_at,
        ends_at; /* of the booking; of a recall noon UTC of the days it is due; 0: none */
    apr_time_t old_starts_at; /* change: before */
    apr_time_t
        until_at; /* waitlist-offer: kept until; confirmation, change: cancelled online until */
    apr_time_t prepare_at; /* confirmation, change: the day to begin to prepare; 0: none */
    int visit_count;
    apr_time_t visits[RG_MESSAGE_VISITS_MAX]; /* starts */
    const char *site_name, *site_address, *site_phone;
    const rg_zone_t *zone; /* of the site, as it was */
    apr_time_t created_at, sent_at;
} rg_message_t;

#endif
