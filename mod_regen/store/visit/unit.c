/* SPDX-License-Identifier: Apache-2.0 */
/* Units of a patient's own material, from harvest to injection or disposal, and the diagnoses
 * that close a booking. The keys of sql/0004_care.sql decide whose unit it is. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/visit/unit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

/* --- units ------------------------------------------------------------------------------------ */

#define UNIT_NEW(FIRST, COL)                                                                       \
    FIRST(label, RG_S(u->label))                                                                   \
    COL(booking_id, RG_I(u->booking_id))                                                           \
    COL(patient_id, RG_I(u->patient_id))                                                           \
    COL(service_id, RG_I_OR_NIL(u->service_id))                                                    \
    COL(product_no, RG_I_OR_NIL(u->product_no))                                                    \
    COL(collection_id, RG_I_OR_NIL(u->collection_id))                                              \
    COL(manipulation_id, RG_I_OR_NIL(u->manipulation_id))                                          \
    COL(material, RG_S(u->material))                                                               \
    COL(body_site, RG_S(u->body_site))                                                             \
    COL(laterality, RG_S(rg_side_name(u->side)))                                                   \
    COL(volume_ml, RG_I(u->volume_ml))                                                             \
    COL(harvested_at, RG_T(u->harvested_at))                                                       \
    COL(expires_at, RG_T(u->expires_at))                                                           \
    COL(staff_id, RG_I(ctx->who.staff_id))

rg_outcome_t rg_unit_add(rg_db_t *db, const rg_ctx_t *ctx, rg_unit_t *u)
{
    RG_SQL(ADD, RG_INSERT("unit", UNIT_NEW));
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_BINDS(UNIT_NEW), NULL);

    u->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

typedef struct {
    apr_time_t from, until;
} run_t;

#define RUN_FROM "x.at - GREATEST(60 * COALESCE(x.minutes, 0), 1)"
#define RUN_ROW(FIRST, COL)                                                                        \
    FIRST(TIME, from, RUN_FROM)                                                                    \
    COL(TIME, until, "x.at")
RG_ROW(run_row, run_t, RUN_ROW);

rg_outcome_t rg_unit_run_beside(rg_db_t *db, const rg_ctx_t *ctx, const rg_processing_t *x,
                                int64_t patient_id, apr_time_t *from, apr_time_t *until)
{
    RG_SQL(BESIDE,
           "SELECT " RG_COLUMNS(RUN_ROW)
           " FROM unit_processing x"
           " JOIN unit u ON u.id = x.unit_id"
           " WHERE x.resource_id = ? AND u.patient_id <> ? AND x.at > ? AND x.at <= ?"
           " AND " RUN_FROM " < ?"
           " ORDER BY x.at LIMIT 1");
    int64_t at = apr_time_sec(x->at);
    int64_t since = at - (x->minutes > 0 ? 60 * (int64_t)x->minutes : 1);
    run_t run;
    RG_TRY(rg_sql_one(
        db, ctx, &run, run_row, BESIDE,
        RG_IN(RG_I(x->device_id), RG_I(patient_id), RG_I(since), RG_I(at + RG_DAY_SEC), RG_I(at))));
    *from = run.from;
    *until = run.until;
    return RG_OK;
}

#define PROCESSING_NEW(FIRST, COL)                                                                 \
    FIRST(unit_id, RG_I(unit_id))                                                                  \
    COL(resource_id, RG_I_OR_NIL(x->device_id))                                                    \
    COL(lot_id, RG_I_OR_NIL(x->lot_id))                                                            \
    COL(lot_why, RG_S(x->lot_why))                                                                 \
    COL(kit_lot, RG_S(x->kit_lot))                                                                 \
    COL(volume_ml, RG_I(x->volume_ml))                                                             \
    COL(at, RG_T(x->at))                                                                           \
    COL(utc_offset, RG_I(x->utc_offset))                                                           \
    COL(minutes, x->device_id == 0 ? RG_NIL : RG_I(x->minutes))                                    \
    COL(run_why, RG_S(x->run_why))                                                                 \
    COL(device_why, RG_S(x->device_why))                                                           \
    COL(staff_id, RG_I(ctx->who.staff_id))

rg_outcome_t rg_unit_processing_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t unit_id,
                                    const rg_processing_t *x)
{
    RG_SQL(ADD, RG_INSERT("unit_processing", PROCESSING_NEW));
    return rg_sql_exec(db, ctx, ADD, RG_BINDS(PROCESSING_NEW), NULL);
}

rg_outcome_t rg_unit_injection_add(rg_db_t *db, const rg_ctx_t *ctx, const rg_unit_t *u,
                                   const rg_care_t *care, const rg_injection_t *x)
{
    RG_SQL(ADD,
           "INSERT INTO injection (unit_id, booking_id, patient_id, body_site, laterality,"
           " expires_at, injected_at, lot_why, again_why, staff_id)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(u->id), RG_I(care->id), RG_I(care->patient_id),
                             RG_S(x->body_site), RG_S(rg_side_name(x->side)), RG_T(u->expires_at),
                             RG_T(x->at), RG_S(x->lot_why), RG_S(x->again_why),
                             RG_I(ctx->who.staff_id)),
                       NULL);
}

rg_outcome_t rg_unit_disposal_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t unit_id,
                                  const char *reason, apr_time_t at)
{
    RG_SQL(ADD,
           "INSERT INTO unit_disposal (unit_id, at, staff_id, reason)"
           " VALUES (?, ?, ?, ?)");

    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(unit_id), RG_T(at), RG_I(ctx->who.staff_id), RG_S(reason)), NULL);
}

RG_ROW(unit_row, rg_unit_t, RG_UNIT_ROW);
#define UNIT "SELECT " RG_COLUMNS(RG_UNIT_ROW) " FROM unit u" RG_UNIT_JOINS

rg_outcome_t rg_unit_by_label(rg_db_t *db, const rg_ctx_t *ctx, rg_unit_t **out, const char *label)
{
    RG_SQL(FIND, UNIT " WHERE u.label = ?");
    return rg_sql_new(db, ctx, out, unit_row, FIND, RG_IN(RG_S(label)));
}

rg_outcome_t rg_unit_of_booking(rg_db_t *db, const rg_ctx_t *ctx, rg_unit_t **out,
                                int64_t booking_id)
{
    RG_SQL(FIND,
           UNIT " WHERE u.booking_id = ?"
           " ORDER BY z.unit_id IS NOT NULL, IF(z.unit_id IS NULL, u.expires_at, 0), u.id DESC"
           " LIMIT 1");
    return rg_sql_new(db, ctx, out, unit_row, FIND, RG_IN(RG_I(booking_id)));
}

rg_outcome_t rg_units_of_booking(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int *count,
                                 rg_unit_t **out)
{
    RG_SQL(LIST,
           UNIT " WHERE u.booking_id = ?"
           " ORDER BY u.id");
    return rg_sql_list(db, ctx, out, count, unit_row, LIST, RG_IN(RG_I(booking_id)));
}

typedef struct {
    rg_resource_t device;
    const char *closed;
    bool booked; /* for this booking: those come first */
} device_t;

#define DEVICE_ROW(FIRST, COL)                                                                     \
    FIRST(I64, device.id, "r.id")                                                                  \
    COL(STR, device.uid, "r.uid")                                                                  \
    COL(STR, device.code, "r.code")                                                                \
    COL(STR, device.name, "r.name")                                                                \
    COL(STR, device.serial, "r.serial")                                                            \
    COL(DATE, device.calibration_due,                                                              \
        "(SELECT k.due FROM device_calibration k WHERE k.id = (SELECT MAX(id)"                     \
        " FROM device_calibration WHERE resource_id = r.id AND since <= ?))")                      \
    COL(STR_OR_NULL, closed,                                                                       \
        "(SELECT IF(c.reason = '', c.kind, c.reason) FROM closure c WHERE c.resource_id = r.id"    \
        " AND c.first_day <= ? AND c.last_day >= ? AND c.start_minute <= ? AND c.end_minute > ?"   \
        " ORDER BY c.id LIMIT 1)")                                                                 \
    COL(BOOL, booked,                                                                              \
        "r.id IN (SELECT br.resource_id FROM booking_step bs"                                      \
        " JOIN booking_resource br ON br.booking_id = bs.booking_id"                               \
        " AND br.step_no = bs.step_no WHERE bs.booking_id = b.id"                                  \
        " AND bs.kind = 'process') AS booked")
RG_ROW(device_row, device_t, DEVICE_ROW);
RG_SQL(DEVICES,
       "SELECT " RG_COLUMNS(DEVICE_ROW)
       " FROM booking b"
       " JOIN resource r ON r.site_id = b.site_id AND r.kind = 'device' AND r.active = 1"
       " WHERE b.id = ? AND (NOT EXISTS (SELECT 1 FROM service_step t"
       " WHERE t.service_id = b.service_id AND t.kind = 'process')"
       " OR EXISTS (SELECT 1 FROM service_step t"
       " JOIN service_need n ON n.service_id = t.service_id"
       " AND n.step_no = t.step_no JOIN resource_capability k"
       " ON (k.capability = n.capability"
       " OR k.capability IN (SELECT a.capability FROM service_need_any a"
       " WHERE a.service_id = n.service_id AND a.step_no = n.step_no"
       " AND a.need_no = n.need_no)) WHERE t.service_id = b.service_id AND t.kind = 'process'"
       " AND k.resource_id = r.id))"
       " ORDER BY booked DESC, r.name");

rg_outcome_t rg_unit_devices(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, apr_time_t at,
                             const rg_zone_t *zone, int *count, rg_device_t **out)
{
    rg_local_t local = rg_zone_local(zone, at);
    const char *day = rg_date_iso(ctx->pool, local.date);
    device_t *rows;
    RG_TRY(rg_sql_list(db, ctx, &rows, count, device_row, DEVICES,
                       RG_IN(RG_T(at), RG_S(day), RG_S(day), RG_I(local.minute), RG_I(local.minute),
                             RG_I(booking_id))));
    *out = apr_palloc(ctx->pool, sizeof(**out) * (size_t)(*count + 1));
    for (int i = 0; i < *count; i++) {
        rg_resource_t *r = &(*out)[i].resource;
        *r = rows[i].device;
        (*out)[i].closed = rows[i].closed;
        (*out)[i].overdue =
            r->calibration_due.year != 0 && rg_date_compare(r->calibration_due, local.date) < 0;
        r->family = r->given = r->npi = r->taxonomy = "";
        r->kind = RG_RESOURCE_DEVICE;
        r->active = true;
    }
    return RG_OK;
}

/* --- diagnoses -------------------------------------------------------------------------------- */

/* rg_diagnosis_t of icd10cm i. */
#define DIAGNOSIS_ROW(FIRST, COL)                                                                  \
    FIRST(STR, code, "i.code")                                                                     \
    COL(STR, title, "i.title")                                                                     \
    COL(ENUM, side, "i.laterality", rg_side_parse)                                                 \
    COL(STR, body_site, "i.body_site")                                                             \
    COL(BOOL, billable, "i.billable")
RG_ROW(diagnosis_row, rg_diagnosis_t, DIAGNOSIS_ROW);

rg_outcome_t rg_diagnosis_find(rg_db_t *db, const rg_ctx_t *ctx, rg_diagnosis_t **out,
                               const char *code)
{
    RG_SQL(FIND,
           "SELECT " RG_COLUMNS(DIAGNOSIS_ROW)
           " FROM icd10cm i"
           " WHERE i.code = ?");
    return rg_sql_new(db, ctx, out, diagnosis_row, FIND, RG_IN(RG_S(code)));
}

rg_outcome_t rg_diagnosis_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int seq,
                              const char *code)
{
    RG_SQL(ADD, "INSERT INTO booking_diagnosis (booking_id, seq, code) VALUES (?, ?, ?)");

    return rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(booking_id), RG_I(seq), RG_S(code)), NULL);
}

rg_outcome_t rg_diagnoses_clear(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id)
{
    static const char sql[] = "DELETE FROM booking_diagnosis WHERE booking_id = ?";

    return rg_sql_exec(db, ctx, sql, RG_IN(RG_I(booking_id)), NULL);
}

rg_outcome_t rg_diagnoses_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_diagnosis_t **out)
{
    RG_SQL(LIST,
           "SELECT " RG_COLUMNS(DIAGNOSIS_ROW)
           " FROM booking_diagnosis d"
           " JOIN icd10cm i ON i.code = d.code"
           " WHERE d.booking_id = ?"
           " ORDER BY d.seq");
    return rg_sql_list(db, ctx, out, count, diagnosis_row, LIST, RG_IN(RG_I(booking_id)));
}

rg_outcome_t rg_diagnoses_likely(rg_db_t *db, const rg_ctx_t *ctx, const char *body_site,
                                 rg_side_t side, int *count, rg_diagnosis_t **out)
{
    /* Codes that name the very side first: they are what a claim wants. */
    RG_SQL(LIST,
           "SELECT " RG_COLUMNS(DIAGNOSIS_ROW)
           " FROM icd10cm i"
           " WHERE i.body_site = ? AND i.billable = 1"
           " AND (i.laterality IN (?, 'none', 'bilateral') OR ? = 'none')"
           " ORDER BY i.laterality <> ?, i.code"
           " LIMIT 60");
    const char *word = rg_side_name(side);
    return rg_sql_list(db, ctx, out, count, diagnosis_row, LIST,
                       RG_IN(RG_S(body_site), RG_S(word), RG_S(word), RG_S(word)));
}
