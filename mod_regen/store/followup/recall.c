/* SPDX-License-Identifier: Apache-2.0 */
/* Follow-ups and recalls: plans of services, open recalls of patients, and every attempt to reach a
 * patient. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/definition.h"
#include "regen/model/followup.h"
#include "regen/model/waitlist.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

#define PLAN_ROW(FIRST, COL)                                                                       \
    FIRST(INT, seq, "seq")                                                                         \
    COL(STR, kind, "kind")                                                                         \
    COL(INT, after_min_days, "after_min_days")                                                     \
    COL(INT, after_max_days, "after_max_days")                                                     \
    COL(STR, reason, "reason")                                                                     \
    COL(STR, title, "title")
RG_ROW(plan_row, rg_service_recall_t, PLAN_ROW);

#include <string.h>

#include <apr_strings.h>

/* --- what a service plans --------------------------------------------------------------------- */

rg_outcome_t rg_service_recalls_read(rg_db_t *db, const rg_ctx_t *ctx, rg_service_recall_t **out,
                                     int *count, int64_t service_id)
{
    RG_SQL(READ,
           "SELECT " RG_COLUMNS(PLAN_ROW)
           " FROM service_recall"
           " WHERE service_id = ?"
           " ORDER BY seq");
    return rg_sql_list(db, ctx, out, count, plan_row, READ, RG_IN(RG_I(service_id)));
}

rg_outcome_t rg_service_recalls_write(rg_db_t *db, const rg_ctx_t *ctx, int64_t service_id,
                                      const rg_service_recall_t *recalls, int count)
{
    RG_SQL(CLEAR, "DELETE FROM service_recall WHERE service_id = ?");
    RG_SQL(ADD,
           "INSERT INTO service_recall (service_id, seq, kind, after_min_days, after_max_days,"
           " reason, title)"
           " VALUES (?, ?, ?, ?, ?, ?, ?)");
    rg_outcome_t rc = rg_sql_exec(db, ctx, CLEAR, RG_IN(RG_I(service_id)), NULL);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        const rg_service_recall_t *r = &recalls[i];
        rc = rg_sql_exec(db, ctx, ADD,
                         RG_IN(RG_I(service_id), RG_I(r->seq), RG_S(r->kind),
                               RG_I(r->after_min_days), RG_I(r->after_max_days), RG_S(r->reason),
                               RG_S(r->title)),
                         NULL);
    }
    return rc;
}

/* --- making ----------------------------------------------------------------------------------- */

rg_outcome_t rg_recall_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_date_t day,
                           const rg_service_recall_t *plan)
{
    RG_SQL(ADD,
           "INSERT INTO recall (uid, booking_id, seq, patient_id, kind, reason, title,"
           " due_from, due_until, created_at, status, closed_why)"
           " SELECT ?, b.id, ?, b.patient_id, ?, ?, ?, ?, ?, ?, IF(o.patient_id IS NULL,"
           " 'open', 'closed'), IF(o.patient_id IS NULL, '', 'opted-out')"
           " FROM booking b"
           " LEFT JOIN recall_opt_out o ON o.patient_id = b.patient_id"
           " WHERE b.id = ? AND b.patient_id IS NOT NULL"
           " ON DUPLICATE KEY UPDATE due_from = VALUES(due_from), due_until = VALUES(due_until)");
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, ADD,
                    RG_IN(RG_S(rg_uid_make(ctx)), RG_I(plan->seq), RG_S(plan->kind),
                          RG_S(plan->reason), RG_S(plan->title),
                          RG_S(rg_date_iso(ctx->pool, rg_date_add(day, plan->after_min_days))),
                          RG_S(rg_date_iso(ctx->pool, rg_date_add(day, plan->after_max_days))),
                          RG_T(ctx->now), RG_I(booking_id)),
                    NULL);
    return rc == RG_CONFLICT && rg_sql_error(db) == RG_SQL_DUPLICATE ? RG_OK : rc;
}

/* --- reading ---------------------------------------------------------------------------------- */

#define RECALL_ROW(FIRST, COL)                                                                     \
    FIRST(I64, id, "r.id")                                                                         \
    COL(I64, booking_id, "r.booking_id")                                                           \
    COL(I64, patient_id, "r.patient_id")                                                           \
    COL(STR, uid, "r.uid")                                                                         \
    COL(STR, booking_uid, "b.uid")                                                                 \
    COL(STR, kind, "r.kind")                                                                       \
    COL(STR, reason, "r.reason")                                                                   \
    COL(STR, title, "r.title")                                                                     \
    COL(DATE, due_from, "r.due_from")                                                              \
    COL(DATE, due_until, "r.due_until")                                                            \
    COL(ENUM, status, "r.status", rg_recall_status_parse)                                          \
    COL(STR, closed_why, "r.closed_why")                                                           \
    COL(STR, answer_booking_uid, "n.uid")                                                          \
    COL(STR, given, "p.given")                                                                     \
    COL(STR, family, "p.family")                                                                   \
    COL(STR, phone, "p.phone")                                                                     \
    COL(STR, email, "p.email")                                                                     \
    COL(STR, service_name, "s.name")                                                               \
    COL(STR, patient_uid, "p.uid")                                                                 \
    COL(I64, person_id, "p.id")
RG_ROW(recall_row, rg_recall_t, RECALL_ROW);

#define ROW_OF(rows)                                                                               \
    RG_SQL_PART("SELECT " RG_COLUMNS(RECALL_ROW) \
                " FROM " rows \
                " STRAIGHT_JOIN booking b ON b.id = r.booking_id" \
                " STRAIGHT_JOIN service s ON s.id = b.service_id" \
                " STRAIGHT_JOIN patient o ON o.id = r.patient_id" \
                " STRAIGHT_JOIN patient p ON p.id = COALESCE(o.merged_into, o.id)" \
                " LEFT JOIN booking n ON n.id = r.answer_booking_id")
#define ROW    ROW_OF("recall r")
#define WANTED " AND NOT EXISTS (SELECT 1 FROM recall_opt_out o WHERE o.patient_id = r.patient_id)"

rg_outcome_t rg_recall_by_uid(rg_db_t *db, const rg_ctx_t *ctx, rg_recall_t **out, const char *uid)
{
    RG_SQL(BY_UID, ROW " WHERE r.uid = ?");
    return rg_sql_new(db, ctx, out, recall_row, BY_UID, RG_IN(RG_S(uid)));
}

/* All records of the person whose record is named twice. */
#define OF_PERSON                                                                                  \
    "(SELECT COALESCE(merged_into, id) AS id FROM patient WHERE id = ?"                            \
    " UNION SELECT y.id FROM patient x JOIN patient y"                                             \
    " ON y.merged_into = COALESCE(x.merged_into, x.id) WHERE x.id = ?) whole"

rg_outcome_t rg_recalls_of_person(rg_db_t *db, const rg_ctx_t *ctx, rg_recall_t **out, int *count,
                                  int64_t patient_id)
{
    RG_SQL(OF_ALL,
           ROW_OF(OF_PERSON " STRAIGHT_JOIN recall r ON r.patient_id = whole.id")
           " WHERE r.status IN ('open', 'attempted', 'booked')" WANTED
           " ORDER BY r.due_from, r.id");
    return rg_sql_list(db, ctx, out, count, recall_row, OF_ALL,
                       RG_IN(RG_I(patient_id), RG_I(patient_id)));
}

typedef struct {
    bool stopped;
    rg_recall_t recall;
} mine_t;

#define MINE_ROW(FIRST, COL)                                                                       \
    FIRST(BOOL, stopped, "x.patient_id IS NOT NULL")                                               \
    COL(PART, recall, RG_PART(RECALL_ROW), recall_row)
RG_ROW(mine_row, mine_t, MINE_ROW);

/* Who stopped them has none to come, and is told so: one row then, and one without any. */
rg_outcome_t rg_recalls_of_patient(rg_db_t *db, const rg_ctx_t *ctx, rg_recall_t **out, int *count,
                                   bool *stopped, int64_t patient_id)
{
    RG_SQL(OF_PATIENT,
           "SELECT " RG_COLUMNS(MINE_ROW)
           " FROM (SELECT ? AS id) whole"
           " LEFT JOIN recall_opt_out x ON x.patient_id = whole.id"
           " LEFT JOIN recall r ON r.patient_id = whole.id AND x.patient_id IS NULL"
           " AND r.status IN ('open', 'attempted', 'booked')"
           " LEFT JOIN booking b ON b.id = r.booking_id"
           " LEFT JOIN service s ON s.id = b.service_id"
           " LEFT JOIN patient o ON o.id = r.patient_id"
           " LEFT JOIN patient p ON p.id = COALESCE(o.merged_into, o.id)"
           " LEFT JOIN booking n ON n.id = r.answer_booking_id"
           " ORDER BY r.due_from, r.id");
    mine_t *rows;
    int found;
    RG_TRY(rg_sql_list(db, ctx, &rows, &found, mine_row, OF_PATIENT, RG_IN(RG_I(patient_id))));
    *stopped = found > 0 && rows[0].stopped;
    *count = found > 0 && rows[0].recall.id > 0 ? found : 0;
    *out = apr_palloc(ctx->pool, sizeof(**out) * (size_t)(*count + 1));
    for (int i = 0; i < *count; i++) {
        (*out)[i] = rows[i].recall;
    }
    return RG_OK;
}

static rg_recall_t *find(rg_recall_t *recalls, int count, int64_t id)
{
    for (int i = 0; i < count; i++) {
        if (recalls[i].id == id) {
            return &recalls[i];
        }
    }
    return NULL;
}

typedef struct {
    int64_t recall_id;
    rg_recall_attempt_t attempt;
} attempt_row_t;

#define ATTEMPT_ROW(FIRST, COL)                                                                    \
    FIRST(I64, recall_id, "a.recall_id")                                                           \
    COL(TIME, attempt.at, "a.at")                                                                  \
    COL(STR, attempt.staff_name, "f.name")                                                         \
    COL(ENUM, attempt.outcome, "a.outcome", rg_attempt_parse)                                      \
    COL(STR, attempt.note, "a.note")
RG_ROW(attempt_row, attempt_row_t, ATTEMPT_ROW);

static void push_attempt(rg_recall_t *r, const attempt_row_t *row, apr_pool_t *p)
{
    int n = r->attempt_count;
    /* Grown at powers of two. */
    if ((n & (n - 1)) == 0) {
        rg_recall_attempt_t *more = apr_palloc(p, sizeof(*more) * (size_t)(n == 0 ? 1 : 2 * n));
        if (n > 0) {
            memcpy(more, r->attempts, sizeof(*more) * (size_t)n);
        }
        r->attempts = more;
    }
    r->attempts[r->attempt_count++] = row->attempt;
}

/* Attempts of all recalls of a page in one statement. */
static rg_outcome_t read_attempts(rg_db_t *db, const rg_ctx_t *ctx, rg_recall_t *recalls, int count)
{
    RG_SQL(READ,
           "SELECT " RG_COLUMNS(ATTEMPT_ROW)
           " FROM recall_attempt a"
           " JOIN staff f ON f.id = a.staff_id"
           " WHERE a.recall_id BETWEEN ? AND ? AND FIND_IN_SET(a.recall_id, ?)"
           " ORDER BY a.recall_id, a.id");
    rg_cur_t *c;
    attempt_row_t row;
    int64_t low = INT64_MAX;
    int64_t high = 0;
    const char *ids = "0";
    for (int i = 0; i < count; i++) {
        low = recalls[i].id < low ? recalls[i].id : low;
        high = recalls[i].id > high ? recalls[i].id : high;
        ids = apr_psprintf(ctx->pool, "%s,%" APR_INT64_T_FMT, ids, recalls[i].id);
    }
    RG_TRY(rg_sql_query(db, ctx, &c, READ, RG_IN(RG_I(low), RG_I(high), RG_S(ids))));
    while (rg_cur_row(c, attempt_row, &row)) {
        rg_recall_t *r = find(recalls, count, row.recall_id);
        if (r) {
            push_attempt(r, &row, ctx->pool);
        }
    }
    return rg_cur_end(c);
}

#define OF_WHAT " AND (? = 0 OR b.service_id = ?) AND (? = 0 OR b.site_id = ?)"

/* Those of a list, in the order of their key. */
#define LISTED                                                                                     \
    RG_SQL_PART(" FROM recall r FORCE INDEX (recall_due)" \
                " STRAIGHT_JOIN booking b ON b.id = r.booking_id" \
                " WHERE ")
#define OPEN "r.status IN ('open', 'attempted')"
/* The page's ids first: the rest is read of those only, however many are done by now. */
#define PAGE_OF(which, order)                                                                      \
    RG_SQL_PART(ROW_OF("(SELECT r.id" LISTED which OF_WHAT \
                       " ORDER BY " order " LIMIT ? OFFSET ?) x" \
                       " STRAIGHT_JOIN recall r ON r.id = x.id") \
                " ORDER BY " order)
#define LATE_FIRST "r.due_until >= CAST(? AS DATE), r.due_from, r.id"
#define LAST_FIRST "r.due_from DESC, r.id DESC"

RG_SQL(DUE, PAGE_OF(OPEN " AND r.due_from <= ?" WANTED, LATE_FIRST));
RG_SQL(LATER, PAGE_OF(OPEN " AND r.due_from > ?" WANTED, LATE_FIRST));
RG_SQL(STATE, PAGE_OF("r.status = ?", LAST_FIRST));

rg_outcome_t rg_recalls_page(rg_db_t *db, const rg_ctx_t *ctx, rg_recall_t **out, int *count,
                             const rg_recalls_filter_t *f, int limit, int offset)
{
    const rg_bind_t today = RG_S(rg_date_iso(ctx->pool, f->today));
    const rg_bind_t service = RG_I(f->service_id);
    const rg_bind_t site = RG_I(f->site_id);
    const rg_bind_t most = RG_I(limit);
    const rg_bind_t from = RG_I(offset);
    const rg_bind_t state = RG_S(rg_recalls_view_name(f->view));
    rg_outcome_t rc =
        f->view > RG_RECALLS_LATER
            ? rg_sql_list(db, ctx, out, count, recall_row, STATE,
                          RG_IN(state, service, service, site, site, most, from))
            : rg_sql_list(db, ctx, out, count, recall_row, f->view == RG_RECALLS_DUE ? DUE : LATER,
                          RG_IN(today, service, service, site, site, today, most, from, today));
    return rc == RG_OK && *count > 0 ? read_attempts(db, ctx, *out, *count) : rc;
}

/* Each list counted as far as it is paged. */
#define COUNT_OF(view, which)                                                                      \
    RG_SQL_PART("SELECT " RG_COUNT_COLS(view) \
                " FROM (SELECT 1" LISTED which OF_WHAT " LIMIT ?) x")
#define COUNT_DUE    COUNT_OF("due", OPEN " AND r.due_from <= ?" WANTED)
#define COUNT_LATER  COUNT_OF("later", OPEN " AND r.due_from > ?" WANTED)
#define COUNT_BOOKED COUNT_OF("booked", "r.status = 'booked'")
#define COUNT_DONE   COUNT_OF("done", "r.status = 'done'")
#define COUNT_CLOSED COUNT_OF("closed", "r.status = 'closed'")
#define AND_OF       " UNION ALL "

RG_SQL(COUNTS,
       COUNT_DUE AND_OF COUNT_LATER AND_OF COUNT_BOOKED AND_OF COUNT_DONE AND_OF COUNT_CLOSED);

rg_outcome_t rg_recalls_count(rg_db_t *db, const rg_ctx_t *ctx, int counts[RG_RECALLS_VIEW_COUNT],
                              const rg_recalls_filter_t *f)
{
    const rg_bind_t today = RG_S(rg_date_iso(ctx->pool, f->today));
    const rg_bind_t most = RG_I(RG_LIST_MOST);
    const rg_bind_t v = RG_I(f->service_id);
    const rg_bind_t w = RG_I(f->site_id);
    return rg_row_counts(db, ctx, counts, RG_RECALLS_VIEW_COUNT, rg_recalls_view_parse, COUNTS,
                         RG_IN(today, v, v, w, w, most, today, v, v, w, w, most, v, v, w, w, most,
                               v, v, w, w, most, v, v, w, w, most));
}

rg_outcome_t rg_recalls_to_tell(rg_db_t *db, const rg_ctx_t *ctx, int64_t *ids, int *count,
                                rg_date_t today, int limit)
{
    RG_SQL(TO_TELL,
           "SELECT r.id"
           " FROM recall r"
           " WHERE r.status = 'open' AND r.due_from <= ?" WANTED
           " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.kind = 'recall'"
           " AND m.about_id = r.id)"
           " ORDER BY r.due_from, r.id"
           " LIMIT ?");
    return rg_sql_ids(db, ctx, ids, count, limit, TO_TELL,
                      RG_IN(RG_S(rg_date_iso(ctx->pool, today)), RG_I(limit)));
}

/* --- changing --------------------------------------------------------------------------------- */

rg_outcome_t rg_recall_attempt_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t recall_id,
                                   rg_attempt_t outcome, const char *note)
{
    RG_SQL(ADD,
           "INSERT INTO recall_attempt (recall_id, at, staff_id, outcome, note)"
           " VALUES (?, ?, ?, ?, ?)");
    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(recall_id), RG_T(ctx->now), RG_I(ctx->who.staff_id),
                             RG_S(rg_attempt_name(outcome)), RG_S(note ? note : "")),
                       NULL);
}

rg_outcome_t rg_recall_set(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, rg_recall_status_t from,
                           rg_recall_status_t to, const char *why)
{
    RG_SQL(SET, "UPDATE recall SET status = ?, closed_why = ? WHERE id = ? AND status = ?");
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, SET,
                                  RG_IN(RG_S(rg_recall_status_name(to)), RG_S(why), RG_I(id),
                                        RG_S(rg_recall_status_name(from))),
                                  &found);
    return rc == RG_OK && found == 0 ? RG_CONFLICT : rc;
}

rg_outcome_t rg_recall_stop(rg_db_t *db, const rg_ctx_t *ctx, int64_t patient_id)
{
    RG_SQL(STOP,
           "INSERT IGNORE INTO recall_opt_out (patient_id, at, actor)"
           " SELECT whole.id, ?, ? FROM " OF_PERSON);
    return rg_sql_exec(db, ctx, STOP,
                       RG_IN(RG_T(ctx->now), RG_S(ctx->who.staff_id > 0 ? "staff" : "patient"),
                             RG_I(patient_id), RG_I(patient_id)),
                       NULL);
}

rg_outcome_t rg_recall_stopped(rg_db_t *db, const rg_ctx_t *ctx, bool *stopped, int64_t patient_id)
{
    RG_SQL(STOPPED, "SELECT 1 FROM recall_opt_out WHERE patient_id = ?");
    return rg_sql_any(db, ctx, stopped, STOPPED, RG_IN(RG_I(patient_id)));
}

rg_outcome_t rg_recall_allow(rg_db_t *db, const rg_ctx_t *ctx, bool *did, int64_t patient_id,
                             rg_date_t since)
{
    RG_SQL(ALLOW,
           "DELETE o FROM recall_opt_out o JOIN " OF_PERSON " ON whole.id = o.patient_id");
    RG_SQL(REOPEN,
           "UPDATE recall r JOIN " OF_PERSON " ON whole.id = r.patient_id"
           " SET r.status = IF(EXISTS (SELECT 1 FROM recall_attempt a"
           " WHERE a.recall_id = r.id), 'attempted', 'open'), r.closed_why = ''"
           " WHERE r.status = 'closed' AND r.closed_why = 'opted-out'"
           " AND r.due_until >= ?");
    int64_t found = 0;
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, ALLOW, RG_IN(RG_I(patient_id), RG_I(patient_id)), &found);
    *did = found > 0;
    return rc == RG_OK && *did ? rg_sql_exec(db, ctx, REOPEN,
                                             RG_IN(RG_I(patient_id), RG_I(patient_id),
                                                   RG_S(rg_date_iso(ctx->pool, since))),
                                             NULL)
                               : rc;
}

/* --- answered by a visit ---------------------------------------------------------------------- */

/* Two weeks to either side are near enough, as in trigger booking_answers_recalls. */
rg_outcome_t rg_recalls_answer(rg_db_t *db, const rg_ctx_t *ctx, int64_t patient_id)
{
    RG_SQL(ANSWER,
           "UPDATE recall r"
           " JOIN booking n ON n.patient_id = r.patient_id AND n.status = 'booked'"
           " AND n.starts_at >= ? AND n.starts_at >= TIMESTAMPDIFF(SECOND, '1970-01-01',"
           " r.due_from) - 1209600 AND n.starts_at < TIMESTAMPDIFF(SECOND, '1970-01-01',"
           " r.due_until) + 1209600"
           " SET r.status = 'booked', r.answer_booking_id = n.id"
           " WHERE r.patient_id = ? AND r.status IN ('open', 'attempted')");
    return rg_sql_exec(db, ctx, ANSWER, RG_IN(RG_T(ctx->now), RG_I(patient_id)), NULL);
}

rg_outcome_t rg_recall_answer_next(rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    RG_SQL(ANSWER,
           "UPDATE recall r"
           " SET r.status = 'booked', r.answer_booking_id = (SELECT n.id FROM booking n"
           " WHERE n.patient_id = r.patient_id AND n.status = 'booked'"
           " AND n.starts_at >= ? ORDER BY n.starts_at, n.id LIMIT 1)"
           " WHERE r.id = ? AND r.status IN ('open', 'attempted')"
           " AND EXISTS (SELECT 1 FROM booking n WHERE n.patient_id = r.patient_id"
           " AND n.status = 'booked' AND n.starts_at >= ?)");
    int64_t found = 0;
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, ANSWER, RG_IN(RG_T(ctx->now), RG_I(id), RG_T(ctx->now)), &found);
    return rc == RG_OK && found == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_recall_hold(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int64_t patient_id,
                            int64_t booking_id)
{
    RG_SQL(HOLD,
           "UPDATE recall"
           " SET answer_booking_id = ?"
           " WHERE id = ? AND status IN ('open', 'attempted')"
           " AND patient_id IN (SELECT id FROM patient WHERE id = ? OR merged_into = ?)");
    return rg_sql_exec(db, ctx, HOLD,
                       RG_IN(RG_I(booking_id), RG_I(id), RG_I(patient_id), RG_I(patient_id)), NULL);
}
