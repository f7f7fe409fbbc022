/* SPDX-License-Identifier: Apache-2.0 */
/* Patients, coverages and payers, and what a booking says of them. */
#include "mod_regen/store/patient/names.h"
#include "mod_regen/store/booking/owner.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/store/booking.h"
#include "regen/store/patient.h"
#include "regen/store/store.h"

static const char PATIENT[] = "SELECT" RG_PATIENT_COLS " FROM patient p WHERE p.id = ?";
static const char PATIENT_INSERT[] =
    "INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, "
    "city, state, postal_code, country, created_at, family_key, given_key, email_key, phone_key, "
    "given_lines) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char PATIENT_UPDATE[] =
    "UPDATE patient SET family = ?, given = ?, birth_date = ?, gender = ?, email = ?, phone = ?, "
    "address_line = ?, city = ?, state = ?, postal_code = ?, country = ?, family_key = ?, "
    "given_key = ?, email_key = ?, phone_key = ?, given_lines = COALESCE(?, "
    "IF(BINARY REPLACE(given_lines, '\\n', ' ') = BINARY ?, given_lines, NULL)) WHERE id = ?";
static const char COVERAGE[] =
    "SELECT" RG_COVERAGE_COLS " FROM coverage c JOIN payer y ON y.id = c.payer_id WHERE c.id = ?";
static const char COVERAGE_INSERT[] =
    "INSERT INTO coverage (uid, patient_id, payer_id, member_id, group_no, plan_name, "
    "relationship, subscriber_family, subscriber_given, subscriber_birth_date, created_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char COVERAGE_UPDATE[] =
    "UPDATE coverage SET payer_id = ?, member_id = ?, group_no = ?, plan_name = ?, "
    "relationship = ?, subscriber_family = ?, subscriber_given = ?, subscriber_birth_date = ? "
    "WHERE id = ?";
static const char COVERAGE_DELETE[] = "DELETE FROM coverage WHERE id = ?";
static const char PAYERS[] = "SELECT id, code, name, payer_id, kind, timely_days, active "
                             "FROM payer WHERE active = 1 ORDER BY name, id";
static const char DETAILS[] =
    "UPDATE booking SET patient_id = ?, coverage_id = ?, self_pay = ?, body_site = ?, "
    "laterality = ?, version = version + 1 WHERE id = ? AND status IN ('held', 'expired')"
    " AND version = ?" RG_OWNED;

/* The date as SQL reads it; NULL binds NULL. */
static const char *sql_date(rg_ctx_t *ctx, rg_date_t d)
{
    return d.year == 0 ? NULL : rg_date_iso(ctx->pool, d);
}

rg_outcome_t rg_patient_read(rg_db_t *db, rg_ctx_t *ctx, rg_patient_t **out, int64_t id)
{
    rg_cur_t *c;
    rg_patient_t *p = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, PATIENT, RG_IN(RG_I(id)));
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        p = apr_pcalloc(ctx->pool, sizeof(*p));
        rg_row_patient(c, 0, p);
    }
    *out = p;
    return rg_row_end(c, p != NULL);
}

static rg_name_keys_t keys_of(rg_ctx_t *ctx, const rg_patient_t *p)
{
    return rg_name_keys(ctx->pool, p->family, p->given, p->email, p->phone);
}

rg_outcome_t rg_patient_insert(rg_db_t *db, rg_ctx_t *ctx, rg_patient_t *p)
{
    const rg_name_keys_t k = keys_of(ctx, p);
    const rg_address_t *a = &p->address;
    p->uid = rg_uid_make(ctx);
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, PATIENT_INSERT,
        RG_IN(RG_S(p->uid), RG_S(p->family), RG_S(p->given), RG_S(sql_date(ctx, p->birth_date)),
              RG_S(p->gender), RG_S(p->email), RG_S(p->phone), RG_S(a->line), RG_S(a->city),
              RG_S(a->state), RG_S(a->postal_code), RG_S(a->country), RG_T(ctx->now),
              RG_S(k.family), RG_S(k.given), RG_S(k.email), RG_S(k.phone), RG_S(p->given_lines)),
        NULL);
    p->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_patient_update(rg_db_t *db, rg_ctx_t *ctx, const rg_patient_t *p)
{
    const rg_name_keys_t k = keys_of(ctx, p);
    const rg_address_t *a = &p->address;
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, PATIENT_UPDATE,
        RG_IN(RG_S(p->family), RG_S(p->given), RG_S(sql_date(ctx, p->birth_date)), RG_S(p->gender),
              RG_S(p->email), RG_S(p->phone), RG_S(a->line), RG_S(a->city), RG_S(a->state),
              RG_S(a->postal_code), RG_S(a->country), RG_S(k.family), RG_S(k.given), RG_S(k.email),
              RG_S(k.phone), RG_S(p->given_lines), RG_S(p->given), RG_I(p->id)),
        &found);
    return rc == RG_OK && found == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_patient_use(rg_db_t *db, rg_ctx_t *ctx, rg_patient_use_t *out, int64_t patient_id,
                            int64_t booking_id)
{
    static const char USE[] =
        "SELECT EXISTS (SELECT 1 FROM booking b WHERE b.patient_id = p.id AND (b.id <> ?"
        " OR b.booked_at IS NOT NULL OR b.created_at > p.created_at)),"
        " EXISTS (SELECT 1 FROM consent c WHERE c.patient_id = p.id) FROM patient p WHERE p.id = ?";
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, USE, RG_IN(RG_I(booking_id), RG_I(patient_id)));
    if (rc != RG_OK) {
        return rc;
    }
    bool found = rg_cur_next(c);
    *out = (rg_patient_use_t){.known = found && rg_cur_i64(c, 0) != 0,
                              .has_signed = found && rg_cur_i64(c, 1) != 0};
    return rg_row_end(c, found);
}

rg_outcome_t rg_coverage_read(rg_db_t *db, rg_ctx_t *ctx, rg_coverage_t **out, int64_t id)
{
    rg_cur_t *c;
    rg_coverage_t *v = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, COVERAGE, RG_IN(RG_I(id)));
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        v = apr_pcalloc(ctx->pool, sizeof(*v));
        rg_row_coverage(c, 0, v);
    }
    *out = v;
    return rg_row_end(c, v != NULL);
}

rg_outcome_t rg_coverage_insert(rg_db_t *db, rg_ctx_t *ctx, rg_coverage_t *c, int64_t patient_id)
{
    c->uid = rg_uid_make(ctx);
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, COVERAGE_INSERT,
                    RG_IN(RG_S(c->uid), RG_I(patient_id), RG_I(c->payer.id), RG_S(c->member_id),
                          RG_S(c->group_no), RG_S(c->plan_name), RG_S(c->relationship),
                          RG_S(c->subscriber_family), RG_S(c->subscriber_given),
                          RG_S(sql_date(ctx, c->subscriber_birth_date)), RG_T(ctx->now)),
                    NULL);
    c->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_coverage_update(rg_db_t *db, rg_ctx_t *ctx, const rg_coverage_t *c)
{
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, COVERAGE_UPDATE,
                                  RG_IN(RG_I(c->payer.id), RG_S(c->member_id), RG_S(c->group_no),
                                        RG_S(c->plan_name), RG_S(c->relationship),
                                        RG_S(c->subscriber_family), RG_S(c->subscriber_given),
                                        RG_S(sql_date(ctx, c->subscriber_birth_date)), RG_I(c->id)),
                                  &found);
    return rc == RG_OK && found == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_coverage_delete(rg_db_t *db, rg_ctx_t *ctx, int64_t id)
{
    return rg_sql_exec(db, ctx, COVERAGE_DELETE, RG_IN(RG_I(id)), NULL);
}

rg_outcome_t rg_payers_read(rg_db_t *db, rg_ctx_t *ctx, rg_payer_t **out, int *count)
{
    rg_cur_t *c;
    apr_array_header_t *list = apr_array_make(ctx->pool, 8, sizeof(rg_payer_t));
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, PAYERS, RG_IN_NONE);
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_row_payer(c, 0, apr_array_push(list));
    }
    *out = (rg_payer_t *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

rg_outcome_t rg_booking_set_details(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                                    const rg_booking_t *b, int64_t patient_id, int64_t coverage_id,
                                    const char *body_site, rg_side_t side)
{
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, DETAILS,
        RG_IN(RG_I(patient_id), RG_I_OR_NIL(coverage_id), RG_I(coverage_id == 0), RG_S(body_site),
              RG_S(rg_side_name(side)), RG_I(b->id), RG_I(b->version), RG_OWNER(by)),
        &found);
    return rc == RG_OK && found == 0 ? RG_CONFLICT : rc;
}

rg_outcome_t rg_booking_set_place(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b,
                                  const char *body_site, rg_side_t side)
{
    static const char PLACE[] =
        "UPDATE booking SET body_site = ?, laterality = ?, version = version + 1 WHERE id = ?"
        " AND version = ? AND status IN ('booked', 'arrived', 'in-progress') AND body_site = ''"
        " AND NOT EXISTS (SELECT 1 FROM unit WHERE unit.booking_id = booking.id)";
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, PLACE,
        RG_IN(RG_S(body_site), RG_S(rg_side_name(side)), RG_I(b->id), RG_I(b->version)), &found);
    return rc == RG_OK && found == 0 ? RG_CONFLICT : rc;
}
