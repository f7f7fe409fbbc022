/* SPDX-License-Identifier: Apache-2.0 */
/* Lots of supplies, their recalls, and the treatments in which they were used. The rules are keys
 * and triggers of sql/0054_supplies.sql. */
#include "regen/store/supply.h"
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/supply.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"

#define LOT_ROW(FIRST, COL)                                                                        \
    FIRST(I64, id, "l.id")                                                                         \
    COL(BOOL, kit, "l.kit")                                                                        \
    COL(STR, item, "l.item")                                                                       \
    COL(STR, lot, "l.lot")                                                                         \
    COL(STR, udi, "l.udi")                                                                         \
    COL(DATE, expires, "l.expires")                                                                \
    COL(TIME, received_at, "l.received_at")                                                        \
    COL(STR, entered_by, "s.name")                                                                 \
    COL(BOOL, recalled, "COALESCE(r.recalled, 0)")                                                 \
    COL(STR, why, "r.reason")                                                                      \
    COL(STR, why_by, "t.name")                                                                     \
    COL(TIME, why_at, "r.at")
RG_ROW(lot_row, rg_supply_lot_t, LOT_ROW);
#define LOTS                                                                                       \
    RG_SQL_PART("SELECT " RG_COLUMNS(LOT_ROW) " FROM supply_lot l" \
                " JOIN staff s ON s.id = l.staff_id" \
                " LEFT JOIN supply_recall r ON r.lot_id = l.id" \
                " AND r.turn = (SELECT MAX(m.turn) FROM supply_recall m WHERE m.lot_id = l.id)" \
                " LEFT JOIN staff t ON t.id = r.staff_id")

rg_outcome_t rg_supply_lots(rg_db_t *db, const rg_ctx_t *ctx, const char *find, int *count,
                            rg_supply_lot_t **out)
{
    RG_SQL(ALL, LOTS " WHERE ? = '' OR LOCATE(?, l.lot) > 0"
                     " ORDER BY l.expires DESC, l.id DESC LIMIT ?");
    return rg_sql_list(db, ctx, out, count, lot_row, ALL,
                       RG_IN(RG_S(find), RG_S(find), RG_I(RG_SUPPLY_LIST_MOST + 1)));
}

rg_outcome_t rg_supply_usable(rg_db_t *db, const rg_ctx_t *ctx, rg_date_t day, int *count,
                              rg_supply_lot_t **out)
{
    RG_SQL(USABLE, LOTS " WHERE l.kit = 1 AND l.expires >= ? AND COALESCE(r.recalled, 0) = 0"
                        " ORDER BY l.item, l.expires, l.id LIMIT ?");
    return rg_sql_list(db, ctx, out, count, lot_row, USABLE,
                       RG_IN(RG_S(rg_date_iso(ctx->pool, day)), RG_I(RG_SUPPLY_LIST_MOST)));
}

rg_outcome_t rg_supply_get(rg_db_t *db, const rg_ctx_t *ctx, rg_supply_lot_t **out, int64_t id)
{
    RG_SQL(GET, LOTS " WHERE l.id = ?");
    return rg_sql_new(db, ctx, out, lot_row, GET, RG_IN(RG_I(id)));
}

rg_outcome_t rg_supply_named(rg_db_t *db, const rg_ctx_t *ctx, const char *lot, int *count,
                             rg_supply_lot_t **out)
{
    RG_SQL(NAMED, LOTS " WHERE l.lot = ? AND l.kit = 1"
                       " ORDER BY COALESCE(r.recalled, 0), l.expires DESC, l.id");
    return rg_sql_list(db, ctx, out, count, lot_row, NAMED, RG_IN(RG_S(lot)));
}

rg_outcome_t rg_supply_of_unit(rg_db_t *db, const rg_ctx_t *ctx, rg_supply_lot_t **out,
                               int64_t unit_id)
{
    RG_SQL(OF_UNIT,
           LOTS " JOIN unit_lot k ON k.lot_id = l.id"
                " WHERE k.unit_id = ?"
                " ORDER BY COALESCE(r.recalled, 0) DESC, l.expires DESC, l.id LIMIT 1");
    return rg_sql_new(db, ctx, out, lot_row, OF_UNIT, RG_IN(RG_I(unit_id)));
}

typedef struct {
    int64_t unit_id;
    rg_supply_lot_t lot;
} unit_lot_t;

#define UNIT_LOT_ROW(FIRST, COL)                                                                   \
    FIRST(I64, unit_id, "k.unit_id")                                                               \
    COL(I64, lot.id, "l.id")                                                                       \
    COL(STR, lot.lot, "l.lot")                                                                     \
    COL(DATE, lot.expires, "l.expires")                                                            \
    COL(BOOL, lot.recalled, "COALESCE(r.recalled, 0)")                                             \
    COL(STR, lot.why, "r.reason")                                                                  \
    COL(TIME, lot.why_at, "r.at")
RG_ROW(unit_lot_row, unit_lot_t, UNIT_LOT_ROW);

rg_outcome_t rg_supply_of_units(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                const rg_unit_t *units, int unit_count, rg_supply_lot_t **lots)
{
    RG_SQL(OF_UNITS,
           "SELECT " RG_COLUMNS(UNIT_LOT_ROW)
           " FROM unit u JOIN unit_lot k ON k.unit_id = u.id JOIN supply_lot l ON l.id = k.lot_id"
           " LEFT JOIN supply_recall r ON r.lot_id = l.id"
           " AND r.turn = (SELECT MAX(m.turn) FROM supply_recall m WHERE m.lot_id = l.id)"
           " WHERE u.booking_id = ?"
           " ORDER BY k.unit_id, COALESCE(r.recalled, 0), l.expires, l.id DESC");
    unit_lot_t *rows;
    int count;

    RG_TRY(rg_sql_list(db, ctx, &rows, &count, unit_lot_row, OF_UNITS, RG_IN(RG_I(booking_id))));
    for (int i = 0; i < count; i++) {
        for (int u = 0; u < unit_count; u++) {
            /* The last one of each: what is recalled, else what expires last. */
            lots[u] = units[u].id == rows[i].unit_id ? &rows[i].lot : lots[u];
        }
    }
    return RG_OK;
}

#define LOT_NEW(FIRST, COL)                                                                        \
    FIRST(kit, RG_I(l->kit))                                                                       \
    COL(item, RG_S(l->item))                                                                       \
    COL(lot, RG_S(l->lot))                                                                         \
    COL(expires, RG_S(rg_date_iso(ctx->pool, l->expires)))                                         \
    COL(udi, RG_S(l->udi))                                                                         \
    COL(received_at, RG_T(ctx->now))                                                               \
    COL(staff_id, RG_I(ctx->who.staff_id))

rg_outcome_t rg_supply_add(rg_db_t *db, const rg_ctx_t *ctx, rg_supply_lot_t *l)
{
    RG_SQL(ADD, RG_INSERT("supply_lot", LOT_NEW));
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_BINDS(LOT_NEW), NULL);

    l->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_supply_recall_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t lot_id, bool recalled,
                                  const char *reason)
{
    RG_SQL(ADD, "INSERT INTO supply_recall (lot_id, recalled, reason, at, staff_id)"
                " VALUES (?, ?, ?, ?, ?)");
    return rg_sql_exec(
        db, ctx, ADD,
        RG_IN(RG_I(lot_id), RG_I(recalled), RG_S(reason), RG_T(ctx->now), RG_I(ctx->who.staff_id)),
        NULL);
}

#define USE_ROW(FIRST, COL)                                                                        \
    FIRST(STR, booking_uid, "b.uid")                                                               \
    COL(STR, patient_uid, "p.uid")                                                                 \
    COL(STR, family, "p.family")                                                                   \
    COL(STR, given, "p.given")                                                                     \
    COL(STR, service_name, "v.name")                                                               \
    COL(STR, unit_label, "u.label")                                                                \
    COL(TIME, at, "x.at")                                                                          \
    COL(BOOL, open, "z.unit_id IS NULL AS is_open")
RG_ROW(use_row, rg_supply_use_t, USE_ROW);

/* As recorded unless corrected; the text alone is compared where no lot was recorded. */
rg_outcome_t rg_supply_uses(rg_db_t *db, const rg_ctx_t *ctx, int64_t lot_id, int page, int *count,
                            rg_supply_use_t **out)
{
    RG_SQL(USES,
           "SELECT DISTINCT " RG_COLUMNS(USE_ROW)
           " FROM (SELECT x.unit_id FROM supply_lot l JOIN unit_processing x ON x.lot_id = l.id"
           " WHERE l.id = ? AND NOT EXISTS (SELECT 1 FROM correction c"
           " WHERE c.row_id = x.unit_id AND c.what = 'kit-lot')"
           " UNION SELECT x.unit_id FROM supply_lot l JOIN unit_processing x"
           " ON x.lot_id IS NULL AND x.kit_lot = l.lot AND l.kit = 1"
           " WHERE l.id = ? AND NOT EXISTS (SELECT 1 FROM correction c"
           " WHERE c.row_id = x.unit_id AND c.what = 'kit-lot')"
           " UNION SELECT c.row_id FROM supply_lot l JOIN correction c"
           " ON c.what = 'kit-lot' AND c.new_value = l.lot AND l.kit = 1"
           " WHERE l.id = ? AND NOT EXISTS (SELECT 1 FROM correction n"
           " WHERE n.row_id = c.row_id AND n.what = c.what AND n.turn > c.turn)) ids"
           " JOIN unit_processing x ON x.unit_id = ids.unit_id"
           " JOIN unit_source o ON o.source_id = x.unit_id"
           " JOIN unit u ON u.id = o.unit_id"
           " JOIN booking b ON b.id = u.booking_id"
           " JOIN service v ON v.id = b.service_id"
           " JOIN patient p ON p.id = u.patient_id"
           " LEFT JOIN unit_end z ON z.unit_id = u.id"
           " WHERE z.unit_id IS NULL OR z.how IN ('injected', 'disposed')"
           " ORDER BY is_open DESC, x.at DESC, u.id DESC LIMIT ? OFFSET ?");
    int64_t before = (int64_t)(page - 1) * RG_SUPPLY_LIST_MOST;
    return rg_sql_list(db, ctx, out, count, use_row, USES,
                       RG_IN(RG_I(lot_id), RG_I(lot_id), RG_I(lot_id),
                             RG_I(RG_SUPPLY_LIST_MOST + 1), RG_I(before)));
}
