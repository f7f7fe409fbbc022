/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log as administrators read it: newest first, of everybody, of one of the staff, or of
 * one patient, whose record is also what belongs to it: bookings, consents, claims. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/audit.h"
#include "regen/store/evidence.h"
#include "regen/store/store.h"

#include <string.h>

/* What is of a patient: the word in the log, and the rows it is about with their patient. An event
 * about anything else is nobody's. */
#define OF_BOOKING(table)                                                                          \
    "SELECT t.id, b.patient_id FROM " table " t JOIN booking b ON b.id = t.booking_id"
#define OF_PATIENTS(X)                                                                             \
    X("booking", "SELECT id, patient_id FROM booking")                                             \
    X("consent", "SELECT id, patient_id FROM consent")                                             \
    X("appointment", OF_BOOKING("appointment"))                                                    \
    X("claim", OF_BOOKING("claim"))                                                                \
    X("invoice", OF_BOOKING("invoice"))                                                            \
    X("credit-note",                                                                               \
      "SELECT c.id, b.patient_id FROM credit_note c"                                               \
      " JOIN invoice i ON i.id = c.invoice_id JOIN booking b ON b.id = i.booking_id")              \
    X("estimate", OF_BOOKING("estimate"))                                                          \
    X("order", "SELECT id, patient_id FROM treatment_order")                                       \
    X("unit", "SELECT id, patient_id FROM unit")                                                   \
    X("recall", "SELECT id, patient_id FROM recall")                                               \
    X("message", "SELECT id, patient_id FROM message")                                             \
    X("questionnaire_response", "SELECT id, patient_id FROM questionnaire_response")

#define WHOSE_ONE(entity, rows)                                                                    \
    " WHEN '" entity "' THEN (SELECT w.patient_id FROM (" rows ") w WHERE w.id = e.entity_id)"
#define WHOSE                                                                                      \
    "CASE e.entity"                                                                                \
    " WHEN 'patient' THEN e.entity_id" OF_PATIENTS(WHOSE_ONE) " END"

#define EVENT_ROW(FIRST, COL)                                                                      \
    FIRST(I64, id, "e.id")                                                                         \
    COL(TIME, at, "e.at")                                                                          \
    COL(STR, actor, "e.actor")                                                                     \
    COL(STR, action, "e.action")                                                                   \
    COL(STR, entity, "e.entity")                                                                   \
    COL(I64, entity_id, "e.entity_id")                                                             \
    COL(STR, detail, "e.detail")                                                                   \
    COL(STR_OR_NULL, staff, "(SELECT s.name FROM staff s WHERE e.actor = CONCAT('staff:', s.id))") \
    COL(STR_OR_NULL, patient_uid, "p.uid")                                                         \
    COL(STR, family, "p.family")                                                                   \
    COL(STR, given, "p.given")
RG_ROW(event_row, rg_audit_row_t, EVENT_ROW);

#define NEWEST_FIRST                                                                               \
    RG_SQL_PART(" LEFT JOIN patient p ON p.id = " WHOSE                                            \
                " WHERE e.id < ? AND e.at >= ? AND e.at < ?"                                       \
                "   AND (? = '' OR e.actor = ?)"                                                   \
                " ORDER BY e.id DESC"                                                              \
                " LIMIT ?")
RG_SQL(ALL, "SELECT " RG_COLUMNS(EVENT_ROW) " FROM audit_event e" NEWEST_FIRST);
/* The record and those that it stands for. */
#define OF_PERSON "(SELECT ? AS id UNION SELECT id FROM patient WHERE merged_into = ?) o"
#define OF_ONE_TOO(entity, rows)                                                                   \
    " UNION SELECT e.id FROM " OF_PERSON " JOIN (" rows ") w ON w.patient_id = o.id"               \
    "  JOIN audit_event e ON e.entity = '" entity "' AND e.entity_id = w.id"
RG_SQL(OF_ONE,
       "SELECT " RG_COLUMNS(EVENT_ROW)
       " FROM (SELECT e.id FROM " OF_PERSON
       "  JOIN audit_event e ON e.entity = 'patient' AND e.entity_id = o.id" OF_PATIENTS(
           OF_ONE_TOO) ") mine"
       " JOIN audit_event e ON e.id = mine.id" NEWEST_FIRST);

/* OF_PERSON asks for the patient twice, for each word. */
#define WORD(entity, rows) entity,
#define WORDS              ((const char *const[]){"patient", OF_PATIENTS(WORD)})
enum { ASKED = 2 * sizeof(WORDS) / sizeof(const char *), REST = 6 };

rg_outcome_t rg_audit_read(rg_db_t *db, const rg_ctx_t *ctx, rg_audit_row_t **out, int *count,
                           const rg_audit_filter_t *f)
{
    const rg_bind_t one = RG_I(f->patient_id);
    const rg_bind_t before = RG_I(f->before > 0 ? f->before : INT64_MAX);
    const rg_bind_t until = RG_I(f->until > 0 ? apr_time_sec(f->until) : INT64_MAX);
    if (f->patient_id > 0) {
        const rg_bind_t rest[REST] = {before,         RG_T(f->from),  until,
                                      RG_S(f->actor), RG_S(f->actor), RG_I(f->limit)};
        rg_bind_t in[ASKED + REST];
        for (int i = 0; i < ASKED; i++) {
            in[i] = one;
        }
        memcpy(&in[ASKED], rest, sizeof(rest));
        return rg_sql_list(db, ctx, out, count, event_row, OF_ONE, in, ASKED + REST);
    }
    return rg_sql_list(
        db, ctx, out, count, event_row, ALL,
        RG_IN(before, RG_T(f->from), until, RG_S(f->actor), RG_S(f->actor), RG_I(f->limit)));
}
