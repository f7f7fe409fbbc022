/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox: messages to patients, with the facts at the time of writing. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/patient/names.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/followup.h"
#include "regen/model/waitlist.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

#include <stdlib.h>

#include <apr_strings.h>

/* --- writing ---------------------------------------------------------------------------------- */

/* Facts are copied by the database from what this transaction just made true. */
#define INTO                                                                                       \
    RG_SQL_PART("INSERT INTO message (uid, kind, about_id, about_version, booking_id, patient_id," \
                " to_name, to_email, starts_at, ends_at, old_starts_at, until_at, prepare_at," \
                " visits, site_name, site_address, site_phone, time_zone, created_at, next_at," \
                " to_phone, service_name) ")
#define ADDRESS                                                                                    \
    " s.name, CONCAT_WS(', ', NULLIF(s.address_line, ''), NULLIF(s.city, ''),"                     \
    " NULLIF(CONCAT_WS(' ', NULLIF(s.state, ''), NULLIF(s.postal_code, '')), '')),"                \
    " s.phone, s.time_zone"
/* Of a course that began, a later visit whose steps have no resource any more was called off. */
#define IS_ON                                                                                      \
    "(a.visit_no = 1 OR b.status = 'booked' OR EXISTS (SELECT 1 FROM booking_step z"               \
    " JOIN booking_resource y ON y.booking_id = z.booking_id AND y.step_no = z.step_no"            \
    " WHERE z.booking_id = a.booking_id AND z.visit_no = a.visit_no))"
#define VISITS_OF_BOOKING(which)                                                                   \
    "COALESCE((SELECT GROUP_CONCAT(a.starts_at ORDER BY a.visit_no SEPARATOR ' ')"                 \
    " FROM appointment a WHERE a.booking_id = b.id" which "), '')"

#define FROM_THE_VISIT " AND (o.id IS NULL OR a.visit_no >= o.visit_no AND " IS_ON ")"

/* One visit of it and those after it, or all of it. */
RG_SQL(ADD_BOOKING,
       INTO "SELECT ?, ?, b.id, COALESCE(?, b.version), b.id, b.patient_id,"
       " CONCAT_WS(' ', p.given, p.family), p.email, COALESCE(o.starts_at, b.starts_at),"
       " COALESCE(o.ends_at, b.ends_at), ?, ?, ?,"
       " " VISITS_OF_BOOKING(FROM_THE_VISIT) "," ADDRESS
       ", ?, ?,"
       " p.phone, v.name"
       " FROM booking b"
       " JOIN patient p ON p.id = b.patient_id"
       " JOIN service v ON v.id = b.service_id"
       " JOIN site s ON s.id = b.site_id"
       " LEFT JOIN appointment o ON o.booking_id = b.id AND o.visit_no = ?"
       " WHERE b.id = ?");

RG_SQL(ADD_OFFER,
       INTO "SELECT ?, ?, b.id, b.version, b.id, NULL, CONCAT_WS(' ', w.given, w.family),"
       " w.email, b.starts_at, b.ends_at, NULL, b.hold_expires_at, NULL,"
       " " VISITS_OF_BOOKING("") "," ADDRESS ", ?, ?, w.phone, v.name"
       " FROM booking b"
       " JOIN waitlist_offer o ON o.booking_id = b.id"
       " JOIN waitlist w ON w.id = o.waitlist_id"
       " JOIN service v ON v.id = b.service_id"
       " JOIN site s ON s.id = b.site_id"
       " WHERE b.id = ?");

/* Noon of the due days in UTC: they are read in UTC again, whatever the site's zone. */
#define NOON(day) "TIMESTAMPDIFF(SECOND, '1970-01-01', " day ") + 43200"
RG_SQL(ADD_RECALL,
       INTO "SELECT ?, ?, r.id, 0, r.booking_id, r.patient_id, CONCAT_WS(' ', p.given,"
       " p.family), p.email, " NOON("r.due_from") ", " NOON("r.due_until") ", NULL, NULL,"
       " NULL, ''," ADDRESS ", ?, ?, p.phone, ''"
       " FROM recall r"
       " JOIN booking b ON b.id = r.booking_id"
       " JOIN patient p ON p.id = r.patient_id"
       " JOIN site s ON s.id = b.site_id"
       " WHERE r.id = ? AND NOT EXISTS (SELECT 1 FROM recall_opt_out o"
       " WHERE o.patient_id = r.patient_id)");

/* The last day is told, not the instant after it. */
RG_SQL(ADD_ORDER,
       INTO "SELECT ?, ?, o.id, n.made, NULL, o.patient_id, CONCAT_WS(' ', p.given, p.family),"
       " p.email, NULL, NULL, NULL, o.valid_until - 60, NULL, ''," ADDRESS ", ?, ?, p.phone, v.name"
       " FROM treatment_order o"
       " JOIN treatment_order_number n ON n.order_id = o.id"
       " JOIN patient p ON p.id = o.patient_id"
       " JOIN service v ON v.id = o.service_id"
       " JOIN site s ON s.id = v.site_id"
       " WHERE o.id = ?");

/* What is about no booking, or about an offer of one; NULL: about a booking. */
static const char *other_statement(rg_message_kind_t kind)
{
    switch (kind) {
    case RG_MESSAGE_WAITLIST_OFFER: return ADD_OFFER;
    case RG_MESSAGE_RECALL: return ADD_RECALL;
    case RG_MESSAGE_ORDER: return ADD_ORDER;
    default: return NULL;
    }
}

/* Only the statement is undone by a duplicate key, not the transaction. */
static rg_outcome_t once(rg_db_t *db, rg_outcome_t rc)
{
    return rc == RG_CONFLICT && rg_sql_error(db) == RG_SQL_DUPLICATE ? RG_OK : rc;
}

/* Unix seconds; what is urgent is before everything that waits. */
static int64_t first_try(const rg_ctx_t *ctx, rg_message_kind_t kind)
{
    return rg_letter_kind(kind)->urgent ? 1 : apr_time_sec(ctx->now);
}

/* *WRITTEN: it was not there yet. */
static rg_outcome_t add_of_booking(rg_db_t *db, const rg_ctx_t *ctx, const rg_message_fact_t *fact,
                                   rg_bind_t turn, bool *written)
{
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, ADD_BOOKING,
        RG_IN(RG_S(rg_uid_make(ctx)), RG_S(rg_message_kind_name(fact->kind)), turn,
              RG_T_OR_NIL(fact->old_starts_at), RG_T_OR_NIL(fact->until_at),
              RG_T_OR_NIL(fact->prepare_at), RG_T(ctx->now), RG_I(first_try(ctx, fact->kind)),
              RG_I(fact->visit_no), RG_I(fact->about_id)),
        NULL);
    *written = rc == RG_OK;
    return once(db, rc);
}

rg_outcome_t rg_message_add(rg_db_t *db, const rg_ctx_t *ctx, const rg_message_fact_t *fact)
{
    const char *add = other_statement(fact->kind);
    if (!add) {
        bool written;
        return add_of_booking(db, ctx, fact, RG_NIL, &written);
    }
    return once(db, rg_sql_exec(db, ctx, add,
                                RG_IN(RG_S(rg_uid_make(ctx)),
                                      RG_S(rg_message_kind_name(fact->kind)), RG_T(ctx->now),
                                      RG_I(first_try(ctx, fact->kind)), RG_I(fact->about_id)),
                                NULL));
}

rg_outcome_t rg_message_add_turn(rg_db_t *db, const rg_ctx_t *ctx, const rg_message_fact_t *fact,
                                 int64_t turn, bool *written)
{
    return add_of_booking(db, ctx, fact, RG_I(turn), written);
}

#define FORMS_ROW(FIRST, COL) FIRST(I64, id, "b.id")
RG_ROW(forms_row, rg_to_tell_t, FORMS_ROW);

rg_outcome_t rg_forms_to_tell(rg_db_t *db, const rg_ctx_t *ctx, rg_to_tell_t **out, int *count,
                              apr_time_t until, apr_time_t before, rg_some_t some)
{
    RG_SQL(TO_TELL,
           "SELECT " RG_COLUMNS(FORMS_ROW)
           " FROM booking b"
           " WHERE b.status = 'booked' AND b.starts_at > ? AND b.starts_at <= ?"
           " AND b.booked_at <= ? AND EXISTS (SELECT 1 FROM service_form sf"
           " WHERE sf.service_id = b.service_id"
           " AND NOT EXISTS (SELECT 1 FROM consent_given c WHERE c.booking_id = b.id"
           " AND c.form_id = sf.form_id AND c.expires_at > b.starts_at)"
           /* Nobody is asked to sign what they withdrew: the clinic calls them. */
           " AND NOT EXISTS (SELECT 1 FROM consent_withdrawn o WHERE o.booking_id = b.id"
           " AND o.form_id = sf.form_id))"
           " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.kind = 'forms'"
           " AND m.about_id = b.id AND m.starts_at = b.starts_at)"
           " ORDER BY b.starts_at, b.id"
           " LIMIT ? OFFSET ?");
    return rg_sql_list(
        db, ctx, out, count, forms_row, TO_TELL,
        RG_IN(RG_T(ctx->now), RG_T(until), RG_T(before), RG_I(some.most), RG_I(some.skip)));
}

/* Nobody is reminded of what they were told within that time: the confirmation, or a new time. */
#define TOLD_SINCE(what)                                                                           \
    RG_SQL_PART(" AND NOT EXISTS (SELECT 1 FROM message t WHERE t.about_id = b.id" \
                " AND t.kind IN ('confirmation', 'change') AND t.created_at > " what ")")

#define VISIT_ROW(FIRST, COL)                                                                      \
    FIRST(I64, id, "b.id")                                                                         \
    COL(I64, version, "b.version")                                                                 \
    COL(INT, visit_no, "a.visit_no")
RG_ROW(visit_row, rg_to_tell_t, VISIT_ROW);

rg_outcome_t rg_visits_to_tell(rg_db_t *db, const rg_ctx_t *ctx, rg_to_tell_t **out, int *count,
                               int turn, rg_some_t some)
{
#define VISITS_OF(hours)                                                                           \
    RG_SQL_PART("SELECT " RG_COLUMNS(                                                              \
        VISIT_ROW) " FROM appointment a"                                                           \
                   " JOIN booking b ON b.id = a.booking_id"                                        \
                   " AND (b.status = 'booked'"                                                     \
                   " OR b.status IN ('arrived', 'in-progress') AND a.visit_no > 1)"                \
                   " JOIN service v ON v.id = b.service_id AND v." hours " > 0"                    \
                   " LEFT JOIN message m ON m.kind = 'visit' AND m.about_id = b.id"                \
                   " AND m.starts_at = a.starts_at AND m.about_version MOD 2 = ?"                  \
                   " WHERE a.starts_at > ? AND a.starts_at <= ?"                                   \
                   " AND a.starts_at <= ? + 3600 * v." hours " AND m.id IS NULL"                   \
                   " AND " IS_ON)                                                                  \
    TOLD_SINCE("a.starts_at - 3600 * v." hours)                                                    \
    RG_SQL_PART(" ORDER BY a.starts_at, a.id" \
                " LIMIT ? OFFSET ?")
    RG_SQL(FIRST_TIME, VISITS_OF("remind_hours"));
    RG_SQL(AGAIN, VISITS_OF("remind_again_hours"));
    const rg_bind_t in[] = {RG_I(turn),     RG_T(ctx->now),  RG_T(ctx->now + RG_REMIND_MOST),
                            RG_T(ctx->now), RG_I(some.most), RG_I(some.skip)};
    return turn == 0 ? rg_sql_list(db, ctx, out, count, visit_row, FIRST_TIME, in, 6)
                     : rg_sql_list(db, ctx, out, count, visit_row, AGAIN, in, 6);
}

#define PREPARING_ROW(FIRST, COL)                                                                  \
    FIRST(I64, id, "b.id")                                                                         \
    COL(TIME, prepare_at, "m.prepare_at")
RG_ROW(preparing_row, rg_to_tell_t, PREPARING_ROW);

rg_outcome_t rg_preparing_to_tell(rg_db_t *db, const rg_ctx_t *ctx, rg_to_tell_t **out, int *count,
                                  apr_time_t until, rg_some_t some)
{
    RG_SQL(TO_TELL,
           "SELECT " RG_COLUMNS(PREPARING_ROW)
           " FROM message m FORCE INDEX (message_prepares)"
           " JOIN booking b ON b.id = m.about_id"
           " WHERE m.prepare_at > ? AND m.prepare_at <= ?"
           " AND m.kind IN ('confirmation', 'change')"
           " AND b.status = 'booked' AND b.starts_at = m.starts_at"
           TOLD_SINCE("m.prepare_at - 259200")
           " AND NOT EXISTS (SELECT 1 FROM message o WHERE o.kind = 'prepare'"
           " AND o.about_id = b.id AND o.starts_at = b.starts_at)"
           " GROUP BY b.id"
           " ORDER BY m.prepare_at, b.id"
           " LIMIT ? OFFSET ?");
    return rg_sql_list(db, ctx, out, count, preparing_row, TO_TELL,
                       RG_IN(RG_T(ctx->now), RG_T(until), RG_I(some.most), RG_I(some.skip)));
}

rg_outcome_t rg_lost_links(rg_db_t *db, const rg_ctx_t *ctx, int64_t *ids, int *count,
                           const char *email, int limit)
{
    const char *key = rg_name_keys(ctx->pool, "", "", email, "").email;
    RG_SQL(LOST,
           "SELECT b.id"
           " FROM (SELECT k.id FROM patient k WHERE k.email_key = ? AND k.merged_into IS NULL"
           " UNION ALL SELECT m.id FROM patient k JOIN patient m ON m.merged_into = k.id"
           " WHERE k.email_key = ? AND k.merged_into IS NULL) p"
           " JOIN booking b ON b.patient_id = p.id"
           " LEFT JOIN booking_link l ON l.booking_id = b.id"
           " WHERE b.link_hash IS NOT NULL"
           " AND GREATEST(b.ends_at, COALESCE(l.made_at, 0)) > ?"
           " ORDER BY b.starts_at DESC, b.id DESC"
           " LIMIT ?");
    return rg_sql_ids(
        db, ctx, ids, count, limit, LOST,
        RG_IN(RG_S(key), RG_S(key), RG_T(ctx->now - ctx->policy->link_lifetime), RG_I(limit)));
}

/* --- reading ---------------------------------------------------------------------------------- */

typedef struct {
    rg_message_t message;
    const char *visits; /* unix seconds with spaces between them */
} message_row_t;

#define MESSAGE_ROW(FIRST, COL)                                                                    \
    FIRST(I64, message.id, "m.id")                                                                 \
    COL(STR, message.uid, "m.uid")                                                                 \
    COL(ENUM, message.kind, "m.kind", rg_message_kind_parse)                                       \
    COL(ENUM, message.status, "m.status", rg_outbox_status_parse)                                  \
    COL(STR, message.booking_uid, "b.uid")                                                         \
    COL(STR, message.to_name, "m.to_name")                                                         \
    COL(STR, message.to_email, "m.to_email")                                                       \
    COL(TIME, message.starts_at, "m.starts_at")                                                    \
    COL(TIME, message.ends_at, "m.ends_at")                                                        \
    COL(TIME, message.old_starts_at, "m.old_starts_at")                                            \
    COL(TIME, message.until_at, "m.until_at")                                                      \
    COL(STR, visits, "m.visits")                                                                   \
    COL(STR, message.site_name, "m.site_name")                                                     \
    COL(STR, message.site_address, "m.site_address")                                               \
    COL(STR, message.site_phone, "m.site_phone")                                                   \
    COL(MADE, message.zone, "m.time_zone", rg_zone_open)                                           \
    COL(TIME, message.created_at, "m.created_at")                                                  \
    COL(TIME, message.sent_at, "m.sent_at")                                                        \
    COL(TIME, message.prepare_at, "m.prepare_at")                                                  \
    COL(STR, message.booking_number, "COALESCE(b.number, k.number)")                               \
    COL(STR, message.to_phone, "m.to_phone")                                                       \
    COL(STR, message.service_name, "m.service_name")                                               \
    COL(STR, message.mail_id, "m.mail_id")                                                         \
    COL(INT, message.tries, "m.tries")                                                             \
    COL(TIME, message.since, "m.since")                                                            \
    COL(TIME, message.next_at, "m.next_at")                                                        \
    COL(STR, message.code, "m.code")                                                               \
    COL(STR, message.answer, "m.answer")                                                           \
    COL(STR, message.patient_uid, "p.uid")
RG_ROW(message_row, message_row_t, MESSAGE_ROW);

#define ROW_OF(rows)                                                                               \
    RG_SQL_PART("SELECT " RG_COLUMNS(MESSAGE_ROW) \
                " FROM " rows \
                " LEFT JOIN booking b ON b.id = m.booking_id" \
                " LEFT JOIN patient p ON p.id = m.patient_id" \
                " LEFT JOIN treatment_order_number k ON m.kind = 'order'" \
                " AND k.order_id = m.about_id")

static void fill_visits(rg_message_t *m, const char *seconds)
{
    char *end;
    for (const char *at = seconds; *at != '\0' && m->visit_count < RG_MESSAGE_VISITS_MAX;
         at = end) {
        long long t = strtoll(at, &end, 10);
        if (end == at) {
            return;
        }
        m->visits[m->visit_count++] = apr_time_from_sec(t);
    }
}

static const rg_message_t *fill_message(const rg_ctx_t *ctx, message_row_t *row)
{
    fill_visits(&row->message, row->visits);
    if (!row->message.zone) {
        row->message.zone = rg_zone_open(ctx->pool, "UTC");
    }
    return &row->message;
}

static rg_outcome_t read_all(rg_db_t *db, const rg_ctx_t *ctx, rg_message_t **out, int *count,
                             const char *sql, const rg_bind_t *in, int n)
{
    message_row_t *rows;
    RG_TRY(rg_sql_list(db, ctx, &rows, count, message_row, sql, in, n));
    *out = apr_palloc(ctx->pool, sizeof(**out) * (size_t)(*count + 1));
    for (int i = 0; i < *count; i++) {
        (*out)[i] = *fill_message(ctx, &rows[i]);
    }
    return RG_OK;
}

rg_outcome_t rg_messages_read(rg_db_t *db, const rg_ctx_t *ctx, rg_message_t **out, int *count,
                              int64_t booking_id)
{
    RG_SQL(OF_BOOKING, ROW_OF("message m") " WHERE m.booking_id = ? ORDER BY m.id");
    return read_all(db, ctx, out, count, OF_BOOKING, RG_IN(RG_I(booking_id)));
}

rg_outcome_t rg_message_read(rg_db_t *db, const rg_ctx_t *ctx, rg_message_t **out, int64_t id,
                             const char *uid)
{
    RG_SQL(BY_ID, ROW_OF("message m") " WHERE m.id = ?");
    RG_SQL(BY_UID, ROW_OF("message m") " WHERE m.uid = ?");
    int count = 0;
    rg_outcome_t rc = uid ? read_all(db, ctx, out, &count, BY_UID, RG_IN(RG_S(uid)))
                          : read_all(db, ctx, out, &count, BY_ID, RG_IN(RG_I(id)));
    return rc == RG_OK && count == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_messages_of_waiter(rg_db_t *db, const rg_ctx_t *ctx, rg_message_t **out, int *count,
                                   int64_t waiter_id)
{
    RG_SQL(OF_WAITER,
           ROW_OF("message m")
           " JOIN waitlist_offer o ON o.booking_id = m.booking_id"
           " WHERE o.waitlist_id = ? AND m.kind = 'waitlist-offer'"
           " ORDER BY m.id");
    return read_all(db, ctx, out, count, OF_WAITER, RG_IN(RG_I(waiter_id)));
}

rg_outcome_t rg_messages_page(rg_db_t *db, const rg_ctx_t *ctx, rg_message_t **out, int *count,
                              rg_outbox_status_t status, int kind, int limit, int offset)
{
    /* The page's ids first: the rest is read of those only, however long the list. */
#define PAGE_OF(key, which)                                                                        \
    RG_SQL_PART(ROW_OF("(SELECT id FROM message FORCE INDEX (" key ") WHERE " which \
                       " ORDER BY id DESC LIMIT ? OFFSET ?) n" \
                       " STRAIGHT_JOIN message m ON m.id = n.id") \
                " ORDER BY m.id DESC")
    RG_SQL(ALL, PAGE_OF("message_queue", "status = ?"));
    RG_SQL(OF_KIND, PAGE_OF("message_kind", "status = ? AND kind = ?"));
    rg_bind_t in[] = {RG_S(rg_outbox_status_name(status)),
                      RG_S(rg_message_kind_name((rg_message_kind_t)kind)), RG_I(limit),
                      RG_I(offset)};
    if (kind >= 0) {
        return read_all(db, ctx, out, count, OF_KIND, in, 4);
    }
    in[1] = in[2];
    in[2] = in[3];
    return read_all(db, ctx, out, count, ALL, in, 3);
}

rg_outcome_t rg_messages_count(rg_db_t *db, const rg_ctx_t *ctx, int counts[RG_OUTBOX_STATUS_COUNT],
                               int kind)
{
#define COUNT_OF(status_is, key, which)                                                            \
    RG_SQL_PART("SELECT " RG_COUNT_COLS(status_is) \
                " FROM (SELECT 1 FROM message FORCE INDEX (" key ")" \
                " WHERE status = '" status_is "'" which " LIMIT ?) x")
    RG_SQL(ALL,
           COUNT_OF("queued", "message_queue", "")
           " UNION ALL " COUNT_OF("sent", "message_queue", "")
           " UNION ALL " COUNT_OF("failed", "message_queue", "")
           " UNION ALL " COUNT_OF("withdrawn", "message_queue", "")
           " UNION ALL " COUNT_OF("told", "message_queue", ""));
    RG_SQL(OF_KIND,
           COUNT_OF("queued", "message_kind", " AND kind = ?")
           " UNION ALL " COUNT_OF("sent", "message_kind", " AND kind = ?")
           " UNION ALL " COUNT_OF("failed", "message_kind", " AND kind = ?")
           " UNION ALL " COUNT_OF("withdrawn", "message_kind", " AND kind = ?")
           " UNION ALL " COUNT_OF("told", "message_kind", " AND kind = ?"));
    const rg_bind_t most = RG_I(RG_LIST_MOST);
    const rg_bind_t of = RG_S(rg_message_kind_name((rg_message_kind_t)kind));
    return kind < 0
               ? rg_row_counts(db, ctx, counts, RG_OUTBOX_STATUS_COUNT, rg_outbox_status_parse, ALL,
                               RG_IN(most, most, most, most, most))
               : rg_row_counts(db, ctx, counts, RG_OUTBOX_STATUS_COUNT, rg_outbox_status_parse,
                               OF_KIND, RG_IN(of, most, of, most, of, most, of, most, of, most));
}
