/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of the day read and write of a booking: its state, its consents, the stamps and
 * the charges. The rules themselves are keys and triggers of sql/0004_care.sql. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/fees/line_row.h"
#include "mod_regen/store/visit/unit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#include <apr_strings.h>

/* kind + 0 is the word's place in the ENUM, which is the order of rg_step_kind_t and rg_event_t: a
 * guard compares the words, and the bits of all of them are an unsigned. */
_Static_assert(RG_STEP_CHECK_IN == 0 && RG_STEP_KIND_COUNT <= 32, "bits of booking_step.kind");
_Static_assert(RG_EVENT_CHECK_IN == 0 && RG_EVENT_COUNT <= 32, "bits of step_event.kind");
#define OPEN_UNITS(which)                                                                          \
    "(SELECT COUNT(*) FROM unit u LEFT JOIN unit_end z ON z.unit_id = u.id"                        \
    " LEFT JOIN unit_ready y ON y.unit_id = u.id"                                                  \
    " WHERE u.booking_id = b.id AND z.unit_id IS NULL" which ")"
#define LAST_ACT(kinds)                                                                            \
    "(SELECT MAX(a.at) FROM act a WHERE a.booking_id = b.id AND a.kind " kinds ")"
#define STEP_DONE(step)                                                                            \
    "(SELECT MAX(l.at) FROM step_done l WHERE l.booking_id = b.id AND l.kind = '" step "')"
#define CARE_ROW(FIRST, COL)                                                                       \
    FIRST(I64, id, "b.id")                                                                         \
    COL(STR, uid, "b.uid")                                                                         \
    COL(I64, service_id, "b.service_id")                                                           \
    COL(I64, site_id, "b.site_id")                                                                 \
    COL(I64, patient_id, "b.patient_id")                                                           \
    COL(ENUM, status, "b.status", rg_booking_status_parse)                                         \
    COL(TIME, starts_at, "b.starts_at")                                                            \
    COL(TIME, ends_at, "b.ends_at")                                                                \
    COL(TIME, last_at,                                                                             \
        "GREATEST(COALESCE((SELECT MAX(l.at) FROM step_done l WHERE l.booking_id = b.id), 0),"     \
        " COALESCE((SELECT MAX(o.at) FROM time_out_said o WHERE o.booking_id = b.id"               \
        " AND o.turn = (SELECT COUNT(*) FROM correction k WHERE k.booking_id = b.id"               \
        " AND k.what = 'check-in') AND NOT EXISTS (SELECT 1 FROM act x WHERE x.time_out_id = o.id" \
        " AND x.part > 0)), 0))")                                                                  \
    COL(TIME, step_at, "(SELECT MAX(l.at) FROM step_done l WHERE l.booking_id = b.id)")            \
    COL(STR, body_site, "b.body_site")                                                             \
    COL(ENUM, side, "b.laterality", rg_side_parse)                                                 \
    COL(STR, further, RG_FURTHER_OF("b"))                                                          \
    COL(BITS, injected,                                                                            \
        "(SELECT BIT_OR(1 << i.target_no) FROM injection_given i WHERE i.booking_id = b.id)")      \
    COL(BITS, left_out,                                                                            \
        "(SELECT BIT_OR(1 << l.target_no) FROM target_left_out l WHERE l.booking_id = b.id)")      \
    COL(DATE, birth_date, "p.birth_date")                                                          \
    COL(MADE, zone, "s.time_zone", rg_zone_open)                                                   \
    COL(INT, unit_hold_minutes, "v.unit_hold_minutes")                                             \
    COL(INT, product_no, "m.product_no")                                                           \
    COL(STR, material, "m.material")                                                               \
    COL(STR, method, "m.method")                                                                   \
    COL(INT, spin_min_minutes, "m.spin_min_minutes")                                               \
    COL(INT, spin_max_minutes, "m.spin_max_minutes")                                               \
    COL(BITS, kinds,                                                                               \
        "(SELECT BIT_OR(1 << (k.kind + 0 - 1)) FROM booking_step k WHERE k.booking_id = b.id)")    \
    COL(BITS, done,                                                                                \
        "(SELECT BIT_OR(1 << (e.kind + 0 - 1)) FROM step_done e WHERE e.booking_id = b.id)")       \
    COL(BOOL, order_revoked,                                                                       \
        "EXISTS (SELECT 1 FROM treatment_order_revocation o WHERE o.order_id = b.order_id)")       \
    COL(BOOL, needs_place, "v.needs_body_site")                                                    \
    COL(BOOL, second_harvest, "v.second_harvest")                                                  \
    COL(BOOL, second_inject, "v.second_inject")                                                    \
    COL(BOOL, timeout_harvest, "v.timeout_harvest")                                                \
    COL(BOOL, timeout_inject, "v.timeout_inject")                                                  \
    COL(BOOL, was_stopped,                                                                         \
        "EXISTS (SELECT 1 FROM time_out_said o WHERE o.booking_id = b.id"                          \
        " AND o.stopped IS NOT NULL)")                                                             \
    COL(INT, units.made, "(SELECT COUNT(*) FROM unit u WHERE u.booking_id = b.id)")                \
    COL(INT, units.raw, OPEN_UNITS(" AND y.unit_id IS NULL"))                                      \
    COL(INT, units.ready, OPEN_UNITS(" AND y.unit_id IS NOT NULL"))                                \
    COL(INT, collections, "(SELECT COUNT(*) FROM collection k WHERE k.booking_id = b.id)")         \
    COL(TIME, acted_at, LAST_ACT("<> 'complete'"))                                                 \
    COL(TIME, harvest_at, LAST_ACT("= 'harvest'"))                                                 \
    COL(TIME, inject_at, LAST_ACT("= 'inject'"))                                                   \
    COL(TIME, first_harvest_at, STEP_DONE("harvest"))                                              \
    COL(TIME, first_process_at, STEP_DONE("process"))                                              \
    COL(TIME, first_inject_at, STEP_DONE("inject"))                                                \
    COL(TIME, check_in_at, STEP_DONE("check-in"))
RG_ROW(care_row, rg_care_t, CARE_ROW);
RG_SQL(CARE,
       "SELECT " RG_COLUMNS(CARE_ROW)
       " FROM booking b"
       " JOIN site s ON s.id = b.site_id"
       " JOIN service v ON v.id = b.service_id"
       " LEFT JOIN service_product m ON m.service_id = b.service_id AND m.product_no = 1"
       " LEFT JOIN patient p ON p.id = b.patient_id"
       " WHERE b.id = ?");

rg_outcome_t rg_care_get(rg_db_t *db, const rg_ctx_t *ctx, rg_care_t *out, int64_t booking_id)
{
    RG_TRY(rg_sql_one(db, ctx, out, care_row, CARE, RG_IN(RG_I(booking_id))));
    return rg_row_zone(ctx, out->zone, out->site_id);
}

rg_outcome_t rg_care_lock(rg_db_t *db, const rg_ctx_t *ctx, rg_care_t *out, int64_t booking_id)
{
    RG_SQL(TAKE, "UPDATE booking SET version = version + 1 WHERE id = ?");
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, TAKE, RG_IN(RG_I(booking_id)), &found);

    if (rc != RG_OK) {
        return rc;
    }
    return found == 0 ? RG_NOT_FOUND : rg_care_get(db, ctx, out, booking_id);
}

rg_outcome_t rg_care_move(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                          rg_booking_status_t from, rg_booking_status_t to)
{
    RG_SQL(MOVE, "UPDATE booking SET status = ? WHERE id = ? AND status = ?");
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, MOVE,
                                  RG_IN(RG_S(rg_booking_status_name(to)), RG_I(booking_id),
                                        RG_S(rg_booking_status_name(from))),
                                  &found);

    return rc == RG_OK && found == 0 ? RG_CONFLICT : rc;
}

/* --- consents --------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
} missing_t;

#define MISSING_ROW(FIRST, COL) FIRST(STR, name, "f.name")
RG_ROW(missing_row, missing_t, MISSING_ROW);
RG_SQL(MISSING,
       "SELECT " RG_COLUMNS(MISSING_ROW)
       " FROM booking b"
       " JOIN service_form sf ON sf.service_id = b.service_id"
       " JOIN form f ON f.id = sf.form_id"
       " WHERE b.id = ? AND NOT EXISTS (SELECT 1 FROM consent_in_force c"
       " WHERE c.booking_id = b.id AND c.form_id = sf.form_id AND c.expires_at > ?"
       " AND c.since < ? + 60)"
       " ORDER BY sf.display_order, f.id");

rg_outcome_t rg_care_consents_missing(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                      apr_time_t at, int *count, const char ***names)
{
    missing_t *forms;
    RG_TRY(rg_sql_list(db, ctx, &forms, count, missing_row, MISSING,
                       RG_IN(RG_I(booking_id), RG_T(at), RG_T(at))));
    *names = apr_palloc(ctx->pool, sizeof(**names) * (size_t)(*count + 1));
    for (int i = 0; i < *count; i++) {
        (*names)[i] = forms[i].name;
    }
    return RG_OK;
}

/* --- stamps ----------------------------------------------------------------------------------- */

rg_outcome_t rg_care_event_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_event_t e,
                               apr_time_t at, const char *late_why)
{
    RG_SQL(ADD,
           "INSERT INTO step_event (booking_id, kind, at, recorded_at, late_reason, staff_id)"
           " VALUES (?, ?, ?, ?, ?, ?)");

    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(booking_id), RG_S(rg_event_name(e)), RG_T(at), RG_T(ctx->now),
                             RG_S(late_why), RG_I(ctx->who.staff_id)),
                       NULL);
}

#define EVENT_ROW(FIRST, COL)                                                                      \
    FIRST(STR, kind, "e.kind")                                                                     \
    COL(TIME, at, "e.at")                                                                          \
    COL(TIME, recorded_at, "e.recorded_at")                                                        \
    COL(STR, staff_name, "s.name")                                                                 \
    COL(ENUM, ending, "e.reason", rg_ending_parse)                                                 \
    COL(STR, note, "e.note")                                                                       \
    COL(ENUM, corrects, "e.what", rg_correct_parse)                                                \
    COL(STR, old_value, "e.old_value")                                                             \
    COL(STR, new_value, "e.new_value")                                                             \
    COL(STR, unit, "(SELECT u.label FROM unit u WHERE u.id = e.unit_id)")                          \
    COL(STR, with_unit, "(SELECT u.label FROM unit u WHERE u.id = e.with_unit)")                   \
    COL(BOOL, with_time_out, "e.with_time_out")                                                    \
    COL(I64, act_id, "a.id")                                                                       \
    COL(STR, second, "(SELECT z.name FROM staff z WHERE z.id = a.second_id)")                      \
    COL(STR, done_by_code, RG_DOER_CODE)                                                           \
    COL(STR, done_by, "(SELECT w.name FROM resource w WHERE w.code = " RG_DOER_CODE ")")           \
    COL(BOOL, recorded_by_doer,                                                                    \
        "(SELECT w.code FROM resource w WHERE w.id = s.resource_id) = " RG_DOER_CODE)
RG_ROW(event_row, rg_step_event_t, EVENT_ROW);
/* People are corrected by their codes and shown by their names. */
#define NAMED(value)                                                                               \
    "IF(what IN ('harvest-by', 'process-by', 'inject-by', 'consult-by'),"                          \
    " COALESCE((SELECT w.name FROM resource w WHERE w.code = " value "), " value "), " value ")"

rg_outcome_t rg_care_events(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int *count,
                            rg_step_event_t **out)
{
    RG_SQL(LIST,
           "SELECT " RG_COLUMNS(EVENT_ROW)
           " FROM (SELECT booking_id, kind + 0 AS turn, CAST(kind AS CHAR) AS kind, at,"
           " recorded_at, staff_id, NULL AS reason, late_reason AS note, NULL AS what,"
           " '' AS old_value,"
           " '' AS new_value, NULL AS unit_id, NULL AS with_unit, 0 AS with_time_out"
           " FROM step_done"
           " WHERE booking_id = ?"
           " UNION ALL SELECT booking_id, 99, 'ended', at, recorded_at, staff_id,"
           " CAST(reason AS CHAR), note, NULL, '', '', NULL, NULL, 0"
           " FROM visit_ended"
           " WHERE booking_id = ?"
           " UNION ALL SELECT booking_id, 98, '" RG_EVENT_LEFT "', at, recorded_at, staff_id, NULL,"
           " reason, NULL, ELT(target_no, '1', '2', '3', '4'),"
           " IF(id IN (SELECT o.id FROM target_left_out o WHERE o.booking_id = ?), '',"
           " 'taken back'), NULL, NULL, 0"
           " FROM target_left"
           " WHERE booking_id = ?"
           " UNION ALL SELECT booking_id, 100, 'corrected', at, at, staff_id, NULL, reason,"
           " CAST(what AS CHAR), " NAMED("old_value") ", " NAMED("new_value") ","
           " IF(what = 'inject-target', row_id, NULL), with_unit, with_time_out"
           " FROM correction"
           " WHERE booking_id = ?) e"
           " JOIN staff s ON s.id = e.staff_id"
           " LEFT JOIN act a ON a.id = (SELECT x.id FROM act x"
           " WHERE x.booking_id = e.booking_id AND CAST(x.kind AS CHAR) = e.kind AND x.at = e.at"
           " AND NOT EXISTS (SELECT 1 FROM unit_manipulation m WHERE m.act_id = x.id)"
           " ORDER BY x.turn DESC, x.part LIMIT 1)"
           " ORDER BY e.turn, e.at");
    return rg_sql_list(db, ctx, out, count, event_row, LIST,
                       RG_IN(RG_I(booking_id), RG_I(booking_id), RG_I(booking_id), RG_I(booking_id),
                             RG_I(booking_id)));
}

/* --- endings ---------------------------------------------------------------------------------- */

rg_outcome_t rg_care_end(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, apr_time_t at,
                         rg_ending_t reason, const char *note)
{
    RG_SQL(ADD,
           "INSERT INTO booking_ending (booking_id, reason, note, at, recorded_at, staff_id)"
           " VALUES (?, ?, ?, ?, ?, ?)");

    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(booking_id), RG_S(rg_ending_name(reason)), RG_S(note), RG_T(at),
                             RG_T(ctx->now), RG_I(ctx->who.staff_id)),
                       NULL);
}

rg_outcome_t rg_target_leave(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int target_no,
                             const char *reason, apr_time_t at)
{
    RG_SQL(LEAVE,
           "INSERT INTO target_left (booking_id, target_no, reason, at, recorded_at, staff_id)"
           " VALUES (?, ?, ?, ?, ?, ?)");

    return rg_sql_exec(db, ctx, LEAVE,
                       RG_IN(RG_I(booking_id), RG_I(target_no), RG_S(reason), RG_T(at),
                             RG_T(ctx->now), RG_I(ctx->who.staff_id)),
                       NULL);
}

/* --- charges ---------------------------------------------------------------------------------- */

#define FEE_ROW(FIRST, COL)                                                                        \
    RG_FEE_LINE_COLS(FIRST, COL, line, "c.")                                                       \
    COL(I64, practitioner,                                                                         \
        "COALESCE((SELECT a.done_by FROM act a WHERE a.booking_id = ? AND a.kind"                  \
        " = IF(c.step_kind = 'consult', 'complete', c.step_kind)"                                  \
        " ORDER BY a.id DESC LIMIT 1),"                                                            \
        " (SELECT br.resource_id FROM booking_step bs JOIN booking_resource br"                    \
        " ON br.booking_id = bs.booking_id AND br.step_no = bs.step_no JOIN resource r ON r.id = " \
        "br.resource_id AND "                                                                      \
        "r.kind = 'practitioner' WHERE bs.booking_id = ? AND bs.kind = c.step_kind ORDER BY "      \
        "bs.step_no, br.need_no LIMIT 1))")
RG_ROW(fee_row, rg_fee_due_t, FEE_ROW);
RG_SQL(FEES,
       "SELECT " RG_COLUMNS(FEE_ROW)
       " FROM booking_quote q"
       " JOIN booking_charge c ON c.quote_id = q.id AND c.applies = 'visit'"
       " WHERE q.booking_id = ? AND (? >> (c.step_kind + 0 - 1)) & 1"
       " AND NOT EXISTS (SELECT 1 FROM charge_item i WHERE i.booking_id = ?"
       " AND i.line_no = c.line_no)"
       " AND NOT EXISTS (SELECT 1 FROM charge_off f WHERE f.booking_id = ?"
       " AND f.line_no = c.line_no"
       " AND NOT EXISTS (SELECT 1 FROM ledger_entry v WHERE v.reverses = f.entry_id))"
       " ORDER BY c.line_no");

rg_outcome_t rg_care_fees(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care, unsigned kinds,
                          int *count, rg_fee_due_t **out)
{
    return rg_sql_list(db, ctx, out, count, fee_row, FEES,
                       RG_IN(RG_I(care->id), RG_I(care->id), RG_I(care->id), RG_I(kinds),
                             RG_I(care->id), RG_I(care->id)));
}

/* Whether target OF ("t") was injected; recorded before 0061, it was the only one. */
#define INJECTED(of)                                                                               \
    "EXISTS (SELECT 1 FROM injection_given i WHERE i.booking_id = " of ".booking_id"               \
    " AND COALESCE(i.target_no, 1) = " of ".target_no)"
/* The other side of target t was. */
#define OTHER_SIDE(which)                                                                          \
    "EXISTS (SELECT 1 FROM booking_target o WHERE o.booking_id = t.booking_id"                     \
    " AND o.body_site = t.body_site AND o.target_no " which " t.target_no AND " INJECTED("o") ")"
#define LAST_GIVEN(column)                                                                         \
    "(SELECT " column " FROM injection_given i JOIN act a ON a.id = i.act_id"                      \
    " WHERE i.booking_id = t.booking_id AND COALESCE(i.target_no, 1) = t.target_no"                \
    " ORDER BY a.id DESC LIMIT 1)"
/* By whom, as corrected. */
#define GIVEN_BY                                                                                   \
    "COALESCE((SELECT r.id FROM resource r WHERE r.code = " LAST_GIVEN(RG_DOER_CODE) "), 0)"

#define TARGET_FEE_ROW(FIRST, COL)                                                                 \
    RG_FEE_LINE_COLS(FIRST, COL, line, "c.")                                                       \
    COL(INT, line.times, "c.times")                                                                \
    COL(INT, target_no, "t.target_no")                                                             \
    COL(ENUM, side,                                                                                \
        "IF(c.applies = 'bilateral' AND " OTHER_SIDE("<>") ", 'bilateral',"                        \
                                                           " CAST(t.laterality AS CHAR))",         \
        rg_side_parse)                                                                             \
    COL(I64, practitioner, GIVEN_BY)                                                               \
    COL(TIME, at, LAST_GIVEN("i.injected_at"))
RG_ROW(target_fee_row, rg_fee_due_t, TARGET_FEE_ROW);
RG_SQL(TARGET_FEES,
       "SELECT " RG_COLUMNS(TARGET_FEE_ROW)
       " FROM booking_quote q"
       " JOIN booking_charge c ON c.quote_id = q.id AND c.applies <> 'visit'"
       " JOIN booking_target t ON t.booking_id = q.booking_id AND " INJECTED("t")
       " WHERE q.booking_id = ? AND NOT (c.applies = 'bilateral' AND " OTHER_SIDE("<") ")"
       " AND NOT EXISTS (SELECT 1 FROM charge_item i WHERE i.booking_id = t.booking_id"
       " AND i.line_no = c.line_no AND i.target_no = t.target_no)"
       " AND NOT EXISTS (SELECT 1 FROM charge_off f"
       " JOIN booking_target w ON w.booking_id = f.booking_id AND w.target_no = f.target_no"
       " WHERE f.booking_id = t.booking_id AND f.line_no = c.line_no"
       " AND (f.target_no = t.target_no OR c.applies = 'bilateral' AND w.body_site = t.body_site)"
       " AND NOT EXISTS (SELECT 1 FROM ledger_entry v WHERE v.reverses = f.entry_id))"
       " ORDER BY c.line_no, t.target_no");

rg_outcome_t rg_care_target_fees(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                                 int *count, rg_fee_due_t **out)
{
    return rg_sql_list(db, ctx, out, count, target_fee_row, TARGET_FEES, RG_IN(RG_I(care->id)));
}

#define TARGET_CHARGE_ROW(FIRST, COL)                                                              \
    FIRST(I64, id, "x.id")                                                                         \
    COL(BOOL, fits,                                                                                \
        INJECTED("t") " AND (c.applies <> 'bilateral' OR NOT " OTHER_SIDE(                         \
            "<") " AND"                                                                            \
                 " (SUBSTRING_INDEX(x.modifier, ' ', 1) = '50') = " OTHER_SIDE("<>") ")")          \
    COL(I64, practitioner, GIVEN_BY)                                                               \
    COL(TIME, at, LAST_GIVEN("i.injected_at"))
RG_ROW(target_charge_row, rg_target_charge_t, TARGET_CHARGE_ROW);
RG_SQL(TARGET_CHARGES,
       "SELECT " RG_COLUMNS(TARGET_CHARGE_ROW)
       " FROM charge_item x"
       " JOIN booking_quote q ON q.booking_id = x.booking_id"
       " JOIN booking_charge c ON c.quote_id = q.id AND c.line_no = x.line_no"
       " JOIN booking_target t ON t.booking_id = x.booking_id AND t.target_no = x.target_no"
       " WHERE x.booking_id = ?"
       " AND NOT EXISTS (SELECT 1 FROM claim m WHERE m.booking_id = x.booking_id)"
       " ORDER BY x.id");

rg_outcome_t rg_care_target_charges(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                                    int *count, rg_target_charge_t **out)
{
    return rg_sql_list(db, ctx, out, count, target_charge_row, TARGET_CHARGES,
                       RG_IN(RG_I(care->id)));
}

rg_outcome_t rg_care_charge_drop(rg_db_t *db, const rg_ctx_t *ctx, int64_t charge_id)
{
    RG_SQL(DROP, "DELETE FROM charge_item WHERE id = ?");
    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_I(charge_id)), NULL);
}

rg_outcome_t rg_care_charge_done(rg_db_t *db, const rg_ctx_t *ctx, int64_t charge_id,
                                 int64_t practitioner_id, rg_date_t day)
{
    RG_SQL(DONE, "UPDATE charge_item SET practitioner_id = ?, service_date = ? WHERE id = ?");
    return rg_sql_exec(
        db, ctx, DONE,
        RG_IN(RG_I_OR_NIL(practitioner_id), RG_S(rg_date_iso(ctx->pool, day)), RG_I(charge_id)),
        NULL);
}

rg_outcome_t rg_care_charge_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                const rg_charge_t *c)
{
    RG_SQL(ADD,
           "INSERT INTO charge_item (booking_id, line_no, target_no, step_kind, code_system, code,"
           " modifier, description, quantity, unit_minor, total_minor, currency, on_claim,"
           " service_date, practitioner_id, created_at)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(booking_id), RG_I(c->line_no), RG_I(c->target_no),
                             RG_S(rg_step_kind_name(c->step_kind)), RG_S(c->code_system),
                             RG_S(c->code), RG_S(c->modifier), RG_S(c->description),
                             RG_I(c->quantity), RG_I(c->unit.minor), RG_I(c->total.minor),
                             RG_S(c->unit.currency), RG_I(c->on_claim),
                             RG_S(rg_date_iso(ctx->pool, c->service_date)),
                             RG_I_OR_NIL(c->practitioner_id), RG_T(ctx->now)),
                       NULL);
}
