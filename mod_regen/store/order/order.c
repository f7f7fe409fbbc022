/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment orders: an order and its targets are inserted once; revoking adds a row; the booking
 * that it carries is noted by triggers (treatment_order_use). */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/order/order_row.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/model/order.h"
#include "regen/store/order.h"
#include "regen/store/store.h"

#include <apr_strings.h>

RG_ROW(patient_row, rg_patient_t, RG_PATIENT_ROW);
RG_ROW(order_row, rg_order_t, RG_ORDER_ROW);

/* --- reading ---------------------------------------------------------------------------------- */

rg_outcome_t rg_order_by_id(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out, int64_t id)
{
    RG_SQL(BY_ID, RG_ORDER_OF("treatment_order o") " WHERE o.id = ?");
    return rg_sql_new(db, ctx, out, order_row, BY_ID, RG_IN(RG_I(id)));
}

rg_outcome_t rg_order_by_uid(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out, const char *uid)
{
    RG_SQL(BY_UID, RG_ORDER_OF("treatment_order o") " WHERE o.uid = ?");
    return rg_sql_new(db, ctx, out, order_row, BY_UID, RG_IN(RG_S(uid)));
}

rg_outcome_t rg_orders_of_patient(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out, int *count,
                                  int64_t patient_id)
{
    RG_SQL(OF_PATIENT,
           RG_ORDER_OF("treatment_order o")
           " WHERE o.patient_id IN (SELECT id FROM patient WHERE id = ? OR merged_into = ?)"
           " ORDER BY o.id DESC"
           " LIMIT ?");
    return rg_sql_list(db, ctx, out, count, order_row, OF_PATIENT,
                       RG_IN(RG_I(patient_id), RG_I(patient_id), RG_I(RG_ORDERS_OF_PATIENT)));
}

rg_outcome_t rg_orders_of_visitor(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out, int *count,
                                  int64_t visitor_id, int64_t service_id)
{
    RG_SQL(OF_VISITOR,
           RG_ORDER_OF("visitor_order w JOIN treatment_order o ON o.id = w.order_id")
           " WHERE w.session_id = ? AND (? = 0 OR o.service_id = ?)"
           " AND v.id IS NULL AND o.valid_until > ?"
           " ORDER BY o.id DESC"
           " LIMIT ?");
    return rg_sql_list(db, ctx, out, count, order_row, OF_VISITOR,
                       RG_IN(RG_I(visitor_id), RG_I(service_id), RG_I(service_id), RG_T(ctx->now),
                             RG_I(RG_ORDERS_OF_PATIENT)));
}

rg_outcome_t rg_order_of_visitor(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out,
                                 int64_t visitor_id, const char *uid)
{
    RG_SQL(ONE_OF_VISITOR,
           RG_ORDER_OF("visitor_order w JOIN treatment_order o ON o.id = w.order_id")
           " WHERE w.session_id = ? AND o.uid = ?");
    return rg_sql_new(db, ctx, out, order_row, ONE_OF_VISITOR, RG_IN(RG_I(visitor_id), RG_S(uid)));
}

/* --- lists by state --------------------------------------------------------------------------- */

/* rg_order_state in SQL: a hold that is over takes nothing. */
#define TAKEN "(b.id IS NOT NULL AND (b.status <> 'held' OR b.hold_expires_at > ?))"
#define PAGE                                                                                       \
    " AND (? = 0 OR o.id < ?)"                                                                     \
    " ORDER BY o.id DESC"                                                                          \
    " LIMIT ?"
RG_SQL(OPEN,
       RG_ORDER_OF("treatment_order o")
       " WHERE o.valid_until > ? AND v.id IS NULL AND NOT " TAKEN PAGE);
RG_SQL(BOOKED,
       RG_ORDER_OF("treatment_order o")
       " WHERE o.valid_until > ? AND v.id IS NULL AND " TAKEN " AND b.status <> 'completed'" PAGE);
RG_SQL(DONE,
       RG_ORDER_OF("treatment_order o")
       " WHERE o.signed_at <= ? AND " TAKEN " AND b.status = 'completed'" PAGE);
RG_SQL(EXPIRED,
       RG_ORDER_OF("treatment_order o")
       " WHERE o.valid_until <= ? AND v.id IS NULL AND NOT " TAKEN PAGE);
RG_SQL(REVOKED,
       RG_ORDER_OF("treatment_order o")
       " WHERE v.at <= ? AND NOT (" TAKEN " AND b.status = 'completed')" PAGE);

rg_outcome_t rg_orders_page(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out, int *count,
                            rg_order_state_t state, int64_t before, int limit)
{
    static const char *const statements[] = {[RG_ORDER_OPEN] = OPEN,
                                             [RG_ORDER_BOOKED] = BOOKED,
                                             [RG_ORDER_DONE] = DONE,
                                             [RG_ORDER_EXPIRED] = EXPIRED,
                                             [RG_ORDER_REVOKED] = REVOKED};
    RG_WORDS_ALL(statements, RG_ORDER_STATE_COUNT);
    const char *sql = statements[state];
    return rg_sql_list(
        db, ctx, out, count, order_row, sql,
        RG_IN(RG_T(ctx->now), RG_T(ctx->now), RG_I(before), RG_I(before), RG_I(limit)));
}

/* --- writing ---------------------------------------------------------------------------------- */

#define ORDER_NEW(FIRST, COL)                                                                      \
    FIRST(uid, RG_S(o->uid))                                                                       \
    COL(patient_id, RG_I(o->patient.id))                                                           \
    COL(service_id, RG_I(o->service_id))                                                           \
    COL(targets, RG_I(rg_targets_count(o->further)))                                               \
    COL(diagnosis_code, RG_S(o->diagnosis_code))                                                   \
    COL(severity, RG_S(rg_severity_name(o->severity)))                                             \
    COL(tried, RG_S(o->tried))                                                                     \
    COL(imaging, RG_S(o->imaging))                                                                 \
    COL(weighed, RG_S(o->weighed))                                                                 \
    COL(note, RG_S(o->note))                                                                       \
    COL(valid_until, RG_T(o->valid_until))                                                         \
    COL(signed_at, RG_T(ctx->now))                                                                 \
    COL(staff_id, RG_I(ctx->who.staff_id))
RG_SQL(ADD, RG_INSERT("treatment_order", ORDER_NEW));
RG_SQL(ADD_TARGET,
       "INSERT INTO treatment_order_target (order_id, target_no, body_site, laterality)"
       " VALUES (?, ?, ?, ?)");

rg_outcome_t rg_order_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t *o)
{
    RG_TRY(rg_sql_exec(db, ctx, ADD, RG_BINDS(ORDER_NEW), NULL));
    o->id = rg_sql_insert_id(db);
    const rg_targets_t t = rg_targets_of(ctx->pool, o->body_site, o->side, o->further);
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < t.count; i++) {
        rc = rg_sql_exec(db, ctx, ADD_TARGET,
                         RG_IN(RG_I(o->id), RG_I(i + 1), RG_S(t.at[i].body_site),
                               RG_S(rg_side_name(t.at[i].side))),
                         NULL);
    }
    return rc;
}

rg_outcome_t rg_order_revoke_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                                    const char *reason)
{
    RG_SQL(REVOKE,
           "INSERT INTO treatment_order_revocation (order_id, reason, at, staff_id)"
           " VALUES (?, ?, ?, ?)");
    return rg_sql_exec(db, ctx, REVOKE,
                       RG_IN(RG_I(id), RG_S(reason), RG_T(ctx->now), RG_I(ctx->who.staff_id)),
                       NULL);
}

rg_outcome_t rg_order_adopt(rg_db_t *db, const rg_ctx_t *ctx, const rg_order_t *o, int64_t *adopted)
{
    RG_SQL(ADOPT,
           "UPDATE booking b"
           " JOIN treatment_order_revocation v ON v.order_id = b.order_id"
           " SET b.order_id = ?, b.version = b.version + 1"
           " WHERE b.patient_id = ? AND b.service_id = ? AND b.body_site = ? AND b.laterality = ?"
           " AND b.status IN ('booked', 'arrived') AND b.starts_at < ?"
           " AND COALESCE(" RG_FURTHER_OF("b") ", '') = ?"
           " ORDER BY b.starts_at"
           " LIMIT 1");
    return rg_sql_exec(db, ctx, ADOPT,
                       RG_IN(RG_I(o->id), RG_I(o->patient.id), RG_I(o->service_id),
                             RG_S(o->body_site), RG_S(rg_side_name(o->side)), RG_T(o->valid_until),
                             RG_S(o->further ? o->further : "")),
                       adopted);
}

rg_outcome_t rg_order_signer(rg_db_t *db, const rg_ctx_t *ctx, bool *may, int64_t staff_id)
{
    RG_SQL(SIGNER,
           "SELECT 1"
           " FROM staff s"
           " JOIN staff_role sr ON sr.staff_id = s.id AND sr.role = 'clinician'"
           " JOIN resource r ON r.id = s.resource_id AND r.kind = 'practitioner' AND r.active = 1"
           " JOIN resource_capability c ON c.resource_id = r.id"
           " AND c.capability = '" RG_ORDER_CAPABILITY "'"
           " WHERE s.id = ? AND s.active = 1");
    return rg_sql_any(db, ctx, may, SIGNER, RG_IN(RG_I(staff_id)));
}
