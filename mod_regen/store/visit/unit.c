/* SPDX-License-Identifier: Apache-2.0 */
/* Units of a patient's own material, from harvest to injection or disposal, and the diagnoses
 * that close a booking. The keys of sql/0004_care.sql decide whose unit it is. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/visit/unit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

/* --- units ------------------------------------------------------------------------------------ */

rg_outcome_t rg_unit_add(rg_db_t *db, rg_ctx_t *ctx, rg_unit_t *u)
{
    static const char ADD[] =
        "INSERT INTO unit (label, booking_id, patient_id, material, body_site, laterality,"
        " volume_ml, harvested_at, expires_at, staff_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, ADD,
        RG_IN(RG_S(u->label), RG_I(u->booking_id), RG_I(u->patient_id), RG_S(u->material),
              RG_S(u->body_site), RG_S(rg_side_name(u->side)), RG_I(u->volume_ml),
              RG_T(u->harvested_at), RG_T(u->expires_at), RG_I(ctx->who.staff_id)),
        NULL);

    u->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_unit_processing_add(rg_db_t *db, rg_ctx_t *ctx, int64_t unit_id, int64_t device_id,
                                    const char *kit_lot, int volume_ml)
{
    static const char ADD[] = "INSERT INTO unit_processing (unit_id, resource_id, kit_lot,"
                              " volume_ml, at, staff_id) VALUES (?, ?, ?, ?, ?, ?)";

    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(unit_id), RG_I(device_id), RG_S(kit_lot), RG_I(volume_ml),
                             RG_T(ctx->now), RG_I(ctx->who.staff_id)),
                       NULL);
}

rg_outcome_t rg_unit_injection_add(rg_db_t *db, rg_ctx_t *ctx, const rg_unit_t *u,
                                   const rg_care_t *care, const char *body_site, rg_side_t side)
{
    static const char ADD[] =
        "INSERT INTO injection (unit_id, booking_id, patient_id, body_site, laterality, expires_at,"
        " injected_at, staff_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(u->id), RG_I(care->id), RG_I(care->patient_id), RG_S(body_site),
                             RG_S(rg_side_name(side)), RG_T(u->expires_at), RG_T(ctx->now),
                             RG_I(ctx->who.staff_id)),
                       NULL);
}

rg_outcome_t rg_unit_disposal_add(rg_db_t *db, rg_ctx_t *ctx, int64_t unit_id, const char *reason)
{
    static const char ADD[] =
        "INSERT INTO unit_disposal (unit_id, at, staff_id, reason) VALUES (?, ?, ?, ?)";

    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(unit_id), RG_T(ctx->now), RG_I(ctx->who.staff_id), RG_S(reason)),
                       NULL);
}

#define UNIT_SELECT "SELECT" RG_UNIT_COLUMNS "FROM unit u" RG_UNIT_JOINS

rg_unit_t *rg_unit_row(rg_ctx_t *ctx, rg_cur_t *c)
{
    rg_unit_t *u = apr_pcalloc(ctx->pool, sizeof(*u));

    u->id = rg_cur_i64(c, 0);
    u->label = rg_cur_str(c, 1);
    u->booking_id = rg_cur_i64(c, 2);
    u->patient_id = rg_cur_i64(c, 3);
    u->material = rg_cur_str(c, 4);
    u->body_site = rg_cur_str(c, 5);
    u->side = (rg_side_t)rg_side_parse(rg_cur_str(c, 6));
    u->volume_ml = (int)rg_cur_i64(c, 7);
    u->harvested_at = rg_cur_time(c, 8);
    u->expires_at = rg_cur_time(c, 9);
    u->processed_at = rg_cur_time(c, 10);
    u->device_name = rg_cur_str(c, 11);
    u->kit_lot = rg_cur_str(c, 12);
    u->concentrate_ml = (int)rg_cur_i64(c, 13);
    u->injected_at = rg_cur_time(c, 14);
    u->disposed_at = rg_cur_time(c, 15);
    return u;
}

static rg_outcome_t one_unit(rg_outcome_t rc, rg_ctx_t *ctx, rg_cur_t *c, rg_unit_t **out)
{
    *out = NULL;
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        *out = rg_unit_row(ctx, c);
    }
    return rg_row_end(c, *out != NULL);
}

rg_outcome_t rg_unit_by_label(rg_db_t *db, rg_ctx_t *ctx, rg_unit_t **out, const char *label)
{
    static const char FIND[] = UNIT_SELECT "WHERE u.label = ?";
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, FIND, RG_IN(RG_S(label)));

    return one_unit(rc, ctx, c, out);
}

rg_outcome_t rg_unit_of_booking(rg_db_t *db, rg_ctx_t *ctx, rg_unit_t **out, int64_t booking_id)
{
    static const char FIND[] = UNIT_SELECT "WHERE u.booking_id = ? ORDER BY u.id DESC LIMIT 1";
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, FIND, RG_IN(RG_I(booking_id)));

    return one_unit(rc, ctx, c, out);
}

static const char DEVICES[] =
    "SELECT r.id, r.uid, r.code, r.name, r.serial, r.id IN (SELECT br.resource_id"
    " FROM booking_step bs JOIN booking_resource br ON br.booking_id = bs.booking_id"
    " AND br.step_no = bs.step_no WHERE bs.booking_id = b.id AND bs.kind = 'process') AS booked"
    " FROM booking b JOIN resource r ON r.site_id = b.site_id AND r.kind = 'device'"
    " AND r.active = 1 WHERE b.id = ? AND (NOT EXISTS (SELECT 1 FROM service_step t"
    " WHERE t.service_id = b.service_id AND t.kind = 'process') OR EXISTS (SELECT 1"
    " FROM service_step t JOIN service_need n ON n.service_id = t.service_id"
    " AND n.step_no = t.step_no JOIN resource_capability k ON (k.capability = n.capability"
    " OR k.capability IN (SELECT a.capability FROM service_need_any a WHERE a.service_id ="
    " n.service_id AND a.step_no = n.step_no AND a.need_no = n.need_no))"
    " WHERE t.service_id = b.service_id AND t.kind = 'process' AND k.resource_id = r.id))"
    " ORDER BY booked DESC, r.name";

static void device_row(rg_resource_t *r, rg_cur_t *c)
{
    r->id = rg_cur_i64(c, 0);
    r->uid = rg_cur_str(c, 1);
    r->code = rg_cur_str(c, 2);
    r->name = rg_cur_str(c, 3);
    r->serial = rg_cur_str(c, 4);
    r->family = r->given = r->npi = r->taxonomy = "";
    r->kind = RG_RESOURCE_DEVICE;
    r->active = true;
}

rg_outcome_t rg_unit_devices(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_resource_t **out)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_resource_t));
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, DEVICES, RG_IN(RG_I(booking_id)));

    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        device_row(apr_array_push(list), c);
    }
    *count = list->nelts;
    *out = (rg_resource_t *)(void *)list->elts;
    return rg_cur_end(c);
}

/* --- diagnoses -------------------------------------------------------------------------------- */

static void diagnosis_row(rg_diagnosis_t *d, rg_cur_t *c)
{
    d->code = rg_cur_str(c, 0);
    d->title = rg_cur_str(c, 1);
    d->side = (rg_side_t)rg_side_parse(rg_cur_str(c, 2));
    d->body_site = rg_cur_str(c, 3);
    d->billable = rg_cur_i64(c, 4) != 0;
}

static rg_outcome_t diagnosis_list(rg_outcome_t rc, rg_ctx_t *ctx, rg_cur_t *c, int *count,
                                   rg_diagnosis_t **out)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 8, sizeof(rg_diagnosis_t));

    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        diagnosis_row(apr_array_push(list), c);
    }
    *count = list->nelts;
    *out = (rg_diagnosis_t *)(void *)list->elts;
    return rg_cur_end(c);
}

rg_outcome_t rg_diagnosis_find(rg_db_t *db, rg_ctx_t *ctx, rg_diagnosis_t **out, const char *code)
{
    static const char FIND[] =
        "SELECT code, title, laterality, body_site, billable FROM icd10cm WHERE code = ?";
    rg_cur_t *c = NULL;
    int count = 0;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, FIND, RG_IN(RG_S(code)));

    rc = diagnosis_list(rc, ctx, c, &count, out);
    return rc == RG_OK && count == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_diagnosis_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int seq,
                              const char *code)
{
    static const char ADD[] =
        "INSERT INTO booking_diagnosis (booking_id, seq, code) VALUES (?, ?, ?)";

    return rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(booking_id), RG_I(seq), RG_S(code)), NULL);
}

rg_outcome_t rg_diagnoses_clear(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id)
{
    static const char sql[] = "DELETE FROM booking_diagnosis WHERE booking_id = ?";

    return rg_sql_exec(db, ctx, sql, RG_IN(RG_I(booking_id)), NULL);
}

rg_outcome_t rg_diagnoses_of(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_diagnosis_t **out)
{
    static const char LIST[] =
        "SELECT i.code, i.title, i.laterality, i.body_site, i.billable FROM booking_diagnosis d"
        " JOIN icd10cm i ON i.code = d.code WHERE d.booking_id = ? ORDER BY d.seq";
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, LIST, RG_IN(RG_I(booking_id)));

    return diagnosis_list(rc, ctx, c, count, out);
}

rg_outcome_t rg_diagnoses_likely(rg_db_t *db, rg_ctx_t *ctx, const char *body_site, rg_side_t side,
                                 int *count, rg_diagnosis_t **out)
{
    /* Codes that name the very side first: they are what a claim wants. */
    static const char LIST[] =
        "SELECT code, title, laterality, body_site, billable FROM icd10cm"
        " WHERE body_site = ? AND billable = 1 AND (laterality IN (?, 'none', 'bilateral')"
        " OR ? = 'none') ORDER BY laterality <> ?, code LIMIT 60";
    const char *word = rg_side_name(side);
    rg_cur_t *c = NULL;
    rg_outcome_t rc =
        rg_sql_query(db, ctx, &c, LIST, RG_IN(RG_S(body_site), RG_S(word), RG_S(word), RG_S(word)));

    return diagnosis_list(rc, ctx, c, count, out);
}
