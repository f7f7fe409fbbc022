/* SPDX-License-Identifier: Apache-2.0 */
/* What is still open of earlier days: visits for which nobody was recorded, visits that began and
 * are not finished, and units that were neither injected nor disposed of. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

/* A unit that nobody asked about for a year is not found here but in the clinic's records. */
#define UNITS_SEC (370 * RG_DAY_SEC)

#define OPEN_ROW(FIRST, COL)                                                                       \
    FIRST(STR, uid, "b.uid")                                                                       \
    COL(ENUM, status, "b.status", rg_booking_status_parse)                                         \
    COL(INT, version, "b.version")                                                                 \
    COL(TIME, starts_at, "b.starts_at")                                                            \
    COL(STR, service_name, "v.name")                                                               \
    COL(STR, family, "p.family")                                                                   \
    COL(STR, given, "p.given")                                                                     \
    COL(STR, unit_label, "u.label")                                                                \
    COL(TIME, unit_expires_at, "u.expires_at")
RG_ROW(open_row, rg_open_visit_t, OPEN_ROW);

/* The open unit of a booking that expires first. */
#define OPEN_UNIT                                                                                  \
    RG_SQL_PART(" LEFT JOIN unit u ON u.id = (SELECT f.id FROM unit f" \
                " LEFT JOIN unit_end z ON z.unit_id = f.id" \
                " WHERE f.booking_id = b.id AND z.unit_id IS NULL" \
                " ORDER BY f.expires_at, f.id LIMIT 1)")
/* Of a course that began, a visit to come leaves nothing open: its next step, or else its end. */
#define NEXT_DUE                                                                                   \
    "COALESCE((SELECT MIN(s.starts_at) FROM booking_step s WHERE s.booking_id = b.id"              \
    " AND s.kind IN ('harvest', 'process', 'inject') AND NOT EXISTS (SELECT 1 FROM step_done e"    \
    " WHERE e.booking_id = b.id AND CAST(e.kind AS CHAR) = CAST(s.kind AS CHAR))), b.ends_at)"
RG_SQL(OPEN,
       "SELECT " RG_COLUMNS(OPEN_ROW)
       " FROM (SELECT o.id"
       " FROM booking o"
       " WHERE o.site_id = ? AND o.starts_at < ?"
       " AND o.status IN ('booked', 'arrived', 'in-progress')"
       " UNION SELECT w.booking_id"
       " FROM unit w"
       " JOIN booking o ON o.id = w.booking_id AND o.site_id = ?"
       " WHERE w.harvested_at >= ? AND w.harvested_at < ?"
       " AND NOT EXISTS (SELECT 1 FROM unit_end z WHERE z.unit_id = w.id)) ids"
       " STRAIGHT_JOIN booking b ON b.id = ids.id"
       " JOIN service v ON v.id = b.service_id"
       " LEFT JOIN patient p ON p.id = b.patient_id" OPEN_UNIT
       " WHERE b.status = 'booked' OR u.expires_at <= ?"
       " OR (b.status IN ('arrived', 'in-progress') AND (" NEXT_DUE " < ?"
       " OR EXISTS (SELECT 1 FROM unit g JOIN unit_disposal x ON x.unit_id = g.id"
       " WHERE g.booking_id = b.id AND x.at < ?)))"
       " OR (b.status NOT IN ('arrived', 'in-progress') AND u.id IS NOT NULL)"
       " ORDER BY b.starts_at, b.id"
       " LIMIT ?");

rg_outcome_t rg_day_open(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, apr_time_t before,
                         int limit, int *count, rg_open_visit_t **out)
{
    int64_t units = apr_time_sec(before) - UNITS_SEC;

    return rg_sql_list(db, ctx, out, count, open_row, OPEN,
                       RG_IN(RG_I(site_id), RG_T(before), RG_I(site_id), RG_I(units), RG_T(before),
                             RG_T(ctx->now), RG_T(before), RG_T(before), RG_I(limit)));
}
