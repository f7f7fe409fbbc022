/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that leave: who sends which, and what became of it. A lease is an UPDATE that finds the
 * row free or does not; on two nodes of a cluster the second COMMIT is a conflict. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/followup.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

rg_outcome_t rg_outbox_due(rg_db_t *db, const rg_ctx_t *ctx, int64_t *ids, int *count, int limit)
{
    RG_SQL(DUE,
           "SELECT id"
           " FROM message FORCE INDEX (message_due)"
           " WHERE status = 'queued' AND next_at <= ? AND lease_until <= ?"
           " ORDER BY next_at, id"
           " LIMIT ?");
    return rg_sql_ids(db, ctx, ids, count, limit, DUE,
                      RG_IN(RG_T(ctx->now), RG_T(ctx->now), RG_I(limit)));
}

rg_outcome_t rg_outbox_handed(rg_db_t *db, const rg_ctx_t *ctx, int64_t *count, apr_time_t since)
{
    RG_SQL(HANDED, "SELECT COUNT(*) FROM message_try WHERE at > ? AND way <> ''");
    return rg_sql_number(db, ctx, count, HANDED, RG_IN(RG_T(since)));
}

rg_outcome_t rg_outbox_lease(rg_db_t *db, const rg_ctx_t *ctx, bool *got, int64_t id,
                             const char *lease, apr_time_t until, const char *mail_id)
{
    RG_SQL(LEASE,
           "UPDATE message"
           " SET lease = ?, lease_until = ?, tries = tries + 1,"
           " mail_id = IF(mail_id = '', ?, mail_id)"
           " WHERE id = ? AND status = 'queued' AND next_at <= ? AND lease_until <= ?");
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, LEASE,
        RG_IN(RG_S(lease), RG_T(until), RG_S(mail_id), RG_I(id), RG_T(ctx->now), RG_T(ctx->now)),
        &found);
    *got = rc == RG_OK && found == 1;
    return rc;
}

#define NOW_ROW(FIRST, COL)                                                                        \
    FIRST(STR, code,                                                                               \
          "CASE"                                                                                   \
          " WHEN m.kind IN ('confirmation', 'change', 'forms', 'prepare') THEN"                    \
          " CASE WHEN b.status <> 'booked' THEN 'not-booked'"                                      \
          " WHEN b.starts_at <> m.starts_at THEN 'moved'"                                          \
          " WHEN b.starts_at <= x.now THEN 'over' ELSE '' END"                                     \
          " WHEN m.kind = 'visit' THEN"                                                            \
          " CASE WHEN b.status <> 'booked' AND (m.starts_at = b.starts_at"                         \
          " OR b.status NOT IN ('arrived', 'in-progress')) THEN 'not-booked'"                      \
          " WHEN NOT EXISTS (SELECT 1 FROM appointment a WHERE a.booking_id = b.id"                \
          " AND a.starts_at = m.starts_at AND (a.visit_no = 1 OR b.status = 'booked'"              \
          " OR EXISTS (SELECT 1 FROM booking_step z JOIN booking_resource y"                       \
          " ON y.booking_id = z.booking_id AND y.step_no = z.step_no"                              \
          " WHERE z.booking_id = b.id AND z.visit_no = a.visit_no))) THEN 'moved'"                 \
          " WHEN m.starts_at <= x.now THEN 'over' ELSE '' END"                                     \
          " WHEN m.kind = 'waitlist-offer' AND (o.booking_id IS NULL OR o.outcome <> 'open'"       \
          " OR m.until_at <= x.now) THEN 'expired'"                                                \
          " WHEN m.kind = 'lost-link' AND (b.link_hash IS NULL OR m.created_at < x.now - 86400)"   \
          " THEN 'expired'"                                                                        \
          " WHEN m.kind = 'order' AND m.until_at <= x.now THEN 'expired'"                          \
          " WHEN m.kind = 'order' AND EXISTS (SELECT 1 FROM treatment_order_use u"                 \
          " WHERE u.order_id = m.about_id) THEN 'done'"                                            \
          " WHEN m.kind = 'estimate' THEN"                                                         \
          " CASE WHEN EXISTS (SELECT 1 FROM estimate n WHERE n.booking_id = m.booking_id"          \
          " AND n.version > m.about_version) THEN 'replaced'"                                      \
          " WHEN b.status <> 'booked' THEN 'not-booked'"                                           \
          " WHEN b.starts_at <= x.now OR b.coverage_id IS NOT NULL OR NOT b.self_pay <=> 1"        \
          " THEN 'over' ELSE '' END"                                                               \
          " WHEN m.kind = 'recall' THEN"                                                           \
          " CASE WHEN EXISTS (SELECT 1 FROM recall_opt_out p WHERE p.patient_id = m.patient_id)"   \
          " THEN 'stopped' WHEN r.status NOT IN ('open', 'attempted') THEN 'done'"                 \
          " WHEN m.ends_at <= x.now - 86400 THEN 'over' ELSE '' END"                               \
          " ELSE '' END")                                                                          \
    COL(INT, noted,                                                                                \
        "(SELECT COUNT(*) FROM message_try t WHERE t.message_id = m.id AND t.way <> ''"            \
        " AND t.at >= GREATEST(m.since, m.created_at))")                                           \
    COL(I64, booking_id, "m.booking_id")                                                           \
    COL(HASH, of_link, "COALESCE(w.link_hash, b.link_hash)")                                       \
    COL(THERE, linked, "COALESCE(w.link_hash, b.link_hash)")
RG_ROW(outbox_now_row, rg_outbox_now_t, NOW_ROW);

/* Of the record that stands for the person now, or of the waitlist entry. */
#define OF_WHOM                                                                                    \
    RG_SQL_PART(" LEFT JOIN patient p ON p.id = m.patient_id" \
                " LEFT JOIN patient k ON k.id = p.merged_into" \
                " LEFT JOIN waitlist_offer o ON m.kind = 'waitlist-offer'" \
                " AND o.booking_id = m.booking_id" \
                " LEFT JOIN waitlist w ON w.id = o.waitlist_id")
#define NEW_ADDRESS                                                                                \
    RG_SQL_PART(" m.to_email = COALESCE(k.email, p.email, w.email, m.to_email)," \
                " m.to_phone = COALESCE(k.phone, p.phone, w.phone, m.to_phone)")

rg_outcome_t rg_outbox_now(rg_db_t *db, const rg_ctx_t *ctx, rg_outbox_now_t *out, int64_t id)
{
    RG_SQL(NOW,
           "SELECT " RG_COLUMNS(NOW_ROW)
           " FROM (SELECT ? AS now) x"
           " JOIN message m"
           " LEFT JOIN booking b ON b.id = m.booking_id"
           " LEFT JOIN waitlist_offer o ON m.kind = 'waitlist-offer'"
           " AND o.booking_id = m.booking_id"
           " LEFT JOIN waitlist w ON w.id = o.waitlist_id"
           " LEFT JOIN recall r ON m.kind = 'recall' AND r.id = m.about_id"
           " WHERE m.id = ?");
    return rg_sql_one(db, ctx, out, outbox_now_row, NOW, RG_IN(RG_T(ctx->now), RG_I(id)));
}

rg_outcome_t rg_outbox_readdress(rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    RG_SQL(READDRESS,
           "UPDATE message m" OF_WHOM
           " SET" NEW_ADDRESS
           " WHERE m.id = ?");
    return rg_sql_exec(db, ctx, READDRESS, RG_IN(RG_I(id)), NULL);
}

rg_outcome_t rg_outbox_link(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, rg_link_t purpose,
                            const unsigned char hash[32], const unsigned char *of_link)
{
    RG_SQL(LINK,
           "INSERT INTO message_link (hash, message_id, purpose, of_link, made_at)"
           " VALUES (?, ?, ?, ?, ?)"
           " ON DUPLICATE KEY UPDATE made_at = made_at");
    return rg_sql_exec(db, ctx, LINK,
                       RG_IN(RG_B(hash, 32), RG_I(id), RG_S(rg_link_name(purpose)),
                             of_link ? RG_B(of_link, 32) : RG_NIL, RG_T(ctx->now)),
                       NULL);
}

/* --- what became of it ------------------------------------------------------------------------ */

#define TRY_NEW(FIRST, COL)                                                                        \
    FIRST(message_id, RG_I(id))                                                                    \
    COL(at, RG_T(ctx->now))                                                                        \
    COL(what, RG_S(rg_try_name(end->what)))                                                        \
    COL(way, RG_S(end->way))                                                                       \
    COL(code, RG_S(end->code))                                                                     \
    COL(answer, RG_S(end->answer))                                                                 \
    COL(staff_id, RG_I_OR_NIL(ctx->who.staff_id))

static rg_outcome_t add_try(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                            const rg_outbox_end_t *end)
{
    RG_SQL(ADD, RG_INSERT("message_try", TRY_NEW));
    return rg_sql_exec(db, ctx, ADD, RG_BINDS(TRY_NEW), NULL);
}

static rg_outcome_t end_lease(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, const char *lease,
                              const rg_outbox_end_t *end)
{
    RG_SQL(SENT,
           "UPDATE message"
           " SET lease = '', lease_until = 0, status = 'sent', sent_at = ?, code = '', answer = ''"
           " WHERE id = ? AND status <> 'sent'");
    RG_SQL(LATER,
           "UPDATE message"
           " SET lease = '', lease_until = 0, next_at = ?, code = ?, answer = ?"
           " WHERE id = ? AND status = 'queued' AND lease = ?");
    RG_SQL(CLOSED,
           "UPDATE message"
           " SET lease = '', lease_until = 0, status = ?, code = ?, answer = ?"
           " WHERE id = ? AND status = 'queued' AND lease = ?");
    switch (end->what) {
    case RG_TRY_SENT: return rg_sql_exec(db, ctx, SENT, RG_IN(RG_T(ctx->now), RG_I(id)), NULL);
    case RG_TRY_LATER:
        return rg_sql_exec(
            db, ctx, LATER,
            RG_IN(RG_T(end->next_at), RG_S(end->code), RG_S(end->answer), RG_I(id), RG_S(lease)),
            NULL);
    default:
        return rg_sql_exec(
            db, ctx, CLOSED,
            RG_IN(RG_S(rg_outbox_status_name(end->what == RG_TRY_FAILED ? RG_OUTBOX_FAILED
                                                                        : RG_OUTBOX_WITHDRAWN)),
                  RG_S(end->code), RG_S(end->answer), RG_I(id), RG_S(lease)),
            NULL);
    }
}

rg_outcome_t rg_outbox_ended(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, const char *lease,
                             const rg_outbox_end_t *end)
{
    RG_TRY(end_lease(db, ctx, id, lease, end));
    return add_try(db, ctx, id, end);
}

/* --- what staff do ---------------------------------------------------------------------------- */

rg_outcome_t rg_outbox_set(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, rg_try_t what)
{
    RG_SQL(AGAIN,
           "UPDATE message m" OF_WHOM
           " SET m.status = 'queued', m.tries = 0, m.since = ?, m.next_at = 1,"
           " m.code = '', m.answer = ''," NEW_ADDRESS
           " WHERE m.id = ? AND m.status IN ('failed', 'told')");
    RG_SQL(TOLD, "UPDATE message SET status = 'told' WHERE id = ? AND status = 'failed'");
    RG_SQL(NOT_TOLD, "UPDATE message SET status = 'failed' WHERE id = ? AND status = 'told'");
    const rg_outbox_end_t end = {.what = what, .way = "", .code = "", .answer = ""};
    int64_t found = 0;
    rg_outcome_t rc =
        what == RG_TRY_AGAIN
            ? rg_sql_exec(db, ctx, AGAIN, RG_IN(RG_T(ctx->now), RG_I(id)), &found)
            : rg_sql_exec(db, ctx, what == RG_TRY_TOLD ? TOLD : NOT_TOLD, RG_IN(RG_I(id)), &found);
    if (rc == RG_OK && found == 0) {
        return RG_CONFLICT;
    }
    return rc == RG_OK ? add_try(db, ctx, id, &end) : rc;
}

rg_outcome_t rg_outbox_stop_link(rg_db_t *db, const rg_ctx_t *ctx, int64_t *patient_id,
                                 const unsigned char *hash)
{
    RG_SQL(STOP,
           "SELECT m.patient_id"
           " FROM message_link x"
           " JOIN message m ON m.id = x.message_id"
           " WHERE x.hash = ? AND x.purpose = 'stop' AND m.patient_id IS NOT NULL");
    return rg_sql_number(db, ctx, patient_id, STOP, RG_IN(RG_B(hash, 32)));
}
