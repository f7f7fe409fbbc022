/* SPDX-License-Identifier: Apache-2.0 */
/* Good-faith estimates. The database makes them of the booking's quote; see sql/0064. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/store/billing.h"
#include "regen/store/store.h"

#include <string.h>

#define LETTER_OF_IT                                                                               \
    " LEFT JOIN message m ON m.kind = 'estimate' AND m.about_id = e.id"                            \
    " AND m.about_version = e.version"
/* One that waits is addressed when it leaves, by the record that stands for the person then. */
#define WHO_IS_TOLD                                                                                \
    " JOIN patient p ON p.id = e.patient_id"                                                       \
    " LEFT JOIN patient k ON k.id = p.merged_into"
#define EMAIL_NOW "COALESCE(k.email, p.email)"
#define LETTER_TO "IF(m.id IS NULL, '', IF(m.status = 'queued', " EMAIL_NOW ", m.to_email))"
/* That it left says the row that stays, nothing else. */
#define LETTER_STATUS                                                                              \
    "COALESCE(IF(m.status = 'sent' AND NOT EXISTS (SELECT 1 FROM message_try y"                    \
    " WHERE y.message_id = m.id AND y.what = 'sent'), 'queued', m.status), 'queued')"

typedef struct {
    rg_estimate_t estimate;
    const char *series;
} estimate_row_t;

#define ESTIMATE_ROW(FIRST, COL)                                                                   \
    FIRST(I64, estimate.id, "e.id")                                                                \
    COL(STR, series, "e.series")                                                                   \
    COL(INT, estimate.version, "e.version")                                                        \
    COL(INT, estimate.newest,                                                                      \
        "(SELECT MAX(n.version) FROM estimate n WHERE n.booking_id = e.booking_id)")               \
    COL(BOOL, estimate.applies,                                                                    \
        "EXISTS (SELECT 1 FROM booking b WHERE b.id = e.booking_id AND b.status <> 'cancelled'"    \
        " AND b.self_pay = 1 AND b.coverage_id IS NULL)")                                          \
    COL(ENUM, estimate.cause, "e.cause", rg_estimate_cause_parse)                                  \
    COL(ENUM, estimate.delivery, "e.delivery", rg_delivery_parse)                                  \
    COL(STR, estimate.patient_name, "e.patient_name")                                              \
    COL(DATE, estimate.patient_born, "e.patient_born")                                             \
    COL(STR, estimate.service_name, "e.service_name")                                              \
    COL(STR, estimate.body_site, "e.body_site")                                                    \
    COL(ENUM, estimate.side, "e.laterality", rg_side_parse)                                        \
    COL(STR, estimate.further, "e.further")                                                        \
    COL(TIME, estimate.service_at, "e.service_at")                                                 \
    COL(TIME, estimate.made_at, "e.made_at")                                                       \
    COL(STR, estimate.issuer, "e.issuer")                                                          \
    COL(STR, estimate.npi, "e.npi")                                                                \
    COL(STR, estimate.tin, "e.tin")                                                                \
    COL(STR, estimate.place, "e.place")                                                            \
    COL(STR, estimate.provider, "e.provider")                                                      \
    COL(STR, estimate.provider_npi, "e.provider_npi")                                              \
    COL(STR, estimate.diagnoses, "e.diagnoses")                                                    \
    COL(STR, estimate.made_by, "COALESCE(s.name, '')")                                             \
    COL(THERE, estimate.told.has_letter, "m.id")                                                   \
    COL(ENUM, estimate.told.letter, LETTER_STATUS, rg_outbox_status_parse)                         \
    COL(TIME, estimate.told.sent_at, "m.sent_at")                                                  \
    COL(BOOL, estimate.told.has_email, EMAIL_NOW " <> ''")                                         \
    COL(STR, estimate.told.to_email, LETTER_TO)                                                    \
    COL(STR, estimate.told.why, "COALESCE(m.code, '')")                                            \
    COL(MONEY, estimate.total, "e.total_minor, e.currency")
RG_ROW(estimate_row, estimate_row_t, ESTIMATE_ROW);
#define ESTIMATES_OF                                                                               \
    RG_SQL_PART("SELECT " RG_COLUMNS(ESTIMATE_ROW) \
                " FROM estimate e" \
                " LEFT JOIN staff s ON s.id = e.staff_id" WHO_IS_TOLD LETTER_OF_IT)
RG_SQL(ESTIMATE,
       ESTIMATES_OF
       " WHERE e.booking_id = ? AND e.version = IF(? > 0, ?,"
       " (SELECT MAX(n.version) FROM estimate n WHERE n.booking_id = e.booking_id))");

#define ESTIMATE_LINE(FIRST, COL)                                                                  \
    FIRST(INT, line_no, "l.line_no")                                                               \
    COL(STR, code_system, "l.code_system")                                                         \
    COL(STR, code, "l.code")                                                                       \
    COL(STR, modifiers, "l.modifiers")                                                             \
    COL(STR, description, "l.description")                                                         \
    COL(INT, units, "l.units")                                                                     \
    COL(MONEY, unit, "l.unit_minor, l.currency")
RG_ROW(estimate_line, rg_estimate_line_t, ESTIMATE_LINE);
RG_SQL(LINES,
       "SELECT " RG_COLUMNS(ESTIMATE_LINE)
       " FROM estimate_line l"
       " WHERE l.estimate_id = ?"
       " ORDER BY l.line_no");

#define HANDOVER_ROW(FIRST, COL)                                                                   \
    FIRST(ENUM, what, "g.what", rg_handover_kind_parse)                                            \
    COL(TIME, at, "g.at")                                                                          \
    COL(STR, by, "s.name")
RG_ROW(handover_row, rg_handover_t, HANDOVER_ROW);

static rg_outcome_t read_handovers(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                                   rg_estimate_told_t *out)
{
    RG_SQL(HANDOVERS,
           "SELECT " RG_COLUMNS(HANDOVER_ROW)
           " FROM estimate_given g"
           " JOIN staff s ON s.id = g.staff_id"
           " WHERE g.estimate_id = ?"
           " ORDER BY g.turn");
    RG_TRY(rg_sql_list(db, ctx, &out->handovers, &out->handover_count, handover_row, HANDOVERS,
                       RG_IN(RG_I(id))));
    out->handed_over =
        out->handover_count > 0 && out->handovers[out->handover_count - 1].what == RG_HANDED_OVER;
    return RG_OK;
}

static rg_outcome_t fill_estimate(rg_db_t *db, const rg_ctx_t *ctx, const estimate_row_t *row,
                                  rg_estimate_t *out)
{
    *out = row->estimate;
    out->label = rg_paper_label(ctx->pool, row->series, out->id);
    RG_TRY(rg_sql_list(db, ctx, &out->lines, &out->line_count, estimate_line, LINES,
                       RG_IN(RG_I(out->id))));
    RG_TRY(read_handovers(db, ctx, out->id, &out->told));
    for (int i = 0; i < out->line_count; i++) {
        rg_estimate_line_t *l = &out->lines[i];
        if (!rg_money_times(&l->total, l->unit, l->units)) {
            return RG_INTERNAL;
        }
    }
    return RG_OK;
}

rg_outcome_t rg_estimate_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int version,
                              rg_estimate_t *out)
{
    estimate_row_t *row;
    RG_TRY(rg_sql_new(db, ctx, &row, estimate_row, ESTIMATE,
                      RG_IN(RG_I(booking_id), RG_I(version), RG_I(version))));
    return fill_estimate(db, ctx, row, out);
}

rg_outcome_t rg_estimate_read_id(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int64_t made_by,
                                 rg_estimate_t *out)
{
    RG_SQL(BY_ID, ESTIMATES_OF " WHERE e.id = ? AND (? = 0 OR EXISTS (SELECT 1 FROM booking b"
                               " WHERE b.id = e.booking_id AND b.source = 'machine'"
                               " AND b.made_by = ?))");
    estimate_row_t *row;
    RG_TRY(rg_sql_new(db, ctx, &row, estimate_row, BY_ID,
                      RG_IN(RG_I(id), RG_I(made_by), RG_I(made_by))));
    return fill_estimate(db, ctx, row, out);
}

rg_outcome_t rg_estimate_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int64_t *id)
{
    RG_SQL(ADD, "INSERT INTO estimate (booking_id, cause, staff_id) VALUES (?, 'asked', ?)");
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(booking_id), RG_I_OR_NIL(ctx->who.staff_id)), NULL);
    *id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_estimate_hand_over(rg_db_t *db, const rg_ctx_t *ctx, int64_t estimate_id,
                                   rg_handover_kind_t what)
{
    RG_SQL(HAND_OVER, "INSERT INTO estimate_given (estimate_id, what, staff_id) VALUES (?, ?, ?)");
    return rg_sql_exec(
        db, ctx, HAND_OVER,
        RG_IN(RG_I(estimate_id), RG_S(rg_handover_kind_name(what)), RG_I(ctx->who.staff_id)), NULL);
}

/* How many versions of one booking count, from the first that was not given. */
#define CLOCKS "20"

#define CLOCK_ROW(FIRST, COL)                                                                      \
    FIRST(ENUM, cause, "v.cause", rg_estimate_cause_parse)                                         \
    COL(TIME, made_at, "v.made_at")                                                                \
    COL(TIME, service_at, "v.service_at")
RG_ROW(clock_row, rg_estimate_clock_t, CLOCK_ROW);

rg_outcome_t rg_estimate_clocks(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int version,
                                rg_estimate_clock_t **out, int *count)
{
    RG_SQL(ONES,
           "SELECT " RG_COLUMNS(CLOCK_ROW)
           " FROM estimate v"
           " WHERE v.booking_id = ? AND v.version <= ? AND v.version > COALESCE("
           "(SELECT MAX(r.version) FROM estimate_reached r"
           " WHERE r.booking_id = ? AND r.version < ?), 0)"
           " ORDER BY v.version LIMIT " CLOCKS);
    return rg_sql_list(db, ctx, out, count, clock_row, ONES,
                       RG_IN(RG_I(booking_id), RG_I(version), RG_I(booking_id), RG_I(version)));
}

typedef struct {
    rg_estimate_open_t open;
    rg_estimate_clock_t clock;
    const char *series;
} estimate_open_row_t;

#define OPEN_ROW(FIRST, COL)                                                                       \
    FIRST(I64, open.id, "e.id")                                                                    \
    COL(I64, open.booking_id, "o.booking_id")                                                      \
    COL(STR, series, "e.series")                                                                   \
    COL(STR, open.booking_uid, "b.uid")                                                            \
    COL(STR, open.patient_name, "e.patient_name")                                                  \
    COL(STR, open.service_name, "e.service_name")                                                  \
    COL(I64, open.site_id, "b.site_id")                                                            \
    COL(MADE, open.zone, "t.time_zone", rg_zone_open)                                              \
    COL(TIME, open.since, "o.since")                                                               \
    COL(TIME, open.service_at, "e.service_at")                                                     \
    COL(PART, clock, RG_PART(CLOCK_ROW), clock_row)                                                \
    COL(THERE, open.told.has_letter, "m.id")                                                       \
    COL(ENUM, open.told.letter, LETTER_STATUS, rg_outbox_status_parse)                             \
    COL(BOOL, open.told.has_email, EMAIL_NOW " <> ''")                                             \
    COL(STR, open.told.to_email, LETTER_TO)                                                        \
    COL(STR, open.told.why, "COALESCE(m.code, '')")
RG_ROW(estimate_open_row, estimate_open_row_t, OPEN_ROW);

/* One row for each version, those of a booking beside each other. */
static int put_versions_together(const rg_ctx_t *ctx, rg_estimate_open_t *out,
                                 const estimate_open_row_t *rows, int row_count)
{
    rg_estimate_clock_t *clocks = apr_pcalloc(ctx->pool, sizeof(*clocks) * (size_t)(row_count + 1));
    int count = 0;
    for (int i = 0; i < row_count; i++) {
        clocks[i] = rows[i].clock;
        if (i == 0 || rows[i].open.id != rows[i - 1].open.id) {
            out[count] = rows[i].open;
            out[count].label = rg_paper_label(ctx->pool, rows[i].series, rows[i].open.id);
            out[count++].clocks = clocks + i;
        }
        out[count - 1].clock_count++;
    }
    return count;
}

rg_outcome_t rg_estimates_open(rg_db_t *db, const rg_ctx_t *ctx, rg_estimate_open_t **out,
                               int *count, const rg_estimate_open_t *after, int limit)
{
    RG_SQL(OPEN,
           "SELECT " RG_COLUMNS(OPEN_ROW)
           " FROM (SELECT g.booking_id, g.estimate_id, g.from_version, g.since"
           " FROM estimate_to_give g FORCE INDEX (estimate_to_give_since)"
           " WHERE g.since >= ? AND (g.since > ? OR g.booking_id > ?) AND g.service_at > ?"
           " ORDER BY g.since, g.booking_id LIMIT ?) o"
           " STRAIGHT_JOIN estimate e ON e.id = o.estimate_id"
           " STRAIGHT_JOIN booking b ON b.id = o.booking_id"
           " STRAIGHT_JOIN site t ON t.id = b.site_id"
           " STRAIGHT_JOIN estimate v ON v.booking_id = o.booking_id"
           " AND v.version >= o.from_version"
           " AND (v.version < o.from_version + " CLOCKS " OR v.id = e.id)"
           WHO_IS_TOLD
           LETTER_OF_IT
           " ORDER BY o.since, o.booking_id, v.version");
    estimate_open_row_t *rows;
    int row_count;
    apr_time_t since = after ? after->since : 0;
    RG_TRY(rg_sql_list(db, ctx, &rows, &row_count, estimate_open_row, OPEN,
                       RG_IN(RG_T(since), RG_T(since), RG_I(after ? after->booking_id : 0),
                             RG_T(ctx->now), RG_I(limit))));
    *out = apr_pcalloc(ctx->pool, sizeof(**out) * (size_t)(row_count + 1));
    *count = put_versions_together(ctx, *out, rows, row_count);
    return RG_OK;
}

#define ESTIMATED_ROW(FIRST, COL)                                                                  \
    FIRST(I64, estimate_id, "v.estimate_id")                                                       \
    COL(MONEY, total, "v.total_minor, v.currency")                                                 \
    COL(I64, invoiced, "CAST(v.invoiced AS SIGNED)")                                               \
    COL(I64, looked, "v.looked")
RG_ROW(estimated_row, rg_estimated_t, ESTIMATED_ROW);

rg_outcome_t rg_estimated(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_estimated_t *out)
{
    RG_SQL(ESTIMATED,
           "SELECT " RG_COLUMNS(ESTIMATED_ROW)
           " FROM estimate_of_booking v"
           " WHERE v.booking_id = ?");
    *out = (rg_estimated_t){.estimate_id = 0};
    rg_outcome_t rc = rg_sql_one(db, ctx, out, estimated_row, ESTIMATED, RG_IN(RG_I(booking_id)));
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

rg_outcome_t rg_estimate_exceed(rg_db_t *db, const rg_ctx_t *ctx, int64_t estimate_id,
                                int64_t billed, const char *reason)
{
    RG_SQL(EXCEED,
           "INSERT INTO estimate_excess (estimate_id, billed_minor, reason, staff_id)"
           " VALUES (?, ?, ?, ?)");
    return rg_sql_exec(
        db, ctx, EXCEED,
        RG_IN(RG_I(estimate_id), RG_I(billed), RG_S(reason), RG_I(ctx->who.staff_id)), NULL);
}

#define LOOK_ROW(FIRST, COL)                                                                       \
    FIRST(STR, reason, "x.reason")                                                                 \
    COL(STR, by, "s.name")                                                                         \
    COL(TIME, at, "x.at")                                                                          \
    COL(MONEY, billed, "x.billed_minor, e.currency")                                               \
    COL(MONEY, estimate, "e.total_minor, e.currency")
RG_ROW(look_row, rg_second_look_t, LOOK_ROW);

rg_outcome_t rg_second_looks(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                             rg_second_look_t **out, int *count)
{
    RG_SQL(LOOKS,
           "SELECT " RG_COLUMNS(LOOK_ROW)
           " FROM estimate e"
           " JOIN estimate_excess x ON x.estimate_id = e.id"
           " JOIN staff s ON s.id = x.staff_id"
           " WHERE e.booking_id = ?"
           " ORDER BY x.id"
           " LIMIT 100");
    return rg_sql_list(db, ctx, out, count, look_row, LOOKS, RG_IN(RG_I(booking_id)));
}

#define CLOSED_ROW(FIRST, COL)                                                                     \
    FIRST(DATE, first, "c.first_day")                                                              \
    COL(DATE, last, "c.last_day")
RG_ROW(closed_row, rg_closed_days_t, CLOSED_ROW);

rg_outcome_t rg_closed_days(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, rg_date_t from,
                            rg_date_t until, rg_closed_days_t **out, int *count)
{
    RG_SQL(CLOSED,
           "SELECT " RG_COLUMNS(CLOSED_ROW)
           " FROM closure c"
           " WHERE c.site_id = ? AND c.resource_id IS NULL AND c.start_minute = 0"
           " AND c.end_minute = 1440 AND c.last_day >= ? AND c.first_day <= ?"
           " ORDER BY c.first_day LIMIT 100");
    return rg_sql_list(db, ctx, out, count, closed_row, CLOSED,
                       RG_IN(RG_I(site_id), RG_S(rg_date_iso(ctx->pool, from)),
                             RG_S(rg_date_iso(ctx->pool, until))));
}
