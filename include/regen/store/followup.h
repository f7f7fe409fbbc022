/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and recalls. */
#ifndef REGEN_STORE_FOLLOWUP_H
#define REGEN_STORE_FOLLOWUP_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/definition.h"
#include "regen/model/followup.h"
#include "regen/store/store.h"

/* --- message.c -------------------------------------------------------------------------------- */

/* What a message tells; who and where is read from the booking or recall itself. */
typedef struct {
    rg_message_kind_t kind;
    int64_t about_id; /* booking; RG_MESSAGE_RECALL: recall */
    /* RG_MESSAGE_CHANGE; RG_MESSAGE_CANCELLATION of what is left of a course: its first visit;
     * else 0 */
    apr_time_t old_starts_at;
    apr_time_t prepare_at; /* begin of the day on which there is something to do or stop; 0: none */
    /* last instant to cancel online; 0: none, or not told. Of an offer the hold's end is taken */
    apr_time_t until_at;
} rg_message_fact_t;
/* Queues a message in the caller's transaction, after the change it tells of. One for one version
 * of the booking: telling again does nothing. Nothing either for a booking nobody's details are
 * known of, or a recall whose patient wants none. */
rg_outcome_t rg_message_add(rg_db_t *db, rg_ctx_t *ctx, const rg_message_fact_t *fact);
/* Ids of bookings that begin until UNTIL, were booked until BEFORE and lack signatures, and were
 * not written to for the time that they have; at most LIMIT. */
rg_outcome_t rg_forms_to_tell(rg_db_t *db, rg_ctx_t *ctx, int64_t *ids, int *count,
                              apr_time_t until, apr_time_t before, int limit);
/* Of one booking, oldest first. */
rg_outcome_t rg_messages_read(rg_db_t *db, rg_ctx_t *ctx, rg_message_t **out, int *count,
                              int64_t booking_id);
/* Offers to one who waits, oldest first. */
rg_outcome_t rg_messages_of_waiter(rg_db_t *db, rg_ctx_t *ctx, rg_message_t **out, int *count,
                                   int64_t waiter_id);
/* Of one status and kind (-1: any), newest first. */
rg_outcome_t rg_messages_page(rg_db_t *db, rg_ctx_t *ctx, rg_message_t **out, int *count,
                              rg_outbox_status_t status, int kind, int limit, int offset);
/* By status, of one kind (-1: any). */
rg_outcome_t rg_messages_count(rg_db_t *db, rg_ctx_t *ctx, int counts[RG_OUTBOX_STATUSES],
                               int kind);

/* --- recall.c --------------------------------------------------------------------------------- */

/* What a service plans, by seq. */
rg_outcome_t rg_service_recalls_read(rg_db_t *db, rg_ctx_t *ctx, rg_service_recall_t **out,
                                     int *count, int64_t service_id);
/* Replaces it, in the caller's transaction: for rg_service_put. RG_PRECONDITION: the schema's
 * check. */
rg_outcome_t rg_service_recalls_write(rg_db_t *db, rg_ctx_t *ctx, int64_t service_id,
                                      const rg_service_recall_t *recalls, int count);
/* One recall of the completed booking, from its local day on; closed from the beginning when its
 * patient wants none. RG_OK also when it is there already. */
rg_outcome_t rg_recall_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_date_t day,
                           const rg_service_recall_t *plan);
rg_outcome_t rg_recall_by_uid(rg_db_t *db, rg_ctx_t *ctx, rg_recall_t **out, const char *uid);
/* Of a booking's patient, what is open, by when it is due; without attempts. */
rg_outcome_t rg_recalls_of_patient(rg_db_t *db, rg_ctx_t *ctx, rg_recall_t **out, int *count,
                                   int64_t patient_id);
typedef struct {
    rg_recalls_view_t view;
    int64_t service_id, site_id; /* of the treatment; 0: all */
    rg_date_t today;             /* tells due from later and overdue */
} rg_recalls_filter_t;
/* One page with attempts: overdue ones first, then by when they are due; what is settled newest
 * first. */
rg_outcome_t rg_recalls_page(rg_db_t *db, rg_ctx_t *ctx, rg_recall_t **out, int *count,
                             const rg_recalls_filter_t *f, int limit, int offset);
/* By view; the filter's own counts nothing. */
rg_outcome_t rg_recalls_count(rg_db_t *db, rg_ctx_t *ctx, int counts[RG_RECALLS_VIEWS],
                              const rg_recalls_filter_t *f);
/* By ctx->who, now. */
rg_outcome_t rg_recall_attempt_add(rg_db_t *db, rg_ctx_t *ctx, int64_t recall_id,
                                   rg_attempt_t outcome, const char *note);
/* From FROM only; RG_CONFLICT otherwise. WHY: closed_why, "" unless TO is closed. */
rg_outcome_t rg_recall_set(rg_db_t *db, rg_ctx_t *ctx, int64_t id, rg_recall_status_t from,
                           rg_recall_status_t to, const char *why);
/* Stops all of a patient's; again is fine. */
rg_outcome_t rg_recall_stop(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id);
rg_outcome_t rg_recall_stopped(rg_db_t *db, rg_ctx_t *ctx, bool *stopped, int64_t patient_id);
/* The patient wants them again: what opting out closed is open again, if it was not over before
 * SINCE. *DID is false when nothing was stopped. */
rg_outcome_t rg_recall_allow(rg_db_t *db, rg_ctx_t *ctx, bool *did, int64_t patient_id,
                             rg_date_t since);
/* Open recalls of a patient who has a visit booked for about then are answered by it. */
rg_outcome_t rg_recalls_answer(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id);
/* One open recall is answered by the patient's next visit, whenever that is. RG_NOT_FOUND without
 * one. */
rg_outcome_t rg_recall_answer_next(rg_db_t *db, rg_ctx_t *ctx, int64_t id);
/* A hold made for a recall: booked, it answers it; given back or expired, it is forgotten. Nothing
 * when it is settled or another patient's. */
rg_outcome_t rg_recall_hold(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t patient_id,
                            int64_t booking_id);
/* Ids of recalls that are due on TODAY and were not written about; at most LIMIT. */
rg_outcome_t rg_recalls_to_tell(rg_db_t *db, rg_ctx_t *ctx, int64_t *ids, int *count,
                                rg_date_t today, int limit);

#endif
