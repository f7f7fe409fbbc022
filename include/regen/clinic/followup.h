/* SPDX-License-Identifier: Apache-2.0 */
/* Recalls and messages.
 *
 * Each function is one business transaction. It takes the context first after its results, checks
 * that the caller may access the record (a patient's session only its own booking; anything else is
 * RG_NOT_FOUND), adds problems that a person can fix to ctx->problems, and writes an audit event
 * for every change in the same transaction. Results are allocated in ctx->pool. */
#ifndef REGEN_CLINIC_FOLLOWUP_H
#define REGEN_CLINIC_FOLLOWUP_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/clinic/schedule.h"
#include "regen/core/ctx.h"
#include "regen/core/mail.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

typedef struct {
    int view;
    int counts[RG_RECALLS_VIEW_COUNT]; /* for this service and site */
    int page, pages;                   /* from 1 */
    int count;
    rg_recall_t *recalls; /* overdue first */
    rg_date_t today;
    rg_site_t *site;                      /* the one asked for, or the first */
    const char *service_code, *site_code; /* asked for; "": all */
    int service_count, site_count;
    rg_service_t **services; /* to choose from */
    rg_site_t **sites;
} rg_recalls_t;
#define RG_RECALLS_PAGE 50

/* Messages waiting to be sent, and sent ones. */
typedef struct {
    int status;                         /* rg_outbox_status_t shown */
    int kind;                           /* rg_message_kind_t shown; -1: all */
    int counts[RG_OUTBOX_STATUS_COUNT]; /* of that kind */
    int page, pages;                    /* from 1 */
    int count;
    rg_message_t *messages; /* newest first */
    rg_site_t *site;
    int site_count;
} rg_outbox_t;
#define RG_OUTBOX_PAGE 50

/* --- message.c -------------------------------------------------------------------------------- */

/* Each message is written by the use-case whose change it reports, in its transaction
 * (rg_message_add of the store). For the patient of the booking, or staff. Oldest first. */
rg_outcome_t rg_messages_of_booking(rg_message_t **out, int *count, const rg_ctx_t *ctx,
                                    int64_t booking_id);
/* Messages about the caller's waitlist entry (session): all offers, including expired ones. Oldest
 * first. */
rg_outcome_t rg_messages_of_place(rg_message_t **out, int *count, const rg_ctx_t *ctx);
typedef struct {
    rg_outbox_status_t status;
    int kind; /* rg_message_kind_t; -1: all */
    int page; /* from 1 */
} rg_outbox_in_t;
/* Messages waiting to be sent. Front desk, clinicians, admins. */
rg_outcome_t rg_outbox(rg_outbox_t **out, const rg_ctx_t *ctx, const rg_outbox_in_t *in);

/* --- recall.c --------------------------------------------------------------------------------- */

/* followup/recall.c. Recalls are created from the service's plan (service_recall) in the
 * transaction that completes a treatment. A visit of the same patient booked for about that time,
 * or booked for a recall by the front desk, answers it: booked, done when the visit is completed,
 * open again if it is cancelled or a no-show (trigger booking_answers_recalls). A patient who opted
 * out gets none until opting in again. */
typedef struct {
    rg_recalls_view_t view;
    int page;                             /* from 1 */
    const char *service_code, *site_code; /* of the treatment; NULL or "": all */
} rg_recalls_in_t;
/* Front desk, clinicians, admins. RG_NOT_FOUND for an unknown service or site. */
rg_outcome_t rg_recalls_list(rg_recalls_t **out, const rg_ctx_t *ctx, const rg_recalls_in_t *in);
typedef struct {
    const char *outcome; /* word of rg_attempt_t */
    const char *note;    /* at most 200 characters; may be NULL */
    const char *settled; /* "yes": nothing more to do; only with "spoke" */
} rg_attempt_in_t;
/* Records an attempt to reach the patient. "booked" means the patient's next visit. RG_INVALID by
 * field; RG_PRECONDITION if it is no longer open. */
rg_outcome_t rg_recall_attempt(const rg_ctx_t *ctx, const char *recall_uid,
                               const rg_attempt_in_t *in);
/* No more recalls for the patient of this recall (staff), or of the caller's booking (patient). */
rg_outcome_t rg_recall_opt_out(const rg_ctx_t *ctx, const char *recall_uid);
rg_outcome_t rg_recall_opt_out_mine(const rg_ctx_t *ctx, int64_t booking_id);
/* Turns reminders back on, by staff for a patient (WHY: "mistake" or "asked", stored as an audit
 * code; RG_INVALID at "why" otherwise) or by the patient of the caller's booking. Recalls closed by
 * opting out are open again, except those that ended over a month ago. Can be repeated. */
rg_outcome_t rg_recall_opt_in(const rg_ctx_t *ctx, const char *patient_uid, const char *why);
rg_outcome_t rg_recall_opt_in_mine(const rg_ctx_t *ctx, int64_t booking_id);
/* What is planned for the patient of booking B, soonest first; *STOPPED: they want none. */
rg_outcome_t rg_recalls_of_booking(rg_recall_t **out, int *count, bool *stopped,
                                   const rg_ctx_t *ctx, const rg_booking_t *b);
/* Queues the messages of recalls that became due; at most LIMIT. For the periodic sweep. */
rg_outcome_t rg_recall_sweep(int *told, const rg_ctx_t *ctx, int limit);

/* --- outbox.c --------------------------------------------------------------------------------- */

/* What a letter is made of. Everything but the message may be absent (NULL, 0). */
typedef struct {
    const rg_message_t *message;
    const rg_booking_t *booking; /* with its appointments, where the letter has a calendar file */
    const rg_site_t *site;
    rg_deadlines_t last;
    int preparing_count;
    const rg_prepare_day_t *preparing;
    const char *home;   /* address of the pages; NULL: not known */
    const char *link;   /* what opens the booking or the waitlist entry */
    const char *stop;   /* what ends letters of this kind */
    const char *sender; /* the address that it comes from */
    rg_mail_detail_t detail;
    apr_time_t now;
} rg_letter_facts_t;
/* Words and files of a letter into *OUT, in P. Anything but RG_OK is about this letter only. */
typedef rg_outcome_t (*rg_compose_fn)(rg_mail_t *out, apr_pool_t *p, const rg_letter_facts_t *facts,
                                      void *baton);
typedef struct {
    const rg_mail_conf_t *mail;
    rg_mail_detail_t detail;
    int rate_count; /* letters in rate_time, by all who send; 0: any number */
    apr_interval_time_t rate_time;
    apr_interval_time_t give_up; /* after the message was written */
    rg_compose_fn compose;
    void *compose_baton;
    rg_post_stop_fn stop;
    void *stop_baton;
    apr_time_t (*clock)(void); /* a run may last; each letter has its own time */
    int limit;                 /* letters in this run */
} rg_outbox_run_t;
typedef struct {
    int sent, later, failed, closed;
    bool down; /* it ended because nothing can be sent now */
    rg_mail_code_t why;
    const char *answer; /* "": the other side said nothing */
    bool more;          /* it ended at its limit or at the rate */
} rg_outbox_ran_t;
/* Sends what is due, one letter after the other: leased, handed over, noted, each in transactions
 * of its own, so that several may run at once. A letter that cannot be made or sent never stops the
 * others; a mail server that is not there ends the run. Never within a request. */
rg_outcome_t rg_outbox_send(rg_outbox_ran_t *out, const rg_ctx_t *ctx, const rg_outbox_run_t *how);
/* The oldest messages of one status, for the command line. */
rg_outcome_t rg_outbox_list(rg_message_t **out, int *count, const rg_ctx_t *ctx,
                            rg_outbox_status_t status, int limit);
/* What staff do with a message that failed: "again" (to the address on file now), "told" (by
 * phone), "not-told" (takes that back). RG_NOT_FOUND; RG_CONFLICT with a problem: it changed
 * meanwhile. */
rg_outcome_t rg_outbox_again(const rg_ctx_t *ctx, const char *uid, rg_try_t what);
/* Whether TOKEN is a link that stops recalls, and stopping them by it. RG_NOT_FOUND. */
rg_outcome_t rg_outbox_stop_known(const rg_ctx_t *ctx, const char *token);
rg_outcome_t rg_outbox_stop(const rg_ctx_t *ctx, const char *token);

/* --- message.c -------------------------------------------------------------------------------- */

/* followup/message.c: reminds patients with unsigned forms policy->forms_reminder before a visit,
 * once for each time of the visit, an hour after booking at the earliest. For the sweep. */
rg_outcome_t rg_forms_sweep(int *told, const rg_ctx_t *ctx);
/* Sends the links of their bookings to whoever has this email address, at most once in a quarter of
 * an hour for each. RG_INVALID at "email" only where it cannot be an address: nobody learns whether
 * it is known. */
rg_outcome_t rg_link_lost(const rg_ctx_t *ctx, const char *email);
/* Reminds patients of visits as their services plan it (remind_hours, remind_again_hours), and two
 * days before they begin to prepare, unless they were told of the visit shortly before. For the
 * sweep. */
rg_outcome_t rg_visit_sweep(int *told, const rg_ctx_t *ctx);

#endif
