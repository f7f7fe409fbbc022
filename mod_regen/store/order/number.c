/* SPDX-License-Identifier: Apache-2.0 */
/* The number that opens an order for its patient, and the browsers that opened it. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/store/booking.h"
#include "regen/store/order.h"
#include "regen/store/store.h"

rg_outcome_t rg_order_number_new(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int *made)
{
    RG_SQL(AGAIN,
           "UPDATE treatment_order_number"
           " SET number = ?, wrong = 0, made = made + 1"
           " WHERE order_id = ?");
    RG_SQL(FIRST, "INSERT INTO treatment_order_number (number, order_id) VALUES (?, ?)");
    RG_SQL(MADE, "SELECT made FROM treatment_order_number WHERE order_id = ?");
    RG_SQL(SHUT, "DELETE FROM visitor_order WHERE order_id = ?");
    int64_t n = 0;
    int64_t there = 0;
    int tries = 0;
    rg_outcome_t rc;
    do {
        const char *number = rg_number_make(ctx);
        rc = rg_sql_exec(db, ctx, AGAIN, RG_IN(RG_S(number), RG_I(id)), &there);
        rc = rc == RG_OK && there == 0
                 ? rg_sql_exec(db, ctx, FIRST, RG_IN(RG_S(number), RG_I(id)), NULL)
                 : rc;
    } while (rg_booking_number_taken(db, rc, &tries));
    RG_TRY(rc);
    RG_TRY(rg_sql_exec(db, ctx, SHUT, RG_IN(RG_I(id)), NULL));
    rc = rg_sql_number(db, ctx, &n, MADE, RG_IN(RG_I(id)));
    *made = (int)n;
    return rc;
}

typedef struct {
    int64_t id;
    int wrong;
} numbered_t;

#define NUMBERED_ROW(FIRST, COL)                                                                   \
    FIRST(I64, id, "order_id")                                                                     \
    COL(INT, wrong, "wrong")
RG_ROW(numbered_row, numbered_t, NUMBERED_ROW);

rg_outcome_t rg_order_id_by_number(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id, int *wrong,
                                   const char *number)
{
    RG_SQL(BY_NUMBER,
           "SELECT " RG_COLUMNS(NUMBERED_ROW)
           " FROM treatment_order_number"
           " WHERE number = ?"
           " FOR UPDATE");
    numbered_t found = {0};
    rg_outcome_t rc = rg_sql_one(db, ctx, &found, numbered_row, BY_NUMBER, RG_IN(RG_S(number)));
    *id = found.id;
    *wrong = found.wrong;
    return rc;
}

rg_outcome_t rg_order_number_tried(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, bool right)
{
    RG_SQL(TRIED,
           "UPDATE treatment_order_number"
           " SET wrong = IF(?, 0, wrong + 1)"
           " WHERE order_id = ?");
    return rg_sql_exec(db, ctx, TRIED, RG_IN(RG_I(right), RG_I(id)), NULL);
}

rg_outcome_t rg_visitor_add_order(rg_db_t *db, const rg_ctx_t *ctx, int64_t visitor_id,
                                  int64_t order_id)
{
    RG_SQL(ADD,
           "INSERT INTO visitor_order (session_id, order_id)"
           " VALUES (?, ?)"
           " ON DUPLICATE KEY UPDATE order_id = order_id");
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(visitor_id), RG_I(order_id)), NULL);
    return rc == RG_PRECONDITION && rg_sql_error(db) == RG_SQL_FK ? RG_UNAUTHENTICATED : rc;
}
