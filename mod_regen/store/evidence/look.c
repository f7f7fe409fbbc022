/* SPDX-License-Identifier: Apache-2.0 */
/* Whose record it is that an address names. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/audit.h"
#include "regen/store/evidence.h"
#include "regen/store/store.h"

RG_SQL(OF_BOOKING, "SELECT COALESCE(patient_id, 0) FROM booking WHERE uid = ?");
RG_SQL(OF_PATIENT, "SELECT id FROM patient WHERE uid = ?");
RG_SQL(OF_INVOICE,
       "SELECT COALESCE(b.patient_id, 0)"
       " FROM invoice i"
       " JOIN booking b ON b.id = i.booking_id"
       " WHERE i.uid = ?");

rg_outcome_t rg_look_whose(rg_db_t *db, const rg_ctx_t *ctx, int64_t *patient_id,
                           const rg_record_look_t *look)
{
    const char *sql = look->kind == RG_LOOK_BOOKING   ? OF_BOOKING
                      : look->kind == RG_LOOK_PATIENT ? OF_PATIENT
                                                      : OF_INVOICE;
    return rg_sql_number(db, ctx, patient_id, sql, RG_IN(RG_S(look->uid)));
}
