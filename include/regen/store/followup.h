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

/* The facts of a message; patient and site are read from the booking or recall. */
typedef struct {
    rg_message_kind_t kind;
    int64_t about_id; /* booking; RG_MESSAGE_RECALL: recall */
    int visit_no;     /* RG_MESSAGE_VISIT: of the booking; else 0: all of it */
    /* RG_MESSAGE_CHANGE; RG_MESSAGE_CANCELLATION of the remaining visits of a course: the first of
     * them; else 0 */
    apr_time_t old_starts_at;
    apr_time_t prepare_at; /* start of the day on which a preparation begins; 0: none */
    /* last instant to cancel online; 0: none, or not told. For an offer the end of the hold is
     * used */
    apr_time_t until_at;
} rg_message_fact_t;
/* Queues a message in the caller's transaction, after the change it reports. One for each version
 * of the booking: repeating does nothing. Nothing is queued for a booking without a patient, or for
 * a recall whose patient opted out. */
rg_outcome_t rg_message_add(rg_db_t *db, const rg_ctx_t *ctx, const rg_message_fact_t *fact);
/* The same for a kind about a booking of which there may be several for one version of it: one for
 * each TURN. */
rg_outcome_t rg_message_add_turn(rg_db_t *db, const rg_ctx_t *ctx, const rg_message_fact_t *fact,
                                 int64_t turn, bool *written);
/* A booking that something is to be told about. */
typedef struct {
    int64_t id, version;
    int visit_no; /* 0: all of it */
    apr_time_t prepare_at;
} rg_to_tell_t;
/* Of the lists below, at most MOST rows after the first SKIP ones. */
typedef struct {
    int most, skip;
} rg_some_t;
/* Bookings that begin until UNTIL, were booked until BEFORE, lack signatures, and got no reminder
 * for their current time yet. */
rg_outcome_t rg_forms_to_tell(rg_db_t *db, const rg_ctx_t *ctx, rg_to_tell_t **out, int *count,
                              apr_time_t until, apr_time_t before, rg_some_t some);
/* No reminder of a visit is earlier. */
#define RG_REMIND_MOST (60 * RG_DAY)
/* Visits that their service reminds of by now, and that got no reminder for their current time:
 * TURN 0 the first one, 1 the second one. Later visits of a course, too, once it began. */
rg_outcome_t rg_visits_to_tell(rg_db_t *db, const rg_ctx_t *ctx, rg_to_tell_t **out, int *count,
                               int turn, rg_some_t some);
/* Bookings whose preparation begins until UNTIL, and whose patients were told three days before it
 * or earlier. */
rg_outcome_t rg_preparing_to_tell(rg_db_t *db, const rg_ctx_t *ctx, rg_to_tell_t **out, int *count,
                                  apr_time_t until, rg_some_t some);
/* Bookings of people with this email address whose private links are valid, the latest first. */
rg_outcome_t rg_lost_links(rg_db_t *db, const rg_ctx_t *ctx, int64_t *ids, int *count,
                           const char *email, int limit);
/* One message, by its id or its UID (NULL: by id). */
rg_outcome_t rg_message_read(rg_db_t *db, const rg_ctx_t *ctx, rg_message_t **out, int64_t id,
                             const char *uid);
/* Those of one booking, oldest first. */
rg_outcome_t rg_messages_read(rg_db_t *db, const rg_ctx_t *ctx, rg_message_t **out, int *count,
                              int64_t booking_id);
/* Offers to one waitlist entry, oldest first. */
rg_outcome_t rg_messages_of_waiter(rg_db_t *db, const rg_ctx_t *ctx, rg_message_t **out, int *count,
                                   int64_t waiter_id);
/* Those of one status and kind (-1: any), newest first. */
rg_outcome_t rg_messages_page(rg_db_t *db, const rg_ctx_t *ctx, rg_message_t **out, int *count,
                              rg_outbox_status_t status, int kind, int limit, int offset);
/* By status, of one kind (-1: any). */
rg_outcome_t rg_messages_count(rg_db_t *db, const rg_ctx_t *ctx, int counts[RG_OUTBOX_STATUS_COUNT],
                               int kind);

/* --- outbox.c: messages that leave ------------------------------------------------------------ */

/* Ids of messages that may be tried now and that nobody sends, the urgent ones first. */
rg_outcome_t rg_outbox_due(rg_db_t *db, const rg_ctx_t *ctx, int64_t *ids, int *count, int limit);
/* Letters handed over since SINCE, by anybody. */
rg_outcome_t rg_outbox_handed(rg_db_t *db, const rg_ctx_t *ctx, int64_t *count, apr_time_t since);
/* Takes a message that is due, for LEASE (26 characters) until UNTIL; MAIL_ID becomes its
 * Message-ID unless it has one. The row decides, on whatever node: *GOT is false where somebody
 * else was quicker. */
rg_outcome_t rg_outbox_lease(rg_db_t *db, const rg_ctx_t *ctx, bool *got, int64_t id,
                             const char *lease, apr_time_t until, const char *mail_id);
/* Where the person, or the one whose record stands for it, is reached now. After the lease. */
rg_outcome_t rg_outbox_readdress(rg_db_t *db, const rg_ctx_t *ctx, int64_t id);
/* What decides whether a message still makes sense, and what its links are tied to. */
typedef struct {
    const char *code; /* rg_mail_code_name: why it is pointless; "": it is not */
    int64_t booking_id;
    unsigned char of_link[32]; /* of the private link that is valid now */
    bool linked;
    int noted; /* tries since it was written or asked for again, of which the end is known */
} rg_outbox_now_t;
rg_outcome_t rg_outbox_now(rg_db_t *db, const rg_ctx_t *ctx, rg_outbox_now_t *out, int64_t id);
/* A link of a letter; OF_LINK NULL for RG_LINK_STOP. Can be repeated. */
rg_outcome_t rg_outbox_link(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, rg_link_t purpose,
                            const unsigned char hash[32], const unsigned char *of_link);
typedef struct {
    rg_try_t what;
    const char *way, *code, *answer; /* rg_way_name, rg_mail_code_name; "": none */
    apr_time_t next_at;              /* RG_TRY_LATER */
} rg_outbox_end_t;
/* What became of a try: ends the lease, and writes the row that stays. A letter that left is sent
 * whoever has the lease by now; anything else of another one's lease changes nothing. */
rg_outcome_t rg_outbox_ended(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, const char *lease,
                             const rg_outbox_end_t *end);
/* What staff do with one that failed: RG_TRY_AGAIN (to the address that the person has now),
 * RG_TRY_TOLD, RG_TRY_NOT_TOLD. RG_CONFLICT: its status is another one. */
rg_outcome_t rg_outbox_set(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, rg_try_t what);
/* Whose letters a link stops. RG_NOT_FOUND. */
rg_outcome_t rg_outbox_stop_link(rg_db_t *db, const rg_ctx_t *ctx, int64_t *patient_id,
                                 const unsigned char *hash);

/* --- recall.c --------------------------------------------------------------------------------- */

/* The recalls planned by a service, by seq. */
rg_outcome_t rg_service_recalls_read(rg_db_t *db, const rg_ctx_t *ctx, rg_service_recall_t **out,
                                     int *count, int64_t service_id);
/* Replaces them, in the caller's transaction: for rg_service_put. RG_PRECONDITION: the schema's
 * check. */
rg_outcome_t rg_service_recalls_write(rg_db_t *db, const rg_ctx_t *ctx, int64_t service_id,
                                      const rg_service_recall_t *recalls, int count);
/* One recall of the completed booking, counted from its local day; closed from the beginning if its
 * patient opted out. RG_OK also if it exists already. */
rg_outcome_t rg_recall_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_date_t day,
                           const rg_service_recall_t *plan);
rg_outcome_t rg_recall_by_uid(rg_db_t *db, const rg_ctx_t *ctx, rg_recall_t **out, const char *uid);
/* The open recalls of a booking's patient, by due date, without attempts; STOPPED: none, because
 * the patient asked for none. */
rg_outcome_t rg_recalls_of_patient(rg_db_t *db, const rg_ctx_t *ctx, rg_recall_t **out, int *count,
                                   bool *stopped, int64_t patient_id);
/* Likewise of all records of the person. For staff. */
rg_outcome_t rg_recalls_of_person(rg_db_t *db, const rg_ctx_t *ctx, rg_recall_t **out, int *count,
                                  int64_t patient_id);
typedef struct {
    rg_recalls_view_t view;
    int64_t service_id, site_id; /* of the treatment; 0: all */
    rg_date_t today;             /* distinguishes due from later and overdue */
} rg_recalls_filter_t;
/* One page with attempts: overdue ones first, then by due date; closed ones newest first. */
rg_outcome_t rg_recalls_page(rg_db_t *db, const rg_ctx_t *ctx, rg_recall_t **out, int *count,
                             const rg_recalls_filter_t *f, int limit, int offset);
/* Counts by view; the view of the filter is ignored. */
rg_outcome_t rg_recalls_count(rg_db_t *db, const rg_ctx_t *ctx, int counts[RG_RECALLS_VIEW_COUNT],
                              const rg_recalls_filter_t *f);
/* By ctx->who, now. */
rg_outcome_t rg_recall_attempt_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t recall_id,
                                   rg_attempt_t outcome, const char *note);
/* From FROM only; RG_CONFLICT otherwise. WHY: closed_why, "" unless TO is closed. */
rg_outcome_t rg_recall_set(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, rg_recall_status_t from,
                           rg_recall_status_t to, const char *why);
/* Stops all recalls of a patient; can be repeated. */
rg_outcome_t rg_recall_stop(rg_db_t *db, const rg_ctx_t *ctx, int64_t patient_id);
rg_outcome_t rg_recall_stopped(rg_db_t *db, const rg_ctx_t *ctx, bool *stopped, int64_t patient_id);
/* The patient opts in again: recalls closed by opting out are open again, unless they ended before
 * SINCE. *DID is false if nothing was stopped. */
rg_outcome_t rg_recall_allow(rg_db_t *db, const rg_ctx_t *ctx, bool *did, int64_t patient_id,
                             rg_date_t since);
/* Open recalls of a patient with a visit booked for about that time are answered by it. */
rg_outcome_t rg_recalls_answer(rg_db_t *db, const rg_ctx_t *ctx, int64_t patient_id);
/* One open recall is answered by the patient's next visit, at any time. RG_NOT_FOUND without
 * one. */
rg_outcome_t rg_recall_answer_next(rg_db_t *db, const rg_ctx_t *ctx, int64_t id);
/* A hold made for a recall: when it is booked, it answers the recall; when it is released or
 * expires, it does not. Nothing happens if the recall is closed or another patient's. */
rg_outcome_t rg_recall_hold(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int64_t patient_id,
                            int64_t booking_id);
/* Ids of recalls that are due on TODAY and have no message yet; at most LIMIT. */
rg_outcome_t rg_recalls_to_tell(rg_db_t *db, const rg_ctx_t *ctx, int64_t *ids, int *count,
                                rg_date_t today, int limit);

#endif
