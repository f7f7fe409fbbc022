/* SPDX-License-Identifier: Apache-2.0 */
/* Patients, coverages and payers, and their use in a booking. */
#include "mod_regen/store/patient/names.h"
#include "mod_regen/store/engine/row.h"
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

RG_ROW(patient_row, rg_patient_t, RG_PATIENT_ROW);
RG_ROW(payer_row, rg_payer_t, RG_PAYER_ROW);
RG_ROW(coverage_row, rg_coverage_t, RG_COVERAGE_ROW);

RG_SQL(PATIENT,
       "SELECT " RG_COLUMNS(RG_PATIENT_ROW)
       " FROM patient p"
       " WHERE p.id = ?");
/* What is typed, by name, and the keys that are made of it. */
#define PERSON_NEW(FIRST, COL)                                                                     \
    FIRST(birth_date, RG_S(sql_date(ctx, p->birth_date)))                                          \
    RG_PERSON_FIELDS(COL##PERSON_)                                                                 \
    COL(family_key, RG_S(k.family))                                                                \
    COL(given_key, RG_S(k.given))                                                                  \
    COL(email_key, RG_S(k.email))                                                                  \
    COL(phone_key, RG_S(k.phone))
#define RG_NEW_NEXT_PERSON_(name, member, path)  ", " #name
#define RG_MARK_NEXT_PERSON_(name, member, path) ", ?"
#define RG_SET_NEXT_PERSON_(name, member, path)  ", " #name " = ?"
#define RG_BIND_NEXT_PERSON_(name, member, path) , RG_S(p->member)
#define PATIENT_NEW(FIRST, COL)                                                                    \
    PERSON_NEW(FIRST, COL)                                                                         \
    COL(uid, RG_S(p->uid))                                                                         \
    COL(created_at, RG_T(ctx->now))                                                                \
    COL(given_lines, RG_S(p->given_lines))
RG_SQL(PATIENT_INSERT, RG_INSERT("patient", PATIENT_NEW));
RG_SQL(PATIENT_UPDATE,
       "UPDATE patient"
       " SET " RG_SETS(PERSON_NEW)
       ", given_lines = COALESCE(?,"
       " IF(BINARY REPLACE(given_lines, '\\n', ' ') = BINARY ?, given_lines, NULL))"
       " WHERE id = ?");
RG_SQL(COVERAGE,
       "SELECT " RG_COLUMNS(RG_COVERAGE_ROW)
       " FROM coverage c"
       " JOIN payer y ON y.id = c.payer_id"
       " WHERE c.id = ?");
#define COVERED_NEW(FIRST, COL)                                                                    \
    FIRST(payer_id, RG_I(c->payer.id))                                                             \
    COL(member_id, RG_S(c->member_id))                                                             \
    COL(group_no, RG_S(c->group_no))                                                               \
    COL(plan_name, RG_S(c->plan_name))                                                             \
    COL(relationship, RG_S(c->relationship))                                                       \
    COL(subscriber_family, RG_S(c->subscriber_family))                                             \
    COL(subscriber_given, RG_S(c->subscriber_given))                                               \
    COL(subscriber_birth_date, RG_S(sql_date(ctx, c->subscriber_birth_date)))
#define COVERAGE_NEW(FIRST, COL)                                                                   \
    COVERED_NEW(FIRST, COL)                                                                        \
    COL(uid, RG_S(c->uid))                                                                         \
    COL(patient_id, RG_I(patient_id))                                                              \
    COL(created_at, RG_T(ctx->now))
RG_SQL(COVERAGE_INSERT, RG_INSERT("coverage", COVERAGE_NEW));
RG_SQL(COVERAGE_UPDATE,
       "UPDATE coverage"
       " SET " RG_SETS(COVERED_NEW)
       " WHERE id = ?");
RG_SQL(COVERAGE_DELETE, "DELETE FROM coverage WHERE id = ?");
RG_SQL(PAYERS,
       "SELECT " RG_COLUMNS(RG_PAYER_ROW)
       " FROM payer y"
       " WHERE y.active = 1"
       " ORDER BY y.name, y.id");
RG_SQL(DETAILS,
       "UPDATE booking"
       " SET patient_id = ?, coverage_id = ?, self_pay = ?, body_site = ?, laterality = ?,"
       " version = version + 1"
       " WHERE id = ? AND status IN ('held', 'expired') AND version = ?" RG_OWNED);

/* The date as SQL reads it; NULL binds NULL. */
static const char *sql_date(const rg_ctx_t *ctx, rg_date_t d)
{
    return d.year == 0 ? NULL : rg_date_iso(ctx->pool, d);
}

rg_outcome_t rg_patient_read(rg_db_t *db, const rg_ctx_t *ctx, rg_patient_t **out, int64_t id)
{
    return rg_sql_new(db, ctx, out, patient_row, PATIENT, RG_IN(RG_I(id)));
}

static rg_name_keys_t keys_of_patient(const rg_ctx_t *ctx, const rg_patient_t *p)
{
    return rg_name_keys(ctx->pool, p->family, p->given, p->email, p->phone);
}

rg_outcome_t rg_patient_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_patient_t *p)
{
    const rg_name_keys_t k = keys_of_patient(ctx, p);
    p->uid = rg_uid_make(ctx);
    rg_outcome_t rc = rg_sql_exec(db, ctx, PATIENT_INSERT, RG_BINDS(PATIENT_NEW), NULL);
    p->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_patient_update(rg_db_t *db, const rg_ctx_t *ctx, const rg_patient_t *p)
{
    const rg_name_keys_t k = keys_of_patient(ctx, p);
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, PATIENT_UPDATE,
        RG_BINDS_AND(PERSON_NEW, RG_S(p->given_lines), RG_S(p->given), RG_I(p->id)), &found);
    return rc == RG_OK && found == 0 ? RG_NOT_FOUND : rc;
}

#define USE_ROW(FIRST, COL)                                                                        \
    FIRST(                                                                                         \
        BOOL, known,                                                                               \
        "EXISTS (SELECT 1 FROM booking b WHERE b.patient_id = p.id AND (b.id <> ?"                 \
        " OR b.booked_at IS NOT NULL OR b.created_at > p.created_at))"                             \
        " OR EXISTS (SELECT 1 FROM patient_merge m WHERE m.merged_id = p.id OR m.kept_id = p.id)") \
    COL(BOOL, has_signed, "EXISTS (SELECT 1 FROM consent c WHERE c.patient_id = p.id)")
RG_ROW(use_row, rg_patient_use_t, USE_ROW);

rg_outcome_t rg_patient_use(rg_db_t *db, const rg_ctx_t *ctx, rg_patient_use_t *out,
                            int64_t patient_id, int64_t booking_id)
{
    RG_SQL(USE,
           "SELECT " RG_COLUMNS(USE_ROW)
           " FROM patient p"
           " WHERE p.id = ?");
    *out = (rg_patient_use_t){.known = false, .has_signed = false};
    return rg_sql_one(db, ctx, out, use_row, USE, RG_IN(RG_I(booking_id), RG_I(patient_id)));
}

rg_outcome_t rg_coverage_read(rg_db_t *db, const rg_ctx_t *ctx, rg_coverage_t **out, int64_t id)
{
    return rg_sql_new(db, ctx, out, coverage_row, COVERAGE, RG_IN(RG_I(id)));
}

rg_outcome_t rg_coverage_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_coverage_t *c,
                                int64_t patient_id)
{
    c->uid = rg_uid_make(ctx);
    rg_outcome_t rc = rg_sql_exec(db, ctx, COVERAGE_INSERT, RG_BINDS(COVERAGE_NEW), NULL);
    c->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_coverage_update(rg_db_t *db, const rg_ctx_t *ctx, const rg_coverage_t *c)
{
    int64_t found = 0;
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, COVERAGE_UPDATE, RG_BINDS_AND(COVERED_NEW, RG_I(c->id)), &found);
    return rc == RG_OK && found == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_coverage_delete(rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    return rg_sql_exec(db, ctx, COVERAGE_DELETE, RG_IN(RG_I(id)), NULL);
}

rg_outcome_t rg_payers_read(rg_db_t *db, const rg_ctx_t *ctx, rg_payer_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, payer_row, PAYERS, RG_IN_NONE);
}

rg_outcome_t rg_booking_set_details(rg_db_t *db, const rg_ctx_t *ctx, const rg_owner_t *by,
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

rg_outcome_t rg_booking_set_place(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                                  const char *body_site, rg_side_t side)
{
    RG_SQL(PLACE,
           "UPDATE booking"
           " SET body_site = ?, laterality = ?, version = version + 1"
           " WHERE id = ? AND version = ? AND status IN ('booked', 'arrived', 'in-progress')"
           " AND body_site = '' AND NOT EXISTS (SELECT 1 FROM unit"
           " WHERE unit.booking_id = booking.id)");
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, PLACE,
        RG_IN(RG_S(body_site), RG_S(rg_side_name(side)), RG_I(b->id), RG_I(b->version)), &found);
    return rc == RG_OK && found == 0 ? RG_CONFLICT : rc;
}
