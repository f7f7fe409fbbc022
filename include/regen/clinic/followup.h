/* SPDX-License-Identifier: Apache-2.0 */
/* Recalls and messages.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
#ifndef REGEN_CLINIC_FOLLOWUP_H
#define REGEN_CLINIC_FOLLOWUP_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/followup.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

typedef struct {
    int view;
    int counts[RG_RECALLS_VIEWS]; /* of the service and site */
    int page, pages;              /* from 1 */
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

/* What is waiting to leave, and what left. */
typedef struct {
    int status;                     /* rg_outbox_status_t shown */
    int kind;                       /* rg_message_kind_t shown; -1: all */
    int counts[RG_OUTBOX_STATUSES]; /* of that kind */
    int page, pages;                /* from 1 */
    int count;
    rg_message_t *messages; /* newest first */
    rg_site_t *site;
    int site_count;
} rg_outbox_t;
#define RG_OUTBOX_PAGE 50

/* --- message.c -------------------------------------------------------------------------------- */

/* Messages are written by the use-case whose change they tell of, in its transaction
 * (rg_message_add of the store). The patient whose booking it is, or staff. Oldest first. */
rg_outcome_t rg_messages_of_booking(rg_message_t **out, int *count, rg_ctx_t *ctx,
                                    int64_t booking_id);
/* What was written to the caller who waits (session): the offers, also those that passed on. Oldest
 * first. */
rg_outcome_t rg_messages_of_place(rg_message_t **out, int *count, rg_ctx_t *ctx);
typedef struct {
    rg_outbox_status_t status;
    int kind; /* rg_message_kind_t; -1: all */
    int page; /* from 1 */
} rg_outbox_in_t;
/* What waits to leave. Front desk, clinicians, admins. */
rg_outcome_t rg_outbox(rg_outbox_t **out, rg_ctx_t *ctx, const rg_outbox_in_t *in);

/* --- recall.c --------------------------------------------------------------------------------- */

/* followup/recall.c. Made from what the service plans (service_recall) in the transaction that
 * completes a treatment; a visit of the same patient that is booked for about then, or for one
 * of them by the desk, answers them: booked, done when the visit is completed, open again when
 * it is cancelled or nobody comes (trigger booking_answers_recalls). A patient who wants none
 * hears of none until they want them again. */
typedef struct {
    rg_recalls_view_t view;
    int page;                             /* from 1 */
    const char *service_code, *site_code; /* of the treatment; NULL or "": all */
} rg_recalls_in_t;
/* Front desk, clinicians, admins. RG_NOT_FOUND for an unknown service or site. */
rg_outcome_t rg_recalls_list(rg_recalls_t **out, rg_ctx_t *ctx, const rg_recalls_in_t *in);
typedef struct {
    const char *outcome; /* word of rg_attempt_t */
    const char *note;    /* at most 200 characters; may be NULL */
    const char *settled; /* "yes": nothing more to do; only with "spoke" */
} rg_attempt_in_t;
/* Somebody tried to reach the patient. "booked" means the patient's next visit. RG_INVALID by
 * field; RG_PRECONDITION when it is not open any more. */
rg_outcome_t rg_recall_attempt(rg_ctx_t *ctx, const char *recall_uid, const rg_attempt_in_t *in);
/* No more recalls for the patient of this recall (staff), or of the caller's booking (patient). */
rg_outcome_t rg_recall_opt_out(rg_ctx_t *ctx, const char *recall_uid);
rg_outcome_t rg_recall_opt_out_mine(rg_ctx_t *ctx, int64_t booking_id);
/* Reminders again, by staff for a patient (WHY: "mistake" or "asked", kept as an audit code;
 * RG_INVALID at "why" otherwise) or by the patient of the caller's booking. What opting out closed
 * is open again, but for what was over a month ago. Again is fine. */
rg_outcome_t rg_recall_opt_in(rg_ctx_t *ctx, const char *patient_uid, const char *why);
rg_outcome_t rg_recall_opt_in_mine(rg_ctx_t *ctx, int64_t booking_id);
/* What is planned for the patient of this booking, soonest first; *STOPPED: they want none. */
rg_outcome_t rg_recalls_of_booking(rg_recall_t **out, int *count, bool *stopped, rg_ctx_t *ctx,
                                   int64_t booking_id);
/* Queues the messages of recalls that became due; at most LIMIT. For the periodic sweep. */
rg_outcome_t rg_recall_sweep(int *told, rg_ctx_t *ctx, int limit);

/* --- message.c -------------------------------------------------------------------------------- */

/* followup/message.c: writes to who booked policy->forms_reminder before a visit and did not
 * sign what it needs, once for each time it has; an hour after booking at the earliest. For the
 * sweep. */
rg_outcome_t rg_forms_sweep(int *told, rg_ctx_t *ctx);

#endif
