/* SPDX-License-Identifier: Apache-2.0 */
/* What services cost now, and what a booking costs. A version of a schedule is in force from its
 * instant until that of the next one; the view booking_fee says the same of
 * bookings, and booking_fee_line which lines that are, for all of its targets. */
#include "mod_regen/store/fees/line_row.h"
#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/model/fees.h"
#include "regen/store/fees.h"
#include "regen/store/store.h"

/* --- services, for the catalogue -------------------------------------------------------------- */

#define PRICE_ROW(FIRST, COL)                                                                      \
    FIRST(I64, service_id, "s.id")                                                                 \
    COL(MONEY, total, "SUM(l.unit_minor * l.units), MIN(l.currency)")                              \
    COL(I64, kinds, "BIT_OR(1 << (l.step_kind + 0 - 1))")
RG_ROW(price_row, rg_fee_price_t, PRICE_ROW);
RG_SQL(PRICES,
       "SELECT " RG_COLUMNS(PRICE_ROW)
       " FROM service s"
       " JOIN fee_line l ON l.service_id = s.id AND l.version_id = ("
       "SELECT p.version_id FROM fee_schedule f"
       " JOIN fee_publication p ON p.id = (SELECT q.id FROM fee_publication q"
       " WHERE q.schedule_id = f.id AND q.valid_at <= ?"
       " AND NOT EXISTS (SELECT 1 FROM fee_withdrawal w WHERE w.publication_id = q.id)"
       " ORDER BY q.valid_at DESC, q.id DESC LIMIT 1)"
       " WHERE f.payer_id IS NULL AND (f.site_id IS NULL OR f.site_id = s.site_id)"
       " AND EXISTS (SELECT 1 FROM fee_line x"
       " WHERE x.version_id = p.version_id AND x.service_id = s.id)"
       " ORDER BY f.site_id IS NULL LIMIT 1)"
       " GROUP BY s.id");
RG_SQL(NEXT,
       "SELECT COALESCE(MIN(p.valid_at), 0) FROM fee_publication p"
       " WHERE p.valid_at > ?"
       " AND NOT EXISTS (SELECT 1 FROM fee_withdrawal w WHERE w.publication_id = p.id)");

rg_outcome_t rg_fee_prices(rg_db_t *db, const rg_ctx_t *ctx, rg_fee_price_t **out, int *count,
                           apr_time_t *until)
{
    int64_t next = 0;
    RG_TRY(rg_sql_list(db, ctx, out, count, price_row, PRICES, RG_IN(RG_T(ctx->now))));
    RG_TRY(rg_sql_number(db, ctx, &next, NEXT, RG_IN(RG_T(ctx->now))));
    *until = next > 0 ? apr_time_from_sec(next) : APR_INT64_MAX;
    return RG_OK;
}

/* --- a booking -------------------------------------------------------------------------------- */

typedef struct {
    rg_fee_line_t line;
} quote_row_t;

#define QUOTE_ROW(FIRST, COL) RG_FEE_LINE_COLS(FIRST, COL, line, "c.")
RG_ROW(quote_row, quote_row_t, QUOTE_ROW);
RG_SQL(PROMISED,
       "SELECT " RG_COLUMNS(QUOTE_ROW)
       " FROM booking_quote q"
       " JOIN booking_charge c ON c.quote_id = q.id"
       " WHERE q.booking_id = ?"
       " ORDER BY c.line_no");
RG_SQL(TO_BE_PROMISED,
       "SELECT " RG_COLUMNS(QUOTE_ROW)
       " FROM booking_fee_line c"
       " WHERE c.booking_id = ?"
       " ORDER BY c.line_no");

static bool add_lines(rg_quote_t *q, const rg_ctx_t *ctx, const quote_row_t *rows)
{
    q->lines = apr_palloc(ctx->pool, sizeof(*q->lines) * (size_t)(q->count + 1));
    for (int i = 0; i < q->count; i++) {
        rg_money_t part;
        q->lines[i] = rows[i].line;
        if (i == 0) {
            q->total = rows[i].line.unit;
            q->total.minor = 0;
        }
        if (!rg_money_times(&part, rows[i].line.unit, rows[i].line.units) ||
            !rg_money_add(&q->total, part)) {
            return false;
        }
    }
    return true;
}

rg_outcome_t rg_quote_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, bool booked,
                           rg_quote_t *out)
{
    quote_row_t *rows;
    *out = (rg_quote_t){.frozen = booked};
    RG_TRY(rg_sql_list(db, ctx, &rows, &out->count, quote_row, booked ? PROMISED : TO_BE_PROMISED,
                       RG_IN(RG_I(booking_id))));
    return add_lines(out, ctx, rows) ? RG_OK : RG_INTERNAL;
}
