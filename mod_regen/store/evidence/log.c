/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log as administrators read it: newest first, of everybody, of one of the staff, or of
 * one patient, whose record is also what belongs to it: bookings, consents, claims. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/audit.h"
#include "regen/store/evidence.h"
#include "regen/store/store.h"

#define WHOSE                                                                                      \
    "CASE e.entity"                                                                                \
    " WHEN 'patient' THEN e.entity_id"                                                             \
    " WHEN 'booking' THEN (SELECT b.patient_id FROM booking b WHERE b.id = e.entity_id)"           \
    " WHEN 'consent' THEN (SELECT c.patient_id FROM consent c WHERE c.id = e.entity_id)"           \
    " WHEN 'appointment' THEN (SELECT b.patient_id FROM appointment a"                             \
    " JOIN booking b ON b.id = a.booking_id WHERE a.id = e.entity_id)"                             \
    " WHEN 'claim' THEN (SELECT b.patient_id FROM claim c"                                         \
    " JOIN booking b ON b.id = c.booking_id WHERE c.id = e.entity_id)"                             \
    " WHEN 'invoice' THEN (SELECT b.patient_id FROM invoice i"                                     \
    " JOIN booking b ON b.id = i.booking_id WHERE i.id = e.entity_id)"                             \
    " END"

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
RG_SQL(OF_ONE,
       "SELECT " RG_COLUMNS(EVENT_ROW)
       " FROM (SELECT e.id FROM " OF_PERSON
       "  JOIN audit_event e ON e.entity = 'patient' AND e.entity_id = o.id"
       " UNION SELECT e.id FROM " OF_PERSON " JOIN booking b ON b.patient_id = o.id"
       "  JOIN audit_event e ON e.entity = 'booking' AND e.entity_id = b.id"
       " UNION SELECT e.id FROM " OF_PERSON " JOIN consent c ON c.patient_id = o.id"
       "  JOIN audit_event e ON e.entity = 'consent' AND e.entity_id = c.id"
       " UNION SELECT e.id FROM " OF_PERSON " JOIN booking b ON b.patient_id = o.id"
       "  JOIN appointment a ON a.booking_id = b.id"
       "  JOIN audit_event e ON e.entity = 'appointment' AND e.entity_id = a.id"
       " UNION SELECT e.id FROM " OF_PERSON " JOIN booking b ON b.patient_id = o.id"
       "  JOIN claim c ON c.booking_id = b.id"
       "  JOIN audit_event e ON e.entity = 'claim' AND e.entity_id = c.id"
       " UNION SELECT e.id FROM " OF_PERSON " JOIN booking b ON b.patient_id = o.id"
       "  JOIN invoice i ON i.booking_id = b.id"
       "  JOIN audit_event e ON e.entity = 'invoice' AND e.entity_id = i.id) mine"
       " JOIN audit_event e ON e.id = mine.id" NEWEST_FIRST);

rg_outcome_t rg_audit_read(rg_db_t *db, const rg_ctx_t *ctx, rg_audit_row_t **out, int *count,
                           const rg_audit_filter_t *f)
{
    const rg_bind_t one = RG_I(f->patient_id);
    const rg_bind_t before = RG_I(f->before > 0 ? f->before : INT64_MAX);
    const rg_bind_t until = RG_I(f->until > 0 ? apr_time_sec(f->until) : INT64_MAX);
    if (f->patient_id > 0) {
        return rg_sql_list(db, ctx, out, count, event_row, OF_ONE,
                           RG_IN(one, one, one, one, one, one, one, one, one, one, one, one, before,
                                 RG_T(f->from), until, RG_S(f->actor), RG_S(f->actor),
                                 RG_I(f->limit)));
    }
    return rg_sql_list(
        db, ctx, out, count, event_row, ALL,
        RG_IN(before, RG_T(f->from), until, RG_S(f->actor), RG_S(f->actor), RG_I(f->limit)));
}
