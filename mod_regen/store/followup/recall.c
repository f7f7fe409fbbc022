/* SPDX-License-Identifier: Apache-2.0 */
/* Follow-ups and recalls: what services plan, what is open for whom, and every attempt to reach
 * somebody. */
#include "mod_regen/store/engine/sql.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/definition.h"
#include "regen/model/followup.h"
#include "regen/model/waitlist.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

/* --- what a service plans --------------------------------------------------------------------- */

rg_outcome_t rg_service_recalls_read(rg_db_t *db, rg_ctx_t *ctx, rg_service_recall_t **out,
                                     int *count, int64_t service_id)
{
    static const char READ[] = "SELECT seq, kind, after_min_days, after_max_days, reason, title"
                               " FROM service_recall WHERE service_id = ? ORDER BY seq";
    rg_cur_t *c;
    *count = 0;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, READ, RG_IN(RG_I(service_id)));
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_service_recall_t));
    while (rg_cur_next(c)) {
        rg_service_recall_t *r = apr_array_push(list);
        *r = (rg_service_recall_t){.seq = (int)rg_cur_i64(c, 0),
                                   .kind = rg_cur_str(c, 1),
                                   .after_min_days = (int)rg_cur_i64(c, 2),
                                   .after_max_days = (int)rg_cur_i64(c, 3),
                                   .reason = rg_cur_str(c, 4),
                                   .title = rg_cur_str(c, 5)};
    }
    *out = (rg_service_recall_t *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

rg_outcome_t rg_service_recalls_write(rg_db_t *db, rg_ctx_t *ctx, int64_t service_id,
                                      const rg_service_recall_t *recalls, int count)
{
    static const char CLEAR[] = "DELETE FROM service_recall WHERE service_id = ?";
    static const char ADD[] =
        "INSERT INTO service_recall (service_id, seq, kind, after_min_days, after_max_days, reason,"
        " title) VALUES (?, ?, ?, ?, ?, ?, ?)";
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

rg_outcome_t rg_recall_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_date_t day,
                           const rg_service_recall_t *plan)
{
    static const char ADD[] =
        "INSERT INTO recall (uid, booking_id, seq, patient_id, kind, reason, title, due_from,"
        " due_until, created_at, status, closed_why) SELECT ?, b.id, ?, b.patient_id, ?, ?, ?, ?,"
        " ?, ?, IF(o.patient_id IS NULL, 'open', 'closed'),"
        " IF(o.patient_id IS NULL, '', 'opted-out') FROM booking b"
        " LEFT JOIN recall_opt_out o ON o.patient_id = b.patient_id"
        " WHERE b.id = ? AND b.patient_id IS NOT NULL";
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

#define ROW_OF(rows)                                                                               \
    "SELECT r.id, r.booking_id, r.patient_id, r.uid, b.uid, r.kind, r.reason, r.title,"            \
    " r.due_from, r.due_until, r.status, r.closed_why, n.uid, p.given, p.family, p.phone,"         \
    " p.email, s.name, p.uid FROM " rows " STRAIGHT_JOIN booking b ON b.id = r.booking_id"         \
    " STRAIGHT_JOIN service s ON s.id = b.service_id"                                              \
    " STRAIGHT_JOIN patient p ON p.id = r.patient_id"                                              \
    " LEFT JOIN booking n ON n.id = r.answer_booking_id"
#define ROW    ROW_OF("recall r")
#define WANTED " AND NOT EXISTS (SELECT 1 FROM recall_opt_out o WHERE o.patient_id = r.patient_id)"

static void fill(rg_cur_t *c, rg_recall_t *r)
{
    *r = (rg_recall_t){.id = rg_cur_i64(c, 0),
                       .booking_id = rg_cur_i64(c, 1),
                       .patient_id = rg_cur_i64(c, 2),
                       .uid = rg_cur_str(c, 3),
                       .booking_uid = rg_cur_str(c, 4),
                       .kind = rg_cur_str(c, 5),
                       .reason = rg_cur_str(c, 6),
                       .title = rg_cur_str(c, 7),
                       .due_from = rg_cur_date(c, 8),
                       .due_until = rg_cur_date(c, 9),
                       .status = (rg_recall_status_t)rg_recall_status_parse(rg_cur_str(c, 10)),
                       .closed_why = rg_cur_str(c, 11),
                       .answer_booking_uid = rg_cur_str(c, 12),
                       .given = rg_cur_str(c, 13),
                       .family = rg_cur_str(c, 14),
                       .phone = rg_cur_str(c, 15),
                       .email = rg_cur_str(c, 16),
                       .service_name = rg_cur_str(c, 17),
                       .patient_uid = rg_cur_str(c, 18)};
}

static rg_outcome_t read_all(rg_db_t *db, rg_ctx_t *ctx, rg_recall_t **out, int *count,
                             const char *sql, const rg_bind_t *in, int n)
{
    rg_cur_t *c;
    *count = 0;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, sql, in, n);
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(ctx->pool, 16, sizeof(rg_recall_t));
    while (rg_cur_next(c)) {
        fill(c, apr_array_push(list));
    }
    *out = (rg_recall_t *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

rg_outcome_t rg_recall_by_uid(rg_db_t *db, rg_ctx_t *ctx, rg_recall_t **out, const char *uid)
{
    static const char BY_UID[] = ROW " WHERE r.uid = ?";
    int count;
    rg_outcome_t rc = read_all(db, ctx, out, &count, BY_UID, RG_IN(RG_S(uid)));
    return rc == RG_OK && count == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_recalls_of_patient(rg_db_t *db, rg_ctx_t *ctx, rg_recall_t **out, int *count,
                                   int64_t patient_id)
{
    static const char OF_PATIENT[] =
        ROW " WHERE r.patient_id = ? AND r.status IN ('open', 'attempted', 'booked')" WANTED
            " ORDER BY r.due_from, r.id";
    return read_all(db, ctx, out, count, OF_PATIENT, RG_IN(RG_I(patient_id)));
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

static void push_attempt(rg_recall_t *r, rg_cur_t *c, apr_pool_t *p)
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
    r->attempts[r->attempt_count++] =
        (rg_recall_attempt_t){rg_cur_time(c, 1), rg_cur_str(c, 2),
                              (rg_attempt_t)rg_attempt_parse(rg_cur_str(c, 3)), rg_cur_str(c, 4)};
}

/* Attempts of all recalls of a page in one statement. */
static rg_outcome_t read_attempts(rg_db_t *db, rg_ctx_t *ctx, rg_recall_t *recalls, int count)
{
    static const char READ[] =
        "SELECT a.recall_id, a.at, f.name, a.outcome, a.note FROM recall_attempt a"
        " JOIN staff f ON f.id = a.staff_id WHERE a.recall_id BETWEEN ? AND ?"
        " AND FIND_IN_SET(a.recall_id, ?) ORDER BY a.recall_id, a.id";
    rg_cur_t *c;
    int64_t low = INT64_MAX;
    int64_t high = 0;
    const char *ids = "0";
    for (int i = 0; i < count; i++) {
        low = recalls[i].id < low ? recalls[i].id : low;
        high = recalls[i].id > high ? recalls[i].id : high;
        ids = apr_psprintf(ctx->pool, "%s,%" APR_INT64_T_FMT, ids, recalls[i].id);
    }
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, READ, RG_IN(RG_I(low), RG_I(high), RG_S(ids)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_recall_t *r = find(recalls, count, rg_cur_i64(c, 0));
        if (r) {
            push_attempt(r, c, ctx->pool);
        }
    }
    return rg_cur_end(c);
}

#define OF_WHAT " AND (? = 0 OR b.service_id = ?) AND (? = 0 OR b.site_id = ?)"

/* Those of a list, in the order of their key. */
#define LISTED                                                                                     \
    " FROM recall r FORCE INDEX (recall_due) STRAIGHT_JOIN booking b ON b.id = r.booking_id "      \
    "WHERE "
#define OPEN "r.status IN ('open', 'attempted')"
/* The page's ids first: the rest is read of those only, however many are done by now. */
#define PAGE_OF(which, order)                                                                      \
    ROW_OF("(SELECT r.id" LISTED which OF_WHAT " ORDER BY " order " LIMIT ? OFFSET ?) x"           \
           " STRAIGHT_JOIN recall r ON r.id = x.id")                                               \
    " ORDER BY " order
#define LATE_FIRST "r.due_until >= CAST(? AS DATE), r.due_from, r.id"
#define LAST_FIRST "r.due_from DESC, r.id DESC"

static const char DUE[] = PAGE_OF(OPEN " AND r.due_from <= ?" WANTED, LATE_FIRST);
static const char LATER[] = PAGE_OF(OPEN " AND r.due_from > ?" WANTED, LATE_FIRST);
static const char STATE[] = PAGE_OF("r.status = ?", LAST_FIRST);

rg_outcome_t rg_recalls_page(rg_db_t *db, rg_ctx_t *ctx, rg_recall_t **out, int *count,
                             const rg_recalls_filter_t *f, int limit, int offset)
{
    const rg_bind_t today = RG_S(rg_date_iso(ctx->pool, f->today));
    const rg_bind_t service = RG_I(f->service_id), site = RG_I(f->site_id);
    const rg_bind_t most = RG_I(limit), from = RG_I(offset);
    const rg_bind_t state = RG_S(rg_recalls_view_name(f->view));
    rg_outcome_t rc =
        f->view > RG_RECALLS_LATER
            ? read_all(db, ctx, out, count, STATE,
                       RG_IN(state, service, service, site, site, most, from))
            : read_all(db, ctx, out, count, f->view == RG_RECALLS_DUE ? DUE : LATER,
                       RG_IN(today, service, service, site, site, today, most, from, today));
    return rc == RG_OK && *count > 0 ? read_attempts(db, ctx, *out, *count) : rc;
}

/* Each list counted as far as it is leafed through. */
#define COUNT_OF(view, which)                                                                      \
    "SELECT '" view "', COUNT(*) FROM (SELECT 1" LISTED which OF_WHAT " LIMIT ?) x"
#define COUNT_DUE    COUNT_OF("due", OPEN " AND r.due_from <= ?" WANTED)
#define COUNT_LATER  COUNT_OF("later", OPEN " AND r.due_from > ?" WANTED)
#define COUNT_BOOKED COUNT_OF("booked", "r.status = 'booked'")
#define COUNT_DONE   COUNT_OF("done", "r.status = 'done'")
#define COUNT_CLOSED COUNT_OF("closed", "r.status = 'closed'")
#define AND_OF       " UNION ALL "

static const char COUNTS[] =
    COUNT_DUE AND_OF COUNT_LATER AND_OF COUNT_BOOKED AND_OF COUNT_DONE AND_OF COUNT_CLOSED;

rg_outcome_t rg_recalls_count(rg_db_t *db, rg_ctx_t *ctx, int counts[RG_RECALLS_VIEWS],
                              const rg_recalls_filter_t *f)
{
    const rg_bind_t today = RG_S(rg_date_iso(ctx->pool, f->today)), most = RG_I(RG_LIST_MOST);
    const rg_bind_t v = RG_I(f->service_id), w = RG_I(f->site_id);
    rg_cur_t *c;
    for (int i = 0; i < RG_RECALLS_VIEWS; i++) {
        counts[i] = 0;
    }
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, COUNTS,
                                   RG_IN(today, v, v, w, w, most, today, v, v, w, w, most, v, v, w,
                                         w, most, v, v, w, w, most, v, v, w, w, most));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        int view = rg_recalls_view_parse(rg_cur_str(c, 0));
        if (view >= 0) {
            counts[view] = (int)rg_cur_i64(c, 1);
        }
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_recalls_to_tell(rg_db_t *db, rg_ctx_t *ctx, int64_t *ids, int *count,
                                rg_date_t today, int limit)
{
    static const char TO_TELL[] =
        "SELECT r.id FROM recall r WHERE r.status = 'open' AND r.due_from <= ?" WANTED
        " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.kind = 'recall' AND m.about_id = r.id)"
        " ORDER BY r.due_from, r.id LIMIT ?";
    rg_cur_t *c;
    *count = 0;
    rg_outcome_t rc =
        rg_sql_query(db, ctx, &c, TO_TELL, RG_IN(RG_S(rg_date_iso(ctx->pool, today)), RG_I(limit)));
    if (rc != RG_OK) {
        return rc;
    }
    while (*count < limit && rg_cur_next(c)) {
        ids[(*count)++] = rg_cur_i64(c, 0);
    }
    return rg_cur_end(c);
}

/* --- changing --------------------------------------------------------------------------------- */

rg_outcome_t rg_recall_attempt_add(rg_db_t *db, rg_ctx_t *ctx, int64_t recall_id,
                                   rg_attempt_t outcome, const char *note)
{
    static const char ADD[] = "INSERT INTO recall_attempt (recall_id, at, staff_id, outcome, note)"
                              " VALUES (?, ?, ?, ?, ?)";
    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(recall_id), RG_T(ctx->now), RG_I(ctx->who.staff_id),
                             RG_S(rg_attempt_name(outcome)), RG_S(note ? note : "")),
                       NULL);
}

rg_outcome_t rg_recall_set(rg_db_t *db, rg_ctx_t *ctx, int64_t id, rg_recall_status_t from,
                           rg_recall_status_t to, const char *why)
{
    static const char SET[] =
        "UPDATE recall SET status = ?, closed_why = ? WHERE id = ? AND status = ?";
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, SET,
                                  RG_IN(RG_S(rg_recall_status_name(to)), RG_S(why), RG_I(id),
                                        RG_S(rg_recall_status_name(from))),
                                  &found);
    return rc == RG_OK && found == 0 ? RG_CONFLICT : rc;
}

rg_outcome_t rg_recall_stop(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id)
{
    static const char STOP[] =
        "INSERT INTO recall_opt_out (patient_id, at, actor) VALUES (?, ?, ?)";
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, STOP,
        RG_IN(RG_I(patient_id), RG_T(ctx->now), RG_S(ctx->who.staff_id > 0 ? "staff" : "patient")),
        NULL);
    return rc == RG_CONFLICT && rg_sql_error(db) == RG_SQL_DUPLICATE ? RG_OK : rc;
}

rg_outcome_t rg_recall_stopped(rg_db_t *db, rg_ctx_t *ctx, bool *stopped, int64_t patient_id)
{
    static const char STOPPED[] = "SELECT 1 FROM recall_opt_out WHERE patient_id = ?";
    rg_cur_t *c;
    *stopped = false;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, STOPPED, RG_IN(RG_I(patient_id)));
    if (rc != RG_OK) {
        return rc;
    }
    *stopped = rg_cur_next(c);
    return rg_cur_end(c);
}

rg_outcome_t rg_recall_allow(rg_db_t *db, rg_ctx_t *ctx, bool *did, int64_t patient_id,
                             rg_date_t since)
{
    static const char ALLOW[] = "DELETE FROM recall_opt_out WHERE patient_id = ?";
    static const char REOPEN[] =
        "UPDATE recall r SET r.status = IF(EXISTS (SELECT 1 FROM recall_attempt a"
        " WHERE a.recall_id = r.id), 'attempted', 'open'), r.closed_why = ''"
        " WHERE r.patient_id = ? AND r.status = 'closed' AND r.closed_why = 'opted-out'"
        " AND r.due_until >= ?";
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, ALLOW, RG_IN(RG_I(patient_id)), &found);
    *did = found > 0;
    return rc == RG_OK && *did
               ? rg_sql_exec(db, ctx, REOPEN,
                             RG_IN(RG_I(patient_id), RG_S(rg_date_iso(ctx->pool, since))), NULL)
               : rc;
}

/* --- answered by a visit ---------------------------------------------------------------------- */

/* Two weeks to either side are near enough, as in trigger booking_answers_recalls. */
rg_outcome_t rg_recalls_answer(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id)
{
    static const char ANSWER[] =
        "UPDATE recall r JOIN booking n ON n.patient_id = r.patient_id AND n.status = 'booked'"
        " AND n.starts_at >= ? AND n.starts_at >= TIMESTAMPDIFF(SECOND, '1970-01-01', r.due_from)"
        " - 1209600 AND n.starts_at < TIMESTAMPDIFF(SECOND, '1970-01-01', r.due_until) + 1209600"
        " SET r.status = 'booked', r.answer_booking_id = n.id"
        " WHERE r.patient_id = ? AND r.status IN ('open', 'attempted')";
    return rg_sql_exec(db, ctx, ANSWER, RG_IN(RG_T(ctx->now), RG_I(patient_id)), NULL);
}

rg_outcome_t rg_recall_answer_next(rg_db_t *db, rg_ctx_t *ctx, int64_t id)
{
    static const char ANSWER[] =
        "UPDATE recall r SET r.status = 'booked', r.answer_booking_id = (SELECT n.id FROM booking n"
        " WHERE n.patient_id = r.patient_id AND n.status = 'booked' AND n.starts_at >= ?"
        " ORDER BY n.starts_at, n.id LIMIT 1) WHERE r.id = ? AND r.status IN ('open', 'attempted')"
        " AND EXISTS (SELECT 1 FROM booking n WHERE n.patient_id = r.patient_id"
        " AND n.status = 'booked' AND n.starts_at >= ?)";
    int64_t found = 0;
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, ANSWER, RG_IN(RG_T(ctx->now), RG_I(id), RG_T(ctx->now)), &found);
    return rc == RG_OK && found == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_recall_hold(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t patient_id,
                            int64_t booking_id)
{
    static const char HOLD[] = "UPDATE recall SET answer_booking_id = ? WHERE id = ?"
                               " AND patient_id = ? AND status IN ('open', 'attempted')";
    return rg_sql_exec(db, ctx, HOLD, RG_IN(RG_I(booking_id), RG_I(id), RG_I(patient_id)), NULL);
}
