/* SPDX-License-Identifier: Apache-2.0 */
/* Who did a step, and who could. The rules are keys, views and triggers of sql/0046_who_did_it.sql.
 */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/visit/unit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

/* The kind of step that is done by an event: what a completion records is the consultation. */
static const char *step_of(int e)
{
    return e < 0                    ? ""
           : e == RG_EVENT_COMPLETE ? rg_step_kind_name(RG_STEP_CONSULT)
                                    : rg_event_name((rg_event_t)e);
}

#define DOER_ROW(FIRST, COL)                                                                       \
    FIRST(I64, id, "r.id")                                                                         \
    COL(STR, code, "r.code")                                                                       \
    COL(STR, name, "r.name")                                                                       \
    COL(BOOL, active, "r.active")                                                                  \
    COL(I64, capability_id, "d.capability_id")                                                     \
    COL(STR, capability, "g.capability")                                                           \
    COL(STR, asked,                                                                                \
        "(SELECT GROUP_CONCAT(DISTINCT a.capability ORDER BY a.capability SEPARATOR ', ')"         \
        " FROM step_asks a WHERE a.service_id = b.service_id AND a.kind = ?)")                     \
    COL(BOOL, booked,                                                                              \
        "r.id IN (SELECT br.resource_id FROM booking_step bs"                                      \
        " JOIN booking_resource br ON br.booking_id = bs.booking_id"                               \
        " AND br.step_no = bs.step_no WHERE bs.booking_id = b.id AND bs.kind = ?) AS booked")
RG_ROW(doer_row, rg_doer_t, DOER_ROW);
RG_SQL(PEOPLE,
       "SELECT " RG_COLUMNS(DOER_ROW)
       " FROM booking b"
       " JOIN resource r ON r.kind = 'practitioner'"
       " LEFT JOIN (SELECT service_id, resource_id, MIN(capability_id) AS capability_id"
       " FROM step_doer"
       " WHERE kind = ? AND since <= ? AND (until IS NULL OR until > ?)"
       " GROUP BY service_id, resource_id) d"
       " ON d.service_id = b.service_id AND d.resource_id = r.id"
       " LEFT JOIN capability_given g ON g.id = d.capability_id"
       " WHERE b.id = ?"
       " ORDER BY booked DESC, r.name, r.id");

rg_outcome_t rg_act_people(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int e,
                           apr_time_t at, int *count, rg_doer_t **out)
{
    const char *kind = step_of(e);
    return rg_sql_list(
        db, ctx, out, count, doer_row, PEOPLE,
        RG_IN(RG_S(kind), RG_S(kind), RG_S(kind), RG_T(at), RG_T(at), RG_I(booking_id)));
}

#define ACT_NEW(FIRST, COL)                                                                        \
    FIRST(booking_id, RG_I(booking_id))                                                            \
    COL(kind, RG_S(rg_event_name(e)))                                                              \
    COL(at, RG_T(at))                                                                              \
    COL(recorded_at, RG_T(ctx->now))                                                               \
    COL(staff_id, RG_I(ctx->who.staff_id))                                                         \
    COL(done_by, RG_I_OR_NIL(doer ? doer->id : 0))                                                 \
    COL(capability, RG_S(doer && doer->capability_id ? doer->capability : NULL))                   \
    COL(capability_id, RG_I_OR_NIL(doer ? doer->capability_id : 0))                                \
    COL(second_id, RG_I_OR_NIL(second_id))

rg_outcome_t rg_act_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_event_t e,
                        apr_time_t at, const rg_doer_t *doer, int64_t second_id)
{
    RG_SQL(ADD, RG_INSERT("act", ACT_NEW));
    return rg_sql_exec(db, ctx, ADD, RG_BINDS(ACT_NEW), NULL);
}

typedef struct {
    int64_t id;
    apr_time_t at;
    const char *code;
} found_t;

#define FOUND_ROW(FIRST, COL)                                                                      \
    FIRST(I64, id, "a.id")                                                                         \
    COL(TIME, at, "a.at")                                                                          \
    COL(STR, code, RG_DOER_CODE)
RG_ROW(found_row, found_t, FOUND_ROW);

rg_outcome_t rg_act_find(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_event_t e,
                         int64_t act_id, int64_t *id, apr_time_t *at, const char **code)
{
    RG_SQL(FIND,
           "SELECT " RG_COLUMNS(FOUND_ROW)
           " FROM act a"
           " WHERE a.booking_id = ? AND a.kind = ? AND (? = 0 OR a.id = ?)"
           " ORDER BY a.id DESC"
           " LIMIT 1");
    found_t found;
    RG_TRY(rg_sql_one(db, ctx, &found, found_row, FIND,
                      RG_IN(RG_I(booking_id), RG_S(rg_event_name(e)), RG_I(act_id), RG_I(act_id))));
    *id = found.id;
    *at = found.at;
    *code = found.code;
    return RG_OK;
}

rg_outcome_t rg_act_charge(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_event_t e,
                           int64_t act_id, int64_t practitioner_id)
{
    RG_SQL(PUT,
           "UPDATE charge_item"
           " SET practitioner_id = ?"
           " WHERE booking_id = ? AND step_kind = ? AND target_no = 0"
           " AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.booking_id = charge_item.booking_id)"
           " AND EXISTS (SELECT 1 FROM act a JOIN step_event s ON s.booking_id = a.booking_id"
           " AND CAST(s.kind AS CHAR) = CAST(a.kind AS CHAR) AND s.turn = a.turn AND s.at = a.at"
           " WHERE a.id = ? AND NOT EXISTS (SELECT 1 FROM act f WHERE f.booking_id = a.booking_id"
           " AND CAST(f.kind AS CHAR) = CAST(a.kind AS CHAR) AND f.turn = a.turn AND f.at = a.at"
           " AND f.part < a.part AND NOT EXISTS (SELECT 1 FROM unit_manipulation m"
           " WHERE m.act_id = f.id)))");
    RG_SQL(PUT_OF_TARGET,
           "UPDATE charge_item"
           " SET practitioner_id = ?"
           " WHERE booking_id = ? AND step_kind = 'inject' AND target_no > 0"
           " AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.booking_id = charge_item.booking_id)"
           " AND target_no IN (SELECT COALESCE(i.target_no, 1) FROM injection_given i"
           " WHERE i.act_id = ?)");
    RG_TRY(rg_sql_exec(
        db, ctx, PUT,
        RG_IN(RG_I(practitioner_id), RG_I(booking_id), RG_S(step_of(e)), RG_I(act_id)), NULL));
    return e == RG_EVENT_INJECT
               ? rg_sql_exec(db, ctx, PUT_OF_TARGET,
                             RG_IN(RG_I(practitioner_id), RG_I(booking_id), RG_I(act_id)), NULL)
               : RG_OK;
}
