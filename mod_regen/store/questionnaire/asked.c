/* SPDX-License-Identifier: Apache-2.0 */
/* What patients are asked, their answers and drafts, and what was decided about them. The rules are
 * keys and triggers of sql/0059_answers.sql. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/model/questionnaire.h"
#include "regen/store/questionnaire.h"
#include "regen/store/store.h"

/* --- where it stands -------------------------------------------------------------------------- */

#define ASKED_ROW(FIRST, COL)                                                                      \
    FIRST(I64, id, "q.request_id")                                                                 \
    COL(I64, booking_id, "q.booking_id")                                                           \
    COL(I64, patient_id, "q.patient_id")                                                           \
    COL(I64, questionnaire_id, "q.questionnaire_id")                                               \
    COL(STR, code, "n.code")                                                                       \
    COL(STR, title, "v.title")                                                                     \
    COL(BOOL, refuse, "q.check_in = 'refuse'")                                                     \
    COL(BOOL, draft, "f.request_id IS NOT NULL")                                                   \
    COL(BOOL, waits, "w.request_id IS NOT NULL")                                                   \
    COL(ENUM, state, "q.state", rg_quest_state_parse)                                              \
    COL(I64, response_id, "r.id")                                                                  \
    COL(STR, response_uid, "r.uid")                                                                \
    COL(ENUM, result, "COALESCE(r.result, 'ok')", rg_quest_result_parse)                           \
    COL(ENUM, answered_by, "COALESCE(r.answered_by, 'patient')", rg_quest_who_parse)               \
    COL(STR, answerer, "COALESCE(rs.name, r.answerer)")                                            \
    COL(TIME, answered_at, "r.answered_at")                                                        \
    COL(INT, answered_times, "r.turn + 1")                                                         \
    COL(I64, decision_id, "d.id")                                                                  \
    COL(ENUM, decision, "COALESCE(d.decision, 'ok')", rg_quest_decision_parse)                     \
    COL(STR, note, "d.note")                                                                       \
    COL(STR, decided_by, "ds.name")                                                                \
    COL(TIME, decided_at, "d.at")                                                                  \
    COL(I64, stopped_by, "q.stopped_by")                                                           \
    COL(STR, stopped_booking, "ob.uid")                                                            \
    COL(TIME, stopped_starts_at, "ob.starts_at")                                                   \
    COL(STR, closed_note, "c.note")                                                                \
    COL(STR, closed_by, "cs.name")                                                                 \
    COL(TIME, closed_at, "c.at")                                                                   \
    COL(ENUM, booking_status, "b.status", rg_booking_status_parse)                                 \
    COL(STR, booking_uid, "b.uid")                                                                 \
    COL(STR, patient_uid, "p.uid")                                                                 \
    COL(STR, given, "p.given")                                                                     \
    COL(STR, family, "p.family")                                                                   \
    COL(STR, service_name, "s.name")                                                               \
    COL(TIME, starts_at, "b.starts_at")
RG_ROW(asked_row, rg_quest_asked_t, ASKED_ROW);
#define ASKED_OF(requests)                                                                         \
    RG_SQL_PART("SELECT " RG_COLUMNS(ASKED_ROW) \
                " FROM " requests \
                " JOIN questionnaire n ON n.id = q.questionnaire_id" \
                " JOIN questionnaire_version v ON v.questionnaire_id = n.id" \
                " AND v.version = (SELECT MAX(m.version) FROM questionnaire_version m" \
                " WHERE m.questionnaire_id = n.id)" \
                " JOIN booking b ON b.id = q.booking_id" \
                " JOIN service s ON s.id = b.service_id" \
                " JOIN patient p ON p.id = q.patient_id" \
                " LEFT JOIN questionnaire_response r ON r.id = q.response_id" \
                " LEFT JOIN staff rs ON rs.id = r.staff_id" \
                " LEFT JOIN questionnaire_decision d ON d.id = q.decision_id" \
                " LEFT JOIN staff ds ON ds.id = d.staff_id" \
                " LEFT JOIN questionnaire_draft f ON f.request_id = q.request_id" \
                " AND f.writer = 0" \
                " LEFT JOIN questionnaire_review w ON w.request_id = q.request_id" \
                " LEFT JOIN questionnaire_request o ON o.id = q.stopped_by" \
                " LEFT JOIN booking ob ON ob.id = o.booking_id" \
                " LEFT JOIN questionnaire_decision c ON c.request_id = q.request_id" \
                " AND c.decision = 'closed' AND c.response_id = q.response_id" \
                " LEFT JOIN staff cs ON cs.id = c.staff_id")
#define ASKED ASKED_OF("screening_state q")

rg_outcome_t rg_quest_asked_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                               rg_quest_asked_t **out, int *count)
{
    RG_SQL(OF_BOOKING, ASKED " WHERE q.booking_id = ? ORDER BY q.request_id");
    return rg_sql_list(db, ctx, out, count, asked_row, OF_BOOKING, RG_IN(RG_I(booking_id)));
}

rg_outcome_t rg_quest_asked_get(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_asked_t **out,
                                int64_t booking_id, int64_t request_id)
{
    RG_SQL(ONE, ASKED " WHERE q.request_id = ? AND q.booking_id = ?");
    return rg_sql_new(db, ctx, out, asked_row, ONE, RG_IN(RG_I(request_id), RG_I(booking_id)));
}

rg_outcome_t rg_quest_to_review(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_asked_t **out,
                                int *count)
{
    /* By what waits and the bookings of the coming time, of both of which there are few. */
#define TO_LOOK_AT                                                                                 \
    "(SELECT request_id AS id FROM questionnaire_review"                                           \
    " UNION SELECT rq.id FROM booking rb STRAIGHT_JOIN questionnaire_request rq"                   \
    " ON rq.booking_id = rb.id"                                                                    \
    " WHERE rb.status IN ('booked', 'arrived') AND rb.starts_at > ?) x"                            \
    " STRAIGHT_JOIN screening_state q ON q.request_id = x.id"
    RG_SQL(REVIEWS, ASKED_OF(TO_LOOK_AT) " WHERE w.request_id IS NOT NULL OR q.state = 'stop'"
                                         " ORDER BY b.status NOT IN ('held', 'booked', 'arrived',"
                                         " 'in-progress'), w.request_id IS NULL, b.starts_at,"
                                         " q.request_id"
                                         " LIMIT ?");
    return rg_sql_list(db, ctx, out, count, asked_row, REVIEWS,
                       RG_IN(RG_T(ctx->now - 2 * RG_DAY), RG_I(RG_QUEST_REVIEWS_MOST + 1)));
}

/* --- answers ---------------------------------------------------------------------------------- */

#define RESPONSE_ROW(FIRST, COL)                                                                   \
    FIRST(I64, id, "r.id")                                                                         \
    COL(I64, request_id, "r.request_id")                                                           \
    COL(I64, booking_id, "r.booking_id")                                                           \
    COL(I64, patient_id, "r.patient_id")                                                           \
    COL(I64, version_id, "r.version_id")                                                           \
    COL(STR, uid, "r.uid")                                                                         \
    COL(STR, answers, "r.answers")                                                                 \
    COL(HASH, sha256, "r.sha256")                                                                  \
    COL(ENUM, result, "r.result", rg_quest_result_parse)                                           \
    COL(ENUM, who, "r.answered_by", rg_quest_who_parse)                                            \
    COL(STR, answerer, "r.answerer")
RG_ROW(response_row, rg_quest_response_t, RESPONSE_ROW);

rg_outcome_t rg_quest_response_get(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_response_t **out,
                                   int64_t id)
{
    RG_SQL(GET, "SELECT " RG_COLUMNS(RESPONSE_ROW) " FROM questionnaire_response r WHERE r.id = ?");
    return rg_sql_new(db, ctx, out, response_row, GET, RG_IN(RG_I(id)));
}

#define RESPONSE_NEW(FIRST, COL)                                                                   \
    FIRST(uid, RG_S(r->uid))                                                                       \
    COL(request_id, RG_I(r->request_id))                                                           \
    COL(booking_id, RG_I(r->booking_id))                                                           \
    COL(patient_id, RG_I(r->patient_id))                                                           \
    COL(version_id, RG_I(r->version_id))                                                           \
    COL(answers, RG_S(r->answers))                                                                 \
    COL(sha256, RG_B(r->sha256, sizeof(r->sha256)))                                                \
    COL(result, RG_S(rg_quest_result_name(r->result)))                                             \
    COL(answered_by, RG_S(rg_quest_who_name(r->who)))                                              \
    COL(answerer, RG_S(r->answerer))                                                               \
    COL(answered_at, RG_T(ctx->now))                                                               \
    COL(staff_id, r->who == RG_QUEST_STAFF ? RG_I(ctx->who.staff_id) : RG_NIL)

rg_outcome_t rg_quest_response_add(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_response_t *r,
                                   int64_t writer)
{
    RG_SQL(ADD, RG_INSERT("questionnaire_response", RESPONSE_NEW));
    RG_SQL(DRAFT_GONE, "DELETE FROM questionnaire_draft WHERE request_id = ? AND writer = ?");

    r->uid = rg_uid_make(ctx);
    RG_TRY(rg_sql_exec(db, ctx, ADD, RG_BINDS(RESPONSE_NEW), NULL));
    r->id = rg_sql_insert_id(db);
    return rg_sql_exec(db, ctx, DRAFT_GONE, RG_IN(RG_I(r->request_id), RG_I(writer)), NULL);
}

/* --- drafts ----------------------------------------------------------------------------------- */

#define DRAFT_ROW(FIRST, COL)                                                                      \
    FIRST(I64, request_id, "d.request_id")                                                         \
    COL(I64, writer, "d.writer")                                                                   \
    COL(I64, version_id, "d.version_id")                                                           \
    COL(STR, answers, "d.answers")                                                                 \
    COL(TIME, saved_at, "d.saved_at")
RG_ROW(draft_row, rg_quest_draft_t, DRAFT_ROW);

rg_outcome_t rg_quest_draft_get(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_draft_t *out,
                                int64_t request_id, int64_t writer)
{
    RG_SQL(GET, "SELECT " RG_COLUMNS(DRAFT_ROW) " FROM questionnaire_draft d"
                                                " WHERE d.request_id = ? AND d.writer = ?");
    return rg_sql_one(db, ctx, out, draft_row, GET, RG_IN(RG_I(request_id), RG_I(writer)));
}

rg_outcome_t rg_quest_draft_put(rg_db_t *db, const rg_ctx_t *ctx, const rg_quest_draft_t *draft)
{
    RG_SQL(PUT, "INSERT INTO questionnaire_draft (request_id, writer, version_id, answers,"
                " saved_at) VALUES (?, ?, ?, ?, ?)"
                " ON DUPLICATE KEY UPDATE version_id = VALUES(version_id),"
                " answers = VALUES(answers), saved_at = VALUES(saved_at)");
    return rg_sql_exec(db, ctx, PUT,
                       RG_IN(RG_I(draft->request_id), RG_I(draft->writer), RG_I(draft->version_id),
                             RG_S(draft->answers), RG_T(ctx->now)),
                       NULL);
}

/* --- decisions -------------------------------------------------------------------------------- */

rg_outcome_t rg_quest_decision_add(rg_db_t *db, const rg_ctx_t *ctx, const rg_quest_asked_t *a,
                                   rg_quest_decision_t decision, const char *note)
{
    RG_SQL(ADD, "INSERT INTO questionnaire_decision (request_id, response_id, decision, note, at,"
                " staff_id) VALUES (?, ?, ?, ?, ?, ?)");
    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(a->id), RG_I_OR_NIL(a->response_id),
                             RG_S(rg_quest_decision_name(decision)), RG_S(note), RG_T(ctx->now),
                             RG_I(ctx->who.staff_id)),
                       NULL);
}
