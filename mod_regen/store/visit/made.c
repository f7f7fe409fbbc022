/* SPDX-License-Identifier: Apache-2.0 */
/* What a unit is of: a collection, or other units that were split or pooled. The rules are keys and
 * triggers of sql/0055_units.sql. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#define COLLECTION_NEW(FIRST, COL)                                                                 \
    FIRST(booking_id, RG_I(u->booking_id))                                                         \
    COL(patient_id, RG_I(u->patient_id))                                                           \
    COL(material, RG_S(u->material))                                                               \
    COL(taken_from, RG_S(rg_taken_from_name((rg_taken_from_t)u->taken_from)))                      \
    COL(anticoagulant, RG_S(u->anticoagulant))                                                     \
    COL(why, RG_S(u->again_why))                                                                   \
    COL(volume_ml, RG_I(u->volume_ml))                                                             \
    COL(at, RG_T(u->harvested_at))                                                                 \
    COL(recorded_at, RG_T(ctx->now))                                                               \
    COL(staff_id, RG_I(ctx->who.staff_id))

rg_outcome_t rg_unit_collection_add(rg_db_t *db, const rg_ctx_t *ctx, rg_unit_t *u)
{
    RG_SQL(ADD, RG_INSERT("collection", COLLECTION_NEW));
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_BINDS(COLLECTION_NEW), NULL);

    u->collection_id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_unit_manipulation_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                      apr_time_t at, int64_t *id)
{
    RG_SQL(ADD,
           "INSERT INTO unit_manipulation (booking_id, at, recorded_at, staff_id, act_id)"
           " SELECT ?, ?, ?, ?, MAX(a.id)"
           " FROM act a"
           " WHERE a.booking_id = ? AND a.kind = 'process'");
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD,
                                  RG_IN(RG_I(booking_id), RG_T(at), RG_T(ctx->now),
                                        RG_I(ctx->who.staff_id), RG_I(booking_id)),
                                  NULL);

    *id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_unit_parent_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                int64_t manipulation_id, int64_t unit_id)
{
    RG_SQL(ADD, "INSERT INTO unit_parent (manipulation_id, parent_id, booking_id)"
                " VALUES (?, ?, ?)");

    return rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(manipulation_id), RG_I(unit_id), RG_I(booking_id)),
                       NULL);
}
