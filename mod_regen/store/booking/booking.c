/* SPDX-License-Identifier: Apache-2.0 */
/* Bookings: rows, their parts, and every step of their state machine that moves time. A change of
 * status names the status it comes from, so that of two who try at once one finds nothing to
 * change. */
#include "mod_regen/store/booking/owner.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"

#include <apr_strings.h>

/* --- reading ---------------------------------------------------------------------------------- */

#define ROW                                                                                        \
    "SELECT b.id, b.uid, b.service_id, b.site_id, b.patient_id, b.coverage_id, s.code, s.name,"    \
    " b.status, b.version, b.starts_at, b.ends_at, b.hold_expires_at, b.hold_extended,"            \
    " b.self_pay, b.body_site, b.laterality, b.price_minor, b.currency, b.created_at,"             \
    " b.booked_at, p.family, p.given, p.birth_date, b.changed_at, b.source, b.cancel_before,"      \
    " b.made_by, b.number"                                                                         \
    " FROM booking b JOIN service s ON s.id = b.service_id"                                        \
    " LEFT JOIN patient p ON p.id = b.patient_id"

static const char BY_ID[] = ROW " WHERE b.id = ?";
static const char BY_UID[] = ROW " WHERE b.uid = ?";
/* By itself: the row with its joins would lock service and patient as well. */
static const char LOCK[] = "SELECT id FROM booking WHERE id = ? FOR UPDATE";

static void fill_people(rg_cur_t *c, rg_booking_t *b)
{
    b->patient_id = rg_cur_i64(c, 4);
    b->coverage_id = rg_cur_i64(c, 5);
    b->self_pay = rg_cur_null(c, 14) ? -1 : (int)rg_cur_i64(c, 14);
    b->body_site = rg_cur_str(c, 15);
    b->side = (rg_side_t)rg_side_parse(rg_cur_str(c, 16));
    b->patient_family = rg_cur_str(c, 21);
    b->patient_given = rg_cur_str(c, 22);
    b->patient_birth_date = rg_cur_date(c, 23);
}

static void fill_row(rg_cur_t *c, rg_booking_t *b)
{
    b->id = rg_cur_i64(c, 0);
    b->uid = rg_cur_str(c, 1);
    b->service_id = rg_cur_i64(c, 2);
    b->site_id = rg_cur_i64(c, 3);
    b->service_code = rg_cur_str(c, 6);
    b->service_name = rg_cur_str(c, 7);
    b->status = (rg_booking_status_t)rg_booking_status_parse(rg_cur_str(c, 8));
    b->version = (int)rg_cur_i64(c, 9);
    b->starts_at = rg_cur_time(c, 10);
    b->ends_at = rg_cur_time(c, 11);
    b->hold_expires_at = rg_cur_time(c, 12);
    b->hold_extended = (int)rg_cur_i64(c, 13);
    b->price.minor = rg_cur_i64(c, 17);
    apr_cpystrn(b->price.currency, rg_cur_str(c, 18), sizeof(b->price.currency));
    b->created_at = rg_cur_time(c, 19);
    b->booked_at = rg_cur_time(c, 20);
    b->changed_at = rg_cur_time(c, 24);
    b->source = rg_cur_str(c, 25);
    b->cancel_before = rg_cur_time(c, 26);
    b->made_by = rg_cur_i64(c, 27);
    b->number = rg_cur_str(c, 28);
    fill_people(c, b);
}

static rg_outcome_t read_row(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t **out, const char *sql,
                             rg_bind_t key)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, sql, &key, 1);
    if (rc != RG_OK) {
        return rc;
    }
    bool found = rg_cur_next(c);
    if (found) {
        *out = apr_pcalloc(ctx->pool, sizeof(rg_booking_t));
        fill_row(c, *out);
    }
    return rg_row_end(c, found);
}

rg_outcome_t rg_booking_row(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t **out, int64_t id, bool lock)
{
    if (lock) {
        rg_cur_t *c;
        rg_outcome_t rc = rg_sql_query(db, ctx, &c, LOCK, RG_IN(RG_I(id)));
        if (rc == RG_OK) {
            rc = rg_cur_end(c);
        }
        if (rc != RG_OK) {
            return rc;
        }
    }
    return read_row(db, ctx, out, BY_ID, RG_I(id));
}

rg_outcome_t rg_booking_row_by_uid(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t **out, const char *uid)
{
    return read_row(db, ctx, out, BY_UID, RG_S(uid));
}

bool rg_booking_expired(const rg_booking_t *b, apr_time_t now)
{
    return b->status == RG_BOOKING_HELD && b->hold_expires_at <= now;
}

static const char STEPS[] = "SELECT step_no, kind, name, visit_no, starts_at, ends_at"
                            " FROM booking_step WHERE booking_id = ? ORDER BY step_no";
static const char RESOURCES[] =
    "SELECT r.step_no, r.need_no, r.resource_id, x.name, x.kind, r.busy_from, r.busy_until"
    " FROM booking_resource r JOIN resource x ON x.id = r.resource_id"
    " WHERE r.booking_id = ? ORDER BY r.step_no, r.need_no, r.resource_id";
/* A visit of a course that began and takes nobody and nothing any more was cancelled by itself. */
static const char APPOINTMENTS[] =
    "SELECT a.uid, a.visit_no, a.starts_at, a.ends_at, a.sequence,"
    " b.status IN ('arrived', 'in-progress', 'completed') AND a.visit_no > 1"
    " AND (SELECT COUNT(*) > 0 AND COUNT(r.resource_id) = 0 FROM booking_step s"
    " LEFT JOIN booking_resource r ON r.booking_id = s.booking_id AND r.step_no = s.step_no"
    " WHERE s.booking_id = a.booking_id AND s.visit_no = a.visit_no)"
    " FROM appointment a JOIN booking b ON b.id = a.booking_id WHERE a.booking_id = ?"
    " ORDER BY a.visit_no";

static rg_outcome_t read_steps(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t *b)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, STEPS, RG_IN(RG_I(b->id)));
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(ctx->pool, 8, sizeof(rg_booking_step_t));
    while (rg_cur_next(c)) {
        rg_booking_step_t *s = apr_array_push(list);
        s->step_no = (int)rg_cur_i64(c, 0);
        s->kind = (rg_step_kind_t)rg_step_kind_parse(rg_cur_str(c, 1));
        s->name = rg_cur_str(c, 2);
        s->visit_no = (int)rg_cur_i64(c, 3);
        s->starts_at = rg_cur_time(c, 4);
        s->ends_at = rg_cur_time(c, 5);
    }
    b->steps = (rg_booking_step_t *)list->elts;
    b->step_count = list->nelts;
    return rg_cur_end(c);
}

static rg_outcome_t read_resources(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t *b)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, RESOURCES, RG_IN(RG_I(b->id)));
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(ctx->pool, 8, sizeof(rg_booking_resource_t));
    while (rg_cur_next(c)) {
        rg_booking_resource_t *r = apr_array_push(list);
        r->step_no = (int)rg_cur_i64(c, 0);
        r->need_no = (int)rg_cur_i64(c, 1);
        r->resource_id = rg_cur_i64(c, 2);
        r->resource_name = rg_cur_str(c, 3);
        r->resource_kind = (rg_resource_kind_t)rg_resource_kind_parse(rg_cur_str(c, 4));
        r->busy_from = rg_cur_time(c, 5);
        r->busy_until = rg_cur_time(c, 6);
    }
    b->resources = (rg_booking_resource_t *)list->elts;
    b->resource_count = list->nelts;
    return rg_cur_end(c);
}

static rg_outcome_t read_appointments(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t *b)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, APPOINTMENTS, RG_IN(RG_I(b->id)));
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(ctx->pool, 2, sizeof(rg_appointment_t));
    while (rg_cur_next(c)) {
        rg_appointment_t *a = apr_array_push(list);
        a->uid = rg_cur_str(c, 0);
        a->visit_no = (int)rg_cur_i64(c, 1);
        a->starts_at = rg_cur_time(c, 2);
        a->ends_at = rg_cur_time(c, 3);
        a->sequence = (int)rg_cur_i64(c, 4);
        a->off = rg_cur_i64(c, 5) != 0;
    }
    b->appointments = (rg_appointment_t *)list->elts;
    b->appointment_count = list->nelts;
    return rg_cur_end(c);
}

rg_outcome_t rg_booking_parts(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t *b)
{
    rg_outcome_t rc = read_steps(db, ctx, b);
    if (rc == RG_OK) {
        rc = read_resources(db, ctx, b);
    }
    return rc == RG_OK ? read_appointments(db, ctx, b) : rc;
}

/* --- making ----------------------------------------------------------------------------------- */

static const char ADD[] =
    "INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, hold_expires_at,"
    " price_minor, currency, created_at, source, made_by, patient_id, hold_client)"
    " VALUES (?, ?, ?, 'held', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char ADD_STEP[] =
    "INSERT INTO booking_step (booking_id, step_no, kind, name, visit_no,"
    " starts_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
static const char ADD_RESOURCE[] =
    "INSERT INTO booking_resource (booking_id, step_no, need_no, resource_id, busy_from,"
    " busy_until) VALUES (?, ?, ?, ?, ?, ?)";
static const char ADD_APPOINTMENT[] =
    "INSERT INTO appointment (uid, booking_id, visit_no, starts_at, ends_at)"
    " VALUES (?, ?, ?, ?, ?)";

static rg_outcome_t add_steps(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b)
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

static rg_outcome_t add_resources(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b)
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

static rg_outcome_t add_appointments(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b)
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

/* Time is taken right after the row: who comes too late has done little in vain. */
rg_outcome_t rg_booking_insert(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t *b, const rg_span_t *spans,
                               int span_count)
{
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, ADD,
        RG_IN(RG_S(b->uid), RG_I(b->service_id), RG_I(b->site_id), RG_T(b->starts_at),
              RG_T(b->ends_at), RG_T(b->hold_expires_at), RG_I(b->price.minor),
              RG_S(b->price.currency), RG_T(b->created_at), RG_S(b->source ? b->source : "patient"),
              RG_I(b->made_by), RG_I_OR_NIL(b->patient_id), RG_S(b->hold_client)),
        NULL);
    if (rc == RG_OK) {
        b->id = rg_sql_insert_id(db);
        rc = rg_calendar_take(db, ctx, b->id, spans, span_count);
    }
    if (rc == RG_OK) {
        rc = rg_calendar_seat(db, ctx, b->id, b->service_id, b->day, b->day_limit);
    }
    if (rc == RG_OK) {
        rc = add_steps(db, ctx, b);
    }
    if (rc == RG_OK) {
        rc = add_resources(db, ctx, b);
    }
    return rc == RG_OK ? add_appointments(db, ctx, b) : rc;
}

static const char HOLDS[] = "SELECT COUNT(*) FROM booking WHERE hold_client = ?"
                            " AND status = 'held' AND hold_expires_at > ?";

rg_outcome_t rg_booking_holds_of(rg_db_t *db, rg_ctx_t *ctx, int64_t *count, const char *client)
{
    return rg_sql_number(db, ctx, count, HOLDS, RG_IN(RG_S(client), RG_T(ctx->now)));
}

/* --- changing --------------------------------------------------------------------------------- */

/* One row or none: none means somebody else changed it first, or time did. */
static rg_outcome_t change(rg_db_t *db, rg_ctx_t *ctx, const char *sql, const rg_bind_t *in, int n)
{
    int64_t affected = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, sql, in, n, &affected);
    return rc == RG_OK && affected == 0 ? RG_CONFLICT : rc;
}

/* The row was locked and whose it is was asked before, in the same transaction. */
static const char NOTE[] =
    "UPDATE booking SET comment = IF(? = '', comment, ?),"
    " cancel_system = IF(? = '', cancel_system, ?), cancel_code = IF(? = '', cancel_code, ?),"
    " cancel_text = IF(? = '', cancel_text, ?), version = version + ?,"
    " changed_at = IF(? = 0, changed_at, ?) WHERE id = ?";

static const char *or_nothing(const char *s)
{
    return s ? s : "";
}

rg_outcome_t rg_booking_note(rg_db_t *db, rg_ctx_t *ctx, int64_t id, const rg_booking_note_t *note,
                             bool changes)
{
    const char *comment = or_nothing(note->comment);
    const char *system = or_nothing(note->cancel_system);
    const char *code = or_nothing(note->cancel_code);
    const char *text = or_nothing(note->cancel_text);
    return rg_sql_exec(db, ctx, NOTE,
                       RG_IN(RG_S(comment), RG_S(comment), RG_S(system), RG_S(system), RG_S(code),
                             RG_S(code), RG_S(text), RG_S(text), RG_I(changes), RG_I(changes),
                             RG_T(ctx->now), RG_I(id)),
                       NULL);
}

static const char LEAVE[] =
    "UPDATE booking SET status = ?, hold_expires_at = NULL,"
    " version = version + 1 WHERE id = ? AND status = ? AND version = ?" RG_OWNED;
static const char RENEW[] = "UPDATE appointment SET sequence = sequence + 1 WHERE booking_id = ?";

rg_outcome_t rg_booking_leave(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                              const rg_booking_t *b, rg_booking_status_t to)
{
    rg_outcome_t rc =
        change(db, ctx, LEAVE,
               RG_IN(RG_S(rg_booking_status_name(to)), RG_I(b->id),
                     RG_S(rg_booking_status_name(b->status)), RG_I(b->version), RG_OWNER(by)));
    if (rc == RG_OK) {
        rc = rg_sql_exec(db, ctx, RENEW, RG_IN(RG_I(b->id)), NULL);
    }
    return rc == RG_OK ? rg_calendar_free(db, ctx, b->id) : rc;
}

/* --- another time ----------------------------------------------------------------------------- */

static const char SHIFT[] = "UPDATE booking SET starts_at = ?, ends_at = ?, cancel_before = ?,"
                            " version = version + 1"
                            " WHERE id = ? AND version = ? AND"
                            " (status IN ('booked', 'arrived', 'in-progress')"
                            " OR (status = 'held' AND hold_expires_at > ?))" RG_OWNED;
static const char DROP_RESOURCES[] = "DELETE FROM booking_resource WHERE booking_id = ?";
static const char DROP_STEPS[] = "DELETE FROM booking_step WHERE booking_id = ?";
/* The visits it does not have any more: the service may have been defined anew since. */
static const char DROP_APPOINTMENTS[] =
    "DELETE FROM appointment WHERE booking_id = ? AND visit_no > ?";
static const char PUT_APPOINTMENT[] =
    "INSERT INTO appointment (uid, booking_id, visit_no, starts_at, ends_at, sequence)"
    " VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE starts_at = VALUES(starts_at),"
    " ends_at = VALUES(ends_at), sequence = VALUES(sequence)";

static rg_outcome_t put_appointments(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b)
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
    rg_outcome_t rc = rg_sql_exec_rows(db, ctx, PUT_APPOINTMENT, in, 6, b->appointment_count);
    return rc == RG_OK
               ? rg_sql_exec(db, ctx, DROP_APPOINTMENTS, RG_IN(RG_I(b->id), RG_I(last)), NULL)
               : rc;
}

static rg_outcome_t replace_parts(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b)
{
    rg_outcome_t rc = rg_sql_exec(db, ctx, DROP_RESOURCES, RG_IN(RG_I(b->id)), NULL);
    if (rc == RG_OK) {
        rc = rg_sql_exec(db, ctx, DROP_STEPS, RG_IN(RG_I(b->id)), NULL);
    }
    if (rc == RG_OK) {
        rc = add_steps(db, ctx, b);
    }
    if (rc == RG_OK) {
        rc = add_resources(db, ctx, b);
    }
    return rc == RG_OK ? put_appointments(db, ctx, b) : rc;
}

rg_outcome_t rg_booking_shift(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                              const rg_booking_t *b, const rg_span_t *old, int old_count,
                              const rg_span_t *spans, int count)
{
    rg_outcome_t rc =
        change(db, ctx, SHIFT,
               RG_IN(RG_T(b->starts_at), RG_T(b->ends_at), RG_T_OR_NIL(b->cancel_before),
                     RG_I(b->id), RG_I(b->version - 1), RG_T(ctx->now), RG_OWNER(by)));
    if (rc == RG_OK) {
        rc = rg_calendar_shift(db, ctx, b->id, old, old_count, spans, count);
    }
    if (rc == RG_OK && b->day.year != 0) {
        rc = rg_calendar_seat_shift(db, ctx, b->id, b->service_id, b->day, b->day_limit);
    }
    return rc == RG_OK ? replace_parts(db, ctx, b) : rc;
}

/* --- what is left of a course, cancelled ------------------------------------------------------ */

static const char CALL_OFF[] = "UPDATE booking SET version = version + 1 WHERE id = ? AND"
                               " version = ? AND status IN ('arrived', 'in-progress')";
static const char DROP_RESOURCES_FROM[] =
    "DELETE r FROM booking_resource r JOIN booking_step s ON s.booking_id = r.booking_id"
    " AND s.step_no = r.step_no WHERE r.booking_id = ? AND s.visit_no >= ?";
static const char RENEW_FROM[] =
    "UPDATE appointment SET sequence = sequence + 1 WHERE booking_id = ? AND visit_no >= ?";

rg_outcome_t rg_booking_call_off(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b, int visit_no,
                                 const rg_span_t *old, int old_count, const rg_span_t *kept,
                                 int kept_count)
{
    rg_outcome_t rc = change(db, ctx, CALL_OFF, RG_IN(RG_I(b->id), RG_I(b->version)));
    if (rc == RG_OK) {
        rc = rg_calendar_shift(db, ctx, b->id, old, old_count, kept, kept_count);
    }
    if (rc == RG_OK) {
        rc = rg_sql_exec(db, ctx, DROP_RESOURCES_FROM, RG_IN(RG_I(b->id), RG_I(visit_no)), NULL);
    }
    return rc == RG_OK ? rg_sql_exec(db, ctx, RENEW_FROM, RG_IN(RG_I(b->id), RG_I(visit_no)), NULL)
                       : rc;
}

/* --- booked, extended ------------------------------------------------------------------------- */

static const char BOOK[] =
    "UPDATE booking SET status = 'booked', hold_expires_at = NULL, booked_at = ?, link_hash = ?,"
    " number = ?, version = version + 1 WHERE id = ? AND status = 'held' AND hold_expires_at > ?"
    " AND version = ?" RG_OWNED;

/* A number that is another booking's already undoes the statement only. */
enum { NUMBER_TRIES = 8 };

bool rg_booking_number_taken(rg_db_t *db, rg_outcome_t rc, int *tries)
{
    return rc == RG_CONFLICT && rg_sql_error(db) == RG_SQL_DUPLICATE && ++*tries < NUMBER_TRIES;
}

rg_outcome_t rg_booking_book(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                             const rg_booking_t *b, const unsigned char *link_hash)
{
    int tries = 0;
    rg_outcome_t rc;
    do {
        rc = change(db, ctx, BOOK,
                    RG_IN(RG_T(ctx->now), RG_B(link_hash, 32), RG_S(rg_number_make(ctx)),
                          RG_I(b->id), RG_T(ctx->now), RG_I(b->version), RG_OWNER(by)));
    } while (rg_booking_number_taken(db, rc, &tries));
    return rc;
}

static const char HOLD_UNTIL[] =
    "UPDATE booking SET hold_expires_at = ?, hold_extended = hold_extended + 1,"
    " version = version + 1 WHERE id = ? AND status = 'held' AND hold_extended < ?"
    " AND hold_expires_at > ? AND version = ?" RG_OWNED;

rg_outcome_t rg_booking_hold_until(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                                   const rg_booking_t *b, apr_time_t until)
{
    return change(db, ctx, HOLD_UNTIL,
                  RG_IN(RG_T(until), RG_I(b->id), RG_I(ctx->policy->hold_extensions),
                        RG_T(ctx->now), RG_I(b->version), RG_OWNER(by)));
}

static const char MISSING[] =
    "SELECT COUNT(*) FROM booking b JOIN service_form sf ON sf.service_id = b.service_id"
    " WHERE b.id = ? AND NOT EXISTS (SELECT 1 FROM consent_in_force c"
    " WHERE c.booking_id = b.id AND c.form_id = sf.form_id AND c.expires_at > ?)";

rg_outcome_t rg_booking_forms_missing(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int *missing)
{
    rg_cur_t *c;
    *missing = 0;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, MISSING, RG_IN(RG_I(id), RG_T(ctx->now)));
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        *missing = (int)rg_cur_i64(c, 0);
    }
    return rg_cur_end(c);
}

#define OPENED_BY(what)                                                                            \
    "SELECT b.id FROM booking b LEFT JOIN booking_link l ON l.booking_id = b.id"                   \
    " WHERE b." what " = ? AND GREATEST(b.ends_at, COALESCE(l.made_at, 0)) > ?"
static const char BY_LINK[] = OPENED_BY("link_hash");
static const char BY_NUMBER[] = OPENED_BY("number");

rg_outcome_t rg_booking_id_by_link(rg_db_t *db, rg_ctx_t *ctx, int64_t *id,
                                   const unsigned char *link_hash)
{
    return rg_sql_number(db, ctx, id, BY_LINK,
                         RG_IN(RG_B(link_hash, 32), RG_T(ctx->now - ctx->policy->link_lifetime)));
}

rg_outcome_t rg_booking_id_by_number(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const char *number)
{
    return rg_sql_number(db, ctx, id, BY_NUMBER,
                         RG_IN(RG_S(number), RG_T(ctx->now - ctx->policy->link_lifetime)));
}

/* --- holds that are over ---------------------------------------------------------------------- */

static const char EXPIRED[] =
    "SELECT id FROM booking WHERE hold_expires_at <= ? ORDER BY id LIMIT ?";

rg_outcome_t rg_booking_expired_ids(rg_db_t *db, rg_ctx_t *ctx, int64_t *ids, int *count, int limit)
{
    rg_cur_t *c;
    *count = 0;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, EXPIRED, RG_IN(RG_T(ctx->now), RG_I(limit)));
    if (rc != RG_OK) {
        return rc;
    }
    while (*count < limit && rg_cur_next(c)) {
        ids[(*count)++] = rg_cur_i64(c, 0);
    }
    return rg_cur_end(c);
}

static const char EXPIRE[] =
    "UPDATE booking SET status = 'expired', hold_expires_at = NULL, version = version + 1"
    " WHERE id = ? AND status = 'held' AND hold_expires_at <= ?";

rg_outcome_t rg_booking_expire(rg_db_t *db, rg_ctx_t *ctx, int64_t id, bool *did)
{
    rg_outcome_t rc = change(db, ctx, EXPIRE, RG_IN(RG_I(id), RG_T(ctx->now)));
    *did = rc == RG_OK;
    if (rc == RG_CONFLICT) {
        return RG_OK;
    }
    return rc == RG_OK ? rg_calendar_free(db, ctx, id) : rc;
}
