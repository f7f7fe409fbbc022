/* SPDX-License-Identifier: Apache-2.0 */
/* The waitlist: entries and their offers. An offer and the state of waitlist entries change
 * together; whatever ends a held booking ends its offer (trigger booking_ends_an_offer). */
#include "mod_regen/store/patient/names.h"
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/waitlist.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"
#include "regen/store/waitlist.h"

#include <string.h>

#include <apr_strings.h>

/* --- reading ---------------------------------------------------------------------------------- */

#define WAITER_ROW(FIRST, COL)                                                                     \
    FIRST(I64, id, "w.id")                                                                         \
    COL(STR, uid, "w.uid")                                                                         \
    COL(I64, service_id, "w.service_id")                                                           \
    COL(I64, practitioner_id, "w.practitioner_id")                                                 \
    COL(I64, order_id, "w.order_id")                                                               \
    COL(TIME, order_until, "q.valid_until")                                                        \
    COL(INT, targets, "COALESCE(q.targets, 1)")                                                    \
    COL(STR, practitioner_name, "r.name")                                                          \
    COL(DATE, first_day, "w.first_day")                                                            \
    COL(DATE, last_day, "w.last_day")                                                              \
    COL(BITS, times, "w.times")                                                                    \
    COL(STR, family, "w.family")                                                                   \
    COL(STR, given, "w.given")                                                                     \
    COL(STR, email, "w.email")                                                                     \
    COL(STR, phone, "w.phone")                                                                     \
    COL(STR, source, "w.source")                                                                   \
    COL(ENUM, status, "w.status", rg_waiter_status_parse)                                          \
    COL(STR, closed_why, "w.closed_why")                                                           \
    COL(INT, missed, "w.missed")                                                                   \
    COL(TIME, created_at, "w.created_at")                                                          \
    COL(I64, offer_booking_id, "b.id")                                                             \
    COL(STR, offer_booking_uid, "b.uid")                                                           \
    COL(TIME, offer_starts_at, "b.starts_at")                                                      \
    COL(TIME, offer_ends_at, "b.ends_at")                                                          \
    COL(TIME, offer_until, "b.hold_expires_at")                                                    \
    COL(THERE, behind, "e.status")
RG_ROW(waiter_row, rg_waiter_t, WAITER_ROW);

#define ROW_OF(rows)                                                                               \
    RG_SQL_PART("SELECT " RG_COLUMNS(WAITER_ROW) \
                " FROM " rows \
                " LEFT JOIN waitlist e ON e.id = w.behind AND e.status <> 'closed'" \
                " LEFT JOIN treatment_order q ON q.id = w.order_id" \
                " LEFT JOIN resource r ON r.id = w.practitioner_id" \
                " LEFT JOIN waitlist_offer o ON o.waitlist_id = w.id" \
                " AND o.outcome IN ('open', 'taken')" \
                " LEFT JOIN booking b ON b.id = o.booking_id")
#define ROW ROW_OF("waitlist w")

rg_outcome_t rg_waiter_read(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out, int64_t id)
{
    RG_SQL(BY_ID, ROW " WHERE w.id = ?");
    return rg_sql_new(db, ctx, out, waiter_row, BY_ID, RG_IN(RG_I(id)));
}

rg_outcome_t rg_waiter_by_uid(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out, const char *uid)
{
    RG_SQL(BY_UID, ROW " WHERE w.uid = ?");
    return rg_sql_new(db, ctx, out, waiter_row, BY_UID, RG_IN(RG_S(uid)));
}

rg_outcome_t rg_waiter_of_booking(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out,
                                  int64_t booking_id)
{
    RG_SQL(BY_BOOKING, ROW " WHERE b.id = ?");
    return rg_sql_new(db, ctx, out, waiter_row, BY_BOOKING, RG_IN(RG_I(booking_id)));
}

rg_outcome_t rg_waiter_id_by_link(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                                  const unsigned char *link_hash)
{
    RG_SQL(BY_LINK,
           "SELECT id"
           " FROM waitlist"
           " WHERE link_hash = ? AND last_day >= DATE(FROM_UNIXTIME(?))");
    /* As in store/booking: one of a letter, as long as the link it was sent beside is valid. */
    RG_SQL(BY_LETTER,
           "SELECT w.id"
           " FROM message_link x"
           " JOIN message m ON m.id = x.message_id"
           " JOIN waitlist_offer o ON o.booking_id = m.booking_id"
           " JOIN waitlist w ON w.id = o.waitlist_id AND w.link_hash = x.of_link"
           " WHERE x.hash = ? AND x.purpose = 'waitlist'"
           " AND w.last_day >= DATE(FROM_UNIXTIME(?))");
    const rg_bind_t in[] = {RG_B(link_hash, 32), RG_T(ctx->now - ctx->policy->link_lifetime)};
    rg_outcome_t rc = rg_sql_number(db, ctx, id, BY_LINK, in, 2);
    return rc == RG_NOT_FOUND ? rg_sql_number(db, ctx, id, BY_LETTER, in, 2) : rc;
}

rg_outcome_t rg_waiters_any(rg_db_t *db, const rg_ctx_t *ctx, bool *any)
{
    RG_SQL(ANY, "SELECT EXISTS (SELECT 1 FROM waitlist WHERE status = 'waiting')");
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_number(db, ctx, &found, ANY, RG_IN_NONE);
    *any = found != 0;
    return rc;
}

rg_outcome_t rg_waiters_waiting(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                                const rg_waiter_t *after, int limit)
{
    RG_SQL(WAITING,
           ROW
           /* On an order that can be booked, if the service asks for one by now. */
           " JOIN service s ON s.id = w.service_id"
           " WHERE w.status = 'waiting' AND e.id IS NULL"
           " AND (w.order_id IS NULL AND s.booked_by = 'anyone'"
           " OR EXISTS (SELECT 1 FROM order_in_force f WHERE f.id = w.order_id"
           " AND f.valid_until > ?)"
           " AND NOT EXISTS (SELECT 1 FROM treatment_order_use u WHERE u.order_id = w.order_id))"
           " AND (w.created_at > ? OR (w.created_at = ? AND w.id > ?))"
           " ORDER BY w.created_at, w.id"
           " LIMIT ?");
    apr_time_t at = after ? after->created_at : 0;
    return rg_sql_list(
        db, ctx, out, count, waiter_row, WAITING,
        RG_IN(RG_T(ctx->now), RG_T(at), RG_T(at), RG_I(after ? after->id : 0), RG_I(limit)));
}

typedef struct {
    apr_time_t starts_at;
} offered_t;

#define OFFERED_ROW(FIRST, COL) FIRST(TIME, starts_at, "starts_at")
RG_ROW(offered_row, offered_t, OFFERED_ROW);

rg_outcome_t rg_waiter_offered(rg_db_t *db, const rg_ctx_t *ctx, apr_time_t **out, int *count,
                               int64_t id)
{
    RG_SQL(OFFERED,
           "SELECT " RG_COLUMNS(OFFERED_ROW)
           " FROM waitlist_offer"
           " WHERE waitlist_id = ?"
           " ORDER BY starts_at");
    offered_t *rows;
    RG_TRY(rg_sql_list(db, ctx, &rows, count, offered_row, OFFERED, RG_IN(RG_I(id))));
    *out = apr_palloc(ctx->pool, sizeof(**out) * (size_t)(*count + 1));
    for (int i = 0; i < *count; i++) {
        (*out)[i] = rows[i].starts_at;
    }
    return RG_OK;
}

rg_outcome_t rg_waiters_page(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                             int64_t service_id, rg_waiter_status_t status, int limit, int offset)
{
    /* The page's ids first: the rest is read of those only, however long the list. */
    RG_SQL(PAGE,
           ROW_OF("(SELECT id FROM waitlist FORCE INDEX (waitlist_turn)"
                  " WHERE status = ? AND (? = 0 OR service_id = ?)"
                  " ORDER BY created_at, id LIMIT ? OFFSET ?) n"
                  " STRAIGHT_JOIN waitlist w ON w.id = n.id")
           " ORDER BY w.created_at, w.id");
    return rg_sql_list(db, ctx, out, count, waiter_row, PAGE,
                       RG_IN(RG_S(rg_waiter_status_name(status)), RG_I(service_id),
                             RG_I(service_id), RG_I(limit), RG_I(offset)));
}

/* "Ann O'B": by the key of the first word, which has an index, and then by that of all of them. */
rg_outcome_t rg_waiters_named(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                              int64_t service_id, const char *name, int limit)
{
    RG_SQL(NAMED,
           ROW_OF("(SELECT id FROM waitlist FORCE INDEX (waitlist_family_key)"
                  " WHERE family_key LIKE ? ESCAPE '!'"
                  " AND CONCAT(family_key, given_key) LIKE ? ESCAPE '!'"
                  " AND (? = 0 OR service_id = ?)"
                  " UNION SELECT id FROM waitlist FORCE INDEX (waitlist_given_key)"
                  " WHERE given_key LIKE ? ESCAPE '!'"
                  " AND CONCAT(given_key, family_key) LIKE ? ESCAPE '!'"
                  " AND (? = 0 OR service_id = ?)"
                  " ORDER BY id DESC LIMIT ?) n"
                  " STRAIGHT_JOIN waitlist w ON w.id = n.id")
           " ORDER BY w.id DESC");
    const char *text = rg_fold_text(ctx->pool, name);
    const char *word = apr_pstrmemdup(ctx->pool, text, strcspn(text, " "));
    const char *first = rg_like_prefix(ctx->pool, rg_fold_name(ctx->pool, word));
    const char *all = rg_like_prefix(ctx->pool, rg_fold_name(ctx->pool, name));
    return rg_sql_list(db, ctx, out, count, waiter_row, NAMED,
                       RG_IN(RG_S(first), RG_S(all), RG_I(service_id), RG_I(service_id),
                             RG_S(first), RG_S(all), RG_I(service_id), RG_I(service_id),
                             RG_I(limit)));
}

rg_outcome_t rg_waiters_count(rg_db_t *db, const rg_ctx_t *ctx, int counts[RG_WAITER_STATUS_COUNT],
                              int64_t service_id)
{
#define COUNT_OF(status_is)                                                                        \
    RG_SQL_PART("SELECT " RG_COUNT_COLS(status_is) \
                " FROM (SELECT 1 FROM waitlist FORCE INDEX (waitlist_turn)" \
                " WHERE status = '" status_is "' AND (? = 0 OR service_id = ?) LIMIT ?) x")
    RG_SQL(COUNT,
           COUNT_OF("waiting")
           " UNION ALL " COUNT_OF("offered")
           " UNION ALL " COUNT_OF("taken")
           " UNION ALL " COUNT_OF("closed"));
    const rg_bind_t service = RG_I(service_id);
    const rg_bind_t most = RG_I(RG_LIST_MOST);
    return rg_row_counts(db, ctx, counts, RG_WAITER_STATUS_COUNT, rg_waiter_status_parse, COUNT,
                         RG_IN(service, service, most, service, service, most, service, service,
                               most, service, service, most));
}

/* --- changing --------------------------------------------------------------------------------- */

/* The same person: the same name in any spelling, at the same address, for the same treatment. */
static rg_once_keys_t once_of(const rg_ctx_t *ctx, const rg_waiter_t *w)
{
    const rg_name_keys_t keys = rg_name_keys(ctx->pool, w->family, w->given, w->email, w->phone);
    return rg_once_keys(ctx->pool, w->service_id, &keys);
}

/* The entry that takes precedence; locked, because only then a row committed in the meantime is
 * visible. */
static rg_outcome_t place_before(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                                 const rg_once_keys_t *once)
{
    RG_SQL(BEFORE,
           "SELECT id"
           " FROM waitlist"
           " WHERE once_email = ?"
           " UNION SELECT id"
           " FROM waitlist"
           " WHERE once_phone = ?"
           " ORDER BY id"
           " LIMIT 1"
           " LOCK IN SHARE MODE");
    return rg_sql_number(db, ctx, id, BEFORE, RG_IN(RG_B(once->email, 32), RG_B(once->phone, 32)));
}

#define WAITER_NEW(FIRST, COL)                                                                     \
    FIRST(uid, RG_S(w->uid))                                                                       \
    COL(service_id, RG_I(w->service_id))                                                           \
    COL(order_id, RG_I_OR_NIL(w->order_id))                                                        \
    COL(practitioner_id, RG_I_OR_NIL(w->practitioner_id))                                          \
    COL(first_day, RG_S(rg_date_iso(ctx->pool, w->first_day)))                                     \
    COL(last_day, RG_S(rg_date_iso(ctx->pool, w->last_day)))                                       \
    COL(times, RG_I(w->times))                                                                     \
    COL(family, RG_S(w->family))                                                                   \
    COL(given, RG_S(w->given))                                                                     \
    COL(email, RG_S(w->email))                                                                     \
    COL(phone, RG_S(w->phone))                                                                     \
    COL(source, RG_S(w->source))                                                                   \
    COL(link_hash, RG_B(link_hash, 32))                                                            \
    COL(created_at, RG_T(ctx->now))                                                                \
    COL(client, RG_S(w->client))                                                                   \
    COL(behind, RG_I_OR_NIL(before))                                                               \
    COL(once_email, RG_B(email, 32))                                                               \
    COL(once_phone, RG_B(phone, 32))                                                               \
    COL(family_key, RG_S(rg_fold_name(ctx->pool, w->family)))                                      \
    COL(given_key, RG_S(rg_fold_name(ctx->pool, w->given)))

rg_outcome_t rg_waiter_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t *w,
                              const unsigned char *link_hash)
{
    RG_SQL(ADD, RG_INSERT("waitlist", WAITER_NEW));
    const rg_once_keys_t once = once_of(ctx, w);
    const unsigned char *email = w->behind ? NULL : once.email; /* NULL binds NULL */
    const unsigned char *phone = w->behind ? NULL : once.phone;
    int64_t before = 0;
    rg_outcome_t rc = w->behind ? place_before(db, ctx, &before, &once) : RG_OK;
    if (rc != RG_OK && rc != RG_NOT_FOUND) { /* not found: it was given up this moment */
        return rc;
    }
    w->uid = rg_uid_make(ctx);
    rc = rg_sql_exec(db, ctx, ADD, RG_BINDS(WAITER_NEW), NULL);
    w->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

/* One row or none: none means somebody else was first. */
static rg_outcome_t change_waiter(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                                  const rg_bind_t *in, int n)
{
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, sql, in, n, &found);
    return rc == RG_OK && found == 0 ? RG_CONFLICT : rc;
}

rg_outcome_t rg_waiter_close(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, const char *why)
{
    RG_SQL(CLOSE,
           "UPDATE waitlist"
           " SET status = 'closed', closed_why = ?"
           " WHERE id = ? AND status = 'waiting'");
    return change_waiter(db, ctx, CLOSE, RG_IN(RG_S(why), RG_I(id)));
}

rg_outcome_t rg_waiters_expire(rg_db_t *db, const rg_ctx_t *ctx, rg_date_t day, int *count)
{
    RG_SQL(EXPIRE,
           "UPDATE waitlist"
           " SET status = 'closed', closed_why = 'expired'"
           " WHERE status = 'waiting' AND last_day < ?");
    int64_t found = 0;
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, EXPIRE, RG_IN(RG_S(rg_date_iso(ctx->pool, day))), &found);
    *count = (int)found;
    return rc;
}

rg_outcome_t rg_waiter_offer(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, const rg_booking_t *b)
{
    RG_SQL(OFFERED,
           "UPDATE waitlist"
           " SET status = 'offered'"
           " WHERE id = ? AND status = 'waiting'");
    RG_SQL(ADD,
           "INSERT INTO waitlist_offer (booking_id, waitlist_id, starts_at, offered_at)"
           " VALUES (?, ?, ?, ?)");
    RG_TRY(change_waiter(db, ctx, OFFERED, RG_IN(RG_I(id))));
    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(b->id), RG_I(id), RG_T(b->starts_at), RG_T(ctx->now)), NULL);
}

rg_outcome_t rg_waiter_accept(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int64_t booking_id,
                              apr_time_t until)
{
    RG_SQL(ACCEPT,
           "UPDATE waitlist_offer"
           " SET accepted = 1"
           " WHERE booking_id = ? AND waitlist_id = ? AND outcome = 'open'");
    RG_SQL(KEEP,
           "UPDATE booking"
           " SET hold_expires_at = GREATEST(hold_expires_at, ?), version = version + 1"
           " WHERE id = ? AND status = 'held' AND hold_expires_at > ? AND source = 'waitlist'"
           " AND made_by = ?");
    RG_TRY(change_waiter(db, ctx, KEEP,
                         RG_IN(RG_T(until), RG_I(booking_id), RG_T(ctx->now), RG_I(id))));
    return change_waiter(db, ctx, ACCEPT, RG_IN(RG_I(booking_id), RG_I(id)));
}

/* The row is locked until the transaction ends, and on a cluster certified: of two concurrent
 * requests from one address the second counts what the first added. */
static rg_outcome_t claim_client(rg_db_t *db, const rg_ctx_t *ctx, const char *client)
{
    RG_SQL(CLAIM,
           "INSERT INTO waitlist_client (client, asked_at)"
           " VALUES (?, ?)"
           " ON DUPLICATE KEY UPDATE asked_at = VALUES(asked_at)");
    return rg_sql_exec(db, ctx, CLAIM, RG_IN(RG_S(client), RG_T(ctx->now)), NULL);
}

rg_outcome_t rg_waiters_of_client(rg_db_t *db, const rg_ctx_t *ctx, int64_t *count,
                                  const char *client, apr_time_t since)
{
    RG_SQL(COUNT, "SELECT COUNT(*) FROM waitlist WHERE client = ? AND created_at > ?");
    RG_TRY(claim_client(db, ctx, client));
    return rg_sql_number(db, ctx, count, COUNT, RG_IN(RG_S(client), RG_T(since)));
}

rg_outcome_t rg_waiters_forget(rg_db_t *db, const rg_ctx_t *ctx, apr_time_t before)
{
    RG_SQL(FORGET,
           "UPDATE waitlist"
           " SET client = NULL"
           " WHERE client IS NOT NULL AND created_at <= ?");
    RG_SQL(CLIENTS, "DELETE FROM waitlist_client WHERE asked_at <= ?");
    RG_TRY(rg_sql_exec(db, ctx, CLIENTS, RG_IN(RG_T(before)), NULL));
    return rg_sql_exec(db, ctx, FORGET, RG_IN(RG_T(before)), NULL);
}

rg_outcome_t rg_waiter_relink(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                              const unsigned char link_hash[32])
{
    RG_SQL(RELINK, "UPDATE waitlist SET link_hash = ? WHERE id = ? AND status <> 'closed'");
    RG_TRY(change_waiter(db, ctx, RELINK, RG_IN(RG_B(link_hash, 32), RG_I(id))));
    return rg_visitor_shut_place(db, ctx, id);
}
