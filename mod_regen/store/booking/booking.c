/* SPDX-License-Identifier: Apache-2.0 */
/* Bookings: rows, their parts, and every change of status that affects time. Each update is
 * conditional on the previous status, so that of two concurrent requests only one changes it. */
#include "mod_regen/store/booking/owner.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"

#include <apr_strings.h>

/* --- reading ---------------------------------------------------------------------------------- */

/* What is held for several targets costs what its quote will say. */
#define PRICE_OF_TARGETS                                                                           \
    "IF(b.status = 'held' AND EXISTS (SELECT 1 FROM booking_target g"                              \
    " WHERE g.booking_id = b.id AND g.target_no = 2),"                                             \
    " (SELECT SUM(f.unit_minor * f.units) FROM booking_fee_line f WHERE f.booking_id = b.id),"     \
    " NULL)"
#define BOOKING_ROW(FIRST, COL)                                                                    \
    FIRST(I64, id, "b.id")                                                                         \
    COL(STR, uid, "b.uid")                                                                         \
    COL(I64, service_id, "b.service_id")                                                           \
    COL(I64, site_id, "b.site_id")                                                                 \
    COL(I64, patient_id, "b.patient_id")                                                           \
    COL(I64, coverage_id, "b.coverage_id")                                                         \
    COL(I64, order_id, "b.order_id")                                                               \
    COL(STR, service_code, "s.code")                                                               \
    COL(STR, service_name, "s.name")                                                               \
    COL(ENUM, status, "b.status", rg_booking_status_parse)                                         \
    COL(INT, version, "b.version")                                                                 \
    COL(TIME, starts_at, "b.starts_at")                                                            \
    COL(TIME, ends_at, "b.ends_at")                                                                \
    COL(TIME, hold_expires_at, "b.hold_expires_at")                                                \
    COL(INT, hold_extended, "b.hold_extended")                                                     \
    COL(INT_OR, self_pay, "b.self_pay", -1)                                                        \
    COL(STR, body_site, "b.body_site")                                                             \
    COL(ENUM, side, "b.laterality", rg_side_parse)                                                 \
    COL(STR, further, RG_FURTHER_OF("b"))                                                          \
    COL(MONEY, price,                                                                              \
        "COALESCE(z.total_minor, " PRICE_OF_TARGETS ", b.price_minor),"                            \
        " COALESCE(z.currency, b.currency)")                                                       \
    COL(TIME, created_at, "b.created_at")                                                          \
    COL(TIME, booked_at, "b.booked_at")                                                            \
    COL(STR, patient_family, "p.family")                                                           \
    COL(STR, patient_given, "p.given")                                                             \
    COL(DATE, patient_birth_date, "p.birth_date")                                                  \
    COL(TIME, changed_at, "b.changed_at")                                                          \
    COL(STR, source, "b.source")                                                                   \
    COL(TIME, cancel_before, "b.cancel_before")                                                    \
    COL(I64, made_by, "b.made_by")                                                                 \
    COL(STR, number, "b.number")                                                                   \
    COL(HASH, link_hash, "b.link_hash")                                                            \
    COL(U64, definitions, "(SELECT version FROM catalogue_version WHERE id = 1)")
RG_ROW(booking_row, rg_booking_t, BOOKING_ROW);
RG_ROW(patient_row, rg_patient_t, RG_PATIENT_ROW);

typedef struct {
    rg_booking_t booking;
    int schema;
} read_t;

#define READ_ROW(FIRST, COL)                                                                       \
    FIRST(PART, booking, RG_PART(BOOKING_ROW), booking_row)                                        \
    COL(INT, schema, "(SELECT MAX(version) FROM schema_migration)")
RG_ROW(read_row, read_t, READ_ROW);

typedef struct {
    rg_booking_t booking;
    int schema;
    rg_patient_t patient;
    const char *visits;
} case_t;

/* When its visits are, as "1 1796137200 1796140800": most pages show no more of the day, and read
 * no parts for it. */
#define CASE_ROW(FIRST, COL)                                                                       \
    READ_ROW(FIRST, COL)                                                                           \
    COL(PART, patient, RG_PART(RG_PATIENT_ROW), patient_row)                                       \
    COL(STR, visits,                                                                               \
        "(SELECT GROUP_CONCAT(a.visit_no, ' ', a.starts_at, ' ', a.ends_at ORDER BY a.visit_no)"   \
        " FROM appointment a WHERE a.booking_id = b.id)")
RG_ROW(case_row, case_t, CASE_ROW);

#define BOOKING                                                                                    \
    RG_SQL_PART(" FROM booking b" \
                " JOIN service s ON s.id = b.service_id" \
                " LEFT JOIN booking_quote z ON z.booking_id = b.id" \
                " LEFT JOIN patient p ON p.id = b.patient_id")
RG_SQL(BY_ID,
       "SELECT " RG_COLUMNS(READ_ROW) BOOKING
       " WHERE b.id = ?");
RG_SQL(BY_UID,
       "SELECT " RG_COLUMNS(READ_ROW) BOOKING
       " WHERE b.uid = ?");
RG_SQL(CASE_BY_ID,
       "SELECT " RG_COLUMNS(CASE_ROW) BOOKING
       " WHERE b.id = ?");
RG_SQL(CASE_BY_UID,
       "SELECT " RG_COLUMNS(CASE_ROW) BOOKING
       " WHERE b.uid = ?");
/* By itself: the row with its joins would lock service and patient as well. */
RG_SQL(LOCK, "SELECT id FROM booking WHERE id = ? FOR UPDATE");

static rg_outcome_t read_booking_by(rg_booking_t **out, rg_db_t *db, const rg_ctx_t *ctx,
                                    const char *sql, rg_bind_t key)
{
    read_t *read;
    RG_TRY(rg_sql_new(db, ctx, &read, read_row, sql, &key, 1));
    *out = &read->booking;
    return rg_schema_seen(db, ctx, read->schema);
}

static rg_outcome_t lock_row(rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    int64_t locked = 0;
    return rg_sql_number(db, ctx, &locked, LOCK, RG_IN(RG_I(id)));
}

rg_outcome_t rg_booking_row(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t **out, int64_t id,
                            bool lock)
{
    rg_outcome_t rc = lock ? lock_row(db, ctx, id) : RG_OK;
    return rc == RG_OK ? read_booking_by(out, db, ctx, BY_ID, RG_I(id)) : rc;
}

rg_outcome_t rg_booking_row_by_uid(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t **out,
                                   const char *uid)
{
    return read_booking_by(out, db, ctx, BY_UID, RG_S(uid));
}

static void read_visit_times(apr_pool_t *p, rg_booking_t *b, const char *words)
{
    apr_array_header_t *all = apr_array_make(p, 2, sizeof(rg_appointment_t));
    char *at = apr_pstrdup(p, words);
    while (*at != '\0') {
        rg_appointment_t *a = apr_array_push(all);
        *a = (rg_appointment_t){.uid = ""};
        a->visit_no = (int)apr_strtoi64(at, &at, 10);
        a->starts_at = apr_time_from_sec(apr_strtoi64(at, &at, 10));
        a->ends_at = apr_time_from_sec(apr_strtoi64(at, &at, 10));
        at += *at != '\0'; /* the comma */
    }
    b->appointment_count = all->nelts;
    b->appointments = (rg_appointment_t *)all->elts;
}

rg_outcome_t rg_booking_with_patient(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t **out,
                                     rg_patient_t **patient, int64_t id, const char *uid)
{
    case_t *c;
    const rg_bind_t key = uid ? RG_S(uid) : RG_I(id);
    RG_TRY(rg_sql_new(db, ctx, &c, case_row, uid ? CASE_BY_UID : CASE_BY_ID, &key, 1));
    read_visit_times(ctx->pool, &c->booking, c->visits);
    *out = &c->booking;
    *patient = c->patient.id > 0 ? &c->patient : NULL;
    return rg_schema_seen(db, ctx, c->schema);
}

rg_outcome_t rg_booking_with_patient_locked(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t **out,
                                            rg_patient_t **patient, int64_t id)
{
    RG_TRY(lock_row(db, ctx, id));
    return rg_booking_with_patient(db, ctx, out, patient, id, NULL);
}

bool rg_booking_expired(const rg_booking_t *b, apr_time_t now)
{
    return b->status == RG_BOOKING_HELD && b->hold_expires_at <= now;
}

/* --- making ----------------------------------------------------------------------------------- */

RG_SQL(ADD,
       "INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at,"
       " hold_expires_at, price_minor, currency, created_at, source, made_by, patient_id,"
       " hold_client, order_id, body_site, laterality)"
       " VALUES (?, ?, ?, 'held', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
RG_SQL(ADD_STEP,
       "INSERT INTO booking_step (booking_id, step_no, kind, name, visit_no, starts_at,"
       " ends_at)"
       " VALUES (?, ?, ?, ?, ?, ?, ?)");
RG_SQL(ADD_RESOURCE,
       "INSERT INTO booking_resource (booking_id, step_no, need_no, resource_id, busy_from,"
       " busy_until)"
       " VALUES (?, ?, ?, ?, ?, ?)");
RG_SQL(ADD_APPOINTMENT,
       "INSERT INTO appointment (uid, booking_id, visit_no, starts_at, ends_at)"
       " VALUES (?, ?, ?, ?, ?)");

static rg_outcome_t add_steps(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * (size_t)(b->step_count * 7 + 1));
    rg_bind_t *at = in;
    for (int i = 0; i < b->step_count; i++) {
        const rg_booking_step_t *s = &b->steps[i];
        *at++ = RG_I(b->id);
        *at++ = RG_I(s->step_no);
        *at++ = RG_S(rg_step_kind_name(s->kind));
        *at++ = RG_S(s->name);
        *at++ = RG_I(s->visit_no);
        *at++ = RG_T(s->starts_at);
        *at++ = RG_T(s->ends_at);
    }
    return rg_sql_exec_rows(db, ctx, ADD_STEP, in, 7, b->step_count);
}

static rg_outcome_t add_resources(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * (size_t)(b->resource_count * 6 + 1));
    rg_bind_t *at = in;
    for (int i = 0; i < b->resource_count; i++) {
        const rg_booking_resource_t *r = &b->resources[i];
        *at++ = RG_I(b->id);
        *at++ = RG_I(r->step_no);
        *at++ = RG_I(r->need_no);
        *at++ = RG_I(r->resource_id);
        *at++ = RG_T(r->busy_from);
        *at++ = RG_T(r->busy_until);
    }
    return rg_sql_exec_rows(db, ctx, ADD_RESOURCE, in, 6, b->resource_count);
}

static rg_outcome_t add_appointments(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * (size_t)(b->appointment_count * 5 + 1));
    rg_bind_t *at = in;
    for (int i = 0; i < b->appointment_count; i++) {
        const rg_appointment_t *a = &b->appointments[i];
        *at++ = RG_S(a->uid);
        *at++ = RG_I(b->id);
        *at++ = RG_I(a->visit_no);
        *at++ = RG_T(a->starts_at);
        *at++ = RG_T(a->ends_at);
    }
    return rg_sql_exec_rows(db, ctx, ADD_APPOINTMENT, in, 5, b->appointment_count);
}

/* Time is occupied right after the row, so that a request that is too late has done little work. */

rg_outcome_t rg_booking_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t *b,
                               const rg_span_t *spans, int span_count)
{
    RG_TRY(rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_S(b->uid), RG_I(b->service_id), RG_I(b->site_id),
                             RG_T(b->starts_at), RG_T(b->ends_at), RG_T(b->hold_expires_at),
                             RG_I(b->price.minor), RG_S(b->price.currency), RG_T(b->created_at),
                             RG_S(b->source ? b->source : rg_source_name(RG_SOURCE_PATIENT)),
                             RG_I(b->made_by), RG_I_OR_NIL(b->patient_id), RG_S(b->hold_client),
                             RG_I_OR_NIL(b->order_id), RG_S(b->body_site),
                             RG_S(rg_side_name(b->side))),
                       NULL));
    b->id = rg_sql_insert_id(db);
    RG_TRY(rg_calendar_take(db, ctx, b->id, spans, span_count));
    RG_TRY(rg_calendar_seat(db, ctx, b->id, b->service_id, b->day, b->day_limit));
    RG_TRY(add_steps(db, ctx, b));
    RG_TRY(add_resources(db, ctx, b));
    return add_appointments(db, ctx, b);
}

RG_SQL(HOLDS,
       "SELECT COUNT(*)"
       " FROM booking"
       " WHERE hold_client = ? AND status = 'held' AND hold_expires_at > ?");

rg_outcome_t rg_booking_holds_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t *count,
                                 const char *client)
{
    return rg_sql_number(db, ctx, count, HOLDS, RG_IN(RG_S(client), RG_T(ctx->now)));
}

/* --- changing --------------------------------------------------------------------------------- */

/* One row or none: none means somebody else changed it first, or time did. */
static rg_outcome_t change_booking(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                                   const rg_bind_t *in, int n)
{
    int64_t affected = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, sql, in, n, &affected);
    return rc == RG_OK && affected == 0 ? RG_CONFLICT : rc;
}

/* The row was locked and whose it is was asked before, in the same transaction. */
RG_SQL(NOTE,
       "UPDATE booking"
       " SET comment = IF(? = '', comment, ?), cancel_system = IF(? = '', cancel_system, ?),"
       " cancel_code = IF(? = '', cancel_code, ?), cancel_text = IF(? = '', cancel_text, ?),"
       " version = version + ?, changed_at = IF(? = 0, changed_at, ?)"
       " WHERE id = ?");

static const char *text_or_empty(const char *s)
{
    return s ? s : "";
}

rg_outcome_t rg_booking_note(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                             const rg_booking_note_t *note, bool changes)
{
    const char *comment = text_or_empty(note->comment);
    const char *system = text_or_empty(note->cancel_system);
    const char *code = text_or_empty(note->cancel_code);
    const char *text = text_or_empty(note->cancel_text);
    return rg_sql_exec(db, ctx, NOTE,
                       RG_IN(RG_S(comment), RG_S(comment), RG_S(system), RG_S(system), RG_S(code),
                             RG_S(code), RG_S(text), RG_S(text), RG_I(changes), RG_I(changes),
                             RG_T(ctx->now), RG_I(id)),
                       NULL);
}

RG_SQL(LEAVE,
       "UPDATE booking"
       " SET status = ?, hold_expires_at = NULL, version = version + 1"
       " WHERE id = ? AND status = ? AND version = ?" RG_OWNED);
RG_SQL(RENEW, "UPDATE appointment SET sequence = sequence + 1 WHERE booking_id = ?");

rg_outcome_t rg_booking_leave(rg_db_t *db, const rg_ctx_t *ctx, const rg_owner_t *by,
                              const rg_booking_t *b, rg_booking_status_t to)
{
    RG_TRY(change_booking(db, ctx, LEAVE,
                          RG_IN(RG_S(rg_booking_status_name(to)), RG_I(b->id),
                                RG_S(rg_booking_status_name(b->status)), RG_I(b->version),
                                RG_OWNER(by))));
    RG_TRY(rg_sql_exec(db, ctx, RENEW, RG_IN(RG_I(b->id)), NULL));
    return rg_calendar_free(db, ctx, b->id);
}

/* --- another time ----------------------------------------------------------------------------- */

RG_SQL(SHIFT,
       "UPDATE booking"
       " SET starts_at = ?, ends_at = ?, cancel_before = ?, version = version + 1"
       " WHERE id = ? AND version = ? AND (status IN ('booked', 'arrived', 'in-progress')"
       " OR (status = 'held' AND hold_expires_at > ?))" RG_OWNED);
RG_SQL(DROP_RESOURCES, "DELETE FROM booking_resource WHERE booking_id = ?");
RG_SQL(DROP_STEPS, "DELETE FROM booking_step WHERE booking_id = ?");
/* The visits it does not have anymore: the service may have been defined again since. */
RG_SQL(DROP_APPOINTMENTS, "DELETE FROM appointment WHERE booking_id = ? AND visit_no > ?");
RG_SQL(PUT_APPOINTMENT,
       "INSERT INTO appointment (uid, booking_id, visit_no, starts_at, ends_at, sequence)"
       " VALUES (?, ?, ?, ?, ?, ?)"
       " ON DUPLICATE KEY UPDATE starts_at = VALUES(starts_at), ends_at = VALUES(ends_at),"
       " sequence = VALUES(sequence)");

static rg_outcome_t put_appointments(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * (size_t)(b->appointment_count * 6 + 1));
    rg_bind_t *at = in;
    int last = 0;
    for (int i = 0; i < b->appointment_count; i++) {
        const rg_appointment_t *a = &b->appointments[i];
        last = a->visit_no > last ? a->visit_no : last;
        *at++ = RG_S(a->uid);
        *at++ = RG_I(b->id);
        *at++ = RG_I(a->visit_no);
        *at++ = RG_T(a->starts_at);
        *at++ = RG_T(a->ends_at);
        *at++ = RG_I(a->sequence);
    }
    RG_TRY(rg_sql_exec_rows(db, ctx, PUT_APPOINTMENT, in, 6, b->appointment_count));
    return rg_sql_exec(db, ctx, DROP_APPOINTMENTS, RG_IN(RG_I(b->id), RG_I(last)), NULL);
}

static rg_outcome_t replace_parts(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    RG_TRY(rg_sql_exec(db, ctx, DROP_RESOURCES, RG_IN(RG_I(b->id)), NULL));
    RG_TRY(rg_sql_exec(db, ctx, DROP_STEPS, RG_IN(RG_I(b->id)), NULL));
    RG_TRY(add_steps(db, ctx, b));
    RG_TRY(add_resources(db, ctx, b));
    return put_appointments(db, ctx, b);
}

/* Who pays themselves is told again: the old paper names another day. VALUES: INSERT … SELECT
 * would hold the lock on the next number until its end, and everybody who books would wait for
 * it. */
RG_SQL(ESTIMATE_AGAIN,
       "INSERT INTO estimate (booking_id, cause, staff_id)"
       " VALUES (?, 'changed', (SELECT s.id FROM staff s WHERE s.id = ?))");

static rg_outcome_t estimate_again(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    bool owed = b->status == RG_BOOKING_BOOKED && b->self_pay == 1 && b->coverage_id == 0;
    return owed ? rg_sql_exec(db, ctx, ESTIMATE_AGAIN,
                              RG_IN(RG_I(b->id), RG_I_OR_NIL(ctx->who.staff_id)), NULL)
                : RG_OK;
}

rg_outcome_t rg_booking_shift(rg_db_t *db, const rg_ctx_t *ctx, const rg_owner_t *by,
                              const rg_booking_t *b, const rg_span_t *old, int old_count,
                              const rg_span_t *spans, int count)
{
    RG_TRY(change_booking(db, ctx, SHIFT,
                          RG_IN(RG_T(b->starts_at), RG_T(b->ends_at), RG_T_OR_NIL(b->cancel_before),
                                RG_I(b->id), RG_I(b->version - 1), RG_T(ctx->now), RG_OWNER(by))));
    RG_TRY(rg_calendar_shift(db, ctx, b->id, old, old_count, spans, count));
    if (b->day.year != 0) {
        RG_TRY(rg_calendar_seat_shift(db, ctx, b->id, b->service_id, b->day, b->day_limit));
    }
    RG_TRY(replace_parts(db, ctx, b));
    return estimate_again(db, ctx, b);
}

/* --- what is left of a course, cancelled ------------------------------------------------------ */

RG_SQL(CALL_OFF,
       "UPDATE booking"
       " SET version = version + 1"
       " WHERE id = ? AND version = ? AND status IN ('arrived', 'in-progress')");
RG_SQL(DROP_RESOURCES_FROM,
       "DELETE r"
       " FROM booking_resource r"
       " JOIN booking_step s ON s.booking_id = r.booking_id AND s.step_no = r.step_no"
       " WHERE r.booking_id = ? AND s.visit_no >= ?");
RG_SQL(RENEW_FROM,
       "UPDATE appointment"
       " SET sequence = sequence + 1"
       " WHERE booking_id = ? AND visit_no >= ?");

rg_outcome_t rg_booking_call_off(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                                 int visit_no, const rg_span_t *old, int old_count,
                                 const rg_span_t *kept, int kept_count)
{
    RG_TRY(change_booking(db, ctx, CALL_OFF, RG_IN(RG_I(b->id), RG_I(b->version))));
    RG_TRY(rg_calendar_shift(db, ctx, b->id, old, old_count, kept, kept_count));
    RG_TRY(rg_sql_exec(db, ctx, DROP_RESOURCES_FROM, RG_IN(RG_I(b->id), RG_I(visit_no)), NULL));
    return rg_sql_exec(db, ctx, RENEW_FROM, RG_IN(RG_I(b->id), RG_I(visit_no)), NULL);
}

/* --- booked, extended ------------------------------------------------------------------------- */

RG_SQL(BOOK,
       "UPDATE booking"
       " SET status = 'booked', hold_expires_at = NULL, booked_at = ?, link_hash = ?,"
       " number = ?, version = version + 1"
       " WHERE id = ? AND status = 'held' AND hold_expires_at > ? AND version = ?" RG_OWNED);

/* A number that is another booking's already undoes the statement only. */
enum { NUMBER_TRIES = 8 };

bool rg_booking_number_taken(rg_db_t *db, rg_outcome_t rc, int *tries)
{
    return rc == RG_CONFLICT && rg_sql_error(db) == RG_SQL_DUPLICATE && ++*tries < NUMBER_TRIES;
}

rg_outcome_t rg_booking_book(rg_db_t *db, const rg_ctx_t *ctx, const rg_owner_t *by,
                             const rg_booking_t *b, const unsigned char *link_hash)
{
    int tries = 0;
    rg_outcome_t rc;
    do {
        rc = change_booking(db, ctx, BOOK,
                            RG_IN(RG_T(ctx->now), RG_B(link_hash, 32), RG_S(rg_number_make(ctx)),
                                  RG_I(b->id), RG_T(ctx->now), RG_I(b->version), RG_OWNER(by)));
    } while (rg_booking_number_taken(db, rc, &tries));
    return rc;
}

RG_SQL(HOLD_UNTIL,
       "UPDATE booking"
       " SET hold_expires_at = ?, hold_extended = hold_extended + 1, version = version + 1"
       " WHERE id = ? AND status = 'held' AND hold_extended < ? AND hold_expires_at > ?"
       " AND version = ?" RG_OWNED);

rg_outcome_t rg_booking_hold_until(rg_db_t *db, const rg_ctx_t *ctx, const rg_owner_t *by,
                                   const rg_booking_t *b, apr_time_t until)
{
    return change_booking(db, ctx, HOLD_UNTIL,
                          RG_IN(RG_T(until), RG_I(b->id), RG_I(ctx->policy->hold_extensions),
                                RG_T(ctx->now), RG_I(b->version), RG_OWNER(by)));
}

RG_SQL(MISSING,
       "SELECT COUNT(*)"
       " FROM booking b"
       " JOIN service_form sf ON sf.service_id = b.service_id"
       " WHERE b.id = ? AND NOT EXISTS (SELECT 1 FROM consent_given c"
       " WHERE c.booking_id = b.id AND c.form_id = sf.form_id AND c.expires_at > ?)");

rg_outcome_t rg_booking_forms_missing(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int *missing)
{
    int64_t n;
    rg_outcome_t rc = rg_sql_number(db, ctx, &n, MISSING, RG_IN(RG_I(id), RG_T(ctx->now)));
    *missing = (int)n;
    return rc;
}

#define OPENED_BY(what)                                                                            \
    RG_SQL_PART("SELECT b.id" \
                " FROM booking b" \
                " LEFT JOIN booking_link l ON l.booking_id = b.id" \
                " WHERE b." what " = ? AND GREATEST(b.ends_at, COALESCE(l.made_at, 0)) > ?")
RG_SQL(BY_LINK, OPENED_BY("link_hash"));
RG_SQL(BY_NUMBER, OPENED_BY("number"));

/* One of a letter opens what the private link opened when the letter was sent, as long as that link
 * is valid. */
RG_SQL(BY_LETTER,
       "SELECT b.id"
       " FROM message_link x"
       " JOIN message m ON m.id = x.message_id"
       " JOIN booking b ON b.id = m.booking_id AND b.link_hash = x.of_link"
       " LEFT JOIN booking_link l ON l.booking_id = b.id"
       " WHERE x.hash = ? AND x.purpose = 'booking'"
       " AND GREATEST(b.ends_at, COALESCE(l.made_at, 0)) > ?");

rg_outcome_t rg_booking_id_by_link(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                                   const unsigned char *link_hash)
{
    const rg_bind_t in[] = {RG_B(link_hash, 32), RG_T(ctx->now - ctx->policy->link_lifetime)};
    rg_outcome_t rc = rg_sql_number(db, ctx, id, BY_LINK, in, 2);
    return rc == RG_NOT_FOUND ? rg_sql_number(db, ctx, id, BY_LETTER, in, 2) : rc;
}

rg_outcome_t rg_booking_id_by_number(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                                     const char *number)
{
    return rg_sql_number(db, ctx, id, BY_NUMBER,
                         RG_IN(RG_S(number), RG_T(ctx->now - ctx->policy->link_lifetime)));
}

/* --- holds that are over ---------------------------------------------------------------------- */

RG_SQL(EXPIRED, "SELECT id FROM booking WHERE hold_expires_at <= ? ORDER BY id LIMIT ?");

rg_outcome_t rg_booking_expired_ids(rg_db_t *db, const rg_ctx_t *ctx, int64_t *ids, int *count,
                                    int limit)
{
    return rg_sql_ids(db, ctx, ids, count, limit, EXPIRED, RG_IN(RG_T(ctx->now), RG_I(limit)));
}

RG_SQL(EXPIRE,
       "UPDATE booking"
       " SET status = 'expired', hold_expires_at = NULL, version = version + 1"
       " WHERE id = ? AND status = 'held' AND hold_expires_at <= ?");

rg_outcome_t rg_booking_expire(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, bool *did)
{
    rg_outcome_t rc = change_booking(db, ctx, EXPIRE, RG_IN(RG_I(id), RG_T(ctx->now)));
    *did = rc == RG_OK;
    if (rc == RG_CONFLICT) {
        return RG_OK;
    }
    return rc == RG_OK ? rg_calendar_free(db, ctx, id) : rc;
}
