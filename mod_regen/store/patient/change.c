/* SPDX-License-Identifier: Apache-2.0 */
/* What a person's page shows beside visits: needs, history, forms, insurance, labels; and changes,
 * field by field. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/change.h"
#include "regen/store/change.h"
#include "regen/store/store.h"

/* The record and those that it stands for; its id is bound twice. */
#define WHOLE "(SELECT ? AS id UNION SELECT id FROM patient WHERE merged_into = ?) whole"

#define NEEDS_ROW(FIRST, COL)                                                                      \
    FIRST(INT, version, "p.version")                                                               \
    COL(STR, interpreter, "p.interpreter")                                                         \
    COL(STR, access_needs, "p.access_needs")                                                       \
    COL(BOOL, relied_on,                                                                           \
        "EXISTS (SELECT 1 FROM " WHOLE " JOIN booking b ON b.patient_id = whole.id"                \
        " WHERE b.status IN ('arrived', 'in-progress'))"                                           \
        " OR EXISTS (SELECT 1 FROM " WHOLE " JOIN consent c ON c.patient_id = whole.id"            \
        " WHERE (c.expires_at IS NULL OR c.expires_at > ?)"                                        \
        " AND NOT EXISTS (SELECT 1 FROM consent_withdrawal w WHERE w.consent_id = c.id))")
RG_ROW(needs_row, rg_needs_t, NEEDS_ROW);

rg_outcome_t rg_needs_read(rg_db_t *db, const rg_ctx_t *ctx, rg_needs_t *out, int64_t id)
{
    RG_SQL(NEEDS,
           "SELECT " RG_COLUMNS(NEEDS_ROW)
           " FROM patient p"
           " WHERE p.id = ?");
    return rg_sql_one(db, ctx, out, needs_row, NEEDS,
                      RG_IN(RG_I(id), RG_I(id), RG_I(id), RG_I(id), RG_T(ctx->now), RG_I(id)));
}

#define CHANGE_ROW(FIRST, COL)                                                                     \
    FIRST(STR, field, "h.field")                                                                   \
    COL(STR, old_value, "h.old_value")                                                             \
    COL(STR, new_value, "h.new_value")                                                             \
    COL(STR, reason, "h.reason")                                                                   \
    COL(TIME, at, "h.at")                                                                          \
    COL(STR, staff, "s.name")                                                                      \
    COL(STR_OR_NULL, second, "t.name")
RG_ROW(change_row, rg_change_t, CHANGE_ROW);
#define SIGNED_ROW(FIRST, COL)                                                                     \
    FIRST(STR, uid, "c.uid")                                                                       \
    COL(STR, booking_uid, "b.uid")                                                                 \
    COL(STR, title, "v.title")                                                                     \
    COL(STR, signer, "c.signer_name")                                                              \
    COL(STR, signer_role, "c.signer_role")                                                         \
    COL(TIME, signed_at, "c.signed_at")                                                            \
    COL(TIME, expires_at, "c.expires_at")                                                          \
    COL(BOOL, withdrawn, "EXISTS (SELECT 1 FROM consent_withdrawal w WHERE w.consent_id = c.id)")
RG_ROW(signed_row, rg_person_consent_t, SIGNED_ROW);
#define COVERED_ROW(FIRST, COL)                                                                    \
    FIRST(STR, payer, "y.name")                                                                    \
    COL(STR, member_id, "c.member_id")                                                             \
    COL(STR, group_no, "c.group_no")                                                               \
    COL(STR, relationship, "c.relationship")                                                       \
    COL(TIME, created_at, "MAX(c.created_at)")
RG_ROW(covered_row, rg_person_coverage_t, COVERED_ROW);
#define LABEL_ROW(FIRST, COL)                                                                      \
    FIRST(STR, label, "u.label")                                                                   \
    COL(STR, booking_uid, "b.uid")
RG_ROW(label_row, rg_person_label_t, LABEL_ROW);

RG_SQL(CHANGES,
       "SELECT " RG_COLUMNS(CHANGE_ROW)
       " FROM " WHOLE
       " STRAIGHT_JOIN patient_change h ON h.patient_id = whole.id"
       " JOIN staff s ON s.id = h.staff_id"
       " LEFT JOIN staff t ON t.id = h.second_id"
       " ORDER BY h.id DESC"
       " LIMIT 200");
RG_SQL(SIGNED,
       "SELECT " RG_COLUMNS(SIGNED_ROW)
       " FROM " WHOLE
       " STRAIGHT_JOIN consent c ON c.patient_id = whole.id"
       " JOIN booking b ON b.id = c.booking_id"
       " JOIN form_version v ON v.id = c.form_version_id"
       " ORDER BY c.signed_at DESC, c.id DESC"
       " LIMIT 100");
RG_SQL(COVERED,
       "SELECT " RG_COLUMNS(COVERED_ROW)
       " FROM " WHOLE
       " STRAIGHT_JOIN coverage c ON c.patient_id = whole.id"
       " JOIN payer y ON y.id = c.payer_id"
       " GROUP BY c.payer_id, c.member_id, c.group_no, c.relationship"
       " ORDER BY MAX(c.created_at) DESC"
       " LIMIT 20");
RG_SQL(LABELS,
       "SELECT " RG_COLUMNS(LABEL_ROW)
       " FROM " WHOLE
       " STRAIGHT_JOIN booking b ON b.patient_id = whole.id"
       " STRAIGHT_JOIN unit u ON u.booking_id = b.id"
       " WHERE NOT EXISTS (SELECT 1 FROM unit_end z WHERE z.unit_id = u.id)"
       " ORDER BY u.id"
       " LIMIT 50");

rg_outcome_t rg_person_facts(rg_db_t *db, const rg_ctx_t *ctx, rg_person_facts_t *out, int64_t id)
{
    const rg_bind_t in[] = {RG_I(id), RG_I(id)};
    RG_TRY(rg_needs_read(db, ctx, &out->needs, id));
    RG_TRY(rg_sql_list(db, ctx, &out->changes, &out->change_count, change_row, CHANGES, in, 2));
    RG_TRY(rg_sql_list(db, ctx, &out->consents, &out->consent_count, signed_row, SIGNED, in, 2));
    RG_TRY(
        rg_sql_list(db, ctx, &out->coverages, &out->coverage_count, covered_row, COVERED, in, 2));
    return rg_sql_list(db, ctx, &out->labels, &out->label_count, label_row, LABELS, in, 2);
}

rg_outcome_t rg_change_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                              const rg_change_t *change, int64_t second_id)
{
#define CHANGE_NEW(FIRST, COL)                                                                     \
    FIRST(patient_id, RG_I(id))                                                                    \
    COL(field, RG_S(change->field))                                                                \
    COL(old_value, RG_S(change->old_value))                                                        \
    COL(new_value, RG_S(change->new_value))                                                        \
    COL(reason, RG_S(change->reason))                                                              \
    COL(at, RG_T(ctx->now))                                                                        \
    COL(staff_id, RG_I(ctx->who.staff_id))                                                         \
    COL(second_id, RG_I_OR_NIL(second_id))
    RG_SQL(CHANGE, RG_INSERT("patient_change", CHANGE_NEW));
    return rg_sql_exec(db, ctx, CHANGE, RG_BINDS(CHANGE_NEW), NULL);
}

rg_outcome_t rg_needs_update(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, const rg_needs_t *needs)
{
    RG_SQL(SET, "UPDATE patient SET interpreter = ?, access_needs = ? WHERE id = ?");
    return rg_sql_exec(db, ctx, SET,
                       RG_IN(RG_S(needs->interpreter), RG_S(needs->access_needs), RG_I(id)), NULL);
}
