/* SPDX-License-Identifier: Apache-2.0 */
/* The cash desk of a site: what should be there, what came and went on a day, counts. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

rg_outcome_t rg_cash_expected(rg_db_t *db, const rg_ctx_t *ctx, int64_t account_id, int64_t *out)
{
    RG_SQL(EXPECTED,
           "SELECT (SELECT COALESCE(SUM(amount_minor), 0) FROM transfer WHERE debit_account = ?)"
           " - (SELECT COALESCE(SUM(amount_minor), 0) FROM transfer WHERE credit_account = ?)");
    return rg_sql_number(db, ctx, out, EXPECTED, RG_IN(RG_I(account_id), RG_I(account_id)));
}

/* Of what a payer decided only a part is money. */
#define MOVED                                                                                      \
    "IF(e.kind = 'remit', (SELECT COALESCE(SUM(t.amount_minor), 0) FROM transfer t"                \
    " WHERE t.entry_id = e.id AND t.kind = 'remit'), e.amount_minor)"
#define DAY_ROW(FIRST, COL)                                                                        \
    FIRST(ENUM, means, "e.means", rg_means_parse)                                                  \
    COL(MONEY, in,                                                                                 \
        "SUM(IF((e.kind <> 'refund') = (x.id IS NULL), " MOVED ", 0)), "                           \
        "e.currency")                                                                              \
    COL(I64, out, "SUM(IF((e.kind = 'refund') = (x.id IS NULL), " MOVED ", 0))")                   \
    COL(INT, count, "COUNT(*)")
RG_ROW(cash_day_row, rg_cash_day_t, DAY_ROW);

/* A reversal has the means of what it reverses, and goes the other way. */
rg_outcome_t rg_cash_day(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, rg_date_t day,
                         rg_cash_day_t **out, int *count)
{
    RG_SQL(DAY,
           "SELECT " RG_COLUMNS(DAY_ROW)
           " FROM ledger_entry d"
           " LEFT JOIN ledger_entry x ON x.id = d.reverses"
           " JOIN ledger_entry e ON e.id = COALESCE(x.id, d.id)"
           " WHERE d.site_id = ? AND d.day = ?"
           " AND d.kind IN ('payment', 'refund', 'remit', 'reversal')"
           " AND e.means IS NOT NULL"
           " GROUP BY e.means, e.currency"
           " ORDER BY e.means, e.currency");
    return rg_sql_list(db, ctx, out, count, cash_day_row, DAY,
                       RG_IN(RG_I(site_id), RG_S(rg_date_iso(ctx->pool, day))));
}

rg_outcome_t rg_cash_touched(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, bool *out)
{
    RG_SQL(TOUCHED,
           "SELECT COUNT(*) FROM ledger_entry e"
           " WHERE e.site_id = ? AND e.at >= COALESCE((SELECT MAX(c.at) FROM cash_count c"
           " WHERE c.site_id = e.site_id), 0)"
           " AND e.means = 'cash' AND e.kind NOT IN ('banked', 'over-short') AND e.staff_id = ?");
    int64_t count;
    RG_TRY(rg_sql_number(db, ctx, &count, TOUCHED, RG_IN(RG_I(site_id), RG_I(ctx->who.staff_id))));
    *out = count > 0;
    return RG_OK;
}

#define COUNT_ROW(FIRST, COL)                                                                      \
    FIRST(DATE, day, "c.day")                                                                      \
    COL(TIME, at, "c.at")                                                                          \
    COL(STR, staff, "s.name")                                                                      \
    COL(STR, note, "c.note")                                                                       \
    COL(MONEY, counted, "c.counted_minor, c.currency")                                             \
    COL(I64, expected, "c.expected_minor")                                                         \
    COL(I64, banked, "c.banked_minor")
RG_ROW(cash_count_row, rg_cash_count_t, COUNT_ROW);

rg_outcome_t rg_cash_counts(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, int limit,
                            rg_cash_count_t **out, int *count)
{
    RG_SQL(LAST,
           "SELECT " RG_COLUMNS(COUNT_ROW)
           " FROM cash_count c"
           " JOIN staff s ON s.id = c.staff_id"
           " WHERE c.site_id = ?"
           " ORDER BY c.id DESC LIMIT ?");
    return rg_sql_list(db, ctx, out, count, cash_count_row, LAST,
                       RG_IN(RG_I(site_id), RG_I(limit)));
}

rg_outcome_t rg_cash_insert(rg_db_t *db, const rg_ctx_t *ctx, const char *uid, int64_t site_id,
                            const rg_cash_count_t *c, int64_t *id)
{
    RG_SQL(ADD,
           "INSERT INTO cash_count (uid, site_id, currency, day, expected_minor, counted_minor,"
           " banked_minor, note, at, staff_id)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    RG_TRY(rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_S(uid), RG_I(site_id), RG_S(c->counted.currency),
                             RG_S(rg_date_iso(ctx->pool, c->day)), RG_I(c->expected),
                             RG_I(c->counted.minor), RG_I(c->banked), RG_S(c->note), RG_T(ctx->now),
                             RG_I(ctx->who.staff_id)),
                       NULL));
    *id = rg_sql_insert_id(db);
    return RG_OK;
}
