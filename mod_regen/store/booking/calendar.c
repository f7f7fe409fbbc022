/* SPDX-License-Identifier: Apache-2.0 */
/* Occupancy, the single source of truth about time, and its read model with one row per resource
 * and day. Both are written in the transaction of the booking, always in order of resource and time
 * so that two bookings wait for each other instead of deadlocking. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"

#include <stdlib.h>

_Static_assert(RG_GRANULE_SEC == 300 && RG_DAY_GRANULES == 288,
               "the statements of this file say 300 and 288");
enum { WORDS = 5, ROWS_MAX = 4096, BITMAP_COLS = 2 + WORDS };

/* --- reading ---------------------------------------------------------------------------------- */

/* The start of every answer: the version of the definitions, when the first hold expires (NULL:
 * none), and the change count of the calendar: at most 64 rows per node. A page of free times costs
 * only this while nothing changes, so it is as small as possible: a MIN over a key is answered
 * before the statement runs, an EXISTS is planned each time. So is the MAX that says whether this
 * build may still work here. */
typedef struct {
    uint64_t clinic_version, changes;
    apr_time_t first_over;
    int schema;
} look_row_t;

#define LOOK_ROW(FIRST, COL)                                                                       \
    FIRST(U64, clinic_version, "(SELECT version FROM catalogue_version WHERE id = 1)")             \
    COL(TIME, first_over, "CAST((SELECT MIN(hold_expires_at) FROM booking) AS UNSIGNED)")          \
    COL(U64, changes, "CAST(SUM(changes) AS UNSIGNED)")                                            \
    COL(INT, schema, "CAST((SELECT MAX(version) FROM schema_migration) AS UNSIGNED)")
RG_ROW(look_row, look_row_t, LOOK_ROW);

#define BITS_ROW(FIRST, COL)                                                                       \
    FIRST(I64, resource_id, "resource_id")                                                         \
    COL(INT, day, "day")                                                                           \
    COL(U64, w[0], "w0")                                                                           \
    COL(U64, w[1], "w1")                                                                           \
    COL(U64, w[2], "w2")                                                                           \
    COL(U64, w[3], "w3")                                                                           \
    COL(U64, w[4], "w4")
RG_ROW(bits_row, rg_day_bits_t, BITS_ROW);

RG_SQL(LOOK_ONLY, "SELECT " RG_COLUMNS(LOOK_ROW) " FROM calendar_version");
/* Beside days: as a row of no resource on no day. */
enum { LOOK_AT = 2 };
#define LOOK                                                                                       \
    RG_SQL_PART("SELECT CAST(0 AS UNSIGNED), CAST(0 AS UNSIGNED), " RG_COLUMNS(LOOK_ROW) \
                ", CAST(0 AS UNSIGNED)" \
                " FROM calendar_version")
/* Seats that are taken, as rows of no resource on a day; with service 0 there are none. */
#define SEATS                                                                                      \
    RG_SQL_PART(" UNION ALL" \
                " SELECT CAST(0 AS UNSIGNED), CAST(TO_DAYS(day) - 719528 AS UNSIGNED)," \
                " CAST(COUNT(*) AS UNSIGNED), CAST(0 AS UNSIGNED), CAST(0 AS UNSIGNED)," \
                " CAST(0 AS UNSIGNED), CAST(0 AS UNSIGNED)" \
                " FROM service_day" \
                " WHERE service_id = ? AND day BETWEEN ? AND ?" \
                " GROUP BY day")
/* In one statement, because on a busy machine a round trip costs more than the rows. SQL is a
 * literal, so lists come in two sizes, filled up by repeating the last id; a clinic larger than
 * that reads everything between its lowest and highest. */
#define TAKEN                                                                                      \
    RG_SQL_PART(LOOK " UNION ALL" \
                " SELECT " RG_COLUMNS(BITS_ROW) \
                " FROM day_bitmap" \
                " WHERE day BETWEEN ? AND ?")
#define P4       "?,?,?,?"
#define P16      P4 "," P4 "," P4 "," P4
#define FEW_IDS  " AND resource_id IN (" P16 ")"
#define MANY_IDS " AND resource_id IN (" P16 "," P16 "," P16 "," P16 ")"
#define ALL_IDS  " AND resource_id BETWEEN ? AND ?"
enum { FEW = 16, MANY = 64, FIXED = 2, SEAT_BINDS = 3, SHAPES = 4 };

/* By the number of resources: none, few, many, all; then the same with seats. */
static const char *const SEARCHES[] = {
    LOOK,       TAKEN FEW_IDS,       TAKEN MANY_IDS,       TAKEN ALL_IDS,
    LOOK SEATS, TAKEN FEW_IDS SEATS, TAKEN MANY_IDS SEATS, TAKEN ALL_IDS SEATS};

static int bind_resources(rg_bind_t *in, const rg_calendar_ask_t *ask, int *shape)
{
    const int64_t *ids = ask->resources;
    int n = ask->resource_count;
    int size = n <= FEW ? FEW : MANY;
    *shape = n == 0 ? 0 : n <= FEW ? 1 : n <= MANY ? 2 : 3;
    if (n == 0) {
        return 0;
    }
    in[0] = RG_I(ask->first_day);
    in[1] = RG_I(ask->last_day);
    if (n > MANY) {
        in[FIXED] = RG_I(ids[0]);
        in[FIXED + 1] = RG_I(ids[n - 1]);
        return FIXED + 2;
    }
    for (int i = 0; i < size; i++) {
        in[FIXED + i] = RG_I(ids[i < n ? i : n - 1]);
    }
    return FIXED + size;
}

static rg_outcome_t query_taken(rg_db_t *db, const rg_ctx_t *ctx, rg_cur_t **c,
                                const rg_calendar_ask_t *ask)
{
    rg_bind_t in[FIXED + MANY + SEAT_BINDS];
    int shape;
    int n = bind_resources(in, ask, &shape);
    if (ask->service_id != 0) {
        in[n] = RG_I(ask->service_id);
        in[n + 1] = RG_S(rg_date_iso(ctx->pool, ask->first_local));
        in[n + 2] = RG_S(rg_date_iso(ctx->pool, ask->last_local));
        n += SEAT_BINDS;
        shape += SHAPES;
    }
    return rg_sql_query(db, ctx, c, SEARCHES[shape], in, n);
}

static rg_outcome_t take_look(rg_look_t *look, rg_db_t *db, const rg_ctx_t *ctx,
                              const look_row_t *row)
{
    look->clinic_version = row->clinic_version;
    look->expired_holds = row->first_over != 0 && row->first_over <= ctx->now;
    look->changes = row->changes;
    return rg_schema_seen(db, ctx, row->schema);
}

rg_outcome_t rg_calendar_look(rg_db_t *db, const rg_ctx_t *ctx, rg_look_t *out)
{
    look_row_t row;
    *out = (rg_look_t){0, false, 0};
    RG_TRY(rg_sql_one(db, ctx, &row, look_row, LOOK_ONLY, RG_IN_NONE));
    return take_look(out, db, ctx, &row);
}

/* Rows without a resource, at any position: with a day they are seats. */
static void take_row(rg_cur_t *c, const rg_day_bits_t *row, apr_array_header_t *days,
                     apr_array_header_t *seats, look_row_t *look)
{
    if (row->resource_id != 0) {
        APR_ARRAY_PUSH(days, rg_day_bits_t) = *row;
    }
    else if (row->day != 0) {
        APR_ARRAY_PUSH(seats, rg_seats_t) = (rg_seats_t){row->day, (int)row->w[0]};
    }
    else {
        rg_cur_part(c, LOOK_AT, look_row, look);
    }
}

rg_outcome_t rg_calendar_taken(rg_db_t *db, const rg_ctx_t *ctx, rg_calendar_t *out,
                               const rg_calendar_ask_t *ask)
{
    rg_cur_t *c;
    rg_day_bits_t row;
    look_row_t look = {0, 0, 0, 0};
    *out = (rg_calendar_t){.look = {0, false, 0}};
    RG_TRY(query_taken(db, ctx, &c, ask));
    int expected = ask->resource_count * (ask->last_day - ask->first_day + 1) + 1;
    apr_array_header_t *days =
        apr_array_make(ctx->pool, expected < 4096 ? expected : 4096, sizeof(rg_day_bits_t));
    apr_array_header_t *seats = apr_array_make(ctx->pool, 4, sizeof(rg_seats_t));
    while (rg_cur_row(c, bits_row, &row)) {
        take_row(c, &row, days, seats, &look);
    }
    out->days = (rg_day_bits_t *)days->elts;
    out->day_count = days->nelts;
    out->seats = (rg_seats_t *)seats->elts;
    out->seat_count = seats->nelts;
    RG_TRY(rg_cur_end(c));
    return take_look(&out->look, db, ctx, &look);
}

/* --- spans ------------------------------------------------------------------------------------ */

static int compare_spans(const void *a, const void *b)
{
    const rg_span_t *x = a;
    const rg_span_t *y = b;
    if (x->resource_id != y->resource_id) {
        return x->resource_id < y->resource_id ? -1 : 1;
    }
    return (x->from > y->from) - (x->from < y->from);
}

int rg_spans_merge(rg_span_t *spans, int count)
{
    int kept = 0;
    qsort(spans, (size_t)count, sizeof(*spans), compare_spans);
    for (int i = 0; i < count; i++) {
        rg_span_t *last = kept > 0 ? &spans[kept - 1] : NULL;
        if (last && last->resource_id == spans[i].resource_id && spans[i].from <= last->until) {
            last->until = spans[i].until > last->until ? spans[i].until : last->until;
        }
        else {
            spans[kept++] = spans[i];
        }
    }
    return kept;
}

static void set_bits(rg_day_bits_t *d, int64_t from, int64_t until)
{
    for (int64_t g = from; g < until; g++) {
        int bit = (int)(g - (int64_t)d->day * RG_DAY_GRANULES);
        d->w[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
}

/* One value per resource and day that the spans touch, in order. */
static apr_array_header_t *days_of(apr_pool_t *p, const rg_span_t *spans, int count)
{
    apr_array_header_t *days = apr_array_make(p, count * 2, sizeof(rg_day_bits_t));
    for (int i = 0; i < count; i++) {
        int64_t at = spans[i].from;
        while (at < spans[i].until) {
            int day = (int)(at / RG_DAY_GRANULES);
            int64_t end = (int64_t)(day + 1) * RG_DAY_GRANULES;
            rg_day_bits_t *d =
                days->nelts > 0 ? &APR_ARRAY_IDX(days, days->nelts - 1, rg_day_bits_t) : NULL;
            if (!d || d->resource_id != spans[i].resource_id || d->day != day) {
                d = apr_array_push(days);
                *d = (rg_day_bits_t){.resource_id = spans[i].resource_id, .day = day};
            }
            end = end < spans[i].until ? end : spans[i].until;
            set_bits(d, at, end);
            at = end;
        }
    }
    return days;
}

/* --- taking ----------------------------------------------------------------------------------- */

RG_SQL(OCCUPY, "INSERT INTO occupancy (resource_id, granule, booking_id) VALUES (?, ?, ?)");
RG_SQL(PAINT,
       "INSERT INTO day_bitmap (resource_id, day, w0, w1, w2, w3, w4)"
       " VALUES (?, ?, ?, ?, ?, ?, ?)"
       " ON DUPLICATE KEY UPDATE w0 = w0 | VALUES(w0), w1 = w1 | VALUES(w1),"
       " w2 = w2 | VALUES(w2), w3 = w3 | VALUES(w3), w4 = w4 | VALUES(w4)");

static int64_t total_granules(const rg_span_t *spans, int count)
{
    int64_t total = 0;
    for (int i = 0; i < count; i++) {
        total += spans[i].until - spans[i].from;
    }
    return total;
}

/* In pieces, because one round trip takes a limited number of rows. */
static rg_outcome_t exec_pieces(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                                const rg_bind_t *in, int cols, int64_t rows)
{
    rg_outcome_t rc = RG_OK;
    for (int64_t done = 0; rc == RG_OK && done < rows; done += ROWS_MAX) {
        int now = rows - done < ROWS_MAX ? (int)(rows - done) : ROWS_MAX;
        rc = rg_sql_exec_rows(db, ctx, sql, in + done * cols, cols, now);
    }
    return rc;
}

static rg_outcome_t occupy(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                           const rg_span_t *spans, int count)
{
    int64_t rows = total_granules(spans, count);
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * (size_t)(rows * 3 + 1));
    rg_bind_t *at = in;
    for (int i = 0; i < count; i++) {
        for (int64_t g = spans[i].from; g < spans[i].until; g++) {
            *at++ = RG_I(spans[i].resource_id);
            *at++ = RG_I(g);
            *at++ = RG_I(booking_id);
        }
    }
    return exec_pieces(db, ctx, OCCUPY, in, 3, rows);
}

static rg_outcome_t paint(rg_db_t *db, const rg_ctx_t *ctx, const apr_array_header_t *days)
{
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * (size_t)(days->nelts * BITMAP_COLS + 1));
    rg_bind_t *at = in;
    for (int i = 0; i < days->nelts; i++) {
        const rg_day_bits_t *d = &APR_ARRAY_IDX(days, i, rg_day_bits_t);
        *at++ = RG_I(d->resource_id);
        *at++ = RG_I(d->day);
        for (int w = 0; w < WORDS; w++) {
            *at++ = RG_U(d->w[w]);
        }
    }
    return exec_pieces(db, ctx, PAINT, in, BITMAP_COLS, days->nelts);
}

rg_outcome_t rg_calendar_take(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                              const rg_span_t *spans, int count)
{
    RG_TRY(occupy(db, ctx, booking_id, spans, count));
    return paint(db, ctx, days_of(ctx->pool, spans, count));
}

/* --- giving back ------------------------------------------------------------------------------ */

#define SPAN_ROW(FIRST, COL)                                                                       \
    FIRST(I64, resource_id, "resource_id")                                                         \
    COL(I64, from, "busy_from DIV 300")                                                            \
    COL(I64, until, "busy_until DIV 300")
RG_ROW(span_row, rg_span_t, SPAN_ROW);
RG_SQL(SPANS_OF,
       "SELECT " RG_COLUMNS(SPAN_ROW)
       " FROM booking_resource"
       " WHERE booking_id = ?");
RG_SQL(VACATE,
       "DELETE FROM occupancy"
       " WHERE resource_id = ? AND granule >= ? AND granule < ? AND booking_id = ?");
RG_SQL(STAND_UP, "DELETE FROM service_day WHERE booking_id = ?");
RG_SQL(WIPE,
       "UPDATE day_bitmap"
       " SET w0 = w0 & ~?, w1 = w1 & ~?, w2 = w2 & ~?, w3 = w3 & ~?, w4 = w4 & ~?"
       " WHERE resource_id = ? AND day = ?");

static rg_outcome_t spans_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                             rg_span_t **spans, int *count)
{
    RG_TRY(rg_sql_list(db, ctx, spans, count, span_row, SPANS_OF, RG_IN(RG_I(booking_id))));
    *count = rg_spans_merge(*spans, *count);
    return RG_OK;
}

static rg_outcome_t vacate(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                           const rg_span_t *spans, int count)
{
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * (size_t)(count * 4 + 1));
    rg_bind_t *at = in;
    for (int i = 0; i < count; i++) {
        *at++ = RG_I(spans[i].resource_id);
        *at++ = RG_I(spans[i].from);
        *at++ = RG_I(spans[i].until);
        *at++ = RG_I(booking_id);
    }
    return exec_pieces(db, ctx, VACATE, in, 4, count);
}

static rg_outcome_t wipe(rg_db_t *db, const rg_ctx_t *ctx, const apr_array_header_t *days)
{
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * (size_t)(days->nelts * BITMAP_COLS + 1));
    rg_bind_t *at = in;
    for (int i = 0; i < days->nelts; i++) {
        const rg_day_bits_t *d = &APR_ARRAY_IDX(days, i, rg_day_bits_t);
        for (int w = 0; w < WORDS; w++) {
            *at++ = RG_U(d->w[w]);
        }
        *at++ = RG_I(d->resource_id);
        *at++ = RG_I(d->day);
    }
    return exec_pieces(db, ctx, WIPE, in, BITMAP_COLS, days->nelts);
}

rg_outcome_t rg_calendar_free(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id)
{
    rg_span_t *spans;
    int count;
    RG_TRY(spans_of(db, ctx, booking_id, &spans, &count));
    RG_TRY(vacate(db, ctx, booking_id, spans, count));
    RG_TRY(wipe(db, ctx, days_of(ctx->pool, spans, count)));
    return rg_sql_exec(db, ctx, STAND_UP, RG_IN(RG_I(booking_id)), NULL);
}

/* --- moving ----------------------------------------------------------------------------------- */

static const rg_day_bits_t *bits_of_day(const apr_array_header_t *days, const rg_day_bits_t *like)
{
    for (int i = 0; i < days->nelts; i++) {
        const rg_day_bits_t *d = &APR_ARRAY_IDX(days, i, rg_day_bits_t);
        if (d->resource_id == like->resource_id && d->day == like->day) {
            return d;
        }
    }
    return NULL;
}

RG_SQL(REPAINT,
       "INSERT INTO day_bitmap (resource_id, day, w0, w1, w2, w3, w4)"
       " VALUES (?, ?, ?, ?, ?, ?, ?)"
       " ON DUPLICATE KEY UPDATE w0 = w0 & ~? | VALUES(w0), w1 = w1 & ~? | VALUES(w1),"
       " w2 = w2 & ~? | VALUES(w2), w3 = w3 & ~? | VALUES(w3), w4 = w4 & ~? | VALUES(w4)");

/* All days of both, in order; their words say nothing yet. */
static apr_array_header_t *days_of_both(apr_pool_t *p, const rg_span_t *old, int old_count,
                                        const rg_span_t *spans, int count)
{
    rg_span_t *both = apr_palloc(p, sizeof(*both) * (size_t)(old_count + count + 1));
    for (int i = 0; i < old_count + count; i++) {
        both[i] = i < old_count ? old[i] : spans[i - old_count];
    }
    return days_of(p, both, rg_spans_merge(both, old_count + count));
}

static rg_bind_t *bind_words(rg_bind_t *at, const rg_day_bits_t *d)
{
    for (int w = 0; w < WORDS; w++) {
        *at++ = RG_U(d ? d->w[w] : 0);
    }
    return at;
}

/* Every row of the read model that changes is written once, in order: two moves in opposite
 * directions wait for each other instead of deadlocking, and nobody ever reads a booking with two
 * times or with none. */
static rg_outcome_t repaint(rg_db_t *db, const rg_ctx_t *ctx, const rg_span_t *old, int old_count,
                            const rg_span_t *spans, int count)
{
    apr_pool_t *p = ctx->pool;
    const apr_array_header_t *gone = days_of(p, old, old_count);
    const apr_array_header_t *come = days_of(p, spans, count);
    const apr_array_header_t *days = days_of_both(p, old, old_count, spans, count);
    enum { COLS = BITMAP_COLS + WORDS };
    rg_bind_t *in = apr_palloc(p, sizeof(*in) * (size_t)(days->nelts * COLS + 1));
    rg_bind_t *at = in;
    for (int i = 0; i < days->nelts; i++) {
        const rg_day_bits_t *d = &APR_ARRAY_IDX(days, i, rg_day_bits_t);
        *at++ = RG_I(d->resource_id);
        *at++ = RG_I(d->day);
        at = bind_words(at, bits_of_day(come, d));
        at = bind_words(at, bits_of_day(gone, d));
    }
    return exec_pieces(db, ctx, REPAINT, in, COLS, days->nelts);
}

rg_outcome_t rg_calendar_shift(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                               const rg_span_t *old, int old_count, const rg_span_t *spans,
                               int count)
{
    RG_TRY(vacate(db, ctx, booking_id, old, old_count));
    RG_TRY(occupy(db, ctx, booking_id, spans, count));
    return repaint(db, ctx, old, old_count, spans, count);
}

/* --- the read model made anew ----------------------------------------------------------------- */

/* Both branches unsigned: bit 63 would be lost on the way through a signed or decimal type. */
#define WORD_OF(n)                                                                                 \
    "BIT_OR(IF(granule MOD 288 DIV 64 = " #n ", CAST(1 AS UNSIGNED) << (granule MOD 288 MOD 64), " \
    "CAST(0 AS UNSIGNED))) AS w" #n
#define FOLDED                                                                                     \
    WORD_OF(0) ", " WORD_OF(1) ", " WORD_OF(2) ", " WORD_OF(3) ", " WORD_OF(4) " FROM occupancy"

#define DIFFERENCE_ROW(FIRST, COL)                                                                 \
    FIRST(I64, resource_id, "t.resource_id")                                                       \
    COL(INT, day, "t.day")
RG_ROW(difference_row, rg_day_bits_t, DIFFERENCE_ROW);
RG_SQL(DIFFERENCES,
       "SELECT " RG_COLUMNS(DIFFERENCE_ROW)
       " FROM (SELECT resource_id, granule DIV 288 AS day, " FOLDED " GROUP BY 1, 2) t"
       " LEFT JOIN day_bitmap d ON d.resource_id = t.resource_id AND d.day = t.day"
       " WHERE d.day IS NULL OR d.w0 <> t.w0 OR d.w1 <> t.w1 OR d.w2 <> t.w2 OR d.w3 <> t.w3"
       " OR d.w4 <> t.w4"
       " UNION ALL"
       " SELECT d.resource_id, d.day"
       " FROM day_bitmap d"
       " WHERE (d.w0 | d.w1 | d.w2 | d.w3 | d.w4) <> 0"
       " AND NOT EXISTS (SELECT 1 FROM occupancy o WHERE o.resource_id = d.resource_id"
       " AND o.granule BETWEEN d.day * 288 AND d.day * 288 + 287)"
       " LIMIT ?");

rg_outcome_t rg_calendar_differences(rg_db_t *db, const rg_ctx_t *ctx, rg_day_bits_t **out,
                                     int *count, int limit)
{
    return rg_sql_list(db, ctx, out, count, difference_row, DIFFERENCES, RG_IN(RG_I(limit)));
}

/* The row is locked before occupancy is read: a concurrent change of occupancy must still lock this
 * row, and then adds or removes its own bits. */
RG_SQL(LOCK_DAY,
       "INSERT INTO day_bitmap (resource_id, day)"
       " VALUES (?, ?)"
       " ON DUPLICATE KEY UPDATE w0 = w0");
#define WORDS_ROW(FIRST, COL)                                                                      \
    FIRST(U64, w[0], "w0")                                                                         \
    COL(U64, w[1], "w1")                                                                           \
    COL(U64, w[2], "w2")                                                                           \
    COL(U64, w[3], "w3")                                                                           \
    COL(U64, w[4], "w4")
RG_ROW(words_row, rg_day_bits_t, WORDS_ROW);
RG_SQL(DAY_IS,
       "SELECT " RG_COLUMNS(WORDS_ROW)
       " FROM day_bitmap"
       " WHERE resource_id = ? AND day = ?");
RG_SQL(DAY_OUGHT, "SELECT " FOLDED " WHERE resource_id = ? AND granule BETWEEN ? AND ?");
RG_SQL(DAY_SET,
       "UPDATE day_bitmap"
       " SET w0 = ?, w1 = ?, w2 = ?, w3 = ?, w4 = ?"
       " WHERE resource_id = ? AND day = ?");

static rg_outcome_t read_day_words(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                                   const rg_bind_t *in, int n, rg_day_bits_t *out)
{
    rg_outcome_t rc = rg_sql_one(db, ctx, out, words_row, sql, in, n);
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

rg_outcome_t rg_calendar_repair(rg_db_t *db, const rg_ctx_t *ctx, int64_t resource_id, int day,
                                bool *wrong)
{
    rg_day_bits_t is = {0};
    rg_day_bits_t ought = {0};
    const uint64_t *w = ought.w;
    int64_t first = (int64_t)day * RG_DAY_GRANULES;
    *wrong = false;
    RG_TRY(rg_sql_exec(db, ctx, LOCK_DAY, RG_IN(RG_I(resource_id), RG_I(day)), NULL));
    RG_TRY(read_day_words(db, ctx, DAY_IS, RG_IN(RG_I(resource_id), RG_I(day)), &is));
    RG_TRY(read_day_words(db, ctx, DAY_OUGHT,
                          RG_IN(RG_I(resource_id), RG_I(first), RG_I(first + RG_DAY_GRANULES - 1)),
                          &ought));
    for (int i = 0; i < WORDS; i++) {
        *wrong = *wrong || is.w[i] != w[i];
    }
    if (!*wrong) {
        return RG_OK;
    }
    return rg_sql_exec(db, ctx, DAY_SET,
                       RG_IN(RG_U(w[0]), RG_U(w[1]), RG_U(w[2]), RG_U(w[3]), RG_U(w[4]),
                             RG_I(resource_id), RG_I(day)),
                       NULL);
}
