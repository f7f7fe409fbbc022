/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and recalls. */
#ifndef REGEN_MODEL_FOLLOWUP_H
#define REGEN_MODEL_FOLLOWUP_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"
#include "regen/core/words.h"

/* The words of message.kind. */
#define RG_MESSAGE_KINDS(X)                                                                        \
    X(RG_MESSAGE_CONFIRMATION, "confirmation")                                                     \
    X(RG_MESSAGE_CHANGE, "change")                                                                 \
    X(RG_MESSAGE_CANCELLATION, "cancellation")                                                     \
    X(RG_MESSAGE_WAITLIST_OFFER, "waitlist-offer")                                                 \
    X(RG_MESSAGE_RECALL, "recall")                                                                 \
    X(RG_MESSAGE_FORMS, "forms")                                                                   \
    X(RG_MESSAGE_ORDER, "order")                                                                   \
    X(RG_MESSAGE_PREPARE, "prepare")                                                               \
    X(RG_MESSAGE_VISIT, "visit")                                                                   \
    X(RG_MESSAGE_LOST_LINK, "lost-link")                                                           \
    X(RG_MESSAGE_ESTIMATE, "estimate")
RG_WORDS(rg_message_kind, RG_MESSAGE_KIND_COUNT, RG_MESSAGE_KINDS);
/* The words of message.status. */
#define RG_OUTBOX_STATUSES(X)                                                                      \
    X(RG_OUTBOX_QUEUED, "queued")                                                                  \
    X(RG_OUTBOX_SENT, "sent")                                                                      \
    X(RG_OUTBOX_FAILED, "failed")                                                                  \
    X(RG_OUTBOX_WITHDRAWN, "withdrawn")                                                            \
    X(RG_OUTBOX_TOLD, "told")
RG_WORDS(rg_outbox_status, RG_OUTBOX_STATUS_COUNT, RG_OUTBOX_STATUSES);

/* What became of a message, row by row. The words of message_try.what. */
#define RG_TRIES(X)                                                                                \
    X(RG_TRY_SENT, "sent")                                                                         \
    X(RG_TRY_LATER, "later")                                                                       \
    X(RG_TRY_FAILED, "failed")                                                                     \
    X(RG_TRY_WITHDRAWN, "withdrawn")                                                               \
    X(RG_TRY_AGAIN, "again")                                                                       \
    X(RG_TRY_TOLD, "told")                                                                         \
    X(RG_TRY_NOT_TOLD, "not-told")
RG_WORDS(rg_try, RG_TRY_COUNT, RG_TRIES);
/* What a link in a letter opens. The words of message_link.purpose. */
#define RG_LINK_PURPOSES(X)                                                                        \
    X(RG_LINK_BOOKING, "booking")                                                                  \
    X(RG_LINK_WAITLIST, "waitlist")                                                                \
    X(RG_LINK_STOP, "stop")
RG_WORDS(rg_link, RG_LINK_COUNT, RG_LINK_PURPOSES);

/* core/letter.c: what is special about a kind of message; one row for each. */
typedef struct {
    const char *title;    /* for staff */
    const char *template; /* "mail/confirmation.txt" */
    int link;             /* rg_link_t of its private link; -1: none */
    bool calendar;        /* the visits go with it as a calendar file */
    bool stops;           /* letters that a patient can stop, by a link that needs no login */
    bool urgent;          /* before all others */
    bool ahead;           /* of a visit that is booked and ahead: pointless once it is not */
} rg_letter_kind_t;
const rg_letter_kind_t *rg_letter_kind(rg_message_kind_t kind);

/* The words of recall.status. */
#define RG_RECALL_STATUSES(X)                                                                      \
    X(RG_RECALL_OPEN, "open")                                                                      \
    X(RG_RECALL_ATTEMPTED, "attempted")                                                            \
    X(RG_RECALL_BOOKED, "booked")                                                                  \
    X(RG_RECALL_DONE, "done")                                                                      \
    X(RG_RECALL_CLOSED, "closed")
RG_WORDS(rg_recall_status, RG_RECALL_STATUS_COUNT, RG_RECALL_STATUSES);
/* The words of recall.closed_why. */
#define RG_RECALL_WHYS(X)                                                                          \
    X(RG_RECALL_WHY_NONE, "")                                                                      \
    X(RG_RECALL_WHY_DECLINED, "declined")                                                          \
    X(RG_RECALL_WHY_OPTED_OUT, "opted-out")
RG_WORDS(rg_recall_why, RG_RECALL_WHY_COUNT, RG_RECALL_WHYS);
/* The words of recall_attempt.outcome. */
#define RG_ATTEMPTS(X)                                                                             \
    X(RG_ATTEMPT_NO_ANSWER, "no-answer")                                                           \
    X(RG_ATTEMPT_LEFT_MESSAGE, "left-message")                                                     \
    X(RG_ATTEMPT_SPOKE, "spoke")                                                                   \
    X(RG_ATTEMPT_BOOKED, "booked")                                                                 \
    X(RG_ATTEMPT_DECLINED, "declined")
RG_WORDS(rg_attempt, RG_ATTEMPT_COUNT, RG_ATTEMPTS);

typedef struct {
    apr_time_t at;
    const char *staff_name;
    rg_attempt_t outcome;
    const char *note;
} rg_recall_attempt_t;
/* One dated reason to see a patient again. */
typedef struct {
    int64_t id, booking_id, patient_id;
    int64_t person_id; /* the record that stands for the patient, whose names these are */
    const char *uid, *booking_uid;
    const char *kind, *reason, *title;
    rg_date_t due_from, due_until;
    rg_recall_status_t status;
    const char *closed_why;         /* rg_recall_why_name */
    const char *answer_booking_uid; /* "": none */
    const char *given, *family, *phone, *email, *service_name, *patient_uid;
    int attempt_count;
    rg_recall_attempt_t *attempts; /* oldest first */
} rg_recall_t;
/* Views of the staff's list. DUE: open or attempted, and due. */
#define RG_RECALLS_VIEWS(X)                                                                        \
    X(RG_RECALLS_DUE, "due")                                                                       \
    X(RG_RECALLS_LATER, "later")                                                                   \
    X(RG_RECALLS_BOOKED, "booked")                                                                 \
    X(RG_RECALLS_DONE, "done")                                                                     \
    X(RG_RECALLS_CLOSED, "closed")
RG_WORDS(rg_recalls_view, RG_RECALLS_VIEW_COUNT, RG_RECALLS_VIEWS);

#define RG_MESSAGE_VISITS_MAX 16
/* One message with the facts at the time of writing; render makes its text. */
typedef struct {
    int64_t id;
    const char *uid;
    rg_message_kind_t kind;
    rg_outbox_status_t status;
    const char *booking_uid;    /* "": without a booking */
    const char *booking_number; /* as it is now; "": none */
    const char *to_name, *to_email;
    apr_time_t starts_at,
        ends_at; /* of the booking; of a recall noon UTC of the days it is due; 0: none */
    apr_time_t old_starts_at; /* change: before */
    apr_time_t
        until_at; /* waitlist-offer: held until; confirmation, change: online cancellation until */
    apr_time_t prepare_at; /* confirmation, change: the day to begin to prepare; 0: none */
    int visit_count;
    apr_time_t visits[RG_MESSAGE_VISITS_MAX]; /* starts */
    const char *site_name, *site_address, *site_phone;
    const rg_zone_t *zone; /* of the site, at the time of writing */
    apr_time_t created_at, sent_at;
    const char *to_phone;      /* "": none */
    const char *service_name;  /* a letter says it only where the clinic allows it; "": none */
    const char *mail_id;       /* its Message-ID; "": never tried */
    int tries;                 /* since it was written, or asked for again */
    apr_time_t since;          /* asked for again at; 0: never */
    apr_time_t next_at;        /* queued: not tried before */
    const char *code, *answer; /* rg_mail_code_name of the last try, or why it was closed */
    const char *patient_uid;   /* whose it is; "": somebody of the waitlist */
} rg_message_t;

#endif
