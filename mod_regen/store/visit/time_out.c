/* SPDX-License-Identifier: Apache-2.0 */
/* Time-outs. What counts of them is the triggers' of sql/0053_time_outs.sql to say. */
#include "regen/model/time_out.h"
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#define TIME_OUT_NEW(FIRST, COL)                                                                   \
    FIRST(booking_id, RG_I(care->id))                                                              \
    COL(kind, RG_S(rg_event_name((rg_event_t)t->event)))                                           \
    COL(unit_id, RG_I_OR_NIL(unit_id))                                                             \
    COL(body_site, RG_S(t->body_site))                                                             \
    COL(laterality, RG_S(rg_side_name(t->side)))                                                   \
    COL(further, RG_S(t->further))                                                                 \
    COL(agreed, RG_I(t->agreed))                                                                   \
    COL(stopped, RG_S(t->stopped < 0 ? NULL : rg_said_name((rg_said_t)t->stopped)))                \
    COL(note, RG_S(t->note))                                                                       \
    COL(at, RG_T(t->at))                                                                           \
    COL(recorded_at, RG_T(ctx->now))                                                               \
    COL(staff_id, RG_I(ctx->who.staff_id))                                                         \
    COL(done_by, RG_I_OR_NIL(t->done_by_id))                                                       \
    COL(second_id, RG_I_OR_NIL(second_id))

rg_outcome_t rg_time_out_add(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                             const rg_time_out_t *t, int64_t unit_id, int64_t second_id)
{
    RG_SQL(ADD, RG_INSERT("time_out", TIME_OUT_NEW));
    return rg_sql_exec(db, ctx, ADD, RG_BINDS(TIME_OUT_NEW), NULL);
}

/* Of one that counts, the target of the injection that followed it: corrections change both. */
#define SAID_AT(column)                                                                            \
    "COALESCE((SELECT x." column " FROM act a JOIN injection_given g ON g.act_id = a.id"           \
    " JOIN booking_target x ON x.booking_id = g.booking_id AND x.target_no = g.target_no"          \
    " WHERE a.time_out_id = t.id AND EXISTS (SELECT 1 FROM time_out_said o WHERE o.id = t.id)),"   \
    " t." column ")"
#define TIME_OUT_ROW(FIRST, COL)                                                                   \
    FIRST(I64, id, "t.id")                                                                         \
    COL(ENUM, event, "t.kind", rg_event_parse)                                                     \
    COL(BOOL, current,                                                                             \
        "t.turn = (SELECT COUNT(*) FROM correction k WHERE k.booking_id = t.booking_id"            \
        " AND k.what = 'check-in')")                                                               \
    COL(BITS, agreed, "t.agreed + 0")                                                              \
    COL(ENUM, stopped, "t.stopped", rg_said_parse)                                                 \
    COL(STR, note, "t.note")                                                                       \
    COL(TIME, at, "t.at")                                                                          \
    COL(TIME, recorded_at, "t.recorded_at")                                                        \
    COL(STR, body_site, SAID_AT("body_site"))                                                      \
    COL(ENUM, side, SAID_AT("laterality"), rg_side_parse)                                          \
    COL(STR, further, "t.further")                                                                 \
    COL(STR, unit_label, "u.label")                                                                \
    COL(I64, done_by_id, "t.done_by")                                                              \
    COL(STR, done_by, "r.name")                                                                    \
    COL(STR, done_by_code, "r.code")                                                               \
    COL(STR, staff_name, "s.name")                                                                 \
    COL(BOOL, recorded_by_doer, "s.resource_id <=> t.done_by")                                     \
    COL(STR, second, "z.name")                                                                     \
    COL(BOOL, used, "EXISTS (SELECT 1 FROM act a WHERE a.time_out_id = t.id)")                     \
    COL(BOOL, taken_back,                                                                          \
        "NOT EXISTS (SELECT 1 FROM time_out_said o WHERE o.id = t.id) AS taken_back")
RG_ROW(time_out_row, rg_time_out_t, TIME_OUT_ROW);

rg_outcome_t rg_time_outs_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_time_out_t **out)
{
    RG_SQL(LIST,
           "SELECT " RG_COLUMNS(TIME_OUT_ROW)
           " FROM time_out t"
           " JOIN staff s ON s.id = t.staff_id"
           " LEFT JOIN unit u ON u.id = t.unit_id"
           " LEFT JOIN resource r ON r.id = t.done_by"
           " LEFT JOIN staff z ON z.id = t.second_id"
           " WHERE t.booking_id = ?"
           " ORDER BY t.id");
    return rg_sql_list(db, ctx, out, count, time_out_row, LIST, RG_IN(RG_I(booking_id)));
}
