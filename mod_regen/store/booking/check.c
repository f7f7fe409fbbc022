/* SPDX-License-Identifier: Apache-2.0 */
/* Finds contradictions: occupancy that is not the sum of live bookings, a read model that differs
 * from it, chains out of order or incomplete. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"

#include <inttypes.h>
#include <stdio.h>

_Static_assert(RG_GRANULE_SEC == 300, "the statements of this file say 300");

#define LIVE "('held', 'booked', 'arrived', 'in-progress', 'completed')"

/* Which booking a row of a rule concerns, and a number that helps to look. */
typedef struct {
    int64_t booking_id, number;
} found_t;

#define FOUND_COLS(FIRST, COL, booking_is, number_is)                                              \
    FIRST(I64, booking_id, booking_is)                                                             \
    COL(I64, number, number_is)
#define FOUND(booking_is, number_is)                                                               \
    "SELECT " FOUND_COLS(RG_COLUMN_FIRST_, RG_COLUMN_NEXT_, booking_is, number_is)
#define FOUND_ROW(FIRST, COL) FOUND_COLS(FIRST, COL, "", "")
RG_ROW(found_row, found_t, FOUND_ROW);

RG_SQL(STRAY,
       FOUND("o.booking_id", "COUNT(*)")
       " FROM occupancy o"
       " LEFT JOIN booking b ON b.id = o.booking_id"
       " WHERE b.id IS NULL OR b.status NOT IN " LIVE
       " GROUP BY o.booking_id");
RG_SQL(UNASKED,
       FOUND("o.booking_id", "COUNT(*)")
       " FROM occupancy o"
       " WHERE NOT EXISTS (SELECT 1 FROM booking_resource r WHERE r.booking_id = o.booking_id"
       " AND r.resource_id = o.resource_id AND r.busy_from <= o.granule * 300"
       " AND r.busy_until > o.granule * 300)"
       " GROUP BY o.booking_id");
RG_SQL(UNTAKEN,
       FOUND("r.booking_id", "r.resource_id")
       " FROM booking_resource r"
       " JOIN booking b ON b.id = r.booking_id"
       " WHERE b.status IN " LIVE " AND (SELECT COUNT(*) FROM occupancy o"
       " WHERE o.resource_id = r.resource_id AND o.granule >= r.busy_from DIV 300"
       " AND o.granule < r.busy_until DIV 300"
       " AND o.booking_id = r.booking_id) <> (r.busy_until - r.busy_from) DIV 300");
RG_SQL(OUTSIDE,
       FOUND("r.booking_id", "r.step_no")
       " FROM booking_resource r"
       " JOIN booking_step s ON s.booking_id = r.booking_id AND s.step_no = r.step_no"
       " WHERE r.busy_from > s.starts_at OR r.busy_until < s.ends_at");
RG_SQL(BROKEN_CHAIN,
       FOUND("b.id", "COUNT(s.step_no)")
       " FROM booking b"
       " LEFT JOIN booking_step s ON s.booking_id = b.id"
       " GROUP BY b.id"
       " HAVING COUNT(s.step_no) = 0 OR COUNT(s.step_no) <> MAX(s.step_no)"
       " OR MIN(s.starts_at) <> MAX(b.starts_at) OR MAX(s.ends_at) <> MAX(b.ends_at)");
RG_SQL(BROKEN_VISITS,
       FOUND("v.booking_id", "v.visit_no")
       " FROM (SELECT booking_id, visit_no, MIN(starts_at) AS f, MAX(ends_at) AS u"
       " FROM booking_step GROUP BY booking_id, visit_no) v"
       " LEFT JOIN appointment a ON a.booking_id = v.booking_id AND a.visit_no = v.visit_no"
       " AND a.starts_at = v.f AND a.ends_at = v.u"
       " WHERE a.id IS NULL");
/* Once the previous step (e) is done, the gap counts from its stamp and not from its plan: a day
 * that runs late or early is planned again from there. */
#define DONE                                                                                       \
    "EXISTS (SELECT 1 FROM step_done v WHERE v.booking_id = e.booking_id AND v.kind = e.kind)"
/* A later visit counts from the real end of the one before: of its last step that was done, with
 * what still followed. */
#define VISIT_DONE                                                                                 \
    "(s.visit_no <> e.visit_no AND EXISTS (SELECT 1 FROM step_done v JOIN booking_step x"          \
    " ON x.booking_id = v.booking_id AND x.kind = v.kind AND x.visit_no = e.visit_no"              \
    " WHERE v.booking_id = e.booking_id AND v.kind <> 'check-in'))"
RG_SQL(OUT_OF_ORDER,
       FOUND("s.booking_id", "s.step_no")
       " FROM booking_step s"
       " JOIN booking_step e ON e.booking_id = s.booking_id AND e.step_no = s.step_no - 1"
       " WHERE s.starts_at < e.ends_at AND NOT " DONE " AND NOT " VISIT_DONE);
/* Definitions may be edited; older bookings follow the definitions of their time. */
#define UNCHANGED                                                                                  \
    RG_SQL_PART(" JOIN booking b ON b.id = s.booking_id AND b.status IN " LIVE \
                " JOIN catalogue_version k ON k.id = 1 AND b.created_at > k.changed_at")
RG_SQL(BAD_GAP,
       FOUND("s.booking_id", "s.step_no")
       " FROM booking_step s" UNCHANGED
       " JOIN service_step d ON d.service_id = b.service_id AND d.step_no = s.step_no"
       " LEFT JOIN booking_step e ON e.booking_id = s.booking_id AND e.step_no = s.step_no - 1"
       " WHERE s.ends_at - s.starts_at <> 60 * (d.minutes + d.further_minutes"
       " * (SELECT COUNT(*) FROM booking_target g WHERE g.booking_id = b.id AND g.target_no > 1))"
       " OR (d.gap_days_max IS NULL AND s.starts_at - e.ends_at NOT BETWEEN d.gap_min * 60"
       " AND d.gap_max * 60 AND NOT " DONE " AND NOT " VISIT_DONE ")");
/* Local days are not SQL's business: the rows are judged below. */
typedef struct {
    found_t found;
    apr_time_t before_ends, starts;
    int64_t days_min, days_max;
    rg_date_t day;
    const char *time_zone;
} local_t;

#define DAY_GAP_ROW(FIRST, COL)                                                                    \
    FIRST(I64, found.booking_id, "s.booking_id")                                                   \
    COL(I64, found.number, "s.step_no")                                                            \
    COL(TIME, before_ends, "e.ends_at")                                                            \
    COL(TIME, starts, "s.starts_at")                                                               \
    COL(I64, days_min, "d.gap_days_min")                                                           \
    COL(I64, days_max, "d.gap_days_max")                                                           \
    COL(STR, time_zone, "z.time_zone")
RG_ROW(day_gap_row, local_t, DAY_GAP_ROW);
RG_SQL(DAY_GAPS,
       "SELECT " RG_COLUMNS(DAY_GAP_ROW)
       " FROM booking_step s" UNCHANGED
       " JOIN service_step d ON d.service_id = b.service_id AND d.step_no = s.step_no"
       " AND d.gap_days_max IS NOT NULL"
       " JOIN booking_step e ON e.booking_id = s.booking_id AND e.step_no = s.step_no - 1"
       " AND NOT " VISIT_DONE
       " JOIN site z ON z.id = b.site_id");
RG_SQL(STRAY_SEAT,
       FOUND("d.booking_id", "d.seat")
       " FROM service_day d"
       " LEFT JOIN booking b ON b.id = d.booking_id"
       " WHERE b.id IS NULL OR b.status NOT IN " LIVE " OR b.service_id <> d.service_id");
RG_SQL(NO_SEAT,
       FOUND("b.id", "v.max_per_day")
       " FROM booking b"
       " JOIN service v ON v.id = b.service_id AND v.max_per_day > 0"
       " JOIN catalogue_version k ON k.id = 1 AND b.created_at > k.changed_at"
       " LEFT JOIN service_day d ON d.booking_id = b.id"
       " WHERE b.status IN " LIVE " AND d.booking_id IS NULL");
#define SEAT_DAY_ROW(FIRST, COL)                                                                   \
    FIRST(I64, found.booking_id, "d.booking_id")                                                   \
    COL(I64, found.number, "d.seat")                                                               \
    COL(DATE, day, "d.day")                                                                        \
    COL(TIME, starts, "b.starts_at")                                                               \
    COL(STR, time_zone, "z.time_zone")
RG_ROW(seat_day_row, local_t, SEAT_DAY_ROW);
RG_SQL(SEAT_DAYS,
       "SELECT " RG_COLUMNS(SEAT_DAY_ROW)
       " FROM service_day d"
       " JOIN booking b ON b.id = d.booking_id"
       " JOIN site z ON z.id = b.site_id");
RG_SQL(STRAY_PERSON,
       FOUND("t.booking_id", "COUNT(*)")
       " FROM person_time t"
       " WHERE NOT EXISTS (SELECT 1 FROM person_busy b WHERE b.booking_id = t.booking_id"
       " AND b.person = t.person AND b.granule = t.granule AND b.status <> 'held')"
       " GROUP BY t.booking_id");
RG_SQL(NO_PERSON,
       FOUND("b.booking_id", "COUNT(*)")
       " FROM person_busy b"
       " WHERE b.status <> 'held' AND NOT EXISTS (SELECT 1 FROM person_time t"
       " WHERE t.booking_id = b.booking_id AND t.granule = b.granule)"
       " GROUP BY b.booking_id");
RG_SQL(BESIDE_NOBODY,
       FOUND("t.booking_id", "COUNT(*)")
       " FROM person_time t"
       " WHERE t.beside <> 0 AND NOT EXISTS (SELECT 1 FROM person_time o"
       " WHERE o.person = t.person AND o.granule = t.granule AND o.beside = 0)"
       " GROUP BY t.booking_id");
/* Visits that were cancelled after the course had begun take nobody, and that whole; a visit that
 * ended early freed the steps that had not begun. */
RG_SQL(BAD_NEED,
       FOUND("s.booking_id", "s.step_no")
       " FROM booking_step s" UNCHANGED
       " JOIN service_need n ON n.service_id = b.service_id AND n.step_no = s.step_no"
       " WHERE (SELECT COUNT(*) FROM booking_resource r WHERE r.booking_id = s.booking_id"
       " AND r.step_no = s.step_no AND r.need_no = n.need_no"
       " AND EXISTS (SELECT 1 FROM resource_capability c WHERE c.resource_id = r.resource_id"
       " AND (c.capability = n.capability"
       " OR c.capability IN (SELECT a.capability FROM service_need_any a"
       " WHERE a.service_id = n.service_id AND a.step_no = n.step_no"
       " AND a.need_no = n.need_no))) AND r.busy_from = s.starts_at - n.setup_minutes * 60"
       " AND r.busy_until = s.ends_at + n.turnover_minutes * 60) <> n.quantity"
       " AND NOT (s.visit_no > 1 AND b.status IN ('arrived', 'in-progress', 'completed')"
       " AND NOT EXISTS (SELECT 1 FROM booking_step w"
       " JOIN booking_resource q ON q.booking_id = w.booking_id"
       " AND q.step_no = w.step_no WHERE w.booking_id = s.booking_id"
       " AND w.visit_no = s.visit_no))"
       " AND NOT (EXISTS (SELECT 1 FROM booking_ending z WHERE z.booking_id = s.booking_id)"
       " AND NOT EXISTS (SELECT 1 FROM booking_resource q WHERE q.booking_id = s.booking_id"
       " AND q.step_no = s.step_no))");
RG_SQL(MISSING_STEP,
       FOUND("b.id", "d.step_no")
       " FROM booking b"
       " JOIN catalogue_version k ON k.id = 1 AND b.created_at > k.changed_at"
       " JOIN service_step d ON d.service_id = b.service_id"
       " LEFT JOIN booking_step s ON s.booking_id = b.id AND s.step_no = d.step_no"
       " WHERE s.step_no IS NULL");

/* unit_end, which triggers write, against what they write it from. */
RG_SQL(UNIT_END_WRONG,
       FOUND("u.booking_id", "u.id")
       " FROM unit u"
       " LEFT JOIN unit_end z ON z.unit_id = u.id"
       " WHERE CASE WHEN EXISTS (SELECT 1 FROM injection i WHERE i.unit_id = u.id) THEN 'injected'"
       " WHEN EXISTS (SELECT 1 FROM unit_disposal d WHERE d.unit_id = u.id) THEN 'disposed'"
       " WHEN EXISTS (SELECT 1 FROM correction c WHERE c.what = 'manipulation'"
       " AND c.row_id = u.manipulation_id) THEN 'taken-back'"
       " WHEN EXISTS (SELECT 1 FROM unit_parent p WHERE p.parent_id = u.id"
       " AND NOT EXISTS (SELECT 1 FROM correction c WHERE c.what = 'manipulation'"
       " AND c.row_id = p.manipulation_id)) THEN 'divided' ELSE '' END"
       " <> COALESCE(CAST(z.how AS CHAR), '')");
RG_SQL(NOTHING_MADE,
       FOUND("m.booking_id", "COUNT(*)")
       " FROM unit_manipulation m"
       " WHERE NOT EXISTS (SELECT 1 FROM unit u WHERE u.manipulation_id = m.id)"
       " GROUP BY m.booking_id");
/* The first is the place of the booking, the others are those of its order. That all of the others
 * are missing is not told: orders of several targets that were written by hand before 0061 were
 * booked without them. */
#define SAME_SIDE(a, b) "CAST(" #a ".laterality AS CHAR) = CAST(" #b ".laterality AS CHAR)"
RG_SQL(WRONG_TARGETS,
       FOUND("b.id", "(SELECT COUNT(*) FROM booking_target c WHERE c.booking_id = b.id)")
       " FROM booking b"
       " WHERE (b.body_site <> '' AND NOT EXISTS (SELECT 1 FROM booking_target t"
       " WHERE t.booking_id = b.id AND t.target_no = 1 AND t.body_site = b.body_site"
       " AND " SAME_SIDE(t, b) "))"
       " OR EXISTS (SELECT 1 FROM booking_target t WHERE t.booking_id = b.id AND t.target_no > 1"
       " AND (NOT EXISTS (SELECT 1 FROM treatment_order_target o WHERE o.order_id = b.order_id"
       " AND o.target_no = t.target_no AND o.body_site = t.body_site AND " SAME_SIDE(o, t) ")"
       " OR (SELECT COUNT(*) FROM booking_target c WHERE c.booking_id = b.id)"
       " <> (SELECT COUNT(*) FROM treatment_order_target o WHERE o.order_id = b.order_id)))");
/* Both at once, or neither, as corrected. */
RG_SQL(FORGOTTEN,
       FOUND("b.id", "COUNT(*)")
       " FROM booking b"
       " JOIN booking_target m ON m.booking_id = b.id AND m.target_no = 2"
       " JOIN booking_target t ON t.booking_id = b.id"
       " WHERE b.status = 'completed' AND EXISTS (SELECT 1 FROM step_done d"
       " WHERE d.booking_id = b.id AND d.kind = 'complete')"
       " AND EXISTS (SELECT 1 FROM injection_given g WHERE g.booking_id = b.id"
       " AND g.target_no = t.target_no) = EXISTS (SELECT 1 FROM target_left_out l"
       " WHERE l.booking_id = b.id AND l.target_no = t.target_no)"
       " GROUP BY b.id");
RG_SQL(WRONG_WHERE,
       FOUND("c.booking_id", "COUNT(*)")
       " FROM correction c"
       " WHERE c.what = 'inject-target' AND NOT EXISTS (SELECT 1 FROM booking_target t"
       " WHERE t.booking_id = c.booking_id"
       " AND CONCAT(CONVERT(t.body_site USING utf8mb4), ' ', CAST(t.laterality AS CHAR))"
       " = c.new_value COLLATE utf8mb4_bin)"
       " GROUP BY c.booking_id");
/* Estimates to give that are none, and those that are missing; of visits that are over it does not
 * matter any more. */
RG_SQL(STRAY_ESTIMATE,
       FOUND("g.booking_id", "g.estimate_id")
       " FROM estimate_to_give g"
       " WHERE NOT EXISTS (SELECT 1 FROM estimate_open v WHERE v.booking_id = g.booking_id"
       " AND v.estimate_id = g.estimate_id AND v.service_at = g.service_at"
       " AND v.from_version = g.from_version AND v.since = g.since)");
RG_SQL(LOST_ESTIMATE,
       FOUND("v.booking_id", "v.estimate_id")
       " FROM estimate_open v"
       " WHERE v.service_at > UNIX_TIMESTAMP() AND NOT EXISTS (SELECT 1 FROM estimate_to_give g"
       " WHERE g.booking_id = v.booking_id)");
/* Said as: booking 7 <before> 3 <after>. */
typedef struct {
    const char *sql;
    const char *before, *after;
} rule_t;

static const rule_t rules[] = {
    {STRAY, "takes", "granules without being live"},
    {UNASKED, "takes", "granules that none of its steps needs"},
    {UNTAKEN, "does not have all the time of resource", "that it needs"},
    {OUTSIDE, "step", "is longer than its resources are taken"},
    {BROKEN_CHAIN, "has", "steps that are not one chain from its start to its end"},
    {BROKEN_VISITS, "visit", "has no appointment at its times"},
    {OUT_OF_ORDER, "step", "starts before the one before it ends"},
    {BAD_GAP, "step", "is not as long or as far from the one before as its service says"},
    {BAD_NEED, "step", "has not whom or what its service says it needs"},
    {MISSING_STEP, "lacks step", "of its service"},
    {STRAY_SEAT, "has seat", "of a day without being live"},
    {NO_SEAT, "has none of the", "seats a day of its service"},
    {STRAY_PERSON, "takes", "granules of a person who is not there for it then"},
    {NO_PERSON, "lacks", "granules of its person's time"},
    {BESIDE_NOBODY, "stands beside nobody for", "granules of its person's time"},
    {UNIT_END_WRONG, "has unit", "that is open or over against what is on record"},
    {NOTHING_MADE, "has", "manipulations of units that made none"},
    {WRONG_TARGETS, "has", "targets on record, and not those of its row and its order"},
    {FORGOTTEN, "is completed with", "targets that were neither injected nor left, or both"},
    {WRONG_WHERE, "has", "corrections of where it was injected that name none of its targets"},
    {STRAY_ESTIMATE, "has estimate", "to be given that is not, or not since then"},
    {LOST_ESTIMATE, "has estimate", "that nobody was given, and the list of those does not say so"},
};

enum { DAYS_SHOWN = 1000, LINE = 160 };

typedef struct {
    int *count;
    void (*say)(void *baton, const char *line);
    void *baton;
} report_t;

static void contradiction(report_t *r, const char *line)
{
    (*r->count)++;
    if (r->say) {
        r->say(r->baton, line);
    }
}

static void say_found(report_t *r, const rule_t *rule, const found_t *found)
{
    char line[LINE];
    snprintf(line, sizeof(line), "booking %" PRId64 " %s %" PRId64 " %s", found->booking_id,
             rule->before, found->number, rule->after);
    contradiction(r, line);
}

static rg_outcome_t apply(rg_db_t *db, const rg_ctx_t *ctx, report_t *r, const rule_t *rule)
{
    rg_cur_t *c;
    found_t found;
    RG_TRY(rg_sql_query(db, ctx, &c, rule->sql, RG_IN_NONE));
    while (rg_cur_row(c, found_row, &found)) {
        say_found(r, rule, &found);
    }
    return rg_cur_end(c);
}

/* The day a step ends on is the day of its last granule. */
static bool days_apart(const rg_zone_t *zone, const local_t *row)
{
    apr_time_t last = row->before_ends - RG_GRANULE;
    int days = rg_date_days(rg_zone_local(zone, row->starts).date) -
               rg_date_days(rg_zone_local(zone, last).date);
    return days >= row->days_min && days <= row->days_max;
}

static bool seat_on_its_day(const rg_zone_t *zone, const local_t *row)
{
    return rg_date_compare(rg_zone_local(zone, row->starts).date, row->day) == 0;
}

/* Rules about local days: FINE judges a row by the zone of its site. */
static rg_outcome_t apply_local(rg_db_t *db, const rg_ctx_t *ctx, report_t *r, const rule_t *rule,
                                const rg_row_t *row,
                                bool (*fine)(const rg_zone_t *zone, const local_t *row))
{
    rg_cur_t *c;
    local_t it;
    RG_TRY(rg_sql_query(db, ctx, &c, rule->sql, RG_IN_NONE));
    while (rg_list_next(c, row, &it)) {
        const rg_zone_t *zone = rg_zone_open(ctx->pool, it.time_zone);
        if (!zone || !fine(zone, &it)) {
            say_found(r, rule, &it.found);
        }
    }
    return rg_cur_end(c);
}

static rg_outcome_t apply_days(rg_db_t *db, const rg_ctx_t *ctx, report_t *r)
{
    static const rule_t gaps = {DAY_GAPS, "step",
                                "is not as many days from the one before as its service says"};
    static const rule_t seats = {SEAT_DAYS, "has seat", "of a day on which it does not begin"};
    RG_TRY(apply_local(db, ctx, r, &gaps, &day_gap_row.row, days_apart));
    return apply_local(db, ctx, r, &seats, &seat_day_row.row, seat_on_its_day);
}

rg_outcome_t rg_booking_contradictions(rg_db_t *db, const rg_ctx_t *ctx, int *count,
                                       void (*say)(void *baton, const char *line), void *baton)
{
    report_t r = {count, say, baton};
    rg_day_bits_t *days;
    int n = 0;
    *count = 0;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        rg_outcome_t rc = apply(db, ctx, &r, &rules[i]);
        if (rc != RG_OK) {
            return rc;
        }
    }
    rg_outcome_t rc = apply_days(db, ctx, &r);
    if (rc == RG_OK) {
        rc = rg_calendar_differences(db, ctx, &days, &n, DAYS_SHOWN);
    }
    for (int i = 0; rc == RG_OK && i < n; i++) {
        char line[LINE];
        snprintf(line, sizeof(line), "resource %" PRId64 ", day %d: the read model differs",
                 days[i].resource_id, days[i].day);
        contradiction(&r, line);
    }
    return rc;
}
